"""Conditional money of a regime, and how a rulebook has its reserves rebuilt."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from riskmc.study.types import AsTuple, Share, ShareByYear, Table, Text, is_list, number

Target = Annotated[float, *number(-10.0, 10.0)]
YearsOver = Annotated[float, *number(1.0, 100.0)]
YearsOverByYear = Annotated[
    Annotated[YearsOver, Tag("number")] | Annotated[tuple[YearsOver, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]


class Conditional(Table):
    """Money that bodies get only where their holder meets a condition."""

    name: Text
    """What it is called"""
    to: Annotated[tuple[str, ...], AsTuple] | None = None
    """Kinds or ids that it is offered to; default: all"""
    rate: ShareByYear
    """How much, as a share of planned own cost; a number or a list by year"""
    test: Literal["none", "balance", "plan", "savings"] = "none"
    """none: always paid; balance, plan, savings: what must be met"""
    target: Target = 0.0
    """What must be met: a share of income, or of the savings target"""
    counted: Share = 1.0
    """Part of it that the plan counts on"""

    def holds_for(self, kind: str, organisation: str) -> bool:
        """Say whether it is offered to an organisation."""
        return self.to is None or kind in self.to or organisation in self.to


class RestoreReserves(Table):
    """A policy minimum: what reserves are rebuilt to, and over how long."""

    to: ShareByYear
    """Share of planned income that reserves are rebuilt to; a number or a list by year"""
    over: YearsOverByYear
    """Years over which what is missing is rebuilt; a number or a list by year"""


def _form(value: Any) -> str:
    return "table" if isinstance(value, dict | RestoreReserves) else "flag"


#: Whether reserves below the floor are brought back to it, or a policy of their own.
Restore = Annotated[
    Annotated[bool, Tag("flag")] | Annotated[RestoreReserves, Tag("table")], Discriminator(_form)
]

__all__ = ["Conditional", "Restore", "RestoreReserves"]
