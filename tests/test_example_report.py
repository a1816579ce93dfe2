"""The committed example against a fresh run: its numbers are the package's own."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

import riskmc
from riskmc.measures import tidy
from riskmc.runs.simulation import run
from update_example import DRAWS, EXAMPLE, IMAGES, STUDY


def test_the_example_is_complete() -> None:
    """Would catch an output left out of the example."""
    expected = {
        "report.html",
        "paper.pdf",
        "annex.pdf",
        "tables.xlsx",
        "summary.csv",
        "run.json",
    }
    assert {path.name for path in EXAMPLE.iterdir()} == expected
    assert max(path.stat().st_size for path in EXAMPLE.iterdir()) < 2_000_000
    assert {path.name for path in IMAGES.iterdir()} >= {"paper-1.png", "paper-2.png"}
    record = json.loads((EXAMPLE / "run.json").read_text(encoding="utf-8"))
    assert record["draws"] == DRAWS
    assert record["draws_failed"] == 0


@pytest.mark.slow
def test_its_numbers_are_those_of_a_fresh_run(tmp_path: Path) -> None:
    """Would catch an example that the code no longer makes: refresh it with `make example`.

    Both read back what a run stores, in single precision.
    """
    study = riskmc.load_study(STUDY)
    results = run(study, draws=DRAWS, keep="headline", out=tmp_path / "results.nc")
    fresh = {tuple(map(str, row[:6])): row for row in tidy(results)}
    with (EXAMPLE / "summary.csv").open(encoding="utf-8", newline="") as file:
        stored = list(csv.DictReader(file))
    assert len(stored) == len(fresh)
    keys = ("measure", "regime", "against", "organisation", "year", "quantile")
    for row in stored:
        key = tuple(row[k] or ("None" if k == "quantile" else "") for k in keys)
        ours = fresh[key]
        for name in ("value", "mcse", "low", "high"):
            value = getattr(ours, name)
            if row[name] == "":
                assert not math.isfinite(value)
            else:
                assert float(row[name]) == pytest.approx(value, rel=1e-9, abs=1e-9), (key, name)
