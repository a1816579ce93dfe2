"""Tables of figures that compare two regimes on the same futures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskmc.figures.tables.basic import (
    NAN,
    Difference,
    Share,
    floats,
    freeze,
)


@dataclass(frozen=True, kw_only=True)
class PairedPanel:
    """Per-future differences, second regime less first, as 50 equally likely values (£m).

    better  chance that the second regime does better; tie: that they are the same
    mean    the mean difference with its interval
    label   what distinguishes the panel: "rules alone", "with behaviour"; "" for a single one
    """

    values: Sequence[float]
    better: Share
    tie: float = 0.0
    mean: Difference | None = None
    label: str = ""

    def __post_init__(self) -> None:
        freeze(self, values=tuple(sorted(floats(self.values))))
        if not self.values:
            raise ValueError("PairedPanel.values is empty")
        if not 0.0 <= self.better.value + self.tie <= 1.0 + 1e-9:
            raise ValueError("PairedPanel.better and tie add up to more than 1")


@dataclass(frozen=True, kw_only=True)
class PairedTable:
    """Two regimes on the same futures: `first` and `second` are their names.

    `lower_is_better` says whether less of the measure is good: deficits yes, reserves no.
    """

    panels: Sequence[PairedPanel]
    first: str
    second: str
    measure: str
    lower_is_better: bool = True

    def __post_init__(self) -> None:
        freeze(self, panels=tuple(self.panels))
        if not self.panels:
            raise ValueError("PairedTable.panels is empty")


@dataclass(frozen=True, kw_only=True)
class TippingTable:
    """Where the better regime changes: a difference over two assumptions, second less first.

    x, y         values of the two assumptions, ascending; x_texts, y_texts how they read
    values       a row for each y, a value for each x, £m
    low, high    95 % intervals in the same form; without them values are taken to be exact
    """

    x: Sequence[float]
    y: Sequence[float]
    x_name: str
    y_name: str
    values: Sequence[Sequence[float]]
    first: str
    second: str
    measure: str
    low: Sequence[Sequence[float]] = ()
    high: Sequence[Sequence[float]] = ()
    x_texts: Sequence[str] = ()
    y_texts: Sequence[str] = ()
    lower_is_better: bool = True

    def __post_init__(self) -> None:
        freeze(self, x=floats(self.x), y=floats(self.y))
        freeze(self, x_texts=tuple(self.x_texts) or tuple(f"{v:.3g}" for v in self.x))
        freeze(self, y_texts=tuple(self.y_texts) or tuple(f"{v:.3g}" for v in self.y))
        unknown = [[NAN] * len(self.x)] * len(self.y)
        for name in ("values", "low", "high"):
            given = list(getattr(self, name))
            rows = tuple(floats(row) for row in (given or unknown))
            if len(rows) != len(self.y) or any(len(row) != len(self.x) for row in rows):
                raise ValueError(f"TippingTable.{name} is not {len(self.y)} rows of {len(self.x)}")
            freeze(self, **{name: rows})
        if (len(self.x_texts), len(self.y_texts)) != (len(self.x), len(self.y)):
            raise ValueError("TippingTable.x_texts or y_texts do not go with x and y")
