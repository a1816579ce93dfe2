"""The answers where many sets of rules are compared: rules down, questions across."""

from __future__ import annotations

from riskmc.report.model import Bar, Cell, Strip, StripRow
from riskmc.report.paper.reserves import half_by, when_measure
from riskmc.report.paper.writer import Writer
from riskmc.words.board import alike, count, hundred, per_cent, span

#: Most sets of rules on page 1; the rest are in the annex.
MOST = 8


def matrix(w: Writer) -> Strip:
    """Return rows of rules with the deficit, reserves, rescue and unmet need; one axis a column."""
    amounts = ("deficit", "unmet")
    tops = {m: max(w.value(m, "p90", name) for name in w.main) for m in amounts}
    middles = {m: alike([w.value(m, "p50", name) for name in w.main]) for m in amounts}
    rows = []
    for i, name in enumerate(w.main[:MOST]):
        row = w.regime(name)
        head = row.short + (" (compared with)" if i == 0 else "")
        whole = "" if row.label == row.short else row.label
        look = 0 if i == 0 else 2
        cells = (
            _amount(w, "deficit", name, look, tops["deficit"], middles["deficit"][i]),
            _reserves(w, name, look),
            _rescue(w, name, look),
            _amount(w, "unmet", name, look, tops["unmet"], middles["unmet"][i]),
        )
        rows.append(StripRow(head, whole, cells))
    columns = (
        (f"Deficit, {w.names.horizon}", -1),
        (f"Without reserves, {w.names.end}", -1),
        ("Large rescue needed", -1),
        ("Need left unmet", -1),
    )
    return Strip("Rules", columns, "", tuple(rows))


def _reserves(w: Writer, name: str, look: int) -> Cell:
    """Return the share of spending without reserves, and by when half the futures run out."""
    measure, _ = when_measure(w)
    when = half_by(w.by_year(measure, "", name), w.names.years)
    if not w.names.is_place:
        chance = w.by_year("pot_helped", "", name)[-1]
        bar = Bar(0.0, chance, chance, False)
        return Cell(hundred(chance), "in 100", look, bar, when, "Without reserves")
    share = w.by_year("spending_share", "mean", name)[-1]
    bar = Bar(0.0, share, share, False)
    pot = "one pot, no help: " if measure == "pot_alone" else "one pot: "
    return Cell(per_cent(share), "of spending", look, bar, f"{pot}{when}", "Without reserves")


def _rescue(w: Writer, name: str, look: int) -> Cell:
    """Return how often a large rescue is needed, and how often a large bailout is granted."""
    if not w.get("granted", "most", name).known:
        return Cell("None", "", look, None, "cannot happen under these rules", "Large rescue")
    needed = w.value("large_rescue", "", name)
    granted = f"granted in {count(w.value('large_bailout', '', name))}"
    bar = Bar(0.0, needed, needed, False)
    return Cell(hundred(needed), "in 100", look, bar, granted, "Large rescue")


def _amount(w: Writer, measure: str, name: str, look: int, top: float, text: str) -> Cell:
    low, middle, high = (w.value(measure, at, name) for at in ("p10", "p50", "p90"))
    axis = max(top, 1e-9) * 1.02
    bar = Bar(max(low, 0.0) / axis, max(middle, 0.0) / axis, max(high, 0.0) / axis, True)
    head = "Deficit" if measure == "deficit" else "Need left unmet"
    return Cell(text, "", look, bar, span(low, high), head)
