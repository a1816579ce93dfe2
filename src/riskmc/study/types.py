"""Building blocks of the study's tables: strict frozen models and numbers with their bounds."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from riskmc.described import Described

#: The largest amount of money a study may name, in £m: beyond any public budget.
MOST_MONEY = 1e9
#: The largest number of years and of draws.
MOST_YEARS = 100
MOST_DRAWS = 1_000_000_000


class Table(Described):
    """A table of the study file: strict, frozen, with no keys but its own."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @classmethod
    def keys(cls) -> dict[str, str]:
        """Return the keys as users write them, each with its meaning."""
        return meanings(cls)


def meanings(model: type[Described]) -> dict[str, str]:
    """Return the keys of a model as users write them, each with its meaning; notes come last."""
    described = model.descriptions()
    keys = {
        field.alias or name: described.get(name, "").rstrip(".")
        for name, field in model.model_fields.items()
    }
    last = {key: keys.pop(key) for key in NOTE_KEYS if key in keys}
    return keys | last


def range_in_words(
    low: float | None, high: float | None, *, above_low: bool = False, below_high: bool = False
) -> str:
    """Return what a number may be: `above 0 and at most 1`."""
    lower = "" if low is None else f"{'above' if above_low else 'at least'} {_plain(low)}"
    upper = "" if high is None else f"{'below' if below_high else 'at most'} {_plain(high)}"
    if low is not None and low == high:
        return _plain(low)
    return " and ".join(text for text in (lower, upper) if text) or "any"


def _plain(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else f"{value:g}"


def number_fault(
    value: Any,
    *,
    low: float | None,
    high: float | None,
    above_low: bool = False,
    below_high: bool = False,
    whole: bool = False,
) -> str:
    """Return what is wrong with a number in plain words; empty where nothing is."""
    noun = "a whole number" if whole else "a number"
    if isinstance(value, list | tuple):
        return "may not be a list"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        hint = " (leave out the quotes)" if _reads_as_number(value) else ""
        return f"is not {noun}{hint}"
    if value != value or value in (float("inf"), float("-inf")):
        return "is not a finite number"
    if low is not None and (value <= low if above_low else value < low):
        return "is too small"
    if high is not None and (value >= high if below_high else value > high):
        return "is too large"
    return ""


def _reads_as_number(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        float(value)
    except ValueError:
        return False
    return True


def number(
    low: float | None,
    high: float | None,
    *,
    above_low: bool = False,
    below_high: bool = False,
    whole: bool = False,
) -> Any:
    """Return the annotation of a number within bounds, whose error says the whole range."""
    allowed = range_in_words(low, high, above_low=above_low, below_high=below_high)
    allowed = f"a whole number, {allowed}" if whole else f"a number, {allowed}"
    bounds: dict[str, Any] = {}
    if low is not None:
        bounds["gt" if above_low else "ge"] = low
    if high is not None:
        bounds["lt" if below_high else "le"] = high

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            fault = number_fault(
                value, low=low, high=high, above_low=above_low, below_high=below_high, whole=whole
            )
            message = fault or "is not a number that can be used"
            raise PydanticCustomError("number", "{fault}", _context(message, allowed)) from error

    return (Field(**bounds), WrapValidator(check))


def _context(message: str, allowed: str) -> dict[str, Any]:
    return {"fault": message, "allowed": allowed}


def is_list(value: Any) -> str:
    """Return the tag of a value that may be a list or a single one."""
    return "list" if isinstance(value, list | tuple) else "number"


Text = Annotated[str, Field(min_length=1)]


class Sourced(Table):
    """A table of figures that may say where they come from; it moves no number."""

    source: Text | None = None
    """Where its figures come from"""
    note: Text | None = None
    """What a reader should know of them"""


#: Keys that move no number.
NOTE_KEYS = tuple(Sourced.model_fields)

Money = Annotated[float, *number(0.0, MOST_MONEY)]
SignedMoney = Annotated[float, *number(-MOST_MONEY, MOST_MONEY)]
Share = Annotated[float, *number(0.0, 1.0)]
Probability = Annotated[float, *number(0.0, 1.0, above_low=True)]
Growth = Annotated[float, *number(-1.0, 10.0)]
Ratio = Annotated[float, *number(0.0, 10.0)]
Persistence = Annotated[float, *number(-1.0, 1.0, above_low=True, below_high=True)]
Expected = Annotated[float, *number(-1.0, 10.0)]

#: A list in TOML becomes a tuple; its items stay strict.
AsTuple = Field(strict=False, min_length=1)

#: A number, or a list by year: the first value is the first year's, the last holds on.
GrowthByYear = Annotated[
    Annotated[Growth, Tag("number")] | Annotated[tuple[Growth, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
#: A probability, and what planners expect, or lists of them by year.
ProbabilityByYear = Annotated[
    Annotated[Probability, Tag("number")]
    | Annotated[tuple[Probability, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
ExpectedByYear = Annotated[
    Annotated[Expected, Tag("number")] | Annotated[tuple[Expected, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
#: A share, or a list by year: the first value is the first year's, the last holds on.
ShareByYear = Annotated[
    Annotated[Share, Tag("number")] | Annotated[tuple[Share, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
#: A ratio, or a list by year whose last value holds on.
RatioByYear = Annotated[
    Annotated[Ratio, Tag("number")] | Annotated[tuple[Ratio, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
#: Money, or a list by year whose last value holds on.
MoneyHeldByYear = Annotated[
    Annotated[Money, Tag("number")] | Annotated[tuple[Money, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
#: The same; it may be negative.
SignedMoneyByYear = Annotated[
    Annotated[SignedMoney, Tag("number")]
    | Annotated[tuple[SignedMoney, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
#: A share that may be negative, or a list by year of such.
Contribution = Annotated[float, *number(-1.0, 1.0)]
ContributionByYear = Annotated[
    Annotated[Contribution, Tag("number")]
    | Annotated[tuple[Contribution, ...], AsTuple, Tag("list")],
    Discriminator(is_list),
]
#: Money every year, or a list by year that pays nothing after its last value.
MoneyByYear = Annotated[
    Annotated[Money, Tag("number")]
    | Annotated[tuple[Money, ...], Field(strict=False), Tag("list")],
    Discriminator(is_list),
]
