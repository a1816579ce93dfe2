"""What compiling a regime's parts has in common: columns, figures by year, instruments' steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from riskmc.rules.money import Money
from riskmc.rules.rows import Instrument
from riskmc.study import InstrumentSetting, Regime, Study
from riskmc.study.settlement import ScopedName


@dataclass(frozen=True)
class Step:
    """One instrument of a waterfall in one year: its row, its figures, what its rule asks for."""

    row: Instrument
    figures: Mapping[str, float | None]
    asks: tuple[str, ...]

    def apply(self, left: Money, situation: Mapping[str, Any]) -> Any:
        """Apply the rule to what is left, in the holder's situation."""
        asked = {name: situation[name] for name in self.asks}
        return self.row.function(left=left, **asked, **self.figures)


def column(values: Any) -> Money:
    """Return figures as a column, which broadcasts over draws."""
    return np.asarray(values, dtype=np.float64)[..., np.newaxis]


def in_year(figure: Any, year: int) -> Any:
    """Return a figure in a year (0 is the first): of a list, its last value holds on."""
    if isinstance(figure, tuple):
        return figure[min(year, len(figure) - 1)]
    return figure


def by_year(figure: Any, years: int) -> tuple[float, ...]:
    """Return a figure in every year."""
    return tuple(float(in_year(figure, year)) for year in range(years))


def steps_of(settings: tuple[InstrumentSetting, ...], years: int) -> tuple[tuple[Step, ...], ...]:
    """Return a list of instruments by year, each with its figures of the year."""
    return tuple(
        tuple(
            Step(
                s.row,
                {name: in_year(x, year) for name, x in s.parameters.items()},
                s.row.asks_with(s.parameters),
            )
            for s in settings
        )
        for year in range(years)
    )


def by_body(study: Study, regime: Regime, name: ScopedName) -> list[Any]:
    """Return what a regime's settlement says of each organisation."""
    return [
        regime.settlement.of(name, kind=body.kind, organisation=body.id)
        for body in study.organisations
    ]
