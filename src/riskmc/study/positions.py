"""Where each key of a TOML text is: `tomllib` gives values but no line numbers.

The text has been parsed by `tomllib` before it comes here, so it is known to be valid TOML; the
scanner need only follow headers, keys and values and count lines. It enters multi-line arrays
and inline tables, so that a row in the middle of a list has its own line.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from typing import TypeAlias

#: The way to a value: keys of tables and indices of lists, from the top of the file.
Path: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'|[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


class _UnknownSyntax(Exception):
    """The scanner met something it does not know; what it has found so far is kept."""


def locate(text: str) -> dict[Path, int]:
    """Return the line (from 1) of every table, key, list and list item of a valid TOML text."""
    scanner = _Scanner(text)
    with contextlib.suppress(_UnknownSyntax, RecursionError):
        scanner.document()
    return scanner.lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Return the line of the longest known beginning of `path`; 1 where nothing of it is known."""
    for length in range(len(path), 0, -1):
        line = lines.get(path[:length])
        if line is not None:
            return line
    return 1


class _Scanner:
    """Walks once through the text; `at` is the place reached."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.rows: dict[Path, int] = {}  # array tables: how many rows so far
        self._line = 1
        self._counted = 0

    def line(self) -> int:
        """Return the line of the place reached (which only ever moves on)."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def note(self, path: Path) -> None:
        """Record a path, and those of its beginnings that are new, at the place reached."""
        line = self.line()
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], line)

    def document(self) -> None:
        """Read headers and statements to the end of the text."""
        table: Path = ()
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.statement(table)

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Move over what the pattern matches and return it."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise _UnknownSyntax
        self.at = found.end()
        return found.group()

    def expect(self, mark: str) -> None:
        """Move over `mark`."""
        if not self.text.startswith(mark, self.at):
            raise _UnknownSyntax
        self.at += len(mark)

    def header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]`; return the path of the table that follows."""
        start = self.line()
        is_row = self.text.startswith("[[", self.at)
        self.at += 2 if is_row else 1
        path = self.resolve(self.key())
        self.expect("]]" if is_row else "]")
        if is_row:
            self.lines.setdefault(path, start)
            row = self.rows.get(path, 0)
            self.rows[path] = row + 1
            path = (*path, row)
        self.note(path)
        self.lines[path] = start
        return path

    def resolve(self, keys: tuple[str, ...]) -> Path:
        """Return the path a header means: below an array of tables, its latest row."""
        path: Path = ()
        for place, key in enumerate(keys):
            path = (*path, key)
            if path in self.rows and place < len(keys) - 1:
                path = (*path, self.rows[path] - 1)
        return path

    def key(self) -> tuple[str, ...]:
        """Read a bare, quoted or dotted key, spaces after it included."""
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            part = self.skip(_KEY)
            if part[0] == '"':
                part = next(iter(tomllib.loads(f"{part} = 0")))
            parts.append(part.strip("'") if part[0] == "'" else part)
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1

    def statement(self, table: Path) -> None:
        """Read `key = value` of a table."""
        self.line()
        start = self.at
        keys = self.key()
        end, self.at = self.at, start
        path = (*table, *keys)
        self.note(path)
        self.at = end
        self.expect("=")
        self.skip(_SPACE)
        self.value(path)

    def value(self, path: Path) -> None:
        """Read a value, noting whatever lies inside it."""
        mark = self.text[self.at : self.at + 1]
        if mark == "[":
            self.array(path)
        elif mark == "{":
            self.inline_table(path)
        elif mark in ('"', "'"):
            self.skip(_STRING)
        else:
            self.skip(_SCALAR)

    def array(self, path: Path) -> None:
        """Read `[a, b, ...]`, which may run over lines and hold comments."""
        self.expect("[")
        item = 0
        while True:
            self.skip(_BLANK)
            if self.text.startswith("]", self.at):
                self.at += 1
                return
            self.note((*path, item))
            self.value((*path, item))
            item += 1
            self.skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1

    def inline_table(self, path: Path) -> None:
        """Read `{ a = 1, b = 2 }`."""
        self.expect("{")
        while True:
            self.skip(_BLANK)
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self.statement(path)
            self.skip(_BLANK)
            if self.text.startswith(",", self.at):
                self.at += 1
