"""What `from_normal` does, said in numbers, for the compiled library to do the same to the bit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskmc.distributions.table import NormalTable


@dataclass(frozen=True)
class Fixed:
    """One value."""

    value: float


@dataclass(frozen=True)
class Scaled:
    """z times `factor`, plus `shift`."""

    factor: float
    shift: float


@dataclass(frozen=True)
class Spread:
    """`low` plus Φ(z) times `width`, at most `high`; Φ(z) itself between 0 and 1."""

    low: float
    width: float
    high: float


@dataclass(frozen=True, eq=False)
class LookedUp:
    """Looked up in a table."""

    table: NormalTable


Simple = Fixed | Scaled | Spread | LookedUp


@dataclass(frozen=True)
class Event:
    """0 up to `threshold`, beyond it a size, which happens with a probability."""

    threshold: float
    probability: float
    size: Simple


@dataclass(frozen=True)
class Stretch:
    """Above `lowest`, up to `highest`: the size at the normal that is the stretch's own.

    `under` and `over` are the probabilities around it, `probability` is its own.
    """

    lowest: float
    highest: float
    under: float
    over: float
    probability: float
    size: Simple


@dataclass(frozen=True)
class Stretches:
    """Stretches of the latent normal that leave nothing out."""

    stretches: tuple[Stretch, ...]


Form = Simple | Event | Stretches
