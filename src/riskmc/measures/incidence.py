"""Incidence: of every £1 that had to be found, who bore it.

What each bears in the year, for as long as it lasts: local taxpayers (what all rises inside the
horizon bring this year), service users (unmet need, services cut for good included), past savers
(from reserves), the centre (bailout * centre_share * (1 - loan_share)), future budgets (the rest
of the bailout, deficits carried forward, capital forgone), nobody yet (unresolved), and managers
(in-year measures that cut no service). The whole to be found is the sum of what is borne. A
carried deficit counts when it is carried and again, as whoever meets it, when it falls due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.arguments import SoFar
from riskmc.measures.holders import holder_parameters
from riskmc.measures.measure import Chosen, measure
from riskmc.measures.reading import Reader
from riskmc.measures.tabulate import Spec, Statistic, Task, over_time, over_words, year_dims
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate
from riskmc.variables import BEARERS, MONEY, PLACE, VARIABLES

if TYPE_CHECKING:
    import xarray as xr

#: Outputs that somebody bears, and who.
_BORNE = {row.name: row.bearer for row in VARIABLES if row.bearer}
#: Also needed: it separates in-year measures that cut services from those that do not.
_CUTS = ("service_reduction", "standing")


@measure('docs/model.md, section 5, "Incidence"', estimators.mean)
def incidence(*, over: SoFar = "horizon", **_: Unpack[Chosen]) -> Spec:
    """Return the mean amount that each bearer met, over (organisation, regime[, year], bearer).

    [£m]; `over`: "horizon" (total), "year", "cumulative". With `against` the paired difference
    from that regime. The place needs the variables of the place only; organisations need results
    that keep everything. Parts add up to the whole in every draw.
    """
    return _borne(over, estimators.mean, MONEY, f"mean amount borne {over_words(over)}")


@measure('docs/model.md, section 5, "Incidence"', estimators.ratio)
def incidence_shares(*, over: SoFar = "horizon", **_: Unpack[Chosen]) -> Spec:
    """Return what each bearer met of every £1, over (..., bearer): the parts sum to 1.

    The share of the expected amount, E[part] / E[whole], with the error of a ratio; NaN where
    nothing had to be found in any future.
    """
    words = f"share borne of every £1 to be found {over_words(over)}"
    return _borne(over, _of_the_whole, "£ of every £1", words)


def _borne(over: str, statistic: Statistic, unit: str, long_name: str) -> Spec:
    return Spec(
        long_name=long_name,
        unit=unit,
        needs=_needs,
        values=lambda task: _parts(task, over),
        statistic=statistic,
        inner=lambda reader: {**year_dims(reader, over), "bearer": tuple(BEARERS)},
    )


def incidence_draws(
    results: Source, *, regime: str, organisation: str = PLACE, over: str = "horizon"
) -> xr.DataArray:
    """Return who bore it in every draw, (bearer[, year], chain, draw) [£m].

    Sums over `bearer` to what had to be found, in every draw.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    regime : str
        Name of a regime.
    organisation : str
        An organisation, or "place"; default "place".
    over : str
        How it is taken over time, such as "year" or "horizon"; default "horizon".

    Returns
    -------
    xarray.DataArray
        One value a draw, (chain, draw).

    Raises
    ------
    ResultsError
        A name that is not there, or rules that take what nobody is named to bear.

    References
    ----------
    - docs/model.md, section 5, "Incidence".
    """
    import xarray as xr

    reader = Reader(results)
    reader.choose_regimes(regime)
    reader.choose_bodies(organisation)
    paths = reader.paths(_needs(reader), regime=regime, organisation=organisation)
    values = _parts(Task(paths, organisation, regime, reader), over)
    years = year_dims(reader, over)
    dims = (*years, "bearer", "chain", "draw")
    return xr.DataArray(
        values,
        dims=dims,
        coords={**{dim: list(v) for dim, v in years.items()}, "bearer": list(BEARERS)},
        name="incidence",
        attrs={"units": MONEY, "long_name": f"amount borne {over_words(over)}"},
    ).transpose("bearer", ...)


def _needs(reader: Reader) -> tuple[str, ...]:
    """Return the outputs that incidence is made of: those that the results' version knew.

    ResultsError where an instrument takes what no output with a bearer shows.
    """
    for name, regime in reader.study().regimes.items():
        for book in regime.rulebooks.values():
            unseen = [s.instrument for s in book.shortfall if s.row.records not in _BORNE]
            if unseen:
                raise ResultsError(
                    f"regime {name}: nobody is named who bears what `{unseen[0]}` takes; give its "
                    "output a bearer in riskmc.variables"
                )
    wanted = (*_BORNE, *_CUTS)
    return tuple(name for name in wanted if reader.has(name, PLACE)) or wanted


def _parts(task: Task, over: str) -> NDArray[Any]:
    """Return the parts of a task, (*years, bearer, chain, draw)."""
    paths = {name: over_time(path, over) for name, path in task.paths.items()}
    centre = _centres_part(task, over)
    parts = dict.fromkeys(BEARERS, np.zeros_like(paths["unmet"]))
    for name, bearer in _BORNE.items():
        if name in paths:
            parts[bearer] = parts[bearer] + paths[name]
    # a bailout is the centre's only as far as it gave for good; the rest is for future budgets
    left_to_repay = paths["bailout"] - centre
    parts["centre"] = parts["centre"] - left_to_repay
    parts["future_budgets"] = parts["future_budgets"] + left_to_repay
    # in-year measures that cut services count as need unmet
    cut_in_year = paths["unmet"] - paths["service_reduction"] - paths.get("standing", 0.0)
    parts["managers"] = parts["managers"] - cut_in_year
    return np.stack([parts[bearer] for bearer in BEARERS], axis=-3)


def _centres_part(task: Task, over: str) -> NDArray[Any]:
    """Return what the centre gave for good, by each holder's own terms."""
    reader = task.reader
    terms = holder_parameters(reader.study())[task.regime]
    shares = {body: own.centre_share * (1.0 - own.loan_share) for body, own in terms.items()}
    whole = over_time(task.paths["bailout"], over)
    if task.body != PLACE:
        return np.asarray(whole * shares[task.body])
    if any(shares.values()):
        reader.need_every_organisation("the centre's part of the place's bailouts")
    total: NDArray[Any] = np.zeros(())
    for body, share in shares.items():
        if share == 0.0:
            continue
        own = reader.path("bailout", regime=task.regime, organisation=body)
        total = total + share * over_time(own, over)
    return np.broadcast_to(total, whole.shape)


def _of_the_whole(
    x: NDArray[Any],
    /,
    *,
    scheme: str,
    against: NDArray[Any] | None = None,
    valid: Bools | None = None,
) -> Estimate:
    def terms(parts: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        if valid is not None:
            parts = np.where(valid, parts, np.nan)
        return parts, np.broadcast_to(parts.sum(axis=-3, keepdims=True), parts.shape)

    return estimators.ratio(
        *terms(x),
        scheme=scheme,
        against=None if against is None else terms(against),
        share=True,
    )
