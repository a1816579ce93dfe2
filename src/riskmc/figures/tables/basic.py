"""What tables for figures are made of: shares, series, bands, curves, marks; and their checks.

Sequences of any kind (lists, tuples, numpy arrays, one-dimensional DataArrays) are taken and
kept as tuples of floats. Money is in £m, probabilities and shares are fractions, intervals are
95 %; an error that is not known is NaN. One to four regimes, in the order of the study.
Wrong shapes raise ValueError naming the field.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: More regimes than this cannot be told apart by colour, marker and line at once.
MOST_REGIMES = 4
NAN = math.nan


def floats(values: Iterable[Any]) -> tuple[float, ...]:
    """Return any sequence of numbers as a tuple of floats."""
    return tuple(float(value) for value in values)


def freeze(table: object, **fields: Any) -> None:
    """Set fields of a frozen table to their checked form."""
    for name, value in fields.items():
        object.__setattr__(table, name, value)


def same_length(table: object, length: int, *names: str) -> None:
    """Raise ValueError unless each named field is empty or has `length` values."""
    for name in names:
        found = len(getattr(table, name))
        if found not in (0, length):
            raise ValueError(f"{type(table).__name__}.{name} has {found} values, not {length}")


def some_regimes(table: object, name: str) -> None:
    """Raise ValueError unless the named field holds one to four parts."""
    found = len(getattr(table, name))
    if not 1 <= found <= MOST_REGIMES:
        raise ValueError(
            f"{type(table).__name__}.{name} has {found} parts; 1 to {MOST_REGIMES} can be drawn"
        )


@dataclass(frozen=True, kw_only=True)
class Share:
    """The probability of an event under one regime, with its 95 % interval."""

    label: str
    value: float
    low: float = NAN
    high: float = NAN


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A paired difference on the same futures: the second regime less the first, 95 % interval."""

    value: float
    low: float = NAN
    high: float = NAN


@dataclass(frozen=True, kw_only=True)
class Series:
    """One regime's estimates by year: value, and the ends of the 95 % interval."""

    label: str
    years: Sequence[str]
    value: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()

    def __post_init__(self) -> None:
        count = len(self.years)
        freeze(self, years=tuple(str(year) for year in self.years), value=floats(self.value))
        for name in ("low", "high"):
            ends = floats(getattr(self, name)) or (NAN,) * count
            freeze(self, **{name: ends})
        if not count or len(self.value) != count:
            raise ValueError(f"Series.value has {len(self.value)} values for {count} years")
        same_length(self, count, "low", "high")

    @classmethod
    def of(cls, dataset: Any, *, label: str) -> Series:
        """Take a Dataset of `value`, `low`, `high` along `year` (a measure's, one row of it)."""
        return cls(
            label=label,
            years=[str(year) for year in dataset["year"].values],
            value=dataset["value"].values,
            low=dataset["low"].values,
            high=dataset["high"].values,
        )


@dataclass(frozen=True, kw_only=True)
class Bands:
    """One regime's quantiles by year: `quantiles[p]` holds a value for each year, p in (0, 1).

    Must hold 0.5 and, for each other p, 1 - p too: 0.1, 0.25, 0.5, 0.75, 0.9 as a rule.
    `errors` holds their Monte Carlo standard errors in the same form, where known: amounts are
    then printed with no more digits than those support.
    """

    label: str
    years: Sequence[str]
    quantiles: Mapping[float, Sequence[float]]
    errors: Mapping[float, Sequence[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        years = tuple(str(year) for year in self.years)
        levels = {round(float(p), 6): floats(v) for p, v in sorted(self.quantiles.items())}
        errors = {round(float(p), 6): floats(v) for p, v in self.errors.items()}
        freeze(self, years=years, quantiles=levels, errors=errors)
        if 0.5 not in levels:
            raise ValueError("Bands.quantiles lacks the median, 0.5")
        for p, values in levels.items():
            if len(values) != len(years):
                raise ValueError(f"Bands.quantiles[{p}]: {len(values)} values, {len(years)} years")
            if len(errors.get(p, values)) != len(years):
                raise ValueError(f"Bands.errors[{p}] does not have {len(years)} values")
            if round(1.0 - p, 6) not in levels:
                raise ValueError(f"Bands.quantiles has {p} without {round(1.0 - p, 6)}")

    @property
    def median(self) -> tuple[float, ...]:
        """Return the middle future of each year."""
        return tuple(self.quantiles[0.5])

    def error(self, p: float, t: int) -> float:
        """Return the standard error of a quantile in a year; NaN where it is not known."""
        return self.errors[p][t] if p in self.errors else NAN

    @property
    def pairs(self) -> tuple[tuple[float, float], ...]:
        """Return the bands' levels (p, 1 - p), the widest first."""
        return tuple((p, round(1.0 - p, 6)) for p in sorted(self.quantiles) if p < 0.5)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A named amount, £m: a plan, the reserves held, a floor, a customary rule."""

    label: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Past:
    """What happened before the simulated years: values by year, shown before the fork."""

    years: Sequence[str]
    values: Sequence[float]

    def __post_init__(self) -> None:
        freeze(self, years=tuple(str(y) for y in self.years), values=floats(self.values))
        same_length(self, len(self.years), "values")


def one_horizon(parts: Sequence[Any]) -> None:
    """Raise ValueError unless all parts have the same years, at least one."""
    horizons = {tuple(part.years) for part in parts}
    if len(horizons) != 1 or not parts[0].years:
        raise ValueError("regimes do not share their years")


def same_labels(*groups: Sequence[Any]) -> None:
    """Raise ValueError unless the groups name the same regimes in the same order."""
    names = {tuple(part.label for part in group) for group in groups}
    if len(names) != 1:
        raise ValueError("regimes are not the same, in the same order")
