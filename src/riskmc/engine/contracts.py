"""Contracts compiled: who pays whom, and by which terms, under one regime."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.compiling import column
from riskmc.rules.money import Money
from riskmc.study import Regime, Study
from riskmc.study.contracts import TERMS


@dataclass(frozen=True)
class Terms:
    """Contract terms alongside activity, (year, contract, 1); None for a term that no contract has.

    `equal` is the share of each of a payee's contracts where their values sum to 0. Of a risk
    without limit, `risk_limit` is 0 and `unlimited` infinite.
    """

    equal: Money
    activity_price: Money | None
    risk_share: Money | None
    risk_limit: Money
    unlimited: Money
    benefit_share: Money | None
    outcome_share: Money | None
    outcome_target: Money


@dataclass(frozen=True)
class Contracts:
    """Contracts: rows of payer and payee, and what they pay by; None: no terms of their own."""

    payer: NDArray[np.intp]
    payee: NDArray[np.intp]
    value: Money
    activity_share: Money
    uplift: Money
    terms: Terms | None


def compile_contracts(study: Study, regime: Regime) -> Contracts:
    """Return the study's contracts under a regime's terms."""
    index = {body.id: k for k, body in enumerate(study.organisations)}
    contracts = study.contracts

    def by_year(figures: list[Any]) -> Money:
        """Return figures by year, (year, contract, 1)."""
        return np.array(figures).reshape(len(contracts), study.years).T[..., np.newaxis]

    found = {name: by_year([study.term(name, c, regime.name) for c in contracts]) for name in TERMS}
    payees = [c.payee for c in contracts]
    limit = found["risk_limit"]
    some = {
        name: values if values.any() else None
        for name, values in found.items()
        if name in ("activity_price", "risk_share", "benefit_share", "outcome_share")
    }
    terms = Terms(
        equal=column([1.0 / payees.count(payee) for payee in payees]),
        risk_limit=np.where(np.isinf(limit), 0.0, limit),
        unlimited=np.where(np.isinf(limit), np.inf, 0.0),
        outcome_target=found["outcome_target"],
        **some,
    )
    return Contracts(
        payer=np.array([index[c.payer] for c in contracts], dtype=np.intp),
        payee=np.array([index[c.payee] for c in contracts], dtype=np.intp),
        value=column([c.value for c in contracts]),
        activity_share=found["activity_share"],
        uplift=by_year([study.uplift(c) for c in contracts]),
        terms=None if all(values is None for values in some.values()) else terms,
    )
