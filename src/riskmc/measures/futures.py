"""Whether two results show the same futures: only then is a difference the rules' doing.

What was drawn is in the results, by driver and organisation (`riskmc.sampling.fingerprint`).
Results whose draws are the same, number by number, are *paired* even where a driver's mean or
spread differs: their difference is free of most simulation error, but is not the rules' alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.errors import ResultsError
from riskmc.measures.labels import taken
from riskmc.measures.reading import needs_draws, ordered
from riskmc.measures.view import Results, Source, view_of
from riskmc.sampling.fingerprint import (
    ATTRIBUTE,
    Fingerprint,
    differing,
    fingerprint,
    with_deliveries,
)
from riskmc.variables import CHAIN, DRAW, DRIVER_NAMES, ORGANISATION, YEAR

if TYPE_CHECKING:
    pass

#: Parts of a study that draw nothing but change outcomes; two compared studies may differ in them.
_OTHER_PARTS = (
    "organisations",
    "contracts",
    "planning",
    "dynamics",
    "projects",
    "mandates",
    "start_year",
    "years",
)
_REFUSAL = "the results do not share their futures: "


def check_same_futures(first: Source, second: Source) -> None:
    """Raise ResultsError, naming the first difference, unless both hold the same futures.

    Labels, scheme and numbers of draws are looked at first, then what was drawn, by driver and
    organisation. Results that are merely paired (the same draws, another mean) are refused here;
    `compare` takes them and says what differs.

    Parameters
    ----------
    first : xarray.DataTree or Results
        Results of a run.
    second : xarray.DataTree or Results
        Results of another run.

    Raises
    ------
    ResultsError
        Where they do not: the first difference.
    """
    one, other = view_of(first), view_of(second)
    apart = paired_futures(one, other)
    if apart:
        raise ResultsError(_REFUSAL + _difference_in_words(one, other, *apart[0]))


def paired_futures(first: Source, second: Source) -> list[tuple[str, str]]:
    """Return the drivers and organisations in which two paired results differ; none: the same.

    Raises ResultsError where draws are not the same, number by number, or nothing shows it.
    """
    one, other = view_of(first), view_of(second)
    if one.summarised or other.summarised:
        raise ResultsError(needs_draws("a comparison with other results"))
    for what in ("years", "chain_labels", "draw_labels"):
        _same(_LABELS[what], list(getattr(one, what)), list(getattr(other, what)))
    _same("organisations", sorted(one.organisations), sorted(other.organisations))
    _same("the scheme", one.scheme, other.scheme)
    ours, theirs = _fingerprint(one), _fingerprint(other)
    if ours is None or theirs is None:
        return _by_values(one, other)
    apart = differing(ours, theirs)
    if ours.streams == theirs.streams and (ours.streams or not apart):
        return apart
    if one.drivers is not None and other.drivers is not None:
        return _by_values(one, other)
    if ours.streams and theirs.streams:
        raise ResultsError(f"{_REFUSAL}drawn with {ours.streams}, and with {theirs.streams}")
    name, body = (apart or [(DRIVER_NAMES[0], one.organisations[0])])[0]
    raise ResultsError(
        f"{_REFUSAL}'{name}' of {body} is of the user's own making in one of them, and not the same"
    )


def what_differs(first: Source, second: Source, apart: list[tuple[str, str]]) -> list[str]:
    """Say in what two paired results differ apart from their regimes, one thing an entry."""
    found = []
    for name in dict.fromkeys(driver for driver, _ in apart):
        what = "the driver " if name in DRIVER_NAMES else "the "
        found.append(f"{what}{name} of {', '.join(of for driver, of in apart if driver == name)}")
    ours, theirs = (json.loads(str(view_of(r).tree.attrs["study"])) for r in (first, second))
    found += [f"the study's {key}" for key in _OTHER_PARTS if ours.get(key) != theirs.get(key)]
    return found


_LABELS = {"years": "year labels", "chain_labels": "chain labels", "draw_labels": "draw labels"}


def _fingerprint(view: Results) -> Fingerprint | None:
    """Return what results say was drawn; None for a user's futures of which nothing is known."""
    attrs = view.tree.attrs
    if isinstance(attrs.get(ATTRIBUTE), str):
        return Fingerprint.read(attrs[ATTRIBUTE])
    if attrs.get("drivers_from", "the study") != "the study" or view.drivers is not None:
        return None  # the drivers themselves say more than a study of another version
    seed = int(attrs.get("seed", 0))
    drawn = fingerprint(view.study, seed=seed, scheme=view.scheme)
    return with_deliveries(drawn, view.study, seed=seed, scheme=view.scheme)


def _same(what: str, one: Any, other: Any) -> None:
    if one != other:
        raise ResultsError(f"{_REFUSAL}{what} differ: {one!r} against {other!r}")


def _difference_in_words(one: Results, other: Results, name: str, body: str) -> str:
    """Say where a driver of one body differs: its first value where drivers were kept."""
    if name not in DRIVER_NAMES:
        return f"the {name} of '{body}' differs"
    if one.drivers is not None and other.drivers is not None:
        found = _first_difference(one, other, name, body)
        if found:
            return found
    from riskmc.sampling import describe_driver

    ours, theirs = (describe_driver(view.study, name, body) for view in (one, other))
    if ours == theirs:
        return f"'{name}' of {body} differs"
    return f"'{name}' of {body} differs: {ours!r} against {theirs!r}"


def _by_values(one: Results, other: Results) -> list[tuple[str, str]]:
    """Compare the drivers that were kept, value by value; refuses where they differ."""
    if one.drivers is None or other.drivers is None:
        raise ResultsError(
            "the results were run on futures of the user's own and did not keep them: "
            'nothing shows that they are the same (keep="all" keeps the drivers)'
        )
    for name in DRIVER_NAMES:
        if (name in one.drivers) != (name in other.drivers):
            raise ResultsError(f"{_REFUSAL}only one has '{name}'")
        for body in one.organisations if name in one.drivers else ():
            found = _first_difference(one, other, name, body)
            if found:
                raise ResultsError(_REFUSAL + found)
    return []


def _first_difference(one: Results, other: Results, name: str, body: str) -> str:
    """Say where two kept drivers of a body first differ; empty where they do not."""
    ours, theirs = _values(one, name, body), _values(other, name, body)
    if np.array_equal(ours, theirs, equal_nan=True):
        return ""
    differ = (ours != theirs) & ~(np.isnan(ours) & np.isnan(theirs))
    year, chain, draw = (int(i) for i in np.argwhere(differ)[0])
    number = one.chain_labels[chain] * one.whole.per_chain + one.draw_labels[draw]
    return (
        f"'{name}' of {body} in {one.years[year]}, draw {number}, is "
        f"{ours[year, chain, draw]:.6g} against {theirs[year, chain, draw]:.6g}"
    )


def _values(view: Results, name: str, body: str) -> np.ndarray[Any, Any]:
    drivers = view.drivers
    assert drivers is not None
    array = drivers[name].sel({ORGANISATION: body, YEAR: list(view.years)})
    return ordered(taken(array, view.draw_orders(drivers)), (YEAR, CHAIN, DRAW))
