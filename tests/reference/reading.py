"""Reading the plain mapping of a study: what is merged, scoped, by year."""

from copy import deepcopy
from types import SimpleNamespace as Record
from typing import Any

Table = dict[str, Any]
Grid = list[list[float]]  # [year][organisation]


def merged(base: Table, over: Table) -> Table:
    """``over`` laid on ``base``: tables merge key by key, anything else is replaced whole."""
    result = dict(base)
    for key, value in over.items():
        both_tables = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both_tables else value
    return result


def resolved_regime(study: Table, name: str) -> Table:
    """The regime with every ``extends`` carried out (regimes of the study only)."""
    regime: Table = deepcopy(study["regimes"][name])
    parent = regime.pop("extends", None)
    return regime if parent is None else merged(resolved_regime(study, parent), regime)


def with_behaviour(study: Table, name: str, regime: Table) -> Table:
    """The regime with what the study assumes of behaviour under it (model 6)."""
    assumed = study.get("behaviour", {}).get(name, {})
    for book in regime["rulebooks"].values():
        for step in book.get("plan", []) + book.get("surplus", []):
            if step["instrument"] == "savings" and "effort" in assumed:
                step["effort"] = assumed["effort"]
            if step["instrument"] == "prevention" and "prevention_share" in assumed:
                step["share"] = assumed["prevention_share"]
    return regime


def in_year(value: Any, t: int) -> Any:
    """A figure, or a list by year whose last value holds on."""
    return value[min(t, len(value)) - 1] if isinstance(value, list) else value


def until_the_last(value: Any, t: int) -> float:
    """A fund or a project's cost: a number every year, but nothing after a list's last value."""
    return 0.0 if isinstance(value, list) and t > len(value) else float(in_year(value, t))


def shares(weights: list[float]) -> list[float]:
    """Weights as fractions of their sum; equal shares where they sum to 0."""
    total = sum(weights)
    return [weight / total if total != 0 else 1 / len(weights) for weight in weights]


def scoped(table: Table, body: Any, name: str, default: Any) -> Any:
    """A figure of a table with ``by``: the organisation's beats its kind's beats everyone's."""
    value = table.get(name, default)
    for scope in (body.kind, body.id):
        value = table.get("by", {}).get(scope, {}).get(name, value)
    return value


def planned(place: Record, body: Record, name: str, t: int) -> float:
    """A planning assumption: the study's with the regime's merged in, and only then scoped."""
    return float(in_year(scoped(place.planning, body, name, 0.0), t))


def foreseen(place: Record, name: str, body: Record, t: int) -> float:
    """What planners expect of a driver for one body, in one year."""
    return float(in_year(place.expected[name][body.number], t))


def settled(place: Record, body: Record, name: str, default: Any, t: int) -> Any:
    """A figure of the settlement for one body in one year."""
    return in_year(scoped(place.settlement, body, name, default), t)


def years_left(place: Record, body: Record, t: int) -> int:
    """Years left in the body's settlement, this one included."""
    n: int = scoped(place.settlement, body, "period", 1)
    return n - ((t - 1) % n)


def named(body: Record, to: list[str] | None) -> bool:
    """Whether a list of kinds or ids names a body; no list names all."""
    return to is None or body.kind in to or body.id in to


def term(place: Record, contract: Table, name: str, t: int, default: Any = 0.0) -> Any:
    """A contract's term: the regime's for all beats its own, the regime's for it beats both."""
    payment = place.regime.get("payment", {})
    value = payment.get(name, contract.get(name, default))
    if "name" in contract:
        value = payment.get("by", {}).get(contract["name"], {}).get(name, value)
    return in_year(value, t)


def year_number(study: Table, label: str) -> int:
    """Which year of the study a label such as "2016/17" is, counted from 1."""
    return int(label[:4]) - int(study["start_year"][:4]) + 1


def at_floor(floor: float) -> float:
    """Reserves at or below this are exhausted."""
    return floor + 1e-9 * max(1.0, floor)


def at_most(capacity: float, left: float) -> float:
    """What an instrument takes: all that is left or its capacity, never less than nothing."""
    return min(left, max(capacity, 0.0))


def limited(step: Table, name: str, income: float, t: int, left: float) -> float:
    """The room under a limit that is a share of income; no limit, all that is left."""
    return in_year(step[name], t) * income if name in step else left
