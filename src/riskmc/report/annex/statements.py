"""A7 to A10: the register, a draft section 25 statement, quality, and how to repeat the run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from riskmc.measures.failures import failed_draws, failed_numbers
from riskmc.report.annex.cells import estimate, plain_table
from riskmc.report.annex.kinds import risks_together
from riskmc.report.facts import Facts
from riskmc.report.facts.asked import estimated
from riskmc.report.model import Ask, Block, Code, Column, Heading, Page, Para, text
from riskmc.report.paper.page3 import nil_by_rule
from riskmc.report.paper.trust import card
from riskmc.report.paper.writer import Writer
from riskmc.sampling.describe import occurrence
from riskmc.study import customary_sum
from riskmc.variables import MONEY, PLACE
from riskmc.words.board import exact, hundred, money
from riskmc.words.rounding import rounded, units_word

if TYPE_CHECKING:
    from riskmc.measures.view import Results
    from riskmc.report.sides import Sides

_LEFT_OUT = (
    "Savings that harm services: a saving counts as money only.",
    "Activity payments lost when a provider cuts its activity.",
    "A commissioner saving on what it buys.",
    "Wider effects on the economy.",
    "Politics: who would be elected, and what they would then change.",
)
_SCHEMES = {
    "mc": "independent draws",
    "antithetic": "independent pairs of opposite draws",
    "lhs": "independent Latin hypercubes",
    "sobol": "independent randomisations of a Sobol sequence",
}


def register(facts: Facts, view: Results, sides: Sides | None) -> Page | None:
    """Return A7: the register as it is customarily summed, alongside its simulation."""
    study, body = view.study, facts.names.body
    risks = [risk.simulated for risk in study.risks if body == PLACE or risk.organisation == body]
    if not risks:
        return None
    rows = []
    for risk in risks:
        by_year = customary_sum([risk], study.year_labels)
        when = "every year" if risk.years is None else ", ".join(risk.years)
        bearer = facts.names.bodies.get(str(risk.organisation), str(risk.organisation or "several"))
        rows.append(
            [risk.name, bearer, when, occurrence(risk), rounded(risk.likely, 1),
             rounded(sum(by_year) / len(by_year), 2)]
        )  # fmt: skip
    total = facts.value("customary", "risk register", body=body)
    rows.append(["Sum", "", "", "", "", rounded(total, 2)])
    columns = (
        Column("Risk", width=2.2),
        Column("Body", width=1.6),
        Column("When", width=1.0),
        Column("How often", width=1.2),
        Column("Likely impact [£m]", numeric=True),
        Column("Chance × likely impact [£m a year]", numeric=True),
    )
    blocks: list[Block] = [
        Para(
            text(
                "A risk register is customarily summed up as probability times likely impact. The "
                "sum is a mean of sorts: it says nothing of how bad a year can be. Here the same "
                "risks are simulated."
            )
        ),
        plain_table(columns, rows),
        *risks_together(facts, study),
    ]
    if sides is not None:
        blocks.append(_simulated(facts, sides))
    return Page("a7", "", "A7 The risk register against the simulation", tuple(blocks))


def _simulated(facts: Facts, sides: Sides) -> Block:
    from riskmc.measures.risk_register import QUANTILES, register_cost

    scheme, body = sides.base.scheme, facts.names.body
    first = facts.names.years[0]
    found = {
        year: register_cost(sides.drivers, scheme=scheme, organisation=body, year=year)
        for year in (first, None)
    }
    labels = {"mean": "Mean"} | {
        f"{p:g}": f"Exceeded in {round(100 - 100 * p)} of 100 futures" for p in QUANTILES
    }

    def cell(year: str | None, key: str) -> str:
        one = found[year].sel(statistic=key)
        return estimate(estimated(one, "", MONEY)._replace(what=units_word(scheme)))

    rows = [[label, cell(first, key), cell(None, key)] for key, label in labels.items()]
    columns = (
        Column("What the same risks cost together [£m]", width=2.4),
        Column(f"In {first}", numeric=True),
        Column("In all years together", numeric=True),
    )
    return plain_table(columns, rows)


def section_25(facts: Facts) -> Page:
    """Return A8: wording for the chief finance officer to complete."""
    names, base = facts.names, facts.names.base
    body = names.body

    def amount(measure: str, at: str) -> str:
        return money(facts.value(measure, at, base, body=body))

    held, floor = facts.value("held", body=body), facts.value("floor", body=body)
    rule = facts.value("customary", "5 % of net revenue", body=body)
    year = names.years[0]
    lasts = facts.find("lasts", "", base, body=body)
    reserves = ""
    if lasts is not None and held > 0.0:
        reserves = (
            f" Without outside help they last {names.horizon} in {hundred(lasts.value)} of 100 "
            "futures."
        )
    middle = money(facts.value("deficit_year", "p50", base, year=year, body=body))
    high = facts.value("deficit_year", "p90", base, year=year, body=body)
    beyond = f"exceeds {money(high)} in 1 of 10" if high > 0.0 else "in at least 9 of 10"
    items = (
        text(
            "**Robustness of the estimates.** The estimates rest on the planning assumptions and "
            f"uncertainties set out in A3, simulated in {names.draws:,} futures. In {year} the "
            f"deficit is {middle} in the middle future and {beyond}."
        ),
        text(
            f"**Adequacy of reserves.** Usable reserves at the start of {year} are "
            f"{exact(held)}, of "
            f"which {exact(floor)} is the minimum. Five per cent of net revenue would be "
            f"{exact(rule)}.{reserves} Need left unmet averages {amount('unmet', 'mean')} over "
            f"{names.horizon}."
        ),
        text(
            "**Limits.** The simulation shows the error of simulating, not that of the model; what "
            "the model leaves out is listed in A9."
        ),
        text(
            "**Opinion.** [[The officer to complete: whether the estimates are robust and the "
            "proposed level of reserves is adequate, with what reservations.]]"
        ),
    )
    blocks: tuple[Block, ...] = (
        Para(
            text(
                "Section 25 of the Local Government Act 2003 asks a council’s chief finance "
                "officer "
                "to report on the robustness of the estimates and the adequacy of reserves; NHS "
                "bodies have duties of their own. What follows is wording to start from, with the "
                f"numbers of this run under {names.regimes[base].under}. It is nobody’s opinion "
                "until an officer has made it theirs."
            )
        ),
        Ask(
            "DRAFT for the chief finance officer to sign",
            items,
            text("[[Name, office, date and signature of the chief finance officer.]]"),
        ),
    )
    return Page("a8", "", "A8 Draft section 25 statement", blocks)


def quality(facts: Facts, view: Results) -> Page:
    """Return A9: the error of simulating, that of the model, what was checked, limits of use."""
    names = facts.names
    failed = failed_draws(view)
    if failed:
        which = ", ".join(str(number) for number in failed_numbers(view))
        finite = (
            f"{failed:,} of {names.draws:,} futures hold a number that is not finite and are left "
            f"out of every statistic. The first are numbers {which}."
        )
    else:
        finite = "No future failed: every number of every future is finite."
    blocks: list[Block] = [
        Heading("The error of simulating"),
        Para(
            text(
                f"{names.draws:,} futures were simulated "
                f"({_SCHEMES.get(names.scheme, names.scheme)}). "
                "Behind every estimate of this annex stands its Monte Carlo standard error: how "
                "far "
                "the number would move if the run were repeated with another seed. Four times as "
                f"many futures halve it. {finite}"
            )
        ),
        Heading("The error of the model is another matter"),
        Para(
            text(
                "A small simulation error does not make the model right. If an assumption is "
                "wrong, "
                "all futures are wrong together, and no number of them shows it. Whoever doubts an "
                "assumption should change it in the study and run it again."
            )
        ),
        *card(Writer(facts)).blocks,
        *_records(facts),
        Heading("What the model leaves out"),
        *(Para(text(f"– {line}")) for line in (*_LEFT_OUT, nil_by_rule(Writer(facts))) if line),
        Para(
            text(
                "Effort, the share of a surplus that goes to prevention, the chance of a rescue "
                "and "
                "how far contracts follow activity are beliefs about behaviour. The comparison is "
                "made with the rules alone; what the study assumes of behaviour is a case of A5."
            )
        ),
        Heading("How it was checked"),
        Para(
            text(
                "– The package’s tests compare the engine, future by future, with a second "
                "implementation of the same equations, written separately."
            )
        ),
        Para(
            text(
                "– Reserves are accounted for in every future: what came in, what went out and "
                "what "
                "is left add up for each budget holder and the place."
            )
        ),
        Para(text("– The same study, seed and version give the same numbers to the last bit.")),
    ]
    return Page("a9", "", "A9 Quality statement", tuple(blocks))


def _records(facts: Facts) -> list[Block]:
    rows = [
        [test.title, test.origins, f"{test.number:,}", f"{test.asked:g}", f"{test.got:.0f}",
         f"{test.lowest:.0f}"]
        for test in facts.evidence.records
    ]  # fmt: skip
    if not rows:
        return []
    columns = (
        Column("Back-test", width=3.0),
        Column("From", width=1.2),
        Column("Forecasts", numeric=True),
        Column("Range should hold", numeric=True),
        Column("It held", numeric=True),
        Column("In the worst case", numeric=True),
    )
    blocks: list[Block] = [
        plain_table(columns, rows, "Back-tests of the shipped defaults, of 100 outcomes")
    ]
    events = [
        [f"{event.title}: {event.name}", hundred(event.forecast), hundred(event.happened),
         f"{event.number:,}"]
        for event in facts.evidence.events
    ]  # fmt: skip
    if events:
        heads = (
            Column("Event", width=4.0),
            Column("Forecast, of 100", numeric=True),
            Column("Happened", numeric=True),
            Column("Seen", numeric=True),
        )
        blocks.append(plain_table(heads, events, "Chances that were forecast"))
    return blocks


def repeat(facts: Facts, view: Results, words: str) -> Page:
    """Return A10: how to repeat the run, and of the terms those that are in `words`."""
    attrs = view.tree.attrs
    versions = json.loads(str(attrs.get("versions", "{}")))
    rows = [
        ["Study", str(attrs.get("title", ""))],
        ["SHA-256 of the study file", str(attrs.get("study_sha256", ""))],
        ["Seed", str(attrs.get("seed", ""))],
        ["Scheme", facts.names.scheme],
        ["Futures", f"{facts.names.draws:,} in {view.layout.chains} chains"],
        ["Drivers from", str(attrs.get("drivers_from", ""))],
        ["Kept", str(attrs.get("kept", ""))],
        ["riskmc", facts.names.version],
        *([name, str(version)] for name, version in versions.items()),
    ]
    command = (
        f"riskmc run STUDY.toml --seed {attrs.get('seed', '')} --scheme {facts.names.scheme} "
        f"--draws {facts.names.draws}"
    )
    blocks: list[Block] = [
        plain_table((Column("What", width=1.0), Column("Value", width=3.0)), rows),
        Heading("The command that repeats it"),
        Code(command),
        Para(
            text(
                "This annex holds no sweeps and no values solved for: riskmc sweep and riskmc "
                "solve make them on the same futures, outside the report."
            )
        ),
        Heading("Terms"),
        plain_table(
            (Column("Term", width=1.0), Column("Meaning", width=4.0)),
            [list(term) for term in _TERMS if _used(term[0], words)],
        ),
    ]
    return Page("a10", "", "A10 How to repeat the run, and terms", tuple(blocks))


def _used(term: str, words: str) -> bool:
    """Say whether a term, or one of several in it, is in lower-case words."""
    return any(part.lower().removesuffix(" report") in words for part in term.split(", "))


_TERMS: tuple[tuple[str, str], ...] = (
    (
        "Rescue, bailout",
        "Help from the centre when everything else the rules allow is used. Rescue: what is "
        "needed; "
        "bailout: what is granted.",
    ),
    ("Large rescue", "The rescue needed in a year, summed over bodies, exceeds 1% of income."),
    ("Budget holder", "Who must balance: a body alone, or a pool of bodies."),
    ("Carried deficit", "A deficit taken into later years of the same control period."),
    ("Control period", "The years for which a settlement holds and within which to balance."),
    ("Future", "One complete course of all years, with every driver in every year."),
    ("Driver", "An uncertain input, such as growth of need or delivery of savings."),
    (
        "Exceptional financial support",
        "Permission for a council to meet a revenue cost from capital resources or borrowing; "
        "not a "
        "grant.",
    ),
    ("Reserves run out", "Usable reserves at or below their minimum at a year end."),
    (
        "Net deficit",
        "The deficit of the place: surpluses of some bodies set off against deficits of others.",
    ),
    ("In-year cut", "Grant taken back after the budget is set."),
    ("In-year measures", "What can still be held back once a shortfall is seen."),
    ("Middle future", "The amount that half of the futures exceed."),
    (
        "Monte Carlo standard error",
        "How far an estimate would move if the run were repeated with another seed.",
    ),
    ("Need left unmet", "Services cut, in money; part of it returns as need the year after."),
    ("Paired difference", "Two sets of rules compared in each future, then averaged."),
    ("Pool", "Bodies that balance together under one rulebook."),
    ("Left unpaid", "What no instrument could absorb: reserves fall below their minimum by it."),
    (
        "Section 25 report",
        "A council’s chief finance officer on the robustness of estimates and the adequacy of "
        "reserves (Local Government Act 2003).",
    ),
    (
        "Reserves",
        "Two meanings: a council’s usable funds; in the NHS often accumulated surpluses, not cash.",
    ),
    (
        "Surplus",
        "Two meanings: kept by a council; of an NHS body it may be swept to the centre.",
    ),
    ("Capitalisation", "Two meanings: exceptional support; elsewhere a matter of accounting."),
)
