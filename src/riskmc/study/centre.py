"""The centre of a regime: its pot, what it does beyond it, and what it gives back."""

from __future__ import annotations

from typing import Annotated, Any

from riskmc.study.settings import InstrumentSetting
from riskmc.study.types import (
    AsTuple,
    Money,
    MoneyHeldByYear,
    RatioByYear,
    Share,
    ShareByYear,
    Table,
)


class Windfall(Table):
    """What the centre gives in the year after deficits."""

    share: ShareByYear
    """Part of own deficits that is given in the next year; a number or a list by year"""
    above: RatioByYear = 0.0
    """Deficits below this share of income give nothing; a number or a list by year"""
    lasting: Share = 0.0
    """Part of the gift that joins the grant for good"""
    to: Annotated[tuple[str, ...], AsTuple] | None = None
    """Kinds or ids whose deficits count and who receive it; default: all"""
    opening: Money = 0.0
    """Paid in the first year, whatever the share [£m]"""


class WriteOff(Table):
    """A year in which the centre writes debts from bailouts off."""

    year: str
    """Year at whose end debts are written off, such as "2020/21\""""
    share: Share = 1.0
    """Part of every debt that is written off"""


class Centre(Table):
    """What the centre pays for bailouts, who pays beyond it, and what it gives back."""

    pot: MoneyHeldByYear | None = None
    """What it has for bailouts a year, for all places together; no limit where left out [£m]"""
    excess: tuple[InstrumentSetting, ...] = ()
    """Who pays for what is asked beyond the pot, in this order; the rest is refused"""
    windfall: Windfall | None = None
    """What it gives in the year after deficits"""
    write_off: WriteOff | None = None
    """When it writes debts off"""

    def table(self) -> dict[str, Any]:
        """Return the centre as a study writes it."""
        table = self.model_dump(exclude={"excess"}, exclude_none=True)
        return table | {"excess": [setting.table() for setting in self.excess]}
