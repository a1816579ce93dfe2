"""Rules in words, the starter study, and the JSON Schema for editors."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskmc.described import Described
from riskmc.distributions import Triangular
from riskmc.distributions.mixture import WeightedTriangular
from riskmc.errors import StudyError
from riskmc.study import (
    InstrumentSetting,
    json_schema,
    load_study,
    parse_study,
    regime_figures,
    rules_in_words,
    shipped_regime,
    shipped_sources,
    starter,
    validate,
)
from riskmc.study.in_words import in_words, no_rule
from strategies import JOINED_LATER

HERE = Path(__file__).parent
WHOLE = (HERE / "whole.toml").read_text(encoding="utf-8")
ROOT = HERE.parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.toml"))


def test_figures_in_words() -> None:
    """Would catch 0.02 read as money, or a list without its years."""
    assert in_words(0.02, "share of planned cost") == "2 %"
    assert in_words(0.125, "probability") == "12.5 %"
    assert (
        in_words((0.04, 0.04, 0.035, 0.03, 0.03), "share") == "4 %, 4 %, 3.5 %, then 3 % (by year)"
    )
    assert in_words((0.04, 0.04), "share") == "4 %"
    assert in_words(1234.5, "£m a year") == "£1,234.5m"
    assert in_words(0.05, "£ a year per £") == "£0.05"
    assert in_words(None, "share of income") == "no limit"
    assert in_words(True, "true or false") == "yes"
    assert in_words(5, "years") == "5 years"


def test_rules_of_a_study_in_words() -> None:
    """Would catch an instrument left out or out of order, or a limit that is not set."""
    text = rules_in_words(load_study(HERE / "whole.toml").regimes["devolved"])
    said = " ".join(text.split())
    for part in (
        "Devolved, balanced budget",
        "the grant is settled every 5 years",
        "all bodies balance as one holder, place",
        "interest of 3 % a year",
        "4. cut services by up to 2 % of cost",
        "3. carry a deficit of up to 2 % of income",
        "4. ask the centre for a bailout, granted with probability 20 %; 50 % of it is debt",
        "2. invest 30 % of what is left in prevention",
        "transformation fund of £10m for 5 years, then nothing",
        "What is left returns to the centre.",
    ):
        assert part in said, part
    assert "Source" not in text
    assert "{" not in text
    assert max(map(len, text.splitlines())) <= 96


def test_a_limit_of_a_bailout_is_said_where_it_is_set() -> None:
    """Would catch a limit dropped from the sentence."""
    regime = shipped_regime("current")
    book = regime.rulebooks["provider"]
    limited = tuple(
        setting.replaced(limit=0.25) if setting.instrument == "bailout" else setting
        for setting in book.shortfall
    )
    assert isinstance(limited[0], InstrumentSetting)
    books = {"provider": book.model_copy(update={"shortfall": limited})}
    text = rules_in_words(regime.model_copy(update={"rulebooks": books}))
    assert "up to 25 % of income" in " ".join(text.split())


@pytest.mark.parametrize("name", ["current", "devolved"])
def test_shipped_rules_in_words_say_unit_source_and_why(name: str) -> None:
    """Would catch a figure whose source the user never sees, or a rule of 0 that fills a line."""
    said = " ".join(rules_in_words(name).split())
    idle = {f.path for f in regime_figures(shipped_regime(name)) if no_rule(f)}
    assert "settlement.equalisation" in idle
    assert "shock to local tax" not in said
    for path, source in shipped_sources(name).items():
        if path in idle:
            continue
        for text in (source.unit, source.source, source.why):
            assert " ".join(text.split()) in said, path
    with pytest.raises(KeyError):
        rules_in_words("none")


def test_every_figure_of_a_regime_has_one_path() -> None:
    """Would catch two figures filed under one source."""
    for regime in load_study(HERE / "whole.toml").regimes.values():
        figures = [figure.path for figure in regime_figures(regime)]
        assert len(figures) == len(set(figures))
        assert "settlement.period" in figures


@pytest.mark.parametrize("name", ["My place", 'A "quoted" \\ name', "Bury\nand\x7f\x00", "", "ünï"])
def test_the_starter_loads_as_shipped(name: str, tmp_path: Path) -> None:
    """Would catch a template broken by a title, or that a beginner must mend first."""
    file = tmp_path / "new.toml"
    file.write_text(starter(name), encoding="utf-8")
    study = load_study(file)
    assert len(study.organisations) == 3
    assert study.title
    said = validate(study)
    assert said.warnings == ()
    assert [row.driver for row in said.neutral] == list(JOINED_LATER)
    assert list(study.regimes) == ["current", "devolved", "devolved_three"]
    assert study.regimes["current"].rulebooks == shipped_regime("current").rulebooks
    if name == "My place":
        assert study.title == name


# ------------------------------------------------------------------ JSON Schema


@pytest.fixture(scope="module")
def validator() -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", [HERE / "whole.toml", *CONFIGS], ids=lambda path: path.name)
def test_schema_knows_every_study(path: Path, validator: Any) -> None:
    """Would catch an editor that underlines what `riskmc` accepts."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    assert [error.message for error in validator.iter_errors(tables)] == []


def test_schema_knows_the_starter(validator: Any) -> None:
    """Would catch a template that an editor underlines."""
    assert list(validator.iter_errors(tomllib.loads(starter("x")))) == []


WRONG: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "unknown top key": (("sede",), 1),
    "misspelt key": (("organisations", 0, "cst"), 1.0),
    "kind": (("organisations", 0, "kind"), "trust"),
    "negative": (("organisations", 0, "cost"), -1.0),
    "text for a number": (("planning", "tax_growth"), "x"),
    "item of a list": (("planning", "grant_growth"), [0.1, "x"]),
    "unknown driver": (("drivers", "fundng_shock"), {"distribution": "constant", "value": 1.0}),
    "one-off cost": (("drivers", "one_off_cost"), {"distribution": "constant", "value": 1.0}),
    "unknown parameter": (("drivers", "tax_shock", "men"), 0.1),
    "parameter of a scope": (("drivers", "demand_growth", "by", "council", "men"), 0.1),
    "expected": (("drivers", "tax_shock", "expected"), 0.1),
    "rescue": (("drivers", "rescue"), {"mean": 0.1}),
    "family": (("drivers", "tax_shock", "distribution"), "norml"),
    "correlation": (("correlation", "tax_shock, recognition"), 1.5),
    "pair": (("correlation", "tax_shock"), 0.5),
    "two impacts": (("risks", 1, "low"), 1.0),
    "settlement": (("regimes", "current", "settlement", "in_year_cuts"), "never"),
    "instrument": (("regimes", "current", "rulebooks", "provider", "plan", 0, "instrument"), "x"),
    "figure": (("regimes", "current", "rulebooks", "provider", "plan", 0, "max_rte"), 0.1),
    "bound": (("regimes", "current", "rulebooks", "provider", "plan", 0, "min_rate"), 3.0),
    "rulebook": (("regimes", "current", "rulebooks", "provider", "interst"), 0.1),
    "behaviour": (("behaviour", "devolved", "efort"), 1.0),
}


@pytest.mark.parametrize("path_and_value", WRONG.values(), ids=WRONG.keys())
def test_schema_refuses_what_loading_refuses(
    path_and_value: tuple[tuple[str | int, ...], Any], validator: Any
) -> None:
    """Would catch an editor that stays silent where `riskmc` will not."""
    path, value = path_and_value
    tables: Any = tomllib.loads(WHOLE)
    inner = tables
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    assert list(validator.iter_errors(tables))
    with pytest.raises(StudyError):
        parse_study(tables)


def test_schema_is_plain_json_that_explains_itself() -> None:
    """Would catch a reference to nothing, or keys without their meaning."""
    schema = json_schema()
    text = json.dumps(schema)
    for part in text.split('"$ref": "#/$defs/')[1:]:
        assert part.split('"')[0] in schema["$defs"]
    assert schema["required"] == [
        "schema", "title", "start_year", "years", "draws", "seed", "organisations", "regimes",
    ]  # fmt: skip
    assert "Own resource cost" in text


def _models(base: type[Described] = Described) -> Iterator[type[Described]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def test_every_key_says_what_it_is() -> None:
    """Would catch a key that error messages and the schema name without a word of what it is."""
    models = [model for model in _models() if model.__module__.startswith("riskmc.")]
    assert len(models) > 50
    silent = {
        f"{model.__name__}.{name}"
        for model in models
        for name in model.model_fields
        if name != "distribution" and not model.descriptions().get(name)
    }
    assert silent == set()


def test_loading_a_study_reads_no_descriptions() -> None:
    """Would catch a key whose words are read from the source where nobody asks for them."""
    code = (
        "from riskmc.described import _classes; from riskmc.study import load_study;"
        "load_study('configs/example.toml'); assert _classes.cache_info().misses == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_model_takes_the_words_of_those_it_is_made_from() -> None:
    """Would catch words lost on the way to a class made from two others."""
    words = WeightedTriangular.descriptions()
    assert words["weight"].startswith("Probability of this part")
    assert words["likely"] == Triangular.descriptions()["likely"] != ""
