"""Failures are data: draws that are not finite are kept, counted, located and reported.

Statistics leave them out and `riskmc.measures.failures` bounds what they could do; here is how
many there are and where the first went wrong, and the line beyond which a run has failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.errors import RunError
from riskmc.measures.failures import failed_draws, failed_mask, failed_numbers
from riskmc.measures.view import Source, tree_of
from riskmc.results.contents import DRIVERS_GROUP, OUTCOMES, PLACE_GROUP
from riskmc.variables import (
    CHAIN,
    DRAW,
    DRIVER_NAMES,
    ORGANISATION,
    PLACE_NAMES,
    REGIME,
    YEAR,
)

if TYPE_CHECKING:
    import xarray as xr

#: More failed draws than this, as a share of all, fail a run.
MOST_FAILED = 0.001
_LISTED = 10


@dataclass(frozen=True)
class Failures:
    """Draws that are not finite.

    Parameters
    ----------
    count : int
        How many.
    draws : int
        Of how many.
    numbers : tuple of int
        The first ten, as `riskmc.replay` takes them.
    first : str
        In words, where the first of them is first not finite: drivers before outcomes, year by
        year. Empty where none is, or where the run kept no draws.
    """

    count: int
    draws: int
    numbers: tuple[int, ...] = ()
    first: str = ""

    @property
    def share(self) -> float:
        """Share of all draws."""
        return self.count / self.draws

    def sentence(self) -> str:
        """Say how many draws failed, and where the first of them began.

        Returns
        -------
        str
            One sentence; it ends without a full stop where draws failed.
        """
        if not self.count:
            return f"All of {self.draws:,} draws are finite."
        counted = "1 draw" if self.count == 1 else f"{self.count:,} draws"
        verb = "is" if self.count == 1 else "are"
        where = f", where {self.first}" if self.first else ""
        return (
            f"{counted} of {self.draws:,} ({100.0 * self.share:.3g} %) {verb} not finite; "
            f"the first is draw {self.numbers[0]}{where}"
        )


def find_failures(source: Source) -> Failures:
    """Count the draws whose drivers or outcomes are not finite, and find the first.

    Drivers are looked at where the run kept them; what they do to any outcome shows in the
    place's variables, which are always kept.

    Parameters
    ----------
    source : xarray.DataTree or Results
        Results of a run.

    Returns
    -------
    Failures
        None of them where every draw is finite.

    Raises
    ------
    ResultsError
        Where these are not the results of a run.

    References
    ----------
    - docs/replay.md, "Draws that fail".
    """
    results = tree_of(source)
    if PLACE_GROUP not in results.children:
        numbers = tuple(failed_numbers(results, most=_LISTED))
        return Failures(failed_draws(results), int(results.attrs["draws"]), numbers)
    mask = failed_mask(source).reshape(-1)
    failed = np.flatnonzero(mask)
    if not failed.size:
        return Failures(0, mask.size)
    per_chain = int(results[PLACE_GROUP].sizes[DRAW])
    chain, within = divmod(int(failed[0]), per_chain)
    numbers = tuple(int(number) for number in failed[:_LISTED])
    return Failures(
        int(failed.size), mask.size, numbers, _where({CHAIN: chain, DRAW: within}, results)
    )


def _where(at: dict[str, int], results: xr.DataTree) -> str:
    """Say where a draw is first not finite: drivers first, then by year, in register order."""
    for group, names in ((DRIVERS_GROUP, DRIVER_NAMES), (OUTCOMES, PLACE_NAMES)):
        if group in results.children:
            found = _first(results[group].to_dataset().isel(at), names)
            if found:
                return found
    return _first(results[PLACE_GROUP].to_dataset().isel(at), PLACE_NAMES)


def _first(row: xr.Dataset, names: tuple[str, ...]) -> str:
    """Return the first value of a draw that is not finite, in words; "" where all are."""
    kept = [row[name].load() for name in names if name in row]
    for year in row[YEAR].values.tolist():
        for values in kept:
            now = values.sel({YEAR: year})
            wrong = np.argwhere(~np.isfinite(np.asarray(now.values)))
            if len(wrong):
                places = zip(now.dims, wrong[0], strict=True)
                at = {str(dim): str(now[dim].values[i]) for dim, i in places}
                under = f" under {at[REGIME]}" if REGIME in at else ""
                whose = at.get(ORGANISATION, "the place")
                return f"'{values.name}' of {whose}{under} is not finite in {year}"
    return ""


def check_failures(
    results: Source, *, most: float = MOST_FAILED, stored: Any = "RESULTS"
) -> Failures:
    """Return the failed draws of a run, and fail where they are too many.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run.
    most : float
        Share of draws that may fail.
    stored : object
        Where the results are, for the command that replays one of them.

    Returns
    -------
    Failures
        At most that share of all draws.

    Raises
    ------
    RunError
        Where more failed; names the command that replays the first.

    References
    ----------
    - docs/replay.md, "Draws that fail".
    """
    failures = find_failures(results)
    if failures.share > most:
        raise RunError(
            f"{failures.sentence()}. More than {100.0 * most:g} % fails the run. See what "
            f"happened: riskmc replay {stored} --draw {failures.numbers[0]}"
        )
    return failures


__all__ = ["MOST_FAILED", "Failures", "check_failures", "find_failures"]
