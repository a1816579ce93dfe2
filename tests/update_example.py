"""Make the committed example again: `python -m tests.update_example` (or `make example`).

A small finished run of Greater Manchester, every output of it. Its results.nc would be 140 MB, so
the one that is
committed holds the same futures streamed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from riskmc.runs.simulation import run
from riskmc.study import load_study

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "configs" / "greater-manchester.toml"
EXAMPLE = ROOT / "reports" / "greater-manchester-example"
DRAWS = 4096


def main() -> None:
    """Run the study, keep its outputs, and put streamed results in place of the draws."""
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    command = ["run", str(STUDY), "--draws", str(DRAWS), "--keep", "headline"]
    subprocess.run([sys.executable, "-m", "riskmc", *command, "--out", str(EXAMPLE)], check=True)
    results = EXAMPLE / "results.nc"
    results.unlink()
    run(load_study(STUDY), draws=DRAWS, keep="summaries", out=results).close()


if __name__ == "__main__":
    main()
