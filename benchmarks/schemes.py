"""How much each scheme takes off the error of what a board is shown, at equal cost.

The study is run many times under each scheme with different seeds; the spread of an estimate
over the runs is its error. A scheme's gain is the number by which independent draws would have
to be multiplied, at the cost of a draw, for the same error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import f as f_distribution

from benchmarks.cases import BlockRunner, greater_manchester
from benchmarks.pages import table
from benchmarks.timing import processor
from riskmc.sampling import KEY_BLOCK
from riskmc.sampling.layout import SCHEMES
from riskmc.study import Study
from riskmc.variables import HAPPENED

DRAWS = 16_384
TAIL = 0.95
PLACE = ("balance", "net_deficit", "income", "bailout", "exhausted")
Place = Mapping[str, NDArray[Any]]
Estimates = dict[str, float]


def _deficit(place: Place) -> NDArray[Any]:
    return np.asarray(place["net_deficit"].sum(axis=0))


def _bailout(place: Place) -> NDArray[Any]:
    """Whether any body was bailed out in any year."""
    happened = HAPPENED * np.maximum(1.0, place["income"])
    return np.asarray((place["bailout"] > happened).any(axis=0))


def _exhausted(place: Place) -> NDArray[Any]:
    return np.asarray(place["exhausted"].any(axis=0))


def _shortfall(deficits: NDArray[Any]) -> float:
    worst = np.sort(deficits)[int(TAIL * deficits.size) :]
    return float(worst.mean())


#: What a board is shown of the place over the whole horizon, and how it is estimated.
STATISTICS: dict[str, Callable[[Place], float]] = {
    "mean net deficit": lambda place: float(_deficit(place).mean()),
    "its 95th percentile": lambda place: float(np.quantile(_deficit(place), TAIL)),
    "its expected shortfall, 95 %": lambda place: _shortfall(_deficit(place)),
    "P(any bailout)": lambda place: float(_bailout(place).mean()),
    "P(any reserves exhausted)": lambda place: float(_exhausted(place).mean()),
}


def estimates(study: Study, scheme: str, seed: int) -> Estimates:
    """Return every statistic of one run, by regime, and the differences."""
    runner = BlockRunner(study, scheme=scheme, seed=seed, outcomes=(), place=PLACE)
    blocks = []
    for block in range(DRAWS // KEY_BLOCK):
        runner.run(runner.sampler.key_block(block))
        blocks.append([{n: x.copy() for n, x in named.items()} for named in runner.place])
    found: Estimates = {}
    names = list(study.regimes)
    for r, name in enumerate(names):
        place = {n: np.concatenate([b[r][n] for b in blocks], axis=-1) for n in PLACE}
        for statistic, estimate in STATISTICS.items():
            found[f"{statistic}, {name}"] = estimate(place)
    for statistic in STATISTICS:
        first, second = (found[f"{statistic}, {name}"] for name in names[:2])
        found[f"{statistic}, difference"] = second - first
    return found


def errors(repeats: int) -> str:
    """Return the table of errors by scheme."""
    study = greater_manchester(2)
    seconds = dict.fromkeys(SCHEMES, 0.0)
    runs: dict[str, list[Estimates]] = {scheme: [] for scheme in SCHEMES}
    for seed in range(1, repeats + 1):
        for scheme in SCHEMES:
            began = processor()
            runs[scheme].append(estimates(study, scheme, seed))
            seconds[scheme] += processor() - began
    cost = {scheme: took / seconds["mc"] for scheme, took in seconds.items()}
    rows = [row for name in runs["mc"][0] if (row := _row(name, runs, cost))]
    costs = ", ".join(f"{scheme} {cost[scheme]:.2f}" for scheme in SCHEMES)
    sure = float(np.sqrt(f_distribution.ppf(0.975, repeats - 1, repeats - 1)))
    note = (
        f"Greater Manchester, {' against '.join(study.regimes)}, the place over the whole horizon; "
        f"{repeats} runs of {DRAWS:,} draws under each scheme. Cost of a draw over that of `mc`: "
        f"{costs}. Errors are standard deviations over the runs. A ratio of errors is known to "
        f"within a factor of {sure:.2f} (95 %). *Gain* is what a scheme is worth at equal cost: "
        "independent draws would cost so many times as much for the same error; below 1 it does "
        "not pay."
    )
    others = SCHEMES[1:]
    head = (
        "statistic",
        "value",
        "error, `mc`",
        *(f"error `{s}` / `mc`" for s in others),
        *(f"gain `{s}`" for s in others),
    )
    return f"{note}\n\n" + table(head, rows)


def _row(
    name: str, runs: dict[str, list[Estimates]], cost: dict[str, float]
) -> list[object] | None:
    """Return a statistic's line; None where it is the same in every run."""
    drawn = {scheme: np.array([run[name] for run in found]) for scheme, found in runs.items()}
    error = {scheme: float(x.std(ddof=1)) for scheme, x in drawn.items()}
    if error["mc"] == 0.0:
        return None
    others = SCHEMES[1:]
    ratios = {s: error[s] / error["mc"] for s in others}
    gains = [f"{1.0 / (ratios[s] ** 2 * cost[s]):.1f}" if ratios[s] > 0 else "∞" for s in others]
    value = float(drawn["mc"].mean())
    return [
        name,
        f"{value:.4g}",
        f"{error['mc']:.2g}",
        *(f"{ratios[s]:.2f}" for s in others),
        *gains,
    ]
