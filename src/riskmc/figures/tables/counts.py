"""Tables of figures in counts and shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riskmc.figures.tables.basic import (
    NAN,
    Difference,
    Share,
    freeze,
    some_regimes,
)


@dataclass(frozen=True, kw_only=True)
class IconTable:
    """100 futures for each regime: in how many does the event happen.

    `noun` names the event in a title ("Bailout"), `event` and `otherwise` complete "in 17 of
    100 simulated futures ..." and "in 83 ...": "the place needs a bailout by March 2026", "it
    does not". `difference` is second less first, for two regimes.
    """

    shares: Sequence[Share]
    noun: str
    event: str
    otherwise: str = "it does not"
    difference: Difference | None = None

    def __post_init__(self) -> None:
        freeze(self, shares=tuple(self.shares))
        some_regimes(self, "shares")


@dataclass(frozen=True, kw_only=True)
class Bearers:
    """Who bore each £1 under one regime: share by bearer, in one order; they add up to 1.

    `total` is the mean amount borne, £m, where known; all shares 0: there was nothing to bear.
    """

    label: str
    shares: Mapping[str, float]
    total: float = NAN
    errors: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        freeze(self, shares={str(k): float(v) for k, v in self.shares.items()})
        freeze(self, errors={str(k): float(v) for k, v in self.errors.items()})
        total = sum(self.shares.values())
        if min(self.shares.values(), default=0.0) < -1e-9:
            raise ValueError("Bearers.shares has a share below 0")
        if abs(total) > 1e-9 and abs(total - 1.0) > 1e-6:
            raise ValueError(f"Bearers.shares add up to {total:.6g}, neither 1 nor 0")


@dataclass(frozen=True, kw_only=True)
class IncidenceTable:
    """Who bears the shortfall, one bar a regime; every bar names the same bearers.

    `errors` of a bar are standard errors by bearer. `noun` is what is borne.
    """

    bars: Sequence[Bearers]
    noun: str = "shortfall"

    def __post_init__(self) -> None:
        freeze(self, bars=tuple(self.bars))
        some_regimes(self, "bars")
        names = [tuple(bar.shares) for bar in self.bars]
        if len(set(names)) != 1 or not names[0]:
            raise ValueError("IncidenceTable.bars do not name the same bearers in one order")
