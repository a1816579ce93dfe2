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
from riskmc.measures.labels import taken, with_dims
from riskmc.measures.view import Results, Source, view_of
from riskmc.results.recompute import recompute
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

    def __init__(self, results: Source) -> None:
        view = view_of(results)
        if view.summarised:
            raise ResultsError(needs_draws("this measure"))
        self._take_labels(view)
        self._datasets = {PLACE: view.place, "": view.outcomes}
        self._orders = {
            group: {**view.orders, **view.draw_orders(dataset)}
            for group, dataset in self._datasets.items()
        }
        self._blocks: OrderedDict[tuple[str, str, str], NDArray[Any]] = OrderedDict()

    def _take_labels(self, view: Results) -> None:
        self.view = view
        self.regimes, self.years = view.regimes, view.years
        self.organisations, self.bodies = view.organisations, view.bodies
        self.scheme = view.scheme
        self.chains, self.per_chain = view.layout.chains, view.layout.per_chain
        self.draws = view.layout.total

    def study(self) -> Study:
        """Return the study that the results carry; ResultsError where they carry none."""
        return self.view.study

    def need_years_from_opening(self, what: str) -> None:
        """Raise ResultsError where years before the last one held were left out."""
        if not self.view.from_opening:
            raise ResultsError(
                f"{what} goes back to the first year, {self.study().year_labels[0]}; the results "
                f"hold {', '.join(self.years)} only: ask before selecting years"
            )

    def need_unbroken_years(self, what: str) -> None:
        """Raise ResultsError where a year between two held was left out."""
        if not self.view.unbroken:
            raise ResultsError(
                f"the {what} needs every year between the first and the last; the results hold "
                f"{', '.join(self.years)}: ask before selecting years"
            )

    def need_every_organisation(self, what: str) -> None:
        """Raise ResultsError where a selection left out an organisation of the place."""
        missing = self.view.missing_organisations
        if missing:
            raise ResultsError(
                f"{what} needs every organisation of the place; the results do not hold "
                f"{', '.join(missing)}: ask before selecting organisations"
            )

    def choose_regimes(self, regime: Names) -> tuple[str, ...]:
        """Return the regimes asked for, all where None; ResultsError for an unknown one."""
        return choose(regime, self.regimes, "regime")

    def choose_bodies(self, organisation: Names) -> tuple[str, ...]:
        """Return the bodies asked for, the place and every organisation where None."""
        return choose(organisation, self.bodies, "organisation")

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
        return self._datasets[PLACE if organisation == PLACE else ""]

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
        dataset = self._datasets[key[0]]
        dims = (YEAR, CHAIN, DRAW) if place else (ORGANISATION, YEAR, CHAIN, DRAW)
        if name in dataset:
            array = dataset[name].isel({REGIME: self.regimes.index(regime)})
        elif name in VARIABLE_NAMES and not place:  # not kept: simulated again from its key
            again = with_dims(recompute(self.view.tree, name, regime=regime).to_dataset(), dims)
            array = again[name].isel({REGIME: 0})
        else:
            raise ResultsError(f"the results hold no variable '{name}'")
        values = ordered(taken(array, self._orders[key[0]]), dims)
        if values.dtype != bool and name == "exhausted":
            values = values.astype(bool, copy=False)
        while len(self._blocks) >= _MOST_BLOCKS:
            self._blocks.popitem(last=False)
        self._blocks[key] = values
        return values


def needs_draws(what: str) -> str:
    """Return why summaries do not answer a question, and what to do."""
    return (
        f"this run kept summaries only, and {what} needs draws: run again with "
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


def choose(asked: Names, known: Sequence[str], what: str) -> tuple[str, ...]:
    """Return the labels asked for in order, or all; ResultsError names what is not known."""
    if asked is None:
        return tuple(known)
    if not isinstance(asked, str | Sequence) or not asked:
        raise ResultsError(f"{what}: {asked!r} is not a label, or a list of labels")
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
