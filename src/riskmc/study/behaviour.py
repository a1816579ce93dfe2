"""What is assumed of behaviour under a regime, and what it does to the rules.

Effort may be typed, or follow from a small model of the soft budget constraint: a body that is
rescued bears only part of its shortfalls, and one whose surplus is taken keeps only part of it;
both make effort worth less to it. An assumption, and marked so wherever it is used: no English
estimate of how effort responds exists.
Sources: J. Kornai, E. Maskin, G. Roland, Understanding the soft budget constraint, Journal of
Economic Literature 41 (2003), for the idea; the figures are assumptions.
"""

from __future__ import annotations

from math import erf, sqrt
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from riskmc.study.types import Ratio, Share, Table

if TYPE_CHECKING:
    from riskmc.study.regimes import InstrumentSetting, Regime, Rulebook

#: Halvings of the search: the answer is known to 1 part in 10^15.
_HALVINGS = 60


class SoftBudget(Table):
    """Effort from what a body bears of its shortfalls and keeps of its surpluses."""

    cost_of_effort: Annotated[float, Field(gt=0.0, le=1e6)] = 25.0
    """k: how fast effort becomes more expensive [1 per share of income]; an assumption"""
    loss: Annotated[float, Field(ge=-1.0, le=1.0)] = 0.03
    """L: the shortfall before any effort, as a share of income; an assumption"""
    spread: Annotated[float, Field(gt=0.0, le=1.0)] = 0.03
    """s: standard deviation of the outturn, as a share of income; an assumption"""
    rescued: Share | None = None
    """β: part of a shortfall that the centre finally bears; default: by the rulebook"""
    taken: Share | None = None
    """τ: part of a surplus that is taken; default: by the rulebook"""

    def effort(self, book: Rulebook) -> float:
        """Return the effort under a rulebook, as a ratio to that of a body wholly its own.

        Parameters
        ----------
        book : Rulebook
            The rulebook, from which β and τ are taken where they are not set.

        Returns
        -------
        float
            Effort as a ratio: 1 is the effort of a body that bears and keeps everything itself.
        """
        beta = rescued_share(book) if self.rescued is None else self.rescued
        tau = taken_share(book) if self.taken is None else self.taken
        given = {"cost_of_effort": self.cost_of_effort, "loss": self.loss, "spread": self.spread}
        own = soft_budget_effort(rescued=0.0, taken=0.0, **given)
        return soft_budget_effort(rescued=beta, taken=tau, **given) / own


class Behaviour(Table):
    """What is assumed of behaviour under a regime, shown alongside the rules alone."""

    effort: Ratio | None = None
    """Replaces the effort of every savings instrument"""
    prevention_share: Share | None = None
    """Replaces the share of every prevention instrument"""
    soft_budget: SoftBudget | None = None
    """Effort by rulebook, from what a body bears and keeps; not with `effort`"""

    @model_validator(mode="after")
    def _one_effort(self) -> Behaviour:
        if self.effort is not None and self.soft_budget is not None:
            raise ValueError("give effort or soft_budget, not both")
        return self

    def effort_under(self, book: Rulebook) -> float | None:
        """Return the effort assumed under a rulebook; None where nothing is.

        Parameters
        ----------
        book : Rulebook
            A rulebook of the regime; only `soft_budget` reads it.

        Returns
        -------
        float or None
            The effort, a ratio to the effort the rules take as given; None where no effort is
            assumed.
        """
        return self.effort if self.soft_budget is None else self.soft_budget.effort(book)


def behaving(regime: Regime, behaviour: Behaviour | None) -> Regime:
    """Return a regime with the behaviour assumed under it put into its rules."""
    if behaviour is None:
        return regime
    books = {name: _behaving_book(book, behaviour) for name, book in regime.rulebooks.items()}
    return regime.model_copy(update={"rulebooks": books})


def _behaving_book(book: Rulebook, behaviour: Behaviour) -> Rulebook:
    effort = behaviour.effort_under(book)

    def plan(setting: InstrumentSetting) -> InstrumentSetting:
        if setting.instrument == "savings" and effort is not None:
            return setting.replaced(effort=effort)
        return setting

    def surplus(setting: InstrumentSetting) -> InstrumentSetting:
        if setting.instrument == "prevention" and behaviour.prevention_share is not None:
            return setting.replaced(share=behaviour.prevention_share)
        return setting

    return book.model_copy(
        update={
            "plan": tuple(plan(setting) for setting in book.plan),
            "surplus": tuple(surplus(setting) for setting in book.surplus),
        }
    )


def soft_budget_effort(
    *,
    rescued: float,
    taken: float,
    cost_of_effort: float = 25.0,
    loss: float = 0.03,
    spread: float = 0.03,
) -> float:
    """Return the effort at which one more pound of it is worth what it costs.

    Parameters
    ----------
    rescued : float
        β, part of a shortfall that the centre finally bears [share].
    taken : float
        τ, part of a surplus that is taken [share].
    cost_of_effort : float
        k, how fast effort becomes more expensive [1 per share of income].
    loss, spread : float
        L and s, mean and standard deviation of the shortfall before any effort [share of income].

    Returns
    -------
    float
        e, effort as a share of income.

    Notes
    -----
    k e = (1 - β) Φ((L - e) / s) + (1 - τ) Φ((e - L) / s). With β = τ = 0 it is 1 / k.

    Examples
    --------
    >>> round(soft_budget_effort(rescued=0.0, taken=0.0), 4)
    0.04
    """

    def short_of(e: float) -> float:
        falls_short = 0.5 * (1.0 + erf((loss - e) / (spread * sqrt(2.0))))
        worth = (1.0 - rescued) * falls_short + (1.0 - taken) * (1.0 - falls_short)
        return worth - cost_of_effort * e

    low, high = 0.0, 1.0 / cost_of_effort
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if short_of(middle) > 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def rescued_share(book: Rulebook) -> float:
    """Return β of a rulebook: the chance of a bailout times what the centre finally bears of it.

    Figures by year count by their mean. 0 where there is no bailout.
    """
    setting = book.find("shortfall", "bailout")
    if setting is None:
        return 0.0
    centre = _figure(setting, "centre_share", 1.0)
    lent = _figure(setting, "loan_share", 0.0)
    return _figure(setting, "probability", 1.0) * centre * (1.0 - lent)


def taken_share(book: Rulebook) -> float:
    """Return τ of a rulebook: what of one more pound of surplus goes back to the centre."""
    left, taken = 1.0, 0.0
    for setting in book.surplus:
        used = left * _figure(setting, "share", 1.0)
        left -= used
        if setting.instrument == "clawback":
            taken += used
    return taken + left


def _figure(setting: InstrumentSetting, name: str, default: float) -> float:
    value: Any = setting.parameters.get(name, default)
    if isinstance(value, tuple):
        return float(sum(value) / len(value))
    return default if value is None else float(value)
