"""A calibration in words: prior alongside posterior, and what the accounts changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.calibration.estimates import FIGURES

if TYPE_CHECKING:
    import xarray as xr

#: Share of a prior's variance that must be gone before a figure counts as learnt.
MOSTLY_LEARNT = 0.5


def facts(tree: xr.DataTree) -> dict[str, Any]:
    """Return the facts that a calibration reports."""
    found: dict[str, Any] = json.loads(tree.attrs["calibration"])
    return found


def lines(tree: xr.DataTree) -> list[str]:
    """Return a calibration as lines of text."""
    record = facts(tree)
    years = record["years"]
    text = [
        f"{record['councils']} council{'s' if record['councils'] != 1 else ''}, {years[0]} to "
        f"{years[-1]}: {record['changes']} yearly changes of reserves",
        f"prior: {record['prior']['name']} ({record['prior']['why']})",
        f"national change: from {record['national_change_from']}",
        "",
        f"{'figure':<8}{'estimate':<18}{'prior, 90 in 100':<22}{'posterior, 90 in 100':<24}meaning",
    ]
    for name, (symbol, meaning) in FIGURES.items():
        text.append(
            f"{symbol:<8}{_estimate(record, name):<18}{_range(tree, 'prior', name):<22}"
            f"{_range(tree, 'posterior', name):<24}{meaning}"
        )
    return [*text, "", *_learnt(record), *_by_council(tree)]


def _estimate(record: dict[str, Any], name: str) -> str:
    if name not in record["estimates"]:
        return "–"
    found = record["estimates"][name]
    return f"{found['value']:.2f} ± {found['error']:.2f}"


def _range(tree: xr.DataTree, group: str, name: str) -> str:
    if name not in tree[group]:
        return "–"
    low, high = np.quantile(np.asarray(tree[group][name]), [0.05, 0.95])
    return f"{low:.2f} to {high:.2f}"


def _learnt(record: dict[str, Any]) -> list[str]:
    """Return what the accounts changed, figure by figure."""
    shares = record["learnt"]
    kept = [FIGURES[name][0] for name, share in shares.items() if share < MOSTLY_LEARNT]
    text = [
        "learnt from the accounts (share by which the prior's variance shrank): "
        + ", ".join(f"{FIGURES[name][0]} {100 * share:.0f} %" for name, share in shares.items())
    ]
    if kept:
        named = ", ".join(kept)
        text.append(f"With {record['changes']} changes, {named} come mostly from the prior.")
    return text


def _by_council(tree: xr.DataTree) -> list[str]:
    """Return the spread of the outturn for a few councils, as a study has it."""
    posterior = tree["posterior"].to_dataset()
    sd, shared = posterior["outturn_variance_sd"], posterior["outturn_variance_shared"]
    text = []
    for council in sd["council"].values[:5]:
        values = sd.sel(council=council).values
        low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
        part = float(shared.sel(council=council).mean())
        text.append(
            f"{council}: outturn_variance sd {middle:.3f} of planned income "
            f"({low:.3f} to {high:.3f}), shared {part:.2f}"
        )
    more = sd.sizes["council"] - 5
    return [*text, f"and {more} more councils in the file"] if more > 0 else text
