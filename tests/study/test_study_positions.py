"""Lines of keys in a TOML text, which the standard library does not give."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from riskmc.study.positions import line_of, locate
from riskmc.study.problems import listed, nearest, shown, written

TRICKY = '''\
# comment with [brackets] and "quotes" and a = 1
top = "a # not a comment, [nor] a = table"
multi = """
x = 1
[not.a.table] \\""" still
"""
raw = \'\'\'
y = "z"
\'\'\'
"quoted.key" = 1
dotted . key."with space" = 2
when = 2016-04-01 09:30:00
list = [ # first
  1, 2,
  # between
  { a = 1, b = [ "]", "}" ], "c.d" = { e = 'x' } }, [
    3,
    4
  ],
]

[[rows]]
id = "one"
[rows.sub]
deep = 1
[[rows.inner]]
x = 1
[[rows.inner]]
x = 2
[[rows]]
id = "two"
[[rows.inner]]
x = 3
[ a . "b c" . d ]  # spaces
e = {}
f = []
'''

EXPECTED = {
    ("top",): 2,
    ("multi",): 3,
    ("raw",): 7,
    ("quoted.key",): 10,
    ("dotted",): 11,
    ("dotted", "key", "with space"): 11,
    ("when",): 12,
    ("list",): 13,
    ("list", 1): 14,
    ("list", 2): 16,
    ("list", 2, "b", 1): 16,
    ("list", 2, "c.d", "e"): 16,
    ("list", 3): 16,
    ("list", 3, 0): 17,
    ("list", 3, 1): 18,
    ("rows",): 22,
    ("rows", 0): 22,
    ("rows", 0, "id"): 23,
    ("rows", 0, "sub", "deep"): 25,
    ("rows", 0, "inner", 0, "x"): 27,
    ("rows", 0, "inner", 1): 28,
    ("rows", 0, "inner", 1, "x"): 29,
    ("rows", 1, "id"): 31,
    ("rows", 1, "inner", 0, "x"): 33,
    ("a", "b c"): 34,
    ("a", "b c", "d", "f"): 36,
}


def paths(tree: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path of nested tables and lists."""
    steps: list[tuple[str | int, Any]] = []
    if isinstance(tree, dict):
        steps = list(tree.items())
    elif isinstance(tree, list):
        steps = list(enumerate(tree))
    found = [path] if path else []
    for step, value in steps:
        found += paths(value, (*path, step))
    return found


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_lines_of_every_form_of_toml(ends: str) -> None:
    """Would catch a scanner misled by a string, a comment, a nested list or a dotted key."""
    lines = locate(TRICKY.replace("\n", ends))
    assert {path: lines.get(path) for path in EXPECTED} == EXPECTED


def test_every_path_has_a_line_and_no_other_has() -> None:
    """Would catch a scanner that loses its way: its paths must be exactly those of the parser."""
    whole = (Path(__file__).parent / "whole.toml").read_text(encoding="utf-8")
    for text in (TRICKY, whole):
        assert sorted(map(str, locate(text))) == sorted(map(str, paths(tomllib.loads(text))))


def test_a_missing_key_has_the_line_of_its_table() -> None:
    """Would catch a missing key told at the top of the file."""
    lines = locate(TRICKY)
    assert line_of(lines, ("rows", 1, "inner", 0, "y")) == 32
    assert line_of(lines, ("rows", 7)) == 22
    assert line_of(lines, ("nothing",)) == 1


def test_words_of_a_fault() -> None:
    """Would catch a path, value or list that a user would not have written."""
    assert written(("regimes", "a b", "plan", 2, "max_rate")) == 'regimes."a b".plan[2].max_rate'
    assert shown({"a": [True, 0.5, "x"]}) == '{ a = [true, 0.5, "x"] }'
    assert shown(16**6000).startswith("a whole number of about 72")
    assert len(shown("x" * 500)) == 60
    assert listed(["a", "b", "c"]) == "a, b or c"
    assert listed(["a"]) == "a"
    assert nearest("Reserve", ["reserves", "bailout"]) == "reserves"
    assert nearest("zzz", ["reserves"]) == ""
    assert nearest(3, ["reserves"]) == ""
