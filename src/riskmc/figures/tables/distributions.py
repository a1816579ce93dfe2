"""Tables of figures of a whole distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riskmc.figures.tables.basic import (
    NAN,
    Difference,
    Mark,
    Share,
    floats,
    freeze,
    same_labels,
    same_length,
    some_regimes,
)


@dataclass(frozen=True, kw_only=True)
class Dots:
    """Equally likely values of one regime, £m: quantiles at (i - 0.5) / n, 50 as a rule."""

    label: str
    values: Sequence[float]

    def __post_init__(self) -> None:
        freeze(self, values=tuple(sorted(floats(self.values))))
        if not self.values:
            raise ValueError("Dots.values is empty")

    @property
    def middle(self) -> float:
        """Return the value in the middle."""
        count = len(self.values)
        return 0.5 * (self.values[(count - 1) // 2] + self.values[count // 2])


@dataclass(frozen=True, kw_only=True)
class DotTable:
    """A distribution as dots for each regime; `marks` are lines to compare it with.

    `measure` says what is shown, `noun` names it in a title. `difference` is that of the
    middle, second less first, for two regimes.
    """

    rows: Sequence[Dots]
    measure: str
    noun: str
    marks: Sequence[Mark] = ()
    difference: Difference | None = None

    def __post_init__(self) -> None:
        freeze(self, rows=tuple(self.rows), marks=tuple(self.marks))
        some_regimes(self, "rows")


@dataclass(frozen=True, kw_only=True)
class ExceedanceCurve:
    """The chance that an amount is exceeded, for one regime.

    amounts  £m, ascending
    chances  the probability that each is exceeded, falling
    points   amounts not exceeded with a given chance: {0.5: ..., 0.8: ..., 0.9: ..., 0.95: ...}
    errors   standard errors of the points
    """

    label: str
    amounts: Sequence[float]
    chances: Sequence[float]
    points: Mapping[float, float] = field(default_factory=dict)
    errors: Mapping[float, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        freeze(self, amounts=floats(self.amounts), chances=floats(self.chances))
        freeze(self, points={float(p): float(v) for p, v in sorted(self.points.items())})
        freeze(self, errors={float(p): float(v) for p, v in self.errors.items()})
        same_length(self, len(self.amounts), "chances")
        if not self.amounts or not self.chances:
            raise ValueError("ExceedanceCurve has no amounts or no chances")


@dataclass(frozen=True, kw_only=True)
class ExceedanceTable:
    """Exceedance curves, with a mark (the reserves held) and the chance of going beyond it.

    `beyond` is that chance for each regime, in the same order, with its interval;
    `difference` the paired one, second less first, for two regimes.
    """

    curves: Sequence[ExceedanceCurve]
    measure: str
    noun: str
    mark: Mark | None = None
    beyond: Sequence[Share] = ()
    difference: Difference | None = None

    def __post_init__(self) -> None:
        freeze(self, curves=tuple(self.curves), beyond=tuple(self.beyond))
        some_regimes(self, "curves")
        if self.beyond:
            same_labels(self.curves, self.beyond)
        if len({tuple(curve.points) for curve in self.curves}) > 1:
            raise ValueError("ExceedanceTable.curves do not have the same points")


@dataclass(frozen=True, kw_only=True)
class CalibrationTable:
    """Do ranges hold as often as they say: a back-test.

    nominal    the chance a range was said to hold, fractions
    observed   how often it held
    low, high  the 95 % interval of `observed`, given how many past values there are
    pit        shares of past values by position in their forecast, equal bins from the lowest
               to the highest; () to leave that panel out
    pit_low, pit_high  where 95 of 100 such shares would lie if the forecasts were right
    cases      how many past values were looked at
    """

    nominal: Sequence[float]
    observed: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    pit: Sequence[float] = ()
    pit_low: float = NAN
    pit_high: float = NAN
    cases: int = 0

    def __post_init__(self) -> None:
        for name in ("nominal", "observed", "low", "high", "pit"):
            freeze(self, **{name: floats(getattr(self, name))})
        if not self.nominal:
            raise ValueError("CalibrationTable.nominal is empty")
        for name in ("observed", "low", "high"):
            if len(getattr(self, name)) != len(self.nominal):
                raise ValueError(f"CalibrationTable.{name} and nominal differ in length")
