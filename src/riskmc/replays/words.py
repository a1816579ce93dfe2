"""A year's drivers in words, beside what planners expected, and figures as a story prints them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from riskmc.replays.future import Floats, Future
from riskmc.rules.settlement import is_review_year
from riskmc.study import Regime
from riskmc.study.settlement import ScopedName
from riskmc.variables import PLACE

# fmt: off
_MONTHS = (
    "April", "May", "June", "July", "August", "September",
    "October", "November", "December", "January", "February", "March",
)
# fmt: on
#: What a driver acts on: weights of an average over the place.
_ACTS_ON = {
    "funding_shock": "grant",
    "in_year_cut": "grant",
    "tax_shock": "local_tax",
}
#: Bodies are told apart where a driver spreads wider than this, as a fraction.
_SPREAD = 5e-4


def pounds(amount: float) -> str:
    """Return money in £m as text: two decimals below £10m, one above; no sign.

    >>> pounds(-12.34), pounds(0.5), pounds(0.0001), pounds(0.0)
    ('£12.3m', '£0.50m', 'under £0.01m', '£0.00m')
    """
    if not math.isfinite(amount):
        return "not finite"
    size = abs(amount)
    if 0.0 < size < 0.005:
        return "under £0.01m"
    return f"£{size:,.2f}m" if size < 9.995 else f"£{size:,.1f}m"


def percent(share: float) -> str:
    """Return a fraction as per cent: one decimal, two below 1 %; its sign left out.

    >>> percent(0.031), percent(-0.0042)
    ('3.1 %', '0.42 %')
    """
    if not math.isfinite(share):
        return "not finite"
    size = abs(100.0 * share)
    return f"{size:.2f} %" if 0.0 < size < 0.995 else f"{size:.1f} %"


def against(value: float, expected: float) -> str:
    """Return how far a rate lies from what was expected, in points.

    >>> against(0.031, 0.02), against(0.02, 0.02)
    ('1.1 points more than the 2.0 % planners expected', 'the 2.0 % planners expected')
    """
    points = 100.0 * (value - expected)
    stated = f"the {_signed(expected)} planners expected"
    if not math.isfinite(points) or abs(points) < 0.05:
        return stated
    return f"{abs(points):.1f} points {'more' if points > 0.0 else 'less'} than {stated}"


def _signed(share: float) -> str:
    return f"{'minus ' if share < 0.0 else ''}{percent(share)}"


def month(recognition: float) -> str:
    """Return the month in which a share of the year has gone, 0 being April.

    >>> month(0.0), month(0.5), month(1.0)
    ('April', 'October', 'March')
    """
    if not math.isfinite(recognition):
        return "a month that is not finite"
    return _MONTHS[min(max(int(12.0 * recognition), 0), 11)]


def what_happened(future: Future, year: int, body: str, regimes: list[int]) -> Iterator[str]:
    """Tell a year's drivers, one sentence each; those that stay neutral are left out."""
    for name, sentence in _SENTENCES.items():
        bodies = _touched(future, name, body)
        if bodies:
            yield from sentence(_Told(future, name, year, body, bodies, regimes))
    yield from _one_offs(future, year, body)


class _Told:
    """A driver in one year: its average over bodies, and by body."""

    def __init__(
        self,
        future: Future,
        name: str,
        year: int,
        body: str,
        bodies: list[int],
        regimes: list[int],
    ) -> None:
        self.future, self.name, self.year, self.body = future, name, year, body
        self.bodies, self.regimes = bodies, regimes
        self.values = future.driver(name, year, bodies)
        self._weights = _weights(future, name, bodies)
        self.value = self.average(self.values)

    def average(self, values: Floats) -> float:
        """Return the mean over bodies, weighted by what the driver acts on."""
        with np.errstate(invalid="ignore"):  # a driver that is not finite is told as such
            return float((values * self._weights).sum())

    def expected(self) -> float:
        """Return what planners expect."""
        return self.average(self.future.study.expected(self.name)[self.year, self.bodies])

    def mean(self) -> float | None:
        """Return the mean of the driver's distribution; None on one's own futures."""
        if self.future.attributes.get("drivers_from", "the study") != "the study":
            return None
        ids = [self.future.study.organisation_ids[k] for k in self.bodies]
        drivers = [self.future.study.driver(self.name, name) for name in ids]
        means = [
            math.nan if driver is None else driver.in_year(self.year).mean for driver in drivers
        ]
        found = self.average(np.array(means))
        return found if math.isfinite(found) else None

    def on_average(self) -> str:
        """Return the mean of the distribution in brackets."""
        mean = self.mean()
        return "" if mean is None else f" (on average {percent(mean)})"

    def spread(self) -> str:
        """Return who lies lowest and highest, where bodies differ."""
        low, high = int(np.argmin(self.values)), int(np.argmax(self.values))
        if not np.isfinite(self.values).all() or self.values[high] - self.values[low] <= _SPREAD:
            return ""
        ids = self.future.study.organisation_ids
        ends = [f"{_signed(float(self.values[i]))} ({ids[self.bodies[i]]})" for i in (low, high)]
        return f"; from {ends[0]} to {ends[1]}"

    def whom(self) -> str:
        """Return which bodies it happened to, where it spared some of the place."""
        hit = [k for k, value in zip(self.bodies, self.values, strict=True) if value != 0.0]
        if self.body != PLACE or len(hit) == len(self.bodies):
            return ""
        ids = self.future.study.organisation_ids
        if len(hit) > 4:
            return f", at {len(hit)} of {len(self.bodies)} bodies"
        return f", at {', '.join(ids[k] for k in hit)}"


def _weights(future: Future, name: str, bodies: list[int]) -> Floats:
    figure = _ACTS_ON.get(name, "cost")
    sizes = np.array([getattr(future.study.organisations[k], figure) for k in bodies])
    total = float(sizes.sum())
    return sizes / total if total > 0.0 else np.full(len(bodies), 1.0 / len(bodies))


def _touched(future: Future, name: str, body: str) -> list[int]:
    """Return the bodies for which a driver varies, and that have what it acts on."""
    own = future.attributes.get("drivers_from", "the study") != "the study"
    ids = future.study.organisation_ids
    bodies = [
        k for k in future.members(body) if own or future.study.driver(name, ids[k]) is not None
    ]
    figure = _ACTS_ON.get(name)
    if figure is None:
        return bodies
    return [k for k in bodies if getattr(future.study.organisations[k], figure) > 0.0]


def _need(told: _Told) -> Iterator[str]:
    way = "grew" if told.value >= 0.0 else "fell"
    compared = against(told.value, told.expected())
    yield f"Need {way} by {percent(told.value)}: {compared}{told.spread()}."


def _prices(told: _Told) -> Iterator[str]:
    way = "rose" if told.value >= 0.0 else "fell"
    compared = against(told.value, told.expected())
    yield f"Pay and prices {way} by {percent(told.value)}: {compared}{told.spread()}."


def _funding(told: _Told) -> Iterator[str]:
    waits = [
        f"{regime.label}{whom}"
        for regime in _regimes(told)
        for period, whom in _settled(told, regime, "period").items()
        if not is_review_year(year=told.year + 1, period=period)
    ]
    later = f" (under {_listed(waits)} this waits for the next review)" if waits else ""
    yield f"Central funding came to {_off_plan(told)}{told.spread()}{later}."


def _settled(told: _Told, regime: Regime, name: ScopedName) -> dict[Any, str]:
    """Return what the settlement says, and for whom where it is not the same for all."""
    bodies = [told.future.study.organisations[k] for k in told.bodies]
    said: dict[Any, list[str]] = {}
    for body in bodies:
        value = regime.settlement.of(name, kind=body.kind, organisation=body.id)
        said.setdefault(value, []).append(body.id)
    if len(said) == 1:
        return dict.fromkeys(said, "")
    return {value: f" for {_listed(who)}" for value, who in said.items()}


def _tax(told: _Told) -> Iterator[str]:
    yield f"The local tax base came to {_off_plan(told)}{told.spread()}."


def _off_plan(told: _Told) -> str:
    if abs(told.value) < 5e-5:
        return "what was planned"
    return f"{percent(told.value)} {'more' if told.value > 0.0 else 'less'} than planned"


def _cut(told: _Told) -> Iterator[str]:
    if not told.values.any():
        return
    fate = {
        "exposed": "lost at once",
        "deferred": "left to the next review",
        "protected": "not taken",
    }
    said: dict[str, list[str]] = {}
    for regime in _regimes(told):
        for choice, whom in _settled(told, regime, "in_year_cuts").items():
            said.setdefault(fate[choice], []).append(f"{regime.label}{whom}")
    fates = (
        next(iter(said))
        if len(said) == 1
        else "; ".join(f"{what} under {_listed(who)}" for what, who in said.items())
    )
    yield f"The centre cut {percent(told.value)} of the grant in the year{told.whom()}: {fates}."


def _recognition(told: _Told) -> Iterator[str]:
    yield f"A shortfall would be seen in {month(told.value)}."


def _delivery(told: _Told) -> Iterator[str]:
    delivered = f"{percent(told.value)} of the savings asked for"
    yield f"Savings delivered {delivered}{told.on_average()}{told.spread()}."


def _recurrent(told: _Told) -> Iterator[str]:
    yield f"Of what was delivered {percent(told.value)} recurs{told.on_average()}."


def _burden(told: _Told) -> Iterator[str]:
    if told.values.any():
        yield f"New central mandates added {percent(told.value)} to costs{told.whom()}."


def _yield(told: _Told) -> Iterator[str]:
    mean = told.mean()
    usual = "" if mean is None else f" (on average £{mean:.2f})"
    saved = f"{'minus ' if told.value <= -0.005 else ''}£{abs(told.value):.2f}"
    yield f"£1 put into prevention this year saves {saved} a year from the next{usual}."


def _rescue(told: _Told) -> Iterator[str]:
    """Tell the centre's mood; a pool meets that of the member whose id sorts first."""
    if told.body == PLACE:
        return
    future = told.future
    moods: dict[str, list[str]] = {}
    for r, regime in zip(told.regimes, _regimes(told), strict=True):
        holder = future.holder(r, told.body)
        bodies = told.bodies if holder is None else list(holder.members)
        asked = min(bodies, key=lambda k: future.study.organisation_ids[k])
        mood = percent(float(future.driver(told.name, told.year, [asked])[0]))
        moods.setdefault(mood, []).append(regime.label)
    above = [f"{mood} under {_listed(who)}" for mood, who in moods.items()]
    said = next(iter(moods)) if len(moods) == 1 else "; ".join(above)
    yield f"Asked for a bailout, the centre would say yes where its chance is above {said}."


_SENTENCES = {
    "demand_growth": _need,
    "cost_inflation": _prices,
    "funding_shock": _funding,
    "tax_shock": _tax,
    "in_year_cut": _cut,
    "new_burden": _burden,
    "recognition": _recognition,
    "savings_delivery": _delivery,
    "recurrent_share": _recurrent,
    "prevention_yield": _yield,
    "rescue": _rescue,
}


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


def _regimes(told: _Told) -> list[Regime]:
    everything = list(told.future.study.regimes.values())
    return [everything[r] for r in told.regimes]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
