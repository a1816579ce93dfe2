"""What is timed alongside riskmc computes the same: a third implementation of the study's rules."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import engine, peers
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
    for name in ("machine", "against", "threads", "engine", "growth", "sampling", "schemes", "profile", "peers"):
        assert f"<!-- {name}: begin -->" in text
        assert f"<!-- {name}: end -->" in text
