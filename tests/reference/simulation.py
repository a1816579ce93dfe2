"""One future of a place under one regime, year by year."""

from collections import defaultdict

from reference.closing import shortfall_after_the_door, shortfall_to_the_door, surplus
from reference.national import ask_the_centre, pay_last_years_list, reckon_windfall, write_off_debt
from reference.opening import opening
from reference.outturn import contract_outturns, outturn, roll_forward
from reference.plan import plan
from reference.reading import Grid, Record, Table, at_floor, resolved_regime, with_behaviour
from reference.sharing import NATION, VARIABLES, holder_total, place_totals, share_out
from reference.year import contracts_as_planned, grant_cost_and_income, known_at_the_start
from riskmc.variables import DRIVERS, PLANNED


def simulate(
    study: Table,
    regime: str,
    drivers: dict[str, Grid],
    *,
    expected: dict[str, list[float]],
    behaviour: bool = False,
    deliveries: dict[str, float] | None = None,
) -> Table:
    """One future of a place under one regime.

    ``drivers[name][year][organisation]`` holds the drivers, neutral where it does not name them;
    ``expected`` what planners expect, by organisation, where it is not 0; ``deliveries`` what each
    project delivers of its benefit. Returns ``organisations`` and ``holders``
    ({variable: [year][which]}), ``place`` ({variable: [year]}, the centre's list among them) and
    ``workings`` (opening reserves and floors of the holders, and the fund paid).
    """
    rules = resolved_regime(study, regime)
    if behaviour:
        rules = with_behaviour(study, regime, rules)
    row = range(len(study["organisations"]))
    years = range(study["years"])
    drivers = {
        driver.name: [[driver.neutral for _ in row] for _ in years] for driver in DRIVERS
    } | drivers
    expected = {name: [0.0 for _ in row] for name in PLANNED} | expected
    place = opening(study, rules, drivers, expected, deliveries or {})
    first = [holder.reserves for holder in place.holders]
    floors = [holder.floor for holder in place.holders]
    by_body: Table = {name: [] for name in VARIABLES}
    by_holder: Table = {name: [] for name in VARIABLES}
    whole: Table = {name: [] for name in (*VARIABLES, "net_deficit", *NATION)}
    funds = []
    for t in range(1, study["years"] + 1):
        one_year(place, t)
        total = place_totals(place, [r <= at_floor(f) for r, f in zip(first, floors, strict=True)])
        for name in VARIABLES:
            by_body[name].append([body.out[name] for body in place.bodies])
            by_holder[name].append([holder_total(place, holder, name) for holder in place.holders])
        for name, series in whole.items():
            series.append(total[name])
        funds.append([sum(place.bodies[k].now.fund for k in h.members) for h in place.holders])
    named: Table = {"names": [holder.name for holder in place.holders]}
    named["members"] = [[place.bodies[k].id for k in holder.members] for holder in place.holders]
    workings = {"opening_reserves": first, "floors": floors, "fund": funds}
    holders = named | by_holder
    return {"organisations": by_body, "holders": holders, "place": whole, "workings": workings}


def one_year(place: Record, t: int) -> None:
    """Steps 1 to 11, for all holders at once at each door that the centre stands in."""
    for body in place.bodies:
        body.out, body.now = {}, Record(received=0.0, paid=0.0, centre_cut=0.0, gift=0.0)
        known_at_the_start(place, body, t)
        drivers = {name: values[t - 1][body.number] for name, values in place.drivers.items()}
        grant_cost_and_income(place, body, t, drivers)
    contracts = contracts_as_planned(place, t)
    pay_last_years_list(place, t)
    for holder in place.holders:
        holder.flows = defaultdict(float, opening_debt=holder.debt)
        plan(place, holder, t, contracts)
    contract_outturns(place, t, contracts)
    for holder in place.holders:
        outturn(place, holder, t, contracts)
        shortfall_to_the_door(place, holder, t)
    ask_the_centre(place, t)
    for holder in place.holders:
        shortfall_after_the_door(place, holder, t)
        surplus(holder, t)
        write_off_debt(place, holder, t)
        share_out(place, holder)
    reckon_windfall(place, t)
    roll_forward(place, t)
