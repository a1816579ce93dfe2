"""The futures that fail, in words: "bailout in 71 of 100 futures where savings fall short".

A small box is searched for: at most a few drivers, each above or below a limit, in which the
event is much likelier than elsewhere. It is sought in one half of the chains and measured in the
other, so that what is printed does not flatter the search.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import horizon_measure
from riskmc.measures.driver_features import Features, dependence_words, features, outcome
from riskmc.measures.reading import Reader
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Single
from riskmc.variables import MONEY, PLACE, driver
from riskmc.words.rounding import digits, rounded

if TYPE_CHECKING:
    import xarray as xr

#: Limits are sought at these shares of futures below.
_SHARES = tuple(round(0.1 * i, 1) for i in range(1, 10))
_FEWEST_EVENTS = 20
#: A further driver must better the score by this much to be worth its words.
_WORTH = 1.05
#: How much the size of a box counts alongside how many of its futures fail.
_BREADTH = 0.4


class Limit(NamedTuple):
    """One side of a box: a driver (and block of years), above or below a value."""

    driver: str
    block: str
    side: str
    value: float


class FailingFutures(NamedTuple):
    """Where failures gather.

    words     the finding in a sentence or two
    limits    the sides of the box
    inside    chance of the event inside the box, with its error
    outside   chance outside it
    overall   chance anywhere
    support   share of all futures that lie in the box
    coverage  share of all events that lie in the box
    """

    words: str
    limits: tuple[Limit, ...]
    inside: Single
    outside: Single
    overall: Single
    support: float
    coverage: float


class _Side(NamedTuple):
    row: int
    side: str
    value: float
    cut: int


def failing_futures(
    results: Source,
    *,
    measure: str = "p_granted",
    above: float | None = None,
    regime: str,
    organisation: str = PLACE,
    drivers: xr.Dataset | None = None,
    of: str = PLACE,
    most: int = 2,
    least_support: float = 0.05,
) -> FailingFutures:
    """Return the box of driver values in which an event gathers, with the chance in it.

    The event: a chance of the headline (such as "p_granted"), or an amount `above` so many £m.
    `most` drivers (1 to 3), together holding at least `least_support` of futures. `of` whose
    drivers.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    measure : str
        A headline measure: a chance, or an amount with `above`.
    above : float, optional
        Amount above which a future fails [£m]; None for a chance.
    regime : str
        Name of a regime.
    organisation : str
        An organisation, or "place"; default "place".
    drivers : xarray.Dataset, optional
        The futures that the results rest on; default: drawn again from the seed.
    of : str
        Organisation whose drivers are read; default "place".
    most : int
        Most drivers that bound the box, 1 to 3.
    least_support : float
        Least share of futures that the box may hold.

    Returns
    -------
    FailingFutures
        The box, its chance, and both in words.

    Raises
    ------
    ResultsError
        Where there are fewer than 20 events in the half searched, or as few futures without.

    References
    ----------
    - Friedman, J. H. and Fisher, N. I., Bump hunting in high-dimensional data, Statistics and
      Computing 9 (1999) 123-143: the idea of a box; how it is sought here is simpler.
    - docs/measures.md, "Failing futures".
    """
    if not 1 <= most <= 3:
        raise ResultsError(f"most={most}: a box of 1 to 3 drivers can be said in words")
    found = features(results, drivers=drivers, organisation=of)
    event, good, words = _event(results, measure, above, regime, organisation)
    if not good.all():  # whole columns of draws, so that chains stay of one length
        columns = good.all(axis=0)
        event, found = event[:, columns], found._replace(values=found.values[:, :, columns])
    half = np.arange(len(event)) % 2 == 0
    if half.all():
        raise ResultsError("one chain cannot be halved: ask for more draws")
    sought, seen = event[half], int(event[half].sum())
    if min(seen, sought.size - seen) < _FEWEST_EVENTS:
        raise ResultsError(
            f"{seen} events in {sought.size:,} futures are too few (or too many) to show where "
            "they gather: it takes 20 of either kind"
        )
    sides = _search(found.values[:, half], sought, most, least_support)
    limits = tuple(Limit(*found.names[s.row], s.side, s.value) for s in sides)
    inside = _inside(found.values[:, ~half], sides)
    return _finding(words, limits, event[~half], inside, Reader(results).scheme, found)


def _event(
    results: Source, measure: str, above: float | None, regime: str, organisation: str
) -> tuple[Bools, Bools, str]:
    """Return in which draws it happens, which are finite, and what it is called."""
    row = horizon_measure(measure)
    explained = outcome(results, measure=measure, regime=regime, organisation=organisation)
    good = np.isfinite(explained.values)
    if explained.valid is not None:
        good &= explained.valid
    label = row.label.split(",")[0]
    if row.kind == "probability":
        words = label.removeprefix("P(").removesuffix(")")
        return explained.values > 0.5, good, words[0].upper() + words[1:]
    if above is None:
        raise ResultsError(f"'{measure}' is an amount: say above how many £m it counts")
    return explained.values > above, good, f"{label} above £{above:,g}m"


def _search(
    values: NDArray[np.float64], event: Bools, most: int, least: float
) -> tuple[_Side, ...]:
    """Return the best box of up to `most` sides, by (density - base) * support^0.4."""
    flat = values.reshape(len(values), -1)
    happened = event.reshape(-1)
    cuts = [round_cuts(row) for row in flat]
    bins = [np.searchsorted(c, row, side="right") for c, row in zip(cuts, flat, strict=True)]
    base = float(happened.mean())
    every = np.ones(happened.size, dtype=bool)
    best, score = _best_single(bins, cuts, happened, every, base, least)
    if not best or most == 1:
        return best
    pair, pair_score = _best_pair(bins, cuts, happened, base, least)
    if pair_score > _WORTH * score:
        best, score = pair, pair_score
    if most == 2 or len(best) < 2:
        return best
    within = _inside(values, best).reshape(-1)
    third, third_score = _best_single(bins, cuts, happened, within, base, least)
    if third and third_score > _WORTH * score and third[0].row not in {s.row for s in best}:
        return (*best, *third)
    return best


def round_cuts(row: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return limits near the deciles of a driver, rounded so that they can be said in words."""
    deciles = np.quantile(row, _SHARES)
    width = float(deciles[-1] - deciles[0]) or float(np.ptp(row))
    step = 10.0 ** math.floor(math.log10(width / 8.0))
    found: NDArray[np.float64] = np.unique(np.round(np.round(deciles / step) * step, 12))
    return found


def _best_single(
    bins: list[NDArray[np.intp]],
    cuts: list[NDArray[np.float64]],
    happened: Bools,
    within: Bools,
    base: float,
    least: float,
) -> tuple[tuple[_Side, ...], float]:
    best: tuple[_Side, ...] = ()
    highest = 0.0
    for row, (own, values) in enumerate(zip(bins, cuts, strict=True)):
        size = len(values) + 1
        numbers = np.bincount(own[within], minlength=size).astype(float)
        events = np.bincount(own[within & happened], minlength=size).astype(float)
        for side, (n, e) in _both_sides(numbers, events).items():
            score = _score(n, e, base, happened.size, least)
            place = int(np.argmax(score))
            if score[place] > highest:
                highest = float(score[place])
                best = (_Side(row, side, float(values[place]), place),)
    return best, highest


def _both_sides(
    numbers: NDArray[np.float64], events: NDArray[np.float64]
) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return counts below and from each cut on: cut i parts bins 0..i from the rest."""
    below = numbers.cumsum()[:-1], events.cumsum()[:-1]
    return {
        "below": below,
        "above": (numbers.sum() - below[0], events.sum() - below[1]),
    }


def _score(
    numbers: NDArray[np.float64],
    events: NDArray[np.float64],
    base: float,
    total: int,
    least: float,
) -> NDArray[np.float64]:
    density = np.divide(events, numbers, out=np.zeros(numbers.shape), where=numbers > 0.0)
    support = numbers / total
    found: NDArray[np.float64] = (density - base) * support**_BREADTH * (support >= least)
    return found


def _best_pair(
    bins: list[NDArray[np.intp]],
    cuts: list[NDArray[np.float64]],
    happened: Bools,
    base: float,
    least: float,
) -> tuple[tuple[_Side, ...], float]:
    best: tuple[_Side, ...] = ()
    highest = 0.0
    for i in range(len(bins)):
        for j in range(i):
            shape = (len(cuts[i]) + 1, len(cuts[j]) + 1)
            place = bins[i] * shape[1] + bins[j]
            numbers = np.bincount(place, minlength=shape[0] * shape[1])
            events = np.bincount(place[happened], minlength=shape[0] * shape[1])
            corners = _corners(
                numbers.reshape(shape).astype(float), events.reshape(shape).astype(float)
            )
            for (one, other), (n, e) in corners.items():
                score = _score(n, e, base, happened.size, least)
                if score.size == 0 or score.max() <= highest:
                    continue
                highest = float(score.max())
                a, b = (int(k) for k in np.unravel_index(np.argmax(score), score.shape))
                best = (_Side(i, one, float(cuts[i][a]), a), _Side(j, other, float(cuts[j][b]), b))
    return best, highest


def _corners(
    numbers: NDArray[np.float64], events: NDArray[np.float64]
) -> dict[tuple[str, str], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return counts of every corner box that two cuts make."""

    def corner(counts: NDArray[np.float64], one: str, other: str) -> NDArray[np.float64]:
        for axis, side in enumerate((one, other)):
            sums = counts.cumsum(axis=axis)
            whole = np.take(sums, [-1], axis=axis)
            below = np.delete(sums, -1, axis=axis)
            counts = below if side == "below" else whole - below
        return counts

    names = ("below", "above")
    return {
        (one, other): (corner(numbers, one, other), corner(events, one, other))
        for one in names
        for other in names
    }


def _inside(values: NDArray[np.float64], sides: tuple[_Side, ...]) -> Bools:
    found: Bools = np.ones(values.shape[1:], dtype=bool)
    for side in sides:
        row = values[side.row]
        found &= row < side.value if side.side == "below" else row >= side.value
    return found


def _finding(
    words: str,
    limits: tuple[Limit, ...],
    event: Bools,
    inside: Bools,
    scheme: str,
    found: Features,
) -> FailingFutures:
    overall = estimators.probability(event, scheme=scheme).single()
    if not limits or not inside.any() or inside.all():
        text = f"{words} in {_of_100(overall)} futures; no driver shows where they gather."
        return FailingFutures(text, (), overall, overall, overall, 1.0, 1.0)
    one = estimators.probability(event, scheme=scheme, valid=inside).single()
    other = estimators.probability(event, scheme=scheme, valid=~inside).single()
    support = float(inside.mean())
    coverage = float((event & inside).sum() / max(int(event.sum()), 1))
    where = " and ".join(limit_words(limit) for limit in limits)
    text = (
        f"{words} in {_of_100(one)} futures where {where}; in {_of_100(other)} of the others. "
        f"This describes {100 * support:.0f} of 100 futures."
    )
    named = {(limit.driver, limit.block) for limit in limits}
    rows = [i for i, name in enumerate(found.names) if name in named]
    said = dependence_words(Features(tuple(found.names[i] for i in rows), found.values[rows]))
    if "rank correlation" in said:
        text += " " + said[0].upper() + said[1:].split(". What")[0] + "."
    return FailingFutures(text, limits, one, other, overall, support, coverage)


def _of_100(chance: Single) -> str:
    if chance.bound:
        return "nearly 100 of 100" if chance.value > 0.5 else "fewer than 1 in 100"
    decimals = min(digits(100.0 * chance.value, 100.0 * chance.mcse), 0)
    about = "about " if decimals < 0 else ""
    count = rounded(100.0 * chance.value, decimals)
    if count == "0":
        return "fewer than 1 in 100" if decimals == 0 else "few of 100"
    return f"{about}{count} of 100"


def limit_words(limit: Limit) -> str:
    """Say a limit in words: "savings delivery is under 80 %"."""
    name = limit.driver.replace("_", " ")
    side = "under" if limit.side == "below" else "at or above"
    if driver(limit.driver).unit == MONEY:
        level = f"£{limit.value:.6g}m"
    else:
        level = f"{100.0 * limit.value:.6g} %"
    block = "" if limit.block == "all years" else f" in {limit.block}"
    return f"{name}{block} is {side} {level}"
