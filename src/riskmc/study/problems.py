"""Faults of a study, gathered until all are known, in words that need no knowledge of Python."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from pydantic import ValidationError

from riskmc.distributions import families
from riskmc.errors import Problem, StudyError
from riskmc.study.positions import Path

_LONGEST = 60
_DIGITS = re.compile("[0-9]+")
#: Keys of a table with their meaning, or a function that gives those of a table further in.
Known: TypeAlias = Callable[[Path], Mapping[str, str]] | Mapping[str, str] | None
#: Turns the path of a key into the file that holds it, its line there, and its path there.
Locator = Callable[[Path], tuple[str, int | None, Path]]


def written(path: Path) -> str:
    """Return a path as a user would write it: `contracts[0].value`, list places from 0.

    The column of a data file is shown as it is: `column D (Likelihood)`.
    """
    if len(path) == 1 and str(path[0]).startswith("column "):
        return str(path[0])
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            plain = step.replace("_", "").replace("-", "")
            name = step if plain.isascii() and plain.isalnum() else f'"{step}"'
            text += f".{name}" if text else name
    return text


def shown(value: Any) -> str:
    """Return a value much as TOML writes it, cut where it is long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, int) and abs(value) >= 10**40:
        text = f"a whole number of about {value.bit_length() * 0.30103:.0f} digits"
    elif isinstance(value, Mapping):
        inside = ", ".join(f"{key} = {shown(item)}" for key, item in list(value.items())[:8])
        text = f"{{ {inside} }}" if inside else "{}"
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(shown(item) for item in value[:12])}]"
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def listed(words: Iterable[str], *, last: str = "or") -> str:
    """Return `a, b or c`."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


#: How alike parts of two names are where one is a slip of the pen for the other.
_ALIKE = 0.6


def nearest(word: Any, known: Iterable[str]) -> str:
    """Return the known word that `word` most resembles; empty where none does."""
    if not isinstance(word, str):
        return ""
    by_lower = {item.lower(): item for item in known}
    near = difflib.get_close_matches(word.lower(), by_lower, n=3, cutoff=0.6)
    found = [item for item in near if not _another(word.lower(), item)]
    # p10 is not p50, nor smh1 smh2: what differs by its number alone is another thing
    same = found and _DIGITS.sub("", word.lower()) == _DIGITS.sub("", found[0])
    return by_lower[found[0]] if found and not same else ""


def _another(word: str, item: str) -> bool:
    """Say whether one part of two names is another word: grant_growth is not charges_growth."""
    pairs = list(zip(word.split("_"), item.split("_"), strict=False))
    several = len(pairs) > 1 and word.count("_") == item.count("_")
    alike = [difflib.SequenceMatcher(None, *pair).ratio() for pair in pairs]
    return several and min(alike) < _ALIKE


def nearest_key(key: Any, known: Iterable[str]) -> str:
    """Return the known key that a misspelt one resembles; empty for a key that is one elsewhere.

    `mean` where `median` is wanted is no slip of the pen: a hint would change what is meant.
    """
    return "" if key in _distribution_keys() else nearest(key, known)


@lru_cache(maxsize=1)
def _distribution_keys() -> frozenset[str]:
    return frozenset(
        field.alias or name
        for family in families().values()
        for name, field in family.model_fields.items()
    )


def follow(tree: Any, path: Path) -> tuple[bool, Any]:
    """Return whether `path` leads anywhere in `tree`, and the value there."""
    for step in path:
        in_table = isinstance(tree, Mapping) and step in tree
        in_list = isinstance(tree, list | tuple) and isinstance(step, int) and step < len(tree)
        if not in_table and not in_list:
            return False, None
        tree = tree[step]
    return True, tree


class Problems:
    """Gathers faults; each is placed in the file by the locator and shown once."""

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self._found: dict[tuple[Any, ...], Problem] = {}

    def add(
        self,
        path: Path,
        message: str,
        *,
        value: Any = ...,
        allowed: str = "",
        near: str = "",
    ) -> None:
        """Record a fault at `path`; `value` is left out where a key is missing."""
        file, line, place = self._locator(path)
        text = "" if value is ... else shown(value)
        problem = Problem(file, line, written(place), text, message, allowed, near)
        self._found.setdefault((file, line, problem.key, text, message), problem)

    def cell(
        self, file: str, row: int, place: str, *, value: str, message: str, allowed: str
    ) -> None:
        """Record a cell of a data file that is not understood."""
        text = shown(value) if value else ""
        problem = Problem(file, row, place, text, message, allowed)
        self._found.setdefault((file, row, place, text, message), problem)

    def __bool__(self) -> bool:
        return bool(self._found)

    def under(self, path: Path) -> bool:
        """Say whether a fault was recorded at or below `path` (as it stands in the file)."""
        _, _, place = self._locator(path)
        key = written(place)
        return any(
            problem.key == key or problem.key.startswith((f"{key}.", f"{key}["))
            for problem in self._found.values()
        )

    def in_order(self) -> list[Problem]:
        """Return the faults in the order of the file."""
        return sorted(self._found.values(), key=lambda problem: (problem.file, problem.line or 0))

    def raise_any(self) -> None:
        """Raise `StudyError` with all faults, if there are any."""
        if self._found:
            raise StudyError(self.in_order())

    def pydantic(
        self,
        error: ValidationError,
        raw: Any,
        path: Path,
        *,
        known: Known = None,
        place: Callable[[Path], Path] | None = None,
        only_keys: bool = False,
    ) -> None:
        """Record every fault of a pydantic error about `raw`, which is at `path`.

        `known` are the keys of the table with their meaning, or gives those of a table inside
        `raw`; `place` moves a path
        inside `raw` to where the user wrote it (for tables put together from several scopes);
        with `only_keys`, missing keys and faults of the whole table are left out.
        """
        for fault in error.errors(include_url=False):
            inside = _real_path(raw, fault)
            if only_keys and (not inside or fault["type"] == "missing"):
                continue
            if fault["type"] == "too_short" and fault["input"]:
                continue  # of items with faults of their own
            where = place(inside) if place else (*path, *inside)
            message, allowed, near = _plain(fault, _known_at(known, inside[:-1]))
            has_value, value = follow(raw, inside)
            if not has_value or isinstance(value, Mapping):
                self.add(where, message, allowed=allowed, near=near)
            else:
                self.add(where, message, value=value, allowed=allowed, near=near)


def _known_at(known: Known, table: Path) -> Mapping[str, str]:
    if callable(known):
        return known(table)
    return {} if table or known is None else known


def _real_path(raw: Any, fault: Any) -> Path:
    """Return the path of a pydantic fault without the tags of unions, which no user wrote."""
    path: Path = ()
    steps = fault["loc"]
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        if follow(raw, (*path, step))[0] or (last and fault["type"] == "missing"):
            path = (*path, step)
    if fault["type"].startswith("union_tag"):
        path = (*path, str(fault["ctx"]["discriminator"]).strip("'"))
    return path


def _plain(fault: Any, known: Mapping[str, str]) -> tuple[str, str, str]:
    """Return message, what is allowed and the nearest known word for a pydantic fault."""
    kind: str = fault["type"]
    context: dict[str, Any] = fault.get("ctx") or {}
    if kind == "extra_forbidden":
        return "is not a known key", listed(known), nearest_key(fault["loc"][-1], known)
    if kind == "missing":
        return "is missing", known.get(str(fault["loc"][-1]), ""), ""
    if kind == "string_pattern_mismatch":
        return "has the wrong format", known.get(str(fault["loc"][-1]), ""), ""
    if kind == "union_tag_not_found":
        return "is missing", listed(families()), ""
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        given = context.get("tag", fault["input"])
        choices = str(context.get("expected_tags", context.get("expected", "")))
        words = [word.strip(" '") for word in choices.replace(" or ", ", ").split(",")]
        return "is not one of the choices", listed(words), nearest(given, words)
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", fault["msg"])), "", ""
    if "allowed" in context:
        return fault["msg"], str(context["allowed"]), ""
    for begins, message, allowed in _PLAIN:
        if kind.startswith(begins):
            return message, allowed.format(**context), ""
    return fault["msg"].replace("Input should be", "must be"), "", ""


_PLAIN = (
    ("greater_than_equal", "is too small", "{ge:g} or more"),
    ("greater_than", "is too small", "above {gt:g}"),
    ("less_than_equal", "is too large", "{le:g} or less"),
    ("less_than", "is too large", "below {lt:g}"),
    ("finite_number", "is not a finite number", "a finite number"),
    ("float", "is not a number", "a number, without quotes"),
    ("int", "is not a whole number", "a whole number, without quotes"),
    ("string_too_short", "is empty", "text of at least {min_length} character"),
    ("string_too_long", "is too long", "at most {max_length} characters"),
    ("string", "is not text", "text in quotes"),
    ("bool", "is neither true nor false", "true or false, without quotes"),
    ("too_short", "has too few items", "at least {min_length}"),
    ("tuple", "is not a list", "a list in square brackets"),
    ("list", "is not a list", "a list in square brackets"),
    ("model", "is not a table", "a table of keys and values"),
    ("dict", "is not a table", "a table of keys and values"),
)
