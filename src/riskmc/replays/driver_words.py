"""A year's drivers in words, alongside what planners expected: the sentences of the register."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from riskmc.replays.future import Floats, Future
from riskmc.replays.words import against, listed, month, percent, pounds, signed
from riskmc.rules.settlement import is_review_year
from riskmc.study import Regime
from riskmc.study.settlement import ScopedName
from riskmc.variables import DRIVERS, PLACE, Driver

#: Bodies are distinguished where a driver spreads wider than this, as a fraction.
_SPREAD = 5e-4
_FATES = {
    "exposed": "lost at once",
    "deferred": "left to the next review",
    "protected": "not taken",
}


def what_happened(future: Future, year: int, body: str, regimes: list[int]) -> Iterator[str]:
    """Describe a year's drivers, one sentence each; those that stay neutral are left out.

    What is drawn to decide a request is said of a body, not of the place.
    """
    for row in DRIVERS:
        if row.source == "risks":
            yield from _one_offs(future, year, body)
        elif not (row.source == "uniform" and body == PLACE):
            bodies = _touched(future, row, body)
            drawn = DriverYear(future, row, year, body, bodies, regimes) if bodies else None
            if drawn is not None and (drawn.values.any() or not row.rare):
                yield drawn.sentence()


class DriverYear:
    """A driver in one year: its average over bodies, by body, and the slots of its sentence."""

    def __init__(
        self,
        future: Future,
        row: Driver,
        year: int,
        body: str,
        bodies: list[int],
        regimes: list[int],
    ) -> None:
        self.future, self.row, self.year, self.body = future, row, year, body
        self.bodies, self.regimes = bodies, regimes
        self.values = future.driver(row.name, year, bodies)
        self._weights = _weights(future, row, bodies)
        self.value = self.average(self.values)

    def sentence(self) -> str:
        """Return what the register says of the driver, its slots filled in."""
        return self.row.sentence.format_map(_Slots(self))

    def average(self, values: Floats) -> float:
        """Return the mean over bodies, weighted by what the driver acts on."""
        with np.errstate(invalid="ignore"):  # a driver that is not finite is printed as such
            return float((values * self._weights).sum())

    def expected(self) -> float:
        """Return what planners expect."""
        return self.average(self.future.study.expected(self.row.name)[self.year, self.bodies])

    def mean(self) -> float | None:
        """Return the mean of the driver's distribution; None on user-supplied futures."""
        if self.future.attributes.get("drivers_from", "the study") != "the study":
            return None
        ids = [self.future.study.organisation_ids[k] for k in self.bodies]
        drivers = [self.future.study.driver(self.row.name, name) for name in ids]
        means = [
            math.nan if driver is None else driver.in_year(self.year).mean for driver in drivers
        ]
        found = self.average(np.array(means))
        return found if math.isfinite(found) else None

    def regimes_shown(self) -> list[Regime]:
        """Return the regimes shown side by side."""
        everything = list(self.future.study.regimes.values())
        return [everything[r] for r in self.regimes]

    def settled(self, regime: Regime, name: ScopedName) -> dict[Any, str]:
        """Return what the settlement says, and for whom where it is not the same for all."""
        said: dict[Any, list[str]] = {}
        for body in (self.future.study.organisations[k] for k in self.bodies):
            value = regime.settlement.of(name, kind=body.kind, organisation=body.id)
            if isinstance(value, tuple):  # a list by year: the last holds on
                value = value[min(self.year, len(value) - 1)]
            said.setdefault(value, []).append(body.id)
        if len(said) == 1:
            return dict.fromkeys(said, "")
        return {value: f" for {listed(who)}" for value, who in said.items()}


class _Slots(dict[str, str]):
    """Fills in the slots of a sentence as they are met; KeyError for one that is not known."""

    def __init__(self, drawn: DriverYear) -> None:
        super().__init__()
        self._drawn = drawn

    def __missing__(self, name: str) -> str:
        return SLOTS[name](self._drawn)


def _on_average(drawn: DriverYear) -> str:
    mean = drawn.mean()
    return "" if mean is None else f" (on average {percent(mean)})"


def _usual_pounds(drawn: DriverYear) -> str:
    mean = drawn.mean()
    return "" if mean is None else f" (on average £{mean:.2f})"


def _spread(drawn: DriverYear) -> str:
    """Return who lies lowest and highest, where bodies differ."""
    values = drawn.values
    low, high = int(np.argmin(values)), int(np.argmax(values))
    if not np.isfinite(values).all() or values[high] - values[low] <= _SPREAD:
        return ""
    ids = drawn.future.study.organisation_ids
    ends = [f"{signed(float(values[i]))} ({ids[drawn.bodies[i]]})" for i in (low, high)]
    return f"; from {ends[0]} to {ends[1]}"


def _whom(drawn: DriverYear) -> str:
    """Return which bodies it happened to, where it spared some of the place."""
    hit = [k for k, value in zip(drawn.bodies, drawn.values, strict=True) if value != 0.0]
    if drawn.body != PLACE or len(hit) == len(drawn.bodies):
        return ""
    ids = drawn.future.study.organisation_ids
    if len(hit) > 4:
        return f", at {len(hit)} of {len(drawn.bodies)} bodies"
    return f", at {', '.join(ids[k] for k in hit)}"


def _off_plan(drawn: DriverYear) -> str:
    if abs(drawn.value) < 5e-5:
        return "what was planned"
    return f"{percent(drawn.value)} {'more' if drawn.value > 0.0 else 'less'} than planned"


def _waits(drawn: DriverYear) -> str:
    """Return under which regimes a shock waits for the next review."""
    waits = [
        f"{regime.label}{whom}"
        for regime in drawn.regimes_shown()
        for period, whom in drawn.settled(regime, "period").items()
        if not is_review_year(year=drawn.year + 1, period=period)
    ]
    return f" (under {listed(waits)} this waits for the next review)" if waits else ""


def _fates(drawn: DriverYear) -> str:
    """Return what became of a cut under each regime."""
    said: dict[str, list[str]] = {}
    for regime in drawn.regimes_shown():
        for choice, whom in drawn.settled(regime, "in_year_cuts").items():
            said.setdefault(_FATES[choice], []).append(f"{regime.label}{whom}")
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{what} under {listed(who)}" for what, who in said.items())


def _asked_of(drawn: DriverYear) -> str:
    """Return the value that decides; a pool has that of the member whose id sorts first."""
    future = drawn.future
    chances: dict[str, list[str]] = {}
    for r, regime in zip(drawn.regimes, drawn.regimes_shown(), strict=True):
        holder = future.holder(r, drawn.body)
        bodies = drawn.bodies if holder is None else list(holder.members)
        asked = min(bodies, key=lambda k: future.study.organisation_ids[k])
        chance = percent(float(future.driver(drawn.row.name, drawn.year, [asked])[0]))
        chances.setdefault(chance, []).append(regime.label)
    above = [f"{chance} under {listed(who)}" for chance, who in chances.items()]
    return next(iter(chances)) if len(chances) == 1 else "; ".join(above)


#: What may be in braces in a driver's sentence.
SLOTS: dict[str, Callable[[DriverYear], str]] = {
    "size": lambda drawn: percent(drawn.value),
    "grew": lambda drawn: "grew" if drawn.value >= 0.0 else "fell",
    "rose": lambda drawn: "rose" if drawn.value >= 0.0 else "fell",
    "underspent": lambda drawn: "underspent" if drawn.value >= 0.0 else "overspent",
    "against": lambda drawn: against(drawn.value, drawn.expected()),
    "spread": _spread,
    "whom": _whom,
    "on_average": _on_average,
    "off_plan": _off_plan,
    "waits": _waits,
    "fates": _fates,
    "month": lambda drawn: month(drawn.value),
    "pounds_each": lambda drawn: (
        f"{'minus ' if drawn.value <= -0.005 else ''}£{abs(drawn.value):.2f}"
    ),
    "usual_pounds": _usual_pounds,
    "asked_of": _asked_of,
}


def _weights(future: Future, row: Driver, bodies: list[int]) -> Floats:
    figure = row.acts_on or "cost"
    sizes = np.array([getattr(future.study.organisations[k], figure) for k in bodies])
    total = float(sizes.sum())
    return sizes / total if total > 0.0 else np.full(len(bodies), 1.0 / len(bodies))


def _touched(future: Future, row: Driver, body: str) -> list[int]:
    """Return the bodies for which a driver varies, and that have what it acts on."""
    own = future.attributes.get("drivers_from", "the study") != "the study"
    study = future.study
    bodies = [
        k
        for k in future.members(body)
        if own or study.driver(row.name, study.organisation_ids[k]) is not None
    ]
    if not row.acts_on:
        return bodies
    return [k for k in bodies if getattr(study.organisations[k], row.acts_on) > 0.0]


def _one_offs(future: Future, year: int, body: str) -> Iterator[str]:
    members = future.members(body)
    happened = future.risks(year, members)
    if happened is not None:
        for risk in happened:
            where = f" ({risk.organisation})" if body == PLACE else ""
            yield f"It happened: {risk.name}{where}, {pounds(risk.cost)}."
        return
    cost = float(future.driver("one_off_cost", year, members).sum())
    if cost != 0.0:
        yield f"One-off risks that happened cost {pounds(cost)}."
