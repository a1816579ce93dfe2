"""The opening position (model 2, devices 6), holders, and what is known beforehand (devices 3)."""

from types import SimpleNamespace as Record

from reference.reading import (
    Table,
    in_year,
    merged,
    named,
    shares,
    until_the_last,
    year_number,
    years_left,
)

# The opening of an organisation: B, G, X, Q and its capital; then what starts at 0: V and its gain
# to come, U, π, m (what past rises in local tax bring), e (what equalisation goes on paying),
# all unmet need of last year, s (services still reduced), y (services grown) and what past
# rises in charges bring.
OPENING = {"base": "cost", "grant": "grant", "tax": "local_tax", "charges": "charges"}
OPENING |= {"capital": "capital", "committed": "committed"}
STARTS_AT_0 = ("avoided", "gain", "unmet", "pending", "premium", "equalised")
STARTS_AT_0 += ("all_unmet", "standing", "grown", "charges_premium")


def opening(
    study: Table, regime: Table, drivers: Table, expected: Table, deliveries: dict[str, float]
) -> Record:
    """The bodies as they open, the budget holders of the regime, and the projects it takes."""
    rows = study["organisations"]
    place = Record(study=study, regime=regime, drivers=drivers, expected=expected)
    place.settlement = regime.get("settlement", {})
    place.planning = merged(study.get("planning", {}), regime.get("planning", {}))
    place.centre = regime.get("centre", {})
    place.values = [contract["value"] for contract in study.get("contracts", [])]  # v
    weights = shares([row.get("prevention_benefit", row.get("cost", 0.0)) for row in rows])
    place.bodies = []
    for k, row in enumerate(rows):
        state = {name: row.get(key, 0.0) for name, key in OPENING.items()}
        state |= dict.fromkeys(STARTS_AT_0, 0.0)
        state |= {"id": row["id"], "kind": row["kind"], "weight": weights[k]}
        place.bodies.append(Record(number=k, **state))
    place.holders = holders(place, rows)
    move_to_local_funding(place, rows)
    place.cut_due = 0.0  # what the centre's list takes of next year's grants
    windfall = place.centre.get("windfall", {})
    place.gift_due = windfall.get("opening", 0.0)
    place.projects = projects_taken(place, deliveries)
    return place


def holders(place: Record, rows: list[Table]) -> list[Record]:
    """The budget holders: pools, then the organisations that are in none."""
    regime, books = place.regime, place.regime["rulebooks"]
    number = {row["id"]: k for k, row in enumerate(rows)}
    lone = dict(number)
    found = []
    for pool in regime.get("pools", []):
        ids = list(number) if pool["members"] == ["*"] else pool["members"]
        members = [number[id_] for id_ in ids]
        lone = {id_: k for id_, k in lone.items() if k not in members}
        found.append(Record(name=pool["name"], members=members, book=books[pool["rulebook"]]))
    for id_, k in lone.items():
        book = books[id_] if id_ in books else books[rows[k]["kind"]]
        found.append(Record(name=id_, members=[k], book=book))
    for holder in found:
        holder.reserves = sum(rows[k].get("reserves", 0.0) for k in holder.members)  # R
        holder.floor = sum(rows[k].get("reserve_floor", 0.0) for k in holder.members)
        holder.debt = sum(rows[k].get("debt", 0.0) for k in holder.members)  # L
        holder.carried = 0.0  # H
    return found


def move_to_local_funding(place: Record, rows: list[Table]) -> None:
    """Devices 6: grant swapped for local tax, levelled, and a levy."""
    funding = place.regime.get("funding", {})
    bodies = [body for body in place.bodies if named(body, funding.get("to"))]
    if not bodies:
        return
    local, levelling = funding.get("local_share", 0.0), funding.get("levelling", 1.0)
    levy = funding.get("levy", 0.0)
    bases = [rows[body.number].get("tax_base", body.tax) for body in bodies]
    moved = [max(local * (body.grant + body.tax) - body.tax, 0.0) for body in bodies]  # m_k
    for body, beta, m in zip(bodies, shares(bases), moved, strict=True):
        body.tax += beta * sum(moved) + beta * levy
        body.grant += -m + levelling * (m - beta * sum(moved))
        body.premium = beta * levy


# ------------------------------------------------------ projects and mandates (devices 3)


def projects_taken(place: Record, deliveries: dict[str, float]) -> list[Record]:
    """The projects that the regime takes, with their cash year by year from the first year on."""
    rules = place.regime.get("projects", {})
    take = rules.get("take", "none")
    taken = []
    for row in place.study.get("projects", []):
        project = prepared(place, row, rules)
        chosen = take == "all" or (isinstance(take, list) and row["name"] in take)
        if chosen or (take == "payback" and pays_back(place, project, rules)):
            project.delivery = deliveries.get(row["name"], 1.0)
            taken.append(project)
    return taken


def prepared(place: Record, row: Table, rules: Table) -> Record:
    """A project under a regime: who bears it, and whether it is borrowed for."""
    body = next(body for body in place.bodies if body.id == row["organisation"])
    start = year_number(place.study, row["start"])
    spent = sum(max(x, 0.0) for x in row["cost"])
    borrowed = bool(rules.get("borrow", False)) and "borrow_years" in row
    project = Record(row=row, body=body, start=start, borrowed=borrowed, principal=spent)
    project.life = row.get("borrow_years", 0) if borrowed else 0
    project.rate = row.get("borrow_rate", 0.0)
    project.kept = rules.get("receipts_kept", 1.0)
    project.to = row.get("to", {row["organisation"]: 1.0})
    project.counted = row.get("counted", 1.0)
    return project


def repayment(project: Record) -> float:
    """The level repayment of what was borrowed."""
    n, rate = project.life, project.rate
    if rate == 0:
        return float(project.principal / n)
    return float(project.principal * rate / (1 - (1 + rate) ** -n))


def outlay_of(project: Record, t: int) -> float:
    """What a project costs in a year: its cost, or the repayment of its loan."""
    since = t - project.start  # 0 in the year it starts
    if since < 0:
        return 0.0
    if project.borrowed:
        return repayment(project) if 1 <= since <= project.life else 0.0
    return max(until_the_last(project.row["cost"], since + 1), 0.0)


def receipt_of(project: Record, t: int) -> float:
    """What a project brings in by a sale, whoever keeps it."""
    since = t - project.start
    return max(-until_the_last(project.row["cost"], since + 1), 0.0) if since >= 0 else 0.0


def benefit_of(project: Record, t: int) -> float:
    """What a project saves in a year as it was planned, all bodies together."""
    since = t - project.start
    return float(in_year(project.row.get("benefit", 0.0), since + 1)) if since >= 0 else 0.0


def loan_left(project: Record, t: int) -> float:
    """The principal still owed at a year's end."""
    paid = t - project.start  # repayments made
    if not project.borrowed or paid < 0:
        return 0.0
    owed = project.principal
    for _ in range(min(paid, project.life)):
        owed += project.rate * owed - repayment(project)
    return float(owed) if paid < project.life else 0.0


def pays_back(place: Record, project: Record, rules: Table) -> bool:
    """Whether what it saves its own holder pays its whole cost within the years that count."""
    start, row = project.start, project.row
    years = rules.get("within", years_left(place, project.body, start))  # H
    if project.borrowed:
        years = max(years, project.life + 1)
    holder = next(h for h in place.holders if project.body.number in h.members)
    members = {place.bodies[k].id for k in holder.members}
    ours = sum(weight for id_, weight in project.to.items() if id_ in members)
    saved = sum(project.counted * ours * benefit_of(project, start + j) for j in range(years))
    ever = start + max(len(row["cost"]), project.life + 1)
    cost = sum(outlay_of(project, t) for t in range(start, ever + 1))
    cost -= project.kept * sum(receipt_of(project, t) for t in range(start, ever + 1))
    return bool(saved >= cost - 1e-12)


def mandate_costs(place: Record, body: Record, t: int) -> list[tuple[Table, float]]:
    """M by mandate: what each dated mandate costs a body in a year; 0 before it starts."""
    costs = []
    for row in place.study.get("mandates", []):
        since = t - year_number(place.study, row["start"])
        if row["organisation"] == body.id:
            costs.append((row, in_year(row["cost"], since + 1) if since >= 0 else 0.0))
    return costs
