"""Whatever a user types, the answer is a study or a list of faults: never a traceback."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskmc.errors import Problem, StudyError
from riskmc.study import (
    Study,
    load_study,
    parse_study,
    rules_in_words,
    study_from_json,
    study_json,
    validate,
)
from strategies import examples

WHOLE = (Path(__file__).parent / "whole.toml").read_text(encoding="utf-8")
LINES = WHOLE.split("\n")
KEYED = [place for place, line in enumerate(LINES) if "=" in line and not line.startswith("#")]

#: Values that a hurried or hostile hand might type.
VALUES = (
    "", "0", "-1", "1", "2", "3.5", "1e308", "-1e308", "1e-320", "nan", "inf", "-inf", "true",
    '""', '"x"', '"normal"', '"beta"', '"quantiles"', '"empirical"', '"mixture"', "[]", "[1]",
    '["*"]', "[[1]]", "{}", "{ a = 1 }", "2016-04-01", "12:30:00", "9" * 30, "0x" + "f" * 5000,
    "1" * 5000, '"\\u0000"', '"""x\ny"""', "[nan]", "[1, true]", "'place'", '"acute"', '"council"',
    "{ instrument = 1 }", '[{ instrument = "savings" }]', '[{ distribution = "normal" }]', "= 1",
    "]", "{", "[" * 2000 + "]" * 2000, '"current"', '"devolved"', '"\\uD7FF"', "1_000", "0.5",
)  # fmt: skip
HEADERS = ("[planning]", "[[risks]]", "[drivers]", "[regimes]", "[x]", "[a.b.c]", "[[regimes]]")


def tried(load: Callable[[], Study]) -> tuple[Study | None, tuple[Problem, ...]]:
    """A study, or at least one fault: anything else is an error of this test."""
    try:
        return load(), ()
    except StudyError as error:
        assert error.problems  # noqa: PT017
        return None, error.problems


def used(study: Study) -> None:
    """Whatever loads must also answer; warnings are errors, so nothing may overflow."""
    for name in ("grant_growth", "tax_growth", "charges_growth"):
        assert np.isfinite(study.growth(name)).all()
    for name in ("demand_growth", "cost_inflation"):
        assert np.isfinite(study.expected(name)).all()
    assert abs(study.prevention_weights().sum() - 1.0) < 1e-9
    names = study.named_drivers
    assert np.linalg.eigvalsh(study.correlation_matrix(names)).min(initial=1.0) > 0.0
    validate(study.with_behaviour())
    for regime in study.regimes.values():
        places = [place for h in regime.holders(study.organisations) for place in h.members]
        assert sorted(places) == list(range(len(study.organisations)))
        assert rules_in_words(regime)
    assert study_from_json(study_json(study)) == study


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The whole study with a few lines changed, dropped, doubled or moved."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(KEYED)) % len(lines)
        key = lines[place].partition("=")[0]
        kind = draw(st.sampled_from(["value", "value", "value", "key", "drop", "double", "header"]))
        if kind == "value":
            lines[place] = f"{key}= {draw(st.sampled_from(VALUES))}"
        elif kind == "key":
            lines[place] = (
                f"{key.strip()}{draw(st.sampled_from('xs_.'))} {lines[place][len(key) :]}"
            )
        elif kind == "drop":
            del lines[place]
        elif kind == "double":
            lines.insert(place, lines[place])
        else:
            lines.insert(place, draw(st.sampled_from(HEADERS)))
    return "\n".join(lines)


ANY = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(),
        st.sampled_from(["normal", "acute", "council", "place", "current", "*", "2016/17"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["id", "kind", "by", "council", "distribution", "mean", "sd", "parts", "members",
                 "plan", "instrument", "savings", "extends", "settlement", "rulebooks", "impact"]
            ) | st.text(max_size=3),
            inner, max_size=4,
        ),
    ),
    max_leaves=8,
)  # fmt: skip
TOP = ("schema", "title", "start_year", "years", "draws", "seed", "organisations", "contracts",
       "planning", "dynamics", "drivers", "correlation", "risks", "regimes", "behaviour",
       "precision", "scheme")  # fmt: skip


@examples(100)
@given(text=mutated())
def test_a_mutated_file_loads_or_is_refused(text: str, tmp_path_factory: object) -> None:
    """Would catch a traceback on any slip of the hand, and a fault without a line."""
    file = Path(str(tmp_path_factory.getbasetemp())) / "mutated.toml"  # type: ignore[attr-defined]
    file.write_text(text, encoding="utf-8")
    study, problems = tried(lambda: load_study(file))
    count = text.count("\n") + 1
    for problem in problems:
        assert str(problem)
        assert problem.line is None or 1 <= problem.line <= count
    if study:
        used(study)


@examples(80)
@given(st.dictionaries(st.sampled_from(TOP), ANY, max_size=6))
def test_any_tables_load_or_are_refused(changes: dict[str, object]) -> None:
    """Would catch a check that trusts the shape of a section it has not checked."""
    study, problems = tried(lambda: parse_study(tomllib.loads(WHOLE) | changes))
    assert all(problem.message for problem in problems)
    if study:
        used(study)


@examples(100)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    """Would catch a decoder's or parser's own error reaching the user."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "any.toml"
        file.write_bytes(data)
        study, _ = tried(lambda: load_study(file))
    assert study is None
