"""The shape of the package: floors, sizes, and what the rules may know."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "riskmc"
MODULES = sorted(SOURCE.rglob("*.py"))
#: The first part of a module's name within the package, by floor; imports run only downward.
FLOORS = {
    "errors": 0,
    "compiled": 0,
    "deprecation": 0,
    "described": 0,
    "variables": 0,
    "inputs": 0,
    "rules": 1,
    "accounts": 1,
    "distributions": 1,
    "study": 2,
    "sampling": 3,
    "engine": 4,
    "results": 5,
    "summaries": 6,
    "statistics": 7,
    "words": 8,
    "measures": 9,
    "runs": 10,
    "replays": 11,
    "figures": 11,
    "attribution": 12,
    "exports": 10,
    "fitting": 2,
    "variants": 12,
    "calibration": 11,
    "backtests": 12,
    "report": 13,
    "cli": 14,
    "__main__": 15,
}
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60
#: Functions that are a list of keyword arguments or of steps, and read better whole.
MAY_BE_LONGER: set[str] = set()


def part(path: Path) -> str:
    return path.relative_to(SOURCE).with_suffix("").parts[0]


def imported(path: Path) -> set[str]:
    """The parts of the package that a module imports, for types included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("riskmc."):
            names.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "riskmc":
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(a.name.split(".")[1] for a in node.names if a.name.startswith("riskmc."))
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_run_only_downward(path: Path) -> None:
    """Would catch a rule that reads a study, or a measure that imports a figure."""
    if path == SOURCE / "__init__.py":
        return
    own = part(path)
    for name in imported(path):
        assert name == own or FLOORS[name] < FLOORS[own], f"{own} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    """Would catch the loop that grew."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name not in MAY_BE_LONGER:
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            start = node.body[1].lineno if documented and len(node.body) > 1 else node.lineno
            length = (node.end_lineno or 0) - start + 1
            assert length <= LONGEST_FUNCTION, f"{node.name}: {length} lines"


def test_rules_are_pure_numpy() -> None:
    """Would catch randomness, files or studies inside a rule."""
    allowed = {"__future__", "collections", "dataclasses", "inspect", "numpy", "riskmc", "typing"}
    for path in (SOURCE / "rules").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {a.name.split(".")[0] for a in node.names} <= allowed, path
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in allowed, path
            elif isinstance(node, ast.Attribute):
                assert node.attr != "random", path


def test_no_module_level_randomness() -> None:
    """Would catch np.random.normal and its like, which share one hidden state."""
    makers = {"SFC64", "SeedSequence", "Generator", "default_rng", "PCG64", "BitGenerator"}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Attribute)
                and node.value.attr == "random"
            ):
                assert node.attr in makers, f"{path}: np.random.{node.attr}"
