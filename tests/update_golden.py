"""Refresh the golden runs: `python -m tests.update_golden --why "what changed and why"`.

Each golden file holds a few figures of one small run, and why it was last refreshed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from riskmc.runs.simulation import run
from riskmc.study import load_study

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
STUDIES = ("example", "council")
DRAWS, SEED = 256, 7


def figures(name: str) -> dict[str, Any]:
    """Every place variable's mean by regime and year, and one draw's bodies, of a small run."""
    study = load_study(ROOT / "configs" / f"{name}.toml")
    results = run(study, draws=DRAWS, seed=SEED, keep="all")
    place = results["place"].to_dataset().mean(("chain", "draw"))
    future = results["outcomes"].to_dataset().isel(chain=3, draw=5, year=-1)
    return {
        "mean of the place": {
            str(v): place[v].transpose("regime", "year").values.tolist() for v in place.data_vars
        },
        "bodies in the last year of draw 53": {
            str(v): future[v].transpose("regime", "organisation").values.astype(float).tolist()
            for v in future.data_vars
        },
    }


def main() -> None:
    """Write the golden files again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--why", required=True, help="what changed, for the next reader")
    why = parser.parse_args().why
    GOLDEN.mkdir(exist_ok=True)
    for name in STUDIES:
        text = json.dumps({"why": why, **figures(name)}, indent=1)
        (GOLDEN / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
