"""The explorer of the page: curves of every body, measure and year as a few exact quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.reading import Reader
from riskmc.report.facts.futures import own_deficit
from riskmc.report.facts.names import Names
from riskmc.variables import PLACE
from riskmc.words.board import capital

if TYPE_CHECKING:
    from riskmc.measures.view import Results

#: Shares of futures at which a curve is stored; symmetric about the middle one.
SHARES = (
    0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45,
    0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.875, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995,
    1.0,
)  # fmt: skip
#: Amounts are stored as whole multiples of this [£m].
STEP = 0.01
_MEASURES = {
    "deficit": "Deficit",
    "reserves": "Reserves at the year end",
    "rescue_needed": "Rescue needed",
    "unmet": "Need left unmet",
}
_ALL = "all"


@dataclass(frozen=True)
class Explorer:
    """What one may choose, and the curves: (measure | body | year | regime) to amounts."""

    bodies: tuple[tuple[str, str], ...]
    measures: tuple[tuple[str, str], ...]
    years: tuple[tuple[str, str], ...]
    regimes: tuple[tuple[str, str, int], ...]
    note: str
    curves: dict[str, list[int]]

    def data(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        return {
            "shares": list(SHARES),
            "tenth": SHARES.index(0.1),
            "step": STEP,
            "curves": self.curves,
        }


def build_explorer(results: Results, names: Names) -> Explorer:
    """Return the explorer of the place and its bodies, or of one body."""
    reader = Reader(results)
    bodies = reader.bodies if names.is_place else (names.body,)
    curves: dict[str, list[int]] = {}
    for measure in _MEASURES:
        for r, regime in enumerate(names.regimes):
            for body in bodies:
                for year, values in _curves(reader, measure, regime, body, names.years):
                    curves[f"{measure}|{body}|{year}|{r}"] = values
    years = tuple((year, year) for year in names.years)
    if len(years) > 1:
        years = ((_ALL, f"All {names.horizon} together"), *years)
    looks = {name: min(i, 2) for i, name in enumerate(names.main)}
    labelled = [("place", capital(names.subject))] if names.body == PLACE else []
    labelled += [(b, names.bodies[b]) for b in bodies if b != PLACE]
    return Explorer(
        bodies=tuple(labelled),
        measures=tuple(_MEASURES.items()),
        years=years,
        regimes=tuple((n, row.label, looks.get(n, 2)) for n, row in names.regimes.items()),
        note=(
            f"Read off {names.draws:,} simulated futures at {len(SHARES)} exact quantiles; between "
            "them a straight line. Reserves of all years together are those of the last."
        ),
        curves=curves,
    )


def _curves(
    reader: Reader, measure: str, regime: str, body: str, years: tuple[str, ...]
) -> list[tuple[str, list[int]]]:
    if measure == "deficit":
        path = own_deficit(reader, regime=regime, body=body)
    else:
        path = reader.path(measure, regime=regime, organisation=body)
    whole = path[-1] if measure == "reserves" else path.sum(axis=0)
    found = [(year, _knots(path[t])) for t, year in enumerate(years)]
    return [(_ALL, _knots(whole)), *found] if len(years) > 1 else found


def _knots(values: NDArray[np.float64]) -> list[int]:
    flat = values.reshape(-1)
    flat = np.sort(flat[np.isfinite(flat)])
    if flat.size == 0:
        return [0] * len(SHARES)
    places = np.array(SHARES) * (flat.size - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, flat.size - 1)
    knots = flat[low] + (places - low) * (flat[high] - flat[low])
    return [int(x) for x in np.round(knots / STEP)]
