"""Draws as a pandas table: one row per future, one column per measure and set of rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import HORIZON
from riskmc.measures.comparison import per_draw
from riskmc.measures.reading import needs_draws, ordered
from riskmc.measures.view import Source, view_of
from riskmc.variables import CHAIN, DRAW, ORGANISATION, PLACE, REGIME, YEAR

if TYPE_CHECKING:
    import pandas as pd


def draws_frame(
    results: Source,
    *,
    organisation: str = PLACE,
    measures: Sequence[str] | None = None,
    by_year: str | None = None,
) -> pd.DataFrame:
    """Return the draws of a run as a table.

    Parameters
    ----------
    results : DataTree or Results
        Results that keep their draws.
    organisation : str
        "place", or an organisation's id.
    measures : sequence of str, optional
        Headline measures over the horizon; default: all that the results can give.
    by_year : str, optional
        An output variable: its value in each year, instead of measures over the horizon.

    Returns
    -------
    pandas.DataFrame
        A row a future, numbered as `riskmc replay --draw` counts them; columns
        "regime: measure" or "regime: variable year" [£m; events true or false].

    Raises
    ------
    ResultsError
        Results that keep no draws; an unknown body, measure or variable.

    References
    ----------
    - docs/second-run.md, "Elsewhere".
    """
    import pandas as pd

    view = view_of(results)
    if view.summarised:
        raise ResultsError(needs_draws("a table of draws"))
    if organisation not in view.bodies:
        raise ResultsError(f"there is no organisation '{organisation}'")
    if by_year is not None:
        columns = _yearly(
            view.place if organisation == PLACE else view.outcomes, by_year, organisation
        )
    else:
        names = [row.name for row in HORIZON if not row.quantile] if measures is None else measures
        columns = {
            f"{regime}: {name}": per_draw(
                view, measure=name, regime=regime, organisation=organisation
            ).values.reshape(-1)
            for regime in view.regimes
            for name in names
        }
    frame = pd.DataFrame(columns)
    frame.index.name = "draw"
    return frame


def _yearly(group: object, variable: str, organisation: str) -> dict[str, object]:
    """Return a variable's values by regime and year, draws numbered through."""
    import xarray as xr

    assert isinstance(group, xr.Dataset)
    if variable not in group:
        raise ResultsError(f"the results do not hold '{variable}' of '{organisation}'")
    array = group[variable]
    if organisation != PLACE:
        array = array.sel({ORGANISATION: organisation})
    values = ordered(array, (REGIME, YEAR, CHAIN, DRAW))
    return {
        f"{regime}: {variable} {year}": values[i, j].reshape(-1)
        for i, regime in enumerate(array[REGIME].values.tolist())
        for j, year in enumerate(array[YEAR].values.tolist())
    }
