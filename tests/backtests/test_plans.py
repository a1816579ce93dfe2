"""Plans of back-tests: read, and refused with all their faults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskmc.backtests.output import lines, write
from riskmc.backtests.plan import read_plan
from riskmc.backtests.running import backtest
from riskmc.errors import InputError, StudyError

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(
    path for path in (ROOT / "configs" / "backtests").glob("*.toml") if "template" not in path.name
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_plans_are_read(path: Path) -> None:
    """Would catch a plan that names a rival or a template there is not."""
    assert read_plan(path).name == path.stem


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    """Would catch a plan repaired one fault at a time."""
    plan = tmp_path / "p.toml"
    plan.write_text(
        'what = "council_reserve"\ntitel = "t"\norigins = [2012]\nrivals = ["random wlk"]\n'
        'draws = "many"\n'
    )
    with pytest.raises(InputError) as caught:
        read_plan(plan)
    text = str(caught.value)
    for part in (
        "title: missing",
        "template: missing",
        "until: missing",
        "titel: no such key; did you mean 'title'?",
        "did you mean 'council_reserves'?",
        "origins = [2012]: must be a list of texts in quotes",
        "did you mean 'random walk'?",
        "draws = 'many': must be a whole number",
    ):
        assert part in text, part


def test_a_plan_saved_with_a_mark_of_its_order_is_read(tmp_path: Path) -> None:
    """Would catch a plan refused because an editor of Windows put a BOM before it."""
    plan = ROOT / "configs" / "backtests" / "councils.toml"
    template = plan.with_name("council-template.toml").read_bytes()
    for file, data in (("p.toml", plan.read_bytes()), ("council-template.toml", template)):
        (tmp_path / file).write_bytes(b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert read_plan(tmp_path / "p.toml").origins == read_plan(plan).origins


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Would catch a traceback."""
    plan = tmp_path / "p.toml"
    plan.write_text(
        'what = "council_reserves"\ntitle = "t"\norigins = ["2012/13"]\nuntil = "2013/14"\n'
        'template = "none.toml"\n'
    )
    with pytest.raises(InputError, match=r"none\.toml: cannot be read"):
        read_plan(plan)


@pytest.mark.parametrize(
    ("stem", "old", "new", "message"),
    [
        ("councils", 'until = "2015/16"', 'until = "2019/20"', "allowed: 2010/11 to 2015/16"),
        ("councils", '["2011/12", ', '["2009/10", ', "no year '2009/10'"),
        ("councils", '["2011/12", ', '["2010/11", ', "150 councils over 1 year;"),
        ("councils", '["2011/12", ', '["2015/16", ', "is not before"),
        ("councils-2016-2018", '"2017/18"]', '"2027/28"]', "write = '2027/28': allowed: 2016/17"),
        ("provider-sector", 'until = "2018/19"', 'until = "2029/30"', "2018/19 at the latest"),
        ("provider-sector", '["2014/15"]', '["2013/14"]', "origin 2013/14: allowed: 2014/15"),
        ("provider-sector", '"last change"', '"pooled past changes"', "allowed: random walk, last"),
        ("trusts-support", 'until = "2017/18"', 'until = "2018/19"', "known for one origin"),
    ],
)
def test_years_that_are_not_known_are_refused(
    tmp_path: Path, stem: str, old: str, new: str, message: str
) -> None:
    """Would catch a traceback, or a year without data scored as if nothing happened."""
    for path in (ROOT / "configs" / "backtests").glob("*-template.toml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    text = (ROOT / "configs" / "backtests" / f"{stem}.toml").read_text(encoding="utf-8")
    assert old in text
    plan = tmp_path / f"{stem}.toml"
    plan.write_text(text.replace(old, new).replace("draws = 4096", "draws = 128"), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        backtest(plan)


@pytest.mark.parametrize(
    ("template", "old", "message"),
    [
        ("council-template", "[[organisations]]", "organisations: missing"),
        ("trusts-template", "spread = 0.056", "backtest: lacks spread"),
        ("trusts-template", "[[contracts]]", "contracts: missing"),
    ],
)
def test_templates_that_lack_something_are_refused(
    tmp_path: Path, template: str, old: str, message: str
) -> None:
    """Would catch a KeyError."""
    stem = {"council-template": "councils", "trusts-template": "trusts-support"}[template]
    text = (ROOT / "configs" / "backtests" / f"{template}.toml").read_text(encoding="utf-8")
    other = old.replace("[[", "[[x").replace("spread", "x")
    assert old in text
    (tmp_path / f"{template}.toml").write_text(text.replace(old, other), encoding="utf-8")
    plan = ROOT / "configs" / "backtests" / f"{stem}.toml"
    (tmp_path / plan.name).write_text(plan.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        read_plan(tmp_path / plan.name)


def test_a_wrong_template_is_named_with_its_file(tmp_path: Path) -> None:
    """Would catch a fault of the template told as of a study nobody wrote."""
    text = (ROOT / "configs" / "backtests" / "council-template.toml").read_text(encoding="utf-8")
    (tmp_path / "council-template.toml").write_text(
        text.replace("restore_reserves", "restore_reserve"), encoding="utf-8"
    )
    plan = (ROOT / "configs" / "backtests" / "councils.toml").read_text(encoding="utf-8")
    (tmp_path / "councils.toml").write_text(plan, encoding="utf-8")
    with pytest.raises(StudyError, match=r"council-template\.toml.*restore_reserve"):
        backtest(tmp_path / "councils.toml")


def test_an_own_table_is_back_tested(tmp_path: Path) -> None:
    """Would catch a plan whose table is read from another folder, or not at all."""
    import gzip

    from riskmc.accounts.tables import SHIPPED

    text = gzip.decompress((SHIPPED / "english-councils.csv.gz").read_bytes()).decode()
    head, *rows = text.splitlines()
    some = [row for row in rows if ",MD," in row]
    (tmp_path / "ours.csv").write_text("\n".join([head, *some]) + "\n", encoding="utf-8")
    folder = ROOT / "configs" / "backtests"
    for name in ("council-template.toml", "councils.toml"):
        (tmp_path / name).write_text((folder / name).read_text(encoding="utf-8"), encoding="utf-8")
    plan = tmp_path / "councils.toml"
    plan.write_text(
        plan.read_text(encoding="utf-8")
        .replace('table = "shipped"', 'table = "ours.csv"')
        .replace('["2011/12", "2012/13", "2013/14", "2014/15"]', '["2014/15"]')
        .replace("draws = 2048", "draws = 256"),
        encoding="utf-8",
    )
    found = backtest(plan)
    assert found.record()["n"] == 36
    assert [path.name for path in write(found, tmp_path / "out")] == [
        "councils.json",
        "councils.csv",
        "councils.png",
    ]
    assert "empirical-Bayes series" in "\n".join(lines(found))
