"""Figures of how much was tried, printed into docs/how-it-is-tested.md by who tried it."""

from __future__ import annotations

import re
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "how-it-is-tested.md"


def record(name: str, lines: list[str]) -> None:
    """Put lines between a pair of marks of the document; KeyError where it has none of the name."""
    text = DOCUMENT.read_text(encoding="utf-8")
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    pattern = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise KeyError(name)
    body = "\n".join(f"- {line}" for line in lines)
    text = pattern.sub(lambda _: f"{start}\n{body}\n{end}", text)
    DOCUMENT.write_text(text, encoding="utf-8")
