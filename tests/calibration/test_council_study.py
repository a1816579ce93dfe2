"""`riskmc new --council`: a study from accounts, ready to run, every figure with its source."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from riskmc.accounts import council_accounts
from riskmc.accounts.councils import EARMARKED, NEEDED, NRE, UNALLOCATED
from riskmc.calibration.council_study import (
    OutturnRemainder,
    council_study,
    own_estimates,
    what_is_left,
)
from riskmc.calibration.estimates import estimate
from riskmc.calibration.pilot import OtherDrivers, other_drivers
from riskmc.calibration.planning import OutturnInputs, outturn_inputs
from riskmc.cli import main
from riskmc.errors import InputError
from riskmc.study import parse_study, validate


@pytest.fixture(scope="module")
def trafford() -> str:
    return council_study("Trafford")


def test_study_is_that_of_the_accounts(trafford: str) -> None:
    """Would catch £ thousand taken for £m, or a figure put into another's place."""
    tables = tomllib.loads(trafford)
    (body,) = tables["organisations"]
    assert tables["start_year"] == "2016/17"
    assert body["reserves"] == pytest.approx(30.3, abs=0.05)
    assert body["reserve_floor"] == pytest.approx(7.9, abs=0.05)
    income = body["grant"] + body["local_tax"] + body["charges"]
    assert income == pytest.approx(1.18 * 144.4, abs=0.1)
    assert body["cost"] == pytest.approx(income, abs=0.01)
    validate(parse_study(tables))


def test_every_figure_says_where_it_comes_from(trafford: str) -> None:
    """Would catch a figure without a source or the word "assumption" on its line or above it."""
    block: list[str] = []
    for line in trafford.splitlines():
        if not line.strip():
            block = []
        block.append(line)
        if line.startswith(("cost =", "grant", "local", "charges", "reserve", "sd =", "persist")):
            assert "#" in "\n".join(block), line
    assert "$" not in trafford


def test_outturn_and_other_drivers_together_have_the_spread_of_the_accounts(trafford: str) -> None:
    """Would catch the other drivers counted twice.

    What moves reserves in the first year: the variance of the outturn and that of the others,
    run alone, add up to the variance that the accounts have.
    """
    tables = tomllib.loads(trafford)
    place = council_accounts().place("Trafford")
    own, estimates, _ = own_estimates(council_accounts(), place)
    alone = outturn_inputs(estimates, own, years=5)
    others = other_drivers(tables, draws=4096)
    together = tables["drivers"]["outturn_variance"]["sd"] ** 2 + others.variance
    assert together == pytest.approx(float(alone.sd[0]) ** 2, rel=0.05)
    planned = np.array(tables["planning"]["reserve_contribution"])
    np.testing.assert_allclose(planned + others.mean, alone.contribution[0], atol=0.0015)


def test_what_is_left_by_hand() -> None:
    """Whole variance 16, others 7 of it (1 national), persistence 0.3: 9 left, 0.3 · 16 / 9."""
    alone = OutturnInputs(
        sd=np.array([0.04]),
        shared=np.array([0.25]),
        persistence=0.3,
        df=7.0,
        contribution=np.array([[0.01, 0.0]]),
    )
    others = OtherDrivers(mean=np.array([-0.005, 0.002]), variance=7e-4, national=1e-4)
    left = what_is_left(alone, others)
    assert left.sd == pytest.approx(0.03)
    assert left.persistence == pytest.approx(0.3 * 16 / 9)
    assert left.shared == pytest.approx(3 / 9)
    np.testing.assert_allclose(left.contribution, [0.015, -0.002])
    # more than the whole: a tenth is left, and persistence goes no further than 0.6
    most = what_is_left(alone, OtherDrivers(mean=np.zeros(2), variance=20e-4, national=9e-4))
    assert isinstance(most, OutturnRemainder)
    assert (most.sd, most.shared, most.persistence) == (pytest.approx(0.04 * 0.1**0.5), 0.0, 0.6)


def test_own_estimates_are_those_of_the_whole_table() -> None:
    """Would catch a council's own scale that depends on whether it stands alone."""
    table = council_accounts()
    upper = table.tier("upper")
    _, one, _ = own_estimates(table, table.place("Trafford"))
    whole = estimate(upper)
    at = upper.place("Trafford")
    assert one.own_scale[0] == pytest.approx(whole.own_scale[at], rel=1e-12)
    np.testing.assert_allclose(one.standardised[0], whole.standardised[at], rtol=1e-12)


def test_districts_are_warned_of() -> None:
    """Would catch a district's study that reads as sure as a county's."""
    assert "WARNING" in council_study("Adur")


def own_table(folder: Path) -> Path:
    """Three councils, two years, £ thousand: Alpha overspends."""
    rows = [",".join(NEEDED)]
    for name, change in (("Alpha", -2000), ("Beta", 0), ("Gamma", 1500)):
        for year in ("2022/23", "2023/24"):
            cells = {NRE: 100_000, UNALLOCATED[0]: 5_000, UNALLOCATED[1]: 5_000}
            cells |= {EARMARKED[0]: 20_000, EARMARKED[1]: 20_000 + change}
            rows.append(",".join([name, year, *[str(cells[c]) for c in NEEDED[2:]]]))
    path = folder / "mine.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_command_writes_a_study_of_an_own_table(tmp_path: Path) -> None:
    """Would catch --accounts that ignores the table."""
    out = tmp_path / "alpha.toml"
    arguments = ["new", "alpha", "--council", "alpha", "--accounts", str(own_table(tmp_path))]
    found = CliRunner().invoke(main, [*arguments, "--out", str(out)], catch_exceptions=False)
    assert found.exit_code == 0
    tables = tomllib.loads(out.read_text(encoding="utf-8"))
    assert tables["start_year"] == "2024/25"
    assert tables["organisations"][0]["reserves"] == pytest.approx(23.0)
    assert "2015/16" in out.read_text(encoding="utf-8"), "England's figures, for want of its own"
    again = CliRunner().invoke(main, [*arguments, "--out", str(out)])
    assert again.exit_code != 0, "an existing file is never written over"


def test_a_misspelt_council_is_answered_with_the_nearest() -> None:
    """Would catch a refusal that leaves the user guessing."""
    with pytest.raises(InputError, match="did you mean 'Trafford'"):
        council_study("Traford")
