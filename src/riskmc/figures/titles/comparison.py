"""Titles of figures that compare regimes, and of the back-test."""

from __future__ import annotations

import math

from riskmc.figures.significance import compare_shares, sign_of, verdict, with_error
from riskmc.figures.tables import (
    Bearers,
    CalibrationTable,
    IncidenceTable,
    PairedPanel,
    PairedTable,
    TippingTable,
)
from riskmc.words.figure_text import (
    capital,
    count_text,
    first_that_fits,
    lower_first,
    of_hundred,
    pence,
    quoted,
    short_names,
)


def incidence(*, table: IncidenceTable) -> str:
    """Say who bears most, and whether that changes between the regimes."""
    bars = [bar for bar in table.bars if any(share > 0.0 for share in bar.shares.values())]
    if not bars:
        return first_that_fits(f"There is no {table.noun} to bear", "There is nothing to bear")
    most = [_largest(bar) for bar in bars]
    if not all(most) and len(bars) > 1:
        return "Who bears most: see each regime"
    if not all(most):
        return first_that_fits(
            f"No one bearer of the {table.noun} stands out", "No one bearer stands out"
        )
    names = [lower_first(name) for name in most]
    shares = [bar.shares[name] for bar, name in zip(bars, most, strict=True)]
    if len(bars) == 1:
        return capital(
            first_that_fits(
                f"{pence(shares[0])} of each £1 falls on {names[0]}",
                f"{names[0]}: {pence(shares[0])} of each £1",
            )
        )
    if len(set(names)) == 1:
        low, high = pence(min(shares)), pence(max(shares))
        size = low if low == high else f"{low} to {high}"
        every = len(bars) == len(table.bars)
        where = "under every regime" if every else "where anything is borne"
        return capital(
            first_that_fits(
                f"Largest share {where}: {names[0]}, {size}",
                f"Largest share {where}: {names[0]}",
                f"The largest bearer stays the same: {size}",
            )
        )
    label = quoted(short_names([bar.label for bar in table.bars])[table.bars.index(bars[1])])
    return capital(
        first_that_fits(
            f"Largest share: {names[0]}; under {label}, {names[1]}" if len(bars) == 2 else "",
            "Who bears most depends on the regime",
        )
    )


def _largest(bar: Bearers) -> str:
    """Return who bears most, or "" where simulation error leaves it open."""
    ordered = sorted(bar.shares, key=lambda name: -bar.shares[name])
    if len(ordered) > 1:
        first, second = (
            with_error(name, bar.shares[name], bar.errors.get(name, math.nan))
            for name in ordered[:2]
        )
        if compare_shares(second, first) <= 0:
            return ""
    return ordered[0]


def paired_difference(*, table: PairedTable) -> str:
    """Say in how many futures the second regime does better."""
    panels = table.panels
    if all(panel.tie >= 1.0 for panel in panels):
        return "No difference in any simulated future"
    name = quoted(short_names([table.first, table.second])[1])
    counts = [count_text(p.better.value, p.better.low, p.better.high) for p in panels]
    first = f"{name} better in {counts[0]} futures"
    if len(panels) == 1:
        return capital(
            first_that_fits(
                f"{first}, {_on_average(table, panels[0])}"
                if _on_average(table, panels[0])
                else "",
                first,
            )
        )
    second = counts[1].removesuffix(" of 100")
    return capital(
        first_that_fits(
            f"{name} better in {counts[0]}, {panels[1].label} in {second}"
            if panels[1].label
            else "",
            first,
        )
    )


def _on_average(table: PairedTable, panel: PairedPanel) -> str:
    """Return "worse on average" (or better) where the mean goes against the majority."""
    if panel.mean is None:
        return ""
    worse = 1.0 - panel.better.value - panel.tie
    sign = sign_of(panel.mean) * (-1 if table.lower_is_better else 1)
    if panel.better.value > worse and sign < 0:
        return "worse on average"
    return "better on average" if panel.better.value < worse and sign > 0 else ""


def tipping(*, table: TippingTable) -> str:
    """Say for how many combinations of assumptions the second regime does better."""
    count = len(table.x) * len(table.y)
    found = [verdict(table, r, c) for r in range(len(table.y)) for c in range(len(table.x))]
    better, worse = found.count(1), found.count(-1)
    name = quoted(short_names([table.first, table.second])[1])
    if all(v == 0.0 for row in table.values for v in row):
        return "No difference in any combination tried"
    if not better and not worse:
        return "Which regime does better cannot be told"
    if better in (0, count):
        often = "every" if better else "no"
        return capital(first_that_fits(f"{name} better in {often} combination tried"))
    return capital(first_that_fits(f"{name} better in {better} of {count} combinations tried"))


def calibration(*, table: CalibrationTable) -> str:
    """Say whether ranges hold as often as they say."""
    narrow, wide = [], []
    for i, nominal in enumerate(table.nominal):
        if table.high[i] < nominal:
            narrow.append(i)
        elif table.low[i] > nominal:
            wide.append(i)
    if not narrow and not wide:
        return "Ranges hold about as often as they say"
    if narrow and wide:
        return "Ranges do not hold as often as they say"
    chosen = narrow or wide
    worst = max(chosen, key=lambda i: abs(table.observed[i] - table.nominal[i]))
    said, held = of_hundred(table.nominal[worst]), of_hundred(table.observed[worst])
    word = "narrow" if narrow else "wide"
    return first_that_fits(
        f"Ranges too {word}: those for {said} held {held}", f"Ranges are too {word}"
    )
