"""Early-warning signs: what, seen after two years, makes a large rescue likelier later.

Each candidate is a number that officers have at the year end. Its threshold is the round number
nearest to what one future in five goes beyond; the sign is as good as the chance of a large
rescue where it fires is above the chance where it does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.driver_features import orders_of_draws
from riskmc.measures.events import LARGE
from riskmc.measures.labels import taken
from riskmc.measures.like_for_like import large_rescue, spending_weights
from riskmc.measures.reading import Reader, ordered
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Floats, Single
from riskmc.variables import CHAIN, DRAW, ORGANISATION, PLACE, YEAR

if TYPE_CHECKING:
    import xarray as xr

#: Years after which signs are read.
AFTER = 2
#: Drivers that signs are made of.
OF_DRIVERS = ("demand_growth", "cost_inflation")
#: A threshold is sought at this share of futures firing, and kept between these.
AIM, RARE, FREQUENT = 0.20, 0.05, 0.30
#: Signs that fire in fewer futures are left out; below this ratio of chances a sign is weak.
FEWEST, WEAK = 200, 1.5

Side = Literal["above", "below"]
Take = Callable[["_History"], Floats | None]


@dataclass(frozen=True)
class Sign:
    """One early-warning sign under one regime.

    Parameters
    ----------
    name : str
        Of the candidate.
    side : Side
        Whether it fires above or below the threshold.
    threshold : float
        In the unit of the candidate.
    unit : str
        "£m", "share of plan" or "fraction a year".
    fires : Single
        Chance that it fires, with its error.
    given : Single
        P(large rescue later, given that it fires).
    otherwise : Single
        P(large rescue later, given that it does not fire).
    """

    name: str
    side: Side
    threshold: float
    unit: str
    fires: Single
    given: Single
    otherwise: Single

    @property
    def ratio(self) -> float:
        """How many times likelier a large rescue is where the sign fires."""
        if self.otherwise.value > 0.0:
            return self.given.value / self.otherwise.value
        return math.inf if self.given.value > 0.0 else 1.0

    @property
    def weak(self) -> bool:
        """Whether it says too little to act on alone: a small ratio, or one that may be chance."""
        return self.ratio < WEAK or not self.given.low > self.otherwise.high


@dataclass(frozen=True)
class _History:
    """What has been seen of one body under one regime by the end of year `after`."""

    reader: Reader
    regime: str
    body: str
    after: int
    drivers: xr.Dataset | None

    def path(self, name: str) -> Floats:
        return self.reader.path(name, regime=self.regime, organisation=self.body)[: self.after]


@dataclass(frozen=True)
class Candidate:
    """A number that officers have at the year end: its name, unit, bad side and how it is had."""

    name: str
    side: Side
    unit: str
    take: Take


def _reserves(seen: _History) -> Floats:
    return np.asarray(seen.path("reserves")[-1])


def _deficit(seen: _History) -> Floats:
    return np.asarray(seen.path("net_deficit")[-1])


def _delivery(seen: _History) -> Floats | None:
    if not seen.reader.has("savings_planned", seen.body):
        return None
    planned = seen.path("savings_planned").sum(axis=0)
    delivered = seen.path("savings_delivered").sum(axis=0)
    share: Floats = np.full(planned.shape, np.inf)
    np.divide(delivered, planned, out=share, where=planned > 0.0)
    return share


def _demand_and_prices(seen: _History) -> Floats | None:
    if seen.drivers is None:
        return None
    orders = orders_of_draws(seen.reader, seen.drivers)
    weights = spending_weights(seen.reader.study(), seen.body)
    total: NDArray[np.float64] | None = None
    for name in OF_DRIVERS:
        array = seen.drivers[name]
        for body, weight in weights.items():
            chosen = array.sel({ORGANISATION: body, YEAR: list(seen.reader.years[: seen.after])})
            values = ordered(taken(chosen, orders), (YEAR, CHAIN, DRAW))
            part = weight * values.mean(axis=0)
            total = part if total is None else total + part
    return total


CANDIDATES: tuple[Candidate, ...] = (
    Candidate("reserves", "below", "£m", _reserves),
    Candidate("deficit", "above", "£m", _deficit),
    Candidate("demand_and_prices", "above", "fraction a year", _demand_and_prices),
    Candidate("savings_delivery", "below", "share of plan", _delivery),
)


def warning_signs(
    results: Source,
    *,
    regime: str,
    organisation: str = PLACE,
    after: int = AFTER,
    above: float = LARGE,
    drivers: xr.Dataset | None = None,
) -> tuple[Sign, ...]:
    """Return the early-warning signs of a large rescue, the strongest first.

    Parameters
    ----------
    results : xarray.DataTree or Results
        As `riskmc.run` gives them.
    regime, organisation : str
        Under which rules, and whose.
    after : int
        Years after which the signs are read; the rescue is one of any later year.
    above : float
        Share of a year's income above which a rescue is large.
    drivers : xarray.Dataset, optional
        The run's drivers, where the results did not keep them; without any, signs that need
        them are left out.

    Returns
    -------
    tuple of Sign
        Empty where the horizon ends too soon. Left out: signs that fire in fewer than 200
        futures, and those without a round threshold that fires in 5 to 30 of 100.

    Raises
    ------
    ResultsError
        For a regime or organisation that is not in the results.

    References
    ----------
    - docs/measures.md, "Warning signs".
    """
    reader = Reader(results)
    reader.need_years_from_opening("a warning sign")
    reader.choose_regimes(regime)
    reader.choose_bodies(organisation)
    if organisation == PLACE:
        reader.need_every_organisation("a warning sign of the place")
    if after < 1:
        raise ResultsError(f"signs are read after one year or more, not after {after}")
    if len(reader.years) <= after:
        return ()
    if drivers is None:
        drivers = reader.view.drivers
    rescue = large_rescue(reader, regime=regime, body=organisation, above=above)
    event: NDArray[np.bool_] = np.logical_or.reduce(rescue[after:], axis=0)
    seen = _History(reader, regime, organisation, after, drivers)
    found = [_sign(candidate, seen, event) for candidate in CANDIDATES]
    return tuple(sorted((s for s in found if s is not None), key=lambda s: (s.weak, -s.ratio)))


def _sign(candidate: Candidate, seen: _History, event: NDArray[np.bool_]) -> Sign | None:
    values = candidate.take(seen)
    if values is None:
        return None
    threshold = round_threshold(values, side=candidate.side)
    if threshold is None:
        return None
    fires = values > threshold if candidate.side == "above" else values < threshold
    count = int(np.count_nonzero(fires))
    if count < FEWEST or count == fires.size:
        return None
    scheme = seen.reader.scheme

    def chance(of: NDArray[np.bool_], valid: NDArray[np.bool_] | None = None) -> Single:
        return estimators.probability(of, scheme=scheme, valid=valid).single()

    return Sign(
        candidate.name,
        candidate.side,
        threshold,
        candidate.unit,
        chance(fires),
        chance(event, fires),
        chance(event, ~fires),
    )


def round_threshold(values: Floats, *, side: Side) -> float | None:
    """Return the round number nearest to what one value in five lies beyond; None without one.

    Round: a digit, or a digit and a half, times a power of ten (for shares near 1, multiples of
    0.05). It must fire in 5 to 30 of 100.
    """
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return None
    aim = float(np.quantile(finite, 1.0 - AIM if side == "above" else AIM))
    scale = 10.0 ** math.floor(math.log10(abs(aim))) if aim != 0.0 else 1.0
    steps = np.arange(-20, 21) * 0.5 * scale
    if 0.3 < aim < 1.2 and side == "below":
        steps = np.arange(0, 25) * 0.05
    for step in sorted(steps.tolist(), key=lambda x: (abs(x - aim), x)):
        rate = float(np.mean(values > step if side == "above" else values < step))
        if RARE <= rate <= FREQUENT:
            return float(f"{step:.6g}")
    return None
