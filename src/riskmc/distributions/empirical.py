"""A column of data as a distribution."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, ValidationInfo, model_validator

from riskmc.distributions.base import Array, Distribution, normal_cdf
from riskmc.distributions.data_files import data_file


@dataclass(frozen=True, eq=False)  # models compare what they cache: arrays have no single truth
class _Sorted:
    """The data in rising order."""

    values: Array


class Empirical(Distribution):
    """Values of a CSV column, joined by straight lines between order statistics.

    The i-th smallest of n values is the quantile at (i − 1) / (n − 1): the smallest at 0, the
    largest at 1 (Hyndman and Fan's type 7, NumPy's default). Nothing lies outside the data.
    """

    distribution: Literal["empirical"] = "empirical"
    file: str
    """CSV file with a header, in the folder of the study; its path relative to that."""
    column: str
    """Column of the file that holds the values."""
    values: Annotated[tuple[float, ...], Field(strict=False)] = ()
    """The values themselves, filled from the file; where given, the file is not read."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict) or data.get("values"):
            return data
        file, column = data.get("file"), data.get("column")
        if not isinstance(file, str) or not isinstance(column, str):
            return data
        return {**data, "values": read_column(data_file(file, info.context), column)}

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if len(self.values) < 2:
            raise ValueError(
                f"column '{self.column}' of {self.file} holds {len(self.values)} values: "
                "at least 2 are needed"
            )
        return self

    @cached_property
    def _sorted(self) -> _Sorted:
        return _Sorted(np.sort(np.array(self.values, dtype=np.float64)))

    @property
    def ordered(self) -> Array:
        """The values in rising order."""
        return self._sorted.values

    @cached_property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of the joined distribution, closed form."""
        left, right = self.ordered[:-1], self.ordered[1:]
        mean = math.fsum((left + right) / 2) / left.size
        a, b = left - mean, right - mean
        return mean, math.sqrt(math.fsum((a * a + a * b + b * b) / 3) / left.size)

    @property
    def mean(self) -> float:
        """Mean of the joined distribution (not quite that of the values)."""
        return self.moments[0]

    @property
    def sd(self) -> float:
        """Standard deviation of the joined distribution."""
        return self.moments[1]

    @property
    def support(self) -> tuple[float, float]:
        """Smallest and largest value."""
        return float(self.ordered[0]), float(self.ordered[-1])

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return the line between the two order statistics around p."""
        ordered = self.ordered[::-1] if upper else self.ordered
        place = p * (ordered.size - 1)
        # a NaN has no place among the data: it takes the last one and stays NaN in `place`
        with np.errstate(invalid="ignore"):
            index = np.clip(place.astype(np.intp), 0, ordered.size - 2)
        first = ordered.take(index)
        step = ordered.take(index + 1) - first
        return np.asarray(first + (place - index) * step)

    def cdf(self, x: Array) -> Array:
        """Return the probability of at most x; jumps where values are tied."""
        ordered = self.ordered
        right = np.searchsorted(ordered, x, side="right")
        index = np.clip(right - 1, 0, ordered.size - 2)
        step = ordered[index + 1] - ordered[index]
        part = np.divide(x - ordered[index], step, out=np.ones(np.shape(x)), where=step > 0)
        place = (index + np.clip(part, 0.0, 1.0)) / (ordered.size - 1)
        return np.asarray(np.where(right == 0, 0.0, place))

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return the line between the two order statistics around Φ(z)."""
        value = self.tail(normal_cdf(z), upper=False)
        if out is None:
            return value
        np.copyto(out, value)
        return out


def read_column(path: Path, column: str) -> tuple[float, ...]:
    """Return the numbers of a CSV column; ValueError, saying where, if it is not all numbers."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            names = list(rows.fieldnames or ())
            if column not in names:
                near = get_close_matches(column, names, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                raise ValueError(f"{path.name} has no column '{column}' among {len(names)}{hint}")
            return tuple(_number(row[column], path, rows.line_num) for row in rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ValueError(f"cannot read {path}: {reason}") from error


def plain_float(text: str) -> float:
    """Return the number that a text is, in plain digits: neither 1_0 nor full-width digits.

    Raises ValueError for anything else.
    """
    if not text.isascii() or "_" in text:
        raise ValueError("not a number in plain digits")
    return float(text)


def _number(text: str | None, path: Path, line: int) -> float:
    """Return the number that a cell holds; ValueError naming file and line if it holds none."""
    try:
        value = plain_float(text or "")
    except ValueError:
        raise ValueError(f"{path.name}, line {line}: not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{path.name}, line {line}: not a finite number")
    return value
