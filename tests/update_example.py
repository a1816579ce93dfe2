"""Make the committed example again: `python -m tests.update_example` (or `make example`).

A small finished run of Greater Manchester, every output of it but the results themselves, which
take 36 MB, and the pictures of the README.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from riskmc.report import Report
from riskmc.report.pdf import render_pages
from riskmc.results import open_results

ROOT = Path(__file__).parent.parent
STUDY = ROOT / "configs" / "greater-manchester.toml"
EXAMPLE = ROOT / "reports" / "greater-manchester-example"
IMAGES = ROOT / "docs" / "images"
DRAWS = 4096


def main() -> None:
    """Run the study, draw the pictures, and keep what is small."""
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    command = ["run", str(STUDY), "--draws", str(DRAWS), "--keep", "headline"]
    subprocess.run([sys.executable, "-m", "riskmc", *command, "--out", str(EXAMPLE)], check=True)
    pictures(EXAMPLE)
    for name in ("results.nc", "results.nc.checksums"):
        (EXAMPLE / name).unlink(missing_ok=True)


def pictures(example: Path) -> None:
    """Draw pages 1 and 2 of the paper for the README."""
    results = open_results(example)
    pages = render_pages(Report(results).paper)
    results.close()
    IMAGES.mkdir(exist_ok=True)
    for number, page in enumerate(pages[:2], start=1):
        (IMAGES / f"paper-{number}.png").write_bytes(page)


if __name__ == "__main__":
    main()
