"""Savings by scheme: what each is to save, and how much of it is delivered and recurs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Tag

from riskmc.distributions import AnyDistribution
from riskmc.study.types import AsTuple, Money, Share, Table, Text, is_list


class SavingsScheme(Table):
    """A scheme of a savings plan. A body with schemes has no other delivery ratio.

    What its savings deliver in a year is the sum of its schemes' deliveries, weighted by what
    each was to newly save in the year; so is the share that recurs.
    """

    name: Text
    """Name of the scheme"""
    organisation: str
    """Id of the organisation that saves"""
    amount: Annotated[
        Annotated[Money, Tag("number")] | Annotated[tuple[Money, ...], AsTuple, Tag("list")],
        Discriminator(is_list),
    ]
    """To be newly saved in each year from the start; nothing after the last value [£m]"""
    start: Text | None = None
    """Year in which it starts, such as "2026/27"; the first where left out"""
    delivery: AnyDistribution
    """Delivered over planned, drawn once in each future: a figure, a word of the study's bands
    or a distribution"""
    recurrent: Share = 1.0
    """Part of what is delivered that recurs"""

    def by_year(self, labels: tuple[str, ...]) -> tuple[float, ...]:
        """Return what it is to newly save in each year of the study [£m].

        Parameters
        ----------
        labels : tuple of str
            The study's years, such as "2026/27".

        Returns
        -------
        tuple of float
            New savings of each year [£m]; 0 before the start and after the last value.

        Raises
        ------
        ValueError
            Where the scheme starts in a year outside the study.
        """
        given = self.amount if isinstance(self.amount, tuple) else (self.amount,)
        first = 0 if self.start is None else labels.index(self.start)
        left = len(labels) - first
        return (0.0,) * first + given[:left] + (0.0,) * (left - len(given))
