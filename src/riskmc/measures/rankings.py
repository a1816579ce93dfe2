"""More than a mean difference: rankings, dominance and trade-offs.

All of it future by future, on headline measures over the horizon.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.catalogue import Measure, family_of, horizon_measure
from riskmc.measures.comparison import need_several
from riskmc.measures.events import sides
from riskmc.measures.reading import Names, Reader
from riskmc.measures.view import Source
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Bools, Estimate, stack
from riskmc.variables import HAPPENED, PLACE
from riskmc.words.rounding import format_value

if TYPE_CHECKING:
    import xarray as xr

#: Levels at which two distributions are held against each other.
_GRID = tuple(round(0.01 * i, 2) for i in range(1, 100))


def _draws(
    reader: Reader, name: str, regime: str, organisation: str
) -> tuple[NDArray[Any], Bools | None]:
    """Return a horizon measure in every draw, and which draws are finite."""
    family = family_of(name)
    paths = reader.paths(family.needs, regime=regime, organisation=organisation)
    series = family.make(paths).horizon[horizon_measure(name).source]
    return series.astype(float), estimators.finite_draws(*paths.values())


def _all_valid(masks: list[Bools | None]) -> Bools | None:
    found = [mask for mask in masks if mask is not None]
    return np.logical_and.reduce(found) if found else None


def _sign(measure: Measure, better: str | None) -> float:
    """Return +1 where less is better, -1 where more is."""
    direction = measure.better if better is None else better
    if direction not in ("lower", "higher"):
        raise ResultsError(
            f"'{measure.name}' has no good direction: say better='lower' or better='higher'"
        )
    return 1.0 if direction == "lower" else -1.0


def ranking(
    results: Source,
    *,
    objective: str = "net_deficit",
    better: str | None = None,
    organisation: str = PLACE,
    regime: Names = None,
) -> xr.Dataset:
    """Return regimes ranked by an objective, best mean first, with the chance of being best.

    Over `regime`: `value`, `mcse`, `low`, `high` of the objective's mean; `p_best`, the share of
    futures in which no regime is better, and `p_best_alone`, in which every other is worse (to
    1e-9), both with `_mcse`, `_low`, `_high`; `mean_rank` (1 is best, ties share). `objective` is
    a headline measure, `better` "lower" or "higher" where it is not plain.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    objective : str
        Name of a headline measure.
    better : str, optional
        "lower" or "higher", where the measure does not say which is better.
    organisation : str
        An organisation, or "place"; default "place".
    regime : str or sequence of str, optional
        Default: every regime.

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        A name that is not there, one regime alone, or an objective without a good direction where
        none is said.

    References
    ----------
    - docs/measures.md, "Ranking, dominance, trade-off".
    """
    import xarray as xr

    reader = Reader(results)
    regimes = reader.choose_regimes(regime)
    need_several(regimes)
    measure = horizon_measure(objective)
    sign = _sign(measure, better)
    reader.choose_bodies(organisation)
    taken = [_draws(reader, objective, name, organisation) for name in regimes]
    valid = _all_valid([mask for _, mask in taken])
    series = np.stack([x for x, _ in taken])
    losses = sign * series
    slack = HAPPENED * np.maximum(np.abs(losses).max(axis=0), 1.0)
    best = losses <= losses.min(axis=0) + slack
    alone = best & (best.sum(axis=0) == 1)
    ranks = np.stack([_ranks(losses, i, slack) for i in range(len(regimes))])
    masks = None if valid is None else np.broadcast_to(valid, best.shape)
    found = {
        "": estimators.mean(series, scheme=reader.scheme, valid=masks),
        "p_best": estimators.probability(best, scheme=reader.scheme, valid=masks),
        "p_best_alone": estimators.probability(alone, scheme=reader.scheme, valid=masks),
        "mean_rank": estimators.mean(ranks, scheme=reader.scheme, valid=masks),
    }
    order = np.argsort(sign * found[""].value, kind="stable")
    data: dict[str, Any] = {}
    for name, estimate in found.items():
        unit = measure.unit if name == "" else "rank" if name == "mean_rank" else "probability"
        for field in ("value", "mcse", "low", "high"):
            key = field if not name else name if field == "value" else f"{name}_{field}"
            values = getattr(estimate, field)[order]
            data[key] = ("regime", values, {"units": unit, "long_name": key.replace("_", " ")})
    attrs = {
        "long_name": f"regimes ranked by {measure.label}",
        "organisation": organisation,
        "objective": objective,
        "scheme": reader.scheme,
        "draws": reader.draws,
    }
    return xr.Dataset(data, {"regime": [regimes[i] for i in order]}, attrs)


def _ranks(losses: NDArray[Any], i: int, slack: NDArray[Any]) -> NDArray[Any]:
    """Return the rank of one regime in every draw; ties share the mean of their ranks."""
    ahead = (losses < losses[i] - slack).sum(axis=0)
    level = (np.abs(losses - losses[i]) <= slack).sum(axis=0)
    return np.asarray(1.0 + ahead + (level - 1.0) / 2.0)


def dominance(
    results: Source,
    a: str,
    b: str,
    *,
    measure: str = "net_deficit",
    better: str | None = None,
    organisation: str = PLACE,
) -> xr.Dataset:
    """Return whether regime a dominates b in a measure, to the first and to the second order.

    First order: a is no worse at any quantile; everybody prefers it. Second order: the mean of
    the worst share 1 - p of futures is no worse at any p; whoever dislikes risk prefers it.
    Over `quantile` (0.01 to 0.99): `first` and `second`, a less b (the sign turned where more is
    better, so that negative is good for a), each with `_mcse`, `_low`, `_high`. Attributes
    `first_order`, `second_order`: "holds" (in this sample at every level), "not contradicted"
    (what speaks against it is within simulation error at every level), "fails".

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    a : str
        The regime that may dominate.
    b : str
        The regime that may be dominated.
    measure : str
        Name of a headline measure.
    better : str, optional
        "lower" or "higher", where the measure does not say which is better.
    organisation : str
        An organisation, or "place"; default "place".

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        A name that is not there, or a measure without a good direction where none is said.

    References
    ----------
    - Hadar, J. and Russell, W. R., Rules for ordering uncertain prospects, American Economic Review
      59 (1969) 25-34: dominance of either order.
    - Ogryczak, W. and Ruszczyński, A., Dual stochastic dominance and related mean-risk models, SIAM
      Journal on Optimization 13 (2002) 60-78: the second order by means of the worst futures.
    - docs/measures.md, "Ranking, dominance, trade-off".
    """
    import xarray as xr

    reader = Reader(results)
    reader.choose_regimes((a, b))
    reader.choose_bodies(organisation)
    row = horizon_measure(measure)
    sign = _sign(row, better)
    (one, first_valid), (other, second_valid) = (
        _draws(reader, measure, name, organisation) for name in (a, b)
    )
    valid = _all_valid([first_valid, second_valid])
    common: dict[str, Any] = {"scheme": reader.scheme, "against": sign * other, "valid": valid}
    mean = estimators.mean(sign * one, **common)
    found = {
        "first": estimators.quantile(sign * one, p=_GRID, **common),
        "second": estimators.expected_shortfall(sign * one, p=_GRID, **common),
    }
    data: dict[str, Any] = {}
    for name, estimate in found.items():
        for field in ("value", "mcse", "low", "high"):
            key = name if field == "value" else f"{name}_{field}"
            data[key] = (
                "quantile",
                getattr(estimate, field),
                {"units": row.unit, "long_name": f"{name} order: {a} less {b}"},
            )
    whole = stack([mean])
    attrs = {
        "long_name": f"dominance of {a} over {b} in {row.label}",
        "first_order": _verdict(found["first"]),
        "second_order": _verdict(found["second"], whole),
        "organisation": organisation,
    }
    return xr.Dataset(data, {"quantile": list(_GRID)}, attrs)


def _verdict(*estimates: Estimate) -> str:
    known = [np.isfinite(e.value) for e in estimates]
    worst = max(
        float(e.value[k].max(initial=-np.inf)) for e, k in zip(estimates, known, strict=True)
    )
    if worst <= HAPPENED:
        return "holds"
    clear = any(bool((e.low[k] > HAPPENED).any()) for e, k in zip(estimates, known, strict=True))
    return "fails" if clear else "not contradicted"


def trade_off(
    results: Source,
    a: str,
    b: str,
    *,
    gain: str = "bailout",
    price: str = "unmet",
    organisation: str = PLACE,
) -> xr.Dataset:
    """Return what regime a pays in one measure for every £1 it saves in another, against b.

    `value` = E[price_a - price_b] / E[gain_b - gain_a], with `mcse`, `low`, `high`; NaN where the
    gain's own interval holds 0: then there is nothing to divide by. `gain` and `price` are their
    mean amounts. `joint`, over (gain_side, price_side), is the share of futures in which a is
    lower, the same or higher in each. Attribute `words` says it in a sentence.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    a : str
        The regime that saves.
    b : str
        The regime that it is compared with.
    gain : str
        The headline measure that is saved in.
    price : str
        The headline measure that is paid in.
    organisation : str
        An organisation, or "place"; default "place".

    Returns
    -------
    xarray.Dataset
        Estimates, each with its Monte Carlo standard error and 95 % interval.

    Raises
    ------
    ResultsError
        A name that is not there.

    References
    ----------
    - docs/measures.md, "Ranking, dominance, trade-off".
    """
    import xarray as xr

    reader = Reader(results)
    reader.choose_regimes((a, b))
    reader.choose_bodies(organisation)
    taken = {
        (name, regime): _draws(reader, name, regime, organisation)
        for name in (gain, price)
        for regime in (a, b)
    }
    valid = _all_valid([mask for _, mask in taken.values()])
    saved = taken[gain, b][0] - taken[gain, a][0]
    paid = taken[price, a][0] - taken[price, b][0]
    if valid is not None:
        saved, paid = np.where(valid, saved, np.nan), np.where(valid, paid, np.nan)
    gained = estimators.mean(saved, scheme=reader.scheme).single()
    cost = estimators.mean(paid, scheme=reader.scheme).single()
    rate = estimators.ratio(paid, saved, scheme=reader.scheme).single()
    unclear = not (gained.low > 0.0 or gained.high < 0.0)
    if unclear:
        rate = rate._replace(value=np.nan, mcse=np.nan, low=np.nan, high=np.nan)
    both = [sides(taken[name, a][0], taken[name, b][0]) for name in (gain, price)]
    names = ("lower", "tie", "higher")
    joint = [[float(np.mean(both[0][i] & both[1][j])) for j in names] for i in names]
    fields = {
        name: ((), getattr(rate, name), {"units": "£ per £1"})
        for name in ("value", "mcse", "low", "high")
    }
    labels = [horizon_measure(name).label.split(",")[0].lower() for name in (gain, price)]
    if unclear:
        words = f"no clear difference in {labels[0]}"
    else:
        amount = format_value(rate.value, rate.mcse)
        words = f"£1 less of {labels[0]} at a price of £{amount} of {labels[1]}"
    data: dict[str, Any] = {
        **fields,
        "gain": ((), gained.value, {"units": "£m"}),
        "price": ((), cost.value, {"units": "£m"}),
        "joint": (("gain_side", "price_side"), joint, {"units": "probability"}),
    }
    attrs = {"long_name": f"{a} against {b}: {price} for {gain}", "words": words}
    return xr.Dataset(data, {"gain_side": list(names), "price_side": list(names)}, attrs)
