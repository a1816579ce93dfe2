"""What each future came to under one set of rules: the arrays from which facts are taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.measures.events import LARGE
from riskmc.measures.incidence import incidence_draws
from riskmc.measures.like_for_like import (
    HELP,
    below_floor,
    large_rescue,
    opening,
    own_borrowing,
    reserves_alone,
    spending_share,
)
from riskmc.measures.reading import Reader
from riskmc.variables import BEARERS, PLACE

Series = dict[str, NDArray[Any]]

#: Variables that the whole of a body's facts need; the place has them always.
_WHOLE = ("from_reserves", "repaid", *HELP)


@dataclass(frozen=True)
class Futures:
    """Per-draw values of one body under one regime.

    horizon  (chain, draw) by name, over all years
    yearly   (year, chain, draw) by name
    """

    horizon: Series
    yearly: Series


def own_deficit(reader: Reader, *, regime: str, body: str) -> NDArray[np.float64]:
    """Return the deficit of the place (net) or of a body's own balance, (year, chain, draw).

    What a pool allots to a member is not its own: where the run kept `own_balance` a member's
    deficit is that of its own income less its own cost.
    """
    if body != PLACE and reader.has("own_balance", body):
        return np.asarray(
            np.maximum(-reader.path("own_balance", regime=regime, organisation=body), 0.0)
        )
    return np.asarray(reader.path("net_deficit", regime=regime, organisation=body))


def futures(reader: Reader, *, regime: str, body: str, whole: bool = True) -> Futures:
    """Return what every future came to; without `whole`, only what robustness needs."""
    at = {"regime": regime, "organisation": body}
    deficit = own_deficit(reader, regime=regime, body=body)
    large = np.logical_or.accumulate(large_rescue(reader, regime=regime, body=body), axis=0)
    reserves = reader.path("reserves", **at)
    horizon: Series = {
        "deficit": deficit.sum(axis=0),
        "large_rescue": large[-1],
        "unmet": reader.path("unmet", **at).sum(axis=0),
        "reserves_end": reserves[-1],
        "unresolved": reader.path("unresolved", **at).sum(axis=0),
        "bailout": reader.path("bailout", **at).sum(axis=0),
        "own_borrowing": own_borrowing(reader, regime=regime, body=body).sum(axis=0),
    }
    horizon["centre_money"] = horizon["bailout"] - horizon["own_borrowing"]
    if body != PLACE:
        horizon["allotted"] = reader.path("deficit", **at).sum(axis=0)
    if not whole:
        return Futures(horizon, {})
    start = opening(reader.study(), regime=regime, body=body)
    for name in ("rescue_needed", "central_cost"):
        horizon[name] = reader.path(name, **at).sum(axis=0)
    premium = reader.path("local_premium", **at)
    horizon["local_tax"] = premium.sum(axis=0)
    horizon["centre_and_tax"] = horizon["central_cost"] + horizon["local_tax"]
    if reader.has("savings_delivered", body):
        horizon["savings"] = reader.path("savings_delivered", **at).sum(axis=0)
    income = np.maximum(reader.path("income", **at), 1.0)
    horizon["large_bailout"] = (reader.path("bailout", **at) > LARGE * income).any(axis=0)
    horizon["peak_above_reserves"] = deficit.max(axis=0) > max(start.reserves, 0.0)
    horizon["rescue_any"] = horizon["rescue_needed"] > 0.0
    yearly: Series = {
        "deficit": deficit,
        "large_rescue": large,
        "reserves": reserves,
        "unmet": reader.path("unmet", **at),
        "spending_share": spending_share(reader, regime=regime, body=body),
        "pot_helped": below_floor(reader, regime=regime, body=body),
    }
    horizon["any_exhausted"] = np.asarray(reader.path("exhausted", **at).any(axis=0))
    if all(reader.has(name, body) for name in _WHOLE):
        yearly["pot_alone"] = below_floor(reader, regime=regime, body=body, help_counts=False)
        horizon["reserves_alone"] = reserves_alone(reader, regime=regime, body=body)
        horizon["lasts"] = ~yearly["pot_alone"][-1]
        borne = incidence_draws(reader.view, regime=regime, organisation=body, over="horizon")
        for bearer in BEARERS:
            horizon[f"borne:{bearer}"] = np.asarray(borne.sel(bearer=bearer).values)
    return Futures(horizon, yearly)
