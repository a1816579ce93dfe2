"""Studies, results files and registers damaged at random, a few of each: `python -m tests.fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest

import fuzz
from riskmc.errors import StudyError

TRIES = 60


def test_damaged_studies(tmp_path: Path) -> None:
    """Would catch a traceback of Python's or pydantic's, from loading or from running."""
    tally = fuzz.damaged_studies(TRIES, 20_161, tmp_path)
    assert tally.faults == []
    assert tally.outcomes["refused"] > TRIES // 4
    assert tally.outcomes["run"] > 0


def test_damaged_texts(tmp_path: Path) -> None:
    """Would catch a traceback from bytes that are no TOML, no UTF-8, or cut short."""
    tally = fuzz.damaged_texts(TRIES, 7, tmp_path)
    assert tally.faults == []
    assert tally.outcomes["refused"] > TRIES // 4


@pytest.mark.parametrize("keep", fuzz.KEPT)
def test_damaged_results_files(tmp_path: Path, keep: str) -> None:
    """Would catch a damaged file that opens, and a traceback of HDF5's from one that does not."""
    tally = fuzz.damaged_results(TRIES // 2, 3, tmp_path, keep)
    assert tally.faults == []
    assert tally.outcomes["refused"] > TRIES // 4


def test_damaged_registers(tmp_path: Path) -> None:
    """Would catch a traceback from a table that a spreadsheet or an editor damaged."""
    tally = fuzz.damaged_registers(TRIES, 11, tmp_path)
    assert tally.faults == []
    assert tally.outcomes["refused"] > 0
    assert tally.outcomes["read"] > 0


def test_what_is_no_error_of_ours_is_counted_as_a_fault() -> None:
    """Would catch a fuzz that lets everything through."""
    tally = fuzz.Tally("tries")

    def wrong(error: Exception) -> str:
        raise error

    tally.attempt(lambda: "loaded", StudyError)
    for error in (KeyError("x"), StudyError("a\x00b"), StudyError("plain")):
        tally.attempt(lambda error=error: wrong(error), StudyError)
    assert len(tally.faults) == 2
    assert tally.line() == "4 tries: 1 refused, 1 loaded, 2 faults"
