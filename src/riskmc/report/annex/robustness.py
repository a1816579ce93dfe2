"""A5: what drives the deficit, stress tests, and where the answers turn."""

from __future__ import annotations

import math

from riskmc.figures.base import LOOKS
from riskmc.figures.drivers import Drivers
from riskmc.figures.rescue import RescueChance
from riskmc.measures.early_warning import AFTER
from riskmc.report.annex.cells import estimate, plain_table
from riskmc.report.facts import Facts
from riskmc.report.facts.drivers import driver_label, swings
from riskmc.report.facts.robustness import EQUAL, EQUAL_CHANCE
from riskmc.report.model import Block, Column, FigureBlock, Heading, Page, Para, text
from riskmc.report.paper.page3 import worse_years
from riskmc.report.paper.signs import shown_signs, sign_words
from riskmc.report.paper.writer import Writer
from riskmc.report.sides import CHANCES
from riskmc.words.board import half_up, year_end

#: Drivers of the tornado.
_MOST = 12


def robustness(facts: Facts) -> Page | None:
    """Return A5; None where nothing is uncertain."""
    blocks: list[Block] = [
        *_tornado(facts),
        *_scenarios(facts),
        *_sweep(facts),
        *_breaking(facts),
        *_signs(facts),
    ]
    if not blocks:
        return None
    left = facts.names.not_shown(_shown(facts))
    if left:
        words = f"All but the stress tests are of the first sets of rules; not of {left}."
        blocks.insert(0, Para(text(words), "note"))
    return Page("a5", "", "A5 Drivers, stress tests and tipping points", tuple(blocks))


def _shown(facts: Facts) -> tuple[str, ...]:
    return facts.names.main[:3]


def _tornado(facts: Facts) -> list[Block]:
    names, body = facts.names, facts.names.body
    shown = _shown(facts)
    ranked = swings(facts, shown)[:_MOST]
    if not ranked:
        return []

    def ends(driver: str, regime: str) -> tuple[float, float]:
        low, high = (
            facts.value("deficit where", f"{driver} {end}", regime, body=body)
            for end in ("low", "high")
        )
        return low, high

    figure = Drivers(
        f"{driver_label(ranked[0][0])} moves the average deficit most",
        tuple(driver_label(driver) for driver, _ in ranked),
        tuple(
            (
                names.regimes[name].brief,
                LOOKS[i],
                tuple(ends(driver, name) for driver, _ in ranked),
            )
            for i, name in enumerate(shown)
        ),
        "Average deficit over all years where the driver is between its 5th and 15th percentile, "
        "and between its 85th and 95th.",
    )
    columns = [Column("Average deficit where the driver is … [£m]", width=2.2)]
    columns += [
        Column(f"{end}, {names.regimes[name].inside}", numeric=True)
        for name in shown
        for end in ("low", "high")
    ]
    rows = []
    for driver, _ in ranked:
        row = [driver_label(driver)]
        for name in shown:
            row += [
                estimate(facts.find("deficit where", f"{driver} {end}", name, body=body))
                for end in ("low", "high")
            ]
        rows.append(row)
    block = FigureBlock("annex-drivers", "A", figure.title(), figure.panels(), figure.note())
    return [block, plain_table(columns, rows), *_national(facts)]


def _national(facts: Facts) -> list[Block]:
    said = []
    for name in _shown(facts):
        found = facts.find("national", "", name)
        if found is not None and found.known:
            share = half_up(100.0 * found.value)
            said.append(f"{share}% {'under ' + facts.names.regimes[name].under}")
    if not said:
        return []
    return [
        Para(
            text(
                f"Shocks common to all bodies make up {', '.join(said)} of the variance of the "
                "deficit; the rest is local, timing and interaction."
            )
        )
    ]


def _scenarios(facts: Facts) -> list[Block]:
    names, body = facts.names, facts.names.body
    cases = [key[5:] for key in facts.texts if key.startswith("case:")]
    if not cases:
        return []
    columns = [Column("Case", width=2.2)]
    measures = (
        ("deficit", "mean", "Deficit"),
        ("unmet", "mean", "Need unmet"),
        ("unresolved", "mean", "Left unpaid"),
        ("large_rescue", "", "Large rescue [%]"),
        ("reserves_end", "p50", "Reserves, middle"),
    )
    blocks: list[Block] = [Heading("Stress tests")]
    for name in names.main:
        heads = [*columns, *(Column(head, numeric=True) for _, _, head in measures)]
        rows = []
        for case in ("first futures", *cases):
            label = "As simulated" if case == "first futures" else facts.texts[f"case:{case}"]
            cells = [facts.find(f"{case}: {m}", at, name, body=body) for m, at, _ in measures]
            rows.append([label, *(estimate(cell) for cell in cells)])
        blocks.append(plain_table(heads, rows, f"{names.regimes[name].short} [£m]"))
    blocks.append(
        Para(
            text(
                "A stress puts its drivers, in years two and three, at the value that only one "
                "year "
                "in twenty is worse than; all else stays as drawn. Every case is run on the same "
                "first futures."
            ),
            "note",
        )
    )
    return blocks


def _sweep(facts: Facts) -> list[Block]:
    names, body = facts.names, facts.names.body

    def value(chance: float, measure: str, at: str, name: str) -> float:
        case = EQUAL if chance == EQUAL_CHANCE else f"rescue at {chance:g}"
        return facts.value(f"{case}: {measure}", at, name, body=body)

    shown = _shown(facts)
    amounts = {name: [value(p, "reserves_end", "p50", name) for p in CHANCES] for name in shown}
    if not all(math.isfinite(x) for row in amounts.values() for x in row):
        return []
    figure = RescueChance(
        "What is left in reserve depends on how often the centre helps",
        CHANCES,
        tuple((names.regimes[name].brief, LOOKS[i], amounts[name]) for i, name in enumerate(shown)),
        tuple(facts.value("granted", "most", name, body=body) for name in shown),
        "Reserves in the middle future at the end, where a needed rescue is granted equally often "
        "under all rules. The ring marks the study’s own case, by its most generous rulebook.",
    )
    columns = [Column("Rescue granted, times in 100", width=1.6)]
    columns += [
        Column(f"{head}, {names.regimes[name].inside}", numeric=True)
        for head in ("Reserves, middle", "Left unpaid", "Need unmet")
        for name in shown
    ]
    rows = []
    for p in CHANCES:
        case = EQUAL if p == EQUAL_CHANCE else f"rescue at {p:g}"
        cells = [
            facts.find(f"{case}: {m}", at, name, body=body)
            for m, at in (("reserves_end", "p50"), ("unresolved", "mean"), ("unmet", "mean"))
            for name in shown
        ]
        rows.append([f"{half_up(100 * p)}", *(estimate(cell) for cell in cells)])
    block = FigureBlock("annex-rescue", "B", figure.title(), figure.panels(), figure.note())
    return [Heading("Rescue more or less likely"), block, plain_table(columns, rows, "[£m]")]


def _breaking(facts: Facts) -> list[Block]:
    names, body = facts.names, facts.names.body
    shown = _shown(facts)
    climbers = ["everything", *(driver for driver, _ in swings(facts, shown))]
    rows = []
    for climber in climbers:
        values = [facts.value("breaks at", climber, name, body=body) for name in shown]
        label = "Every driver at once" if climber == "everything" else driver_label(climber)
        cells = []
        for z in values:
            if not math.isfinite(z):
                cells.append("none tried is enough")
            else:
                share = 100.0 * worse_years(z)
                level = f"{share:.0f}" if share >= 1.0 else "under 1"
                cells.append(f"worst {level} of 100 years")
        if any(math.isfinite(z) for z in values):
            rows.append([label, *cells])
    if not rows:
        return []
    columns = [Column("What gets worse, alike in every year and body", width=2.4)]
    columns += [Column(names.regimes[name].short, width=1.4) for name in shown]
    return [
        Heading("Reverse stress test: the mildest lasting shock that needs a large rescue"),
        plain_table(columns, rows),
        Para(
            text(
                "All other drivers stay at their middle value, no one-off risk happens, and the "
                "centre is as likely to help as not."
            ),
            "note",
        ),
    ]


def _signs(facts: Facts) -> list[Block]:
    names, body = facts.names, facts.names.body
    if len(names.years) <= AFTER:
        return []
    columns = (
        Column("Sign, and rules", width=2.6),
        Column("Happens [%]", numeric=True),
        Column("Large rescue follows [%]", numeric=True),
        Column("Otherwise [%]", numeric=True),
    )
    rows = []
    for name in _shown(facts):
        for sign in shown_signs(Writer(facts), name):
            at = f"{sign.name} {sign.side}"
            words = sign_words(sign, names.years[AFTER - 1], names.is_place)
            cells = [
                estimate(facts.find(measure, at, name, body=body))
                for measure in ("sign fires", "rescue given sign", "rescue without sign")
            ]
            weak = " (weak)" if sign.weak else ""
            rows.append([f"{words}, {names.regimes[name].inside}{weak}", *cells])
    if not rows:
        return []
    return [
        Heading(f"Early signs, read in {year_end(names.years[AFTER - 1])}"),
        plain_table(columns, rows),
        Para(
            text(
                "A large rescue in any later year. Weak: less than one and a half times as likely "
                "as otherwise. Left out: signs that fire in fewer than 200 futures, and those "
                "without a round threshold that fires in 5 to 30 of 100."
            ),
            "note",
        ),
    ]
