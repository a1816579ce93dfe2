"""Named measures: a row says what one is; its function, checks and documents are made from it.

A row is a function that takes what may be asked and returns a `Spec`. Its name is the measure's,
its docstring says what it is, its arguments say what may be asked and how that is documented and
checked (see `arguments`). `measure` enters it in `MEASURES` and gives the function that users
call: on results, with the arguments that every measure has.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Concatenate,
    Literal,
    ParamSpec,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from riskmc.errors import ResultsError
from riskmc.measures.reading import Names, Reader
from riskmc.measures.tabulate import Spec, tabulate
from riskmc.measures.view import Source
from riskmc.statistics.bases import BASES, Basis
from riskmc.statistics.estimates import Estimate
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

P = ParamSpec("P")


class Chosen(TypedDict, total=False):
    """What every measure may be asked for."""

    organisation: Names
    regime: Names
    against: str | None


class OfThePlace(TypedDict, total=False):
    """What a measure of the place alone may be asked for."""

    regime: Names
    against: str | None


class Unpaired(TypedDict, total=False):
    """What a measure without a paired difference may be asked for."""

    organisation: Names
    regime: Names


@dataclass(frozen=True)
class Row:
    """A named measure.

    spec      what it is, by what is asked
    own       its own arguments, with what they are where left out
    common    the arguments that it shares with other measures, likewise
    function  what users call
    """

    name: str
    spec: Callable[..., Spec]
    own: Mapping[str, inspect.Parameter]
    common: Mapping[str, Any]
    function: Callable[..., xr.Dataset]

    def asked(self, **given: Any) -> Spec:
        """Return what it is where so much is asked; ResultsError for what cannot be asked."""
        hints = get_type_hints(self.spec, include_extras=True)
        asked = {**{name: one.default for name, one in self.own.items()}, **given}
        return self.spec(**{name: _checked(name, hints[name], v) for name, v in asked.items()})

    @property
    def summary(self) -> str:
        """What it returns, in a line."""
        first = inspect.cleandoc(self.spec.__doc__ or "").partition("\n")[0]
        return first.removeprefix("Return ").removesuffix(".")


#: Every named measure, by name.
MEASURES: dict[str, Row] = {}


def measure(
    defined: str, *statistics: Callable[..., Estimate], organisation: Names = None
) -> Callable[[Callable[P, Spec]], Callable[Concatenate[Source, P], xr.Dataset]]:
    """Enter a row in `MEASURES` and return its public function.

    Parameters
    ----------
    defined : str
        Where the documents define it: page, and section, heading or row in quotes.
    *statistics : callable
        The estimators that it may take, whose notes and works are given as its own; see `BASES`.
    organisation : str or sequence of str, optional
        What is meant where no organisation is asked for; default: the place and every one.

    Returns
    -------
    callable
        Takes a function that returns a `Spec`, and gives the one that users call on results. The
        row's last parameter, `**_: Unpack[Chosen]`, says which common arguments it has.

    Raises
    ------
    ValueError
        For a name that is taken.
    """

    def enter(spec: Callable[P, Spec]) -> Callable[Concatenate[Source, P], xr.Dataset]:
        if spec.__name__ in MEASURES:
            raise ValueError(f"there are two measures named '{spec.__name__}'")
        row = _row(spec, organisation, defined, [BASES[statistic] for statistic in statistics])
        MEASURES[row.name] = row
        return row.function

    return enter


def spec_of(function: Callable[..., xr.Dataset], **asked: Any) -> Spec:
    """Return what a named measure is, by what is asked of it.

    Parameters
    ----------
    function : callable
        The public function of a row of `MEASURES`.
    **asked
        Its own arguments.

    Returns
    -------
    Spec
        The row's, with its arguments checked.
    """
    return MEASURES[function.__name__].asked(**asked)


def _row(
    spec: Callable[..., Spec], organisation: Names, defined: str, bases: Sequence[Basis]
) -> Row:
    hints = get_type_hints(spec, include_extras=True)
    declared = inspect.signature(spec).parameters
    (kind,) = (get_args(hints[n])[0] for n, p in declared.items() if p.kind is p.VAR_KEYWORD)
    own = {n: p for n, p in declared.items() if p.kind is not p.VAR_KEYWORD}
    common = {
        name: organisation if name == "organisation" else None for name in kind.__annotations__
    }
    shown = get_type_hints(spec)
    parameters = [
        inspect.Parameter("results", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation="Source"),
        *(p.replace(annotation=shown[name]) for name, p in own.items()),
        *(
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=default,
                annotation="str | None" if name == "against" else "Names",
            )
            for name, default in common.items()
        ),
    ]
    signature = inspect.Signature(parameters, return_annotation="xr.Dataset")

    def function(*args: Any, **given: Any) -> xr.Dataset:
        bound = signature.bind(*args, **given)
        bound.apply_defaults()
        asked = bound.arguments
        return tabulate(
            Reader(asked["results"]),
            row.asked(**{name: asked[name] for name in own}),
            **{"organisation": PLACE, **{name: asked[name] for name in common}},
        )

    function.__name__ = function.__qualname__ = spec.__name__
    function.__module__ = spec.__module__
    function.__doc__ = _docstring(spec, own, hints, common, defined, bases)
    function.__signature__ = signature  # type: ignore[attr-defined]
    row = Row(spec.__name__, spec, own, common, function)
    return row


def _checked(name: str, hint: Any, value: Any) -> Any:
    """Return an argument's value, checked as its type says; ResultsError for what cannot be."""
    if value is None:
        return None
    for part in _parts(hint):
        if get_origin(part) is Annotated:
            for check in part.__metadata__:
                value = check(value, name) if callable(check) else value
            part = part.__origin__
        if get_origin(part) is Literal and value not in get_args(part):
            allowed = ", ".join(str(one) for one in get_args(part))
            raise ResultsError(f"{name}='{value}' is not one of {allowed}")
    return value


def _parts(hint: Any) -> list[Any]:
    """Return the types that a value may have, apart from None."""
    if get_origin(hint) in (Union, UnionType):
        return [one for one in get_args(hint) if one is not NoneType]
    return [hint]


def _docstring(
    spec: Callable[..., Spec],
    own: Mapping[str, inspect.Parameter],
    hints: Mapping[str, Any],
    common: Mapping[str, Any],
    defined: str,
    bases: Sequence[Basis],
) -> str:
    words, _, notes = inspect.cleandoc(spec.__doc__ or "").partition("\n\nNotes\n-----\n")
    noted = "\n\n".join(filter(None, [notes, *(basis.note for basis in bases)]))
    works = dict.fromkeys(work for basis in bases for work in basis.works)
    cited = "\n".join(f"- {source}" for source in (f"{defined}.", *works))
    asked = "".join(_documented(name, hints[name], p.default) for name, p in own.items())
    return f"""{words}

Parameters
----------
results : xarray.DataTree or Results
    As `riskmc.run` gives them, or a selection of them.
{asked}{_common_arguments(common)}
Returns
-------
xarray.Dataset
    `value`, its Monte Carlo standard error `mcse`, 95 % interval `low`, `high`; `bound`, `units`.

Raises
------
ResultsError
    For names that the results do not hold, and for arguments that cannot be.

Notes
-----
{noted}

References
----------
{cited}
"""


def _documented(name: str, hint: Any, default: Any) -> str:
    words = next(
        text
        for part in _parts(hint)
        if get_origin(part) is Annotated
        for text in part.__metadata__
        if isinstance(text, str)
    )
    said = "" if default is None or default is inspect.Parameter.empty else f"; default {default!r}"
    return f"{name} : {_type_words(hint)}\n    {words}{said}.\n"


def _type_words(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        return _type_words(hint.__origin__)
    if get_origin(hint) in (Union, UnionType):
        optional = ", optional" if NoneType in get_args(hint) else ""
        return " or ".join(map(_type_words, _parts(hint))) + optional
    if get_origin(hint) is Literal:
        return "{" + ", ".join(repr(one) for one in get_args(hint)) + "}"
    if get_origin(hint) is Sequence:
        return f"sequence of {_type_words(get_args(hint)[0])}"
    return str(hint.__name__)


def _common_arguments(common: Mapping[str, Any]) -> str:
    one_or_more = "str or sequence of str, optional"
    if common.get("organisation", PLACE) is None:
        text = (
            f"organisation, regime : {one_or_more}\n"
            "    Default: the place and every organisation, every regime.\n"
        )
    else:
        text = ""
        if "organisation" in common:
            text += f"organisation : {one_or_more}\n    Default: the place.\n"
        text += f"regime : {one_or_more}\n    Default: every regime.\n"
    if "against" in common:
        text += (
            "against : str, optional\n"
            "    A regime: then everything is the paired difference from it, future by future.\n"
        )
    return text
