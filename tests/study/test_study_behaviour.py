"""Behaviour assumed: effort typed, or from what a body bears and keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskmc.errors import StudyError
from riskmc.study import Study, load_study, parse_study, study_mapping
from riskmc.study.behaviour import rescued_share, soft_budget_effort, taken_share

EXAMPLE = Path(__file__).parents[2] / "configs" / "example.toml"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(EXAMPLE)


def test_effort_of_a_body_wholly_its_own() -> None:
    """Would catch a solution of another equation: with nothing borne by others e = 1 / k."""
    assert soft_budget_effort(rescued=0.0, taken=0.0) == pytest.approx(0.04, abs=1e-12)
    assert soft_budget_effort(rescued=1.0, taken=1.0) == pytest.approx(0.0, abs=1e-12)


def test_effort_worked_by_hand() -> None:
    """Would catch β and τ changed about: at e = L half of each is borne, so k e = 1 - (β+τ)/2.

    With k = 25 and L = 0.03, k e = 0.75 at e = L, so β + τ = 0.5 gives e = 0.03 exactly; where all
    of the 0.5 is rescue, effort is 0.03 as well.
    """
    assert soft_budget_effort(rescued=0.5, taken=0.0) == pytest.approx(0.03, abs=1e-12)
    assert soft_budget_effort(rescued=0.0, taken=0.5) == pytest.approx(0.03, abs=1e-12)
    # far from any surplus only the rescue counts: k e = 1 - β
    assert soft_budget_effort(rescued=0.4, taken=0.9, loss=0.9) == pytest.approx(0.024, abs=1e-9)


def test_shares_follow_from_the_rulebook(study: Study) -> None:
    """Would catch a loan counted as the centre's loss, or clawback of a pound already spent.

    Providers: bailout certain, 0.8 of it lent: β = 0.2. Surplus: 0.3 clawed back, half of the rest
    repays debt, the rest is kept: τ = 0.3. Commissioners: 0.2 spent, 0.8 of the rest taken: 0.64.
    Councils pay for their own support: β = 0.
    """
    books = study.regimes["current"].rulebooks
    assert rescued_share(books["provider"]) == pytest.approx(0.2)
    assert taken_share(books["provider"]) == pytest.approx(0.3)
    assert taken_share(books["commissioner"]) == pytest.approx(0.64)
    assert rescued_share(books["council"]) == 0.0


def test_a_study_puts_it_into_its_rules(study: Study) -> None:
    """Would catch a model that is read and not used, or one effort for every body."""
    tables = study_mapping(study) | {"behaviour": {"current": {"soft_budget": {}}}}
    made = parse_study(tables)
    assert parse_study(study_mapping(made)) == made
    books = made.with_behaviour().regimes["current"].rulebooks
    effort = {name: book.plan[0].parameters["effort"] for name, book in books.items()}
    expected = soft_budget_effort(rescued=0.2, taken=0.3) / 0.04
    assert effort["provider"] == pytest.approx(expected)
    assert effort["council"] == pytest.approx(1.0)
    assert made.with_behaviour().regimes["devolved"] == made.regimes["devolved"]


def test_figures_of_ones_own(study: Study) -> None:
    """Would catch β and τ typed and not used, and two efforts at once."""
    given = {"soft_budget": {"rescued": 0.5, "taken": 0.0}}
    made = parse_study(study_mapping(study) | {"behaviour": {"current": given}})
    book = made.with_behaviour().regimes["current"].rulebooks["council"]
    assert book.plan[0].parameters["effort"] == pytest.approx(0.75)
    both = {"behaviour": {"current": {"soft_budget": {}, "effort": 1.1}}}
    with pytest.raises(StudyError, match="not both"):
        parse_study(study_mapping(study) | both)
