"""The pages of docs/arguments: their numbers are the program's, their signs are true."""

from __future__ import annotations

from functools import cache

import pytest

from arguments import ARGUMENTS, BY_NAME, FOLDER, Argument, Claim, Measured, measured, tables
from update_docs import marked

NAMES = list(BY_NAME)
#: What every study but that of several places begins with.
_PLACE = "# ------"


@cache
def off(name: str) -> Measured:
    return measured(BY_NAME[name])


def test_every_argument_has_its_page_and_study() -> None:
    """Would catch a page that no test walks, and a study that no page explains."""
    pages = {path.stem for path in FOLDER.glob("*.md")} - {"README"}
    assert pages == {path.stem for path in FOLDER.glob("*.toml")} == set(NAMES)
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"]({name}.md)" in index for name in NAMES)


@pytest.mark.parametrize("argument", ARGUMENTS, ids=NAMES)
def test_the_signs_are_those_of_the_numbers(argument: Argument) -> None:
    """Would catch a sentence that the model no longer bears, such as the sign of payment."""
    assert off(argument.name).broken(argument.claims) == []
    if argument.behaving:
        assert measured(argument, behaviour=True).broken(argument.behaving) == []


@pytest.mark.slow
@pytest.mark.parametrize("argument", ARGUMENTS, ids=NAMES)
def test_the_numbers_are_what_the_program_prints(argument: Argument) -> None:
    """Would catch a table left behind: python -m tests.update_arguments."""
    text = (FOLDER / f"{argument.name}.md").read_text(encoding="utf-8")
    found = tables(argument)
    assert all(f"<!-- {name} -->" in text for name in found)
    assert marked(text, found) == text


def test_a_wrong_sign_is_found() -> None:
    """Would catch a check of claims that lets everything through."""
    wrong = Claim("own_balance", "activity_fund", "activity", "+", "hospital")
    (said,) = off("payment").broken([wrong])
    assert "activity_fund" in said


def test_paid_by_activity_a_hospital_loses_what_capitation_gives_it() -> None:
    """Would catch a payment that follows the need drawn, and not the activity done.

    What the hospital loses by activity, against capitation, its commissioner keeps.
    """
    one = off("payment")

    def gain(body: str, payment: str) -> float:
        return one.single("own_balance", body, f"{payment}_fund", payment).value

    lost = gain("hospital", "capitation") - gain("hospital", "activity")
    assert gain("ccg", "activity") - gain("ccg", "capitation") == pytest.approx(lost, rel=1e-9)
    assert gain("place", "activity") == pytest.approx(gain("place", "capitation"), rel=1e-9)


def test_nine_studies_are_of_one_place() -> None:
    """Would catch two arguments compared although their places differ."""
    places = set()
    for name in NAMES:
        text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        if name != "the-pot":
            begin = text.index("start_year")
            places.add(text[begin : text.index(f"{_PLACE}", text.index("[drivers."))])
    assert len(places) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_study_is_small(name: str) -> None:
    """Would catch a study that a reader has to wait for."""
    assert off(name).study.draws <= 2_000
