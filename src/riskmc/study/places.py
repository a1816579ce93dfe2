"""Where a key of a study was written: in its file, or in that of a shipped regime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from riskmc.study.extends import Base, origin
from riskmc.study.positions import Path, line_of


@dataclass(frozen=True)
class Origin:
    """The row of a data file that a table of the study was read from, and its keys' columns."""

    file: str
    row: int
    columns: Mapping[str, str]


@dataclass
class Places:
    """Turns the path of a key into file, line and the path the user wrote.

    `lines` is None for a study that comes from Python and has no text; `base` is the folder
    that file names in the study are relative to, `outside` says whether files elsewhere may be
    read, `stored` that none may: the study is one kept in results; `regimes` holds the chain of
    each regime once it is known; `origins` names the rows of data files, by the path of what
    they became, and `remarks` say what of these files was not read, or was read as what.
    """

    file: str
    lines: dict[Path, int] | None
    base: File | None = None
    outside: bool = False
    stored: bool = False
    regimes: dict[str, list[Base]] = field(default_factory=dict)
    origins: dict[Path, Origin] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def reading(self) -> dict[str, Any]:
        """What decides which files may be read: see `riskmc.distributions.data_files`."""
        return {"base": self.base, "outside": self.outside, "stored": self.stored}

    def __call__(self, path: Path) -> tuple[str, int | None, Path]:
        """Return file, line and path as written."""
        if len(path) > 2 and path[0] == "regimes" and path[1] in self.regimes:
            base, path = origin(self.regimes[str(path[1])], path[2:])
            if base.shipped is not None:
                return base.shipped.file, line_of(base.shipped.lines, path), path
        row = self.origins.get(path[:2])
        if row is not None:
            key = next((str(step) for step in reversed(path[2:]) if step in row.columns), "")
            return row.file, row.row, (row.columns.get(key, key or "row"),)
        return self.file, None if self.lines is None else line_of(self.lines, path), path
