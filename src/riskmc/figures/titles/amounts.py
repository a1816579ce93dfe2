"""Titles of figures that show amounts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from riskmc.figures.significance import TWO_SIDED, compare_shares, rank, with_error
from riskmc.figures.tables import (
    Bands,
    ConfidenceTable,
    Difference,
    DotTable,
    FanTable,
    Mark,
    Share,
    StatementTable,
    Step,
    Swing,
    TornadoTable,
    WaterfallTable,
)
from riskmc.words.figure_text import (
    capital,
    first_that_fits,
    lower_first,
    money,
    quoted,
    short_names,
    that_many,
    unit_for,
)


def fan(*, table: FanTable) -> str:
    """Say where the middle future ends and how far the range opens."""
    last = table.bands[0].years[-1]
    if len(table.bands) == 1:
        return capital(_one_fan(table, table.bands[0], last))
    shares = [with_error(b.label, b.median[-1], b.error(0.5, -1)) for b in table.bands]
    texts = [money(b.median[-1], mcse=b.error(0.5, -1)) for b in table.bands]
    return capital(_middles(f"Middle {lower_first(table.noun)}", shares, texts, table.difference))


def _middles(
    noun: str, shares: Sequence[Share], texts: Sequence[str], difference: Difference | None
) -> str:
    """Return a title that compares amounts of several regimes."""
    if len({share.value for share in shares}) == 1:
        return first_that_fits(f"{noun}: the same under every regime", "No regime differs")
    kind, i = rank(shares, difference)
    name = quoted(short_names([share.label for share in shares])[i])
    if kind == "open":
        return first_that_fits(
            f"{noun}: the regimes cannot be told apart", "The regimes cannot be told apart"
        )
    low, high = (f(range(len(shares)), key=lambda k: shares[k].value) for f in (min, max))
    both = f"{noun}: {texts[low]} to {texts[high]}, by regime"
    if kind == "differ" or texts[low] == texts[high]:
        return first_that_fits(both, "The regimes differ")
    two = len(shares) == 2
    word = {"lowest": "lower" if two else "lowest", "highest": "highest"}[kind]
    other = high if i == low else low
    return first_that_fits(
        f"{noun} {word} under {name}: {texts[i]} against {texts[other]}",
        f"{noun} {word} under {name}: {texts[i]}",
        f"{noun} {word} under {name}",
        both,
        "The regimes differ",
    )


def _one_fan(table: FanTable, band: Bands, last: str) -> str:
    middle = money(band.median[-1], mcse=band.error(0.5, -1))
    if all(v == 0.0 for row in band.quantiles.values() for v in row):
        return first_that_fits(f"{table.noun} stays at nil", "It stays at nil")
    p, q = band.pairs[0] if band.pairs else (0.5, 0.5)
    unit = unit_for([band.quantiles[p][-1], band.quantiles[q][-1]])
    low, high = (money(band.quantiles[k][-1], unit=unit, mcse=band.error(k, -1)) for k in (p, q))
    if low == high:
        return first_that_fits(f"{table.noun} {middle} in {last}", f"{middle} in {last}")
    inside = f"{round((q - p) * 100.0, 6):g}"
    return first_that_fits(
        f"{table.noun}: {inside} of 100 futures within {low} to {high}",
        f"Middle {lower_first(table.noun)} {middle} in {last}",
        f"Middle future {middle} in {last}",
    )


def quantile_dotplot(*, table: DotTable) -> str:
    """Say how many dots lie beyond the first mark; without one, where the middle is."""
    rows = table.rows
    if len(rows) == 1 and table.marks:
        mark = table.marks[0]
        beyond, count = _beyond(rows[0].values, mark), len(rows[0].values)
        return capital(
            first_that_fits(
                f"{table.noun}: {beyond} of {count} dots above {mark.label}",
                f"{beyond} of {count} dots above {mark.label}",
                f"{beyond} of {count} dots above the mark",
            )
        )
    if len(rows) == 1:
        values = rows[0].values
        count = len(values)
        upper = values[min(math.floor(0.9 * count), count - 1)]
        above = sum(1 for v in values if v >= upper)
        if values[0] == values[-1]:
            return capital(first_that_fits(f"{table.noun} {money(values[0])} in every future"))
        return capital(
            first_that_fits(
                f"Middle {lower_first(table.noun)} {money(rows[0].middle)}; "
                f"{above} of {count} dots from {money(upper)}",
                f"Middle future {money(rows[0].middle)}",
            )
        )
    shares = [Share(label=row.label, value=row.middle) for row in rows]
    texts = [money(row.middle) for row in rows]
    return capital(_middles(f"Middle {lower_first(table.noun)}", shares, texts, table.difference))


def _beyond(values: Sequence[float], mark: Mark) -> int:
    return sum(1 for value in values if value > mark.value)


def reserve_confidence(*, table: ConfidenceTable) -> str:
    """Say what the target needs, beside what is held."""
    level = that_many(table.target)
    shares = []
    for curve in table.curves:
        i = table.at_target(curve)
        shares.append(
            Share(label=curve.label, value=curve.reserves[i], low=curve.low[i], high=curve.high[i])
        )
    texts = [_supported(share) for share in shares]
    if len(shares) > 1:
        return _middles(f"Reserves for {level}", shares, texts, table.difference)
    needed = texts[0]
    if table.held is None:
        return first_that_fits(f"Reserves of {needed} last in {level} futures")
    held = money(table.held.value)
    mark = Share(label="held", value=table.held.value, low=table.held.value, high=table.held.value)
    sign = compare_shares(shares[0], mark)
    if sign < 0:
        return first_that_fits(
            f"{held} held; to last in {level} takes {needed}",
            f"{needed} needed, {held} held",
        )
    if sign > 0:
        return first_that_fits(f"{held} held is enough in {level} futures")
    return first_that_fits(f"{held} held is about enough in {level} futures")


def _supported(share: Share) -> str:
    """Return an amount with the digits its interval supports."""
    return money(share.value, mcse=(share.high - share.low) / (2.0 * TWO_SIDED))


def waterfall(*, table: WaterfallTable) -> str:
    """Say from where to where, and the largest step where one stands out."""
    first, last = table.steps[0], table.steps[-1]
    ends = f"{money(first.value, mcse=first.error)} to {money(last.value, mcse=last.error)}"
    largest = _largest(table.steps)
    return first_that_fits(
        f"From {ends}: largest step {lower_first(largest)}" if largest else "",
        f"{ends}: {lower_first(largest)} most" if largest else "",
        f"{first.label} to {last.label}: {ends}",
        f"From {ends}",
    )


def _largest(steps: Sequence[Step]) -> str:
    """Return the label of the largest change if its error leaves no other in its place."""
    changes = sorted((s for s in steps if not s.total), key=lambda s: -abs(s.value))
    if not changes or changes[0].value == 0.0:
        return ""
    if len(changes) > 1:
        both = [with_error(s.label, abs(s.value), s.error) for s in changes[:2]]
        if compare_shares(both[1], both[0]) <= 0:
            return ""
    return changes[0].label


def tornado(*, table: TornadoTable) -> str:
    """Say what moves the measure most."""
    swings = [_swing(bar) for bar in table.bars]
    noun = lower_first(table.noun)
    if swings[0].value == 0.0:
        return first_that_fits(f"No driver moves the {noun}", "No driver moves it")
    bar = table.bars[0]
    if len(swings) > 1 and compare_shares(swings[1], swings[0]) <= 0:
        return capital(
            first_that_fits(
                f"{bar.label} and {lower_first(table.bars[1].label)} move {noun} most",
                f"Two drivers move {noun} most, about equally",
                "Two drivers matter most, about equally",
            )
        )
    ends = sorted((bar.low, bar.high))
    reach = " to ".join(money(v, mcse=bar.error) for v in ends)
    return capital(
        first_that_fits(
            f"{bar.label} moves {noun} most: {reach}",
            f"{bar.label} moves {noun} most",
            f"{bar.label} moves it most",
            f"One driver moves {noun} most: {reach}",
        )
    )


def _swing(bar: Swing) -> Share:
    """Return the width of a bar; its two ends are taken to err independently."""
    return with_error(bar.label, abs(bar.high - bar.low), math.sqrt(2.0) * bar.error)


def statement(*, table: StatementTable) -> str:
    """Say how many stated figures lie outside their simulated range."""
    count = len(table.lines)
    outside = sum(1 for line in table.lines if not line.low <= line.stated <= line.high)
    if not outside:
        return "Stated figures all lie within the simulated range"
    return f"Stated figures: {outside} of {count} outside the simulated range"
