"""Tables of figures of amounts: bridges, swings, reserves needed, a statement's lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskmc.figures.tables.basic import (
    NAN,
    Difference,
    Mark,
    floats,
    freeze,
    same_length,
    some_regimes,
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a bridge, £m: a change, or (`total`) the level reached so far."""

    label: str
    value: float
    total: bool = False
    error: float = NAN


@dataclass(frozen=True, kw_only=True)
class WaterfallTable:
    """A bridge in steps, from the first total to the last: plan to P50 to P80, or one future.

    The first and the last step are totals; each total is what the steps before it add up to, or
    ValueError. `worse` says which direction is adverse: "up" for a deficit, "down" for reserves.
    """

    steps: Sequence[Step]
    measure: str
    worse: str = "up"

    def __post_init__(self) -> None:
        freeze(self, steps=tuple(self.steps))
        if len(self.steps) < 2 or not (self.steps[0].total and self.steps[-1].total):
            raise ValueError("WaterfallTable.steps do not start and end with a total")
        if self.worse not in ("up", "down"):
            raise ValueError(f"WaterfallTable.worse is '{self.worse}', not 'up' or 'down'")
        level = self.steps[0].value
        scale = max(abs(step.value) for step in self.steps)
        for step in self.steps[1:]:
            level = level if step.total else level + step.value
            if step.total and abs(level - step.value) > 1e-6 * max(scale, 1e-9):
                raise ValueError(f"'{step.label}' is {step.value:.6g}; steps reach {level:.6g}")


@dataclass(frozen=True, kw_only=True)
class Swing:
    """A driver's effect, £m: the mean where it is at its low end, and at its high end.

    `low` and `high` are means given the driver at its 10th and 90th percentile; `share` is what
    part of the variance (or which value of information) goes with it, where known.
    """

    label: str
    low: float
    high: float
    share: float = NAN
    error: float = NAN


@dataclass(frozen=True, kw_only=True)
class TornadoTable:
    """What drives a measure: a bar a driver, drawn in order of their swings; `centre` its mean."""

    bars: Sequence[Swing]
    centre: float
    measure: str
    noun: str

    def __post_init__(self) -> None:
        ordered = sorted(self.bars, key=lambda bar: -abs(bar.high - bar.low))
        freeze(self, bars=tuple(ordered))
        if not self.bars:
            raise ValueError("TornadoTable.bars is empty")


@dataclass(frozen=True, kw_only=True)
class ConfidenceCurve:
    """Reserves needed so that they last with a given confidence, for one regime.

    confidence  chance that reserves are not exhausted, ascending fractions
    reserves    what must be held at the start, £m; low and high: its 95 % interval
    """

    label: str
    confidence: Sequence[float]
    reserves: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()

    def __post_init__(self) -> None:
        for name in ("confidence", "reserves", "low", "high"):
            freeze(self, **{name: floats(getattr(self, name))})
        count = len(self.confidence)
        if not count or len(self.reserves) != count:
            raise ValueError("ConfidenceCurve.confidence and reserves differ in length, or empty")
        same_length(self, count, "low", "high")
        for name in ("low", "high"):
            freeze(self, **{name: getattr(self, name) or (NAN,) * count})


@dataclass(frozen=True, kw_only=True)
class ConfidenceTable:
    """Reserves against confidence for each regime; `rules` are customary amounts beside it.

    `target` is the confidence that the title speaks of: a value of every curve's `confidence`.
    `held` is what is held now. `difference` is that of the reserves at the target, second less
    first, for two regimes.
    """

    curves: Sequence[ConfidenceCurve]
    subject: str
    horizon: str
    target: float = 0.9
    rules: Sequence[Mark] = ()
    held: Mark | None = None
    difference: Difference | None = None

    def __post_init__(self) -> None:
        freeze(self, curves=tuple(self.curves), rules=tuple(self.rules))
        some_regimes(self, "curves")
        for curve in self.curves:
            if min(abs(c - self.target) for c in curve.confidence) > 1e-9:
                raise ValueError(f"ConfidenceTable.target {self.target} is not on every curve")

    def at_target(self, curve: ConfidenceCurve) -> int:
        """Return where the target stands in a curve's confidence."""
        return min(
            range(len(curve.confidence)), key=lambda i: abs(curve.confidence[i] - self.target)
        )


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line of the officer's statement, £m, beside what the simulation gives for it."""

    label: str
    stated: float
    low: float
    middle: float
    high: float
    error: float = NAN


@dataclass(frozen=True, kw_only=True)
class StatementTable:
    """The section 25 statement's figures beside the simulation: low to high holds 80 of 100."""

    lines: Sequence[StatementLine]
    measure: str

    def __post_init__(self) -> None:
        freeze(self, lines=tuple(self.lines))
        if not self.lines:
            raise ValueError("StatementTable.lines is empty")
        for line in self.lines:
            if not line.low <= line.middle <= line.high:
                raise ValueError(f"'{line.label}': low, middle and high are not in order")
