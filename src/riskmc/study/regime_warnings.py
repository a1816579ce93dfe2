"""What in a regime's rules is allowed but unlikely to be meant."""

from __future__ import annotations

from riskmc.study.problems import listed
from riskmc.study.regimes import Holder, InstrumentSetting, Regime, Rulebook
from riskmc.study.shipped_rules import ships
from riskmc.study.study import Study
from riskmc.variables import KINDS

#: A cut that loses more activity income than this a £ is hardly worth making.
_NEARLY_ALL = 0.9


def regime_warnings(study: Study) -> list[str]:
    """Return the warnings about every regime of a study."""
    found: list[str] = []
    for name, regime in study.regimes.items():
        holders = regime.holders(study.organisations)
        for holder in holders:
            where = f"regime {name}: rulebook {holder.rulebook_name}"
            found += _rulebook(study, regime, holder, where)
        found += _paid_by_activity(study, holders, name)
        found += _opens_exhausted(study, holders, name)
        found += _unused(study, regime, holders, name)
    return found + _behaviour(study)


def _rulebook(study: Study, regime: Regime, holder: Holder, where: str) -> list[str]:
    book = holder.rulebook
    found = []
    if not book.shortfall:
        found.append(f"{where} has no shortfall list: every shortfall stays unresolved")
    elif book.find("shortfall", "reserves") is None:
        found.append(f"{where} has no `reserves` in its shortfall list: they are never drawn on")
    body = study.organisations[holder.members[0]]
    period = regime.settlement.of("period", kind=body.kind, organisation=body.id)
    if book.find("shortfall", "carry_forward") and period == 1:
        found.append(f"{where} has `carry_forward`, which takes nothing when settled every year")
    if not book.surplus:
        found.append(f"{where} has no surplus list: every surplus returns to the centre")
    found += _savings(book, where)
    found += _reserves(study, regime.name, holder, where)
    return found + _loans(study, holder, where)


def _figures(setting: InstrumentSetting | None, name: str) -> tuple[float, ...]:
    """Return an instrument's figure, by year where it is; nothing where it is not set."""
    value = setting.parameters.get(name) if setting is not None else None
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (float(value),)


def _savings(book: Rulebook, where: str) -> list[str]:
    """Warn of targets so high that asking for more delivers less."""
    savings = book.find("plan", "savings")
    most = max(_figures(savings, "max_rate"), default=0.0)
    lost = max(_figures(savings, "scale_loss"), default=0.0)
    if most * 2.0 * lost <= 1.0:
        return []
    return [
        f"{where} asks for savings of up to {100 * most:g} % at a `scale_loss` of {lost:g}: beyond "
        f"{100 / (2.0 * lost):.3g} % more asked delivers less"
    ]


def _reserves(study: Study, regime: str, holder: Holder, where: str) -> list[str]:
    """Warn of plans for reserves that conflict."""
    book, found = holder.rulebook, []
    restores = (
        [s.instrument for s in book.plan].index("restore_services") + 1
        if (book.find("plan", "restore_services"))
        else len(book.plan)
    )
    if restores < len(book.plan):
        found.append(
            f"{where} has instruments behind `restore_services`, which spends what is spare"
        )
    meant = study.growth("reserve_contribution", regime=regime)[:, list(holder.members)]
    if not meant.any():
        return found
    others = [f"`{s.instrument}`" for s in book.plan if s.instrument == "use_of_reserves"]
    others += ["`contingency`"] if book.contingency > 0.0 else []
    if others and not ships(book, "plan", "contingency"):
        found.append(
            f"{where} has {listed(others, last='and')} alongside a `reserve_contribution`, which "
            "does the same work"
        )
    adds = (meant > 0.0).any()
    if book.restore_reserves and adds and not ships(book, "restore_reserves"):
        found.append(
            f"{where} rebuilds reserves (`restore_reserves`) in years that also plan a "
            "`reserve_contribution`"
        )
    first = next((s.instrument for s in book.surplus if s.parameters.get("share") != 0.0), None)
    if first not in (None, "reserves") and adds and not ships(book, "surplus"):
        found.append(
            f"{where} has `{first}` first among its surpluses: it takes what a "
            "`reserve_contribution` meant for reserves"
        )
    return found


def _loans(study: Study, holder: Holder, where: str) -> list[str]:
    book = holder.rulebook
    repay = book.find("surplus", "repay_debt")
    if repay is not None and repay.parameters["share"] != 0.0:
        return []
    bailout = book.find("shortfall", "bailout")
    owing = [study.organisations[place].id for place in holder.members]
    owing = [name for name in owing if study.organisation(name).debt > 0.0]
    found = []
    lends = bailout and bailout.parameters["loan_share"] and bailout.parameters["probability"]
    if lends and not ships(book, "shortfall", "surplus"):
        found.append(f"{where} makes bailout a loan, but has no `repay_debt` among its surpluses")
    if owing:
        found.append(f"{where} has no `repay_debt`, so {listed(owing, last='and')} stays in debt")
    return found


def _paid_by_activity(study: Study, holders: tuple[Holder, ...], name: str) -> list[str]:
    found = []
    for contract in study.contracts:
        share = study.term("activity_share", contract, name)
        price = study.term("activity_price", contract, name)
        place = study.organisation_ids.index(contract.payee)
        book = next(holder.rulebook for holder in holders if place in holder.members)
        paid = (share > 0.0) & (price == 0.0)
        if paid.any() and contract.value > 0.0 and book.find("plan", "service_reduction"):
            found.append(
                f"regime {name}: {contract.payee} is paid by activity by {contract.payer} at an "
                "`activity_price` of 0, so `service_reduction` loses it no income"
            )
    return found + _cut_in_vain(study, holders, name)


def _cut_in_vain(study: Study, holders: tuple[Holder, ...], name: str) -> list[str]:
    """Warn of holders that lose nearly all that a cut saves, as activity income."""
    found = []
    ids = study.organisation_ids
    for holder in holders:
        if not holder.rulebook.find("plan", "service_reduction"):
            continue
        cost = sum(study.organisations[k].cost for k in holder.members)
        lost = 0.0
        for contract in study.contracts:
            k = ids.index(contract.payee)
            if k not in holder.members or ids.index(contract.payer) in holder.members:
                continue
            values = [c.value for c in study.contracts if c.payee == contract.payee]
            of_payee = contract.value / sum(values) if sum(values) else 1.0 / len(values)
            weight = study.organisations[k].cost / cost if cost else 1.0 / len(holder.members)
            term = study.term("activity_share", contract, name)
            lost += weight * of_payee * (term * study.term("activity_price", contract, name)).max()
        if lost > _NEARLY_ALL:
            found.append(
                f"regime {name}: {holder.name} would lose £{lost:.2f} of activity income for each "
                "£1 of services cut, so `service_reduction` closes little or nothing of a gap"
            )
    return found


def _opens_exhausted(study: Study, holders: tuple[Holder, ...], name: str) -> list[str]:
    found = []
    for holder in holders:
        bodies = [study.organisations[place] for place in holder.members]
        if sum(body.reserves for body in bodies) <= sum(body.reserve_floor for body in bodies):
            found.append(
                f"regime {name}: {holder.name} opens with reserves at or below its floor, so "
                "their exhaustion is not applicable"
            )
    return found


def _unused(study: Study, regime: Regime, holders: tuple[Holder, ...], name: str) -> list[str]:
    used = {holder.rulebook_name for holder in holders}
    known = {*KINDS, *study.organisation_ids}
    return [
        f"regime {name}: no budget holder uses rulebook {book}"
        for book in regime.rulebooks
        if book not in used and book not in known
    ]


def _behaviour(study: Study) -> list[str]:
    found = []
    for name, assumed in study.behaviour.items():
        books = study.regimes[name].rulebooks.values()
        assumes_effort = assumed.effort is not None or assumed.soft_budget is not None
        if assumes_effort and not any(b.find("plan", "savings") for b in books):
            found.append(f"behaviour.{name}: effort changes nothing: the regime plans no savings")
        invests = any(b.find("surplus", "prevention") for b in books)
        if assumed.prevention_share is not None and not invests:
            found.append(
                f"behaviour.{name}.prevention_share changes nothing: the regime invests no surplus"
            )
        if not assumes_effort and assumed.prevention_share is None:
            found.append(f"behaviour.{name} is empty: it assumes nothing beyond the rules")
    return found
