"""Headline facts of the place or one body: each measure with its error, and each comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.events import sides
from riskmc.report.facts.futures import Futures
from riskmc.report.facts.store import CHANCE, SHARE, Fact, Facts, Key, fact
from riskmc.report.facts.verdicts import Verdict, verdict
from riskmc.statistics import estimators
from riskmc.variables import BEARERS, HAPPENED, MONEY

#: Quantiles of amounts over the horizon, and of the fan by year.
AMOUNT = {"p5": 0.05, "p10": 0.1, "p50": 0.5, "p90": 0.9, "p95": 0.95}
FURTHER = {"p25": 0.25, "p75": 0.75, "p99": 0.99}
FAN = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
#: Confidence at which reserves are asked to last.
CONFIDENCES = (0.05, *(round(0.1 * i, 1) for i in range(1, 9)), 0.85, 0.9, 0.925, 0.95)
#: Amounts over the horizon: mean and quantiles; and chances.
AMOUNTS = (
    "deficit",
    "rescue_needed",
    "bailout",
    "centre_money",
    "own_borrowing",
    "unmet",
    "unresolved",
    "local_tax",
    "reserves_end",
    "central_cost",
    "centre_and_tax",
    "savings",
)
CHANCES = (
    "large_rescue",
    "large_bailout",
    "rescue_any",
    "peak_above_reserves",
    "any_exhausted",
    "lasts",
)
#: Amounts that are nil in many futures.
ATOMS = ("deficit", "rescue_needed", "unmet")
_FEWEST = 100
YEARLY_CHANCES = ("large_rescue", "pot_helped", "pot_alone")


def headline(facts: Facts, regime: str, made: Futures, scheme: str) -> None:
    """Put the facts of one regime into the store."""
    valid = _finite(made)

    def put(measure: str, at: str, found: Any, unit: str, year: str = "") -> None:
        facts.put(Key(measure, at, regime, year=year, body=facts.names.body), fact(found, unit))

    how: dict[str, Any] = {"scheme": scheme, "valid": valid}
    for name in AMOUNTS:
        if name not in made.horizon:  # what a run with summaries, or a selection, did not keep
            continue
        values = made.horizon[name]
        put(name, "mean", estimators.mean(values, **how).single(), MONEY)
        found = estimators.quantile(values, p=list(AMOUNT.values()), **how)
        for i, at in enumerate(AMOUNT):
            put(name, at, found.single((i,)), MONEY)
    _tail(put, made.horizon["deficit"], how)
    for name in CHANCES:
        if name in made.horizon:
            found_chance = estimators.probability(made.horizon[name], **how).single()
            put(name, "", found_chance, CHANCE)
    if "allotted" in made.horizon:
        put("allotted", "mean", estimators.mean(made.horizon["allotted"], **how).single(), MONEY)
    for name in ATOMS:
        _where_some(put, name, made.horizon[name], how)
    needed = made.horizon["rescue_needed"]
    for name in ("centre_money", "own_borrowing"):
        ratio = estimators.ratio(_kept(made.horizon[name], how), _kept(needed, how), scheme=scheme)
        put("met", name, ratio.single(), SHARE)
    _borne(put, made, how)
    if "reserves_alone" in made.horizon:
        found = estimators.quantile(made.horizon["reserves_alone"], p=list(CONFIDENCES), **how)
        for i, confidence in enumerate(CONFIDENCES):
            put("reserves_for", f"{confidence:g}", found.single((i,)), MONEY)
    for t, year in enumerate(facts.names.years):
        _year(put, made, how, t, year)


def _tail(put: Any, deficit: NDArray[Any], how: dict[str, Any]) -> None:
    """Put more of the deficit's distribution: further quantiles, and the mean of the worst 5."""
    found = estimators.quantile(deficit, p=list(FURTHER.values()), **how)
    for i, at in enumerate(FURTHER):
        put("deficit", at, found.single((i,)), MONEY)
    worst = estimators.expected_shortfall(deficit, p=0.95, **how)
    put("deficit", "worst 5", worst.single(), MONEY)


def _kept(values: NDArray[Any], how: dict[str, Any]) -> NDArray[Any]:
    valid = how["valid"]
    return values if valid is None else np.where(valid, values, np.nan)


def _where_some(put: Any, name: str, values: NDArray[Any], how: dict[str, Any]) -> None:
    """Put how often an amount is not nil, and what it comes to where it is not."""
    some = values > HAPPENED
    put(f"{name}_some", "", estimators.probability(some, **how).single(), CHANCE)
    valid = some if how["valid"] is None else some & how["valid"]
    if np.count_nonzero(valid) < _FEWEST:
        return
    found = estimators.quantile(values, p=[0.1, 0.5, 0.9], scheme=how["scheme"], valid=valid)
    for i, at in enumerate(("p10", "p50", "p90")):
        put(f"{name}_some", at, found.single((i,)), MONEY)


def _borne(put: Any, made: Futures, how: dict[str, Any]) -> None:
    parts = {b: made.horizon[f"borne:{b}"] for b in BEARERS if f"borne:{b}" in made.horizon}
    if not parts:
        return
    whole = np.sum(list(parts.values()), axis=0)
    put("borne", "whole", estimators.mean(whole, **how).single(), MONEY)
    whole = _kept(whole, how)
    for bearer, part in parts.items():
        put("borne", bearer, estimators.mean(part, **how).single(), MONEY)
        ratio = estimators.ratio(part, whole, scheme=how["scheme"]).single()
        put("borne_share", bearer, ratio, SHARE)


def _year(put: Any, made: Futures, how: dict[str, Any], t: int, year: str) -> None:
    deficit = made.yearly["deficit"][t]
    found = estimators.quantile(deficit, p=list(FAN.values()), **how)
    for i, at in enumerate(FAN):
        put("deficit_year", at, found.single((i,)), MONEY, year)
    put("deficit_year", "mean", estimators.mean(deficit, **how).single(), MONEY, year)
    for name in ("reserves", "unmet"):
        values = estimators.mean(made.yearly[name][t], **how)
        put(f"{name}_year", "mean", values.single(), MONEY, year)
    share = estimators.mean(made.yearly["spending_share"][t], **how)
    put("spending_share", "mean", share.single(), SHARE, year)
    for name in YEARLY_CHANCES:
        if name in made.yearly:
            event = estimators.probability(made.yearly[name][t], **how)
            put(name, "", event.single(), CHANCE, year)


def _finite(*made: Futures) -> NDArray[np.bool_] | None:
    """Return which draws are finite everywhere; None where all of them are."""
    arrays = [values for one in made for values in one.horizon.values()]
    return estimators.finite_draws(*arrays)


def compare(
    facts: Facts, regime: str, base: str, ours: Futures, theirs: Futures, scheme: str
) -> None:
    """Put the comparisons of one regime with the base, on the same futures, into the store."""
    valid = _finite(ours, theirs)
    how: dict[str, Any] = {"scheme": scheme, "valid": valid}

    def put(measure: str, at: str, found: Any, unit: str) -> None:
        key = Key(measure, at, regime, base, body=facts.names.body)
        facts.put(key, fact(found, unit))

    names = [*AMOUNTS, *(f"borne:{bearer}" for bearer in BEARERS)]
    for name in names:
        if name not in ours.horizon:
            continue
        one, other = ours.horizon[name], theirs.horizon[name]
        measure, _, part = name.partition(":")
        put(measure, part or "mean", estimators.mean(one, against=other, **how).single(), MONEY)
        if not part:
            for side, seen in sides(one, other).items():
                word = {"tie": "equal"}.get(side, side)
                put(measure, word, estimators.probability(seen, **how).single(), CHANCE)
    for name in CHANCES:
        if name in ours.horizon:
            difference = estimators.probability(
                ours.horizon[name], against=theirs.horizon[name], **how
            )
            put(name, "", difference.single(), CHANCE)
    middle = estimators.quantile(
        ours.horizon["reserves_end"], p=0.5, against=theirs.horizon["reserves_end"], **how
    )
    put("reserves_end", "p50", middle.single(), MONEY)
    share = estimators.mean(
        ours.yearly["spending_share"][-1], against=theirs.yearly["spending_share"][-1], **how
    )
    put("spending_share", "mean", share.single(), SHARE)
    for name in ("pot_helped", "pot_alone"):
        if name in ours.yearly:
            event = estimators.probability(
                ours.yearly[name][-1], against=theirs.yearly[name][-1], **how
            )
            put(name, "", event.single(), CHANCE)


def verdict_of(facts: Facts, measure: str, regime: str, at: str = "mean") -> Verdict:
    """Return the verdict on a measure under a regime against the base."""
    base, body = facts.names.base, facts.names.body
    difference = facts.find(measure, at, regime, against=base, body=body)
    if difference is None:
        difference = Fact(float("nan"))

    def share(side: str) -> float:
        return facts.value(measure, side, regime, against=base, body=body)

    return verdict(difference, lower=share("lower"), higher=share("higher"), equal=share("equal"))


def reserve_verdicts(facts: Facts, regime: str) -> list[Verdict]:
    """Return the verdicts on reserves, counted in three ways; lower is better in each."""
    found = [verdict_of(facts, "spending_share", regime)]
    for measure in ("pot_helped", "pot_alone"):
        key = Key(measure, "", regime, facts.names.base, body=facts.names.body)
        if key in facts.numbers:
            found.append(verdict_of(facts, measure, regime, ""))
    return found


def first_year(values: Sequence[float], level: float, years: Sequence[str]) -> str | None:
    """Return the first year in which a rising number reaches a level."""
    for value, year in zip(values, years, strict=True):
        if value >= level:
            return year
    return None
