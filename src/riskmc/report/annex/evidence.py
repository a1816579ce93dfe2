"""A2 and A3: the rules side by side, and every assumption with where it comes from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from riskmc.report.annex.cells import abreast, plain_table
from riskmc.report.annex.kinds import opening_kinds
from riskmc.report.annex.rules import every_rule, place_of
from riskmc.report.facts import Facts
from riskmc.report.facts.evidence import GRADES, origins
from riskmc.report.facts.variants import differing
from riskmc.report.model import Block, Column, Heading, Page, Para, Table, text
from riskmc.rules.register import INSTRUMENTS
from riskmc.sampling import describe_driver
from riskmc.study import Regime, Study, regime_figures, validate
from riskmc.study.regimes import Waterfall
from riskmc.study.sourcing import sources_and_notes
from riskmc.variables import DRIVERS, PLACE
from riskmc.words.board import and_list, capital, name_inside
from riskmc.words.rounding import rounded

_CARD = {
    "Settlement": "settlement.period",
    "Cuts during the year": "settlement.in_year_cuts",
    "New duties": "settlement.new_burdens_funded",
    "Transformation fund": "settlement.transformation_fund",
    "Contracts": "payment.activity_share",
}
_WATERFALLS: dict[Waterfall, str] = {
    "plan": "A gap in the plan is closed by",
    "shortfall": "A shortfall at the year end is met by",
    "surplus": "A surplus goes to",
}
_PLURALS = {"provider": "NHS providers", "commissioner": "commissioners", "council": "councils"}
_MONEY = ("cost", "grant", "local_tax", "charges", "reserves", "reserve_floor", "debt", "capital")
_HEADS = ("Own cost", "Grant", "Local tax", "Charges", "Reserves", "Minimum", "Debt", "Capital")


def _card(facts: Facts, study: Study, shown: Sequence[str]) -> Table:
    """Return the lines in which some sets of rules differ."""
    regimes = [study.regimes[name] for name in shown]
    found = [{f.path: f.words for f in regime_figures(regime)} for regime in regimes]
    rows = [
        [title, *(capital(by_path.get(path, "–")) for by_path in found)]
        for title, path in _CARD.items()
    ]
    rows.append(["Who must balance", *(capital(_holders(study, regime)) for regime in regimes)])
    for waterfall, title in _WATERFALLS.items():
        rows.append([title, *(_steps(study, regime, waterfall) for regime in regimes)])
    kept = [row for row in rows if len(row) == 2 or len(set(row[1:])) > 1]
    columns = [Column("Rule", width=1.1)]
    columns += [Column(facts.names.regimes[name].short, width=2.0) for name in shown]
    return plain_table(columns, kept)


def rules(facts: Facts, study: Study) -> Page:
    """Return A2: lines in which the rules differ, and what variants change."""
    names = facts.names
    blocks: list[Block] = [
        Para(
            text(
                "Lines in which the sets of rules differ; every figure follows with its "
                "source, and is in tables.xlsx, sheet Rules."
                if len(names.main) > 1
                else "The rules in short; the full rules are in tables.xlsx, sheet Rules."
            )
        ),
        *(_card(facts, study, shown) for shown in abreast(names.main)),
        *_same_books(facts, study),
    ]
    for name in names.variants:
        like = facts.texts[f"variant of:{name}"]
        changed = differing(study.regimes[name], study.regimes[like])
        words = "; ".join(f"{ours} (there: {theirs})" for _, ours, theirs in changed)
        blocks.append(
            Para(
                text(
                    f"**{names.regimes[name].label}:** as {names.regimes[like].under}, but {words}."
                )
            )
        )
    blocks += every_rule(facts, study)
    return Page("a2", "", "A2 The rules, side by side", tuple(blocks))


def _same_books(facts: Facts, study: Study) -> list[Block]:
    """Return figures in which rules of one and the same rulebook differ."""
    if not facts.names.compared:
        return []
    base = study.regimes[facts.names.base]
    known = {figure.path for figure in regime_figures(base)}
    blocks: list[Block] = []
    for name in facts.names.compared[:2]:
        rows = [
            [place_of(path), capital(theirs) or "–", capital(ours)]
            for path, ours, theirs in differing(study.regimes[name], base)
            if path in known
        ]
        if rows:
            columns = (
                Column("Rule", width=1.6),
                Column(facts.names.regimes[facts.names.base].short, width=2.2),
                Column(facts.names.regimes[name].short, width=2.2),
            )
            blocks.append(plain_table(columns, rows, "Figures that both have, and that differ"))
    return blocks


def _holders(study: Study, regime: Regime) -> str:
    holders = regime.holders(study.organisations)
    pools = [h for h in holders if len(h.members) > 1]
    alone = len(holders) - len(pools)
    ids = study.organisation_ids
    said = [f"{who(study, [ids[k] for k in pool.members])} as one pool" for pool in pools]
    if alone:
        said.append(f"{alone} {'bodies, each' if alone > 1 else 'body'} alone")
    return and_list(said)


def who(study: Study, ids: list[str]) -> str:
    """Return several bodies in words, by kind where they are all of a kind."""
    known = study.organisations
    if len(ids) == len(known) > 1:
        return "every body"
    left, said = list(ids), []
    for kind, plural in _PLURALS.items():
        of_kind = [body.id for body in known if body.kind == kind]
        if len(of_kind) > 1 and set(of_kind) <= set(left):
            said.append(f"all {len(of_kind)} {plural}")
            left = [body for body in left if body not in of_kind]
    return and_list([*said, *(name_inside(study.name_of(body)) for body in left)])


def _steps(study: Study, regime: Regime, waterfall: Waterfall) -> str:
    """Return the instruments of a waterfall in order, by rulebook."""
    labels = {(row.waterfall, row.name): getattr(row, "label", row.name) for row in INSTRUMENTS}
    books: dict[str, list[str]] = {}
    for holder in regime.holders(study.organisations):
        names = [
            labels.get((waterfall, s.instrument), s.instrument).lower()
            for s in holder.rulebook.waterfall(waterfall)
        ]
        steps = ", then ".join(names) or "nothing"
        books.setdefault(steps, []).extend(study.organisation_ids[k] for k in holder.members)
    if len(books) == 1:
        return capital(next(iter(books)))
    return ". ".join(f"{capital(who(study, ids))}: {steps}" for steps, ids in books.items())


def assumptions(facts: Facts, study: Study) -> Page:
    """Return A3: what is assumed, and the grade of every figure."""
    names = facts.names
    chosen = [row for row in study.organisations if names.body in (PLACE, row.id)]
    rows = [
        [study.name_of(row.id), *(rounded(getattr(row, name), 1) for name in _MONEY)]
        for row in chosen
    ]
    if len(chosen) > 1:
        totals = [sum(getattr(row, name) for row in chosen) for name in _MONEY]
        rows.append(["The place", *(rounded(total, 1) for total in totals)])
    columns = [Column("Body", width=2.4), *(Column(h, numeric=True) for h in _HEADS)]
    blocks: list[Block] = [
        plain_table(columns, rows, f"Opening position, on the eve of {names.years[0]} [£m]"),
        *opening_kinds(study, names.body),
        *_growth(facts, study, [row.id for row in chosen]),
        *_drivers(study, [row.id for row in chosen]),
        *_together(study),
        *_grades(facts, study),
        *_annotated(study),
    ]
    return Page("a3", "", "A3 Assumptions and where each comes from", tuple(blocks))


def _growth(facts: Facts, study: Study, ids: list[str]) -> list[Block]:
    groups: dict[tuple[str, tuple[float, ...]], list[str]] = {}
    for key, attribute, words in (
        ("grant_growth", "grant", "Grant"),
        ("tax_growth", "local_tax", "Local tax"),
        ("charges_growth", "charges", "Charges"),
    ):
        growth = study.growth(key)  # type: ignore[arg-type]
        for k, row in enumerate(study.organisations):
            if row.id in ids and getattr(row, attribute) != 0.0:
                path = tuple(float(value) for value in growth[:, k])
                groups.setdefault((words, path), []).append(row.id)
    rows = [
        [f"{words}: {who(study, body)}", *(rounded(100.0 * v, 1) for v in path[:10])]
        for (words, path), body in groups.items()
    ]
    if not rows:
        return []
    columns = [Column("Growth a year [%]", width=2.6)]
    columns += [Column(year, numeric=True) for year in facts.names.years[:10]]
    return [plain_table(columns, rows, "Growth that is planned")]


def _drivers(study: Study, ids: list[str]) -> list[Block]:
    rows = []
    for row in DRIVERS:
        if row.source != "study":
            continue  # risks are in A7; the centre's willingness is even
        groups: dict[str, list[str]] = {}
        for body in ids:
            words = describe_driver(study, row.name, body)
            words = words.removeprefix(f"{row.name}: ").removeprefix(f"{row.label}: ")
            groups.setdefault(words, []).append(body)
        for words, bodies in groups.items():
            rows.append([row.label, who(study, bodies), f"{capital(words)}."])
    columns = (Column("Driver", width=1.2), Column("For", width=1.5), Column("In words", width=4.0))
    return [Heading("What is uncertain"), plain_table(columns, rows)]


def _together(study: Study) -> list[Block]:
    checked = validate(study)
    labels = {row.name: row.label for row in DRIVERS}
    rows = []
    for (first, second), value in study.correlations.items():
        both = f"{labels.get(first, first)} and {labels.get(second, second).lower()}"
        rows.append([both, f"{value:g}"])
    blocks: list[Block] = []
    if rows:
        columns = (Column("Moves together", width=4.0), Column("Correlation", numeric=True))
        blocks.append(plain_table(columns, rows))
        blocks.append(Para(text("Correlations that are not listed are 0."), "note"))
    if checked.warnings:
        blocks.append(Heading("What to look at again"))
        blocks += [Para(text(str(warning))) for warning in checked.warnings[:8]]
    return blocks


def _grades(facts: Facts, study: Study) -> list[Block]:
    rows = []
    for name in facts.names.regimes:
        counts = Counter(origin.kind for _, origin in origins(study, name))
        rows.append([facts.names.regimes[name].label, *(str(counts[grade]) for grade in GRADES)])
    scopes = sum(1 + len(table.by) for table in study.drivers.values())
    rows.append(["Drivers, each by the bodies it is given for", "0", "0", "0", str(scopes)])
    total = facts.evidence.counts
    rows.append(
        ["Counted once each, as on the trust card", *(str(total[grade]) for grade in GRADES)]
    )
    columns = [Column("Figures of", width=3.0), *(Column(capital(g), numeric=True) for g in GRADES)]
    return [
        Heading("Figures by where they come from"),
        plain_table(columns, rows),
        Para(
            text(
                "“The study’s own” are typed in the study file; its comments say why. A figure "
                "that "
                "two sets of rules share counts once on the trust card, and variants add nothing "
                "to it. A limit that nobody has set is no figure, and is not counted."
            ),
            "note",
        ),
    ]


def _annotated(study: Study) -> list[Block]:
    """Return what the study says of where its figures come from."""
    rows = [[one.table, one.source or "–", one.note or "–"] for one in sources_and_notes(study)]
    if not rows:
        return []
    columns = (
        Column("Figures of", width=1.6),
        Column("Source", width=2.4),
        Column("Note", width=2.4),
    )
    return [Heading("Sources and notes of the study"), plain_table(columns, rows)]
