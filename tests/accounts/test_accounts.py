"""The tables that ship, and a user's own in the same columns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from riskmc.accounts import council_accounts, provider_series, read_accounts, trusts_drawing
from riskmc.accounts.checks import faults
from riskmc.accounts.councils import NEEDED
from riskmc.errors import InputError

HEAD = ",".join(NEEDED)


def written(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "mine.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_shipped_tables_are_whole() -> None:
    """Would catch a row lost, a unit changed or a total that is not the published one."""
    assert list(faults()) == []


def test_trafford_is_as_its_return_has_it() -> None:
    """Would catch columns swapped: figures of the return for 2015/16, £m."""
    accounts = council_accounts()
    place = accounts.place("Trafford")
    assert accounts.years[-1] == "2015/16"
    assert accounts.expenditure[place, -1] == pytest.approx(144.4, abs=0.05)
    assert accounts.closing[place, -1] == pytest.approx(30.3, abs=0.05)
    assert accounts.unallocated[place, -1] == pytest.approx(7.9, abs=0.05)


def test_tiers_leave_out_the_two_unlike_any_other() -> None:
    """Would catch the City of London among the councils that an estimate is made from."""
    accounts = council_accounts()
    assert len(accounts.tier("upper").codes) == 150
    assert len(accounts.tier("district").codes) == 201
    assert "E09000001" not in accounts.tier("all").codes


def test_until_leaves_out_later_years() -> None:
    """Would catch a back-test that sees what came later."""
    accounts = council_accounts().until("2012/13")
    assert accounts.years == ("2010/11", "2011/12", "2012/13")
    assert accounts.change.shape == (353, 3)


@pytest.mark.parametrize("name", ["trafford", "Trafford Council", "TRAFFORD MBC", "E08000009"])
def test_a_council_is_found_however_it_is_written(name: str) -> None:
    """Would catch a user turned away for a capital letter."""
    accounts = council_accounts()
    assert accounts.names[accounts.place(name)] == "Trafford"


def test_a_misspelt_council_is_answered_with_the_nearest() -> None:
    """Would catch a refusal that leaves the user guessing."""
    with pytest.raises(InputError, match=r"did you mean 'Trafford'"):
        council_accounts().place("Traford")


def test_own_table_without_codes(tmp_path: Path) -> None:
    """Would catch optional columns that are needed, and £ thousand read as £m."""
    path = written(
        tmp_path, "Here,2014/15,100000,20000,22000,5000,5000", "Here,2015-16,110000,21000,1,5000,9"
    )
    accounts = read_accounts(path)
    assert accounts.names == accounts.codes == ("Here",)
    assert accounts.years == ("2014/15", "2015/16")
    np.testing.assert_allclose(accounts.change, [[2.0, 0.010 - 26.0]])


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    """Would catch a table repaired one fault at a time."""
    path = written(
        tmp_path,
        "Here,2013/14,0,20000,22000,5000,5000",
        "Here,2014/16,100000,20000,22000,5000,5000",
        "There,2015/16,100000,n/a,22000,5000,5000",
        "There,2015/16,100000,20000,22000,5000,5000",
    )
    with pytest.raises(InputError) as caught:
        read_accounts(path)
    text = str(caught.value)
    for part in (
        "row 2, column net_revenue_expenditure_gbp_k = '0': must be above 0",
        "row 3, column year = '2014/16': must be a financial year",
        "row 4, column earmarked_reserves_open_gbp_k = 'n/a': is not a number",
        "row 5, column year = '2015/16': There has a second row",
        "no council has a row for 2014/15",
        "council There: no row for 2013/14",
    ):
        assert part in text


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    """Would catch a bare KeyError."""
    path = written(tmp_path, head=HEAD.replace("net_revenue_expenditure_gbp_k", "net_expenditure"))
    with pytest.raises(InputError, match=r"no column 'net_revenue_expenditure_gbp_k'"):
        read_accounts(path)


def test_trusts_drawing_are_counted_under_one_name() -> None:
    """Would catch a trust renamed between the lists counted as one leaving and one entering."""
    first, second = trusts_drawing("2016/17"), trusts_drawing("2017/18")
    assert (len(first), len(second), len(first & second)) == (94, 94, 84)


def test_sector_series() -> None:
    """Would catch a sign turned: the sector's deficit of 2015/16."""
    assert provider_series("reported")["2015/16"] == -2447.0


def test_no_council_is_suggested_for_another() -> None:
    """Would catch "did you mean 'Rother'?" for Nowhere: a name is no hint for another council."""
    accounts = council_accounts()
    with pytest.raises(InputError, match=r"353 councils by their names .* with N: .*Norwich"):
        accounts.place("Nowhere")
    with pytest.raises(InputError, match=r"did you mean 'Sheffield'\?$"):
        accounts.place("Sheffeild")
