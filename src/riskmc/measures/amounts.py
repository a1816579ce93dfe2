"""Statistics of amounts of money: of any output, of deficits, bailouts and reserves.

Mean, standard deviation, quantiles, P(amount > x) and expected shortfall, by year or taken over
the horizon.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from riskmc.errors import ResultsError
from riskmc.measures.arguments import (
    Amount,
    Gross,
    Levels,
    OverTime,
    Quantiles,
    Tails,
    VariableName,
    YearOrEnd,
)
from riskmc.measures.measure import Chosen, measure
from riskmc.measures.reading import choose
from riskmc.measures.tabulate import (
    PROBABILITY,
    Spec,
    Statistic,
    exceedance,
    over_words,
    quantiles_at,
    shortfall_at,
)
from riskmc.statistics import estimators
from riskmc.variables import PLACE_NAMES, variable

#: Quantiles of a fan, and the levels of value at risk and expected shortfall.
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
TAILS = (0.95, 0.99)


def _amount(
    name: str,
    over: str,
    words: str,
    statistic: Statistic,
    *,
    unit: str = "",
    extra: dict[str, Sequence[float]] | None = None,
) -> Spec:
    """Return the measure that is a statistic of one output, taken over time."""
    row = variable(choose(name, PLACE_NAMES, "variable")[0])
    if row.kind == "flag":
        raise ResultsError(f"'{name}' is true or false, not an amount: see the reserves measures")
    return Spec(
        long_name=f"{words} {row.meaning} {over_words(over)}",
        unit=unit or row.unit,
        needs=(name,),
        values=lambda task: task.paths[name],
        statistic=statistic,
        over=over,
        extra=extra or {},
        output=name,
    )


def _mean(name: str, over: str) -> Spec:
    return _amount(name, over, "mean of", estimators.mean)


def _sd(name: str, over: str) -> Spec:
    return _amount(name, over, "standard deviation of", estimators.standard_deviation)


def _quantiles(name: str, over: str, p: Sequence[float]) -> Spec:
    return _amount(name, over, "quantiles of", quantiles_at(p), extra={"quantile": p})


def _exceedance(name: str, over: str, levels: Sequence[float]) -> Spec:
    words, extra = "chance of more than a level of", {"level": levels}
    return _amount(name, over, words, exceedance(levels), unit=PROBABILITY, extra=extra)


def _shortfall(name: str, over: str, p: Sequence[float]) -> Spec:
    return _amount(name, over, "expected shortfall of", shortfall_at(p), extra={"quantile": p})


def _deficit(gross: bool) -> str:
    return "deficit" if gross else "net_deficit"


@measure("docs/model.md, section 5", estimators.mean)
def amount_mean(*, variable: VariableName, over: OverTime = "year", **_: Unpack[Chosen]) -> Spec:
    """Return the mean of an output of the model [£m]."""
    return _mean(variable, over)


@measure("docs/model.md, section 5", estimators.standard_deviation)
def amount_sd(*, variable: VariableName, over: OverTime = "year", **_: Unpack[Chosen]) -> Spec:
    """Return the standard deviation of an output of the model [£m]."""
    return _sd(variable, over)


@measure('docs/model.md, section 5, "value at risk at p"', estimators.quantile)
def amount_quantiles(
    *,
    variable: VariableName,
    p: Quantiles = QUANTILES,
    over: OverTime = "year",
    **_: Unpack[Chosen],
) -> Spec:
    """Return quantiles of an output of the model, over (..., quantile) [£m]."""
    return _quantiles(variable, over, p)


@measure("docs/model.md, section 5", estimators.probability)
def amount_exceedance(
    *, variable: VariableName, levels: Levels, over: OverTime = "year", **_: Unpack[Chosen]
) -> Spec:
    """Return the chance of more than a level of an output of the model, over (..., level)."""
    return _exceedance(variable, over, levels)


@measure('docs/model.md, section 5, "expected shortfall at p"', estimators.expected_shortfall)
def amount_shortfall(
    *, variable: VariableName, p: Tails = TAILS, over: OverTime = "year", **_: Unpack[Chosen]
) -> Spec:
    """Return the expected shortfall of an output of the model, over (..., quantile) [£m]."""
    return _shortfall(variable, over, p)


@measure('docs/model.md, section 5, "deficit"', estimators.mean)
def deficit_mean(*, gross: Gross = False, over: OverTime = "year", **_: Unpack[Chosen]) -> Spec:
    """Return the mean deficit [£m]."""
    return _mean(_deficit(gross), over)


@measure('docs/model.md, section 5, "deficit"', estimators.standard_deviation)
def deficit_sd(*, gross: Gross = False, over: OverTime = "year", **_: Unpack[Chosen]) -> Spec:
    """Return the standard deviation of the deficit [£m]."""
    return _sd(_deficit(gross), over)


@measure('docs/model.md, section 5, "deficit"', estimators.quantile)
def deficit_quantiles(
    *,
    gross: Gross = False,
    p: Quantiles = QUANTILES,
    over: OverTime = "year",
    **_: Unpack[Chosen],
) -> Spec:
    """Return quantiles of the deficit, over (..., quantile) [£m]."""
    return _quantiles(_deficit(gross), over, p)


@measure('docs/model.md, section 5, "deficit"', estimators.probability)
def deficit_exceedance(
    *, gross: Gross = False, levels: Levels, over: OverTime = "year", **_: Unpack[Chosen]
) -> Spec:
    """Return the chance of a deficit above a level, over (..., level)."""
    return _exceedance(_deficit(gross), over, levels)


@measure('docs/model.md, section 5, "value at risk at p"', estimators.quantile)
def value_at_risk(
    *, gross: Gross = False, p: Quantiles = TAILS, over: OverTime = "horizon", **_: Unpack[Chosen]
) -> Spec:
    """Return high quantiles of the deficit, over (..., quantile) [£m]."""
    return _quantiles(_deficit(gross), over, p)


@measure('docs/model.md, section 5, "expected shortfall at p"', estimators.expected_shortfall)
def expected_shortfall(
    *, gross: Gross = False, p: Tails = TAILS, over: OverTime = "horizon", **_: Unpack[Chosen]
) -> Spec:
    """Return the expected shortfall of the deficit, over (..., quantile) [£m]."""
    return _shortfall(_deficit(gross), over, p)


@measure('docs/model.md, section 5, "rescue needed, bailout granted"', estimators.mean)
def bailout_mean(
    *, amount: Amount = "bailout", over: OverTime = "horizon", **_: Unpack[Chosen]
) -> Spec:
    """Return the mean bailout granted, or rescue needed [£m]."""
    return _mean(amount, over)


@measure('docs/model.md, section 5, "value at risk at p"', estimators.quantile)
def bailout_value_at_risk(
    *,
    amount: Amount = "bailout",
    p: Quantiles = TAILS,
    over: OverTime = "horizon",
    **_: Unpack[Chosen],
) -> Spec:
    """Return high quantiles of the bailout, or of the rescue needed, over (..., quantile) [£m]."""
    return _quantiles(amount, over, p)


@measure('docs/model.md, section 5, "expected shortfall at p"', estimators.expected_shortfall)
def bailout_expected_shortfall(
    *,
    amount: Amount = "bailout",
    p: Tails = TAILS,
    over: OverTime = "horizon",
    **_: Unpack[Chosen],
) -> Spec:
    """Return the expected shortfall of the bailout, or of the rescue needed [£m]."""
    return _shortfall(amount, over, p)


@measure('docs/model.md, section 5, "reserves"', estimators.mean)
def reserves_mean(*, over: YearOrEnd = "year", **_: Unpack[Chosen]) -> Spec:
    """Return mean reserves at year end [£m]."""
    return _mean("reserves", over)


@measure('docs/model.md, section 5, "reserves"', estimators.quantile)
def reserves_quantiles(
    *, p: Quantiles = QUANTILES, over: YearOrEnd = "year", **_: Unpack[Chosen]
) -> Spec:
    """Return quantiles of reserves at year end, over (..., quantile) [£m]."""
    return _quantiles("reserves", over, p)


@measure('docs/model.md, section 5, "Central cost"', estimators.mean)
def central_cost(*, over: OverTime = "horizon", **_: Unpack[Chosen]) -> Spec:
    """Return the mean net cost to the centre [£m].

    Grant, fund, support and equalisation, less clawback and repayments.
    """
    return _mean("central_cost", over)


@measure('docs/model.md, section 5, "service"', estimators.mean)
def unmet_mean(*, over: OverTime = "year", **_: Unpack[Chosen]) -> Spec:
    """Return mean unmet need [£m]."""
    return _mean("unmet", over)


@measure('docs/model.md, section 5, "extra local tax"', estimators.mean)
def extra_local_tax(*, over: OverTime = "year", **_: Unpack[Chosen]) -> Spec:
    """Return the mean of what all rises in local tax inside the horizon bring [£m]."""
    return _mean("local_premium", over)
