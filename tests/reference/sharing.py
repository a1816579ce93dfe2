"""What comes out (model 5, truth 6, devices 8): whose each figure is, and the totals."""

from types import SimpleNamespace as Record
from typing import Any

from reference.closing import INSTRUMENTS
from reference.national import centre_share
from reference.reading import Table, at_floor, shares

# What stays an organisation's own in a pool; what it has by planned own cost; what by own cost.
SHARING = (
    "income cost own_balance savings_delivered local_revenue local_premium charges_raised "
    "charges_premium "
    "service_reduction unmet standing services_restored services_grown prevention pending "
    "conditional windfall centre_cut project_outlay project_benefit project_loans receipts "
    "central_cost",
    "plan_gap planned_deficit savings_planned reserve_contribution",
    "balance deficit interest shortfall rescue_needed bailout unresolved repaid clawback "
    "year_end_spending written_off reserves carried debt",
)
OWN, BY_PLANNED_COST, BY_COST = (names.split() for names in SHARING)
BY_COST += {output for output, _ in INSTRUMENTS.values()}  # of the shortfall
VARIABLES = (*OWN, *BY_PLANNED_COST, *BY_COST, "exhausted")
NATION = ("asked", "pot_paid", "new_money", "capital_switched", "next_year_cut", "refused")


def share_out(place: Record, holder: Record) -> None:
    """Each member's part of what is the holder's, and the centre's net cost."""
    flows, book = holder.flows, holder.book
    flows |= {"reserves": holder.reserves, "carried": holder.carried, "debt": holder.debt}
    flows["exhausted"] = holder.reserves <= at_floor(holder.floor)
    on_debt = book.get("interest", 0.0) * flows["opening_debt"]  # H and overdrawn R not counted
    from_centre = centre_share(holder) * (flows["bailout"] - flows["repay_debt"] - on_debt)
    from_centre += flows["risk_shared"] - flows["clawback"]
    bodies = [place.bodies[k] for k in holder.members]
    by_cost = shares([body.now.cost for body in bodies])
    for i, body in enumerate(bodies):
        now, out = body.now, body.out
        out |= {name: flows[name] * holder.by_planned_cost[i] for name in BY_PLANNED_COST}
        out |= {name: flows[name] * by_cost[i] for name in BY_COST}
        out["exhausted"] = flows["exhausted"]
        now.lasting = getattr(holder, "lasting", 0.0)
        now.rationed = flows["rationed"] * by_cost[i]
        out["local_revenue"], out["charges_raised"] = now.raised, now.charged
        out["service_reduction"] = now.reduced
        out["standing"] = max(now.standing - now.restored, 0.0)
        out["unmet"] = out["standing"] + now.reduced + now.rationed
        out["services_restored"] = now.restored + now.growth
        out["prevention"] = flows["prevention"] * by_cost[i] + now.fund
        out["conditional"], out["windfall"] = now.conditional, now.gift
        out["centre_cut"], out["receipts"] = now.centre_cut, now.receipts
        out["project_outlay"], out["project_benefit"] = now.outlay, now.benefit
        out["project_loans"] = now.loans
        paid_over = now.grant - now.cut - now.centre_cut + now.fund + now.gift + now.conditional
        paid_over -= now.swept
        out["central_cost"] = paid_over + from_centre * by_cost[i] + body.equalised
        now.running_cost = flows["running_cost"] * by_cost[i]


def holder_total(place: Record, holder: Record, name: str) -> Any:
    """A holder's figure: its own where the thing is the holder's, else its members' sum."""
    if name in OWN and name not in ("income", "cost"):
        return sum(place.bodies[k].out[name] for k in holder.members)
    return holder.flows[name]


def place_totals(place: Record, not_applicable: list[bool]) -> Table:
    """The place's figures: sums over organisations, contracts inside the place left out."""
    total: Table = {name: sum(body.out[name] for body in place.bodies) for name in VARIABLES}
    total["income"] = sum(body.now.income for body in place.bodies)
    total["cost"] = sum(body.now.spend for body in place.bodies)
    total["deficit"] = sum(holder.flows["deficit"] for holder in place.holders)
    balance = sum(holder.flows["balance"] for holder in place.holders)
    total["net_deficit"] = max(-balance, 0.0)
    rows = zip(place.holders, not_applicable, strict=True)
    total["exhausted"] = any(h.flows["exhausted"] and not opened_so for h, opened_so in rows)
    return total | place.nation
