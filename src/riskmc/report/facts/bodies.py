"""Facts of each body of the place: where it falls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from riskmc.measures.events import LARGE
from riskmc.measures.like_for_like import large_rescue
from riskmc.measures.reading import Reader
from riskmc.report.facts.futures import own_deficit
from riskmc.report.facts.store import CHANCE, Facts, Key, fact
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Single
from riskmc.variables import MONEY

#: What is known of every body: name to (kind of statistic, unit).
Take = Callable[[Reader, str, str], Any]
MEANS = ("deficit", "allotted", "unmet", "local_tax", "unresolved", "reserves_end")


def body_facts(facts: Facts, reader: Reader) -> None:
    """Put what every body comes to, and how it differs from the base, into the store.

    Measure by measure, so that each variable is read once for all bodies.
    """
    if not facts.names.is_place:
        return
    for name, take in _TAKEN.items():
        first: dict[str, Any] = {}
        for regime in facts.names.main:
            for body in reader.organisations:
                values = take(reader, regime, body)
                first.setdefault(body, values)
                _put(facts, name, values, None, regime, body, reader.scheme)
                if regime != facts.names.base:
                    _put(facts, name, values, first[body], regime, body, reader.scheme)


def _total(name: str) -> Take:
    return lambda reader, regime, body: reader.path(name, regime=regime, organisation=body).sum(
        axis=0
    )


#: How each fact of a body comes out of its futures, (chain, draw).
_TAKEN: dict[str, Take] = {
    "deficit": lambda reader, regime, body: own_deficit(reader, regime=regime, body=body).sum(0),
    "allotted": _total("deficit"),
    "unmet": _total("unmet"),
    "local_tax": _total("local_premium"),
    "unresolved": _total("unresolved"),
    "reserves_end": lambda reader, regime, body: reader.path(
        "reserves", regime=regime, organisation=body
    )[-1],
    "exhausted": lambda reader, regime, body: reader.path(
        "exhausted", regime=regime, organisation=body
    ).any(axis=0),
    "large_rescue": lambda reader, regime, body: large_rescue(
        reader, regime=regime, body=body, above=LARGE
    ).any(axis=0),
}


def _put(
    facts: Facts, name: str, values: Any, against: Any, regime: str, body: str, scheme: str
) -> None:
    base = "" if against is None else facts.names.base
    found: Single
    if name in MEANS:
        valid = None if np.isfinite(values).all() else np.isfinite(values)
        found = estimators.mean(values, scheme=scheme, against=against, valid=valid).single()
        facts.put(Key(name, "mean", regime, base, body=body), fact(found, MONEY))
        return
    found = estimators.probability(values, scheme=scheme, against=against).single()
    facts.put(Key(name, "", regime, base, body=body), fact(found, CHANCE))
