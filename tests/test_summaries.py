"""Summaries: the same answers as from draws, to the bit however they are cut, in little memory."""

from __future__ import annotations

import csv
import errno
import math
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tracemalloc
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import riskmc
from interruption import Stop, stop_after
from riskmc.cli import main
from riskmc.errors import InputError, ResultsError, RunError, TooLargeError
from riskmc.measures import (
    compare,
    deficit_mean,
    failed_draws,
    failed_numbers,
    headline_table,
    per_draw,
    summary,
    tidy,
    write_summary_csv,
)
from riskmc.measures.distribution_tables import (
    QUANTILES,
    deviation_table,
    first_exhaustion,
    quantile_table,
    shortfall_table,
)
from riskmc.measures.summary_reader import summary_plan
from riskmc.results.unfinished import unfinished_of
from riskmc.runs import simulation
from riskmc.runs import summarised as summarised_runs
from riskmc.runs.failed_draws import find_failures
from riskmc.runs.simulation import prepare, run
from riskmc.runs.summarised import SummarisedRun
from riskmc.sampling import sample
from riskmc.statistics import estimators
from riskmc.study import Study, load_study
from riskmc.summaries import (
    Folded,
    Grid,
    Ladder,
    Moments,
    Sketch,
    Summary,
    row_table,
)
from riskmc.summaries.checkpoint import Checkpoint
from riskmc.summaries.grid import BINS, CORE, SLOTS, WING, bin_numbers
from riskmc.summaries.moments import empty_moments, moments_of, weights_of
from riskmc.summaries.samples import make_sample
from riskmc.summaries.state import pack, packed_bytes
from riskmc.summaries.tally import Tally

CONFIGS = Path(__file__).parent.parent / "configs"
DRAWS = 20_000
CSV = ("measure", "regime", "against", "organisation", "year", "quantile")


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(CONFIGS / "example.toml").model_copy(update={"years": 3})


@pytest.fixture(
    scope="module",
    params=[
        "mc",
        "lhs",
        pytest.param("antithetic", marks=pytest.mark.slow),
        pytest.param("sobol", marks=pytest.mark.slow),
    ],
)
def pair(request: pytest.FixtureRequest, study: Study) -> tuple[xr.DataTree, xr.DataTree]:
    """The same run with draws kept, and summarised."""
    how = {"draws": DRAWS, "scheme": request.param, "seed": 4}
    return run(study, keep="all", **how), run(study, keep="summaries", **how)


@pytest.fixture(scope="module")
def summarised(study: Study) -> xr.DataTree:
    return run(study, draws=DRAWS, seed=4, keep="summaries", workers=1)


def same(a: xr.DataTree, b: xr.DataTree) -> bool:
    return bool(a["summaries"].to_dataset().identical(b["summaries"].to_dataset()))


def csv_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def assert_close(ours: np.ndarray, theirs: np.ndarray, what: str, *, rtol: float = 1e-12) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=1e-12, equal_nan=True, err_msg=what)


def test_headline_estimates_are_those_of_the_draws(pair: tuple[xr.DataTree, xr.DataTree]) -> None:
    """Would catch a mean, chance, error, interval or bound that differs from that of the draws."""
    kept, summarised = (summary(results) for results in pair)
    assert kept.attrs == summarised.attrs
    for name in kept.data_vars:
        rows = "yearly_" if str(name).startswith("yearly_") else ""
        exact = np.isnan(kept[f"{rows}quantile"].values)
        ours, theirs = summarised[name].values[exact], kept[name].values[exact]
        if ours.dtype == float:
            rtol = 1e-12 if str(name).endswith("value") else 1e-9
            assert_close(ours, theirs, str(name), rtol=rtol)
        else:
            np.testing.assert_array_equal(ours, theirs, err_msg=str(name))


def test_quantiles_lie_within_their_stated_error(pair: tuple[xr.DataTree, xr.DataTree]) -> None:
    """Would catch a bin counted in the wrong place, or an error stated smaller than it is."""
    kept, summarised = pair
    scheme = kept.attrs["scheme"]
    found = {against: quantile_table(summarised, against=against) for against in (None, "current")}
    for against, table in found.items():
        for regime in table.regime.values:
            for body in ("place", "borough"):
                for name in table.measure.values:
                    x = per_draw(kept, measure=name, regime=regime, organisation=body).values
                    if against:
                        x = (
                            x
                            - per_draw(kept, measure=name, regime=against, organisation=body).values
                        )
                    at = {"measure": name, "regime": regime, "organisation": body}
                    exact = estimators.quantile(x, p=QUANTILES, scheme=scheme)
                    apart = np.abs(table.value.sel(at).values - exact.value)
                    room = table.error.sel(at).values + 1e-9 * np.abs(exact.value)
                    assert (apart <= room).all(), (at, against)
                    if scheme == "mc":
                        assert (table.low.sel(at) <= exact.low + 1e-9).all(), (at, against)
                        assert (table.high.sel(at) >= exact.high - 1e-9).all(), (at, against)


def test_quantiles_are_far_closer_than_chance_where_density_is_smooth(
    pair: tuple[xr.DataTree, xr.DataTree],
) -> None:
    """Would catch a histogram too coarse to use, or errors of quantiles off by a factor."""
    kept, summarised = (summary(results) for results in pair)
    at = {"yearly_measure": "net_deficit_p95", "organisation": "place", "year": "2018/19"}
    ours, theirs = summarised.sel(at), kept.sel(at)
    assert (np.abs(ours.yearly_value - theirs.yearly_value) < 0.2 * theirs.yearly_mcse).all()
    room = 0.1 if kept.attrs["scheme"] in ("mc", "antithetic") else 0.35
    assert (np.abs(ours.yearly_mcse / theirs.yearly_mcse - 1.0) < room).all()


def test_expected_shortfall_and_deviation_are_those_of_the_draws(
    pair: tuple[xr.DataTree, xr.DataTree],
) -> None:
    """Would catch a tail integrated from the wrong side, or an error that is not stated."""
    kept, summarised = pair
    scheme = kept.attrs["scheme"]
    for against in (None, "current"):
        shortfall = shortfall_table(summarised, against=against)
        deviation = deviation_table(summarised, against=against)
        for name in ("net_deficit", "central_cost", "rescue_needed"):
            take = {"measure": name, "organisation": "place"}
            x = per_draw(kept, regime="devolved", **take).values
            other = None if against is None else per_draw(kept, regime=against, **take).values
            at = {**take, "regime": "devolved"}
            exact = estimators.expected_shortfall(x, p=(0.95, 0.99), scheme=scheme, against=other)
            apart = np.abs(shortfall.value.sel(at).values - exact.value)
            assert (apart <= shortfall.error.sel(at).values + 1e-9).all(), at
            assert (shortfall.error.sel(at).values < 0.2 * exact.mcse).all(), at
            if scheme == "mc":
                assert_close(shortfall.mcse.sel(at).values, exact.mcse, name, rtol=0.15)
            spread = estimators.standard_deviation(x, scheme=scheme, against=other)
            assert_close(deviation.value.sel(at).values, spread.value, name, rtol=1e-10)
            rtol = 1e-6 if scheme in ("mc", "antithetic") else 0.05  # else a jackknife
            assert_close(deviation.mcse.sel(at).values, spread.mcse, name, rtol=rtol)


def test_tails_that_do_not_differ_have_no_error(pair: tuple[xr.DataTree, xr.DataTree]) -> None:
    """Would catch "0 within 0" where two sets of rules gave the same in every future drawn."""
    kept, summarised = pair
    table = shortfall_table(summarised, against="current").sel(regime="devolved", level=0.95)
    unknown = table["mcse"].isnull()
    for body in ("place", "acute", "borough"):
        for name in table.measure.values:
            x, other = (
                per_draw(kept, measure=name, regime=regime, organisation=body).values
                for regime in ("devolved", "current")
            )
            alike = np.array_equal(x, other)
            assert bool(unknown.sel(measure=name, organisation=body)) == alike, (name, body)
    assert 0 < int(unknown.sum()) < unknown.size


def test_tables_read_the_same(pair: tuple[xr.DataTree, xr.DataTree], tmp_path: Path) -> None:
    """Would catch a row lost, relabelled or put elsewhere in what people and scripts read."""
    kept, summarised = pair
    for body in ("place", "borough"):
        texts = [
            [(line.label, [cell.text for cell in line.cells]) for line in table.lines]
            for table in (headline_table(kept, body), headline_table(summarised, body))
        ]
        assert texts[0] == texts[1]
    ours, theirs = tidy(summarised), tidy(kept)
    assert [row[:6] for row in ours] == [row[:6] for row in theirs]
    write_summary_csv(summarised, tmp_path / "ours.csv")
    write_summary_csv(kept, tmp_path / "theirs.csv")
    for one, other in zip(
        csv_rows(tmp_path / "ours.csv"), csv_rows(tmp_path / "theirs.csv"), strict=True
    ):
        assert [one[key] for key in CSV] == [other[key] for key in CSV]
        if not one["quantile"]:
            assert float(one["value"] or 0) == pytest.approx(float(other["value"] or 0), rel=1e-9)


def test_comparisons_are_those_of_the_draws(pair: tuple[xr.DataTree, xr.DataTree]) -> None:
    """Would catch sides swapped, a difference the wrong way round, a pairing lost."""
    kept, summarised = pair
    for a, b in (("devolved", "current"), ("current", "devolved")):
        ours, theirs = compare(summarised, a, b), compare(kept, a, b)
        assert ours.attrs == theirs.attrs
        for name in theirs.data_vars:
            one, other = ours[name].values, theirs[name].values
            if str(name).startswith("quantile_"):
                np.testing.assert_array_equal(np.isnan(one), np.isnan(other), err_msg=str(name))
            elif one.dtype == float:
                assert_close(one, other, str(name), rtol=1e-9)
            else:
                np.testing.assert_array_equal(one, other, err_msg=str(name))
        apart = np.abs(ours["quantile_value"] - theirs["quantile_value"])
        wide = ours["quantile_high"] - ours["quantile_low"]
        assert bool((apart.fillna(0.0) <= wide.fillna(0.0) + 1e-9).all())


def test_first_exhaustion_is_counted_exactly(pair: tuple[xr.DataTree, xr.DataTree]) -> None:
    """Would catch a first year told from the years' shares, or a future counted twice."""
    kept, summarised = pair
    table = first_exhaustion(summarised)["futures"]
    assert (table.where(table >= 0).sum("year").max() == kept.attrs["draws"]).item()
    for regime in ("current", "devolved"):
        exhausted = kept["outcomes"]["exhausted"].sel(regime=regime, organisation="borough")
        flags = exhausted.transpose("chain", "draw", "year").values.reshape(-1, 3)
        first = np.where(flags.any(axis=1), flags.argmax(axis=1), 3)
        counted = table.sel(regime=regime, organisation="borough").values
        np.testing.assert_array_equal(counted, np.bincount(first, minlength=4))


@pytest.mark.parametrize("scheme", ["mc", "antithetic", "lhs"])
def test_futures_that_fail_are_left_out_and_counted(
    study: Study, scheme: str, rng: np.random.Generator
) -> None:
    """Would catch an infinite future in a sum, or errors that count what was left out."""
    study = study.model_copy(update={"scheme": scheme})
    futures = sample(study, draws=9_000, scheme=scheme)
    values = futures["demand_growth"].values.copy()
    wrong = rng.integers(0, [*values.shape[:2], 2, 3], size=(15, 4))
    values[tuple(wrong.T)] = np.inf
    futures = futures.assign(demand_growth=(futures["demand_growth"].dims, values))
    kept, summarised = (run(study, drivers=futures, keep=k) for k in ("all", "summaries"))
    assert failed_draws(summarised) == failed_draws(kept) == 15
    assert failed_numbers(summarised) == failed_numbers(kept)
    assert find_failures(summarised).numbers == find_failures(kept).numbers
    ours, theirs = summary(summarised), summary(kept)
    for name in theirs.data_vars:
        rows = "yearly_" if str(name).startswith("yearly_") else ""
        exact = np.isnan(theirs[f"{rows}quantile"].values)
        one, other = ours[name].values[exact], theirs[name].values[exact]
        assert_close(one.astype(float), other.astype(float), str(name), rtol=1e-9)
    take = {"measure": "net_deficit", "organisation": "place", "regime": "current"}
    x = per_draw(kept, **take).values
    exact = estimators.expected_shortfall(x, p=(0.95, 0.99), scheme=scheme)
    tail = shortfall_table(summarised).sel(take)
    assert (np.abs(tail.value.values - exact.value) <= tail.error.values + 1e-9).all()
    spread = estimators.standard_deviation(x, scheme=scheme)
    assert_close(deviation_table(summarised).sel(take).value.values, spread.value, "sd", rtol=1e-9)


def test_threads_and_the_order_of_blocks_change_nothing(
    study: Study, summarised: xr.DataTree, rng: np.random.Generator
) -> None:
    """Would catch a sum folded in the order in which blocks happen to finish."""
    assert same(run(study, draws=DRAWS, seed=4, keep="summaries", workers=3), summarised)
    shuffled = SummarisedRun(prepare(study, draws=DRAWS, seed=4, keep="summaries"), None)
    for block in rng.permutation(shuffled.todo()):
        shuffled.work(int(block))
    assert same(shuffled.finish(), summarised)


def test_stretches_joined_elsewhere_change_nothing(study: Study, summarised: xr.DataTree) -> None:
    """Would catch fours joined otherwise than one by one, or a bit lost on the way."""
    simulation = prepare(study, draws=DRAWS, seed=4, keep="summaries")
    grid = simulation.survey()
    parts = [Summary(block, 0, *simulation.fold_block(block, grid)) for block in range(4)]
    whole = Summary.join(parts)
    for wrong in (parts[::-1], parts[:3], [*parts[1:], parts[0]]):
        with pytest.raises(ValueError, match="stretches are joined"):
            Summary.join(wrong)
    run_here = SummarisedRun(simulation, None)
    run_here.work(4)
    run_here.take(pickle.loads(pickle.dumps(whole)))
    assert same(run_here.finish(), summarised)


def test_what_was_folded_can_be_written_down_and_taken_up(study: Study) -> None:
    """Would catch blocks that wait their turn lost, or counted twice, in a checkpoint."""
    summarised = SummarisedRun(prepare(study, draws=DRAWS, seed=4, keep="summaries"), None)
    for block in (3, 0, 4):
        summarised.work(block)
    again = Folded.from_arrays(summarised.folded.arrays())
    assert again.done == {0, 3, 4}
    for block in (1, 2):
        for folded in (summarised.folded, again):
            tally, moments = summarised.simulation.fold_block(block, summarised.grid)
            folded.add(Summary(block, 0, tally, moments))
    one, other = summarised.folded.arrays(), again.arrays()
    assert set(one) == set(other)
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_saved_and_opened_they_answer_the_same(summarised: xr.DataTree, tmp_path: Path) -> None:
    """Would catch a type or an attribute that a file does not hold."""
    opened = riskmc.open_results(riskmc.save(summarised, tmp_path / "x.nc"))
    xr.testing.assert_identical(summary(opened), summary(summarised))
    xr.testing.assert_identical(quantile_table(opened), quantile_table(summarised))
    opened.close()


def test_what_summaries_cannot_show_is_reported(summarised: xr.DataTree, study: Study) -> None:
    """Would catch a KeyError, or a wrong answer, where draws are needed."""
    with pytest.raises(ResultsError, match=r"kept summaries only.*--keep headline"):
        deficit_mean(summarised)
    with pytest.raises(ResultsError, match="differences from the first regime, 'current'"):
        compare(summarised, "devolved", "devolved_annual")
    with pytest.raises(ResultsError, match="needs draws"):
        compare(summarised, "devolved", "current", other=summarised)
    with pytest.raises(ResultsError, match=r"no organisation 'boroug'.*did you mean 'borough'"):
        summary(summarised, organisation="boroug")
    with pytest.raises(ResultsError, match="keep draws, not summaries"):
        quantile_table(run(study, draws=16, keep="headline"))


def test_chains_that_fit_no_block_are_refused(study: Study) -> None:
    """Would catch errors between chains worked out from pieces of chains."""
    futures = sample(study, draws=3 * 1000, scheme="mc").isel(draw=slice(100))
    with pytest.raises(InputError, match="must divide 4,096"):
        run(study, drivers=futures, scheme="lhs", keep="summaries")


@pytest.mark.parametrize("scheme", ["antithetic", "lhs", "sobol"])
def test_chains_of_one_draw_are_independent_draws(study: Study, scheme: str) -> None:
    """Would catch summaries that ask the scheme, and not the layout, what is independent."""
    ours = study.replaced(scheme=scheme)
    drawn = sample(ours, draws=640, scheme="mc").stack(one=("chain", "draw"))
    alone = drawn.reset_index("one", drop=True).rename(one="chain").expand_dims("draw")
    alone = alone.assign_coords(chain=range(640), draw=[0])
    kept = summary(run(ours, drivers=alone, scheme=scheme, keep="headline"))
    reported = summary(run(ours, drivers=alone, scheme=scheme, keep="summaries"))
    np.testing.assert_allclose(reported["mcse"], kept["mcse"], rtol=2e-3)  # n and n - 1


def test_what_is_kept_is_what_fits(
    study: Study,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch a run that takes more memory than it may, or a refusal that leads nowhere."""
    everything = prepare(study, draws=100_000, keep="all").contents
    headline = prepare(study, draws=100_000).contents
    assert headline.keep == "headline"
    assert 4 * headline.bytes() < everything.bytes()
    for memory, kept in (
        (headline.bytes(), "headline"),
        (headline.bytes() - 1, "summaries"),
    ):
        for out in (None, tmp_path / "x.nc"):
            caplog.clear()
            assert prepare(study, draws=100_000, memory=memory, out=out).contents.keep == kept
            assert ("no report can be written" in caplog.text) == (kept == "summaries")
    with pytest.raises(TooLargeError, match=r"take \d+ MB however many.*fewer regimes"):
        prepare(study, draws=100_000, memory=10_000_000)
    with pytest.raises(TooLargeError, match=r"at most [\d,]+ draws.*--keep summaries"):
        prepare(study, draws=100_000, keep="headline", memory=10_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: types.SimpleNamespace(free=2_000_000_000))
    caplog.clear()
    assert prepare(study, draws=10**6, out=tmp_path / "x.nc").contents.keep == "summaries"
    assert "2.0 GB of this disk are free" in caplog.text
    unfinished_of(tmp_path / "x.nc").mkdir()
    with (unfinished_of(tmp_path / "x.nc") / "block-0").open("wb") as claimed:  # by this run before
        claimed.truncate(10**12)
    assert prepare(study, draws=10**6, keep="headline", out=tmp_path / "x.nc")
    with pytest.raises(TooLargeError, match="more than summaries can count"):
        prepare(study, draws=2**32 + 1, keep="summaries")


def peak(study: Study, draws: int) -> int:
    tracemalloc.start()
    try:
        run(study, draws=draws, keep="summaries", workers=1)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_draws(study: Study) -> None:
    """Would catch draws, or blocks that wait, piling up."""
    few, many = peak(study, 3 * 4096), peak(study, 12 * 4096)
    assert many < few + 2_000_000


@pytest.mark.parametrize("scheme", ["mc", "lhs"])
def test_memory_is_what_was_said(study: Study, scheme: str) -> None:
    """Would catch an array that is laid and not counted, or counted and not laid."""
    simulation = prepare(study, draws=16_384, scheme=scheme, keep="summaries")
    room, grid = simulation.room(), simulation.survey()  # rules are recorded in it
    tracemalloc.start()
    try:
        folded = Folded(simulation.folder.empty())
        if not room.recorded:  # in NumPy no block takes as much as the first, to lay the bins by
            simulation.survey()
        folded.add(Summary(0, 0, *simulation.fold_block(0, grid)))
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken / 1.1 < room.folded + room.worker < 1.1 * taken
    full = np.ones((2, 3, SLOTS), np.uint32)
    assert packed_bytes(full) == sum(pack(full)[name].nbytes for name in ("bin", "bin_draws"))


@pytest.mark.slow
def test_recording_takes_what_was_said(study: Study) -> None:
    """Would catch rules that take much more to record than the memory that is left for them."""
    simulation = prepare(study, draws=16_384, keep="summaries")
    if not simulation.room().recorded:
        pytest.skip("without the compiled library nothing is recorded")
    drivers, draws = simulation.drivers(0)
    tracemalloc.start()
    try:
        assert simulation.folder._plays(drivers, draws)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken / 1.5 < simulation.room().recorded < 1.5 * taken


@pytest.mark.slow
def test_greater_manchester_fits_500_megabytes() -> None:
    """Would catch a working set that grows, by buffers of threads that are done with them say."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("no /proc: the peak of a process cannot be told from its parent's")
    code = (
        "import riskmc;"
        f"study = riskmc.load_study({str(CONFIGS / 'greater-manchester.toml')!r});"
        "results = riskmc.run(study, draws=40_000, keep='summaries', memory=500_000_000,"
        "workers=64);"
        "riskmc.summary(results);"
        f"print(open({str(status)!r}).read())"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    peak = next(line for line in printed.stdout.splitlines() if line.startswith("VmHWM"))
    assert int(peak.split()[1]) * 1024 < 500_000_000


# ---- unfinished runs ----


def start(study: Study, target: Path, **more: object) -> None:
    with pytest.raises(Stop):
        run(study, draws=DRAWS, seed=4, keep="summaries", out=target, workers=1,
            progress=stop_after(3), **more)  # fmt: skip


def test_an_interrupted_run_goes_on_to_the_bit(
    study: Study, summarised: xr.DataTree, tmp_path: Path
) -> None:
    """Would catch what is done thrown away, or folded twice, after an interruption."""
    target = tmp_path / "results.nc"
    start(study, target)
    assert not target.exists()
    done: list[int] = []
    again = run(study, draws=DRAWS, seed=4, keep="summaries", out=target,
                progress=lambda d, _: done.append(d))  # fmt: skip
    assert done[0] > 3 * 4096, "blocks already done were done again"
    assert same(again, summarised)
    assert again.attrs == summarised.attrs
    assert sorted(p.name for p in tmp_path.iterdir()) == ["results.nc"]


@pytest.mark.parametrize("spoil", ["flip", "truncate"])
def test_a_damaged_checkpoint_is_named(
    study: Study, summarised: xr.DataTree, tmp_path: Path, spoil: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """Would catch a flipped byte, or half a file, folded into the results."""
    target = tmp_path / "results.nc"
    start(study, target)
    checkpoint = unfinished_of(target) / "folded"
    data = bytearray(checkpoint.read_bytes())
    if spoil == "flip":
        data[len(data) // 2] ^= 1
    else:
        del data[len(data) // 2 :]
    checkpoint.write_bytes(data)
    assert same(run(study, draws=DRAWS, seed=4, keep="summaries", out=target), summarised)
    assert "folded was damaged: all blocks are run again" in caplog.text


def test_every_flip_of_a_checkpoint_is_noticed(
    study: Study, tmp_path: Path, rng: np.random.Generator
) -> None:
    """Would catch what the container's own checks let through: headers, names, lengths."""
    target = tmp_path / "results.nc"
    start(study, target)
    file = unfinished_of(target) / "folded"
    data = file.read_bytes()
    starts = [match.start() for match in re.finditer(rb"PK(\x03\x04|\x01\x02)", data)]
    headers = [at + int(rng.integers(0, 140)) for at in starts for _ in range(3)]
    checkpoint = Checkpoint(unfinished_of(target))
    for at in (*range(12), *headers, len(data) - 3):
        damaged = bytearray(data)
        damaged[min(at, len(data) - 1)] ^= 1 << int(rng.integers(0, 8))
        file.write_bytes(damaged)
        assert checkpoint.read() is None


def test_a_stretch_added_in_part_is_never_written_down(
    study: Study, summarised: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch draws counted twice after an interruption in the middle of adding them."""
    target = tmp_path / "results.nc"
    start(study, target)
    run_here = SummarisedRun(prepare(study, draws=DRAWS, seed=4, keep="summaries"), target)
    block = run_here.todo()[0]
    add = Tally.add

    def interrupted(self: Tally, other: Tally) -> None:
        add(self, other)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Tally, "add", interrupted)
        with pytest.raises(KeyboardInterrupt), run_here.unfinished():
            run_here.work(block)
    again = run(study, draws=DRAWS, seed=4, keep="summaries", out=target)
    assert same(again, summarised)
    again.close()
    run_here.folded.tally.draws += 4096
    with pytest.raises(RunError, match="were summarised instead of"):
        run_here.finish()


@pytest.mark.parametrize(
    "worth", [math.inf, pytest.param(0.0, marks=pytest.mark.slow)], ids=["threads", "processes"]
)
def test_what_is_folded_outlasts_a_failure_to_save(
    study: Study, summarised: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    worth: float,
) -> None:  # fmt: skip
    """Would catch a whole run thrown away because the disk was full at its end."""
    target = tmp_path / "results.nc"
    how: dict[str, Any] = {"draws": DRAWS, "seed": 4, "keep": "summaries", "workers": 2}
    monkeypatch.setattr(simulation, "WORTH_PROCESSES", worth)
    with monkeypatch.context() as patched:
        patched.setattr(summarised_runs, "save", no_space)
        with pytest.raises(OSError, match="No space"):
            run(study, out=target, **how)
    reported: list[int] = []
    again = run(study, out=target, progress=lambda done, _: reported.append(done), **how)
    assert not reported, "nothing was left to do"
    assert same(again, summarised)
    again.close()


def no_space(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_an_atom_is_counted_apart() -> None:
    """Would catch a quantile on it smeared over its bin, and those alongside it off by a bin."""
    rng = np.random.default_rng(5)
    rows = row_table(summary_plan(), 1, 1)
    floor = np.where(rng.uniform(size=4096) < 0.3, 10.0, rng.normal(11.0, 2.0, 4096))
    grid = Grid.empty(1, rows)
    money = np.tile(floor, (rows.money_rows, 1))
    grid.lay(0, money, None, rows)
    assert grid.atoms[0, 0] == 10.0
    counts = grid.count(0, 0, money[:1], None)[0]
    bins = np.flatnonzero(counts)
    sketch = Sketch.of(
        bins, counts[bins], width=float(grid.width[0, 0]), start=float(grid.start[0, 0]),
        least=float(floor.min()), most=float(floor.max()), zeros=0, atom=10.0,
    )  # fmt: skip
    ordered = np.sort(floor)
    for rank in range(4096):
        placed = sketch.place(rank)
        assert placed.low - 1e-12 <= ordered[rank] <= placed.high + 1e-12
        if ordered[rank] == 10.0:
            assert placed == (10.0, 10.0, 10.0)


def test_unfinished_runs_of_another_kind_are_refused(study: Study, tmp_path: Path) -> None:
    """Would catch two runs mixed, or one thrown away for another."""
    target = tmp_path / "results.nc"
    start(study, target)
    with pytest.raises(RunError, match=r"unfinished run that differs in seed"):
        run(study, draws=DRAWS, seed=5, keep="summaries", out=target)
    with pytest.raises(RunError, match=r"unfinished run that differs in what is kept"):
        run(study, draws=DRAWS, seed=4, keep="headline", out=target)
    shutil.rmtree(unfinished_of(target))
    with pytest.raises(Stop):
        run(study, draws=DRAWS, keep="headline", out=target, progress=stop_after(1))
    with pytest.raises(RunError, match=r"unfinished run that differs in .*what is kept"):
        run(study, draws=DRAWS, keep="summaries", out=target)


RUNNER = """
import sys
from pathlib import Path
import riskmc.runs.summarised
riskmc.runs.summarised.EVERY = 2
from riskmc.runs.simulation import run
from riskmc.study import load_study
study = load_study(sys.argv[1]).model_copy(update={"years": 3})
run(study, draws=int(sys.argv[3]), seed=4, keep="summaries", out=Path(sys.argv[2]), workers=2,
    progress=lambda done, total: print(done, flush=True))
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_bit(study: Study, tmp_path: Path) -> None:
    """Would catch a checkpoint in which counts and sums are not of the same blocks."""
    draws = 16 * 4096
    whole = run(study, draws=draws, seed=4, keep="summaries")
    target = tmp_path / "results.nc"
    command = [sys.executable, "-c", RUNNER, str(CONFIGS / "example.toml"), str(target), str(draws)]
    checkpoints = 0
    for lines in (3, 5, 4):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
        process.communicate()
        checkpoints += (unfinished_of(target) / "folded").exists()
    assert checkpoints > 0
    assert same(run(study, draws=draws, seed=4, keep="summaries", out=target), whole)


# ---- the command line ----


def command_line(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "riskmc", *map(str, arguments)]


def test_a_summarised_run_prints_its_table_and_says_what_it_did_not_write(tmp_path: Path) -> None:
    """Would catch a traceback of the report, or an old report left alongside new results."""
    example, out = CONFIGS / "example.toml", tmp_path / "out"
    out.mkdir()
    (out / "report.html").write_text("of an earlier run", encoding="utf-8")
    words = ["run", str(example), "--draws", "5000", "--keep", "summaries", "--out", str(out)]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    assert "Large rescue needed" in done.stdout
    assert "No report was written" in done.stdout
    names = {"distribution.csv", "exhaustion.csv", "run.json", "summary.csv"}
    names |= {"results.nc"}
    assert {path.name for path in out.iterdir()} == names
    rows = csv_rows(out / "distribution.csv")
    assert {row["statistic"] for row in rows} == {
        "quantile", "expected shortfall", "standard deviation",
    }  # fmt: skip
    assert riskmc.open_results(out).attrs["kept"] == "summaries"


@pytest.mark.parametrize("keep", ["headline", pytest.param("summaries", marks=pytest.mark.slow)])
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path, keep: str) -> None:
    """Would catch a traceback, a run that cannot be stopped, and work thrown away."""
    out = tmp_path / "out"
    draws = {"headline": 60, "summaries": 150}[keep] * 4096
    options = ("--draws", draws, "--keep", keep, "--workers", 2, "--out", out)
    command = command_line("run", CONFIGS / "council.toml", *options)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    unfinished = out / ".unfinished"
    folder = unfinished_of(unfinished / "results.nc")
    while process.poll() is None:
        if keep == "headline" and any(folder.glob("block-*")):
            break
        if keep == "summaries" and (folder / "folded").exists():
            break
    process.send_signal(signal.SIGINT if keep == "headline" else signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, "it finished before it could be stopped"
    assert "stopped; progress is saved in" in errors
    assert "run the same command to resume" in errors
    assert "Traceback" not in errors
    study = load_study(CONFIGS / "council.toml")
    done: list[int] = []

    def look(so_far: int, total: int) -> None:
        done.append(so_far)
        raise Stop

    with pytest.raises(Stop):
        run(study, draws=draws, keep=keep, out=unfinished / "results.nc", workers=1, progress=look)
    assert done[0] > 4096, "nothing was kept"


# ---- parts ----


@given(
    st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=200),
    st.floats(-3.0, 3.0),
    st.floats(1e-3, 1e3),
)
def test_every_value_is_in_its_bin(values: list[float], start: float, width: float) -> None:
    """Would catch a bin's edge off by one, in the middle or in a wing."""
    first = float(np.floor(start * CORE))
    x = np.array(values)
    numbers = bin_numbers(x / width - first)
    assert ((numbers >= 0) & (numbers < BINS)).all()
    order = np.argsort(x, kind="stable")
    assert (np.diff(numbers[order]) >= 0).all()
    zero = int(bin_numbers(np.array([-first]))[0])
    if WING <= zero < WING + CORE:
        clear = np.abs(x / width) > 1e-9
        assert ((numbers < zero) == (x < 0.0))[clear].all()
        assert (numbers[x == 0.0] == zero).all()
    for value, number in zip(x, numbers, strict=True):
        sketch = Sketch.of(
            np.array([number]), np.array([1]), width=width, start=first,
            least=value - 1.0 if 0 < number < BINS - 1 else value,
            most=value + 1.0 if 0 < number < BINS - 1 else value, zeros=0,
        )  # fmt: skip
        slack = 1e-9 * max(1.0, abs(value))
        assert sketch.lower[0] - slack <= value <= sketch.upper[0] + slack


def sketch_of(values: np.ndarray, width: float) -> Sketch:
    numbers = bin_numbers(values / width + CORE // 2)
    bins = np.unique(numbers)
    return Sketch.of(
        bins, np.bincount(numbers)[bins], width=width, start=-float(CORE // 2),
        least=values.min(), most=values.max(), zeros=int((values == 0.0).sum()),
    )  # fmt: skip


def test_a_sketch_knows_its_bounds(rng: np.random.Generator) -> None:
    """Would catch atoms smeared over a bin, and integrals outside their error."""
    values = np.where(rng.random(5000) < 0.6, 0.0, rng.gamma(2.0, 3.0, 5000))
    sketch = sketch_of(values, 0.01)
    ordered = np.sort(values)
    for p in (0.0, 0.3, 0.59, 0.61, 0.95, 0.999, 1.0):
        placed = sketch.quantile(p)
        exact = np.quantile(ordered, p)
        assert placed.low - 1e-12 <= exact <= placed.high + 1e-12
    assert sketch.quantile(0.5) == (0.0, 0.0, 0.0)
    for one, other in ((1.0, 4.0), (4.0, 1.0), (-1.0, 0.5), (0.001, 0.002), (20.0, 60.0)):
        exact = np.maximum(values - one, 0.0).mean() - np.maximum(values - other, 0.0).mean()
        found = sketch.survival(one, other)
        assert abs(found.value - exact) <= found.error + 1e-12


def test_moments_of_parts_are_those_of_the_whole(rng: np.random.Generator) -> None:
    """Would catch a wrong term in joining, found only where some draws fail."""
    a, b = rng.normal(5.0, 2.0, (3, 90)), (rng.random((3, 90)) < 0.9).astype(float)
    a *= b

    def made(part: slice) -> Moments:
        found = empty_moments(a[:, part].shape[1], 1, 3, 0)
        found.sums = found.with_weights()
        moments_of(a[:, part], found.sums, 0, 0)
        weights_of(a[:, part], b[:, part], found.sums, 0, 0)
        return found

    joined = made(slice(20)).join(made(slice(20, 27))).join(made(slice(27, 90)))
    whole = made(slice(90))
    assert joined.units == whole.units
    for name in whole.sums:
        np.testing.assert_allclose(joined.sums[name], whole.sums[name], rtol=1e-9, atol=1e-9)


def test_a_failed_draw_exceeds_no_threshold() -> None:
    """Would catch a failed draw, set to 0, counted in the tail beyond a threshold below 0."""
    plan, draws = summary_plan(), 4
    rows = row_table(plan, 2, 1)
    paths = {
        name: np.zeros((2, 1, draws), dtype=bool if name == "exhausted" else float)
        for recipe in plan.recipes
        for name in recipe.needs
    }
    paths["pending"][1, 0, 2] = np.nan
    made = make_sample(paths, plan, rows, np.full(rows.excess_rows, -1.0))
    at = 2 * list(rows.horizon).index(rows.money["pending_end", False].start)
    np.testing.assert_array_equal(
        made.moving[rows.money_rows + at : rows.money_rows + at + 2], [[1.0, 1.0, 0.0, 1.0]] * 2
    )


def test_a_ladder_takes_blocks_in_order_only() -> None:
    """Would catch a stretch joined out of turn, and so another last bit."""
    ladder = Ladder()
    one = empty_moments(1, 1, 1, 0)
    ladder.push(one)
    with pytest.raises(ValueError, match="in order"):
        ladder.push(one, level=1)
    with pytest.raises(ValueError, match="no blocks"):
        Ladder().total()
