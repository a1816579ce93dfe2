"""Hypothesis strategies: random valid studies, and random futures for them.

Everything is plain TOML (no None, no NaN), in few digits. Reserves, floors and debts are quarters
of £1m, so that sums over a pool are exact in whatever order they are taken. Ranges are wide, yet
keep planned own cost at 0 or above: below it the note's clip of savings would lose its meaning.
"""

import random
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reference import resolved_regime
from riskmc.rules.register import Instrument
from riskmc.variables import DRIVERS, PLANNED, Driver

Table = dict[str, Any]
Draw = Callable[..., Any]  # what @st.composite hands to a strategy
Values = Mapping[str, st.SearchStrategy[Any]]
Grid = list[list[float]]  # [year][organisation]

# Neither in alphabetical order nor in the order that numbers would have.
IDS = ["zeta", "acute", "org9", "org10", "borough"]
KINDS = ["provider", "commissioner", "council"]
REGIMES = ["current", "devolved", "variant"]


def examples(few: int) -> settings:
    """Settings for so many random studies; the profile `nightly` tries ten times as many."""
    times = max(1, settings.default.max_examples // 100) if settings.default else 1
    quiet = list(HealthCheck)
    return settings(max_examples=few * times, deadline=None, suppress_health_check=quiet)


def decimals(low: float, high: float, places: int = 3) -> st.SearchStrategy[float]:
    """Numbers of at most ``places`` decimals; shrinks towards 0 (or the nearest end)."""
    unit = 10**places
    return st.integers(round(low * unit), round(high * unit)).map(lambda n: n / unit)


def quarters(high: int) -> st.SearchStrategy[float]:
    """Multiples of 0.25 from 0, which add up exactly; 0 often."""
    return st.one_of(st.just(0.0), st.integers(0, 4 * high).map(lambda n: n / 4))


def shares_of_one() -> st.SearchStrategy[float]:
    """Fractions, both ends often."""
    return st.one_of(st.sampled_from([0.0, 1.0]), decimals(0.0, 1.0, 2))


def by_year(values: st.SearchStrategy[Any], years: int) -> st.SearchStrategy[Any]:
    """A number, or a list by year no longer than the study."""
    return st.one_of(values, st.lists(values, min_size=1, max_size=min(years, 4)))


def some(draw: Draw, table: Values) -> Table:
    """Some of the keys of a table, each with a value of its own strategy."""
    return {key: draw(values) for key, values in table.items() if draw(st.booleans())}


# ------------------------------------------------------------- the place and its assumptions


@st.composite
def organisations(draw: Draw) -> list[Table]:
    """One to five bodies of any kind; keys left out at random; benefits for all or for none."""
    ids = draw(st.permutations(IDS))[: draw(st.sampled_from([1, 2, 3, 4, 4, 5, 5]))]
    weighted = draw(st.booleans())
    stocks = {"reserves": quarters(60), "reserve_floor": quarters(20), "debt": quarters(60)}
    stocks |= {"capital": quarters(60)}
    bodies = []
    for id_ in ids:
        body = {"id": id_, "name": f"The {id_}", "kind": draw(st.sampled_from(KINDS))}
        cost = draw(st.one_of(decimals(50.0, 999.0, 1), decimals(50.0, 999.0, 1), st.just(0.0)))
        income = draw(decimals(0.85, 1.1, 2)) * (cost or 10.0)  # near balance: gaps both ways
        granted, taxed = draw(shares_of_one()), draw(shares_of_one())
        opening = {"cost": cost, "grant": granted * income}
        opening["local_tax"] = (1 - granted) * taxed * income
        opening["charges"] = (1 - granted) * (1 - taxed) * income
        body |= {key: round(value, 1) for key, value in opening.items() if round(value, 1)}
        body |= {key: draw(values) for key, values in stocks.items() if draw(st.integers(0, 4))}
        if weighted:
            body["prevention_benefit"] = draw(quarters(4))
        bodies.append(body)
    return bodies


@st.composite
def contract_lists(draw: Draw, ids: list[str], years: int) -> list[Table]:
    """No more than four contracts, some of them both ways between the same two bodies."""
    contracts = []
    for _ in range(draw(st.integers(0, 4)) if len(ids) > 1 else 0):
        payer, payee = draw(st.permutations(ids))[:2]
        contract = {"payer": payer, "payee": payee, "value": draw(decimals(0.0, 99.0, 1))}
        extras = {"activity_share": shares_of_one()}
        extras |= {"uplift": by_year(decimals(-0.05, 0.1), years)}
        contracts.append(contract | some(draw, extras))
    return contracts


def scopes_of(bodies: list[Table]) -> list[str]:
    """The names that a table ``by`` may use: kinds that are present, and ids."""
    kinds = dict.fromkeys(body["kind"] for body in bodies)
    return [*kinds, *(body["id"] for body in bodies)]


@st.composite
def planning_tables(draw: Draw, scopes: list[str], years: int) -> Table:
    """Planned growth for everyone, for a kind, for one body; numbers and lists by year."""
    names = ("grant_growth", "tax_growth", "charges_growth")
    keys = {name: by_year(decimals(-0.08, 0.1), years) for name in names}
    planning = some(draw, keys)
    scoped = draw(st.lists(st.sampled_from(scopes), unique=True, max_size=3))
    by = {scope: some(draw, keys) for scope in scoped}
    by = {scope: table for scope, table in by.items() if table}
    return planning | ({"by": by} if by else {})


def dynamics_tables() -> st.SearchStrategy[Table]:
    """What is lost, what returns, and what prevention can do."""
    optional = {"unmet_return": shares_of_one(), "delay_cost": decimals(0.0, 0.5, 2)}
    optional |= {"prevention_decay": shares_of_one(), "prevention_cap": decimals(0.0, 0.3, 2)}
    return st.fixed_dictionaries({}, optional=optional)


# ---------------------------------------------------------------- drivers, as the study has them


@st.composite
def driver_tables(draw: Draw, scopes: list[str]) -> Table:
    """A few named drivers, constant or normal, scoped, some of them events."""
    constants = {
        "in_year_cut": decimals(0.0, 0.05),
        "recognition": shares_of_one(),
        "savings_delivery": shares_of_one(),
        "recurrent_share": shares_of_one(),
        "new_burden": decimals(0.0, 0.02),
        "prevention_yield": decimals(0.0, 0.5),
    }
    drivers = {}
    for name in draw(st.lists(st.sampled_from(sorted(constants)), unique=True, max_size=3)):
        drivers[name] = {"distribution": "constant", "value": draw(constants[name])}
    for name in ("demand_growth", "cost_inflation", "funding_shock", "tax_shock"):
        if draw(st.booleans()):
            drivers[name] = draw(growth_drivers(scopes, planned=name[0] in "dc"))
    return drivers


@st.composite
def growth_drivers(draw: Draw, scopes: list[str], planned: bool) -> Table:
    """A driver that may be anything near 0; ``planned``: planners may expect something of it."""
    extras = {"probability": decimals(0.01, 0.99, 2), "shared": shares_of_one()}
    extras |= {"persistence": decimals(-0.5, 0.9, 1)}
    if planned:
        extras["expected"] = decimals(-0.03, 0.08)
    constant = st.fixed_dictionaries(
        {"distribution": st.just("constant"), "value": decimals(-0.03, 0.08)}
    )
    centre, spread = decimals(-0.03, 0.08), decimals(0.001, 0.02)
    normal = st.fixed_dictionaries(
        {"distribution": st.just("normal"), "mean": centre, "sd": spread}
    )
    family = st.one_of(constant, normal)
    table: Table = draw(family) | some(draw, extras)
    by = {}
    for scope in draw(st.lists(st.sampled_from(scopes), unique=True, max_size=2)):
        rows = draw(family) if draw(st.booleans()) else {}
        by[scope] = rows | some(draw, extras)
    by = {scope: rows for scope, rows in by.items() if rows}
    return table | ({"by": by} if by else {})


def expected_values(study: Table) -> dict[str, list[float]]:
    """What planners expect, by organisation: ``expected``, or the mean with an event's zeros."""
    bodies = study["organisations"]
    return {name: [expected_of(study, name, body) for body in bodies] for name in PLANNED}


def expected_of(study: Table, name: str, body: Table) -> float:
    """One body's expectation: a scope with a ``distribution`` starts afresh but for the rest."""
    driver = dict(study.get("drivers", {}).get(name, {}))
    scopes = driver.pop("by", {})
    for scope in (body["kind"], body["id"]):
        rows = scopes.get(scope, {})
        if "distribution" in rows:
            stays = ("probability", "shared", "persistence")
            driver = {key: value for key, value in driver.items() if key in stays}
        driver |= rows
    if "distribution" not in driver:
        return 0.0
    mean = driver["value"] if driver["distribution"] == "constant" else driver["mean"]
    return float(driver.get("expected", driver.get("probability", 1.0) * mean))


# ------------------------------------------------------------------------------ regimes


@st.composite
def savings_steps(draw: Draw, years: int) -> Table:
    """Savings with ``min_rate`` never above ``max_rate`` of any year."""
    rates = draw(by_year(decimals(0.0, 0.3), years))
    lowest = min(rates) if isinstance(rates, list) else rates
    optional = {"min_rate": st.one_of(st.just(lowest), decimals(0.0, lowest))}
    optional |= {"assumed_delivery": decimals(0.5, 1.0, 2), "effort": decimals(0.5, 1.5, 2)}
    return {"instrument": "savings", "max_rate": rates} | some(draw, optional)


def from_its_row(row: Instrument, years: int) -> st.SearchStrategy[Table]:
    """An instrument with what its row allows, for those that no strategy here knows."""
    figures = {}
    for p in row.parameters:
        unit = decimals(p.low, min(p.high, 1.0), 2)
        flag = isinstance(p.default, bool)
        figures[p.name] = st.booleans() if flag else by_year(unit, years) if p.by_year else unit
    return step(row.name, figures, {})


def step(name: str, required: Values, optional: Values) -> st.SearchStrategy[Table]:
    """One instrument with its parameters."""
    return st.fixed_dictionaries({"instrument": st.just(name), **required}, optional=optional)


def plan_steps(years: int) -> list[st.SearchStrategy[Table]]:
    """Every instrument of a plan."""
    return [
        savings_steps(years),
        step("local_revenue", {"max_rise": decimals(0.0, 0.1)}, {}),
        step("service_reduction", {"max_rate": decimals(0.0, 0.1)}, {}),
        step("use_of_reserves", {"max_share": shares_of_one()}, {}),
    ]


def shortfall_steps() -> list[st.SearchStrategy[Table]]:
    """Every instrument of a shortfall list."""
    rescue = {"probability": shares_of_one(), "limit": decimals(0.0, 0.2, 2)}
    rescue |= {"loan_share": shares_of_one(), "centre_share": shares_of_one()}
    early, rationed = {"max_rate": decimals(0.0, 0.1)}, {"service_share": shares_of_one()}
    switch, running = {"max_share": shares_of_one()}, {"running_cost": decimals(0.0, 0.2, 2)}
    return [
        step("reserves", {}, {}),
        step("in_year_measures", early, rationed),
        step("capital_to_revenue", switch, running),
        step("carry_forward", {"limit": decimals(0.0, 0.2, 2)}, {}),
        step("bailout", {}, rescue),
    ]


def surplus_steps() -> list[st.SearchStrategy[Table]]:
    """Every instrument of a surplus list."""
    names = ("repay_debt", "clawback", "prevention", "year_end_spending", "reserves")
    return [step(name, {}, {"share": shares_of_one()}) for name in names]


@st.composite
def waterfalls(draw: Draw, steps: list[st.SearchStrategy[Table]]) -> list[Table]:
    """Instruments in any order, each at most once; as often as not all of them."""
    order = draw(st.permutations(range(len(steps))))
    return [draw(steps[i]) for i in order[: draw(st.integers(0, 2 * len(steps)))]]


def rulebook_keys(years: int) -> dict[str, st.SearchStrategy[Any]]:
    """The keys of a rulebook."""
    return {
        "plan": waterfalls(plan_steps(years)),
        "shortfall": waterfalls(shortfall_steps()),
        "surplus": waterfalls(surplus_steps()),
        "interest": decimals(0.0, 0.1, 2),
        "contingency": decimals(0.0, 0.05),
        "restore_reserves": st.booleans(),
    }


def rulebooks(years: int) -> st.SearchStrategy[Table]:
    """A rulebook with all its lists; the settings may be missing."""
    keys = rulebook_keys(years)
    lists = {key: keys.pop(key) for key in ("plan", "shortfall", "surplus")}
    return st.fixed_dictionaries(lists, optional=keys)


def settlement_keys(years: int) -> dict[str, st.SearchStrategy[Any]]:
    """The keys of a settlement."""
    return {
        "period": st.integers(1, 5),
        "in_year_cuts": st.sampled_from(["deferred", "exposed", "protected"]),
        "cut_recurrent_share": shares_of_one(),
        "new_burdens_funded": shares_of_one(),
        "equalisation": shares_of_one(),
        "open_book": shares_of_one(),
        "transformation_fund": by_year(decimals(0.0, 20.0, 1), years),
    }


@st.composite
def pool_lists(draw: Draw, ids: list[str], names: list[str]) -> list[Table]:
    """No pool, one of the whole place, or up to two of some of its bodies, members in any order."""
    form = draw(st.sampled_from(["none", "all", "all by name", "some", "two", "two"]))
    members, half = draw(st.permutations(ids)), len(ids) // 2
    last = draw(st.integers(half + 1, len(ids)))
    groups = {"none": [], "all": [["*"]], "all by name": [members], "some": [members[:last]]}
    groups["two"] = [group for group in (members[:half], members[half:last]) if group]
    rows = zip(("west", "east"), groups[form], strict=False)
    return [
        {"name": name, "members": list(group), "rulebook": draw(st.sampled_from(names))}
        for name, group in rows
    ]


def missing_books(bodies: list[Table], regime: Table) -> list[str]:
    """Rulebooks that the regime needs and has not: of its pools and of its lone bodies' kinds."""
    pools, books = regime.get("pools", []), regime.get("rulebooks", {})
    pooled = {id_ for pool in pools for id_ in pool["members"]}
    lone = [body for body in bodies if "*" not in pooled and body["id"] not in pooled]
    names = [pool["rulebook"] for pool in pools]
    names += [body["kind"] for body in lone if body["id"] not in books]
    return [name for name in dict.fromkeys(names) if name not in books]


@st.composite
def complete_regimes(draw: Draw, bodies: list[Table], years: int) -> Table:
    """A regime written out in full; some bodies have a rulebook of their own."""
    ids = [body["id"] for body in bodies]
    regime: Table = {"label": "Some rules"}
    regime["settlement"] = some(draw, keys := settlement_keys(years))
    regime["settlement"]["period"] = draw(keys["period"])
    regime |= some(draw, {"payment": st.fixed_dictionaries({"activity_share": shares_of_one()})})
    pools = draw(pool_lists(ids, ["pooled", bodies[0]["kind"]]))
    regime |= {"pools": pools} if pools or draw(st.booleans()) else {}
    own = [id_ for id_ in ids if not draw(st.integers(0, 4))]
    regime["rulebooks"] = {id_: draw(rulebooks(years)) for id_ in own}
    for name in missing_books(bodies, regime):
        regime["rulebooks"][name] = draw(rulebooks(years))
    return regime


@st.composite
def extended_regimes(draw: Draw, study: Table, parent: str) -> Table:
    """A regime that takes another and overrides some of it; settings, lists, pools, rulebooks."""
    bodies, years = study["organisations"], study["years"]
    base = resolved_regime(study, parent)
    ids = [body["id"] for body in bodies]
    keys: dict[str, st.SearchStrategy[Any]] = {"label": st.just("Some other rules")}
    keys["payment"] = st.fixed_dictionaries({"activity_share": shares_of_one()})
    keys["pools"] = pool_lists(ids, sorted(base["rulebooks"]))
    regime: Table = {"extends": parent} | some(draw, keys)
    changes = some(draw, settlement_keys(years))
    regime |= {"settlement": changes} if changes else {}
    books = {name: some(draw, rulebook_keys(years)) for name in base["rulebooks"]}
    books = {name: book for name, book in books.items() if book}
    for name in missing_books(bodies, base | regime | {"rulebooks": base["rulebooks"]}):
        books[name] = draw(rulebooks(years))
    return regime | ({"rulebooks": books} if books else {})


@st.composite
def studies(draw: Draw) -> Table:
    """A random valid study: every kind of body, contract, scope, instrument, pool and setting."""
    bodies = draw(organisations())
    years = draw(st.integers(1, 8))
    scopes, ids = scopes_of(bodies), [body["id"] for body in bodies]
    study: Table = {"schema": 1, "title": "A random place", "start_year": "2016/17"}
    study |= {"years": years, "draws": 16, "seed": draw(st.integers(0, 10_000))}
    study |= {"organisations": bodies, "contracts": draw(contract_lists(ids, years))}
    study["planning"] = draw(planning_tables(scopes, years))
    study["dynamics"] = draw(dynamics_tables())
    study["drivers"] = draw(driver_tables(scopes))
    study["regimes"] = {}
    for name in draw(st.permutations(REGIMES))[: draw(st.integers(1, 3))]:
        before = list(study["regimes"])
        if before and draw(st.booleans()):
            regime = draw(extended_regimes(study, draw(st.sampled_from(before))))
        else:
            regime = draw(complete_regimes(bodies, years))
        study["regimes"][name] = regime
    if draw(st.booleans()):  # a child may stand before its parent
        study["regimes"] = dict(reversed(study["regimes"].items()))
    effort = {"effort": decimals(0.5, 1.5, 2), "prevention_share": shares_of_one()}
    behaviour = {name: some(draw, effort) for name in study["regimes"]}
    behaviour = {name: assumed for name, assumed in behaviour.items() if assumed}
    return study | ({"behaviour": behaviour} if behaviour else {})


# ------------------------------------------------------------------------------- futures


def spread(usual: tuple[float, float], *extremes: float) -> st.SearchStrategy[float]:
    """Mostly the usual range, now and then an extreme."""
    return st.one_of(decimals(*usual), decimals(*usual), st.sampled_from(extremes))


def near_neutral(row: Driver, usual: float, extreme: float) -> st.SearchStrategy[float]:
    """A driver about its neutral value, now and then far off, within what its meaning allows."""

    def inside(away: float) -> float:
        return min(max(row.neutral + away, row.low), row.high)

    return spread((inside(-usual), inside(usual)), row.neutral, inside(-extreme), inside(extreme))


#: By driver, where it goes further than `near_neutral` has it. Ratios and shares stay inside what
#: they can mean; the yield may turn out below 0.
DRIVER_RANGES = {row.name: near_neutral(row, 0.05, 0.3) for row in DRIVERS} | {
    "demand_growth": spread((-0.05, 0.1), 0.0, -0.3, 0.5),
    "cost_inflation": spread((-0.05, 0.1), 0.0, -0.3, 0.5),
    "recognition": spread((0.0, 1.0), 0.0, 1.0),
    "savings_delivery": spread((0.0, 1.3), 0.0, 1.0, 2.0),
    "recurrent_share": spread((0.0, 1.0), 0.0, 1.0),
    "new_burden": spread((0.0, 0.03), 0.0, 0.0, 0.2),
    "prevention_yield": spread((0.0, 0.5), 0.0, -0.2, 5.0),
    "one_off_cost": spread((0.0, 10.0), 0.0, 0.0, 80.0),
    "rescue": decimals(0.01, 0.99, 2),  # two decimals, so it meets a probability exactly at times
    "vote": decimals(0.01, 0.99, 2),
}
#: Years that nobody has seen: need and prices that treble, grants that vanish, money that floods.
EXTREME_RANGES = {row.name: near_neutral(row, 0.3, 1.0) for row in DRIVERS} | {
    "demand_growth": spread((-0.3, 0.5), 0.0, -0.9, 3.0),
    "cost_inflation": spread((-0.3, 0.5), 0.0, -0.9, 3.0),
    "savings_delivery": spread((0.0, 2.0), 0.0, 5.0),
    "prevention_yield": spread((0.0, 2.0), 0.0, 50.0),
    "one_off_cost": spread((0.0, 50.0), 0.0, 5000.0),
    "rescue": decimals(0.01, 0.99, 2),
    "vote": decimals(0.01, 0.99, 2),
}
#: Drivers that joined later, which the studies of the tests do not name.
JOINED_LATER = tuple(row.name for row in DRIVERS if row.source == "study" and not row.sobol)
#: Drivers of studies without devices.
FIRST_DRIVERS = tuple(name for name in DRIVER_RANGES)[:12]


@st.composite
def driver_values(
    draw: Draw,
    study: Table,
    names: tuple[str, ...] = FIRST_DRIVERS,
    ranges: Values = DRIVER_RANGES,
) -> dict[str, Grid]:
    """One future: [driver][year][organisation], from a few values of each driver shuffled."""
    shuffle = random.Random(draw(st.integers(0, 999)))
    years, bodies = range(study["years"]), range(len(study["organisations"]))
    future = {}
    for name in names:
        palette = draw(st.lists(ranges[name], min_size=1, max_size=4))
        future[name] = [[shuffle.choice(palette) for _ in bodies] for _ in years]
    return future
