"""Projects, funding and the centre of a regime in words; nothing where it says nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

from riskmc.study.in_words import RuleFigure, in_words
from riskmc.study.problems import listed
from riskmc.study.projects import ProjectRules
from riskmc.study.regimes import Regime


def projects_in_words(regime: Regime) -> Iterator[RuleFigure]:
    """Yield which projects a regime takes; nothing where it takes none."""
    given = regime.projects
    if given == ProjectRules():
        return
    take = listed(given.take, last="and") if isinstance(given.take, tuple) else given.take
    within = "in the years left of the control period"
    if given.within is not None:
        within = f"within {in_words(given.within, 'years')}"
    words = {
        "none": "no project is taken",
        "all": "every project is taken",
        "payback": f"a project is taken where it pays its own holder back {within}",
    }.get(take, f"projects taken: {take}")
    yield RuleFigure("projects.take", take, "none, all, payback or names", words)
    may = "may" if given.borrow else "may not"
    words = f"bodies {may} borrow for projects"
    yield RuleFigure("projects.borrow", given.borrow, "true or false", words)
    kept = in_words(given.receipts_kept, "share of receipts")
    words = f"bodies keep {kept} of a receipt; the rest goes to the centre"
    yield RuleFigure("projects.receipts_kept", given.receipts_kept, "share of receipts", words)


def funding_in_words(regime: Regime) -> Iterator[RuleFigure]:
    """Yield how much is raised locally; nothing where the regime says nothing of it."""
    given = regime.funding
    if given is None:
        return
    who = "every body" if given.to is None else listed(given.to, last="and")
    share = "share of grant and local tax"
    for key, value, unit, words in (
        ("local_share", given.local_share, share, "{} of what funds " + who + " is local tax"),
        ("levelling", given.levelling, "share", "grants level {} of the difference in tax base"),
        ("levy", given.levy, "£m a year", "a levy of {} is raised locally on top"),
    ):
        yield RuleFigure(f"funding.{key}", value, unit, words.format(in_words(value, unit)))


def centre_in_words(regime: Regime) -> Iterator[RuleFigure]:
    """Yield what the centre pays, and what it gives back; its list comes apart."""
    given = regime.centre
    if given is None:
        return
    unit = "£m a year"
    pot = "without limit" if given.pot is None else f"up to {in_words(given.pot, unit)}"
    yield RuleFigure("centre.pot", given.pot, unit, f"the centre has a pot for bailouts {pot}")
    gift = given.windfall
    if gift is not None:
        who = "all bodies" if gift.to is None else listed(gift.to, last="and")
        share, above = in_words(gift.share, "share"), in_words(gift.above, "share")
        small = f"deficits below {above} of income give nothing"
        for key, value, of, words in (
            (
                "share",
                gift.share,
                "share of own deficits",
                f"{share} of the own deficits of {who} is given back in the next year",
            ),
            (
                "above",
                gift.above,
                "share of income",
                small,
            ),
            (
                "lasting",
                gift.lasting,
                "share",
                f"{in_words(gift.lasting, 'share')} of it joins the grant for good",
            ),
            (
                "opening",
                gift.opening,
                "£m",
                f"{in_words(gift.opening, '£m')} is given in the first year",
            ),
        ):
            yield RuleFigure(f"centre.windfall.{key}", value, of, words)
    if given.write_off is not None:
        off = in_words(given.write_off.share, "share of debts")
        words = f"{off} of debts from bailouts is written off at the end of {given.write_off.year}"
        yield RuleFigure("centre.write_off.share", given.write_off.share, "share of debts", words)


_TESTS = {
    "none": "without a condition",
    "balance": "where the balance is at least {} of income",
    "plan": "where the balance is no worse than planned by more than {} of income",
    "savings": "where {} of the savings target was delivered",
}


def conditional_in_words(regime: Regime) -> Iterator[RuleFigure]:
    """Yield what is paid on conditions."""
    for row in regime.conditional:
        who = "every body" if row.to is None else listed(row.to, last="and")
        test = _TESTS[row.test].format(in_words(row.target, "share"))
        several = row.to is not None and len(row.to) > 1
        gets, name = "each get" if several else "gets", row.name.replace("_", " ")
        for key, unit, words in (
            (
                "rate",
                "share of planned own cost",
                f"{name}: {who} {gets} {{}} of {'their' if several else 'its'} cost {test}",
            ),
            ("target", "share", f"{name}: what must be met: {{}}"),
            ("counted", "share", f"{name}: the plan counts on {{}} of it"),
        ):
            if key == "target" and row.test == "none":
                continue
            value = getattr(row, key)
            said = words.format(in_words(value, unit))
            yield RuleFigure(f"conditional.{row.name}.{key}", value, unit, said)
