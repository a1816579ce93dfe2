"""The back-tests that ship, run again: `python -m tests.update_backtests [PLAN ...]`.

Runs every plan of configs/backtests/, writes reports/backtests/ and the record that reports show
(src/riskmc/data/backtests.json). A test says whether the scores are those of the code.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from riskmc.backtests.output import lines, write
from riskmc.backtests.running import backtest

ROOT = Path(__file__).parent.parent
PLANS = ROOT / "configs" / "backtests"
REPORTS = ROOT / "reports" / "backtests"
RECORD = ROOT / "src" / "riskmc" / "data" / "backtests.json"


def plans() -> list[Path]:
    """Return every plan that ships; templates are studies."""
    return sorted(path for path in PLANS.glob("*.toml") if not path.stem.endswith("-template"))


def rounded(value: Any) -> Any:
    """Return a record with its numbers to six places: what is compared and shown."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


def main(names: list[str]) -> None:
    """Run the plans and write what they found."""
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    for path in plans():
        if names and path.stem not in names:
            continue
        found = backtest(path)
        write(found, REPORTS)
        record[path.stem] = rounded(found.record())
        sys.stdout.write("\n".join(lines(found)) + "\n\n")
    text = json.dumps(dict(sorted(record.items())), indent=1, ensure_ascii=False)
    RECORD.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
