"""The answers where many sets of rules are compared: rules down, questions across."""

from __future__ import annotations

from riskmc.report.model import Bar, Cell, Strip, StripRow
from riskmc.report.paper.writer import Writer
from riskmc.words.board import hundred, money, per_cent, span

#: Most sets of rules on page 1; the rest are in the annex.
MOST = 8


def matrix(w: Writer) -> Strip:
    """Return rows of rules with the deficit, reserves, rescue and unmet need; one axis a column."""
    amounts = ("deficit", "unmet")
    tops = {m: max(w.value(m, "p90", name) for name in w.main) for m in amounts}
    rows = []
    for i, name in enumerate(w.main[:MOST]):
        label = w.regime(name).short + (" (compared with)" if i == 0 else "")
        look = 0 if i == 0 else 2
        share = w.by_year("spending_share", "mean", name)[-1]
        rescue = w.value("large_rescue", "", name)
        cells = (
            _amount(w, "deficit", name, look, tops["deficit"]),
            Cell(per_cent(share), "", look, Bar(0.0, share, share, False), "of spending",
                 "Without reserves"),
            Cell(hundred(rescue), "in 100", look, Bar(0.0, rescue, rescue, False), "",
                 "Large rescue"),
            _amount(w, "unmet", name, look, tops["unmet"]),
        )  # fmt: skip
        rows.append(StripRow(label, "", cells, None))
    columns = (
        (f"Deficit, {w.names.horizon}", -1),
        (f"Without reserves, {w.names.end}", -1),
        ("Large rescue", -1),
        ("Need left unmet", -1),
    )
    return Strip("Rules", columns, "", tuple(rows))


def _amount(w: Writer, measure: str, name: str, look: int, top: float) -> Cell:
    low, middle, high = (w.value(measure, at, name) for at in ("p10", "p50", "p90"))
    axis = max(top, 1e-9) * 1.02
    bar = Bar(max(low, 0.0) / axis, max(middle, 0.0) / axis, max(high, 0.0) / axis, True)
    head = "Deficit" if measure == "deficit" else "Need left unmet"
    return Cell(money(middle), "", look, bar, span(low, high), head)
