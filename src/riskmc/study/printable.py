"""Text that can be printed: whatever a study names is printed in reports, tables and file names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from riskmc.study.positions import Path
from riskmc.study.problems import Problems

#: Unicode's categories of what no page shows: controls, halves of characters, what is no one's.
_UNPRINTABLE = {
    "Cc": "a control character",
    "Cs": "half a character",
    "Co": "a private character",
    "Cn": "no character",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
#: Texts of several lines.
_PROSE = ("source", "why", "note", "notes", "description")
_ALLOWED = "text of letters, digits and signs that can be printed"


def check_text(tree: Mapping[str, Any], problems: Problems) -> None:
    """Add a problem for every key and text of a study that cannot be printed, or is blank."""
    for path, text in _texts(tree, ()):
        fault = fault_of(text, prose=bool(path) and path[-1] in _PROSE)
        if fault:
            problems.add(path, fault, value=text, allowed=_ALLOWED)
            if "half a" in fault:
                problems.raise_any()  # no library takes such a text


def fault_of(text: str, *, prose: bool = False) -> str:
    """Return what keeps a text from being printed, in words; "" where nothing does."""
    for character in text:
        kind = _UNPRINTABLE.get(unicodedata.category(character))
        if kind is not None and not (prose and character in "\n\t"):
            return f"holds {kind}, U+{ord(character):04X}, which cannot be printed"
    return "is blank" if text and not text.strip() else ""


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Give every text of a tree with its path; a key's fault is its table's."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inside in value.items():
            inner = (*path, key)
            yield inner, str(key) or " "
            yield from _texts(inside, inner)
    elif isinstance(value, list):
        for place, inside in enumerate(value):
            yield from _texts(inside, (*path, place))
