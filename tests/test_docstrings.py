"""Docstrings of what users import: parameters, returns and errors, as numpydoc reads them."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module
from pathlib import Path

import pytest
from numpydoc.validate import validate

#: Modules whose `__all__` is public.
PUBLIC = (
    "riskmc",
    "riskmc.measures",
    "riskmc.replays",
    "riskmc.variants",
    "riskmc.report",
    "riskmc.figures",
    "riskmc.exports",
    "riskmc.fitting",
    "riskmc.accounts",
)
#: No docstring, no summary, an argument left out, unknown, out of order, without type or words,
#: nothing said of what is returned, sections out of order or unknown.
MATTERS = {
    *("GL06", "GL07", "GL08", "SS01", "PR01", "PR02", "PR03", "PR04", "PR07"),
    *("RT01", "RT03", "YD01"),
}
SOURCE = Path(__file__).parent.parent / "src" / "riskmc"


def functions() -> dict[str, object]:
    """Return every public function by the name that users import it by."""
    found = {}
    for module in PUBLIC:
        for name in import_module(module).__all__:
            item = getattr(import_module(module), name)
            if inspect.isfunction(item):
                found[f"{module}.{name}"] = item
    return found


@pytest.mark.parametrize("name", functions())
def test_a_public_function_says_what_it_takes_and_returns(name: str) -> None:
    """Would catch an argument that was added and not documented, or one that is gone."""
    item = functions()[name]
    report = validate(f"{item.__module__}.{item.__qualname__}")  # type: ignore[attr-defined]
    assert [text for code, text in report["errors"] if code in MATTERS] == []


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(SOURCE.rglob("*.py")) if ">>>" in path.read_text(encoding="utf-8")],
    ids=lambda path: path.relative_to(SOURCE).as_posix(),
)
def test_examples_in_docstrings_hold(path: Path) -> None:
    """Would catch an example that no longer prints what it shows."""
    name = path.relative_to(SOURCE.parent).with_suffix("").as_posix().replace("/", ".")
    assert doctest.testmod(import_module(name.removesuffix(".__init__"))).failed == 0
