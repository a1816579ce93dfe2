"""What is timed alongside riskmc computes the same: a third implementation of the study's rules."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import against, engine, one_version, peers
from benchmarks.baseline import Baseline
from benchmarks.cases import EXAMPLE, greater_manchester
from benchmarks.pages import SPEED, table, write_section
from benchmarks.timing import exponent

from riskmc.study import load_study


def test_the_whole_array_version_agrees_with_the_engine() -> None:
    """Would catch an engine that is fast because it computes something else."""
    assert engine.check_agreement(greater_manchester(3)) < 1e-8


def test_the_peers_compute_what_riskmc_computes() -> None:
    """Would catch tools compared on unequal work."""
    peers.check()


def test_the_yardstick_counts_the_random_numbers() -> None:
    """Would catch a yardstick made longer than the futures need: one normal a factor and year."""
    study = load_study(EXAMPLE)
    counted = Baseline(study)
    most = len(study.organisations) + 1  # every driver by body, and once for the place
    drivers = len(study.named_drivers) + 1  # and the mood of the centre
    assert 0 < counted.numbers <= study.years * (most * drivers + len(study.risks))


def test_growth_is_read_off_the_logarithms() -> None:
    """Would catch an exponent that is not one."""
    assert exponent([1, 10, 100], [3, 30, 300]) == pytest.approx(1.0)
    assert exponent([1, 2, 4], [1, 4, 16]) == pytest.approx(2.0)


def test_a_section_replaces_the_one_before(tmp_path: Path) -> None:
    """Would catch a page that grows with every run, and a page without its markers."""
    page = tmp_path / "x.md"
    page.write_text(SPEED.read_text(encoding="utf-8"), encoding="utf-8")
    for _ in range(2):
        write_section(page, "engine", table(("a", "b"), [(1, 2)]))
    text = page.read_text(encoding="utf-8")
    assert text.count("| 1 | 2 |") == 1
    for name in (
        "machine",
        "against",
        "threads",
        "engine",
        "growth",
        "sampling",
        "schemes",
        "profile",
        "peers",
    ):
        assert f"<!-- {name}: begin -->" in text
        assert f"<!-- {name}: end -->" in text


def test_versions_are_compared_case_by_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a ratio turned over, a figure per draw of all regimes, a missing case unnoticed.

    Made-up versions: the old one takes a second for everything and knows no footprints, the new
    one a quarter of it. Two regimes of one block of 4,096 draws: 1e6 / 8,192 = 122 µs.
    """

    class MadeUp:
        def __init__(self, root: Path) -> None:
            self.took = 1.0 if root == Path("old") else 0.25

        def seconds(self, case: str, blocks: int) -> float | None:
            return None if self.took == 1.0 and "footprints" in case else self.took * blocks

        def close(self) -> None:
            pass

    monkeypatch.setattr(against, "Version", MadeUp)
    text = against.table_against(Path("old"), 2)
    rows = {line.split(" | ")[0].strip("| "): line.split(" | ") for line in text.splitlines()[2:]}
    assert rows["drawing the futures [µs a draw]"][1:4] == ["244", "61", "0.25 (0.25–0.25)"]
    assert rows["footprints, two outcomes [µs a draw and regime]"][1:3] == ["–", "30.5"]
    assert rows["folding / simulating"][1:3] == ["0.00 (0.00–0.00)"] * 2
    assert "No earlier version" in against.table_against(None, 1)
    assert {row.case for row in against.ROWS} == set(one_version.CASES)


def test_the_earlier_version_is_named_on_the_command_line_or_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Would catch a default that is somebody's own folder."""
    monkeypatch.delenv(against.VARIABLE, raising=False)
    assert against.old_version(None) is None
    monkeypatch.setenv(against.VARIABLE, str(tmp_path))
    assert against.old_version(None) == tmp_path.resolve()
    assert against.old_version(str(tmp_path / "x")) == tmp_path.resolve() / "x"
