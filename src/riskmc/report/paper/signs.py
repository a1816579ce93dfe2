"""Early-warning signs as the paper shows them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from riskmc.measures.early_warning import CANDIDATES, WEAK
from riskmc.report.paper.writer import Writer
from riskmc.words.board import money, per_cent, rate


@dataclass(frozen=True)
class WarningShown:
    """A sign under one regime: its threshold, how often it fires, and what follows."""

    name: str
    side: str
    threshold: float
    fires: float
    given: float
    otherwise: float
    clear: bool

    @property
    def ratio(self) -> float:
        """How many times likelier a large rescue is where it fires."""
        if self.otherwise > 0.0:
            return self.given / self.otherwise
        return math.inf if self.given > 0.0 else 1.0

    @property
    def weak(self) -> bool:
        """Whether it says too little to act on alone."""
        return self.ratio < WEAK or not self.clear


def shown_signs(w: Writer, regime: str) -> list[WarningShown]:
    """Return the signs under a regime, the strongest first."""
    found = []
    for candidate in CANDIDATES:
        at = f"{candidate.name} {candidate.side}"
        threshold = w.get("sign threshold", at, regime)
        if not threshold.known:
            continue
        given, otherwise = (
            w.get(measure, at, regime) for measure in ("rescue given sign", "rescue without sign")
        )
        found.append(
            WarningShown(
                candidate.name,
                candidate.side,
                threshold.value,
                w.value("sign fires", at, regime),
                given.value,
                otherwise.value,
                given.low > otherwise.high,
            )
        )
    return sorted(found, key=lambda sign: (sign.weak, -sign.ratio))


def best_regime(w: Writer) -> str:
    """Return the rules under which signs help most."""

    def best(name: str) -> tuple[bool, float]:
        signs = [(not sign.weak, sign.ratio) for sign in shown_signs(w, name)]
        return max(signs, default=(False, 0.0))

    return max(w.main, key=best)


def sign_words(sign: WarningShown, year: str, place: bool) -> str:
    """Return a sign in words."""
    whose = " of the place" if place else ""
    if sign.name == "reserves":
        return f"Reserves{whose} {sign.side} {money(sign.threshold)}"
    if sign.name == "deficit":
        return f"Deficit {sign.side} {money(sign.threshold)} in {year}"
    if sign.name == "demand_and_prices":
        return f"Demand and prices together {sign.side} {rate(sign.threshold)} a year"
    return f"Less than {per_cent(sign.threshold)} of planned savings delivered"
