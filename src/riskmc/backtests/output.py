"""What a back-test writes: a table to read, a CSV, JSON and a page of figures."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from riskmc.backtests.running import MODEL, Backtest
from riskmc.errors import InputError
from riskmc.words.cells import csv_cell


def lines(found: Backtest) -> list[str]:
    """Return the scores as lines of text: rivals, cover by case, events."""
    record = found.record()
    text = [found.plan.title, ""]
    if found.cases:
        text += [*_against_rivals(found), "", *_by_case(found)]
    if record["events"]:
        text.append("")
    for event in record["events"]:
        text.append(
            f"{event['name']}: forecast {event['forecast']:.3f}, happened "
            f"{_share(event['happened'])} (n = {event['n']}){_brier(event)}"
        )
    return text


def _brier(event: dict[str, Any]) -> str:
    """Return an event's Brier score alongside the best rival's; less is better."""
    if "brier" not in event:
        return ""
    best = min(event["brier_of_rivals"].items(), key=lambda item: item[1], default=None)
    rival = "" if best is None else f"; {best[0]} {best[1]:.3f}"
    return f", Brier score {event['brier']:.3f}{rival}"


def _share(value: float | None) -> str:
    return "not yet known" if value is None else f"{value:.3f}"


def _against_rivals(found: Backtest) -> list[str]:
    record = found.record()
    width = max(len(name) for name in (MODEL, *found.plan.rivals))
    text = [
        f"{'forecast':<{width}}   CRPS, {found.unit} (less is better)   worse than the model by",
        f"{MODEL:<{width}}   {_with_error(record['crps'], record['crps_error'])}",
    ]
    for name, rival in record["rivals"].items():
        behind = _with_error(rival["behind_by"], rival["error"], sign=True)
        text.append(f"{name:<{width}}   {rival['crps']:<31.2f}   {behind}")
    return text


def _with_error(value: float, error: float | None, *, sign: bool = False) -> str:
    shown = f"{value:+.2f}" if sign else f"{value:.2f}"
    return shown if error is None else f"{shown} ± {error:.2f}"


def _by_case(found: Backtest) -> list[str]:
    head = "origin    target    CRPS      50 %   80 %   90 %   width 90 %   bias        n"
    text = [head]
    for row in found.rows():
        if row["forecast"] != MODEL:
            continue
        text.append(
            f"{row['origin']:<9} {row['target']:<9} {row['crps']:<9.2f} {row['cover_50']:<6.1f} "
            f"{row['cover_80']:<6.1f} {row['cover_90']:<6.1f} {row['width']:<12.1f} "
            f"{row['bias']:<+11.2f} {row['n']}"
        )
    return text


def write(found: Backtest, folder: str | Path) -> list[Path]:
    """Write `<plan>.json`, `<plan>.csv` and, where there are cases, `<plan>.png` to a folder."""
    stem = Path(folder) / found.plan.name
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        written = [_write_json(found, stem.with_suffix(".json"))]
        if found.cases:
            written += [_write_csv(list(found.rows()), stem.with_suffix(".csv"))]
            from riskmc.backtests.page import draw_page

            written += [draw_page(found, stem.with_suffix(".png"))]
        if found.forecasts:
            written += [_write_csv(list(found.forecasts), stem.with_suffix(".csv"), digits=2)]
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return written


def _write_json(found: Backtest, path: Path) -> Path:
    text = json.dumps(found.as_dict(), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _write_csv(rows: list[dict[str, Any]], path: Path, *, digits: int = 4) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            shown = {
                key: f"{value:.{digits}f}" if isinstance(value, float) else csv_cell(value)
                for key, value in row.items()
            }
            writer.writerow(shown)
    return path
