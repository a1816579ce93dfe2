"""What the study asks of the paper: its scenarios, since the last paper, which rule does it."""

from __future__ import annotations

from riskmc.report.facts.asked import second_label
from riskmc.report.facts.asked_words import since_words, work_words
from riskmc.report.facts.store import CHANCE, Fact
from riskmc.report.model import Block, Column, Heading, Para, Row, Table, Text, text
from riskmc.report.paper.writer import Writer
from riskmc.words.board import and_list, fine, money, number_word, unit_of

#: Scenarios that the paper shows; the annex has them all.
MOST = 4
_MEASURES = ("net_deficit", "p_rescue_needed_above_1_percent", "unmet", "reserves_end")


def since_last(w: Writer) -> str:
    """Return what the cover says of the last paper."""
    given = w.names.paper.get("since_last_paper")
    asked = w.facts.asked
    if given:
        return str(given)
    if asked is not None and asked.bridge is not None:
        return f"{since_words(w.facts)} (annex A12)"
    if asked is not None and "bridge" in asked.refused:
        return "The last paper could not be compared with this one (annex A12)"
    return "First run: nothing to compare"


def scenarios(w: Writer) -> list[Block]:
    """Return the study's scenarios: what each changes, on the same futures."""
    asked = w.facts.asked
    if asked is None or asked.scenarios is None:
        return []
    found = asked.scenarios
    names = found["setting"].values.tolist()[1:]
    shown = w.main[:2]
    said = "" if w.alone else f", {' | '.join(w.brief(name) for name in shown)}"
    body = w.names.body
    columns = (
        Column("If this were so …", width=2.2),
        *(Column(f"{second_label(m, body)}{said}", numeric=True, width=1.5) for m in _MEASURES),
    )
    rows = tuple(
        Row((text(name), *(_change(w, m, name, shown) for m in _MEASURES))) for name in names[:MOST]
    )
    more = len(names) - len(rows)
    note = (
        f"Average changes on the first {found.attrs['draws']:,} futures, each with and without the "
        "scenario. “Unclear”: the 95% interval of the change holds nil."
    )
    if more > 0:
        note += f" {number_word(more).capitalize()} more in annex A11."
    left = [w.regime(name).under for name in w.main[2:]]
    if left:
        note += f" Not shown: {and_list(left)}; see annex A11."
    return [
        Heading("What the study’s own scenarios would change"),
        Table(columns, rows, spare=max(len(rows) - 1, 0), drop=6, what="further scenarios"),
        Para(text(note), "note", drop=5, what="how to read the scenarios"),
    ]


def _change(w: Writer, measure: str, scenario: str, regimes: tuple[str, ...]) -> Text:
    found = [w.get(f"scenario, change: {measure}", scenario, name) for name in regimes]
    amounts = [one.value for one in found if one.unit != CHANCE]
    return text(" | ".join(_said(one, amounts) for one in found))


def _said(found: Fact, amounts: list[float]) -> str:
    if not found.clear:
        return "none" if found.value == 0.0 else "unclear"
    size = (
        fine(abs(found.value))
        if found.unit == CHANCE
        else money(abs(found.value), unit=unit_of(amounts))
    )
    sign = "+" if found.value > 0.0 else "−"
    return f"under {sign}{size[1:]}" if size.startswith("<") else f"{sign}{size}"


def which_rule(w: Writer) -> list[Block]:
    """Return two sentences on which rule does the work, where the study asks for them."""
    asked = w.facts.asked
    if asked is None or asked.attribution is None:
        return []
    start, end = (w.regime(str(asked.attribution.attrs[key])) for key in ("start", "end"))
    words = (
        f"From {start.under} to {end.under}: {work_words(w.facts)[0].lower()}"
        f"{work_words(w.facts)[1:]}. Annex A13 has every group of rules, with its error."
    )
    said = text(f"**Which rule does the work.** {words}")
    return [Para(said, "lede", drop=4, what="which rule does the work")]
