"""Stopping: as many futures as a requested precision takes, and no more.

Draws are added until the 95 % half-width of every statistic watched is at or below a target.
Draws are keyed, so the first ones keep their values however many follow; each stage simulates
only what is new and keeps only the values of the statistics watched.

Looking again and again at a half-width that is itself an estimate stops too early more often
than not, which costs coverage. So there is a least number of replicates, and a stage goes
straight to the number that the last one predicts (at most twofold). Nominal 95 % intervals then
hold the truth in at least 93 of 100 repeated runs: see `docs/replay.md`.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import InputError
from riskmc.measures.catalogue import HORIZON, horizon_measure
from riskmc.results.contents import Keep
from riskmc.runs.prepared import Progress
from riskmc.runs.simulation import run
from riskmc.runs.watch import Block, Values, Watch, joined, joined_valid
from riskmc.sampling import KEY_BLOCK, draws_for
from riskmc.statistics import estimators
from riskmc.study import Study
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

#: Other names of headline measures: "bailout", as a study says it, is the chance of one.
ALIASES = {"bailout": "p_granted", "p_bailout": "p_granted", "bailout_amount": "bailout"}
DEFAULT_MEASURES = ("p_bailout",)
#: Draws in all, where nothing else is said.
MOST = 1_000_000
#: Fewest key blocks by scheme: 16,384 draws, or 32 chains where only chains are independent.
_FEWEST = {"mc": 4, "antithetic": 4, "lhs": 8, "sobol": 8}
#: Fewest that any errors can rest on: sixteen chains.
_BARE = {"mc": 1, "antithetic": 1, "lhs": 4, "sobol": 4}
#: A stage aims this much beyond the number predicted, so that one more is rarely needed.
_BEYOND = 1.02


@dataclass(frozen=True)
class Reached:
    """How well one statistic is known.

    Parameters
    ----------
    measure : str
        Name of the headline measure.
    regime : str
        Name of the regime.
    against : str
        The regime that it is a paired difference from; empty where it is none.
    value : float
        The estimate, in the unit of the measure.
    half_width : float
        Of its 95 % interval, in the same unit; NaN where nothing happened and no bound can be
        given.
    """

    measure: str
    regime: str
    against: str
    value: float
    half_width: float


def _width(found: Reached) -> float:
    return math.inf if math.isnan(found.half_width) else found.half_width


@dataclass(frozen=True)
class Stopped:
    """Where a run may stop.

    Parameters
    ----------
    target : float
        Half-width that was asked for, in the unit of the measures.
    draws : int
        Draws that it takes.
    reached : bool
        Whether `most` draws were enough.
    most : int
        The most draws that were allowed.
    scheme : str
        How futures are drawn.
    stages : tuple of int
        Numbers of draws at which the precision was checked.
    statistics : tuple of Reached
        How well each statistic is known there.

    References
    ----------
    - docs/replay.md, "Stopping at a precision".
    """

    target: float
    draws: int
    reached: bool
    most: int
    scheme: str
    stages: tuple[int, ...]
    statistics: tuple[Reached, ...]

    @property
    def widest(self) -> Reached:
        """The statistic that is known least well."""
        return max(self.statistics, key=_width)

    def sentence(self) -> str:
        """Say how many draws were needed, or that they were not enough, and for what.

        Returns
        -------
        str
            One sentence.
        """
        worst = self.widest
        against = f" less {worst.against}" if worst.against else ""
        what = f"{horizon_measure(worst.measure).label}, {worst.regime}{against}"
        known = f"the least well known is {what}, to ±{worst.half_width:.2g} (95 %)"
        if math.isnan(worst.half_width):
            known = f"nothing happened that would say how well {what}, is known"
        did = "took" if self.reached else "was not reached in"
        return f"Precision {self.target:g} {did} {self.draws:,} draws: {known}."

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, which has no NaN.

        Returns
        -------
        dict of str
            Fields by name; None in place of NaN.
        """
        found = asdict(self)
        for row in found["statistics"]:
            row.update({k: None for k, v in row.items() if isinstance(v, float) and math.isnan(v)})
        return found


def run_to_precision(
    study: Study,
    *,
    keep: Keep | None = None,
    memory: int | None = None,
    out: str | os.PathLike[str] | None = None,
    **search: Any,
) -> xr.DataTree:
    """Run a study with as many draws as a requested precision takes.

    The draws found are run in full: those of the search keep their values.

    Parameters
    ----------
    study : Study
        As `load_study` gives it.
    keep : str, optional
        As in `run`.
    memory : int, optional
        As in `run` [bytes].
    out : path, optional
        As in `run`.
    **search : object
        Arguments of `draws_to_precision`: `target`, `measures`, `minimum`, `most`, `seed` and so
        on.

    Returns
    -------
    xarray.DataTree
        As `run` returns it; its attribute `precision` (JSON) says how many draws it took and how
        well each statistic is known.

    Raises
    ------
    InputError
        As in `draws_to_precision` and `run`.

    References
    ----------
    - docs/replay.md, "Stopping at a precision".
    """
    stopped = draws_to_precision(study, **search)
    again = {key: search.get(key) for key in ("seed", "scheme", "workers", "progress")}
    results = run(study, draws=stopped.draws, keep=keep, memory=memory, out=out, **again)
    results.attrs["precision"] = json.dumps(stopped.as_dict())
    return results


def draws_to_precision(
    study: Study,
    *,
    target: float | None = None,
    measures: Sequence[str] | None = None,
    organisation: str = PLACE,
    minimum: int | None = None,
    most: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Stopped:
    """Find how many draws a requested precision takes.

    Parameters
    ----------
    study : Study
        As `load_study` gives it.
    target : float, optional
        Half-width of the 95 % interval to reach, in the unit of the measures: 0.005 is half a
        percentage point of a chance. Default: the study's `[precision]`.
    measures : sequence of str, optional
        Headline measures over the horizon, watched under each regime and as the paired
        difference from the first. Default: the study's, or "p_bailout", the chance of any
        bailout. "bailout_amount" is the expected bailout [£m].
    organisation : str
        "place", or an organisation's id.
    minimum, most : int, optional
        Least and most draws, in whole key blocks of 4,096. Default: 16,384 (`lhs` and `sobol`
        32,768: 32 chains); the study's `max_draws`, or 1,000,000.
    seed : int, optional
        As in `run`.
    scheme : str, optional
        As in `run`.
    workers : int, optional
        As in `run`.
    progress : callable, optional
        Called with (draws done, draws thought to be needed) after each block.

    Returns
    -------
    Stopped
        The draws, and how well each statistic is known there.

    Raises
    ------
    InputError
        No target; a target, measure, organisation or cap that cannot be.

    References
    ----------
    - docs/replay.md, "Stopping at a precision".
    """
    asked = study.precision
    if target is None and asked is not None:
        target = asked.target
    if target is None or not (math.isfinite(target) and target > 0.0):
        raise InputError(f"precision: target is {target}; allowed: a number above 0, such as 0.005")
    if measures is None:
        measures = DEFAULT_MEASURES if asked is None else (asked.measure,)
    if most is None:
        most = MOST if asked is None or asked.max_draws is None else asked.max_draws
    names = known_measures(measures)
    _refuse_unknown(organisation, (PLACE, *study.organisation_ids), "organisation")
    scheme = study.scheme if scheme is None else scheme
    least, cap = limits(scheme, minimum, most)
    layout = draws_for(cap * KEY_BLOCK, scheme)
    with Watch(study, seed, scheme, layout, names, organisation).over_threads(workers) as blocks:
        return until_precise(
            blocks, scheme=scheme, target=target, least=least, cap=cap, progress=progress
        )


def known_measures(measures: Sequence[str]) -> tuple[str, ...]:
    """Return headline measures by their own names; InputError for one that is not known."""
    own = (measure.name for measure in HORIZON if measure.name not in ALIASES)
    allowed = (*ALIASES, *own)
    for name in measures:
        _refuse_unknown(name, allowed, "measure")
    if not measures:
        raise InputError(f"precision: no measure is named; allowed: {', '.join(allowed)}")
    return tuple(ALIASES.get(name, name) for name in measures)


def _refuse_unknown(asked: str, allowed: Sequence[str], what: str) -> None:
    if asked in allowed:
        return
    near = get_close_matches(asked, allowed, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise InputError(f"precision: no {what} '{asked}'; allowed: {', '.join(allowed)}{hint}")


def limits(scheme: str, minimum: int | None, most: int) -> tuple[int, int]:
    """Return the least and the most key blocks; InputError where they cannot be."""
    draws_for(1, scheme)  # refuses an unknown scheme
    cap = most // KEY_BLOCK
    if cap < _BARE[scheme]:
        raise InputError(
            f"precision: at most {most:,} draws is too few under {scheme}; "
            f"allowed: {_BARE[scheme] * KEY_BLOCK:,} or more"
        )
    if minimum is None:
        return min(_FEWEST[scheme], cap), cap
    least = max(-(-minimum // KEY_BLOCK), _BARE[scheme])
    if least > cap:
        raise InputError(f"precision: at least {minimum:,} draws, but at most {most:,}")
    return least, cap


def until_precise(
    blocks: Callable[[range], Iterable[Block]],
    *,
    scheme: str,
    target: float,
    least: int,
    cap: int,
    progress: Progress | None = None,
) -> Stopped:
    """Add key blocks until every half-width is at or below the target, or the cap is met.

    `blocks` gives the key blocks of a range, in order; `least` and `cap` are in key blocks.
    The first regime named is the one that differences are taken from.
    """
    kept: list[Block] = []
    stages: list[int] = []
    wanted = least
    while True:
        for block in blocks(range(len(kept), wanted)):
            kept.append(block)
            if progress is not None:
                progress(len(kept) * KEY_BLOCK, wanted * KEY_BLOCK)
        found = _statistics(kept, scheme)
        stages.append(len(kept) * KEY_BLOCK)
        short = [s for s in found if not s.half_width <= target]
        if not short or len(kept) >= cap:
            return Stopped(
                target, stages[-1], not short, cap * KEY_BLOCK, scheme, tuple(stages), tuple(found)
            )
        wanted = min(_next(len(kept), short, target), cap)


def _next(blocks: int, short: list[Reached], target: float) -> int:
    """Return how many blocks the next stage takes: what the half-widths predict, at most twice."""
    predicted = blocks * (max(map(_width, short)) / target) ** 2 * _BEYOND
    return max(blocks + 1, math.ceil(min(predicted, 2 * blocks)))


def _statistics(kept: list[Block], scheme: str) -> list[Reached]:
    """Estimate every statistic from all blocks so far."""
    names, regimes = (list(dict.fromkeys(part)) for part in zip(*kept[0].values, strict=True))
    valid = {regime: joined_valid(kept, regime, scheme) for regime in regimes}
    found = []
    for measure in names:
        series = {r: joined([b.values[measure, r] for b in kept], scheme) for r in regimes}
        for regime in regimes:
            found.append(_reached(measure, regime, "", series[regime], None, valid, scheme))
        first = regimes[0]
        for regime in regimes[1:]:
            pair = (series[regime], series[first])
            found.append(_reached(measure, regime, first, *pair, valid, scheme))
    return found


def _reached(
    measure: str,
    regime: str,
    against: str,
    series: Values,
    other: Values | None,
    valid: Mapping[str, NDArray[np.bool_] | None],
    scheme: str,
) -> Reached:
    good = valid[regime]
    theirs = valid[against] if against else None
    if theirs is not None:
        good = theirs if good is None else good & theirs
    statistic = estimators.probability if series.dtype == np.bool_ else estimators.mean
    found = statistic(series, scheme=scheme, against=other, valid=good).single()
    return Reached(measure, regime, against, found.value, (found.high - found.low) / 2.0)
