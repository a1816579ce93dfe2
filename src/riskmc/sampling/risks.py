"""What the risks of the register cost: each drawn from streams of its own.

A plain risk has one normal a year: it happens where Φ(z) > 1 − p, with a size from the same
normal, as an event of a driver. Streams, by what they are for (a risk is keyed by its name and
organisation; the rows of one event by the event, for all bodies):

| stream | what it gives |
| --- | --- |
| risk | whether it happens and how badly; for a rate, how often; of correlated risks, z = L E |
| risk, chance | a probability that is itself uncertain, once in each future |
| risk, sizes | the sizes of a risk that may happen several times a year |
| cause | the part that risks of one cause share: z = sqrt(λ) M + sqrt(1 − λ) E |
| group | which of the risks of a group happens, and how badly |
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskmc.distributions import (
    Distribution,
    event_at_chances,
    event_from_normal,
    event_threshold,
)
from riskmc.distributions.base import EPSILON, TINY, normal_cdf, normal_quantile
from riskmc.sampling.correlation import components
from riskmc.sampling.layout import KEY_BLOCK
from riskmc.sampling.streams import NATIONAL, Array, Streams
from riskmc.study import Risk, Study
from riskmc.study.risk_correlations import Unit, label, risk_pairs, unit_of

#: Prefix of a risk's key, so that no risk can share a driver's stream.
RISK = "risk"
#: Counts so rare that they are left out.
_RAREST = 1e-13


@dataclass(frozen=True)
class RiskRow:
    """One row of the risk register, ready for drawing.

    Attributes
    ----------
    place, body : int
        Place in the study's register, and of its organisation in the study.
    key, owner : str
        What its streams are keyed by.
    chances : tuple of float
        Probability of each year, or times a year; 0 where it cannot happen.
    uncertain : Distribution or None
        What the probability is drawn from, once in each future.
    slot : tuple of float or None
        Of a risk in a group: the chances of the risks before it in the group, by year.
    mixed : tuple of (str, str, float)
        Of a correlated risk: key and owner of each stream that its normal is made of, with its
        coefficient.
    """

    risk: Risk
    place: int
    body: int
    key: str
    owner: str
    chances: tuple[float, ...]
    uncertain: Distribution | None
    slot: tuple[float, ...] | None
    mixed: tuple[tuple[str, str, float], ...] = ()

    @property
    def last(self) -> int:
        """How many years must be drawn to reach the last in which it can happen."""
        return max((year + 1 for year, chance in enumerate(self.chances) if chance > 0), default=0)


def risk_rows(study: Study) -> tuple[RiskRow, ...]:
    """Return the risk register in an order that does not depend on the study's."""
    order = sorted(range(len(study.risks)), key=lambda place: study.risks[place].key)
    before: dict[str, list[float]] = {}
    mixed = mixed_streams(study)
    rows = []
    for place in order:
        risk = study.risks[place].simulated
        chances = risk.chances(study.year_labels)
        slot = None
        if risk.group is not None:
            sums = before.setdefault(risk.group, [0.0] * study.years)
            slot = tuple(sums)
            before[risk.group] = [a + b for a, b in zip(sums, chances, strict=True)]
        uncertain = risk.probability if isinstance(risk.probability, Distribution) else None
        rows.append(
            RiskRow(
                risk=risk,
                place=place,
                body=study.organisation_ids.index(risk.organisation),
                key=_stream(unit_of(risk))[0],
                owner=_stream(unit_of(risk))[1],
                chances=chances,
                uncertain=uncertain,
                slot=slot,
                mixed=mixed.get(unit_of(risk), ()),
            )
        )
    return tuple(rows)


def _stream(unit: Unit) -> tuple[str, str]:
    """Return key and owner of what a risk, or the risks of one event, are drawn by."""
    name, body = unit
    return (f"{RISK}\0{name}", body) if body else (f"event\0{name}", NATIONAL)


def mixed_streams(study: Study) -> dict[Unit, tuple[tuple[str, str, float], ...]]:
    """Return the streams that the normal of each correlated risk is made of.

    A Gaussian copula: z = L E, with L the lower factor of the correlations of the risks that a
    chain of them joins, in the order of their names, and E the risks' own streams.
    """
    pairs = risk_pairs(study.risks, study.risk_correlations)
    units = sorted({unit for pair in pairs for unit in pair})
    typed = np.eye(len(units))
    for (one, other), value in pairs.items():
        i, j = units.index(one), units.index(other)
        typed[i, j] = typed[j, i] = value
    by_label = {label(unit): unit for unit in units}
    found = {}
    for part in components(list(by_label), typed):
        streams = [_stream(by_label[name]) for name in part.names]
        for name, row in zip(part.names, part.rows, strict=True):
            found[by_label[name]] = tuple((*streams[place], x) for place, x in row)
    return found


def risk_costs(
    rows: tuple[RiskRow, ...], keyed: Streams, years: int, inflation: Array
) -> Iterator[tuple[RiskRow, int, Array]]:
    """Give what each risk costs in each year in which it costs anything, (draw,) [£m].

    inflation  the cost inflation drawn, (T or 1, K, draw or 1): what costs in opening prices
               grow with

    The array is written over as soon as the next is asked for.
    """
    for row in rows:
        paid: list[Array] = []
        for year, cost in enumerate(_occurrences(row, keyed, years)):
            if row.risk.lasts == 1 and row.risk.prices == "cash":
                if row.chances[year] > 0.0:
                    yield row, year, cost
                continue
            paid.append(cost.copy())
            due = sum(paid[max(0, year + 1 - row.risk.lasts) :])
            if isinstance(due, np.ndarray):
                yield row, year, due * _index(row, inflation, year)


def _index(row: RiskRow, inflation: Array, year: int) -> Array | float:
    """Return the body's cost prices in a year over those of the opening position."""
    if row.risk.prices == "cash":
        return 1.0
    grown: Array | float = 1.0
    for earlier in range(year + 1):
        grown = grown * (1.0 + inflation[min(earlier, len(inflation) - 1), row.body])
    return grown


def _occurrences(row: RiskRow, keyed: Streams, years: int) -> Iterator[Array]:
    """Give what happens in each year, (draw,) [£m]; after the last year in which it can, nothing.

    Every year before that is drawn, so that a year's draws do not depend on the years asked for.
    """
    last = min(row.last, years)
    draw = _Draw(row, keyed)
    for year in range(last):
        yield draw.year(year)
    if row.risk.lasts > 1:
        for _ in range(last, min(years, last + row.risk.lasts - 1)):
            yield np.zeros(KEY_BLOCK)


class _Draw:
    """Draws one risk, a year at a time."""

    def __init__(self, row: RiskRow, keyed: Streams) -> None:
        self.row, self.risk = row, row.risk
        self.gone: NDArray[np.bool_] | None = (
            np.zeros(KEY_BLOCK, dtype=np.bool_) if row.risk.once else None
        )
        self._z, self._common = np.empty(KEY_BLOCK), np.empty(KEY_BLOCK)
        if row.slot is not None:
            self._own = keyed.open(f"group\0{row.risk.group}", NATIONAL)
        else:
            self._own = keyed.open(row.key, row.owner)
        self._parts = [(keyed.open(key, owner), x) for key, owner, x in row.mixed]
        cause = row.risk.cause
        self._cause = None if cause is None else keyed.open(f"cause\0{cause}", NATIONAL)
        self._sizes = keyed.open(f"{row.key}\0sizes", row.owner) if row.risk.rate else None
        self._chances: Array | None = None
        if row.uncertain is not None:
            drawn = np.empty(KEY_BLOCK)
            keyed.open(f"{row.key}\0chance", row.owner).fill(drawn)
            self._chances = np.clip(row.uncertain.from_normal(drawn), 0.0, 1.0)

    def year(self, year: int) -> Array:
        """Return the next year's cost; years must be asked for in order."""
        z = self._latent()
        chance = self.row.chances[year]
        if chance <= 0.0:
            z.fill(0.0)
            return z
        if self._sizes is not None:
            return self._several(z, chance)
        happens, cost = self._one(z, year, chance)
        if self.risk.cap is not None:
            np.minimum(cost, self.risk.cap, out=cost)
        if self.gone is not None:
            cost[self.gone] = 0.0
            self.gone |= happens
        return cost

    def _one(self, z: Array, year: int, chance: float) -> tuple[NDArray[np.bool_], Array]:
        """Return where it happens, and what it costs there; may write over z."""
        if self.row.slot is not None:
            return self._in_group(z, self.row.slot[year], chance)
        if self._chances is not None:
            happens = z > -normal_quantile(self._chances)
            return happens, event_at_chances(
                z, chances=self._chances, distribution=self.risk.impact, happens=happens
            )
        happens = z > event_threshold(chance)
        return happens, event_from_normal(
            z, probability=chance, distribution=self.risk.impact, out=z
        )

    def _latent(self) -> Array:
        """Return the year's latent normals: own, correlated, or shared by those of one cause."""
        if self._parts:
            return self._correlated()
        self._own.fill(self._z)
        if self._cause is None or self.risk.shared is None:
            return self._z
        self._cause.fill(self._common)
        self._z *= math.sqrt(1.0 - self.risk.shared)
        self._common *= math.sqrt(self.risk.shared)
        self._z += self._common
        return self._z

    def _correlated(self) -> Array:
        """Return the year's normals, made of those of the risks that this one goes with."""
        self._z.fill(0.0)
        for stream, coefficient in self._parts:
            stream.fill(self._common)
            self._common *= coefficient
            self._z += self._common
        return self._z

    def _in_group(self, z: Array, below: float, chance: float) -> tuple[NDArray[np.bool_], Array]:
        """Return where this risk of its group happens, and what it costs there.

        The group's uniform falls into this risk's slot, counted from the top; where in the slot
        is how bad it is.
        """
        place = (normal_cdf(-z) - below) / chance
        happens = (place >= 0.0) & (place < 1.0)
        cost = np.zeros(KEY_BLOCK)
        share = np.clip(place[happens], TINY, 1.0 - EPSILON)
        cost[happens] = self.risk.impact.from_normal(-normal_quantile(share))
        return happens, cost

    def _several(self, z: Array, rate: float) -> Array:
        """Return the cost of a Poisson number of occurrences, each with a size of its own."""
        counts = np.searchsorted(_count_thresholds(rate), z)
        cost = np.zeros(KEY_BLOCK)
        size = np.empty(KEY_BLOCK)
        assert self._sizes is not None
        for number in range(int(counts.max())):
            self._sizes.fill(size)
            size = self.risk.impact.from_normal(size)
            if self.risk.cap is not None:
                np.minimum(size, self.risk.cap, out=size)
            happens = counts > number
            cost[happens] += size[happens]
        return cost


def _count_thresholds(rate: float) -> Array:
    """Return the z above which a Poisson count exceeds 0, 1, 2 and so on."""
    from scipy.special import ndtri, pdtrc

    highest = int(rate + 10.0 * math.sqrt(rate) + 20.0)
    beyond = np.asarray(pdtrc(np.arange(highest, dtype=np.float64), rate))
    return np.asarray(-ndtri(beyond[beyond > _RAREST]), dtype=np.float64)
