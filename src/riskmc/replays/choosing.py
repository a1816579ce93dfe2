"""Picking a future by what it shows: the worst, or the one in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import InputError, ResultsError
from riskmc.measures import per_draw
from riskmc.measures.reading import choose
from riskmc.results.contents import OUTCOMES, PLACE_GROUP
from riskmc.variables import CHAIN, DRAW, ORGANISATION, PLACE, REGIME, YEAR

if TYPE_CHECKING:
    import xarray as xr

Names = str | Sequence[str] | None


class Show(NamedTuple):
    """What a future may be picked by.

    measure  the headline measure taken in every draw; empty: the lowest reserves at a year end
    sign     +1 where more is worse, -1 where less is
    words    what it is
    event    whether it may not happen at all
    """

    measure: str
    sign: float
    words: str
    event: bool = True


#: By name; money over the horizon.
SHOWS: dict[str, Show] = {
    "deficit": Show("net_deficit", 1.0, "net deficit, total over the years"),
    "gross_deficit": Show("gross_deficit", 1.0, "gross deficit, total over the years"),
    "rescue_needed": Show("rescue_needed", 1.0, "rescue needed, total over the years"),
    "bailout": Show("bailout", 1.0, "bailout granted, total over the years"),
    "unresolved": Show("unresolved", 1.0, "unresolved, total over the years"),
    "unmet": Show("unmet", 1.0, "unmet need, total over the years"),
    "local_tax": Show("extra_local_tax", 1.0, "extra local tax a year"),
    "reserves": Show("reserves_end", -1.0, "reserves at the end", False),
    "lowest_reserves": Show("", -1.0, "lowest reserves at the end of a year", False),
    "central_cost": Show("central_cost", 1.0, "net central cost, total over the years", False),
}


def worst(
    results: xr.DataTree,
    *,
    by: str = "deficit",
    regime: Names = None,
    organisation: str = PLACE,
) -> int:
    """Return the number of the draw that shows the worst of something, as `replay` takes it.

    Parameters
    ----------
    results : xarray.DataTree
        As `run` and `open_results` give it.
    by : str
        A name of `SHOWS`: "deficit" (net, total over the years; an organisation's own),
        "gross_deficit", "rescue_needed", "bailout", "unresolved", "unmet", "local_tax",
        "reserves" (lowest at the end), "lowest_reserves" (at the end of any year),
        "central_cost".
    regime : str or sequence of str, optional
        Under which regime; several, or None for all: under whichever shows the worst.
    organisation : str
        "place", or an organisation's id.

    Returns
    -------
    int
        The number of the draw, counted from 0.

    Raises
    ------
    InputError
        A name that is not of `SHOWS`.
    ResultsError
        A regime or organisation that is not there; something that happens in no future.

    Notes
    -----
    The first of several that are alike. Draws that are not finite are left out.

    References
    ----------
    - docs/replay.md, "Picking a draw".
    """
    harm = _harm(results, by, regime, organisation)
    number = int(np.nanargmax(harm))
    if SHOWS[by].event and not harm[number] > 0.0:
        raise ResultsError(
            f"there is nothing to show: {SHOWS[by].words} is 0 in every one of "
            f"{harm.size:,} futures"
        )
    return number


def median(
    results: xr.DataTree,
    *,
    by: str = "deficit",
    regime: Names = None,
    organisation: str = PLACE,
) -> int:
    """Return the number of the draw in the middle: half show as much or more, half less.

    Of an even number the milder of the two in the middle; the first of several that are alike.

    Parameters
    ----------
    results : xarray.DataTree
        As `run` and `open_results` give it.
    by : str
        What the draw shows: a name as in `worst`.
    regime : str or sequence of str, optional
        Under which regime; several, or None for all: under whichever shows the worst.
    organisation : str
        "place", or an organisation's id.

    Returns
    -------
    int
        The number of the draw, counted from 0.

    Raises
    ------
    InputError
        A name that is not of `SHOWS`.
    ResultsError
        A regime or organisation that is not there; every draw failed.

    References
    ----------
    - docs/replay.md, "Picking a draw".
    """
    harm = _harm(results, by, regime, organisation)
    finite = np.sort(harm[np.isfinite(harm)])
    return int(np.flatnonzero(harm == finite[(finite.size - 1) // 2])[0])


def _harm(results: xr.DataTree, by: str, regime: Names, organisation: str) -> NDArray[np.float64]:
    """Return how bad every draw is, by number: the worst of the regimes; NaN where not finite."""
    if by not in SHOWS:
        near = get_close_matches(by, tuple(SHOWS), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise InputError(f"no draw can be picked by '{by}'; allowed: {', '.join(SHOWS)}{hint}")
    if PLACE_GROUP not in results.children:
        raise ResultsError(
            "these results hold no draws to pick from: name the draw, or run again and keep draws "
            '(keep="headline", --keep headline)'
        )
    labels = results[PLACE_GROUP].to_dataset()[REGIME].values.tolist()
    regimes = choose(regime, labels, "regime")
    bodies = (PLACE, *results[OUTCOMES].to_dataset()[ORGANISATION].values.tolist())
    choose(organisation, bodies, "organisation")
    show = SHOWS[by]
    found = np.stack([show.sign * _series(results, show, name, organisation) for name in regimes])
    harm = np.where(np.isfinite(found).all(axis=0), found.max(axis=0), np.nan)
    if np.isnan(harm).all():
        raise ResultsError(f"{show.words}: not finite in any draw")
    return harm


def _series(
    results: xr.DataTree, show: Show, regime: str, organisation: str
) -> NDArray[np.float64]:
    if show.measure:
        taken = per_draw(results, measure=show.measure, regime=regime, organisation=organisation)
        return np.asarray(taken.values, dtype=float).reshape(-1)
    if organisation == PLACE:
        reserves = results[PLACE_GROUP].to_dataset()["reserves"].sel({REGIME: regime})
    else:
        chosen = {REGIME: regime, ORGANISATION: organisation}
        reserves = results[OUTCOMES].to_dataset()["reserves"].sel(chosen)
    ordered = np.asarray(reserves.transpose(YEAR, CHAIN, DRAW).values, dtype=float)
    lowest: NDArray[np.float64] = ordered.min(axis=0)
    return lowest.reshape(-1)
