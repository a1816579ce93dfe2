"""Reading a results tree one variable of one regime at a time.

Results may lie on disk: nothing here loads more than a few blocks, each one variable of one
regime, (organisation, year, chain, draw). In memory the blocks are views.
"""

from __future__ import annotations

import difflib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.statistics.estimates import SCHEMES
from riskmc.variables import (
    CHAIN,
    DRAW,
    NET_DEFICIT,
    ORGANISATION,
    PLACE,
    REGIME,
    VARIABLE_NAMES,
    YEAR,
)

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

#: Blocks kept at once: enough for the variables of one measure in two regimes.
_MOST_BLOCKS = 8

Names = str | Sequence[str] | None


class Reader:
    """Paths of a results tree, as arrays (year, chain, draw).

    `regimes`, `organisations` and `years` are its labels in order, `bodies` the place and
    every organisation, `scheme` how it was sampled, `draws` how many futures it holds.
    """

    def __init__(self, results: xr.DataTree) -> None:
        if results.attrs.get("kept") == "streams":
            raise ResultsError(needs_draws("this measure"))
        for group in ("outcomes", PLACE):
            if group not in results.children:
                raise ResultsError(f"the results have no group '/{group}': is this a riskmc run?")
        self._outcomes = results["outcomes"].to_dataset()
        self._place = results[PLACE].to_dataset()
        self._attrs = results.attrs
        self.regimes = _labels(self._place, REGIME)
        self.years = _labels(self._place, YEAR)
        self.organisations = _labels(self._outcomes, ORGANISATION)
        self.bodies = (PLACE, *self.organisations)
        self.scheme = str(results.attrs.get("scheme", "mc"))
        if self.scheme not in SCHEMES:
            raise ResultsError(
                f"the results say they were sampled by '{self.scheme}'; known: "
                + ", ".join(SCHEMES)
            )
        self.chains = int(self._place.sizes[CHAIN])
        self.per_chain = int(self._place.sizes[DRAW])
        self.draws = self.chains * self.per_chain
        self._blocks: OrderedDict[tuple[str, str, str], NDArray[Any]] = OrderedDict()

    def study(self) -> Study:
        """Return the study that the results carry; ResultsError where they carry none."""
        from riskmc.study import study_from_json

        text = self._attrs.get("study")
        if not isinstance(text, str):
            raise ResultsError("the results carry no study (attribute 'study'): run it again")
        return study_from_json(text)

    def choose_regimes(self, regime: Names) -> tuple[str, ...]:
        """Return the regimes asked for, all where None; ResultsError for an unknown one."""
        return choose(regime, self.regimes, "regime")

    def choose_bodies(self, organisation: Names) -> tuple[str, ...]:
        """Return the bodies asked for, the place and every organisation where None."""
        return choose(organisation, self.bodies, "organisation")

    def choose_years(self, year: Names) -> tuple[int, ...]:
        """Return the positions of the years asked for, all where None."""
        return tuple(self.years.index(label) for label in choose(year, self.years, "year"))

    def has(self, name: str, organisation: str) -> bool:
        """Say whether a variable was kept for a body."""
        return self._own_name(name, organisation) in self._dataset(organisation)

    def path(self, name: str, *, regime: str, organisation: str) -> NDArray[Any]:
        """Return one variable of one body under one regime, (year, chain, draw).

        `net_deficit` of an organisation is its `deficit`: there is nothing to set off.
        ResultsError where the run did not keep the variable.
        """
        own_name = self._own_name(name, organisation)
        block = self._block(own_name, regime, organisation == PLACE)
        if organisation == PLACE:
            return block
        path: NDArray[Any] = block[self.organisations.index(organisation)]
        return path

    def paths(
        self, names: Iterable[str], *, regime: str, organisation: str
    ) -> dict[str, NDArray[Any]]:
        """Return several variables of one body under one regime, by name."""
        return {n: self.path(n, regime=regime, organisation=organisation) for n in names}

    def load(self, names: Iterable[str], *, regime: str, bodies: Iterable[str]) -> None:
        """Read what `paths` of these bodies will ask for, so that threads find it in memory."""
        groups = {body == PLACE for body in bodies}
        for place in groups:
            for name in names:
                body = PLACE if place else self.organisations[0]
                self._block(self._own_name(name, body), regime, place)

    def _dataset(self, organisation: str) -> xr.Dataset:
        return self._place if organisation == PLACE else self._outcomes

    @staticmethod
    def _own_name(name: str, organisation: str) -> str:
        if name == NET_DEFICIT.name and organisation != PLACE:
            return "deficit"
        return name

    def _block(self, name: str, regime: str, place: bool) -> NDArray[Any]:
        key = (PLACE if place else "", name, regime)
        if key in self._blocks:
            self._blocks.move_to_end(key)
            return self._blocks[key]
        dataset = self._place if place else self._outcomes
        if name not in dataset:
            raise ResultsError(_missing(name, place))
        dims = (YEAR, CHAIN, DRAW) if place else (ORGANISATION, YEAR, CHAIN, DRAW)
        values = ordered(dataset[name].isel({REGIME: self.regimes.index(regime)}), dims)
        if values.dtype != bool and name == "exhausted":
            values = values.astype(bool, copy=False)
        while len(self._blocks) >= _MOST_BLOCKS:
            self._blocks.popitem(last=False)
        self._blocks[key] = values
        return values


def needs_draws(what: str) -> str:
    """Say what cannot be told of streams, and what to do."""
    return (
        f"this run kept streams, and {what} must be told from draws: run again with "
        'keep="headline" (--keep headline), or with fewer draws'
    )


def ordered(array: xr.DataArray, dims: Sequence[str]) -> NDArray[Any]:
    """Return an array's values with axes in the order of `dims`.

    Read first, turned afterwards: xarray reads what was turned unread point by point.
    """
    values: NDArray[Any] = np.asarray(array.values)
    turned = values.transpose([array.dims.index(dim) for dim in dims])
    if turned.strides[-1] == turned.itemsize:
        return turned
    return np.ascontiguousarray(turned)  # draws side by side: everything after is faster


def _labels(dataset: xr.Dataset, dim: str) -> tuple[str, ...]:
    if dim not in dataset.coords:
        raise ResultsError(f"the results have no '{dim}' labels")
    return tuple(str(label) for label in dataset[dim].values)


def _missing(name: str, place: bool) -> str:
    if name in VARIABLE_NAMES and not place:
        return (
            f"'{name}' was not kept for each organisation: run again with keep=\"all\" "
            "(--keep all), or ask for the place"
        )
    return f"the results hold no variable '{name}'"


def choose(asked: Names, known: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the labels asked for in order, or all; ResultsError names what is not known."""
    if asked is None:
        return tuple(known)
    wanted = (asked,) if isinstance(asked, str) else tuple(asked)
    for label in wanted:
        if label in known:
            continue
        near = difflib.get_close_matches(str(label), known, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise ResultsError(
            f"the results hold no {what} '{label}'; they hold {', '.join(known)}{hint}"
        )
    return wanted
