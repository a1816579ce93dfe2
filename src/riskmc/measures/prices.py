"""Headline money at the prices of one year, and discounted.

What is stored is nominal. Here each year's money is divided by the prices of that year against
those of a stated year, and by what a pound is worth the later it comes; then every measure is
taken as usual. Chances do not change: an amount and the income it is compared with are divided by
the same number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import FAMILIES, HORIZON, Family
from riskmc.measures.possible import exactly, impossible
from riskmc.measures.reading import Names, Reader, needs_draws
from riskmc.measures.view import Source, view_of
from riskmc.statistics import estimators
from riskmc.variables import MONEY, NET_DEFICIT, variable
from riskmc.words.estimates import FIELDS, TYPES

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
#: The study's own price driver.
OWN_PRICES = "cost_inflation"


def real_terms(
    results: Source,
    *,
    prices: str | None = None,
    deflator: float | Sequence[float] | str = OWN_PRICES,
    discount_rate: float = 0.0,
    organisation: Names = None,
    regime: Names = None,
) -> xr.Dataset:
    """Return headline money at the prices of a stated year, discounted.

    Parameters
    ----------
    results : DataTree or Results
        Results that keep their draws.
    prices : str, optional
        The year whose prices are used, such as "2016/17"; default: the first. A pound of that
        year counts as one pound.
    deflator : float, sequence of float, or "cost_inflation"
        Growth of prices in each year [fraction a year]; the last value of a list holds on.
        "cost_inflation": the study's own driver, future by future, weighted by opening costs.
    discount_rate : float
        What is taken off each year after the stated one [fraction a year]; 0.035 is the Green
        Book's.
    organisation, regime : str or sequence of str, optional
        As in `riskmc.summary`.

    Returns
    -------
    xarray.Dataset
        Over (measure, organisation, regime): `value`, `mcse`, `low`, `high`, `bound`, `units` and
        `impossible` (see `riskmc.summary`) of every measure of money over the horizon [£m];
        attribute `basis` says which money it is.

    Raises
    ------
    ResultsError
        Results that keep no draws; a year, deflator or rate that cannot be.

    References
    ----------
    - HM Treasury, The Green Book: central government guidance on appraisal and evaluation (2022),
      chapter 5 and annex 6: real terms, and social time preference of 3.5 % a year.
    - docs/second-run.md, "Real terms".
    """
    import xarray as xr

    view = view_of(results)
    if view.summarised:
        raise ResultsError(needs_draws("money in real terms"))
    reader = Reader(results)
    bodies, regimes = reader.choose_bodies(organisation), reader.choose_regimes(regime)
    years = tuple(reader.years)
    stated = years[0] if prices is None else prices
    if stated not in years:
        raise ResultsError(f"prices: there is no year '{stated}'; there are {', '.join(years)}")
    worth = _worth(view, years.index(stated), deflator, discount_rate)
    rows = [row for row in HORIZON if row.unit == MONEY and not row.quantile]
    shape = (len(rows), len(bodies), len(regimes))
    arrays: dict[str, NDArray[Any]] = {
        field: np.full(shape, np.nan if TYPES[field] is float else 0, dtype=TYPES[field])
        for field in FIELDS
    }
    places = {row.name: i for i, row in enumerate(rows)}
    for family in FAMILIES:
        for j, body in enumerate(bodies):
            for k, name in enumerate(regimes):
                paths = reader.paths(family.needs, regime=name, organisation=body)
                for measure, single in _singles(family, _in_money_of(paths, worth), reader.scheme):
                    never = impossible(view.study, measure.output)[name]
                    certain = body in never
                    known = exactly(single) if certain else single
                    at = (places[measure.name], j, k)
                    for field, value in known._asdict().items():
                        arrays[field][at] = value
                    arrays["impossible"][at] = certain and single.value == 0.0
    return xr.Dataset(
        {name: (("measure", "organisation", "regime"), values) for name, values in arrays.items()},
        coords={
            "measure": [row.name for row in rows],
            "label": ("measure", [row.label for row in rows]),
            "organisation": list(bodies),
            "regime": list(regimes),
        },
        attrs={"basis": _basis(stated, deflator, discount_rate), "units": MONEY},
    )


def _worth(
    view: Any, stated: int, deflator: float | Sequence[float] | str, discount_rate: float
) -> Floats:
    """Return what a pound of each year is worth in the stated year: (year, 1 or chain, ...)."""
    years = len(view.years)
    if not (np.isfinite(discount_rate) and discount_rate > -1.0):
        raise ResultsError(f"discount_rate is {discount_rate}; allowed: a number above -1")
    if isinstance(deflator, str):
        if deflator != OWN_PRICES:
            raise ResultsError(
                f"deflator is '{deflator}'; allowed: '{OWN_PRICES}', a number or a list by year"
            )
        growth = _own_prices(view)
    else:
        given = np.atleast_1d(np.asarray(deflator, dtype=np.float64))
        if given.ndim != 1 or not given.size or not (np.isfinite(given) & (given > -1.0)).all():
            raise ResultsError("deflator: allowed are numbers above -1, one or a list by year")
        held = given[np.minimum(np.arange(years), given.size - 1)]
        growth = held[:, np.newaxis, np.newaxis]
    level = np.cumprod(1.0 + growth, axis=0)
    ahead = np.arange(years) - stated
    discount = (1.0 + discount_rate) ** -ahead.astype(np.float64)
    worth: Floats = discount[:, np.newaxis, np.newaxis] * level[stated] / level
    return worth


def _own_prices(view: Any) -> Floats:
    """Return the growth of unit costs, (year, chain, draw), weighted by opening costs."""
    from riskmc.sampling import sample
    from riskmc.variables import CHAIN, DRAW, ORGANISATION, YEAR

    drivers = view.drivers
    if drivers is None or OWN_PRICES not in drivers:
        if view.tree.attrs.get("drivers_from", "the study") != "the study":
            raise ResultsError(
                "the results hold no cost_inflation, and their futures are the user's own: "
                "give a deflator by year"
            )
        attributes = view.tree.attrs
        drivers = sample(
            view.study,
            draws=int(attributes["draws"]),
            seed=int(attributes["seed"]),
            scheme=view.scheme,
        )
    chosen = drivers[OWN_PRICES].sel(
        {YEAR: list(view.years), CHAIN: list(view.chain_labels), DRAW: list(view.draw_labels)}
    )
    missing = [body for body in view.missing_organisations if body not in drivers[ORGANISATION]]
    if missing:
        raise ResultsError(
            f"the place's own prices need every organisation; the results do not hold "
            f"{', '.join(missing)}: ask before selecting organisations"
        )
    costs = {body.id: body.cost for body in view.study.organisations}
    weights = np.array([costs[name] for name in chosen[ORGANISATION].values.tolist()])
    shares = (
        weights / weights.sum() if weights.sum() > 0.0 else np.full(weights.size, 1 / weights.size)
    )
    values = chosen.transpose(YEAR, ORGANISATION, CHAIN, DRAW).values
    growth: Floats = np.einsum("yocd,o->ycd", values, shares)
    return growth


def _in_money_of(paths: Mapping[str, NDArray[Any]], worth: Floats) -> dict[str, NDArray[Any]]:
    """Return paths with every amount of money at its worth; chances and flags as they are."""
    return {
        name: path * worth if name == NET_DEFICIT.name or variable(name).unit == MONEY else path
        for name, path in paths.items()
    }


def _singles(family: Family, paths: Mapping[str, NDArray[Any]], scheme: str) -> Any:
    made = family.make(paths).horizon
    valid = estimators.finite_draws(*paths.values())
    for row in family.horizon:
        if row.unit == MONEY and not row.quantile:
            yield row, estimators.mean(made[row.source], scheme=scheme, valid=valid).single()


def _basis(stated: str, deflator: float | Sequence[float] | str, discount_rate: float) -> str:
    by = "the study's own prices" if isinstance(deflator, str) else "a deflator by year"
    text = f"£m at the prices of {stated} (by {by})"
    if discount_rate:
        text += f", discounted to {stated} at {100.0 * discount_rate:g} % a year"
    return text
