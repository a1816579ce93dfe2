"""Whether two results show the same futures: only then is a difference the rules' doing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.errors import ResultsError
from riskmc.measures.reading import ordered
from riskmc.measures.view import Source, tree_of
from riskmc.variables import CHAIN, DRAW, DRIVER_NAMES, ORGANISATION, YEAR

if TYPE_CHECKING:
    import xarray as xr

#: Parts of a study that decide the futures; regimes and money do not.
_DECIDING = ("drivers", "correlation", "risks", "start_year")


def check_same_futures(first: Source, second: Source) -> None:
    """Raise ResultsError, naming the first difference, unless both hold the same futures.

    Labels, scheme and numbers of draws are looked at first; then the drivers themselves where
    both results hold them, else the seed and the parts of the study that decide the futures.
    """
    first, second = tree_of(first), tree_of(second)
    one, other = first["place"].to_dataset(), second["place"].to_dataset()
    for dim in (YEAR, CHAIN, DRAW):
        _same(f"{dim} labels", one[dim].values.tolist(), other[dim].values.tolist())
    bodies = [
        tree["outcomes"].to_dataset()[ORGANISATION].values.tolist() for tree in (first, second)
    ]
    _same("organisations", *bodies)
    _same("the scheme", first.attrs.get("scheme"), second.attrs.get("scheme"))
    if "drivers" in first.children and "drivers" in second.children:
        _same_drivers(first["drivers"].to_dataset(), second["drivers"].to_dataset())
        return
    for tree in (first, second):
        if tree.attrs.get("drivers_from", "the study") != "the study":
            raise ResultsError(
                "the results were run on futures of the user's own and did not keep them: "
                'nothing shows that they are the same (keep="all" keeps the drivers)'
            )
    _same("the seed", first.attrs.get("seed"), second.attrs.get("seed"))
    ours, theirs = (json.loads(str(tree.attrs.get("study", "{}"))) for tree in (first, second))
    for key in _DECIDING:
        _same(key, ours.get(key), theirs.get(key))


def _same(what: str, one: Any, other: Any) -> None:
    if one == other:
        return
    where, ours, theirs = _first_difference(what, one, other)
    raise ResultsError(
        f"the results do not share their futures: {where} differ: {ours!r} against {theirs!r}"
    )


def _first_difference(path: str, one: Any, other: Any) -> tuple[str, Any, Any]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(set(one) | set(other)):
            if one.get(key) != other.get(key):
                return _first_difference(f"{path}.{key}", one.get(key), other.get(key))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            if a != b:
                return _first_difference(f"{path}[{i + 1}]", a, b)
    return path, one, other


def _same_drivers(first: xr.Dataset, second: xr.Dataset) -> None:
    dims = (YEAR, ORGANISATION, CHAIN, DRAW)
    for name in DRIVER_NAMES:
        if (name in first) != (name in second):
            raise ResultsError(f"the results do not share their futures: only one has '{name}'")
        if name not in first:
            continue
        one, other = ordered(first[name], dims), ordered(second[name], dims)
        if np.array_equal(one, other, equal_nan=True):
            continue
        differing = (one != other) & ~(np.isnan(one) & np.isnan(other))
        year, body, chain, draw = (int(i) for i in np.argwhere(differing)[0])
        number = chain * one.shape[-1] + draw
        raise ResultsError(
            f"the results do not share their futures: '{name}' of "
            f"{first[ORGANISATION].values[body]} in {first[YEAR].values[year]}, draw {number}, "
            f"is {one[year, body, chain, draw]:.6g} against {other[year, body, chain, draw]:.6g}"
        )
