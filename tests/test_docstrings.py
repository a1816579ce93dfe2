"""Docstrings of what users import: parameters, returns and errors, as numpydoc reads them.

What is public is one list, `PUBLIC` of docs/conf.py, from which the API reference is made.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import doctest
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import pydantic
import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate
from pydantic import BaseModel

from riskmc import errors
from riskmc.described import Described

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "riskmc"
#: No docstring, no summary, an argument left out, unknown, out of order, without type or words,
#: nothing said of what is returned, sections out of order or unknown.
MATTERS = {
    *("GL06", "GL07", "GL08", "SS01", "PR01", "PR02", "PR03", "PR04", "PR07"),
    *("RT01", "RT03", "YD01"),
}
#: Parts of the package whose public functions compute, so that each has a source.
COMPUTING = (
    *("accounts", "attribution", "backtests", "calibration", "distributions", "exports"),
    *("fitting", "measures", "replays", "runs", "sampling", "variants"),
)
#: What holds no number: text, pictures, yes or no, a file.
NO_NUMBERS = {"None", "Path", "bool", "bytes", "dict", "frozenset", "list", "str", "tuple"}
#: A page of the documents, perhaps a section by its number, and headings or rows of it.
PLACE = re.compile(r"docs/([\w-]+)\.md(?:, section (\d+))?((?:, \"[^\"]+\")*)")
#: A source that is no page: somebody's work or figures, of a year.
WORK = re.compile(r"\b(1[89]|20)\d\d\b")
#: An array has a shape or is named by its dimensions.
SHAPE = re.compile(r"[Ss]hape|any shape|\([^)]*\)|`\w+`")


def public_modules() -> tuple[str, ...]:
    """Return the modules whose `__all__` is public, as docs/conf.py lists them."""
    tree = ast.parse((ROOT / "docs" / "conf.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "PUBLIC":
            names: tuple[str, ...] = ast.literal_eval(node.value)
            return names
    raise AssertionError("docs/conf.py has no PUBLIC")


def items() -> Iterator[tuple[str, Any]]:
    """Yield every public function and class by the name that it is defined under."""
    for module in public_modules():
        for name in import_module(module).__all__:
            item = inspect.unwrap(getattr(import_module(module), name))
            if inspect.isfunction(item) or inspect.isclass(item):
                yield f"{item.__module__}.{item.__qualname__}", item


@cache
def functions() -> dict[str, Any]:
    """Return public functions, and the methods of public classes where each is first defined.

    A method that overrides another keeps the contract that is written there.
    """
    found = {}
    for name, item in items():
        if inspect.isfunction(item):
            found[name] = item
            continue
        first = {key: base for base in item.__mro__[:-1] for key in vars(base)}
        for key, base in first.items():
            method = getattr(vars(base)[key], "__func__", vars(base)[key])
            ours = inspect.isfunction(method) and method.__module__.startswith("riskmc")
            if ours and not key.startswith("_"):
                found[f"{base.__module__}.{base.__qualname__}.{key}"] = method
    return found


@cache
def classes() -> dict[str, type]:
    """Return public classes."""
    return {name: item for name, item in items() if inspect.isclass(item)}


def faults(name: str) -> list[str]:
    """Return what numpydoc finds in a docstring, of what matters."""
    return [text for code, text in validate(name)["errors"] if code in MATTERS]


def arguments(item: type) -> set[str]:
    """Return what a class is made with: its fields, or the arguments of its `__init__`."""
    if issubclass(item, BaseModel):
        return set(item.model_fields)
    if dataclasses.is_dataclass(item):
        return {field.name for field in dataclasses.fields(item) if field.init}
    if "__init__" not in vars(item):
        return set()
    return set(inspect.signature(item).parameters)


def documented(item: type) -> set[str]:
    """Return the fields that a class describes: in a section, or below the field itself."""
    found = set()
    if issubclass(item, Described):
        found = {name for name, text in item.descriptions().items() if text}
    for section in ("Parameters", "Attributes"):
        for row in NumpyDocString(inspect.getdoc(item) or "")[section]:
            if row.desc:
                found |= {name.strip("* ") for name in row.name.split(",")}
    return found


@pytest.mark.parametrize("name", functions())
def test_a_public_function_says_what_it_takes_and_returns(name: str) -> None:
    """Would catch an argument that was added and not documented, or one that is gone."""
    assert faults(name) == []


def refusals(item: Any, *, helpers: bool = True) -> set[str]:
    """Return the errors that a function raises, or a function next to it that it calls.

    Left out: what is raised again, and calls whose errors it catches.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(item)))
    found, scope = set(), {**vars(builtins), **item.__globals__}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            called = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            error = scope.get(getattr(called, "id", ""))
            if inspect.isfunction(error):  # it makes the error that is raised
                found.add(error.__annotations__["return"])
            elif inspect.isclass(error):
                found.add(error.__name__)
    tries = [node for node in ast.walk(tree) if isinstance(node, ast.Try) and node.handlers]
    caught = {id(part) for node in tries for line in node.body for part in ast.walk(line)}
    for node in ast.walk(tree) if helpers else ():
        if not isinstance(node, ast.Call) or id(node) in caught:
            continue
        helper = inspect.unwrap(scope.get(getattr(node.func, "id", ""), len))
        if inspect.isfunction(helper) and helper.__module__ == item.__module__:
            found |= refusals(helper, helpers=False)
    return found


def listed_errors(item: Any) -> set[str]:
    """Return the errors that a docstring lists."""
    rows = NumpyDocString(inspect.getdoc(item) or "")["Raises"]
    return {name for row in rows for name in re.findall(r"\w+$|\w+(?=,)", row.type or row.name)}


@pytest.mark.parametrize("name", functions())
def test_a_public_function_lists_the_errors_that_it_raises(name: str) -> None:
    """Would catch a refusal that a caller cannot look up, or looks up under another name."""
    assert refusals(functions()[name]) <= listed_errors(functions()[name])


@pytest.mark.parametrize("name", functions())
def test_an_error_that_is_listed_is_one(name: str) -> None:
    """Would catch a name in `Raises` that nobody could catch."""
    item = functions()[name]
    known = {**vars(builtins), **vars(errors), **vars(pydantic), **item.__globals__}
    for error in listed_errors(item):
        assert issubclass(known[error], Exception), error


@pytest.mark.parametrize("name", classes())
def test_a_public_class_says_what_each_field_is(name: str) -> None:
    """Would catch a field that was added and that nobody can look up."""
    item = classes()[name]
    assert (inspect.getdoc(item) or "").strip()
    assert item.__doc__ != getattr(item.__base__, "__doc__", None), "inherited, not written"
    assert arguments(item) - documented(item) - {"distribution"} == set()


@pytest.mark.parametrize("name", classes())
def test_a_public_property_says_what_it_is(name: str) -> None:
    """Would catch a property without a docstring."""
    for key, value in vars(classes()[name]).items():
        if isinstance(value, property | cached_property) and not key.startswith("_"):
            assert (value.__doc__ or "").strip(), key


def computed() -> list[str]:
    """Return the public functions of `COMPUTING` that work out numbers rather than read them."""
    found = []
    for name, item in functions().items():
        returned = set(re.findall(r"[A-Za-z_]\w*", str(inspect.signature(item).return_annotation)))
        if name.split(".")[1] in COMPUTING and returned - NO_NUMBERS:
            found.append(name)
    return [name for name in found if not name.rpartition(".")[2].startswith("read_")]


def sources(name: str) -> str:
    """Return the section References of a function, or of the class that it is a method of."""
    of = classes().get(name.rpartition(".")[0])
    texts = [inspect.getdoc(item) or "" for item in (functions()[name], of) if item is not None]
    return "\n".join("\n".join(NumpyDocString(text)["References"]) for text in texts)


@pytest.mark.parametrize("name", computed())
def test_what_computes_a_number_names_its_source(name: str) -> None:
    """Would catch a number of which nobody can look up how it is defined or estimated."""
    entries = re.split(r"^- ", sources(name), flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert PLACE.search(entry) or WORK.search(entry) or ".csv" in entry, entry
        assert not re.match(r"\w\. ", entry), "Sphinx takes the initial for the number of a list"


def named_places() -> dict[tuple[str, str, str], str]:
    """Return each place in the documents that a source names, with one function that names it."""
    found = {}
    for name in computed():
        for page, section, quoted in PLACE.findall(" ".join(sources(name).split())):
            for text in re.findall(r'"([^"]+)"', quoted) or [""]:
                found[page, section, text] = name
    return found


@pytest.mark.parametrize("place", named_places(), ids=", ".join)
def test_a_source_in_the_documents_is_there(place: tuple[str, str, str]) -> None:
    """Would catch a heading or row that was renamed, so that a source leads nowhere."""
    page, section, text = place
    whole = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    if section:
        parts = re.split(r"^## ", whole, flags=re.MULTILINE)
        (whole,) = [part for part in parts if part.startswith(f"{section} ")]
    form = rf"^(#+ {re.escape(text)}$|\*\*{re.escape(text)}\b|- \*\*{re.escape(text)}\.)"
    rows = re.findall(r"^\| ([^|]*) \|", whole, re.MULTILINE)
    cells = {part.strip("` *") for row in rows for part in (row, *row.split(","))}
    assert not text or text in cells or text in rows or re.search(form, whole, re.MULTILINE)


@pytest.mark.parametrize("name", functions())
def test_an_array_has_its_shape(name: str) -> None:
    """Would catch an array of which nobody knows the dimensions."""
    item = functions()[name]
    doc = NumpyDocString(inspect.getdoc(item) or "")
    for section in ("Parameters", "Returns"):
        for row in doc[section]:
            if "ndarray" in row.type:
                text = " ".join([row.type, *row.desc])
                assert SHAPE.search(text), f"{row.name or 'what is returned'}: {text}"


def test_every_public_name_is_listed_and_exists() -> None:
    """Would catch a name of `__all__` that is not there, or is listed twice."""
    for module in public_modules():
        names = import_module(module).__all__
        assert len(set(names)) == len(names)
        assert [name for name in names if not hasattr(import_module(module), name)] == []


def test_documents_and_notebooks_import_what_is_public() -> None:
    """Would catch a page that sends readers to a name that may change at any time."""
    allowed = {*public_modules(), "riskmc.rules"}  # docs/your-own-rule.md changes the package
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").glob("*.py")]
    form = re.compile(r"^\s*(?:from|import) (riskmc[\w.]*)", re.MULTILINE)
    found = {
        f"{page.relative_to(ROOT)}: {name}"
        for page in pages
        for name in form.findall(page.read_text(encoding="utf-8"))
        if name not in allowed and not name.startswith("riskmc.rules.")
    }
    assert found == set()


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(SOURCE.rglob("*.py")) if ">>>" in path.read_text(encoding="utf-8")],
    ids=lambda path: path.relative_to(SOURCE).as_posix(),
)
def test_examples_in_docstrings_hold(path: Path) -> None:
    """Would catch an example that no longer prints what it shows."""
    name = path.relative_to(SOURCE.parent).with_suffix("").as_posix().replace("/", ".")
    assert doctest.testmod(import_module(name.removesuffix(".__init__"))).failed == 0
