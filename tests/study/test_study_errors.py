"""Every fault of a study is named, with its line, and all of them at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from riskmc.errors import InputError, Problem, StudyError
from riskmc.study import load_study, parse_study
from riskmc.study.correlation import is_possible, nearest_possible

WHOLE = (Path(__file__).parent / "whole.toml").read_text(encoding="utf-8")


def patched(*changes: tuple[str, str]) -> str:
    """The whole study with the first place of each text replaced."""
    text = WHOLE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def refused(tmp_path: Path, text: str) -> tuple[Problem, ...]:
    file = tmp_path / "bad.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load_study(file)
    return caught.value.problems


class Bad(NamedTuple):
    """One slip: what is typed instead of what, and what the fault must say.

    The fault's line is that where `at` begins, or else the first one typed.
    """

    old: str
    new: str
    key: str
    says: tuple[str, ...]
    at: str = ""


DEMAND = "[drivers.demand_growth.by.council]\nmean = 0.03"
ASBESTOS = 'name = "Ward block closes for asbestos"\norganisation = "acute"'
PLACE = "regimes.devolved.rulebooks.place"
COUNCIL = "regimes.current.rulebooks.council"
PROVIDER = "regimes.current.rulebooks.provider"
CARE = 'organisation = "borough"\nprobability = 0.10'
BAD = {
    # --- the top
    "unknown top key": Bad(
        "seed = 2016", "seed = 2016\ndrawz = 5", "drawz", ("= 5", "'draws'"), at="drawz"
    ),
    "missing title": Bad('title = "Example place"\n', "", "title", ("is missing",), at="# A small"),
    "unknown version": Bad("schema = 1", "schema = 2", "schema", ("= 2", "too large")),
    "year form": Bad('"2016/17"        #', '"2016"        #', "start_year", ("form", "2016/17")),
    "not running years": Bad('"2016/17"        #', '"2016/18"   #', "start_year", ("'2016/17'",)),
    "no years": Bad(
        "years = 10", "years = 0", "years", ("too small", "at least 1 and at most 100")
    ),
    "too many years": Bad("years = 10", "years = 101", "years", ("too large",)),
    "years not whole": Bad("years = 10", "years = 10.0", "years", ("not a whole number",)),
    "no draws": Bad("draws = 20_000", "draws = 0", "draws", ("too small",)),
    "draws in quotes": Bad("draws = 20_000", 'draws = "9"', "draws", ("leave out the quotes",)),
    "negative seed": Bad("seed = 2016", "seed = -1", "seed", ("too small", "at least 0")),
    "true for a number": Bad("seed = 2016", "seed = true", "seed", ("= true", "whole number")),
    "unknown scheme": Bad(
        "seed = 2016",
        'seed = 2016\nscheme = "sobl"',
        "scheme",
        ("'sobol'", "antithetic"),
        at="scheme",
    ),
    "precision": Bad(
        "[dynamics]",
        "[precision]\ntarget = 0.0\n[dynamics]",
        "precision.target",
        ("too small", "above 0"),
        at="target",
    ),
    # --- organisations
    "misspelt key": Bad("cost = 1000.0", "cst = 1000.0", "organisations[0].cst", ("'cost'",)),
    "unknown kind": Bad('"provider"', '"trust"', "organisations[0].kind", ('"trust"', "council")),
    "id twice": Bad(
        'id = "ccg"',
        'id = "acute"',
        "organisations[1].id",
        ("used twice",),
        at='id = "acute"\nname = "Clin',
    ),
    "id is a kind": Bad('id = "ccg"', 'id = "council"', "organisations[1].id", ("a kind",)),
    "id is place": Bad('id = "ccg"', 'id = "place"', "organisations[1].id", ("the place",)),
    "id with a space": Bad('id = "ccg"', 'id = "the ccg"', "organisations[1].id", ("letters",)),
    "negative cost": Bad("cost = 300.0", "cost = -300.0", "organisations[1].cost", ("at least 0",)),
    "endless cost": Bad("cost = 300.0", "cost = inf", "organisations[1].cost", ("finite",)),
    "nan": Bad("cost = 300.0", "cost = nan", "organisations[1].cost", ("finite",)),
    "huge cost": Bad("cost = 300.0", "cost = 1e300", "organisations[1].cost", ("too large",)),
    "benefit of one": Bad(
        "reserve_floor = 10.0",
        "reserve_floor = 10.0\nprevention_benefit = 1.0",
        "organisations[0].prevention_benefit",
        ("missing", "to none"),
        at="[[organisations]]",
    ),
    # --- contracts, planning, dynamics
    "unknown payer": Bad('payer = "ccg"', 'payer = "cgc"', "contracts[0].payer", ("'ccg'",)),
    "pays itself": Bad('payee = "acute"', 'payee = "ccg"', "contracts[0].payee", ("pays itself",)),
    "activity above 1": Bad("= 0.62", "= 1.62", "contracts[0].activity_share", ("at most 1",)),
    "uplift": Bad(
        "activity_share = 0.62", "uplift = []", "contracts[0].uplift", ("too few", "at least 1")
    ),
    "item of a list": Bad(
        "[0.030, 0.025, 0.020]",
        '[\n  0.030,\n  "x",\n]',
        "planning.grant_growth[1]",
        ('"x"', "not a number"),
        at='"x"',
    ),
    "misspelt growth": Bad("tax_growth", "tax_growht", "planning.tax_growht", ("'tax_growth'",)),
    "growth of nobody": Bad(
        "[planning.by.council]", "[planning.by.counsil]", "planning.by.counsil", ("'council'",)
    ),
    "dynamics": Bad("delay_cost", "delay", "dynamics.delay", ("'delay_cost'",)),
    # --- drivers
    "misspelt driver": Bad(
        "[drivers.recognition]", "[drivers.recogniton]", "drivers.recogniton", ("'recognition'",)
    ),
    "one-off cost": Bad(
        "[drivers.recognition]", "[drivers.one_off_cost]", "drivers.one_off_cost", ("[[risks]]",)
    ),
    "misspelt family": Bad(
        '"normal"\nmean = 0.02\nsd = 0.008',
        '"norml"\nmean = 0.02',
        "drivers.cost_inflation.distribution",
        ("'normal'", "lognormal"),
    ),
    "no family": Bad(
        'distribution = "uniform"\n',
        "",
        "drivers.recognition.distribution",
        ("missing",),
        at="[drivers.recognition]",
    ),
    "misspelt parameter": Bad(
        "sd = 0.010\nshared = 0.5",
        "sd = 0.01\nshraed = 0.5",
        "drivers.demand_growth.shraed",
        ("'shared'",),
        at="shraed",
    ),
    "missing parameter": Bad(
        "high = 1.0\n", "", "drivers.recognition.high", ("missing",), at="[drivers.recognition]"
    ),
    "parameters that do not go together": Bad(
        "low = 0.0\nhigh = 1.0",
        "low = 1.0\nhigh = 0.0",
        "drivers.recognition",
        ("below",),
        at="[drivers.recognition]",
    ),
    "impossible beta": Bad(
        "sd = 0.09",
        "sd = 0.9",
        "drivers.savings_delivery",
        ("sd",),
        at="[drivers.savings_delivery]",
    ),
    "infeasible scope": Bad(
        "[drivers.recognition]",
        "[drivers.recognition.by.acute]\nlow = 2.0\n[drivers.recognition]",
        "drivers.recognition.by.acute",
        ("below",),
        at="[drivers.recognition.by.acute]",
    ),
    "scope with a family alone": Bad(
        DEMAND,
        DEMAND.replace("mean = 0.03", 'distribution = "beta"'),
        "drivers.demand_growth.by.council.mean",
        ("missing",),
        at="[drivers.demand_growth.by.council]",
    ),
    "misspelt key of a scope": Bad(
        DEMAND,
        DEMAND.replace("mean", "men"),
        "drivers.demand_growth.by.council.men",
        ("'mean'",),
        at="men = 0.03",
    ),
    "scope of nobody": Bad(
        DEMAND,
        DEMAND.replace("council", "boro"),
        "drivers.demand_growth.by.boro",
        ("'borough'",),
    ),
    "never": Bad(
        "probability = 0.15",
        "probability = 0.0",
        "drivers.in_year_cut.probability",
        ("above 0 and at most 1",),
    ),
    "shared": Bad("shared = 0.8", "shared = -0.1", "drivers.cost_inflation.shared", ("too small",)),
    "persistence": Bad(
        "persistence = 0.3", "persistence = 1.0", "drivers.demand_growth.persistence", ("below 1",)
    ),
    "expected of another driver": Bad(
        "low = 0.0\nhigh = 1.0",
        "low = 0.0\nhigh = 1.0\nexpected = 0.5",
        "drivers.recognition.expected",
        ("only",),
        at="expected",
    ),
    "rescue is uniform": Bad(
        "[correlation]",
        "[drivers.rescue]\nmean = 0.2\n[correlation]",
        "drivers.rescue.mean",
        ("always uniform", "shared, shared_place and persistence"),
        at="mean = 0.2",
    ),
    "mean nobody can plan for": Bad(
        'distribution = "normal"\nmean = 0.02\nsd = 0.008',
        'distribution = "normal"\nmean = 50.0\nsd = 0.008',
        "drivers.cost_inflation",
        ("mean of 50", "expected"),
        at="[drivers.cost_inflation]",
    ),
    "spread beyond any place": Bad(
        'distribution = "normal"\nmean = 0.02\nsd = 0.008',
        'distribution = "normal"\nmean = 0.02\nsd = 1e100',
        "drivers.cost_inflation",
        ("4.8e+100", "within ±100"),
        at="[drivers.cost_inflation]",
    ),
    "missing file": Bad(
        'distribution = "uniform"\nlow = 0.0\nhigh = 1.0',
        'distribution = "empirical"\nfile = "none.csv"\ncolumn = "x"',
        "drivers.recognition",
        ("none.csv",),
        at="[drivers.recognition]",
    ),
    # --- correlation
    "correlation above 1": Bad(
        '"funding_shock, tax_shock" = 0.4',
        '"funding_shock, tax_shock" = 1.4',
        'correlation."funding_shock, tax_shock"',
        ("too large",),
    ),
    "correlated with itself": Bad(
        '"funding_shock, tax_shock"',
        '"tax_shock, tax_shock"',
        'correlation."tax_shock, tax_shock"',
        ("itself",),
    ),
    "correlated twice": Bad(
        '"funding_shock, tax_shock" = 0.4',
        '"funding_shock, tax_shock" = 0.4\n"tax_shock, funding_shock" = 0.4',
        'correlation."tax_shock, funding_shock"',
        ("twice",),
        at='"tax_shock, funding',
    ),
    "not a pair": Bad(
        '"funding_shock, tax_shock"', '"funding_shock"', "correlation.funding_shock", ("pair",)
    ),
    "unknown in a pair": Bad(
        '"funding_shock, tax_shock"',
        '"funding_shock, tax_shok"',
        'correlation."funding_shock, tax_shok"',
        ("'tax_shock'",),
    ),
    "one-off cost in a pair": Bad(
        '"funding_shock, tax_shock"',
        '"funding_shock, one_off_cost"',
        'correlation."funding_shock, one_off_cost"',
        ("risk register",),
    ),
    # --- risks
    "risk of nobody": Bad(
        CARE, CARE.replace("borough", "burough"), "risks[1].organisation", ("'borough'",)
    ),
    "risk never": Bad(
        "probability = 0.05", "probability = 0.0", "risks[0].probability", ("above 0",)
    ),
    "risk without impact": Bad(
        "low = 2.0\nlikely = 6.0\nhigh = 20.0\n",
        "",
        "risks[0].impact",
        ("missing", "likely"),
        at="[[risks]]",
    ),
    "risk with two impacts": Bad(
        "low = 2.0",
        'impact = { distribution = "constant", value = 1.0 }\nlow = 2.0',
        "risks[0].low",
        ("either",),
        at="low = 2.0",
    ),
    "impact of an unknown family": Bad(
        'impact = { distribution = "lognormal"',
        'impact = { distribution = "logormal"',
        "risks[1].impact.distribution",
        ("'lognormal'",),
    ),
    "part of an impact": Bad(
        "median = 3.0, p95 = 9.0 }",
        "medain = 3.0, p95 = 9.0 }",
        "risks[1].impact.medain",
        ("'median'",),
    ),
    "risk in no year": Bad(
        '"2017/18", ', '"2027/28", ', "risks[1].years[1]", ("2016/17 to 2025/26",)
    ),
    "risk twice": Bad(
        '[[risks]]\nname = "Care',
        f"[[risks]]\n{ASBESTOS}\nprobability = 0.1\nlow = 1.0\nlikely = 2.0\nhigh = 3.0\n"
        '[[risks]]\nname = "Care',
        "risks[1].name",
        ("twice",),
        at=ASBESTOS + "\nprobability = 0.1",
    ),
    # --- regimes
    "unknown key of a regime": Bad(
        'label = "Current rules"', 'lable = "Current rules"', "regimes.current.lable", ("'label'",)
    ),
    "period": Bad("period = 5", "period = 0", "regimes.devolved.settlement.period", ("too small",)),
    "cuts": Bad(
        '"deferred"',
        '"defered"',
        "regimes.devolved.settlement.in_year_cuts",
        ("'deferred'", "protected"),
    ),
    "fund in words": Bad(
        "[10.0, 10.0, 10.0, 10.0, 10.0]",
        '["x"]',
        "regimes.current.settlement.transformation_fund[0]",
        ("not a number",),
    ),
    "misspelt instrument": Bad(
        '{ instrument = "capital_to_revenue"',
        '{ instrument = "capital_to_reveneu"',
        f"{PROVIDER}.shortfall[1].instrument",
        ("'capital_to_revenue'",),
    ),
    "instrument of another list": Bad(
        '{ instrument = "use_of_reserves", max_share = 0.15 }',
        '{ instrument = "reserves" }',
        f"{COUNCIL}.plan[1].instrument",
        ("shortfall and surplus",),
    ),
    "instrument twice": Bad(
        '{ instrument = "carry_forward", limit = 0.02 }',
        '{ instrument = "reserves" }',
        f"{PLACE}.shortfall[2].instrument",
        ("twice",),
        at='{ instrument = "reserves" },\n  { instrument = "bailout", probability = 0.2',
    ),
    "misspelt figure": Bad("max_rise", "max_ris", f"{PLACE}.plan[1].max_ris", ("'max_rise'",)),
    "missing figure": Bad(
        ", max_rise = 0.02",
        "",
        f"{PLACE}.plan[1].max_rise",
        ("missing",),
        at='{ instrument = "local_revenue"',
    ),
    "figure that takes none": Bad(
        '{ instrument = "reserves" },\n  { instrument = "capital',
        '{ instrument = "reserves", share = 0.5 },\n  { instrument = "capital',
        f"{PROVIDER}.shortfall[0].share",
        ("takes no figures",),
    ),
    "figure too large": Bad(
        "max_rise = 0.02", "max_rise = 2.0", f"{PLACE}.plan[1].max_rise", ("at most 1",)
    ),
    "figure of a year": Bad(
        "max_rate = [0.040, 0.040, 0.035, 0.030], min_rate = 0.01 }",
        "max_rate = [0.04, -0.1] }",
        f"{PROVIDER}.plan[0].max_rate[1]",
        ("-0.1", "too small"),
    ),
    "true for a figure": Bad(
        "max_rise = 0.02",
        "max_rise = true",
        f"{PLACE}.plan[1].max_rise",
        ("= true", "not a number"),
    ),
    "list that may not be one": Bad(
        "probability = 0.2, loan_share = 0.5",
        "probability = 0.2, loan_share = [0.5]",
        f"{PLACE}.shortfall[3].loan_share",
        ("list",),
    ),
    "no delivery": Bad(
        "max_rate = 0.04, assumed_delivery = 0.9",
        "max_rate = 0.04, assumed_delivery = -0.1",
        f"{COUNCIL}.plan[0].assumed_delivery",
        ("at least 0",),
    ),
    "least above most": Bad(
        "0.035, 0.030], min_rate = 0.01 }",
        "0.035, 0.005], min_rate = 0.01 }",
        f"{PROVIDER}.plan[0].min_rate",
        ("0.005", "year 4"),
    ),
    "no instrument": Bad(
        '{ instrument = "local_revenue", ', "{ ", f"{PLACE}.plan[1].instrument", ("missing",)
    ),
    "list that is none": Bad(
        'surplus = [\n  { instrument = "clawback", share = 0.3',
        'surplus = 3\nx = [\n  { instrument = "clawback", share = 0.3',
        f"{PROVIDER}.surplus",
        ("not a list",),
    ),
    "rulebook key": Bad(
        "restore_reserves = true\ninterest = 0.05",
        "restore_reserve = true",
        f"{COUNCIL}.restore_reserve",
        ("'restore_reserves'",),
    ),
    "neither true nor false": Bad(
        "restore_reserves = true\ninterest = 0.05",
        "restore_reserves = 1",
        f"{COUNCIL}.restore_reserves",
        ("true",),
    ),
    "body without rulebook": Bad(
        "[regimes.current.rulebooks.commissioner]",
        "[regimes.current.rulebooks.comissioner]",
        "regimes.current.rulebooks",
        ("ccg (commissioner)", "'comissioner'"),
        at="[regimes.current.rulebooks.provider]",
    ),
    "pool without rulebook": Bad(
        'rulebook = "place"',
        'rulebook = "plaice"',
        "regimes.devolved.pools[0].rulebook",
        ("'place'",),
    ),
    "member of no place": Bad(
        'members = ["*"]',
        'members = ["acute", "ccg", "boro"]',
        "regimes.devolved.pools[0].members[2]",
        ("'borough'",),
    ),
    "member twice": Bad(
        'members = ["*"]',
        'members = ["acute", "ccg", "borough", "ccg"]',
        "regimes.devolved.pools[0].members[3]",
        ("twice",),
    ),
    "member of two pools": Bad(
        "[[regimes.devolved.pools]]",
        '[[regimes.devolved.pools]]\nname = "nhs"\nmembers = ["acute"]\nrulebook = "place"\n'
        "[[regimes.devolved.pools]]",
        "regimes.devolved.pools[1].members",
        ("acute is already in nhs",),
        at='members = ["*"]',
    ),
    "everybody alongside ids": Bad(
        'members = ["*"]', 'members = ["*", "ccg"]', "regimes.devolved.pools[0].members", ("alone",)
    ),
    "nobody in a pool": Bad(
        'members = ["*"]', "members = []", "regimes.devolved.pools[0].members", ("too few",)
    ),
    "extends nothing": Bad(
        'extends = "devolved"',
        'extends = "devolvd"',
        "regimes.devolved_annual.extends",
        ("'devolved'",),
    ),
    "extends itself": Bad(
        'extends = "devolved"',
        'extends = "devolved_annual"',
        "regimes.devolved_annual.extends",
        ("itself",),
    ),
    "extends in a circle": Bad(
        'label = "Devolved, balanced budget"',
        'label = "x"\nextends = "devolved_annual"',
        "regimes.devolved_annual.extends",
        ("circular",),
        at='extends = "devolved" ',
    ),
    # --- behaviour
    "behaviour of no regime": Bad(
        "[behaviour.devolved]", "[behaviour.devolve]", "behaviour.devolve", ("'devolved'",)
    ),
    "behaviour key": Bad(
        "effort = 1.05", "efort = 1.05", "behaviour.devolved.efort", ("'effort'",)
    ),
    # --- sections of the wrong shape
    "section that is a list": Bad("[dynamics]", "[[dynamics]]", "dynamics", ("not a table",)),
    "list that is a section": Bad("[[contracts]]", "[contracts]", "contracts", ("[[contracts]]",)),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_slip_is_named_with_its_line(bad: Bad, tmp_path: Path) -> None:
    """Would catch a fault that passes, or is told in the wrong place or without help."""
    text = patched((bad.old, bad.new))
    problems = refused(tmp_path, text)
    found = [problem for problem in problems if problem.key == bad.key]
    assert found, [str(problem) for problem in problems]
    place = text.index(bad.at) if bad.at else WHOLE.index(bad.old)
    said = "\n".join(str(problem) for problem in found)
    assert found[0].line == text.count("\n", 0, place) + 1, said
    assert found[0].file.endswith("bad.toml")
    for part in bad.says:
        assert part in said, said
    for jargon in (
        "Input should",
        "pydantic",
        "type=",
        "validation error",
        "dict",
        "None",
        "tuple",
    ):
        assert jargon not in said


def test_one_slip_is_one_fault(tmp_path: Path) -> None:
    """Would catch faults that follow from others and bury them."""
    for name in ("misspelt growth", "negative cost", "misspelt driver", "unknown payer", "cuts",
                 "infeasible scope", "never", "risk of nobody", "extends nothing"):  # fmt: skip
        bad = BAD[name]
        problems = refused(tmp_path, patched((bad.old, bad.new)))
        assert len(problems) == 1, [str(problem) for problem in problems]


def test_all_faults_come_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Would catch a check that stops at the first fault, or hides those of another section."""
    names = ("negative seed", "unknown kind", "unknown payer", "misspelt growth", "never",
             "part of an impact", "cuts", "misspelt instrument", "body without rulebook",
             "list that may not be one", "member twice", "behaviour key")  # fmt: skip
    problems = refused(tmp_path, patched(*((BAD[name].old, BAD[name].new) for name in names)))
    keys = [problem.key for problem in problems]
    for name in names:
        assert BAD[name].key in keys, name
    lines = [problem.line or 0 for problem in problems]
    assert lines == sorted(lines)
    assert str(StudyError(problems)).count("\n") == len(problems) - 1


def test_a_fault_in_a_base_is_reported_once_and_where_it_is(tmp_path: Path) -> None:
    """Would catch a variant that repeats its base's faults at a line of its own."""
    problems = refused(tmp_path, patched(("max_rise = 0.02", "max_rise = 2.0")))
    assert [problem.key for problem in problems] == [f"{PLACE}.plan[1].max_rise"]


@pytest.mark.parametrize("left", [{}, {"label": "Rules"}])
def test_extends_of_none_from_python_is_refused(left: dict[str, str]) -> None:
    """Would catch pydantic's own error where a regime extends None and has no rulebooks."""
    tables = tomllib.loads(WHOLE)
    tables["regimes"]["current"] = {**left, "extends": None}
    with pytest.raises(StudyError, match=r"regimes\.current\.extends = None: is not text"):
        parse_study(tables)


def test_impossible_correlations_are_refused_with_the_nearest_possible(tmp_path: Path) -> None:
    """Would catch a proposal that cannot be typed back, or a pair left out of it."""
    old = '"demand_growth, cost_inflation" = 0.2\n"demand_growth, savings_delivery" = -0.3'
    new = (
        '"demand_growth, cost_inflation" = 0.9\n"demand_growth, savings_delivery" = 0.9\n'
        '"cost_inflation, savings_delivery" = -0.9'
    )
    (problem,) = refused(tmp_path, patched((old, new)))
    assert problem.key == "correlation"
    assert "positive definite" in problem.message
    assert '"demand_growth, cost_inflation" = 0.' in problem.allowed
    assert "(now 0.9)" in problem.allowed
    lines = [part.split(" (")[0] for part in problem.allowed.split("moves ")[1].split("), ")]
    proposal = "\n".join(" ".join(lines).replace(" and ", " ").replace(' "', '\n"').split("\n"))
    typed = tomllib.loads("\n".join(row.split(" (")[0] for row in proposal.splitlines()))
    text = tomllib.loads(patched((old, "")))
    text["correlation"] |= typed
    assert parse_study(text).correlation == text["correlation"]


def test_nearest_correlation_matrix_is_highams() -> None:
    """Would catch a clipped matrix passed off as the nearest: Higham (2002), example in sect. 4."""
    typed = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    possible = nearest_possible(typed)
    # published to four digits for the closed set (0.7607, 0.1573); ours keeps eigenvalues
    # above 1e-3, which moves it by less than 2e-3
    assert possible[0, 1] == pytest.approx(0.7607, abs=2e-3)
    assert possible[0, 2] == pytest.approx(0.1573, abs=2e-3)
    assert is_possible(possible)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('title = "x"\nyears = = 3\n', 2, "invalid value"),
        ("a = 1\n\na = 2\n", 3, "set twice"),
        ("[x]\n[x]\n", 2, "table [x] is defined twice"),
        ("a = " + "[" * 5000 + "]" * 5000, None, "nested too deep"),
        ("a = " + "1" * 5000, None, "digits"),
        ("a = 1\nb = 'x", 2, "at the end of the file"),
    ],
    ids=["value", "key twice", "table twice", "deep", "long number", "open text"],
)
def test_text_that_is_no_toml_is_one_fault(
    text: str, line: int | None, says: str, tmp_path: Path
) -> None:
    """Would catch a parser's own error, or one without its line."""
    (problem,) = refused(tmp_path, text)
    assert problem.line == line
    assert says in str(problem)


def test_files_that_cannot_be_read_are_one_fault(tmp_path: Path) -> None:
    """Would catch a traceback for a folder, a missing file, another encoding, nothing at all."""
    cases: list[tuple[Path, str]] = [(tmp_path, "folder"), (tmp_path / "none.toml", "not exist")]
    for name, data, says in (
        ("latin.toml", b'a = 1\ntitle = "caf\xe9"', "UTF-8"),
        ("empty.toml", b" \n\n", "empty"),
    ):
        (tmp_path / name).write_bytes(data)
        cases.append((tmp_path / name, says))
    for path, says in cases:
        with pytest.raises(StudyError, match=says) as caught:
            load_study(path)
        assert len(caught.value.problems) == 1
        assert caught.value.exit_code == InputError.exit_code == 2
    assert caught.value.problems[0].line is None
    with pytest.raises(StudyError, match=r"latin\.toml:2"):
        load_study(tmp_path / "latin.toml")
    with pytest.raises(StudyError, match="null byte"):
        load_study("a\0b")


def test_a_scope_that_changes_no_parameter_repeats_no_fault(tmp_path: Path) -> None:
    """Would catch a base's fault told again at every scope that only sets `shared`."""
    recognition = "low = 0.0\nhigh = 1.0"
    scope = "[drivers.recognition.by.acute]\nshared = 0.5"
    text = patched((recognition, f"low = 1.0\nhigh = 0.0\n{scope}"))
    assert [problem.key for problem in refused(tmp_path, text)] == ["drivers.recognition"]


def test_a_scope_that_no_body_uses_is_checked_too() -> None:
    """Would catch a slip that waits until a body of that kind is added."""
    tables = tomllib.loads(WHOLE)
    del tables["organisations"][2]
    del tables["risks"][1]
    scope = tables["drivers"]["demand_growth"]["by"]["council"]
    scope |= {"sd": -1.0, "men": 0.1}
    with pytest.raises(StudyError) as caught:
        parse_study(tables)
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {f"drivers.demand_growth.by.council.{key}" for key in ("sd", "men")}


def test_tables_from_python_have_no_lines() -> None:
    """Would catch a made-up line for a study that has no file."""
    tables = tomllib.loads(WHOLE)
    tables["organisations"][1]["cost"] = "300"
    del tables["seed"]
    with pytest.raises(StudyError) as caught:
        parse_study(tables, name="notebook")
    assert {problem.line for problem in caught.value.problems} == {None}
    assert {problem.file for problem in caught.value.problems} == {"notebook"}
    assert {problem.key for problem in caught.value.problems} == {"seed", "organisations[1].cost"}
    with pytest.raises(StudyError):
        parse_study([1, 2])  # type: ignore[arg-type]
    deep: dict[str, object] = {}
    for _ in range(5000):
        deep = {"x": deep}
    with pytest.raises(StudyError, match="nested too deep"):
        parse_study(deep)


def test_another_word_is_no_hint() -> None:
    """Would catch "did you mean 'charges_growth'?" for grant_growth: another figure altogether."""
    from riskmc.study.problems import nearest

    assert nearest("grant_growth", ["charges_growth", "by"]) == ""
    assert nearest("charge_growth", ["charges_growth", "by"]) == "charges_growth"
    assert nearest("reserve_flor", ["reserve_floor", "reserves"]) == "reserve_floor"
    assert nearest("demand", ["demand_growth"]) == "demand_growth"
