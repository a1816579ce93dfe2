"""Totals by driver block: a pick-freeze run, where the draws already made are not enough.

Two independent sets of futures, A and B. For each block of drivers the futures A are run again
with that block taken from B. What then changes is what the block, with everything that it
interacts with, does to the measure: its total share. Drivers that the study correlates stay
together in one block, for only independent blocks can be swapped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import horizon_measure
from riskmc.measures.driver_features import Outcome, outcome
from riskmc.measures.reserves_question import Run
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Estimate, Floats
from riskmc.variables import DRIVER_NAMES, PLACE, YEAR

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

#: Drivers that hang together where a risk grows with prices.
_INDEXED = ("cost_inflation", "one_off_cost")


class Block(NamedTuple):
    """Drivers to be swapped together, in all years or in some."""

    drivers: tuple[str, ...]
    years: tuple[str, ...] = ()


def pick_freeze(
    study: Study,
    run: Run,
    *,
    measure: str,
    regime: str,
    against: str | None = None,
    organisation: str = PLACE,
    blocks: Mapping[str, Block] | None = None,
    draws: int = 4096,
    seed: int = 1,
    futures: tuple[xr.Dataset, xr.Dataset] | None = None,
) -> xr.Dataset:
    """Return total and first-order shares of a measure's variance by block of drivers.

    Over `block`: `value`, `mcse`, `low`, `high` of the total share
    E[(Y_A - Y_AB)^2] / (2 Var Y), and `first_` before the name for the first-order share
    E[Y_B (Y_AB - Y_A)] / Var Y. `run` is `riskmc.run`; it is called once for A, once for B and
    once a block. `against`: explain the paired difference. `blocks`: name to `Block`; default:
    every driver that varies, those that the study correlates together. `futures`: user-supplied A
    and B, independent of each other; default: `draws` plain Monte Carlo draws from `seed` and
    from the next seed.

    Parameters
    ----------
    study : Study
        The study that is run.
    run : callable
        `riskmc.run`.
    measure : str
        Name of a headline measure.
    regime : str
        Name of a regime.
    against : str, optional
        A regime: then everything is the paired difference from it, future by future.
    organisation : str
        An organisation, or "place"; default "place".
    blocks : mapping of str to Block, optional
        Blocks of drivers by name; default: every driver that varies.
    draws : int
        Number of draws of each set, where `futures` is not given.
    seed : int
        Seed of the first set; the next seed is that of the second.
    futures : tuple of xarray.Dataset, optional
        Your own A and B, independent of each other.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        For blocks that cannot be swapped on their own.

    References
    ----------
    - Jansen, M. J. W., Analysis of variance designs for model output, Computer Physics
      Communications 117 (1999) 35-43: the total share.
    - Saltelli, A. and others, Variance based sensitivity analysis of model output: design and
      estimator for the total sensitivity index, Computer Physics Communications 181 (2010) 259-270:
      the first-order share.
    - docs/measures.md, "Shares of the variance".
    """
    horizon_measure(measure)
    regimes = (regime,) if against is None else (regime, against)
    unknown = [name for name in regimes if name not in study.regimes]
    if unknown:
        raise ResultsError(f"the study has no regime '{unknown[0]}'")
    chosen = dict(blocks) if blocks is not None else independent_blocks(study)
    _check(study, chosen)
    narrow = study.replaced(regimes={name: study.regimes[name] for name in regimes}, behaviour={})
    first, second = futures if futures is not None else _sampled(study, draws, seed)

    def run_on(drivers: xr.Dataset) -> Floats:
        found: Outcome = outcome(
            run(narrow, drivers=drivers),
            measure=measure,
            regime=regime,
            against=against,
            organisation=organisation,
        )
        return found.values

    ours, theirs = run_on(first), run_on(second)
    centre = 0.5 * (ours.mean() + theirs.mean())
    ours, theirs = ours - centre, theirs - centre
    spread = 0.5 * (ours**2 + theirs**2)
    totals, firsts = [], []
    for block in chosen.values():
        mixed = run_on(swapped(first, second, block)) - centre
        totals.append(estimators.ratio(0.5 * (ours - mixed) ** 2, spread, scheme="mc"))
        firsts.append(estimators.ratio(theirs * (mixed - ours), spread, scheme="mc"))
    return _dataset(list(chosen), totals, firsts, measure, regimes)


def _sampled(study: Study, draws: int, seed: int) -> tuple[xr.Dataset, xr.Dataset]:
    from riskmc.sampling import sample

    return (
        sample(study, draws=draws, seed=seed, scheme="mc"),
        sample(study, draws=draws, seed=seed + 1, scheme="mc"),
    )


def swapped(first: xr.Dataset, second: xr.Dataset, block: Block) -> xr.Dataset:
    """Return the first futures with a block's drivers (in its years) taken from the second."""
    changed = {}
    for name in block.drivers:
        if not block.years:
            changed[name] = second[name]
            continue
        inside = first[YEAR].isin(list(block.years))
        changed[name] = second[name].where(inside, first[name]).transpose(*first[name].dims)
    return first.assign(changed)


def independent_blocks(study: Study) -> dict[str, Block]:
    """Return the drivers that vary, those that the study correlates in one block together."""
    names = [*study.named_drivers]
    if study.risks:
        names.append("one_off_cost")
    if "rescue" not in names:
        names.append("rescue")
    names.sort(key=DRIVER_NAMES.index)
    groups = [{name} for name in names]
    if any(risk.prices == "opening" for risk in study.risks) and "cost_inflation" in names:
        groups = [group for group in groups if not group & set(_INDEXED)] + [set(_INDEXED)]
    for (one, other), value in study.correlations.items():
        if value == 0.0:
            continue
        joined = [group for group in groups if one in group or other in group]
        groups = [group for group in groups if group not in joined]
        groups.append(set().union(*joined))
    ordered = [sorted(group, key=DRIVER_NAMES.index) for group in groups]
    ordered.sort(key=lambda group: DRIVER_NAMES.index(group[0]))
    return {" + ".join(group): Block(tuple(group)) for group in ordered}


def _check(study: Study, blocks: Mapping[str, Block]) -> None:
    """Refuse blocks whose drivers hang together with what is left behind."""
    for label, block in blocks.items():
        for name in block.drivers:
            if name not in DRIVER_NAMES:
                raise ResultsError(f"block '{label}': no driver '{name}'")
        for (one, other), value in study.correlations.items():
            if value != 0.0 and (one in block.drivers) != (other in block.drivers):
                raise ResultsError(
                    f"block '{label}' parts {one} and {other}, which the study correlates: "
                    "put both in it"
                )
        if not block.years:
            continue
        unknown = [year for year in block.years if year not in study.year_labels]
        if unknown:
            raise ResultsError(f"block '{label}': the study has no year '{unknown[0]}'")
        for name in block.drivers:
            if _persists(study, name):
                raise ResultsError(
                    f"block '{label}': the years of {name} hang together (persistence): "
                    "swap all of them"
                )


def _persists(study: Study, name: str) -> bool:
    resolved = [study.driver(name, body) for body in study.organisation_ids]
    return any(r is not None and r.persistence != 0.0 for r in resolved)


def _dataset(
    labels: Sequence[str],
    totals: Sequence[Estimate],
    firsts: Sequence[Estimate],
    measure: str,
    regimes: Sequence[str],
) -> xr.Dataset:
    import xarray as xr

    data: dict[str, Any] = {}
    for prefix, found, words in (
        ("", totals, "total share of the variance"),
        ("first_", firsts, "first-order share of the variance"),
    ):
        for field in ("value", "mcse", "low", "high"):
            values = [float(getattr(estimate, field)) for estimate in found]
            data[prefix + field] = (
                "block",
                np.array(values),
                {"units": "share", "long_name": words},
            )
    attrs = {"long_name": f"{measure}: variance by block of drivers", "regime": regimes[0]}
    if len(regimes) > 1:
        attrs["against"] = regimes[1]
    return xr.Dataset(data, {"block": list(labels)}, attrs)
