"""A1, A4, A6: results of each body, every measure with its error, who gains and who loses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmc.report.annex.cells import abreast, estimate, not_shown, plain_table
from riskmc.report.annex.harm import harm
from riskmc.report.annex.kinds import reserves_by_kind
from riskmc.report.facts import Facts
from riskmc.report.facts.store import Fact
from riskmc.report.model import Block, Column, Heading, Page, Para, Table, text
from riskmc.study import Study
from riskmc.study.regime_notes import planning_sentences
from riskmc.variables import BEARERS
from riskmc.words.board import and_list, capital, hundred, lower_first, money

if TYPE_CHECKING:
    from riskmc.measures.view import Results

#: Rows of the table of all measures: label, measure, statistic.
_ROWS: tuple[tuple[str, str, str], ...] = (
    ("Deficit, all years", "deficit", "mean"),
    ("… middle future", "deficit", "p50"),
    ("… exceeded in 90 of 100", "deficit", "p10"),
    ("… exceeded in 10 of 100", "deficit", "p90"),
    ("… exceeded in 5 of 100", "deficit", "p95"),
    ("Need left unmet, all years", "unmet", "mean"),
    ("… middle future", "unmet", "p50"),
    ("… exceeded in 10 of 100", "unmet", "p90"),
    ("Rescue needed, all years", "rescue_needed", "mean"),
    ("… exceeded in 10 of 100", "rescue_needed", "p90"),
    ("Bailout granted, all years", "bailout", "mean"),
    ("… the centre’s money", "centre_money", "mean"),
    ("… own borrowing under exceptional support", "own_borrowing", "mean"),
    ("Shortfall left unpaid, all years", "unresolved", "mean"),
    ("Local tax raised, all years", "local_tax", "mean"),
    ("Reserves at the end", "reserves_end", "mean"),
    ("… middle future", "reserves_end", "p50"),
    ("… below this in 10 of 100", "reserves_end", "p10"),
    ("Planned savings delivered, all years", "savings", "mean"),
    ("Net cost to the centre", "central_cost", "mean"),
    ("… with local tax raised: cost to centre and taxpayers", "centre_and_tax", "mean"),
    ("Large rescue needed, over 1% of a year’s income", "large_rescue", ""),
    ("Large bailout granted, over 1% of a year’s income", "large_bailout", ""),
    ("A year’s deficit above all reserves held", "peak_above_reserves", ""),
    ("Opening reserves last without help", "lasts", ""),
)
#: Quantiles of the deficit, and how many of 100 futures exceed them.
EXCEEDED = {
    "p5": "95", "p10": "90", "p25": "75", "p50": "50", "p75": "25", "p90": "10", "p95": "5",
    "p99": "1",
}  # fmt: skip
#: Columns of the table of gains.
_GAINS = {
    "deficit": "Own deficit",
    "unmet": "Need left unmet",
    "local_tax": "Local tax",
    "unresolved": "Left unpaid",
    "reserves_end": "Reserves at the end",
}
#: Rows that grow with the number of budget holders: never a headline.
_ANY = (
    ("Any holder exhausts its reserves", "any_exhausted", ""),
    ("Any holder needs any rescue", "rescue_any", ""),
)


def bodies(facts: Facts) -> Page | None:
    """Return A1: one table of every body."""
    names = facts.names
    if not names.is_place:
        return None
    main = names.main[:2]
    heads = ("Own deficit", "Need left unmet", "Reserves run out", "Large rescue")
    columns = [Column("Body", width=2.6)]
    columns += [
        Column(f"{head}, {names.regimes[name].inside}", numeric=True)
        for head in heads
        for name in main
    ]
    rows = []
    for body, label in names.bodies.items():
        row = [label]
        for measure, at in (("deficit", "mean"), ("unmet", "mean")):
            row += [money(facts.value(measure, at, name, body=body)) for name in main]
        for measure in ("exhausted", "large_rescue"):
            row += [hundred(facts.value(measure, "", name, body=body)) for name in main]
        rows.append(row)
    blocks: list[Block] = [
        plain_table(columns, rows),
        Para(
            text(
                "Averages for amounts over all years; futures of 100 for chances. A body’s own "
                "deficit is that of its own income less its own cost where the run kept it; need, "
                "reserves and rescue are the part allotted to it where it is in a pool. A body "
                "that opens at or below its minimum has run out in all 100. Large rescue: over 1% "
                "of the body’s own income in a year. Errors are in tables.xlsx."
            ),
            "note",
        ),
    ]
    blocks += not_shown(names, main)
    shut = {
        name: [
            names.bodies.get(b, b) for b in facts.texts[f"exhausted already:{name}"].split("|") if b
        ]
        for name in names.main
    }
    for name, who in shut.items():
        if who:
            under = capital(names.regimes[name].under)
            words = f"{under}: {and_list(who)} opened without usable reserves."
            blocks.append(Para(text(words), "note"))
    return Page("a1", "", "A1 Results of each body", tuple(blocks))


def measures(facts: Facts, view: Results) -> Page:
    """Return A4: every measure with its simulation error, by regime and as a difference."""
    caption = "Every measure, with one Monte Carlo standard error behind ±"
    shown = abreast(tuple(facts.names.regimes))
    blocks: list[Block] = [
        *(_measures(facts, group, _ROWS, caption) for group in shown),
        _note(facts.names.draws),
        *_given(facts, view.study),
        Heading("Counts that grow with the number of holders"),
        Para(
            text(
                "“Any of several holders” is likelier the more holders there are. These counts "
                "compare no sets of rules and are in no headline."
            )
        ),
        *(_measures(facts, group, _ANY, "") for group in shown),
        *(_exceedance(facts, group) for group in shown),
        *_by_year(facts),
        *reserves_by_kind(facts, view.study),
        *_bearers(facts),
        *harm(facts, view),
    ]
    return Page("a4", "", "A4 Every measure and its simulation error", tuple(blocks))


def _measures(
    facts: Facts, shown: list[str], chosen: Sequence[tuple[str, str, str]], caption: str
) -> Table:
    """Return measures under some sets of rules, and their differences from the first."""
    names, body = facts.names, facts.names.body
    others = [name for name in shown if name != names.base]
    columns = [Column("Measure", width=2.4)]
    columns += [Column(names.regimes[name].short, numeric=True) for name in shown]
    columns += [
        Column(
            f"{names.regimes[name].brief}, less {names.regimes[names.base].inside}", numeric=True
        )
        for name in others
    ]

    def row(label: str, measure: str, at: str) -> list[str] | None:
        found = [facts.find(measure, at, name, body=body) for name in shown]
        if all(one is None for one in found):
            return None
        cells = [estimate(one) for one in found]
        for name in others:
            difference = facts.find(measure, at, name, against=names.base, body=body)
            cells.append(estimate(difference, difference=True))
        return [label, *cells]

    rows = [made for args in chosen if (made := row(*args)) is not None]
    return plain_table(columns, rows, caption)


def _note(draws: int) -> Para:
    return Para(
        text(
            f"£m; chances in per cent of {draws:,} futures. Behind ±: one Monte Carlo standard "
            "error, the error of simulating alone; < and > are 95% bounds. Differences are taken "
            "future by future and rounded by their own error, so they need not be those of the "
            "numbers printed; “–” where a difference is not of single futures."
        ),
        "note",
    )


def _given(facts: Facts, study: Study) -> list[Block]:
    """Say which rules are given money, or relieved of it, by a planning of their own."""
    labels = {name: row.label for name, row in facts.names.regimes.items()}
    return [Para(text(said)) for said in planning_sentences(study, labels)]


def _exceedance(facts: Facts, shown: list[str]) -> Table:
    names, body = facts.names, facts.names.body
    columns = [Column("In so many of 100 futures deficits of all years exceed …", width=2.4)]
    columns += [Column(names.regimes[name].short, numeric=True) for name in shown]
    rows = []
    for at, share in EXCEEDED.items():
        cells = [facts.find("deficit", at, name, body=body) for name in shown]
        rows.append([share, *(estimate(cell) for cell in cells)])
    worst = [facts.find("deficit", "worst 5", name, body=body) for name in shown]
    rows.append(["average of the worst 5", *(estimate(cell) for cell in worst)])
    return plain_table(columns, rows, "How large the deficit may get [£m]")


def _by_year(facts: Facts) -> list[Block]:
    names, body = facts.names, facts.names.body
    blocks: list[Block] = [Heading("Year by year")]
    measures = (
        ("deficit_year", "p10", "Deficit P10"),
        ("deficit_year", "p50", "Middle"),
        ("deficit_year", "p90", "P90"),
        ("deficit_year", "mean", "Mean"),
        ("unmet_year", "mean", "Need unmet"),
        ("reserves_year", "mean", "Reserves"),
        ("spending_share", "mean", "Spending without reserves"),
        ("pot_helped", "", "One pot run out"),
        ("pot_alone", "", "… without help"),
        ("large_rescue", "", "Large rescue so far"),
    )
    for name in names.main:
        kept = [
            row
            for row in measures
            if facts.find(row[0], row[1], name, year=names.years[0], body=body) is not None
        ]
        columns = [Column("Year", width=0.9), *(Column(h, numeric=True) for _, _, h in kept)]
        rows = []
        for year in names.years:
            cells = [facts.find(m, at, name, year=year, body=body) for m, at, _ in kept]
            rows.append([year, *(estimate(cell) for cell in cells)])
        caption = f"{names.regimes[name].short}: amounts in £m, chances and shares in per cent"
        blocks.append(plain_table(columns, rows, caption))
    return blocks


def _bearers(facts: Facts) -> list[Block]:
    names, body = facts.names, facts.names.body
    if facts.find("borne", "whole", names.base, body=body) is None:
        return []
    columns = [Column("Who", width=2.2)]
    for name in names.main:
        brief = names.regimes[name].inside
        columns += [
            Column(f"£m, {brief}", numeric=True),
            Column(f"of each £1, {brief}", numeric=True),
        ]
    rows = []
    for bearer, label in BEARERS.items():
        row = [label]
        for name in names.main:
            row.append(estimate(facts.find("borne", bearer, name, body=body)))
            share = facts.find("borne_share", bearer, name, body=body)
            row.append(estimate(share))
        rows.append(row)
    return [
        Heading("Who bears each £1"),
        plain_table(columns, rows),
        Para(
            text(
                "What each bears in every year, for as long as it lasts. A carried deficit counts "
                "when it is carried and again when it falls due, so bearers add up to more than "
                "the "
                "deficit."
            ),
            "note",
        ),
    ]


def gains(facts: Facts) -> Page | None:
    """Return A6: which bodies gain and which lose, and what the centre pays."""
    names = facts.names
    if not names.compared:
        return None
    blocks: list[Block] = []
    if names.is_place:
        for name in names.compared:
            columns = [Column("Body", width=2.6)]
            heads = (
                "Own deficit",
                "Need left unmet",
                "Local tax",
                "Left unpaid",
                "Reserves at the end",
            )
            columns += [Column(head, numeric=True) for head in heads]
            rows = []
            for body, label in names.bodies.items():
                cells = [facts.find(m, "mean", name, against=names.base, body=body) for m in _GAINS]
                rows.append([label, *(_signed(cell) for cell in cells)])
            caption = (
                f"{names.regimes[name].short} less {names.regimes[names.base].under}, average "
                "over the "
                "same futures, all years"
            )
            blocks.append(plain_table(columns, rows, caption))
        blocks.append(
            Para(
                text(
                    "Higher is worse but for reserves. “No clear difference”: the 95% interval of "
                    "the difference holds nil."
                ),
                "note",
            )
        )
    blocks += _centre(facts)
    return Page("a6", "", "A6 Who gains and who loses", tuple(blocks))


def _signed(found: Fact | None) -> str:
    if found is None or not found.known:
        return "–"
    if not found.clear:
        return "nil" if found.bound or found.value == 0.0 else "no clear difference"
    amount = money(abs(found.value), mcse=found.mcse)
    return f"{amount} {'higher' if found.value > 0.0 else 'lower'}"


def _centre(facts: Facts) -> list[Block]:
    names, body = facts.names, facts.names.body
    said = []
    for name in names.compared:
        found = facts.find("central_cost", "mean", name, against=names.base, body=body)
        if found is None or not found.known:
            continue
        under = capital(names.regimes[name].under)
        cost = "cost" if names.regimes[name].plain else "costs"
        if not found.clear:
            said.append(
                f"{under} {cost} the centre about as much as {names.regimes[names.base].under}."
            )
            continue
        way = "more" if found.value > 0.0 else "less"
        amount = money(abs(found.value), mcse=found.mcse)
        said.append(
            f"{under} {cost} the centre {amount} {way} than "
            f"{lower_first(names.regimes[names.base].under)} on average over all years."
        )
    return [Heading("What the centre pays"), Para(text(" ".join(said)))] if said else []
