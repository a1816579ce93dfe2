"""The documents: links lead somewhere, commands parse, code runs, output is the program's own."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import shlex
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import riskmc.runs.simulation
from riskmc.cli import main as riskmc_command
from riskmc.cli.reference import reference
from riskmc.measures.measure import MEASURES
from riskmc.rules import budget, income, plan, register, settlement, shortfall, spending, surplus
from riskmc.rules.register import INSTRUMENTS, Instrument
from riskmc.rules.rows import SITUATION
from riskmc.runs.simulation import run
from riskmc.study import load_study, parse_study, study_mapping
from riskmc.study.model import Dynamics, Organisation, PlanningScope
from riskmc.study.regimes import WATERFALLS as RULEBOOK
from riskmc.study.regimes import RulebookSettings, Settlement
from test_architecture import FLOORS
from update_docs import (
    DOCS,
    PLAYED,
    ROOT,
    Player,
    instruments,
    measures,
    model,
    parts_of,
    played,
    stated,
    workshop,
)

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]
PAGES += sorted(DOCS.glob("*.md")) + sorted((DOCS / "arguments").glob("*.md"))
RULES = (budget, income, plan, settlement, shortfall, spending, surplus)
SHELLS = ("console", "sh", "bash", "shell")
SMALL = 500


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """A page without its fenced blocks."""
    parts = parts_of(path.read_text(encoding="utf-8"))
    return "\n".join("\n".join(part.lines) for part in parts if not part.fence)


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#{1,6} +(.+?) *#*$", prose(path), re.M):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def links(path: Path) -> list[str]:
    """Targets of a page's links and pictures within the repository."""
    text = re.sub(r"`[^`]*`", "", prose(path))
    targets = re.findall(r"\]\(\s*<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)", text)
    targets += re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


# ------------------------------------------------------------------- links


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_links_lead_somewhere(path: Path) -> None:
    """Would catch a page that was renamed, and a heading that was."""
    broken = []
    for target in links(path):
        name, _, anchor = target.partition("#")
        other = (path.parent / name).resolve() if name else path
        if not other.exists():
            broken.append(f"{target}: no such file")
        elif ROOT.resolve() not in (other.resolve(), *other.resolve().parents):
            broken.append(f"{target}: outside the repository")
        elif anchor and other.suffix == ".md" and anchor not in anchors(other):
            broken.append(f"{target}: no such heading")
    assert not broken


def test_the_index_names_every_page() -> None:
    """Would catch a page that nobody finds."""
    listed = {target.partition("#")[0] for target in links(DOCS / "README.md")}
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert pages <= listed


# ------------------------------------------------------------------- commands


def commands(path: Path) -> list[tuple[str, bool]]:
    """Commands of ours on a page; whether they stand in full, in a block."""
    found = []
    for part in parts_of(path.read_text(encoding="utf-8")):
        if part.language in SHELLS:
            for line in part.lines:
                text = line.removeprefix("$ ").removeprefix(".venv/bin/")
                if re.match(r"riskmc( |$)", text):
                    found.append((text.partition(" | ")[0], True))
        elif not part.fence:
            spans = re.findall(
                r"(?<!`)`((?:\.venv/bin/)?riskmc(?: [^`]*)?)`", "\n".join(part.lines)
            )
            found += [(span.removeprefix(".venv/bin/"), False) for span in spans]
    return found


def parse(text: str, *, whole: bool) -> None:
    """Parse a command as the program would, without running it; raises click.UsageError."""
    words = shlex.split(text, comments=True)[1:]
    if not words or words[0].startswith("-"):
        return
    group = click.Context(riskmc_command, info_name="riskmc", **riskmc_command.context_settings)
    command = riskmc_command.get_command(group, words[0])
    if command is None:
        raise click.UsageError(f"no such command: {words[0]}")
    try:
        command.make_context(words[0], words[1:], parent=group)
    except click.MissingParameter:
        if whole:
            raise
    except click.exceptions.Exit:
        pass


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_commands_parse(path: Path) -> None:
    """Would catch a command or an option that was renamed, or never existed."""
    wrong = []
    for text, whole in commands(path):
        if re.search(r"[\[…]|\.\.\.|[A-Z]{4,}", text):
            continue  # a form with slots, not a command
        try:
            parse(text, whole=whole)
        except click.UsageError as error:
            wrong.append(f"{text}: {error.format_message()}")
    assert not wrong


def test_a_wrong_command_does_not_parse() -> None:
    """Would catch a check that lets everything through."""
    for text in ("riskmc simulate x.toml", "riskmc run x.toml --drawz 5", "riskmc validate"):
        with pytest.raises(click.UsageError):
            parse(text, whole=True)


# ------------------------------------------------------------------- the program's own words


def test_the_command_line_reference_is_up_to_date() -> None:
    """Would catch an option without its line: python -m tests.update_docs."""
    assert (DOCS / "command-line.md").read_text(encoding="utf-8") == reference(riskmc_command)


def test_the_reference_names_every_command_and_option() -> None:
    """Would catch a reference that leaves something out."""
    text = reference(riskmc_command)
    for name, command in riskmc_command.commands.items():
        section = text.partition(f"## riskmc {name}\n")[2].partition("\n## ")[0]
        assert section
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert option in section, f"{name} {option}"


def test_measures_are_those_of_the_catalogue() -> None:
    """Would catch a measure, label or unit that changed in code only: tests.update_docs."""
    text = (DOCS / "measures.md").read_text(encoding="utf-8")
    assert text == measures(text)


def test_instruments_are_those_of_the_register() -> None:
    """Would catch a parameter, default, source or shipped figure that changed in code only."""
    text = (DOCS / "instruments.md").read_text(encoding="utf-8")
    assert text == instruments(text)
    marks = re.findall(r"^<!-- (plan|shortfall|surplus|excess) (\w+) -->$", text, re.M)
    assert sorted(marks) == sorted((row.waterfall, row.name) for row in INSTRUMENTS)
    headings = re.findall(r"^### (\w+)$", text, re.M)
    assert headings == [name for _, name in marks]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name == "tutorial" else ()) for name in PLAYED],
)
def test_output_is_what_the_program_prints(name: str) -> None:
    """Would catch a page that shows what the program no longer says: tests.update_docs."""
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert played(text).split("\n") == text.split("\n")


def test_the_study_of_your_own_place_has_no_warning() -> None:
    """Would catch advice that `validate` itself would warn against."""
    text = (DOCS / "your-own-place.md").read_text(encoding="utf-8")
    whole = text.partition("## Common errors")[0]
    assert "harbour.toml: can be run" in whole
    assert "warning" not in whole


# ------------------------------------------------------------------- the model


@pytest.mark.parametrize(
    "names",
    [
        [*Settlement.model_fields, *RulebookSettings.model_fields],
        [*PlanningScope.model_fields, *Dynamics.model_fields],
        [key for key in Organisation.model_fields if key not in ("id", "name")],
    ],
    ids=["rules", "planning", "organisations"],
)
def test_the_model_names_everything(names: list[str]) -> None:
    """Would catch a driver, output or setting that the model page has not heard of."""
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`(?:settlement\.|payment\.)?(\w+)`", text))
    assert [name for name in names if name not in known] == []


def test_the_model_lists_what_the_registers_hold() -> None:
    """Would catch a driver, instrument or output that changed in code only: update_docs."""
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    assert text == model(text)


# ------------------------------------------------------------------- code on the pages


@pytest.mark.parametrize("page", ["README.md"])
def test_code_on_the_page_runs(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch an example that a user cannot repeat; with fewer draws than it says."""

    def small(study: Any, **options: Any) -> xr.DataTree:
        options["draws"] = min(options.get("draws") or study.draws, SMALL)
        return run(study, **options)

    monkeypatch.setattr(riskmc.runs.simulation, "run", small)
    parts = parts_of((ROOT / page).read_text(encoding="utf-8"))
    blocks = [part for part in parts if part.language == "python"]
    assert blocks
    with workshop():
        Player().play(blocks)


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_code_on_every_page_is_python_and_its_imports_are_there(path: Path) -> None:
    """Would catch a name that a search for words made into two, and a function that is gone."""
    for part in parts_of(path.read_text(encoding="utf-8")):
        if part.language != "python":
            continue
        for statement in ast.parse("\n".join(part.lines)).body:
            if isinstance(statement, ast.ImportFrom) and statement.module.startswith("riskmc"):
                found = importlib.import_module(statement.module)
                for name in statement.names:
                    there = hasattr(found, name.name)
                    assert there or importlib.util.find_spec(f"{statement.module}.{name.name}")


def test_the_measure_of_the_contributors_page_is_one() -> None:
    """Would catch a recipe for measures that no longer works."""
    (block,) = [
        part
        for part in parts_of((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
        if part.language == "python"
    ]
    names: dict[str, Any] = {}
    exec("\n".join(block.lines), names)
    del MEASURES["years_of_rescue"]  # an example: the catalogue stays as it was
    results = run(load_study(ROOT / "configs" / "example.toml"), draws=64, seed=3, keep="all")
    found = names["years_of_rescue"](results, organisation="place", regime="current")
    by_hand = (results["place"]["rescue_needed"].sel(regime="current") > 1e-6).sum("year")
    assert found["value"].item() == pytest.approx(by_hand.mean().item(), rel=1e-12)
    assert 0.0 < found["mcse"].item() < 1.0


def test_the_floors_are_those_of_the_code() -> None:
    """Would catch a part of the package that the contributors' page leaves out or puts too high."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## Floors")[2].partition("##")[0]
    cells = re.findall(r"^\|[^|]*\|((?: `\w+`,?)+) \|", table, re.M)
    rows = [re.findall(r"`(\w+)`", cell) for cell in cells]
    assert {name for row in rows for name in row} == set(FLOORS) - {"__main__"}
    heights = [[FLOORS[name] for name in row] for row in rows]
    for below, above in pairwise(heights):
        assert max(below) <= min(above)


# ------------------------------------------------------------------- a rule of one's own


def own_rule() -> tuple[Any, Instrument]:
    """The function and the row of docs/your-own-rule.md."""
    names: dict[str, Any] = {}
    parts = parts_of((DOCS / "your-own-rule.md").read_text(encoding="utf-8"))
    blocks = ["\n".join(part.lines) for part in parts if part.language == "python"]
    for code in blocks[:2]:
        exec(code, names)
    return names["risk_pool"], names["ROW"]


def devolved_with(row: dict[str, Any], waterfall: str = "shortfall") -> Any:
    """The example under devolved rules, with one instrument more before the last."""
    tables = study_mapping(load_study(ROOT / "configs" / "example.toml"))
    plain = tables["regimes"]["devolved"]
    steps = plain["rulebooks"]["place"][waterfall]
    more = {"rulebooks": {"place": {waterfall: [*steps[:-1], row, steps[-1]]}}}
    tables["regimes"] = {"devolved": plain, "more": {"extends": "devolved", **more}}
    return parse_study(tables)


def test_a_rule_of_ones_own_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a register that needs more than a function and a row."""
    _, row = own_rule()
    with pytest.raises(riskmc.errors.StudyError, match="is not an instrument of shortfall"):
        devolved_with({"instrument": "risk_pool", "share": 0.5})
    monkeypatch.setattr(register, "INSTRUMENTS", (*register.INSTRUMENTS, row))
    with pytest.raises(riskmc.errors.StudyError, match="share: is missing"):
        devolved_with({"instrument": "risk_pool"})
    study = devolved_with({"instrument": "risk_pool", "share": 0.5})
    place = run(study, draws=SMALL, seed=1, keep="all")["place"].to_dataset()
    met = ["from_reserves", "in_year_measures", "capital_to_revenue", "carry_forward", "bailout"]
    paid = place["shortfall"] - sum(place[name] for name in [*met, "unresolved"])
    asked = 0.5 * (paid + place["rescue_needed"])
    expected = np.minimum(asked, 0.02 * place["income"]).where(place["regime"] == "more", 0.0)
    np.testing.assert_allclose(paid, expected, atol=1e-9)
    assert float(paid.max()) > 1.0


@given(
    left=st.floats(0.0, 1e4),
    turnover=st.floats(0.0, 1e5),
    share=st.floats(0.0, 1.0),
    limit=st.floats(0.0, 1.0),
)
def test_the_identity_of_the_example_holds(
    left: float, turnover: float, share: float, limit: float
) -> None:
    """Would catch an example that breaks the first rule of rules."""
    rule, _ = own_rule()
    taken = rule(
        left=np.array([[left]]), income=np.array([[turnover]]), share=share, limit=limit
    ).taken
    assert 0.0 <= taken.item() <= left


@pytest.mark.parametrize("waterfall", ["plan", "shortfall", "surplus"])
def test_a_rule_is_given_what_the_register_says(
    waterfall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a register that promises what the engine does not give, or hides what it does."""
    outcome = {"plan": plan.Planned, "shortfall": shortfall.Absorbed, "surplus": surplus.Used}
    seen: list[set[str]] = []

    def probe(**given: Any) -> Any:
        seen.append(set(given))
        return outcome[waterfall](0.0 * given["left"])

    known = set(SITUATION[waterfall])  # type: ignore[index]
    wanted = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in sorted(known)]
    probe.__signature__ = inspect.Signature(wanted)  # type: ignore[attr-defined]
    row = Instrument("probe", waterfall, probe, "", "look around")  # type: ignore[arg-type]
    monkeypatch.setattr(register, "INSTRUMENTS", (*register.INSTRUMENTS, row))
    run(devolved_with({"instrument": "probe"}, waterfall), draws=16, seed=1, keep="all")
    assert seen
    assert all(given == known for given in seen)


@pytest.mark.parametrize(
    "row",
    [row for row in INSTRUMENTS if row.waterfall in RULEBOOK],
    ids=lambda row: f"{row.waterfall}-{row.name}",
)
def test_a_rule_does_what_it_returns_under_any_name(
    row: Instrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch an engine that knows its instruments, or their outputs, by name: a new one would
    then do less."""
    tables = study_mapping(load_study(ROOT / "configs" / "example.toml"))
    book = tables["regimes"]["devolved"]["rulebooks"]["place"]
    steps = book[row.waterfall]
    if row.name not in [step["instrument"] for step in steps]:
        given = {p.name: 0.3 for p in row.parameters}
        book[row.waterfall] = steps = [{"instrument": row.name, **given}, *steps]
    tables["regimes"] = {"devolved": tables["regimes"]["devolved"]}
    plain = run(parse_study(tables), draws=64, seed=2, keep="all")["place"]

    other = replace(row, name="of_ones_own", records=row.records and "of_ones_own")
    monkeypatch.setattr(register, "INSTRUMENTS", (*register.INSTRUMENTS, other))
    book[row.waterfall] = [
        step | {"instrument": "of_ones_own"} if step["instrument"] == row.name else step
        for step in steps
    ]
    renamed = run(parse_study(tables), draws=64, seed=2, keep="all")["place"]
    stocks, flows = ("reserves", "carried", "debt"), ("cost", "balance", "unmet", "unresolved")
    for name in (*stocks, *flows, "repaid", "central_cost"):
        np.testing.assert_array_equal(renamed[name], plain[name], err_msg=name)


# ------------------------------------------------------------------- rules


def rules() -> list[Any]:
    """Every public rule."""
    return [function for module in RULES for function in functions(module)]


def functions(module: ModuleType) -> list[Any]:
    return [
        function
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    ]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.__qualname__)
def test_a_rule_says_units_and_source(rule: Any) -> None:
    """Would catch a rule that a reader cannot check: no unit, no identity, no source."""
    text = inspect.getdoc(rule) or ""
    said = stated(rule)
    assert "Source" in said or "Identity" in said or "Arguments as in" in text
    kinds = [p.kind for p in inspect.signature(rule).parameters.values()]
    assert set(kinds) == {inspect.Parameter.KEYWORD_ONLY}
    listed = re.findall(r"^(\w+) {2,}.*\[([^]]+)\]$|^(\w+) {2,}\S", text, re.M)
    for with_unit, unit, without in listed:
        assert with_unit, f"{without} has no unit in brackets"
        assert unit


@pytest.mark.parametrize("row", INSTRUMENTS, ids=lambda row: f"{row.waterfall}-{row.name}")
def test_an_instrument_says_everything(row: Instrument) -> None:
    """Would catch a docstring that leaves out an argument, the identity or the source."""
    text = inspect.getdoc(row.function) or ""
    said = stated(row.function)
    assert said["Identity"]
    assert said["Source"]
    for name in inspect.signature(row.function).parameters:
        assert re.search(rf"^{name} .*\[[^]]+\]$", text, re.M), name
    assert all(parameter.unit and parameter.meaning for parameter in row.parameters)
