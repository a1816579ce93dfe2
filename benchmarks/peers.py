"""One small place written the way each tool's users would write it, alongside riskmc.

Three councils, ten years, five uncertain drivers each (150 inputs a draw), two sets of rules:
every council on its own, and one pool. Each council may plan savings, draw on reserves down to a
floor and ask for a bailout. Every tool draws its own futures and returns, by set of rules, the
place's deficit and bailouts over the ten years; the equations are the same to the last digit,
which is checked against riskmc on the same futures before anything is timed.

Install the peers with `pip install --group peers` (or `uv sync --group peers`); one that is not
installed is left out, and said to be.
"""

from __future__ import annotations

import importlib.util
import logging
import tempfile
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.cases import BlockRunner
from benchmarks.pages import table
from benchmarks.timing import Ratio, summed_up, wall
from riskmc.engine.blocks import run_block
from riskmc.engine.programme import compile_regime
from riskmc.runs.simulation import run
from riskmc.sampling import KEY_BLOCK, Sampler
from riskmc.study import Study, parse_study

Array = NDArray[np.float64]

YEARS, BODIES = 10, 3
COST = (100.0, 80.0, 60.0)
GRANT = (40.0, 30.0, 25.0)
TAX = (52.0, 44.0, 31.0)
CHARGES = (8.0, 7.0, 5.0)
RESERVES = (6.0, 9.0, 3.0)
FLOOR = (2.0, 2.0, 1.0)
GRANT_GROWTH, TAX_GROWTH, CHARGES_GROWTH = 0.01, 0.025, 0.02
DEMAND, DEMAND_SD = 0.015, 0.02
INFLATION, INFLATION_SD = 0.022, 0.012
SHOCK_SD = 0.015
DELIVERY_LOW, DELIVERY_HIGH = 0.4, 1.1
MAX_SAVINGS = 0.03
#: Probability that a bailout is granted, alone and pooled.
GRANTED = {"alone": 0.8, "pooled": 0.2}
DRIVERS = ("demand_growth", "cost_inflation", "funding_shock", "savings_delivery", "rescue")
OUTPUTS = ("deficit, alone", "bailout, alone", "deficit, pooled", "bailout, pooled")


def place() -> Study:
    """Return the place as a study of riskmc's."""
    rulebook = {
        "plan": [{"instrument": "savings", "max_rate": MAX_SAVINGS}],
        "surplus": [{"instrument": "reserves", "share": 1.0}],
    }

    def book(name: str) -> dict[str, Any]:
        bailout = {"instrument": "bailout", "probability": GRANTED[name]}
        return {**rulebook, "shortfall": [{"instrument": "reserves"}, bailout]}

    figures = zip(COST, GRANT, TAX, CHARGES, RESERVES, FLOOR, strict=True)
    keys = ("cost", "grant", "local_tax", "charges", "reserves", "reserve_floor")
    return parse_study(
        {
            "schema": 1,
            "title": "Three councils",
            "start_year": "2016/17",
            "years": YEARS,
            "draws": 1000,
            "seed": 1,
            "organisations": [
                {"id": f"c{i}", "kind": "council", **dict(zip(keys, row, strict=True))}
                for i, row in enumerate(figures)
            ],
            "planning": {
                "grant_growth": GRANT_GROWTH,
                "tax_growth": TAX_GROWTH,
                "charges_growth": CHARGES_GROWTH,
            },
            "drivers": {
                "demand_growth": {"distribution": "normal", "mean": DEMAND, "sd": DEMAND_SD},
                "cost_inflation": {"distribution": "normal", "mean": INFLATION, "sd": INFLATION_SD},
                "funding_shock": {"distribution": "normal", "mean": 0.0, "sd": SHOCK_SD},
                "savings_delivery": {
                    "distribution": "uniform",
                    "low": DELIVERY_LOW,
                    "high": DELIVERY_HIGH,
                },
            },
            "regimes": {
                "alone": {"label": "alone", "rulebooks": {"council": book("alone")}},
                "pooled": {
                    "label": "pooled",
                    "pools": [{"name": "all", "members": ["*"], "rulebook": "all"}],
                    "rulebooks": {"all": book("pooled")},
                },
            },
        }
    )


def marginals() -> dict[str, Any]:
    """Return the drivers' distributions as SciPy's."""
    return {
        "demand_growth": stats.norm(DEMAND, DEMAND_SD),
        "cost_inflation": stats.norm(INFLATION, INFLATION_SD),
        "funding_shock": stats.norm(0.0, SHOCK_SD),
        "savings_delivery": stats.uniform(DELIVERY_LOW, DELIVERY_HIGH - DELIVERY_LOW),
        "rescue": stats.uniform(0.0, 1.0),
    }


def inputs() -> list[tuple[str, str]]:
    """Return name and driver of every input: by driver, year and council."""
    return [(f"{d}_{t}_{k}", d) for d in DRIVERS for t in range(YEARS) for k in range(BODIES)]


def one_future(x: Array) -> tuple[float, float, float, float]:
    """Return the outputs of one future, (driver, year, council): plain Python, draw by draw."""
    outputs = []
    for rules in ("alone", "pooled"):
        holders = [range(BODIES)] if rules == "pooled" else [[k] for k in range(BODIES)]
        base, grant, tax, charges = list(COST), list(GRANT), list(TAX), list(CHARGES)
        reserves = [sum(RESERVES[k] for k in members) for members in holders]
        deficits = bailouts = 0.0
        for t in range(YEARS):
            demand, inflation, shock, delivery, rescue = (x[d, t] for d in range(len(DRIVERS)))
            for h, members in enumerate(holders):
                planned = [base[k] * (1 + DEMAND) * (1 + INFLATION) for k in members]
                income = cost = 0.0
                for k in members:
                    grant[k] *= 1 + GRANT_GROWTH + shock[k]
                    tax[k] *= 1 + TAX_GROWTH
                    charges[k] *= 1 + CHARGES_GROWTH
                    base[k] *= (1 + demand[k]) * (1 + inflation[k])
                    income += grant[k] + tax[k] + charges[k]
                    cost += base[k]
                gap = sum(planned) + max(-reserves[h], 0.0) - income
                target = min(max(gap, 0.0), MAX_SAVINGS * sum(planned))
                saved = 0.0
                for k, own in zip(members, planned, strict=True):
                    delivered = target * own / sum(planned) * delivery[k]
                    base[k] = max(base[k] - delivered, 0.0)
                    saved += delivered
                balance = income - cost + saved
                shortfall = max(-balance, 0.0)
                deficits += shortfall
                floor = sum(FLOOR[k] for k in members)
                drawn = min(shortfall, max(reserves[h] - floor, 0.0))
                left = shortfall - drawn
                bailout = left if rescue[members[0]] < GRANTED[rules] else 0.0
                bailouts += bailout
                reserves[h] += max(balance, 0.0) - drawn - (left - bailout)
        outputs += [deficits, bailouts]
    return outputs[0], outputs[1], outputs[2], outputs[3]


def all_futures(x: Array) -> Array:
    """Return the outputs of all futures, (driver, year, council, draw), in whole-array NumPy."""
    outputs = []
    for rules in ("alone", "pooled"):
        pooled = rules == "pooled"

        def over(values: Any, pooled: bool = pooled) -> Any:
            return values.sum(axis=0, keepdims=True) if pooled else values

        base, grant, tax, charges, floor, reserves = (
            np.array(v)[:, None] for v in (COST, GRANT, TAX, CHARGES, FLOOR, RESERVES)
        )
        floor, reserves = over(floor), over(reserves)
        deficits = bailouts = 0.0
        for t in range(YEARS):
            demand, inflation, shock, delivery, rescue = x[:, t]
            planned = base * (1 + DEMAND) * (1 + INFLATION)
            grant = grant * (1 + GRANT_GROWTH + shock)
            tax = tax * (1 + TAX_GROWTH)
            charges = charges * (1 + CHARGES_GROWTH)
            base = base * (1 + demand) * (1 + inflation)
            income, planned_h = over(grant + tax + charges), over(planned)
            gap = planned_h + np.maximum(-reserves, 0) - income
            target = np.clip(gap, 0, MAX_SAVINGS * planned_h)
            delivered = target * planned / planned_h * delivery
            balance = income - over(base) + over(delivered)
            base = np.maximum(base - delivered, 0)
            shortfall = np.maximum(-balance, 0)
            drawn = np.minimum(shortfall, np.maximum(reserves - floor, 0))
            left = shortfall - drawn
            willingness = rescue[:1] if pooled else rescue
            bailout = np.where(willingness < GRANTED[rules], left, 0.0)
            reserves = reserves + np.maximum(balance, 0) - drawn - (left - bailout)
            deficits = deficits + shortfall.sum(axis=0)
            bailouts = bailouts + bailout.sum(axis=0)
        outputs += [deficits, bailouts]
    return np.array(outputs)


def check() -> None:
    """Make sure that all three agree on the same futures."""
    study = place()
    drivers = Sampler(study, seed=1, scheme="mc").key_block(0)
    x = np.stack([drivers[name] for name in DRIVERS])
    whole = all_futures(x)
    for draw in range(20):
        np.testing.assert_allclose(one_future(x[..., draw]), whole[:, draw], rtol=1e-9, atol=1e-9)
    for i, name in enumerate(study.regimes):
        ours = {n: np.zeros((YEARS, KEY_BLOCK)) for n in ("deficit", "bailout", "balance")}
        run_block([compile_regime(study, name)], drivers, [{}], [ours], draws=KEY_BLOCK)
        for j, output in enumerate(("deficit", "bailout")):
            total = ours[output].sum(axis=0)
            np.testing.assert_allclose(total, whole[2 * i + j], rtol=1e-9, atol=1e-9)


def with_riskmc(draws: int) -> None:
    """Run riskmc's blocks and keep what the others keep, on one thread."""
    runner = BlockRunner(place(), outcomes=(), place=("deficit", "bailout", "balance"))
    totals = []
    drivers = None
    for block in range(-(-draws // KEY_BLOCK)):
        drivers = runner.sampler.key_block(block, drivers)
        runner.run(drivers)
        totals += [
            [named[name].sum(axis=0) for name in ("deficit", "bailout")] for named in runner.place
        ]


def with_riskmc_whole(draws: int) -> None:
    """Run riskmc as users do: every headline variable by council and year kept, on one thread."""
    run(place(), draws=draws, keep="headline", workers=1)


def with_numpy(draws: int) -> None:
    """Run whole-array NumPy, drawing with its own generators."""
    rng = np.random.default_rng(1)
    size = (YEARS, BODIES, draws)
    all_futures(
        np.stack(
            [
                rng.normal(DEMAND, DEMAND_SD, size),
                rng.normal(INFLATION, INFLATION_SD, size),
                rng.normal(0.0, SHOCK_SD, size),
                rng.uniform(DELIVERY_LOW, DELIVERY_HIGH, size),
                rng.uniform(0.0, 1.0, size),
            ]
        )
    )


def with_python(draws: int) -> None:
    """Run a loop over draws, a function per draw."""
    rng = np.random.default_rng(1)
    own = list(marginals().values())
    for _ in range(draws):
        one_future(np.stack([m.rvs((YEARS, BODIES), random_state=rng) for m in own]))


def with_openturns(draws: int) -> None:
    """Run OpenTURNS: a joint distribution, a vectorised function on its sample."""
    import openturns as ot

    own = {
        "demand_growth": ot.Normal(DEMAND, DEMAND_SD),
        "cost_inflation": ot.Normal(INFLATION, INFLATION_SD),
        "funding_shock": ot.Normal(0.0, SHOCK_SD),
        "savings_delivery": ot.Uniform(DELIVERY_LOW, DELIVERY_HIGH),
        "rescue": ot.Uniform(0.0, 1.0),
    }
    joint = ot.JointDistribution([own[driver] for _, driver in inputs()])

    def vectorised(sample: Any) -> Array:
        x = np.asarray(sample).T.reshape(len(DRIVERS), YEARS, BODIES, -1)
        return all_futures(x).T

    model = ot.PythonFunction(len(inputs()), len(OUTPUTS), func_sample=vectorised)
    model(joint.getSample(draws))


def with_ema_workbench(draws: int) -> None:
    """Run EMA workbench: a model function, an uncertainty an input, an experiment a draw."""
    from ema_workbench import Model, RealParameter, Samplers, ScalarOutcome, SequentialEvaluator

    names = [name for name, _ in inputs()]

    def function(**given: float) -> dict[str, float]:
        x = np.array([given[name] for name in names]).reshape(len(DRIVERS), YEARS, BODIES)
        return dict(zip("abcd", one_future(x), strict=True))

    own = marginals()
    model = Model("place", function=function)
    model.uncertainties = [RealParameter.from_dist(n, own[driver]) for n, driver in inputs()]
    model.outcomes = [ScalarOutcome(name) for name in "abcd"]
    with SequentialEvaluator(model) as evaluator:
        evaluator.perform_experiments(
            scenarios=draws, uncertainty_sampling=Samplers.MC, log_progress=True
        )


def _monaco_before(case: Any) -> tuple[Array]:
    values = [case.invals[name].val for name, _ in inputs()]
    return (np.array(values).reshape(len(DRIVERS), YEARS, BODIES),)


def _monaco_after(case: Any, *outputs: float) -> None:
    for name, value in zip("abcd", outputs, strict=True):
        case.addOutVal(name=name, val=value)


def with_monaco(draws: int) -> None:
    """Run monaco: preprocess, run and postprocess a case, a case a draw, on one process."""
    import monaco as mc

    functions = {
        mc.SimFunctions.PREPROCESS: _monaco_before,
        mc.SimFunctions.RUN: one_future,
        mc.SimFunctions.POSTPROCESS: _monaco_after,
    }
    families = {"norm": stats.norm, "uniform": stats.uniform}
    own = {name: (families[m.dist.name], m.args) for name, m in marginals().items()}
    with tempfile.TemporaryDirectory() as folder:
        sim = mc.Sim(
            name="place",
            ndraws=draws,
            fcns=functions,
            firstcaseismedian=False,
            samplemethod=mc.SampleMethod.RANDOM,
            seed=1,
            singlethreaded=True,
            verbose=False,
            debug=True,
            savesimdata=False,
            savecasedata=False,
            resultsdir=folder,
        )
        for name, driver in inputs():
            family, (first, second) = own[driver]
            kwargs = {"loc": first, "scale": second}
            sim.addInVar(name=name, dist=family, distkwargs=kwargs)
        sim.runSim()


#: Tool, module it needs, work, draws in a timed run.
TOOLS: tuple[tuple[str, str, Callable[[int], None], int], ...] = (
    ("riskmc, deficits and bailouts only", "riskmc", with_riskmc, 65_536),
    ("riskmc, everything that a report shows kept", "riskmc", with_riskmc_whole, 65_536),
    ("whole-array NumPy, deficits and bailouts only", "numpy", with_numpy, 65_536),
    ("OpenTURNS, vectorised function", "openturns", with_openturns, 65_536),
    ("plain Python, a function per draw", "numpy", with_python, 1_000),
    ("EMA workbench", "ema_workbench", with_ema_workbench, 1_000),
    ("monaco", "monaco", with_monaco, 500),
)


def side_by_side(repeats: int) -> str:
    """Return the table of draws per second."""
    check()
    logging.disable(logging.WARNING)
    here = [tool for tool in TOOLS if importlib.util.find_spec(tool[1]) is not None]
    seconds: dict[str, list[float]] = {name: [] for name, *_ in here}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for turn in range(repeats + 1):
            for name, _, work, draws in here:
                began = wall()
                work(draws if turn > 0 else min(draws, 200))
                if turn > 0:
                    seconds[name].append((wall() - began) / draws)
    logging.disable(logging.NOTSET)
    ours = seconds[here[0][0]]
    rows = []
    for name, _, _, draws in here:
        own = seconds[name]
        times: Ratio = summed_up(a / b for a, b in zip(own, ours, strict=True))
        rate = 1.0 / summed_up(own).median
        rows.append((name, f"{draws:,}", f"{float(f'{rate:.2g}'):,.0f}", times))
    absent = [name for name, module, *_ in TOOLS if importlib.util.find_spec(module) is None]
    note = (
        f"Three councils, ten years, {len(inputs())} inputs a draw, two sets of rules; median of "
        f"{repeats} rounds and quartiles, by the clock, one thread each, start-up included."
        + (f" Not installed, so left out: {', '.join(absent)}." if absent else "")
    )
    head = ("tool", "draws timed", "draws a second", "time a draw over riskmc's")
    return f"{note}\n\n" + table(head, rows)
