"""Replay: one future replayed to the bit, told in words, picked by what it shows; failed draws."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result

import riskmc
from riskmc.cli import main
from riskmc.errors import InputError, ResultsError, RunError
from riskmc.measures import per_draw
from riskmc.replays import median, narrate, replay, worst
from riskmc.replays.future import Future
from riskmc.rules.register import names
from riskmc.runs.failed_draws import check_failures, find_failures
from riskmc.sampling import sample
from riskmc.study import Study, load_study, parse_study
from riskmc.variables import DRIVER_NAMES, HAPPENED, PLACE_NAMES, VARIABLE_NAMES

CONFIGS = Path(__file__).parent.parent / "configs"
SCHEMES = ("mc", "antithetic", "lhs", "sobol")
YEARS = 5


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(CONFIGS / "example.toml").replaced(years=YEARS)


@pytest.fixture(scope="module")
def results(study: Study) -> xr.DataTree:
    """5,008 draws, more than a key block, everything kept."""
    return riskmc.run(study, draws=5_000, seed=3, keep="all")


@pytest.fixture(scope="module")
def stored(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same on file, headline variables only."""
    path = tmp_path_factory.mktemp("stored") / "results.nc"
    riskmc.run(study, draws=5_000, seed=3, keep="headline", out=path).close()
    return path


def row(results: xr.DataTree, group: str, draw: int) -> xr.Dataset:
    dataset = results[group].to_dataset()
    chain, within = divmod(draw, dataset.sizes["draw"])
    return dataset.isel(chain=chain, draw=within)


def assert_holds(future: xr.DataTree, results: xr.DataTree, draw: int) -> None:
    """Every stored value of the draw is met exactly."""
    for group in results.children:
        kept = row(results, group, draw)
        for name in kept.data_vars:
            ours = future[group][name].transpose(*kept[name].dims)
            assert ours.dtype == kept[name].dtype
            np.testing.assert_array_equal(
                ours.values, kept[name].values, err_msg=f"{group}/{name}", strict=True
            )


def of_constants(years: int = 1, **drivers: float) -> Study:
    """A trust of £100m with £95m of income, reserves of 3 above a floor of 1: nothing by chance."""
    return parse_study(
        {
            "schema": 1,
            "title": "By hand",
            "start_year": "2016/17",
            "years": years,
            "draws": 16,
            "seed": 1,
            "organisations": [
                {
                    "id": "trust",
                    "name": "The trust",
                    "kind": "provider",
                    "cost": 100.0,
                    "charges": 95.0,
                    "reserves": 3.0,
                    "reserve_floor": 1.0,
                }
            ],
            "drivers": {
                "demand_growth": {"distribution": "constant", "value": 0.02, "expected": 0.01},
                "savings_delivery": {"distribution": "constant", "value": 0.6},
                **{k: {"distribution": "constant", "value": v} for k, v in drivers.items()},
            },
            "regimes": {
                "rules": {
                    "label": "The rules",
                    "rulebooks": {
                        "provider": {
                            "plan": [{"instrument": "savings", "max_rate": 0.01}],
                            "shortfall": [{"instrument": "reserves"}, {"instrument": "bailout"}],
                            "surplus": [{"instrument": "reserves"}],
                        }
                    },
                },
                "rich": {
                    "label": "Rich",
                    "settlement": {"transformation_fund": 1.0},
                    "rulebooks": {
                        "provider": {
                            "plan": [
                                {"instrument": "use_of_reserves", "max_share": 0.5},
                                {"instrument": "savings", "max_rate": 0.2, "assumed_delivery": 0.5},
                            ],
                            "shortfall": [{"instrument": "reserves"}],
                            "surplus": [],
                        }
                    },
                },
            },
        }
    )


# ------------------------------------------------------------------------------ to the bit


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_future_is_equal_to_its_stored_row_to_the_bit(study: Study, scheme: str) -> None:
    """Would catch a draw taken from another block, place or chain than its number says."""
    study = study.replaced(years=3)
    results = riskmc.run(study, draws=5_000, seed=3, scheme=scheme, keep="all")
    total = int(results.attrs["draws"])
    for draw in (1, 4_096, total - 1):
        future = replay(results, draw=draw)
        assert future.attrs["agrees"] == "to the bit"
        assert_holds(future, results, draw)


def test_many_bodies_alone_and_in_pools_are_equal_to_the_bit() -> None:
    """Would catch a sum over bodies whose order hangs on how many draws lie side by side."""
    study = load_study(CONFIGS / "greater-manchester.toml").replaced(years=3)
    results = riskmc.run(study, draws=4_112, seed=3, keep="all", memory=10**10)
    for draw in (17, 4_100):
        assert_holds(replay(results, draw=draw), results, draw)


def test_headline_results_on_file_are_replayed_in_full(
    study: Study, results: xr.DataTree, stored: Path
) -> None:
    """Would catch a replay that gives back only what was kept, or reads a file otherwise."""
    headline = riskmc.open_results(stored)
    assert "drivers" not in headline.children
    for draw in (0, 4_999):
        future = replay(headline, draw=draw)
        assert future.attrs["agrees"] == "to the bit"
        assert_holds(future, results, draw)  # the run in memory that kept everything
        assert set(future["outcomes"].data_vars) == set(VARIABLE_NAMES)
        assert set(future["place"].data_vars) == set(PLACE_NAMES)
        assert set(future["drivers"].data_vars) == set(DRIVER_NAMES)
    headline.close()


def test_one_s_own_futures_are_taken_from_the_results(study: Study) -> None:
    """Would catch futures drawn from the seed although they were handed in."""
    futures = sample(study, draws=320, seed=11)
    kept = riskmc.run(study, drivers=futures, seed=3)
    future = replay(kept, draw=123)
    assert_holds(future, kept, 123)
    assert "risks" not in future.children
    assert "£" in narrate(future)
    gone = riskmc.run(study, drivers=futures, keep="headline")
    with pytest.raises(ResultsError, match="did not keep them"):
        replay(gone, draw=123)


def test_a_stored_row_that_is_not_met_is_not_passed_over(results: xr.DataTree) -> None:
    """Would catch a story told of another future than the results hold."""
    changed = results.copy(deep=True)
    changed["outcomes"]["bailout"].loc[{"regime": "current", "year": "2018/19"}] += 1e-6
    with pytest.raises(ResultsError, match=r"'bailout' \(current, 2018/19, .*stored as"):
        replay(changed, draw=5)
    nudged = results.copy(deep=True)
    nudged["place"]["income"][...] *= 1.0 + 1e-13
    assert replay(nudged, draw=5).attrs["agrees"].startswith("to rounding: within")


def test_risks_that_happened_add_up_to_their_driver(study: Study, results: xr.DataTree) -> None:
    """Would catch a risk drawn with another's key, or told in another year."""
    costs = np.asarray(results["drivers"]["one_off_cost"].sum(("year", "organisation")))
    for draw in np.flatnonzero(costs.reshape(-1) > 0.0)[:5]:
        future = replay(results, draw=int(draw))
        parts = future["risks"]["cost"].groupby("organisation").sum()
        for body in study.organisation_ids:
            driver = future["drivers"]["one_off_cost"].sel(organisation=body).values
            ours = (
                parts.sel(organisation=body) if body in parts["organisation"] else np.zeros(YEARS)
            )
            np.testing.assert_allclose(np.asarray(ours), driver, rtol=1e-12)
        story = narrate(future)
        for risk in future["risks"]["risk"].values[future["risks"]["cost"].values.any(axis=1)]:
            assert f"It happened: {risk}" in " ".join(story.split())


@pytest.mark.parametrize("draw", [-1, 5_008, 10**12, 2.5, "7", None])
def test_a_draw_that_is_not_there_is_refused(results: xr.DataTree, draw: object) -> None:
    """Would catch a negative number that counts from the end."""
    with pytest.raises(InputError, match="allowed: whole numbers from 0 to 5007"):
        replay(results, draw=draw)  # type: ignore[arg-type]


def test_draws_of_other_integer_types_are_taken(results: xr.DataTree) -> None:
    """Would catch a number from NumPy refused."""
    assert replay(results, draw=np.int64(9)).attrs["draw"] == 9  # type: ignore[arg-type]


def test_what_is_no_run_is_refused() -> None:
    """Would catch a KeyError where a tree of another kind is handed in."""
    with pytest.raises(ResultsError, match="carry no study"):
        replay(xr.DataTree(), draw=0)
    with pytest.raises(ResultsError, match="not a replayed future"):
        narrate(xr.DataTree())


def test_the_name_can_be_called_whatever_was_imported_first() -> None:
    """Would catch a module hiding the function `riskmc.replay`."""
    code = "import riskmc.replays, riskmc; assert callable(riskmc.replay)"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(ResultsError, match="carry no study"):
        riskmc.replay(xr.DataTree(), draw=0)


# ------------------------------------------------------------------------------ picking


@pytest.mark.parametrize(
    ("by", "measure", "pick"),
    [
        ("deficit", "net_deficit", np.argmax),
        ("gross_deficit", "gross_deficit", np.argmax),
        ("rescue_needed", "rescue_needed", np.argmax),
        ("bailout", "bailout", np.argmax),
        ("unmet", "unmet", np.argmax),
        ("local_tax", "extra_local_tax", np.argmax),
        ("central_cost", "central_cost", np.argmax),
        ("reserves", "reserves_end", np.argmin),
    ],
)
def test_the_worst_is_the_worst(
    results: xr.DataTree, by: str, measure: str, pick: Callable[[np.ndarray], int]
) -> None:
    """Would catch the best taken for the worst, or chain and draw mixed up."""
    for organisation in ("place", "borough"):
        values = per_draw(
            results, measure=measure, regime="devolved_annual", organisation=organisation
        ).values
        found = worst(results, by=by, regime="devolved_annual", organisation=organisation)
        assert found == pick(values.reshape(-1))


def test_the_lowest_reserves_are_those_of_any_year(results: xr.DataTree) -> None:
    """Would catch the reserves at the end taken for the lowest."""
    dipped = results.copy(deep=True)
    at = {"regime": "current", "year": "2019/20", "chain": 2, "draw": 5}
    dipped["place"]["reserves"].loc[at] = -1e6
    dipped["outcomes"]["reserves"].loc[{**at, "organisation": "borough"}] = -1e6
    for organisation in ("place", "borough"):
        found = worst(dipped, by="lowest_reserves", regime="current", organisation=organisation)
        assert found == 2 * 313 + 5
        assert worst(dipped, by="reserves", organisation=organisation) != found
    group = results["place"]["reserves"].sel(regime="devolved")
    lowest = group.transpose("chain", "draw", "year").values.reshape(-1, YEARS).min(axis=1)
    assert worst(results, by="lowest_reserves", regime="devolved") == np.argmin(lowest)


def test_without_a_regime_the_worst_of_all_counts(results: xr.DataTree) -> None:
    """Would catch the first regime taken for all of them."""
    draws = {r: worst(results, regime=r) for r in ("current", "devolved", "devolved_annual")}
    values = {
        r: per_draw(results, measure="net_deficit", regime=r, organisation="place").values.max()
        for r in draws
    }
    assert worst(results) == draws[max(values, key=lambda r: values[r])]
    pair = ["devolved", "devolved_annual"]
    assert worst(results, regime=pair) == draws[max(pair, key=lambda r: values[r])]


def test_the_median_has_half_on_either_side(results: xr.DataTree) -> None:
    """Would catch a middle by draw's number; where half show nothing, the first that does not."""
    values = per_draw(
        results, measure="net_deficit", regime="current", organisation="place"
    ).values.reshape(-1)
    found = values[median(results, regime="current")]
    assert np.count_nonzero(values <= found) == 2_504
    none = per_draw(results, measure="bailout", regime="devolved", organisation="place").values
    assert np.median(none) == 0.0
    assert median(results, by="bailout", regime="devolved") == np.argmin(none.reshape(-1))


def test_failed_draws_are_never_picked(results: xr.DataTree) -> None:
    """Would catch a NaN, or an infinity in one regime only, taken for the worst."""
    first = worst(results)
    changed = results.copy(deep=True)
    chain, within = divmod(first, 313)
    changed["place"]["net_deficit"].loc[
        {"regime": "devolved", "chain": chain, "draw": within}
    ] = -np.inf
    assert worst(changed) != first
    changed["place"]["net_deficit"][...] = np.nan
    with pytest.raises(ResultsError, match="not finite in any draw"):
        worst(changed)


def test_names_that_are_not_known_are_refused_with_the_nearest(results: xr.DataTree) -> None:
    """Would catch a misspelt name that picks something else, or a traceback."""
    with pytest.raises(InputError, match=r"'deficits'; allowed: deficit, .*did you mean 'deficit'"):
        worst(results, by="deficits")
    with pytest.raises(InputError, match=r"'acut'.*place, acute.*did you mean 'acute'"):
        worst(results, organisation="acut")
    with pytest.raises(InputError, match=r"'devolve'.*did you mean 'devolved'"):
        median(results, regime="devolve")
    future = replay(results, draw=0)
    with pytest.raises(InputError, match=r"'borrough'.*did you mean 'borough'"):
        narrate(future, "borrough")
    with pytest.raises(InputError, match=r"'curent'.*did you mean 'current'"):
        narrate(future, regime="curent")


def test_what_never_happens_has_no_worst() -> None:
    """Would catch a story of draw 0 as the worst bailout where none is ever granted."""
    results = riskmc.run(of_constants(), keep="all")
    with pytest.raises(InputError, match=r"bailout granted.* is 0 in every one of 16 futures"):
        worst(results, by="bailout", regime="rich")
    assert worst(results, by="bailout") == 0  # alike in all: the first


# ------------------------------------------------------------------------------ telling


def lines_of(story: str) -> list[str]:
    return [" ".join(line.split()) for line in story.splitlines()]


def test_a_year_worked_out_by_hand_is_replayed_as_it_was() -> None:
    """Would catch a wrong figure, sign, bracket or row; the sums are given alongside each line.

    Need grows by 2 %, planners expect 1 %: planned cost 101, own cost 102, income 95.
    """
    future = riskmc.replay(riskmc.run(of_constants(), keep="all"), draw=3)
    story = lines_of(narrate(future, "trust"))
    for line in (
        "By hand: one future, for The trust",
        "Need grew by 2.0 %: 1.0 points more than the 1.0 % planners expected.",
        "Savings delivered 60.0 % of the savings asked for (on average 60.0 %).",
        "Gap to close (£6.00m) gap (£6.00m) gap",  # 101 - 95
        "savings asked for £1.01m £10.0m",  # 1 % of 101; (6 - 1) / 0.5
        "savings the plan counts on £1.01m £5.00m",
        "left to reserves - £1.00m",  # half of 3 - 1
        "not closed: planned deficit (£4.99m) -",  # 6 - 1.01
        "Savings delivered £0.61m £6.00m",  # 0.6 of what was asked
        "Balance after planned measures (£6.39m) overspend (£1.00m) overspend",  # 95 - 102 + 0.606
        "reserves £2.00m £1.00m",  # down to the floor of 1
        "asked of the centre: rescue needed (£4.39m) -",
        "bailout granted (£4.39m) -",
        "put into prevention, with the fund - £1.00m",
        "Reserves £1.00m £2.00m",
        "at the reserve floor: exhausted yes no",
        "Net deficit (£6.39m) (£1.00m)",
        "Reserves at the end £1.00m £2.00m",
        "Rich: overspent in 2016/17; no rescue was needed; reserves ended at £2.00m.",
    ):
        assert any(said.endswith(line) for said in story), line
    assert (
        "The rules: overspent in 2016/17; reserves were exhausted first at the end of 2016/17; a "
        "rescue was needed in 2016/17, and granted; reserves ended at £1.00m."
    ) in " ".join(story)


def test_the_plan_s_parts_make_up_the_gap(results: xr.DataTree) -> None:
    """Would catch reserves planned that are not: nothing but this sum shows them in the results."""
    checked = 0
    for draw in (0, 100, worst(results)):
        future = Future(replay(results, draw=draw))
        for regime in range(3):
            for year in range(YEARS):
                for body in future.bodies:
                    alone = future.holder(regime, body) is None
                    if (body == "place" and regime == 0) or not alone:
                        continue
                    at = (regime, year, body)
                    gap = max(future.value("plan_gap", *at), 0.0)
                    counted = future.taken("plan.savings", *at)
                    plan = [f"plan.{name}" for name in names("plan")]
                    parts = sum(future.taken(name, *at) for name in plan)
                    parts += future.value("planned_deficit", *at)
                    if counted <= gap:
                        checked += 1
                        assert parts == pytest.approx(gap, abs=1e-9)
    assert checked > 50


def test_members_of_a_pool_plan_the_pool_s_draw_together(results: xr.DataTree) -> None:
    """Would catch a member's share of the reserves planned that is not its share of the gap."""
    future = Future(replay(results, draw=worst(results)))
    for year in range(YEARS):
        draw = "plan.use_of_reserves"
        parts = [future.taken(draw, 1, year, body) for body in future.bodies[1:]]
        assert sum(parts) == pytest.approx(future.taken(draw, 1, year, "place"), abs=1e-9)


def test_who_met_the_shortfall_adds_up_in_the_story(results: xr.DataTree) -> None:
    """Would catch an instrument left out of the story."""
    story = narrate(replay(results, draw=worst(results)), "acute", regime="current")
    years = re.split(r"\n=+\n", story)[1:-1]
    assert len(years) == YEARS
    for year in years:
        rows = {line[:42].strip(): line[42:] for line in year.splitlines() if "£" in line[42:]}
        met = ("in-year measures", "capital switched to revenue", "carried forward")
        met += ("reserves", "bailout granted", "nobody: unresolved")
        total = sum(_amount(rows[name]) for name in met if name in rows)
        overspend = rows["Balance after planned measures"]
        due = _amount(overspend) if "overspend" in overspend else 0.0
        assert total == pytest.approx(due, abs=0.06 * 4)  # each is rounded to £0.1m at most


def _amount(cell: str) -> float:
    return float("".join(c for c in cell if c.isdigit() or c == "."))


def test_settlements_and_cuts_are_described_by_regime(results: xr.DataTree) -> None:
    """Would catch a cut told as lost under rules that defer it."""
    cut = np.asarray(results["drivers"]["in_year_cut"].max(("year", "organisation"))).reshape(-1)
    story = " ".join(narrate(replay(results, draw=int(cut.argmax()))).split())
    assert (
        "lost at once under Current rules and Devolved, but settled every year; "
        "left to the next review under Devolved, balanced budget" in story
    )
    assert "under Devolved, balanced budget this waits for the next review" in story
    alone = " ".join(narrate(replay(results, draw=int(cut.argmax())), regime="current").split())
    assert "of the grant in the year: lost at once." in alone
    assert "Devolved" not in alone


def test_a_replay_calls_a_member_of_a_pool_one(results: xr.DataTree) -> None:
    """Would catch a share of a pool told as a body's own."""
    story = " ".join(narrate(replay(results, draw=3), "borough").split())
    assert "balances in the pool 'place' with acute, ccg: its plan" in story
    assert "own balance, before the pool shares" in story
    assert "own balance" not in narrate(replay(results, draw=3), "borough", regime="current")


# ------------------------------------------------------------------------------ failures


def with_failures(study: Study, failing: list[int], draws: int = 3_200) -> xr.DataTree:
    """Results of which some draws have an infinite rise of need in one body and year."""
    futures = sample(study, draws=draws, seed=2)
    growth = futures["demand_growth"]
    for draw in failing:
        chain, within = divmod(draw, draws // 16)
        at = {"chain": chain, "draw": within, "year": "2018/19", "organisation": "ccg"}
        growth.loc[at] = np.inf
    return riskmc.run(study, drivers=futures)


def test_failed_draws_are_kept_counted_and_reported(study: Study) -> None:
    """Would catch a draw that is not finite dropped, miscounted or stopping the story."""
    results = with_failures(study, [5, 700])
    failures = find_failures(results)
    assert (failures.count, failures.draws, failures.numbers) == (2, 3_200, (5, 700))
    assert failures.share == 2 / 3_200
    assert failures.first == "'demand_growth' of ccg is not finite in 2018/19"
    assert "2 draws of 3,200 (0.0625 %) are not finite" in failures.sentence()
    future = replay(results, draw=700)
    assert_holds(future, results, 700)
    story = narrate(future)
    assert "not finite" in story.split("2018/19")[1]
    assert "not finite" not in story.split("2017/18")[1].split("2018/19\n")[0]
    assert check_failures(results) == failures  # 0.06 % is allowed


def test_too_many_failed_draws_fail_a_run_and_say_how_to_look_at_one(study: Study) -> None:
    """Would catch a run of infinities reported as a result; and the bound itself off by one."""
    results = with_failures(study, [9, 10, 11, 12])
    with pytest.raises(RunError, match=r"draw 9, where 'demand_growth' of ccg.*") as caught:
        check_failures(results, stored="reports/x")
    assert "riskmc replay reports/x --draw 9" in str(caught.value)
    assert check_failures(results, most=4 / 3_200).count == 4


def test_failures_are_found_in_outcomes_where_drivers_were_not_kept(study: Study) -> None:
    """Would catch headline results in which nothing seems to have failed."""
    whole = with_failures(study, [9])
    groups = {f"/{name}": whole[name].to_dataset() for name in ("outcomes", "place")}
    headline = xr.DataTree.from_dict(groups)
    headline.attrs = whole.attrs
    failures = find_failures(headline)
    assert (failures.count, failures.numbers) == (1, (9,))
    assert failures.first.endswith("is not finite in 2018/19")
    assert "under current" in failures.first
    place_only = xr.DataTree.from_dict({**groups, "/outcomes": groups["/outcomes"][["deficit"]]})
    place_only["outcomes"]["deficit"][...] = 0.0
    place_only.attrs = whole.attrs
    assert "of the place under current" in find_failures(place_only).first


def test_finite_results_have_no_failures(results: xr.DataTree) -> None:
    """Would catch a large number taken for an infinite one."""
    assert find_failures(results).sentence() == "All of 5,008 draws are finite."
    assert check_failures(results).count == 0


# ------------------------------------------------------------------------------ command line


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["replay", *map(str, arguments)])


def test_the_command_prints_the_replay(stored: Path) -> None:
    """Would catch the command telling another draw, body or regime than asked for."""
    results = riskmc.open_results(stored)
    number = worst(results, by="unmet", organisation="acute", regime="devolved")
    replayed = narrate(replay(results, draw=number), "acute", regime="devolved")
    results.close()
    asked = ("--organisation", "acute", "--regime", "devolved")
    for which in (("--worst", "unmet"), ("--draw", number)):
        answer = invoke(stored.parent, *which, *asked)
        assert (answer.exit_code, answer.stdout) == (0, replayed)
    assert "Draw 0 of 5,008" in invoke(stored, "--draw", 0).stdout
    assert invoke(stored, "--median", "deficit").exit_code == 0


def test_json_holds_every_figure_exactly(stored: Path, results: xr.DataTree) -> None:
    """Would catch a figure rounded or put under another name for scripts."""
    answer = json.loads(invoke(stored, "--draw", 4_321, "--json").stdout)
    assert (answer["draw"], answer["chain"], answer["agrees"]) == (4_321, 13, "to the bit")
    outcomes, place = row(results, "outcomes", 4_321), row(results, "place", 4_321)
    drivers = row(results, "drivers", 4_321)
    for name in VARIABLE_NAMES:
        kept = outcomes[name].sel(regime="devolved", organisation="ccg").values.tolist()
        assert answer["outcomes"]["devolved"][name]["ccg"] == kept
    for name in PLACE_NAMES:
        kept = place[name].sel(regime="current").values.tolist()
        assert answer["outcomes"]["current"][name]["place"] == kept
    for name in DRIVER_NAMES:
        assert (
            answer["drivers"][name]["acute"]
            == drivers[name].sel(organisation="acute").values.tolist()
        )
    alone = json.loads(
        invoke(stored, "--draw", 1, "--organisation", "ccg", "--regime", "current", "--json").stdout
    )
    assert list(alone["outcomes"]) == ["current"]
    assert list(alone["outcomes"]["current"]["bailout"]) == ["ccg"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say which draw"),
        (("--draw", 1, "--worst", "deficit"), "say which draw"),
        (("--draw", 5_008), "allowed: whole numbers from 0 to 5007"),
        (("--worst", "bailouts"), "did you mean 'bailout'?"),
        (("--draw", 1, "--organisation", "boro"), "they hold place, acute, ccg, borough"),
        (("--draw", 1, "--regime", "curent"), "did you mean 'current'?"),
    ],
)
def test_wrong_input_is_said_plainly(
    stored: Path, arguments: tuple[object, ...], said: str
) -> None:
    """Would catch a traceback, or exit code 0 or 1, for wrong input."""
    answer = invoke(stored, *arguments)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert answer.stdout == ""


def test_results_that_are_not_there_are_said_plainly(tmp_path: Path) -> None:
    """Would catch a traceback for a folder without results."""
    answer = invoke(tmp_path, "--draw", 0)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "no such results file" in answer.stderr


def test_amounts_too_small_to_count_are_left_out_of_a_replay() -> None:
    """Would catch rounding dust told as an overspend: 1e-9 of income is nothing."""
    future = Future(riskmc.replay(riskmc.run(of_constants(), keep="all"), draw=0))
    assert not future.happened(0.5 * HAPPENED * 95.0, 0, 0, "trust")
    assert future.happened(2.0 * HAPPENED * 95.0, 0, 0, "trust")
    assert future.happened(float("nan"), 0, 0, "trust")


def test_results_that_kept_no_draws_are_replayed_from_their_seed(
    study: Study, results: xr.DataTree
) -> None:
    """Would catch a replay that needs stored draws, or says that it met them."""
    summarised = riskmc.run(study, draws=5_000, seed=3, keep="summaries")
    assert "place" not in summarised.children
    future = replay(summarised, draw=4_321)
    assert_holds(future, results, 4_321)
    assert "do not hold this draw" in future.attrs["agrees"]
    assert "do not hold this draw" in narrate(future)
    assert find_failures(summarised).sentence() == "All of 5,008 draws are finite."
    with pytest.raises(InputError, match="hold no draws to pick from"):
        worst(summarised)


def test_selected_results_are_replayed_by_label() -> None:
    """Would catch draw 30 compared with the thirtieth that is left, or bodies in another order."""
    study = load_study(CONFIGS / "example.toml")
    whole = riskmc.run(study, draws=320, seed=2, keep="all")
    part = whole.isel(draw=slice(5, None), organisation=[2, 0, 1], year=[1, 0, 2])
    for results in (part, part.sel(organisation=["borough"])):
        again = replay(results, draw=7)
        assert again.attrs["agrees"] == "to the bit"
        xr.testing.assert_identical(
            again["outcomes"].to_dataset(), replay(whole, draw=7)["outcomes"].to_dataset()
        )
    assert "do not hold this draw" in replay(part, draw=2).attrs["agrees"]
    drivers = sample(study, draws=32, seed=2)
    own = riskmc.run(study, drivers=drivers, keep="all").isel(draw=slice(1, None))
    own.attrs["drivers_from"] = "the user"
    with pytest.raises(ResultsError, match="left out by a selection"):
        replay(own, draw=0)
