"""The glossary: terms of the report, and words that mean two things."""

from __future__ import annotations

from riskmc.report.context import Context
from riskmc.report.model import Block, Items, Section, Subheading, Terms

_TERMS: tuple[tuple[str, str], ...] = (
    (
        "Bailout, rescue",
        "Help from the centre when everything else the rules allow is used. "
        "Needed: the money is still short; granted: the centre pays or permits it.",
    ),
    (
        "Balanced budget requirement",
        "A council must set its tax so that estimated spending is "
        "met (Local Government Finance Act 1992).",
    ),
    ("Block, capitation", "A fixed sum whatever the activity; a sum per head for a population."),
    ("Budget holder", "Who must balance: a body alone, or a pool of bodies."),
    ("Carried deficit", "A deficit taken into later years of the same control period."),
    ("Clawback", "A surplus that returns to the centre."),
    ("Control period", "The years for which a settlement holds and within which to balance."),
    ("Draw, future", "One complete course of all years, with every driver in every year."),
    ("Driver", "An uncertain input, such as growth of need or delivery of savings."),
    (
        "Exceptional financial support",
        "Permission for a council to meet a revenue cost from "
        "capital resources or borrowing; not a grant.",
    ),
    ("Exhaustion of reserves", "Usable reserves at or below their floor at a year end."),
    ("Expected shortfall", "The mean of the worst share of futures, here the worst 5 of 100."),
    (
        "Gross and net deficit",
        "Gross: the sum over budget holders. Net: surpluses of some set "
        "off against deficits of others.",
    ),
    ("In-year cut", "Grant taken back after the budget is set."),
    ("In-year measures", "What can still be held back once a shortfall is seen."),
    ("Instrument", "One way of closing a gap, up to a limit, in an order the rules set."),
    (
        "Monte Carlo standard error",
        "How far an estimate would move if the run were repeated with another seed.",
    ),
    ("Need left unmet", "Services cut, in money; part of it returns as need the year after."),
    ("New burden", "The cost of a duty that the centre adds."),
    ("P50, P80, P90, P95", "An amount that 50, 80, 90 or 95 of 100 futures do not exceed."),
    ("Paired difference", "Two sets of rules compared in each future, then averaged."),
    ("Pending adjustment", "What the next settlement owes the place, or the place the centre."),
    ("Pool", "Bodies that balance together under one rulebook."),
    ("Regime", "A complete set of rules: settlement, contracts, pools, what closes a gap."),
    (
        "Section 25 report",
        "A council's chief finance officer on the robustness of estimates and "
        "the adequacy of reserves (Local Government Act 2003).",
    ),
    (
        "Section 114 report",
        "A chief finance officer's report that a year's spending is likely "
        "to exceed what there is to meet it. It is a report, not bankruptcy.",
    ),
    ("Transformation fund", "Money from the centre for prevention, for some years."),
    ("Unresolved", "What no instrument could absorb: reserves fall below their floor by it."),
    ("Value at risk", "The amount exceeded in a given share of futures."),
)
_TWO_MEANINGS: tuple[str, ...] = (
    "Reserves: a council's usable funds; in the NHS often accumulated surpluses, not cash.",
    "Surplus: kept by a council; of an NHS body it may be swept to the centre.",
    "Capitalisation: exceptional support to a council; elsewhere a matter of accounting.",
    "Tariff: an NHS price; in business-rates retention a payment between councils.",
    "Precept: a charge that one body sets and another collects; the social care precept is extra "
    "council tax.",
)


def glossary_section(ctx: Context) -> Section:  # noqa: ARG001
    """Return the glossary."""
    blocks: tuple[Block, ...] = (
        Terms(_TERMS),
        Subheading("The same word, two meanings"),
        Items(_TWO_MEANINGS),
    )
    return Section("glossary", "Glossary", blocks, annex=True)
