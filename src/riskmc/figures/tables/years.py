"""Tables of figures along the years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from riskmc.figures.tables.basic import (
    Bands,
    Difference,
    Past,
    Series,
    floats,
    freeze,
    one_horizon,
    same_labels,
    same_length,
    some_regimes,
)


@dataclass(frozen=True, kw_only=True)
class FanTable:
    """Quantiles by year for each regime, £m: one panel a regime, on one scale.

    `measure` says what is shown ("Net deficit of the place"), `noun` names it in a title
    ("Deficit"); `plan` is the planned line, by simulated year. `difference` is that of the last
    year's middle, second less first, for two regimes: it decides whether they can be told apart.
    """

    bands: Sequence[Bands]
    measure: str
    noun: str
    past: Past | None = None
    plan: Sequence[float] = ()
    difference: Difference | None = None

    def __post_init__(self) -> None:
        freeze(self, bands=tuple(self.bands), plan=floats(self.plan))
        some_regimes(self, "bands")
        one_horizon(self.bands)
        same_length(self, len(self.bands[0].years), "plan")


@dataclass(frozen=True, kw_only=True)
class YearTable:
    """The probability of an event by year for each regime, with 95 % intervals.

    `event` completes "futures of 100 in which ..."; `noun` names it in a title ("Bailout").
    `difference` is the paired difference by year, second less first, for two regimes.
    """

    series: Sequence[Series]
    noun: str
    event: str
    difference: Series | None = None

    def __post_init__(self) -> None:
        freeze(self, series=tuple(self.series))
        some_regimes(self, "series")
        one_horizon(self.series)


@dataclass(frozen=True, kw_only=True)
class SurvivalTable:
    """The probability that reserves last beyond each year's end, for each regime.

    `subject` is whose reserves: "the place", "Acute hospital trust". Every future starts with
    reserves left, at `opening` ("April 2016").
    """

    series: Sequence[Series]
    subject: str
    opening: str = "opening"
    difference: Series | None = None

    def __post_init__(self) -> None:
        freeze(self, series=tuple(self.series))
        some_regimes(self, "series")
        one_horizon(self.series)


@dataclass(frozen=True, kw_only=True)
class ReserveFanTable:
    """Reserves by year, and below them the chance that they are exhausted.

    `bands` are year-end reserves, £m; `exhausted` the probability of having been exhausted by
    each year's end, a Series a regime in the same order; `floor` what must be kept, £m;
    `subject` is whose reserves they are. `difference` is that of the chance in the last year,
    second less first, for two regimes.
    """

    bands: Sequence[Bands]
    exhausted: Sequence[Series]
    subject: str
    floor: float = 0.0
    past: Past | None = None
    difference: Difference | None = None

    def __post_init__(self) -> None:
        freeze(self, bands=tuple(self.bands), exhausted=tuple(self.exhausted))
        some_regimes(self, "bands")
        same_labels(self.bands, self.exhausted)
        one_horizon([*self.bands, *self.exhausted])
