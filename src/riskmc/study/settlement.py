"""The settlement of a regime: for everyone, for a kind, or for one organisation, by year."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Discriminator, Field, Tag

from riskmc.study.types import (
    MOST_YEARS,
    AsTuple,
    MoneyByYear,
    Share,
    ShareByYear,
    Table,
    is_list,
    number,
)

Array = NDArray[np.float64]
Cuts = Literal["exposed", "deferred", "protected"]
#: What is done with cuts, or a list of it by year, whose last value holds on.
CutsByYear = Annotated[
    Annotated[Cuts, Tag("number")] | Annotated[tuple[Cuts, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
ScopedName = Literal[
    "period", "in_year_cuts", "cut_recurrent_share", "new_burdens_funded", "equalisation"
]
#: What a settlement may set for a kind or for one organisation.
SCOPED: tuple[ScopedName, ...] = (
    "period",
    "in_year_cuts",
    "cut_recurrent_share",
    "new_burdens_funded",
    "equalisation",
)
Period = Annotated[int, *number(1, MOST_YEARS, whole=True)]


class SettlementScope(Table):
    """What a settlement sets for a kind or for one organisation."""

    period: Period | None = None
    """Years between reviews of the grant; 1 is settled every year"""
    in_year_cuts: CutsByYear | None = None
    """exposed: taken in the year; deferred: at the review; protected: never; or a list by year"""
    cut_recurrent_share: ShareByYear | None = None
    """Part of an in-year cut that leaves the grant for good; a number or a list by year"""
    new_burdens_funded: ShareByYear | None = None
    """Part of new central mandates that the centre pays for; a number or a list by year"""
    equalisation: ShareByYear | None = None
    """Part of a shock to local tax that the centre makes up; a number or a list by year"""


class Settlement(Table):
    """What the centre gives, for how long, and what it may take back."""

    period: Period = 1
    """Years between reviews of the grant; 1 is settled every year"""
    in_year_cuts: CutsByYear = "exposed"
    """exposed: taken in the year; deferred: at the review; protected: never; or a list by year"""
    cut_recurrent_share: ShareByYear = 1.0
    """Part of an in-year cut that leaves the grant for good; a number or a list by year"""
    new_burdens_funded: ShareByYear = 0.0
    """Part of new central mandates that the centre pays for; a number or a list by year"""
    equalisation: ShareByYear = 0.0
    """Part of a shock to local tax that the centre makes up; a number or a list by year"""
    open_book: ShareByYear = 0.0
    """How much earlier open books show a shortfall; a number or a list by year"""
    transformation_fund: MoneyByYear = 0.0
    """Paid by the centre for prevention [£m]; a list pays nothing after its last value"""
    by: dict[str, SettlementScope] = Field(default_factory=dict)
    """What differs for a kind or for one organisation: the organisation's beats the kind's"""

    def of(self, name: ScopedName, *, kind: str, organisation: str) -> Any:
        """Return a figure or choice as it holds for one organisation.

        Parameters
        ----------
        name : str
            A key of `[regimes.x.settlement]` that may differ by body, such as "in_year_cuts".
        kind : str
            Kind of the organisation.
        organisation : str
            Its id, which comes before its kind.

        Returns
        -------
        float, tuple of float, or str
            As it is set: shares as fractions, a list by year, or the name of a choice.
        """
        for scope in (self.by.get(organisation), self.by.get(kind)):
            value = None if scope is None else getattr(scope, name)
            if value is not None:
                return value
        return getattr(self, name)

    def transformation_fund_by_year(self, years: int) -> Array:
        """Return the transformation fund of each year.

        A number is paid every year; a list pays nothing after its last value.

        Parameters
        ----------
        years : int
            How many years.

        Returns
        -------
        ndarray
            Shape (years,) [£m].
        """
        if isinstance(self.transformation_fund, tuple):
            paid = np.zeros(years)
            given = self.transformation_fund[:years]
            paid[: len(given)] = given
            return paid
        return np.full(years, self.transformation_fund, dtype=np.float64)

    def fund(self, year: int) -> float:
        """Return the transformation fund of one year.

        Parameters
        ----------
        year : int
            Counted from 0.

        Returns
        -------
        float
            £m.
        """
        return float(self.transformation_fund_by_year(year + 1)[year])

    def table(self) -> dict[str, Any]:
        """Return the settlement as a study writes it, defaults included.

        Returns
        -------
        dict of str
            Keys of `[regimes.x.settlement]`.
        """
        table = self.model_dump(exclude={"by"})
        if self.by:
            table["by"] = {
                name: scope.model_dump(exclude_none=True) for name, scope in self.by.items()
            }
        return table


__all__ = ["SCOPED", "Settlement", "SettlementScope", "Share"]
