"""Statistics of amounts of money: a statistic, a quantity, a row for each pair that has a name.

Mean, standard deviation, quantiles, P(amount > x) and expected shortfall of whatever the model
puts out, by year or taken over the horizon. A new named measure is a row of `ROWS` and a line
that gives it its name; a new quantity is a row of `QUANTITIES`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from riskmc.errors import ResultsError
from riskmc.measures.arguments import numbers, shares
from riskmc.measures.reading import Reader, choose
from riskmc.measures.tabulate import (
    OVER,
    PROBABILITY,
    Statistic,
    exceedance,
    money,
    quantiles_at,
    shortfall_at,
    tabulate,
)
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.variables import PLACE_NAMES, variable

if TYPE_CHECKING:
    import xarray as xr

Measure = Callable[..., "xr.Dataset"]

#: Quantiles of a fan, and the levels of value at risk and expected shortfall.
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
TAILS = (0.95, 0.99)
_NONE = inspect.Parameter.empty


@dataclass(frozen=True)
class Kind:
    """A statistic that may be taken of an amount.

    words     how it begins a sentence
    take      makes it of its levels
    levels    the argument that gives these, if any: "p" or "levels"
    default   what the argument is where it is left out
    dim       the dimension it adds
    unit      its unit; empty: that of the amount
    notes     what else there is to say of it
    """

    words: str
    take: Callable[[tuple[float, ...]], Statistic]
    levels: str = ""
    default: tuple[float, ...] | None = None
    dim: str = ""
    unit: str = ""
    notes: str = ""


KINDS: Mapping[str, Kind] = {
    "mean": Kind("mean of", lambda _: estimators.mean),
    "sd": Kind(
        "standard deviation of",
        lambda _: estimators.standard_deviation,
        notes="With `against`: the standard deviation of the per-draw difference.",
    ),
    "quantiles": Kind(
        "quantiles of",
        quantiles_at,
        "p",
        QUANTILES,
        "quantile",
        notes="The p-quantile is exceeded in a share 1 - p of futures. With `against`: the "
        "difference of the two regimes' quantiles. NaN where draws are too few.",
    ),
    "exceedance": Kind(
        "chance of more than a level of", exceedance, "levels", None, "level", PROBABILITY
    ),
    "shortfall": Kind(
        "expected shortfall of",
        shortfall_at,
        "p",
        TAILS,
        "quantile",
        notes="The mean of the worst share 1 - p of futures, right at an atom: most futures may "
        "have none. With `against`: the difference of the two.",
    ),
}


@dataclass(frozen=True)
class Quantity:
    """An amount that statistics may be taken of.

    words     what it is, in a sentence
    variable  the output, where there is one only
    argument  the argument that chooses one, with its default
    choices   output by the argument's value; empty: the argument names the output
    over      ways to take it over time
    level     whether it is a level, which does not add up over years
    """

    words: str
    variable: str = ""
    argument: str = ""
    default: Any = _NONE
    choices: Mapping[Any, str] = field(default_factory=dict)
    over: tuple[str, ...] = OVER
    level: bool = False

    def output(self, given: Mapping[str, Any]) -> str:
        """Return the output that is asked for; ResultsError where there is none."""
        if not self.argument:
            return self.variable
        asked = given[self.argument]
        if not self.choices:
            return str(choose(str(asked), PLACE_NAMES, self.argument)[0])
        if asked not in self.choices:
            allowed = ", ".join(str(choice) for choice in self.choices)
            raise ResultsError(f"'{asked}' is not one of {allowed}")
        return self.choices[asked]


_ASKED = {"rescue_needed": "rescue_needed", "bailout": "bailout"}
QUANTITIES: Mapping[str, Quantity] = {
    "amount": Quantity("an output of the model", argument="variable"),
    "deficit": Quantity(
        "the deficit (the place's net one, of the summed balance, unless `gross`: the sum of its "
        "holders')",
        argument="gross",
        default=False,
        choices={False: "net_deficit", True: "deficit"},
    ),
    "bailout": Quantity(
        "the bailout granted, or of the rescue needed",
        argument="amount",
        default="bailout",
        choices=_ASKED,
    ),
    "reserves": Quantity("reserves at year end", "reserves", over=("year", "end"), level=True),
    "central_cost": Quantity(
        "the net cost to the centre: grant, fund, support and equalisation, less clawback and "
        "repayments",
        "central_cost",
    ),
    "unmet": Quantity("unmet need", "unmet"),
    "local_premium": Quantity(
        "what all rises in local tax inside the horizon bring", "local_premium"
    ),
}


@dataclass(frozen=True)
class Row:
    """A named measure: which statistic of which quantity, and how it is taken where not said.

    `levels` replaces the statistic's own default levels.
    """

    kind: str
    quantity: str
    over: str = "year"
    levels: tuple[float, ...] | None = None


ROWS: Mapping[str, Row] = {
    "amount_mean": Row("mean", "amount"),
    "amount_sd": Row("sd", "amount"),
    "amount_quantiles": Row("quantiles", "amount"),
    "amount_exceedance": Row("exceedance", "amount"),
    "amount_shortfall": Row("shortfall", "amount"),
    "deficit_mean": Row("mean", "deficit"),
    "deficit_sd": Row("sd", "deficit"),
    "deficit_quantiles": Row("quantiles", "deficit"),
    "deficit_exceedance": Row("exceedance", "deficit"),
    "value_at_risk": Row("quantiles", "deficit", "horizon", TAILS),
    "expected_shortfall": Row("shortfall", "deficit", "horizon"),
    "bailout_mean": Row("mean", "bailout", "horizon"),
    "bailout_value_at_risk": Row("quantiles", "bailout", "horizon", TAILS),
    "bailout_expected_shortfall": Row("shortfall", "bailout", "horizon"),
    "reserves_mean": Row("mean", "reserves"),
    "reserves_quantiles": Row("quantiles", "reserves"),
    "central_cost": Row("mean", "central_cost", "horizon"),
    "unmet_mean": Row("mean", "unmet"),
    "extra_local_tax": Row("mean", "local_premium"),
}


def _measure(name: str) -> Measure:
    """Return the function of a row, with a signature and a docstring of its own."""
    row = ROWS[name]
    kind, quantity = KINDS[row.kind], QUANTITIES[row.quantity]
    signature = _signature(row, kind, quantity)

    def measure(results: Source, **given: Any) -> xr.Dataset:
        bound = signature.bind(results, **given)
        bound.apply_defaults()
        return _statistic(kind, quantity, results, bound.arguments)

    measure.__name__ = measure.__qualname__ = name
    measure.__doc__ = _docstring(row, kind, quantity)
    measure.__signature__ = signature  # type: ignore[attr-defined]
    return measure


def _signature(row: Row, kind: Kind, quantity: Quantity) -> inspect.Signature:
    given: dict[str, tuple[str, Any]] = {"results": ("Source", _NONE)}
    if quantity.argument:
        type_of = "bool" if isinstance(quantity.default, bool) else "str"
        given[quantity.argument] = (type_of, quantity.default)
    if kind.levels:
        levels = row.levels or kind.default
        given[kind.levels] = ("Sequence[float]", _NONE if levels is None else levels)
    given["over"] = ("str", row.over)
    given |= {"organisation": ("Names", None), "regime": ("Names", None)}
    given["against"] = ("str | None", None)
    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD
            if name == "results"
            else inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=annotation,
        )
        for name, (annotation, default) in given.items()
    ]
    return inspect.Signature(parameters, return_annotation="xr.Dataset")


def _docstring(row: Row, kind: Kind, quantity: Quantity) -> str:
    added = f", {kind.dim}" if kind.dim else ""
    unit = f" [{kind.unit or '£m'}]"
    asked = ""
    if quantity.argument:
        allowed = ", ".join(f"{c!r}" for c in quantity.choices) or "any output of the model"
        left_out = "" if quantity.default is _NONE else f"; default {quantity.default!r}"
        kind_of = "bool" if isinstance(quantity.default, bool) else "str"
        asked = f"{quantity.argument} : {kind_of}\n    Which amount: {allowed}{left_out}.\n"
    if kind.levels:
        asked += (
            f"{kind.levels} : float or sequence of float\n    At which the statistic is taken.\n"
        )
    notes = f"\n\nNotes\n-----\n{kind.notes}" if kind.notes else ""
    ways = ", ".join(f'"{way}"' for way in quantity.over)
    return f"""Return the {kind.words} {quantity.words}.

Parameters
----------
results : xarray.DataTree or Results
    As `riskmc.run` gives them, or a selection of them.
{asked}over : str
    How it is taken over time: {ways}; default "{row.over}".
organisation, regime : str or sequence of str, optional
    Default: the place and every organisation, every regime.
against : str, optional
    A regime: then everything is the paired difference from it, future by future.

Returns
-------
xarray.Dataset
    `value`, `mcse`, `low`, `high`, `bound`, `units`
    over (organisation, regime[, year]{added}){unit}.

Raises
------
ResultsError
    For names that the results do not hold, and for arguments that cannot be.{notes}
"""


def _statistic(
    kind: Kind, quantity: Quantity, results: Source, given: Mapping[str, Any]
) -> xr.Dataset:
    name, over = quantity.output(given), given["over"]
    row = variable(name)
    if row.kind == "flag":
        raise ResultsError(f"'{name}' is true or false, not an amount: see the reserves measures")
    if over not in quantity.over:
        level = f"{row.name} are a level: " if quantity.level else ""
        raise ResultsError(f"{level}over='{over}' is not one of {', '.join(quantity.over)}")
    check = shares if kind.levels == "p" else numbers
    levels = check(given[kind.levels], kind.levels) if kind.levels else ()
    reader = Reader(results)
    extra: dict[str, Sequence[float]] = {kind.dim: levels} if kind.dim else {}
    spec = money(
        name,
        over,
        reader,
        kind.take(levels),
        f"{kind.words} {row.meaning}",
        extra=extra,
        unit=kind.unit or row.unit,
        output=name,
    )
    asked = {key: given[key] for key in ("organisation", "regime", "against")}
    return tabulate(reader, spec, **asked)


amount_mean = _measure("amount_mean")
amount_sd = _measure("amount_sd")
amount_quantiles = _measure("amount_quantiles")
amount_exceedance = _measure("amount_exceedance")
amount_shortfall = _measure("amount_shortfall")
deficit_mean = _measure("deficit_mean")
deficit_sd = _measure("deficit_sd")
deficit_quantiles = _measure("deficit_quantiles")
deficit_exceedance = _measure("deficit_exceedance")
value_at_risk = _measure("value_at_risk")
expected_shortfall = _measure("expected_shortfall")
bailout_mean = _measure("bailout_mean")
bailout_value_at_risk = _measure("bailout_value_at_risk")
bailout_expected_shortfall = _measure("bailout_expected_shortfall")
reserves_mean = _measure("reserves_mean")
reserves_quantiles = _measure("reserves_quantiles")
central_cost = _measure("central_cost")
unmet_mean = _measure("unmet_mean")
extra_local_tax = _measure("extra_local_tax")
