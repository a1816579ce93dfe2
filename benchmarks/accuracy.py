"""Are the printed errors right? Many repeated runs of a small study whose answers are known.

`python -m benchmarks.accuracy` runs the study 2,000 times under each scheme, compares the error
that is reported with the one that is seen, counts how often nominal 95 % intervals cover the
truth, and writes the tables to docs/accuracy.md.

The study: one body, one year, two regimes on the same futures. The overspend before help is
Gaussian, 100 g + 60 e s with g ~ N(0.01, 0.02) (national) and s ~ N(0, 0.03) (local), where
e is 1, or 0.4 under the regime that equalises; the deficit is its positive part. Mean, standard
deviation, exceedance, 95th percentile and expected shortfall follow from the normal law.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from riskmc.runs.simulation import run
from riskmc.statistics import estimators
from riskmc.study import parse_study

DRAWS = {"mc": 4096, "antithetic": 4096, "lhs": 16_384, "sobol": 16_384}
EQUALISED = 0.6
MEAN, DEMAND_SD, TAX, TAX_SD = 1.0, 2.0, 60.0, 0.03
EXCEEDED, RARE, TAIL = 2.0, 6.0, 0.95
PAGE = Path(__file__).parent.parent / "docs" / "accuracy.md"
BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"

STUDY: dict[str, Any] = {
    "schema": 1,
    "title": "A body whose deficit is known",
    "start_year": "2016/17",
    "years": 1,
    "draws": 4096,
    "seed": 1,
    "organisations": [
        {
            "id": "body",
            "name": "Body",
            "kind": "council",
            "cost": 100.0,
            "local_tax": TAX,
            "charges": 100.0 - TAX,
        }
    ],
    "drivers": {
        "demand_growth": {
            "distribution": "normal",
            "mean": MEAN / 100.0,
            "sd": DEMAND_SD / 100.0,
            "shared": 1.0,
        },
        "tax_shock": {"distribution": "normal", "mean": 0.0, "sd": TAX_SD},
    },
    "regimes": {
        name: {
            "label": name,
            "settlement": {"equalisation": equalisation},
            "rulebooks": {"council": {"plan": [], "shortfall": [], "surplus": []}},
        }
        for name, equalisation in (("plain", 0.0), ("equalised", EQUALISED))
    },
}


class Statistic(NamedTuple):
    """A statistic of the deficits under the two regimes, and its true value."""

    name: str
    estimate: Callable[[Any, Any, str], Any]
    truth: float


def overspend_sd(equalisation: float) -> float:
    """Return the standard deviation of the overspend before help."""
    return math.hypot(DEMAND_SD, TAX * TAX_SD * (1.0 - equalisation))


def mean_deficit(sd: float) -> float:
    """Return the mean of the positive part of N(MEAN, sd)."""
    z = MEAN / sd
    return float(MEAN * stats.norm.cdf(z) + sd * stats.norm.pdf(z))


def deficit_sd(sd: float) -> float:
    """Return the standard deviation of the positive part of N(MEAN, sd)."""
    z = MEAN / sd
    square = (MEAN**2 + sd**2) * stats.norm.cdf(z) + MEAN * sd * stats.norm.pdf(z)
    return math.sqrt(float(square) - mean_deficit(sd) ** 2)


def known() -> list[Statistic]:
    """Return the statistics with their true values."""
    plain, equal = overspend_sd(0.0), overspend_sd(EQUALISED)
    norm = stats.norm
    z = float(norm.ppf(TAIL))
    chances = [float(norm.sf(EXCEEDED, MEAN, sd)) for sd in (plain, equal)]
    return [
        Statistic("mean", lambda a, _, s: estimators.mean(a, scheme=s), mean_deficit(plain)),
        Statistic(
            "standard deviation",
            lambda a, _, s: estimators.standard_deviation(a, scheme=s),
            deficit_sd(plain),
        ),
        Statistic(
            f"P(deficit > {EXCEEDED:g})",
            lambda a, _, s: estimators.probability(a > EXCEEDED, scheme=s),
            chances[0],
        ),
        Statistic(
            f"P(deficit > {RARE:g})",
            lambda a, _, s: estimators.probability(a > RARE, scheme=s),
            float(norm.sf(RARE, MEAN, plain)),
        ),
        Statistic(
            "95th percentile",
            lambda a, _, s: estimators.quantile(a, p=TAIL, scheme=s),
            MEAN + plain * z,
        ),
        Statistic(
            "expected shortfall, 95 %",
            lambda a, _, s: estimators.expected_shortfall(a, p=TAIL, scheme=s),
            MEAN + plain * float(norm.pdf(z)) / (1.0 - TAIL),
        ),
        Statistic(
            "difference of means",
            lambda a, b, s: estimators.mean(b, scheme=s, against=a),
            mean_deficit(equal) - mean_deficit(plain),
        ),
        Statistic(
            f"difference of P(deficit > {EXCEEDED:g})",
            lambda a, b, s: estimators.probability(b > EXCEEDED, scheme=s, against=a > EXCEEDED),
            chances[1] - chances[0],
        ),
    ]


def one_run(scheme: str, seed: int) -> list[tuple[float, float, bool]]:
    """Return estimate, reported error and whether the interval covers, by statistic."""
    study = parse_study(STUDY)
    results = run(study, draws=DRAWS[scheme], seed=seed, scheme=scheme, workers=1)
    deficit = results["outcomes"]["deficit"].isel(organisation=0, year=0)
    plain, equal = (deficit.sel(regime=name).values for name in ("plain", "equalised"))
    found = []
    for statistic in known():
        estimate = statistic.estimate(plain, equal, scheme).single()
        covers = estimate.low <= statistic.truth <= estimate.high
        found.append((estimate.value, estimate.mcse, bool(covers)))
    return found


def repeat(scheme: str, repeats: int, workers: int) -> np.ndarray[Any, Any]:
    """Return (repeat, statistic, [estimate, reported error, covers])."""
    with ProcessPoolExecutor(workers) as pool:
        runs = pool.map(one_run, [scheme] * repeats, range(1, repeats + 1), chunksize=20)
        return np.array(list(runs), dtype=float)


def rows(repeats: int, workers: int) -> Iterator[str]:
    """Yield the table's lines."""
    heading = ("scheme", "statistic", "true value", "bias in errors")
    yield f"| {' | '.join(heading)} | reported error / true error | 95 % intervals cover |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for scheme in DRAWS:
        found = repeat(scheme, repeats, workers)
        for i, statistic in enumerate(known()):
            estimates, errors, covers = found[:, i].T
            true_error = estimates.std(ddof=1)
            bias = (estimates.mean() - statistic.truth) / true_error
            ratio = math.sqrt(float(np.mean(errors**2))) / true_error
            yield (
                f"| {scheme} | {statistic.name} | {statistic.truth:.4f} | {bias:+.2f} | "
                f"{ratio:.3f} | {covers.mean():.1%} |"
            )


def main() -> None:
    """Run the study and write its page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--print-only", action="store_true")
    options = parser.parse_args()
    table = "\n".join(rows(options.repeats, options.workers))
    draws = ", ".join(f"{scheme} {n:,}" for scheme, n in DRAWS.items())
    text = f"{options.repeats:,} runs a scheme; draws a run: {draws}.\n\n{table}"
    print(text)
    if not options.print_only:
        page = PAGE.read_text(encoding="utf-8")
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
