"""Which rules of a study ship with the package, so that nobody typed them and no remark is due."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from riskmc.study.extends import shipped_regimes
from riskmc.study.regimes import WATERFALLS, InstrumentSetting, Rulebook
from riskmc.study.settlement import Settlement
from riskmc.study.words import shipped_regime


@cache
def shipped_books() -> tuple[Rulebook, ...]:
    """Return every rulebook that ships."""
    books = (shipped_regime(name).rulebooks.values() for name in shipped_regimes())
    return tuple(book for named in books for book in named)


@cache
def shipped_settlements() -> tuple[Settlement, ...]:
    """Return the settlement of every regime that ships."""
    return tuple(shipped_regime(name).settlement for name in shipped_regimes())


def ships(book: Rulebook, *parts: str) -> bool:
    """Say whether the named parts of a rulebook are together those of a rulebook that ships."""
    return any(
        all(getattr(book, part) == getattr(other, part) for part in parts)
        for other in shipped_books()
    )


def ships_scope(settlement: Settlement, scope: str) -> bool:
    """Say whether what a settlement sets for a kind or body is that of a settlement that ships."""
    own = settlement.by[scope]
    return any(other.by.get(scope) == own for other in shipped_settlements())


def typed_instruments(settings: Iterable[InstrumentSetting]) -> list[InstrumentSetting]:
    """Return the instruments that are set otherwise than in any rulebook that ships."""
    return [setting for setting in settings if setting not in _shipped_settings()]


def ships_figure(setting: InstrumentSetting, key: str) -> bool:
    """Say whether a figure of an instrument is that of an instrument that ships."""
    return any(
        (other.waterfall, other.instrument) == (setting.waterfall, setting.instrument)
        and other.parameters.get(key) == setting.parameters[key]
        for other in _shipped_settings()
    )


@cache
def _shipped_settings() -> tuple[InstrumentSetting, ...]:
    return tuple(
        setting
        for book in shipped_books()
        for waterfall in WATERFALLS
        for setting in book.waterfall(waterfall)
    )
