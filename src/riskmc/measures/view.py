"""`Results`: a results tree with its study and its labels worked out once."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Union

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError, StudyError
from riskmc.measures.labels import (
    Order,
    check_draws,
    number_labels,
    order_by,
    same_draws,
    text_labels,
    with_dims,
)
from riskmc.sampling import SCHEMES, Layout
from riskmc.summaries.tree import GROUP as SUMMARIES
from riskmc.variables import CHAIN, DRAW, ORGANISATION, PLACE, REGIME, YEAR

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.measures.reading import Reader
    from riskmc.study import Study

#: What every measure takes: a results tree as it stands, or a `Results` made of it.
Source = Union["xr.DataTree", "Results"]
#: Studies parsed lately: one report asks for its study some hundred times.
_STUDIES = 16


class Results:
    """A results tree, read once for many questions.

    Every measure takes a plain `xarray.DataTree` too; a `Results` only spares the work of
    finding out again what the tree holds. The tree may have been selected from: everything is
    found by label, and a selection that parts antithetic pairs or chains is refused here.

    Parameters
    ----------
    tree : xarray.DataTree
        What `riskmc.run` or `riskmc.open_results` returned, or a selection of it. It must not
        be changed while the view is in use.
    study : Study, optional
        The study that it carries, where that is at hand: then it is not parsed again.

    Attributes
    ----------
    tree : xarray.DataTree
        The tree itself.
    study : Study
        The study that the results carry.
    scheme : str
        How futures were drawn: mc, antithetic, lhs or sobol.
    layout : Layout
        Chains, and draws per chain, that the tree holds.
    place, outcomes : xarray.Dataset
        The groups `/place` and `/outcomes`, with a dimension for every label.
    drivers : xarray.Dataset or None
        The group `/drivers`, where it was kept.
    regimes, organisations, years : tuple of str
        Labels: regimes and organisations in the tree's order, years in the study's.
    bodies : tuple of str
        The place and every organisation.
    reader : Reader
        Paths of single variables as arrays; keeps the latest few.
    headline : dict
        Headline estimates that were worked out, by what was asked: `riskmc.summary`,
        `headline_table` and `tidy` of one view do not work them out twice.
    failed : array of bool or None
        Which draws are not finite, (chain, draw), once that was asked.

    Raises
    ------
    ResultsError
        No results of a run, duplicate labels, or a selection of draws that cannot have
        an error.

    References
    ----------
    - docs/measures.md.

    Examples
    --------
    >>> view = Results(riskmc.open_results("reports/example"))  # doctest: +SKIP
    >>> view.study.title, view.scheme, view.layout.total  # doctest: +SKIP
    """

    def __init__(self, tree: xr.DataTree, study: Study | None = None) -> None:
        if not (hasattr(tree, "children") and hasattr(tree, "attrs")):
            raise ResultsError(
                f"a {type(tree).__name__} is not the results of a run: give what riskmc.run or "
                "riskmc.open_results returned"
            )
        self.tree = tree
        self._study = study
        self.headline: dict[Any, Any] = {}
        self.failed: NDArray[np.bool_] | None = None
        self.scheme = str(tree.attrs.get("scheme", "mc"))
        if self.scheme not in SCHEMES:
            raise ResultsError(
                f"the results say they were sampled by '{self.scheme}'; known: "
                + ", ".join(SCHEMES)
            )
        if self.summarised:
            self._read_study()
        else:
            self._read_groups()
        self.bodies = (PLACE, *self.organisations)

    @property
    def summarised(self) -> bool:
        """Whether the run kept summaries instead of draws."""
        return SUMMARIES in self.tree.children

    @cached_property
    def study(self) -> Study:
        """The study that the results carry; ResultsError where none can be read."""
        if self._study is not None:
            return self._study
        text = self.tree.attrs.get("study")
        if not isinstance(text, str):
            raise ResultsError("the results carry no study (attribute 'study'): run it again")
        try:
            return stored_study(text)
        except StudyError as error:
            made = self.tree.attrs.get("riskmc_version", "of an unknown version")
            raise ResultsError(
                f"the study that riskmc {made} stored in these results cannot be read by this "
                f"version: run it again ({error.problems[0]})"
            ) from error

    @cached_property
    def reader(self) -> Reader:
        """Paths of single variables; of summarised results, their estimates."""
        from riskmc.measures.summary_reader import read

        return read(self)

    @property
    def drivers(self) -> xr.Dataset | None:
        """The drivers, where the run kept them."""
        if "drivers" not in self.tree.children:
            return None
        return with_dims(self.tree["drivers"].to_dataset(), (CHAIN, DRAW, YEAR, ORGANISATION))

    @cached_property
    def from_opening(self) -> bool:
        """Whether the years held are the study's first ones, without a gap."""
        return self.years == self.study.year_labels[: len(self.years)]

    @cached_property
    def unbroken(self) -> bool:
        """Whether the years held follow one another without a gap."""
        first = self.study.year_labels.index(self.years[0])
        return self.years == self.study.year_labels[first : first + len(self.years)]

    @property
    def missing_organisations(self) -> tuple[str, ...]:
        """Organisations of the study that a selection left out."""
        return tuple(b for b in self.study.organisation_ids if b not in self.organisations)

    def _read_study(self) -> None:
        """Take the labels of summarised results from their study: they cannot be selected from."""
        study, attrs = self.study, self.tree.attrs
        self.regimes, self.years = tuple(study.regimes), study.year_labels
        self.organisations = study.organisation_ids
        chains = int(attrs["chains"])
        self.layout = self.whole = Layout(chains, int(attrs["draws"]) // chains)
        self.orders: dict[str, Order] = {}

    def _read_groups(self) -> None:
        tree = self.tree
        for group in ("outcomes", PLACE):
            if group not in tree.children:
                raise ResultsError(f"the results have no group '/{group}': is this a riskmc run?")
        place_dims = (REGIME, YEAR, CHAIN, DRAW)
        self.place = with_dims(tree[PLACE].to_dataset(), place_dims)
        self.outcomes = with_dims(tree["outcomes"].to_dataset(), (ORGANISATION, *place_dims))
        self.regimes = text_labels(self.place, REGIME)
        self.organisations = text_labels(self.outcomes, ORGANISATION)
        held = text_labels(self.place, YEAR)
        self.years = self._in_study_order(held)
        for dim, labels in ((REGIME, self.regimes), (YEAR, held)):
            if text_labels(self.outcomes, dim) != labels:
                raise ResultsError(f"the groups of the results differ in their '{dim}' labels")
        if not same_draws(self.place, self.outcomes):
            raise ResultsError("the groups of the results hold different draws")
        chains, draws = (sorted(number_labels(self.place, dim)) for dim in (CHAIN, DRAW))
        self.layout = Layout(len(chains), len(draws))
        self.whole = self._whole_layout(chains, draws)
        check_draws(chains, draws, scheme=self.scheme, whole=self.whole)
        self.chain_labels, self.draw_labels = tuple(chains), tuple(draws)
        self.orders = {YEAR: order_by(held, self.years)}

    def draw_orders(self, dataset: xr.Dataset) -> dict[str, Order]:
        """Return the order in which a dataset's chains and draws are to be taken.

        Parameters
        ----------
        dataset : xarray.Dataset
            With the same chains and draws, in any order.

        Returns
        -------
        dict of str to Order
            By dimension.
        """
        return {
            CHAIN: order_by(number_labels(dataset, CHAIN), self.chain_labels),
            DRAW: order_by(number_labels(dataset, DRAW), self.draw_labels),
        }

    def _in_study_order(self, years: tuple[str, ...]) -> tuple[str, ...]:
        known = self.study.year_labels if "study" in self.tree.attrs else years
        unknown = [label for label in years if label not in known]
        if unknown:
            raise ResultsError(f"the results hold a year '{unknown[0]}' that is not of their study")
        return tuple(label for label in known if label in years)

    def _whole_layout(self, chains: list[int], draws: list[int]) -> Layout:
        """Return the layout of the run, of which the tree may hold a part."""
        attrs = self.tree.attrs
        if "draws" not in attrs or "chains" not in attrs:
            return Layout(chains[-1] + 1, draws[-1] + 1)
        number = int(attrs["chains"])
        return Layout(number, int(attrs["draws"]) // number)


@lru_cache(maxsize=_STUDIES)
def stored_study(text: str) -> Study:
    """Return the study that results carry as JSON text; studies do not change."""
    from riskmc.study import study_from_json

    return study_from_json(text)


def view_of(results: Source) -> Results:
    """Return results as a `Results`, itself where it is one."""
    return results if isinstance(results, Results) else Results(results)


def tree_of(results: Source) -> xr.DataTree:
    """Return the tree of results."""
    return results.tree if isinstance(results, Results) else results
