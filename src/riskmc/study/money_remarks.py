"""Money as typed: each body's opening position, and what no English body could be.

Nothing here stops a run. A figure in thousands, a register in thousands alongside a budget in
millions, or a rate in per cent is allowed by its type; it is questioned by its size.
"""

from __future__ import annotations

from riskmc.distributions import Distribution
from riskmc.study.model import Organisation
from riskmc.study.problems import listed
from riskmc.study.risks import Risk
from riskmc.study.study import Study
from riskmc.variables import DRIVERS

#: An opening gap beyond this share of cost is more than any body has closed in a year. Assumption;
#: exceptional support to English councils has been at most about a fifth of a budget.
MOST_GAP = 0.2
#: Costs above these are beyond any English body's [£m a year]. Assumption: about twice the largest
#: (a hospital trust of £2.9bn, an integrated care board of £7.8bn, a council of £3.3bn gross).
LARGEST = {"provider": 6_000.0, "commissioner": 16_000.0, "council": 7_000.0}
#: A rate of growth or a share that is often beyond this was probably typed in per cent.
MOST_RATE = 1.0
_RATES = ("fraction", "share")
_ROUNDING = 1e-9
_ENDS = (0.05, 0.95)


def opening_positions(study: Study) -> list[str]:
    """Say each body's opening income less cost, contracts included."""
    lines = []
    for body in study.organisations:
        income, cost = opening_income(study, body.id), opening_cost(study, body.id)
        gap = income - cost
        share = f" ({100 * gap / cost:+.1f} % of cost)" if cost > 0.0 else ""
        lines.append(
            f"{study.name_of(body.id)}: opening income £{income:,.1f}m less cost £{cost:,.1f}m is "
            f"{_pounds(gap)}{share}"
        )
        lines += reserves_in_kinds(body)
    return lines


def reserves_in_kinds(body: Organisation) -> list[str]:
    """Say what the reserves of a body are made of, where that is typed."""
    general, earmarked = body.general_reserves, body.earmarked_reserves
    if general is None and earmarked is None:
        return []
    part = 1.0 if body.earmarked_usable is None else body.earmarked_usable
    held = (1.0 - part) * (earmarked or 0.0)
    rest = f"; {_pounds(held)} is kept for its purpose and is in no figure" if held else ""
    return [
        f"{body.id}: reserves of {_pounds(body.reserves)} may be used: {_pounds(general or 0.0)} "
        f"general, and {100 * part:.3g} % of {_pounds(earmarked or 0.0)} earmarked"
        f"{rest}"
    ]


def opening_income(study: Study, organisation: str) -> float:
    """Return a body's income on the eve of the first year, contracts included [£m]."""
    body = study.organisation(organisation)
    received = sum(c.value for c in study.contracts if c.payee == organisation)
    return body.grant + body.local_tax + body.charges + received


def opening_cost(study: Study, organisation: str) -> float:
    """Return a body's cost on the eve of the first year, contracts paid included [£m]."""
    paid = sum(c.value for c in study.contracts if c.payer == organisation)
    return study.organisation(organisation).cost + paid


def money_remarks(study: Study) -> list[str]:
    """Question what no English body could be."""
    return [
        *_sizes(study),
        *_risks(study),
        *_rates(study),
        *_namesakes(study),
        *_certain(study),
        *_schemes(study),
    ]


def _sizes(study: Study) -> list[str]:
    found = []
    for body in study.organisations:
        cost = opening_cost(study, body.id)
        gap = opening_income(study, body.id) - cost
        general, floor = body.general_reserves, body.reserve_floor
        if general is not None and floor > max(general, 0.0) + _ROUNDING:
            found.append(
                f"{body.id} has a floor of reserves of {_pounds(floor)}, more than its general "
                f"reserves of {_pounds(general)}: earmarked money is then held to keep it"
            )
        if cost > LARGEST[body.kind]:
            found.append(
                f"{body.id} costs £{cost:,.0f}m a year, more than any English {body.kind}: "
                "money is in £m, so £414.0m is 414, not 414_000"
            )
        if cost > 0.0 and abs(gap) > MOST_GAP * cost:
            what = "surplus" if gap > 0.0 else "gap"
            found.append(
                f"{body.id} opens with a {what} of {100 * abs(gap) / cost:.0f} % of its cost "
                f"({_pounds(gap)}): is an income or a cost missing, or in another unit?"
            )
    return found


def _risks(study: Study) -> list[str]:
    found = []
    for risk in study.risks:
        cost = study.organisation(risk.organisation).cost
        if cost > 0.0 and abs(risk.likely) > cost:
            found.append(
                f'risk "{risk.name}": a likely impact of {_pounds(risk.likely)} is more than '
                f"{risk.organisation} costs in a year ({_pounds(cost)}): is it in £000?"
            )
    gains = [f'"{risk.name}"' for risk in study.risks if risk.likely < 0.0]
    if gains:
        found.append(
            f"an impact below 0 is a gain, as in brackets: risk {listed(gains, last='and')}. If "
            "it is a cost, leave out the sign or the brackets"
        )
    return found


def _rates(study: Study) -> list[str]:
    """Question drivers that are often above 1 in size, though they are fractions or shares."""
    bodies: dict[str, list[str]] = {}
    for row in DRIVERS:
        if not row.unit.startswith(_RATES) or row.high <= MOST_RATE:
            continue  # what a meaning does not allow is said elsewhere
        for body in study.organisation_ids:
            driver = study.driver(row.name, body)
            if driver is not None and any(
                _is_large(year.distribution) for year in (driver, *driver.later)
            ):
                bodies.setdefault(row.name, []).append(body)
    return [
        f"{name} is above 1 in size in at least 5 of 100 draws for {listed(who, last='and')}: "
        "rates are fractions, 0.02 is 2 %"
        for name, who in bodies.items()
    ]


def _is_large(distribution: Distribution) -> bool:
    import numpy as np

    ends = distribution.quantile(np.array(_ENDS))
    return bool(np.abs(ends).max() > MOST_RATE)


def _schemes(study: Study) -> list[str]:
    """Say where the rules ask for more savings than a body's schemes are to make."""
    found = []
    for body in study.organisations:
        mine = [scheme for scheme in study.schemes if scheme.organisation == body.id]
        if not mine:
            continue
        first = sum(scheme.by_year(study.year_labels)[0] for scheme in mine)
        for name, regime in study.regimes.items():
            rates = [
                setting.at(0)["min_rate"]
                for holder in regime.holders(study.organisations)
                if study.organisations.index(body) in holder.members
                for setting in holder.rulebook.plan
                if setting.instrument == "savings"
            ]
            least = (rates[0] or 0.0) * body.cost if rates else 0.0
            if least > first * (1.0 + _ROUNDING):
                found.append(
                    f"regime {name} asks {body.id} for savings of at least {_pounds(least)} a "
                    f"year; its schemes are to save {_pounds(first)} in {study.year_labels[0]}"
                )
    return found


def _namesakes(study: Study) -> list[str]:
    ids: dict[str, list[str]] = {}
    for body in study.organisations:
        ids.setdefault(body.name, []).append(body.id)
    return [
        f"{listed(who, last='and')} have one name, {name}: the id is printed alongside it"
        for name, who in ids.items()
        if len(who) > 1
    ]


def _certain(study: Study) -> list[str]:
    """Say how a cost that is certain and known can reach the plan."""
    found = []
    for risk in (row.simulated for row in study.risks):
        years = [
            label
            for label, chance in zip(
                study.year_labels, risk.chances(study.year_labels), strict=True
            )
            if chance == 1.0
        ]
        if years and risk.rate is None and risk.impact.fixed is not None and not risk.once:
            found.append(_as_mandate(risk, years))
    return found


def _as_mandate(risk: Risk, years: list[str]) -> str:
    later = " and later" if len(years) > 1 else ""
    return (
        f'risk "{risk.name}" is certain in {years[0]}{later}, yet '
        "no plan allows for it: a cost that is known belongs under [[mandates]] (name, "
        f'organisation = "{risk.organisation}", start = "{years[0]}", cost = {risk.mean:g})'
    )


def _pounds(amount: float) -> str:
    sign = "-" if amount < 0.0 else ""
    return f"{sign}£{abs(amount):,.1f}m"
