"""Two kinds of reserves, deficits permitted outside the general fund, and costs that are known."""

from __future__ import annotations

from typing import Any

import pytest
from test_study_risks import study

from riskmc import run
from riskmc.errors import ResultsError, StudyError
from riskmc.measures import headline_table
from riskmc.measures.reserve_kinds import reserves_by_kind
from riskmc.study import study_from_json, study_json, validate

BODY = {"id": "borough", "kind": "council", "cost": 100.0, "charges": 100.0}


def with_body(**figures: Any) -> list[dict[str, Any]]:
    return [{"id": "trust", "kind": "provider", "cost": 1.0, "charges": 1.0}, {**BODY, **figures}]


def test_general_and_earmarked_reserves() -> None:
    """Hand-worked: 28 + 0.5 x 64 = 60 may be used. Would catch earmarked money used whole."""
    kinds = {"general_reserves": 28.0, "earmarked_reserves": 64.0, "earmarked_usable": 0.5}
    found = study(organisations=with_body(**kinds))
    assert found.organisation("borough").reserves == 60.0
    assert study_from_json(study_json(found)).organisations == found.organisations
    assert any("50 % of £64.0m earmarked" in line for line in validate(found).lines())
    assert study(organisations=with_body(general_reserves=5.0)).organisations[1].reserves == 5.0
    with pytest.raises(StudyError, match="are given alongside their kinds"):
        study(organisations=with_body(reserves=92.0, **kinds))


def test_what_is_left_of_each_kind() -> None:
    """By hand: 28 general and half of 64 earmarked; a deficit of 20 a year for three years.

    Usable 60, then 40, 20 and 0: earmarked 12, 0, 0 and general 28, 20, 0; 32 is never used. Would
    catch the working balance used before earmarked money, or money promised elsewhere used.
    """
    kinds = {"general_reserves": 28.0, "earmarked_reserves": 64.0, "earmarked_usable": 0.5}
    mandate = {"name": "Contract", "organisation": "borough", "start": "2026/27", "cost": 20.0}
    found = study(organisations=with_body(**kinds), mandates=[mandate], risks=[])
    results = run(found, draws=16, keep="all")
    by_kind = reserves_by_kind(results, organisation="borough")["value"].isel(regime=0)
    assert by_kind.sel(kind="general").values.tolist() == [28.0, 20.0, 0.0]
    assert by_kind.sel(kind="earmarked, usable").values.tolist() == [12.0, 0.0, 0.0]
    assert by_kind.sel(kind="earmarked, held").values.tolist() == [32.0, 32.0, 32.0]
    with pytest.raises(ResultsError, match="has no kinds of reserves"):
        reserves_by_kind(results, organisation="trust")
    for body in ("borough", "place"):
        notes = "\n".join(headline_table(results, body).notes)
        assert "£32.0m is kept for its purpose and is in no figure" in notes
    assert "kept for its purpose" not in "\n".join(headline_table(results, "trust").notes)


def test_kinds_of_reserves_are_checked() -> None:
    """Would catch a part of nothing overlooked, and a floor that earmarked money must keep."""
    with pytest.raises(StudyError, match="without earmarked_reserves"):
        study(organisations=with_body(reserves=5.0, earmarked_usable=0.5))
    high = study(organisations=with_body(general_reserves=5.0, reserve_floor=8.0))
    assert any("floor of reserves of £8.0m" in line for line in validate(high).warnings)
    kept = study(organisations=with_body(general_reserves=8.0, reserve_floor=8.0))
    assert not any("floor of reserves" in line for line in validate(kept).warnings)


def test_a_permitted_deficit_joins_whole_after_its_date() -> None:
    """By hand: 22 owed, 8 then 9 a year, permitted until 2027/28: 22 + 8 + 9 + 9 = 48 in 2028/29.

    Would catch a deficit that touches the balance before, or of which a part is lost.
    """
    row = {"name": "High needs", "organisation": "borough", "opening": 22.0}
    row |= {"yearly": [8.0, 9.0], "until": "2027/28"}
    found = study(organisations=with_body(reserves=100.0), permitted_deficits=[row])
    (mandate,) = found.mandates
    assert (mandate.start, mandate.cost, mandate.funded) == ("2028/29", (48.0,), 0.0)
    balance = run(found, draws=16, keep="all")["outcomes"]["balance"]
    by_year = balance.sel(organisation="borough").isel(chain=0, draw=0, regime=0).values.tolist()
    assert by_year == [0.0, 0.0, -48.0]
    assert study_from_json(study_json(found)) is not None
    late = study(organisations=with_body(), permitted_deficits=[{**row, "until": "2028/29"}])
    assert late.mandates == ()
    with pytest.raises(StudyError, match="not a year of this study"):
        study(organisations=with_body(), permitted_deficits=[{**row, "until": "2035/36"}])
    with pytest.raises(StudyError, match="not an organisation"):
        study(organisations=with_body(), permitted_deficits=[{**row, "organisation": "x"}])


def test_a_certain_cost_as_a_mandate_is_planned_for() -> None:
    """The field's 4 a year from the second: gap 4 from year 2. Would catch a gap of 0."""
    mandate = {"name": "Contract", "organisation": "borough", "start": "2027/28", "cost": 4.0}
    found = study(organisations=with_body(reserves=30.0), mandates=[mandate])
    gap = run(found, draws=16, keep="all")["outcomes"]["plan_gap"]
    by_year = gap.sel(organisation="borough").isel(chain=0, draw=0, regime=0).values.tolist()
    assert by_year == [0.0, 4.0, 4.0]
