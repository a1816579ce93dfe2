"""What the rules make impossible, as against what was merely not seen.

A bailout that no rulebook grants cannot happen, in however many futures; one that is granted at
need and never was needed is bounded by how many futures there were. An output that only certain
instruments make is impossible for a body whose holder has none of them, or has them at nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from riskmc.rules import register
from riskmc.rules.effects import EFFECTS, WATERFALLS, moved
from riskmc.rules.rows import Instrument
from riskmc.statistics.estimates import Estimate, Single
from riskmc.variables import PLACE

if TYPE_CHECKING:
    from riskmc.study import Study
    from riskmc.study.regimes import InstrumentSetting, Regime, Rulebook

#: Outputs that instruments make by what they move, over and above what is recorded of them.
MADE_BY_MOVING: Mapping[str, tuple[str, ...]] = {
    "savings_asked": ("savings_delivered",),
    "local_tax": ("local_premium",),
    "charges": ("charges_premium",),
    "unmet": ("unmet",),
    "standing": ("standing", "unmet"),
    "grown": ("services_grown",),
}
#: Outputs that instruments make and the year makes too: surplus that lapses, and the fund.
_ALSO_MADE_OTHERWISE = ("clawback", "prevention")
#: Figures without which an instrument does nothing, where it has them.
SIZES = ("max_rate", "max_rise", "max_share", "limit", "probability", "share")


def impossible(study: Study, output: str) -> dict[str, frozenset[str]]:
    """Return, by regime, the bodies for which an output cannot be anything but 0.

    The place where that is so of every body. Empty for outputs that no list of instruments
    decides.
    """
    found = {}
    for name, regime in study.regimes.items():
        bodies = {
            study.organisations[k].id
            for holder in regime.holders(study.organisations)
            if _never(regime, holder.rulebook, output)
            for k in holder.members
        }
        everyone = len(bodies) == len(study.organisations)
        found[name] = frozenset((*bodies, PLACE) if everyone else bodies)
    return found


def _never(regime: Regime, book: Rulebook, output: str) -> bool:
    """Say whether an output is 0 whatever happens, for a holder with this rulebook."""
    if output == "unresolved":
        return any(_takes_all(regime, setting) for setting in book.shortfall)
    if output not in decided() or _otherwise(regime, output):
        return False
    settings = (*book.plan, *book.shortfall, *book.surplus)
    return not any(output in made_by(s.row) and _works(regime, s) for s in settings)


def decided() -> frozenset[str]:
    """Return the outputs that nothing but instruments of a rulebook makes."""
    rows = (row for row in register.INSTRUMENTS if row.waterfall in WATERFALLS)
    return frozenset[str]().union(*map(made_by, rows)) - {*_ALSO_MADE_OTHERWISE}


@cache
def made_by(row: Instrument) -> frozenset[str]:
    """Return the outputs that an instrument can make, by what its rule can return."""
    returned = row.returns()
    effects = [effect for effect in EFFECTS[row.waterfall] if effect.name in returned]
    recorded = (row.records, *(moved(effect.records) for effect in effects))
    moves = {moved(move) for effect in effects for move in effect.moves}
    by_moving = (output for move in moves for output in MADE_BY_MOVING.get(move, ()))
    return frozenset((*recorded, *by_moving)) - {""}


def _takes_all(regime: Regime, setting: InstrumentSetting) -> bool:
    """Say whether a bailout is certain and without limit: then nothing is left unresolved."""
    figures = setting.parameters
    granted = figures.get("probability")
    chances = granted if isinstance(granted, Sequence) else [granted]
    return (
        setting.instrument == "bailout"
        and figures.get("limit") is None
        and not figures.get("requires")
        and all(isinstance(p, int | float) and p >= 1.0 for p in chances)
        and getattr(regime, "centre", None) is None
    )


def _otherwise(regime: Regime, output: str) -> bool:
    """Say whether a regime makes an output in another way: a local share, from the opening on."""
    return output == "local_premium" and regime.funding is not None


def _works(regime: Regime, setting: InstrumentSetting) -> bool:
    """Say whether an instrument can ever take anything."""
    if setting.instrument == "carry_forward" and regime.settlement.period == 1:
        return False  # every year closes its control period
    return not any(_nothing(setting.parameters.get(size)) for size in SIZES)


def _nothing(value: object) -> bool:
    """Say whether a figure, or every figure of a list by year, is 0; None is no figure."""
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return value <= 0.0
    if isinstance(value, Sequence) and not isinstance(value, str):
        return len(value) > 0 and all(_nothing(one) for one in value)
    return False


def exactly(single: Single) -> Single:
    """Return an estimate of what cannot happen: exact where it was a bound."""
    if not single.bound:
        return single
    return single._replace(mcse=0.0, low=single.value, high=single.value, bound=False)


def as_certain(estimate: Estimate) -> Estimate:
    """Return an estimate of what cannot happen: exact wherever it was a bound.

    What was seen nevertheless stays as it was seen.
    """
    value, mcse, low, high, bound, units = estimate
    exact = np.where(bound, 0.0, mcse)
    ends = (np.where(bound, value, low), np.where(bound, value, high))
    return Estimate(value, exact, *ends, np.zeros(bound.shape, dtype=bool), units)
