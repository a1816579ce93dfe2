"""A column of data as a distribution."""

from __future__ import annotations

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
from riskmc.inputs import CellFault, Sheet, TableError, is_missing, plain_number, read_sheet
from riskmc.inputs.cells import text_of

#: In how many rows from the top the heading of a column is looked for.
HEAD_ROWS = 20


@dataclass(frozen=True, eq=False)  # models compare what they cache: arrays have no single truth
class _Sorted:
    """The data in rising order."""

    values: Array


class Empirical(Distribution):
    """Values of a CSV column, joined by straight lines between order statistics.

    The i-th smallest of n values is the quantile at (i − 1) / (n − 1): the smallest at 0, the
    largest at 1 (Hyndman and Fan's type 7, NumPy's default). Nothing lies outside the data.

    References
    ----------
    - Hyndman, R. J. and Fan, Y., Sample quantiles in statistical packages, The American
      Statistician 50 (1996) 361-365: the quantile function, their type 7.
    """

    distribution: Literal["empirical"] = "empirical"
    file: str
    """CSV file with a header, in the folder of the study; its path relative to that."""
    column: str
    """Column of the file that holds the values."""
    values: Annotated[tuple[float, ...], Field(strict=False)] = ()
    """The values themselves, filled from the file; where given, the file is not read."""
    left_out: str = ""
    """Rows of the file that hold no figure, filled from the file."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict) or data.get("values"):
            return data
        file, column = data.get("file"), data.get("column")
        if not isinstance(file, str) or not isinstance(column, str):
            return data
        values, left_out = read_column(data_file(file, info.context), column)
        return {**data, "values": values, "left_out": left_out}

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if len(self.values) < 2:
            without = f" ({self.left_out} left out)" if self.left_out else ""
            raise ValueError(
                f"column '{self.column}' of {self.file} holds {len(self.values)} values{without}: "
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


#: Cells of a column that a message names: a column of words is one mistake, not a thousand.
MOST_FAULTS = 10


def read_column(
    path: Path, column: str, *, headings: bool = False
) -> tuple[tuple[float, ...], str]:
    """Return the numbers of a table's column, and which rows hold none.

    The heading is looked for in the first rows, so a title above it does no harm. Blank rows are
    skipped; what is empty, or marked as not available, is left out and named. Raises ValueError
    with the cells that are no numbers, by row and column; no content is repeated, but headings
    where `headings` is set: a file that a study names may be none of the user's.
    """
    try:
        sheet = read_sheet(path)
    except TableError as error:
        raise ValueError(error.of(path.name)) from None
    top, place = _heading(sheet, column, headings=headings)
    values, left_out, faults = [], [], []
    for row in range(top + 1, len(sheet.rows)):
        cells = sheet.rows[row]
        cell = cells[place] if place < len(cells) else None
        if sheet.is_blank(row):
            continue
        if is_missing(cell):
            left_out.append(f"row {row + 1} ({text_of(cell) or 'empty'})")
            continue
        found = plain_number(cell)
        if found.value is None:
            faults.append(
                CellFault(row + 1, place, column, "", found.fault, found.advice or found.allowed)
            )
        else:
            values.append(found.value)
    if faults:
        text = "; ".join(str(fault) for fault in faults[:MOST_FAULTS])
        if len(faults) > MOST_FAULTS:
            text += f"; and {len(faults) - MOST_FAULTS:,} more cells of this column"
        raise ValueError(f"{path.name}: {text}")
    return tuple(values), ", ".join(left_out)


def _heading(sheet: Sheet, column: str, *, headings: bool) -> tuple[int, int]:
    """Return the row and place of a column's heading; ValueError where there is none, or two."""
    for row, cells in enumerate(sheet.rows[:HEAD_ROWS]):
        texts = [text_of(cell) for cell in cells]
        if texts.count(column) > 1:
            raise ValueError(
                f"{sheet.file}: row {row + 1} has {texts.count(column)} columns '{column}'"
            )
        if column in texts:
            return row, texts.index(column)
    first = next((row for row in sheet.rows if any(text_of(cell) for cell in row)), ())
    names = [text_of(cell) for cell in first]
    near = get_close_matches(column, names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    known = ", ".join(name for name in names if name) if headings else str(len(names))
    raise ValueError(f"{sheet.file} has no column '{column}' among {known or 'none'}{hint}")
