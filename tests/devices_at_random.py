"""Hypothesis strategies for devices: each is laid on a random study, in random mixtures.

One function for each device takes a study and adds it somewhere, or nowhere where the study has no
room for it. Amounts are bounded so that planned own cost stays above 0.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from reference import resolved_regime
from riskmc.rules.register import INSTRUMENTS
from strategies import (
    Draw,
    Table,
    by_year,
    decimals,
    from_its_row,
    quarters,
    scopes_of,
    shares_of_one,
    some,
    studies,
)

Add = Callable[[Draw, Table], None]
DEVICES: dict[str, Add] = {}


def device(add: Add) -> Add:
    """Enter a device under its name."""
    DEVICES[add.__name__] = add
    return add


@st.composite
def device_studies(
    draw: Draw, devices: tuple[str, ...] = (), most: int = 14, used: list[str] | None = None
) -> Table:
    """A random study with one to ``most`` of the devices (by default: of all there are).

    ``used`` takes the names of those it has.
    """
    study = draw(studies())
    names = sorted(devices or DEVICES)
    shuffle = random.Random(draw(st.integers(0, 99_999)))  # lists drawn one by one favour a few
    for name in sorted(shuffle.sample(names, shuffle.randint(1, min(most, len(names))))):
        DEVICES[name](draw, study)
        if used is not None:
            used.append(name)
    new_instruments(draw, study)
    return study


def maybe(draw: Draw) -> bool:
    return bool(draw(st.booleans()))


def years_of(study: Table) -> int:
    return int(study["years"])


def ids_of(study: Table) -> list[str]:
    return [body["id"] for body in study["organisations"]]


def year_labels(study: Table) -> list[str]:
    return [f"{y}/{(y + 1) % 100:02d}" for y in range(2016, 2016 + years_of(study))]


def some_regimes(draw: Draw, study: Table) -> Iterator[Table]:
    """At least one regime of the study."""
    names = draw(st.lists(st.sampled_from(sorted(study["regimes"])), unique=True, min_size=1))
    for name in names:
        yield study["regimes"][name]


def lists_of(study: Table, name: str) -> Iterator[list[Table]]:
    """Every plan, shortfall or surplus list that the study writes out."""
    for regime in study["regimes"].values():
        for book in regime.get("rulebooks", {}).values():
            if name in book:
                yield book[name]


def steps_of(study: Table, name: str, instrument: str) -> Iterator[Table]:
    """Every use of one instrument."""
    for steps in lists_of(study, name):
        for step in steps:
            if step["instrument"] == instrument:
                yield step


def add_step(draw: Draw, study: Table, name: str, step: Callable[[], Table]) -> None:
    """An instrument put in somewhere in some of the lists."""
    for steps in lists_of(study, name):
        if maybe(draw):
            steps.insert(draw(st.integers(0, len(steps))), step())


def whom(draw: Draw, study: Table) -> Table:
    """Perhaps a list of kinds or ids."""
    scopes = scopes_of(study["organisations"])
    named = draw(st.lists(st.sampled_from(scopes), unique=True, min_size=1, max_size=3))
    return {"to": named} if maybe(draw) else {}


# ------------------------------------------------------------ 1. by year, by body, by regime


@device
def figures_by_year(draw: Draw, study: Table) -> None:
    years = years_of(study)
    rates = {"max_rise": decimals(0.0, 0.1), "max_share": shares_of_one()}
    rates |= {"probability": shares_of_one(), "limit": decimals(0.0, 0.2, 2)}
    rates |= {"service_share": shares_of_one(), "effort": decimals(0.5, 1.5, 2)}
    for name in ("plan", "shortfall", "surplus"):
        for steps in lists_of(study, name):
            for step in steps:
                for key in sorted(rates.keys() & step.keys()):
                    step[key] = draw(by_year(rates[key], years))
                if name == "surplus" and "share" in step:
                    step["share"] = draw(by_year(shares_of_one(), years))
    for regime in study["regimes"].values():
        settlement = regime.get("settlement", {})
        keys = ("cut_recurrent_share", "new_burdens_funded", "equalisation", "open_book")
        for key in keys:
            if key in settlement:
                settlement[key] = draw(by_year(shares_of_one(), years))


def has_one_period_a_pool(study: Table) -> bool:
    """Whether no regime pools bodies whose settlements end at different times."""
    for name in study["regimes"]:
        regime = resolved_regime(study, name)
        settlement = regime.get("settlement", {})
        periods = {}
        for body in study["organisations"]:
            period = settlement.get("period", 1)
            for scope in (body["kind"], body["id"]):
                period = settlement.get("by", {}).get(scope, {}).get("period", period)
            periods[body["id"]] = period
        for pool in regime.get("pools", []):
            members = ids_of(study) if pool["members"] == ["*"] else pool["members"]
            if len({periods[id_] for id_ in members}) > 1:
                return False
    return True


@device
def settlement_by_body(draw: Draw, study: Table) -> None:
    years = years_of(study)
    keys: dict[str, st.SearchStrategy[Any]] = {"period": st.integers(1, 4)}
    keys["in_year_cuts"] = by_year(st.sampled_from(["deferred", "exposed", "protected"]), years)
    for name in ("cut_recurrent_share", "new_burdens_funded", "equalisation"):
        keys[name] = by_year(shares_of_one(), years)
    scopes = st.sampled_from(scopes_of(study["organisations"]))
    for regime in some_regimes(draw, study):
        by = {}
        for scope in draw(st.lists(scopes, unique=True, min_size=1, max_size=2)):
            by[scope] = some(draw, keys) or {"equalisation": 0.5}
        regime.setdefault("settlement", {})["by"] = by
        if not has_one_period_a_pool(study):
            for figures in by.values():
                figures.pop("period", None)
            regime["settlement"]["by"] = {s: f for s, f in by.items() if f}


@device
def planning_of_a_regime(draw: Draw, study: Table) -> None:
    growth = by_year(decimals(-0.08, 0.1), years_of(study))
    keys = dict.fromkeys(("grant_growth", "tax_growth", "charges_growth"), growth)
    for regime in some_regimes(draw, study):
        planning = some(draw, keys)
        if maybe(draw):
            scope = draw(st.sampled_from(scopes_of(study["organisations"])))
            planning["by"] = {scope: {"grant_growth": draw(growth)}}
        if planning:
            regime["planning"] = planning


# ------------------------------------------------------------------------ 2. contract terms


def term_values(years: int) -> dict[str, st.SearchStrategy[Any]]:
    """The terms; shares small enough for four contracts to one body."""
    return {
        "activity_price": by_year(decimals(0.0, 1.5, 2), years),
        "risk_share": by_year(decimals(0.0, 0.25, 2), years),
        "risk_limit": by_year(decimals(0.0, 0.05), years),
        "benefit_share": by_year(decimals(0.0, 0.25, 2), years),
        "outcome_share": by_year(decimals(0.0, 0.1, 2), years),
        "outcome_target": by_year(decimals(-0.02, 0.02), years),
    }


@device
def contract_terms(draw: Draw, study: Table) -> None:
    terms = term_values(years_of(study))
    for c, contract in enumerate(study["contracts"]):
        contract |= some(draw, terms)
        if maybe(draw):
            contract["name"] = f"Contract {c}"


@device
def terms_of_a_regime(draw: Draw, study: Table) -> None:
    terms = term_values(years_of(study)) | {"activity_share": shares_of_one()}
    named = [c["name"] for c in study["contracts"] if "name" in c]
    for regime in some_regimes(draw, study):
        payment = regime.get("payment", {}) | some(draw, terms)
        if named:
            payment["by"] = {
                draw(st.sampled_from(named)): {"activity_share": draw(shares_of_one())}
            }
        if payment:
            regime["payment"] = payment


# -------------------------------------------------- 3. projects, mandates, committed cost


@device
def projects(draw: Draw, study: Table) -> None:
    bodies = [body for body in study["organisations"] if body.get("cost", 0.0) > 0]
    rows = []
    for p in range(draw(st.integers(1, 3)) if bodies else 0):
        body = draw(st.sampled_from(bodies))
        most = int(body["cost"] * 0.03)
        row = {"name": f"Project {p}", "organisation": body["id"]}
        row["start"] = draw(st.sampled_from(year_labels(study)))
        amounts = st.integers(-most * 2, most * 4).map(lambda n: n / 2)
        row["cost"] = draw(st.lists(amounts, min_size=1, max_size=3))
        benefits = decimals(0.0, max(most, 1), 1)
        row["benefit"] = draw(st.lists(benefits, min_size=1, max_size=4))
        optional = {"delivery": decimals(0.0, 1.5, 2), "counted": shares_of_one()}
        optional |= {"frees": st.booleans()}
        row |= some(draw, optional)
        if "delivery" in row:
            row["delivery"] = {"distribution": "constant", "value": row["delivery"]}
        if maybe(draw):
            row["to"] = {body["id"]: 0.25, draw(st.sampled_from(bodies))["id"]: 0.5}
        if maybe(draw):
            row |= {
                "borrow_years": draw(st.integers(1, 5)),
                "borrow_rate": draw(decimals(0.0, 0.1, 2)),
            }
        rows.append(row)
    if not rows:
        return
    study["projects"] = rows
    names = [row["name"] for row in rows]
    take = st.one_of(
        st.sampled_from(["none", "all", "payback", "payback"]),
        st.lists(st.sampled_from(names), unique=True, min_size=1),
    )
    optional = {"within": st.integers(1, 9), "borrow": st.booleans()}
    optional |= {"receipts_kept": shares_of_one()}
    for regime in some_regimes(draw, study):
        regime["projects"] = {"take": draw(take)} | some(draw, optional)


@device
def mandates(draw: Draw, study: Table) -> None:
    rows = []
    for m in range(draw(st.integers(1, 2))):
        row = {"name": f"Mandate {m}", "organisation": draw(st.sampled_from(ids_of(study)))}
        row["start"] = draw(st.sampled_from(year_labels(study)))
        row["cost"] = draw(st.lists(decimals(0.0, 8.0, 1), min_size=1, max_size=3))
        rows.append(row | some(draw, {"funded": shares_of_one()}))
    study["mandates"] = rows


@device
def committed(draw: Draw, study: Table) -> None:
    for body in study["organisations"]:
        most = int(body.get("cost", 0.0))
        if most and maybe(draw):
            body["committed"] = float(draw(st.integers(0, most)))
    if maybe(draw):
        study["planning"]["committed_growth"] = draw(by_year(decimals(-0.05, 0.1), years_of(study)))


# ------------------------------------------------------------------- 4. conditional money


@device
def conditional(draw: Draw, study: Table) -> None:
    tests = {"none": 0.0, "balance": 0.0, "plan": 0.0, "savings": 0.0}
    for regime in some_regimes(draw, study):
        rows = []
        for c in range(draw(st.integers(1, 2))):
            row = {
                "name": f"Money {c}",
                "rate": draw(by_year(decimals(0.0, 0.05), years_of(study))),
            }
            row |= whom(draw, study)
            optional = {"target": decimals(-0.05, 0.05), "counted": shares_of_one()}
            optional |= {"test": st.sampled_from(sorted(tests))}
            row |= some(draw, optional)
            if row.get("test") == "savings":
                row["target"] = draw(shares_of_one())
            rows.append(row)
        regime["conditional"] = rows


@device
def rescue_requires(draw: Draw, study: Table) -> None:
    for step in steps_of(study, "shortfall", "bailout"):
        if maybe(draw):
            step["requires"] = draw(shares_of_one())


# --------------------------------------------------------- 5. the centre's list, and places


@device
def centre(draw: Draw, study: Table) -> None:
    years = years_of(study)
    shares = by_year(decimals(0.0, 0.1, 2), years)
    steps = [
        st.fixed_dictionaries(
            {"instrument": st.just("new_money")},
            optional={"limit": by_year(decimals(0.0, 9.0, 1), years)},
        ),
        st.fixed_dictionaries(
            {"instrument": st.just("capital_switch"), "max_share": shares},
            optional={"running_cost": decimals(0.0, 0.2, 2)},
        ),
        st.fixed_dictionaries({"instrument": st.just("next_year_cut"), "max_share": shares}),
    ]
    for regime in some_regimes(draw, study):
        table: Table = {"pot": draw(by_year(decimals(0.0, 20.0, 1), years))}
        order = draw(st.permutations(range(3)))[: draw(st.integers(0, 3))]
        table["excess"] = [draw(steps[i]) for i in order]
        regime["centre"] = regime.get("centre", {}) | table


@device
def windfall(draw: Draw, study: Table) -> None:
    optional = {"above": by_year(decimals(0.0, 0.03), years_of(study)), "lasting": shares_of_one()}
    optional |= {"opening": decimals(0.0, 9.0, 1)}
    for regime in some_regimes(draw, study):
        table = {"share": draw(by_year(shares_of_one(), years_of(study)))} | some(draw, optional)
        regime.setdefault("centre", {})["windfall"] = table | whom(draw, study)


@device
def write_off(draw: Draw, study: Table) -> None:
    for regime in some_regimes(draw, study):
        table = {"year": draw(st.sampled_from(year_labels(study))), "share": draw(shares_of_one())}
        regime.setdefault("centre", {})["write_off"] = table


@device
def places(draw: Draw, study: Table) -> None:
    """Where bodies are: it moves no money by itself."""
    for body in study["organisations"]:
        body["place"] = draw(st.sampled_from(["Harbour", "Moor"]))
    for regime in study["regimes"].values():
        for pool in regime.get("pools", []):
            pool["across"] = True


# ------------------------------------------------------------- 6. local share of funding


@device
def funding(draw: Draw, study: Table) -> None:
    for body in study["organisations"]:
        if maybe(draw):
            body["tax_base"] = draw(quarters(50))
    keys = {"local_share": shares_of_one(), "levelling": shares_of_one()}
    keys |= {"levy": decimals(0.0, 5.0, 1)}
    for regime in some_regimes(draw, study):
        regime["funding"] = {"local_share": 0.5} | some(draw, keys) | whom(draw, study)


# ----------------------------------------------------- 7. instruments and small devices


def swings(draw: Draw, study: Table) -> None:
    """Lean years and fat ones, not alike for all: what is raised or cut may be given back."""
    growth = st.lists(decimals(-0.1, 0.15, 2), min_size=2, max_size=4)
    for body in study["organisations"]:
        own = study["planning"].setdefault("by", {}).setdefault(body["id"], {})
        own |= {"grant_growth": draw(growth), "tax_growth": draw(growth)}


@device
def vote(draw: Draw, study: Table) -> None:
    for step in steps_of(study, "plan", "local_revenue"):
        step["vote_above"] = draw(by_year(decimals(0.0, 0.05), years_of(study)))
        step |= some(draw, {"vote_passes": by_year(shares_of_one(), years_of(study))})


@device
def reversible(draw: Draw, study: Table) -> None:
    for step in steps_of(study, "plan", "local_revenue"):
        step["reversible"] = maybe(draw)
    swings(draw, study)


@device
def charges(draw: Draw, study: Table) -> None:
    rise = by_year(decimals(0.0, 0.1), years_of(study))
    add_step(draw, study, "plan", lambda: {"instrument": "charges", "max_rise": draw(rise)})


@device
def scale_loss(draw: Draw, study: Table) -> None:
    for step in steps_of(study, "plan", "savings"):
        if maybe(draw):
            step["scale_loss"] = draw(by_year(decimals(0.0, 5.0, 1), years_of(study)))


@device
def savings_not_counted(draw: Draw, study: Table) -> None:
    for step in steps_of(study, "plan", "savings"):
        if maybe(draw):
            step["assumed_delivery"] = 0.0


@device
def risk_share(draw: Draw, study: Table) -> None:
    share = by_year(shares_of_one(), years_of(study))
    limit = by_year(decimals(0.0, 0.1, 2), years_of(study))

    def step() -> Table:
        agreed = {"instrument": "risk_share", "share": draw(share)}
        return agreed | some(draw, {"limit": limit})

    add_step(draw, study, "shortfall", step)


@device
def limit_on_keeping(draw: Draw, study: Table) -> None:
    for step in steps_of(study, "surplus", "reserves"):
        step["limit"] = draw(by_year(decimals(0.0, 0.05), years_of(study)))


@device
def spills(draw: Draw, study: Table) -> None:
    ids = ids_of(study)
    if len(ids) < 2:
        return
    rows = []
    for _ in range(draw(st.integers(1, 2))):
        source, target = draw(st.permutations(ids))[:2]
        row = {"from": source, "to": target, "share": draw(shares_of_one())}
        rows.append(row | some(draw, {"cost": decimals(0.0, 2.0, 1)}))
    study["dynamics"]["spills"] = rows


@device
def temporary_cost(draw: Draw, study: Table) -> None:
    table = {"distribution": "constant", "value": draw(decimals(-0.02, 0.03))}
    study["drivers"]["temporary_cost"] = table | some(draw, {"expected": decimals(-0.02, 0.03)})


# ------------------------------------------------------------------------------ truth


@device
def lasting(draw: Draw, study: Table) -> None:
    for step in steps_of(study, "plan", "service_reduction"):
        step["lasting"] = draw(by_year(shares_of_one(), years_of(study)))


@device
def restore_services(draw: Draw, study: Table) -> None:
    """With something that is still reduced in the same list, so that there is what to restore."""
    share = by_year(shares_of_one(), years_of(study))
    for steps in lists_of(study, "plan"):
        if not maybe(draw):
            continue
        cuts = [step for step in steps if step["instrument"] == "service_reduction"]
        if not cuts:
            cuts = [{"instrument": "service_reduction", "max_rate": 0.1}]
            steps += cuts
        cuts[0]["lasting"] = draw(st.sampled_from([1.0, 1.0, 0.5]))
        step = {"instrument": "restore_services"} | some(draw, {"share": share})
        steps.insert(draw(st.integers(0, len(steps))), step)
    swings(draw, study)


@device
def contribution(draw: Draw, study: Table) -> None:
    part = by_year(decimals(-0.05, 0.05), years_of(study))
    study["planning"]["reserve_contribution"] = draw(part)
    if maybe(draw):
        scope = draw(st.sampled_from(scopes_of(study["organisations"])))
        by = study["planning"].setdefault("by", {})
        by.setdefault(scope, {})["reserve_contribution"] = draw(part)


@device
def rebuild(draw: Draw, study: Table) -> None:
    years = years_of(study)
    to, over = by_year(decimals(0.0, 0.2, 2), years), by_year(st.integers(1, 5), years)
    for regime in study["regimes"].values():
        for book in regime.get("rulebooks", {}).values():
            if maybe(draw):
                book["restore_reserves"] = {"to": draw(to), "over": draw(over)}


@device
def working_balance(draw: Draw, study: Table) -> None:
    share = by_year(shares_of_one(), years_of(study))

    def step() -> Table:
        return {"instrument": "working_balance"} | some(draw, {"share": share})

    add_step(draw, study, "shortfall", step)


# ----------------------------------------------------------------------- and what is new

#: Instruments that a device or `strategies` draws, with figures where they bite.
DRAWN = {
    "plan": {"savings", "local_revenue", "service_reduction", "use_of_reserves"}
    | {"charges", "restore_services"},
    "shortfall": {"reserves", "in_year_measures", "capital_to_revenue", "carry_forward", "bailout"}
    | {"risk_share", "working_balance"},
    "surplus": {"repay_debt", "clawback", "prevention", "year_end_spending", "reserves"},
    "excess": {"new_money", "capital_switch", "next_year_cut"},
}
#: All others, which are drawn from their rows.
NEW = [row for row in INSTRUMENTS if row.name not in DRAWN[row.waterfall]]


def new_instruments(draw: Draw, study: Table) -> None:
    """Every study tries them, first in some of the lists and with all their figures."""
    for row in NEW:
        steps = from_its_row(row, years_of(study))
        if row.waterfall == "excess":
            for regime in some_regimes(draw, study):
                excess = regime.setdefault("centre", {}).setdefault("excess", [])
                excess.insert(0, draw(steps))
        for taken in lists_of(study, row.waterfall):
            if maybe(draw):
                taken.insert(0, draw(steps))
