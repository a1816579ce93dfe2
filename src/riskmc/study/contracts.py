"""What a contract pays by: terms of its own, a regime's for all, a regime's for one."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from riskmc.study.types import GrowthByYear, Money, RatioByYear, ShareByYear, Sourced, Table, Text

TermName = Literal[
    "activity_share",
    "activity_price",
    "risk_share",
    "risk_limit",
    "benefit_share",
    "outcome_share",
    "outcome_target",
]


class Terms(Table):
    """Terms that a regime sets, for all contracts or for one; what is left out stays."""

    activity_share: ShareByYear | None = None
    """Part of the value that follows activity: 1 payment by results, 0 capitation; by year"""
    activity_price: RatioByYear | None = None
    """£ of income lost per £ of the payee's cost that activity not done would have been"""
    risk_share: ShareByYear | None = None
    """Payer's part of the payee's own cost above (or below) plan"""
    risk_limit: RatioByYear | None = None
    """The most that risk sharing moves, as a share of the value; no limit where left out"""
    benefit_share: ShareByYear | None = None
    """Part of what prevention saves the payer that is passed to the payee"""
    outcome_share: ShareByYear | None = None
    """Part of the value withheld unless need grows less than expected"""
    outcome_target: GrowthByYear | None = None
    """How much less than expected the payee's need must grow to earn it, a year"""


TERMS: tuple[TermName, ...] = (
    "activity_share",
    "activity_price",
    "risk_share",
    "risk_limit",
    "benefit_share",
    "outcome_share",
    "outcome_target",
)


class Contract(Sourced):
    """A payment from one organisation to another."""

    name: Text | None = None
    """Name by which a regime's `payment.by` finds it"""
    payer: str
    """Id of the organisation that pays"""
    payee: str
    """Id of the organisation that is paid"""
    value: Money
    """Value in the year before the first [£m]"""
    activity_share: ShareByYear = 0.0
    """Part of the value that follows activity: 1 payment by results, 0 block or capitation"""
    uplift: GrowthByYear = 0.0
    """Price uplift a year; a number or a list by year, whose last value holds on"""
    activity_price: RatioByYear = 0.0
    """£ of income lost per £ of the payee's cost that activity not done would have been"""
    risk_share: ShareByYear = 0.0
    """Payer's part of the payee's own cost above (or below) plan"""
    risk_limit: RatioByYear | None = None
    """The most that risk sharing moves, as a share of the value; no limit where left out"""
    benefit_share: ShareByYear = 0.0
    """Part of what prevention saves the payer that is passed to the payee"""
    outcome_share: ShareByYear = 0.0
    """Part of the value withheld unless need grows less than expected"""
    outcome_target: GrowthByYear = 0.0
    """How much less than expected the payee's need must grow to earn it, a year"""

    def table(self) -> dict[str, Any]:
        """Return the contract as a study writes it; terms that it does not use are left out.

        Returns
        -------
        dict of str
            Keys of `[[contracts]]`; `value` in £m, shares as fractions.
        """
        plain = ("payer", "payee", "value", "activity_share", "uplift")
        given = self.model_dump(exclude_none=True)
        defaults = {name: field.default for name, field in type(self).model_fields.items()}
        return {k: v for k, v in given.items() if k in plain or v != defaults[k]}


class Payment(Terms):
    """How bodies of the place pay each other."""

    by: dict[str, Terms] = Field(default_factory=dict)
    """Terms of one contract, by its name: they beat those for all, which beat its own"""

    def term(self, name: TermName, contract: Contract) -> float | tuple[float, ...] | None:
        """Return a term as it holds for a contract.

        Parameters
        ----------
        name : str
            One of the terms, such as "activity_share".
        contract : Contract
            The contract.

        Returns
        -------
        float, tuple of float, or None
            One number for all years, or a list by year whose last value holds on; None means no
            limit.

        Notes
        -----
        The terms of the contract by its name come before the regime's terms for all contracts, and
        those before the contract's own.
        """
        own = None if contract.name is None else self.by.get(contract.name)
        for terms in (own, self):
            value: float | tuple[float, ...] | None = getattr(terms, name, None)
            if value is not None:
                return value
        held: float | tuple[float, ...] | None = getattr(contract, name)
        return held

    def table(self) -> dict[str, Any]:
        """Return the terms as a study writes them.

        Returns
        -------
        dict of str
            Keys of `[regimes.x.payment]`, shares as fractions; terms that are not set are left out.
        """
        table = self.model_dump(exclude={"by"}, exclude_none=True)
        if self.by:
            table["by"] = {k: terms.model_dump(exclude_none=True) for k, terms in self.by.items()}
        return table
