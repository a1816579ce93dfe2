"""One future of stored results simulated again, alone, with every driver and every variable.

A driver's value depends only on its key and the draw's number, and every operation of the engine
is element by element: so one draw can be drawn and run without the others, and comes out equal
to its stored row to the bit. Stored rows are compared with it all the same.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.blocks import run_block
from riskmc.engine.moves import working
from riskmc.engine.programme import compile_regime
from riskmc.errors import ResultsError
from riskmc.measures.labels import number_labels, with_dims
from riskmc.results.contents import DRIVERS_GROUP, OUTCOMES, PLACE_GROUP, Contents
from riskmc.results.packing import packed, step_of
from riskmc.sampling import KEY_BLOCK, Layout, Sampler
from riskmc.sampling.futures import project_deliveries
from riskmc.study import Regime, Study, study_from_json
from riskmc.study.settings import WATERFALLS
from riskmc.variables import CHAIN, DRAW, DRIVER_NAMES, MONEY, ORGANISATION, REGIME, YEAR

if TYPE_CHECKING:
    import xarray as xr

#: The group that holds what each row of the risk register cost.
RISKS_GROUP = "risks"
#: The group that holds what every instrument took.
TAKEN_GROUP = "taken"
#: Dimensions of a replayed future, by group.
DIMS = {
    OUTCOMES: (REGIME, ORGANISATION, YEAR),
    PLACE_GROUP: (REGIME, YEAR),
    DRIVERS_GROUP: (YEAR, ORGANISATION),
    RISKS_GROUP: ("risk", YEAR),
    TAKEN_GROUP: (REGIME, ORGANISATION, YEAR),
}
#: Order in which they are shown.
SHOWN = {
    **DIMS,
    OUTCOMES: (REGIME, YEAR, ORGANISATION),
    TAKEN_GROUP: (REGIME, YEAR, ORGANISATION),
}
#: Beyond this, relative to max(1, the stored value), a replayed value is another one.
ROUNDING = 1e-9
#: The same where values were rounded to be kept: a last bit may turn a rounding over.
SINGLE = 1e-6
TO_THE_BIT = "to the bit"
NOT_KEPT = "not checked: the results do not hold this draw"

Drivers = dict[str, NDArray[np.float64]]


class _Source(NamedTuple):
    """What results say of how they were made."""

    study: Study
    seed: int
    scheme: str
    layout: Layout
    own_drivers: bool


def replay(results: xr.DataTree, *, draw: int) -> xr.DataTree:
    """Replay one future of stored results under every regime.

    Parameters
    ----------
    results : xarray.DataTree
        As `run` and `open_results` give it.
    draw : int
        The draw's number, counted from 0: chain × draws per chain + draw.

    Returns
    -------
    xarray.DataTree
        `/outcomes` (regime, year, organisation) and `/place` (regime, year) with every variable,
        whatever the run kept; `/taken` (regime, year, organisation): what every instrument of a
        plan counted on, or of another list took [£m]; `/drivers` (year, organisation); where
        futures were sampled, `/risks`: `cost` (risk, year) of every row of the risk register [£m].
        Attributes: those of the results, and `draw`, `chain`, `draw_in_chain`, and `agrees`: "to
        the bit" where every stored value of this draw is met exactly, else by how much it is
        missed.

    Raises
    ------
    ResultsError
        No such draw; results without their study, or run on user-supplied futures that were not
        kept; or a stored row that this version of `riskmc` does not come to.

    Notes
    -----
    Results that hold no draws at all (`keep="summaries"`) are replayed too: study, seed and scheme
    are enough. `agrees` then says that there was nothing to compare with.

    References
    ----------
    - docs/replay.md, "Replay".
    """
    import xarray as xr

    source = _source(results)
    number = _checked_draw(draw, source.layout)
    drivers = _drivers(results, source, number)
    values = {**_outcomes(source, drivers), DRIVERS_GROUP: _wide(source.study, drivers)}
    groups = {f"/{group}": _dataset(source, group, named) for group, named in values.items()}
    if not source.own_drivers:
        groups[f"/{RISKS_GROUP}"] = _risks(source, number)
    tree = xr.DataTree.from_dict(groups)
    chain, within = divmod(number, source.layout.per_chain)
    tree.attrs = {
        **results.attrs,
        "draw": number,
        "chain": chain,
        "draw_in_chain": within,
        "agrees": _agreement(results, tree, chain, within),
    }
    return tree


#: Labels of which results may hold a part, or in another order.
_HELD = (REGIME, YEAR, ORGANISATION)


def _source(results: xr.DataTree) -> _Source:
    attributes = results.attrs
    text = attributes.get("study")
    if not isinstance(text, str):
        raise ResultsError("these are not the results of a run: they carry no study")
    chains = int(attributes["chains"])
    return _Source(
        study_from_json(text),
        int(attributes["seed"]),
        str(attributes["scheme"]),
        Layout(chains, int(attributes["draws"]) // chains),
        attributes.get("drivers_from", "the study") != "the study",
    )


def _checked_draw(draw: int, layout: Layout) -> int:
    allowed = f"allowed: whole numbers from 0 to {layout.total - 1}"
    try:
        number = operator.index(draw)
    except TypeError:
        raise ResultsError(f"draw: {draw!r} is not the number of a draw; {allowed}") from None
    if not 0 <= number < layout.total:
        raise ResultsError(
            f"draw: the results hold no draw {number}; {allowed} "
            f"(chain × {layout.per_chain} + draw)"
        )
    return number


def _drivers(results: xr.DataTree, source: _Source, number: int) -> Drivers:
    """Return the drivers of one draw, each (year or 1, organisation, 1)."""
    if not source.own_drivers:
        sampler = Sampler(source.study, seed=source.seed, scheme=source.scheme)
        return _at(sampler, number)
    if DRIVERS_GROUP not in results.children:
        raise ResultsError(
            "these results were run on futures of the user's own and did not keep them: there is "
            'nothing to replay; run again with keep="all" (--keep all)'
        )
    chain, within = divmod(number, source.layout.per_chain)
    stored = _stored(results, DRIVERS_GROUP, chain, within)
    if stored is None:
        raise ResultsError(f"draw {number} was left out by a selection: replay the whole results")
    labels = {YEAR: source.study.year_labels, ORGANISATION: source.study.organisation_ids}
    for dim, wanted in labels.items():
        missing = [label for label in wanted if label not in stored[dim].values]
        if missing:
            raise ResultsError(
                f"a replay needs the drivers of every {dim}; a selection left out "
                f"{', '.join(missing)}"
            )
    stored = stored.sel({dim: list(wanted) for dim, wanted in labels.items()})
    block, place = divmod(number, KEY_BLOCK)
    delivered = project_deliveries(source.study, source.scheme, source.seed)(block)
    given = {
        name: np.ascontiguousarray(stored[name].transpose(YEAR, ORGANISATION).values)[..., None]
        for name in DRIVER_NAMES
    }
    return given | {name: x[..., place : place + 1].copy() for name, x in delivered.items()}


def _at(sampler: Sampler, number: int) -> Drivers:
    """Draw the key block that holds a draw, and take that draw out of it."""
    block, place = divmod(number, KEY_BLOCK)
    return {
        name: values if values.shape[2] == 1 else values[..., place : place + 1].copy()
        for name, values in sampler.key_block(block).items()
    }


def _wide(study: Study, drivers: Drivers) -> dict[str, NDArray[Any]]:
    shape = (study.years, len(study.organisations), 1)
    return {name: np.broadcast_to(drivers[name], shape) for name in DRIVER_NAMES}


def _outcomes(source: _Source, drivers: Drivers) -> dict[str, dict[str, NDArray[Any]]]:
    """Run every regime on the one draw."""
    contents = Contents(source.study, source.seed, source.scheme, Layout(1, 1))
    values = {
        group: {
            name: np.zeros(contents.shape(group), contents.dtype(name))
            for name in contents.names[group]
        }
        for group in (OUTCOMES, PLACE_GROUP)
    }
    regimes = range(len(source.study.regimes))
    shape = contents.shape(OUTCOMES)
    values[TAKEN_GROUP] = {
        name: np.zeros(shape) for name in sorted(_instruments(source.study.regimes.values()))
    }
    run_block(
        [compile_regime(source.study, name) for name in source.study.regimes],
        drivers,
        [
            {name: x[r] for name, x in {**values[OUTCOMES], **values[TAKEN_GROUP]}.items()}
            for r in regimes
        ],
        [{name: x[r] for name, x in values[PLACE_GROUP].items()} for r in regimes],
        draws=1,
    )
    return values


def _instruments(regimes: Iterable[Regime]) -> set[str]:
    """Return the names under which the engine notes what the instruments of a study took."""
    return {
        working(setting.waterfall, setting.instrument)
        for regime in regimes
        for book in regime.rulebooks.values()
        for waterfall in WATERFALLS
        for setting in book.waterfall(waterfall)
    }


def _dataset(source: _Source, group: str, named: Mapping[str, NDArray[Any]]) -> xr.Dataset:
    import xarray as xr

    contents = Contents(source.study, source.seed, source.scheme, Layout(1, 1))
    dims = DIMS[group]
    variables = {
        name: xr.Variable(
            dims,
            values[..., 0].copy(),
            {"units": MONEY, "long_name": f"taken by {name}"}
            if group == TAKEN_GROUP
            else contents.variable_attributes(group, name),
        ).transpose(*SHOWN[group])
        for name, values in named.items()
    }
    return xr.Dataset(variables, {dim: contents.coordinates[dim] for dim in dims})


def _risks(source: _Source, number: int) -> xr.Dataset:
    """Return what each row of the risk register cost."""
    import xarray as xr

    study = source.study
    block, place = divmod(number, KEY_BLOCK)
    sampler = Sampler(study, seed=source.seed, scheme=source.scheme)
    costs = sampler.risk_costs(block)[..., place]
    attributes = {"units": "£m", "long_name": "what the risk cost in the year"}
    return xr.Dataset(
        {"cost": (DIMS[RISKS_GROUP], costs, attributes)},
        {
            "risk": np.array([risk.name for risk in study.risks], dtype=str),
            YEAR: list(study.year_labels),
            ORGANISATION: ("risk", np.array([r.organisation for r in study.risks], dtype=str)),
        },
    )


def _stored(results: xr.DataTree, group: str, chain: int, within: int) -> xr.Dataset | None:
    """Return one draw of a group, by label; None where a selection left it out."""
    stored = with_dims(results[group].to_dataset(), (CHAIN, DRAW, *_HELD))
    for dim, label in ((CHAIN, chain), (DRAW, within)):
        if label not in number_labels(stored, dim):
            return None
        stored = stored.isel({dim: number_labels(stored, dim).index(label)})
    return stored


def _agreement(results: xr.DataTree, tree: xr.DataTree, chain: int, within: int) -> str:
    """Say how near the replayed draw comes to the stored one; ResultsError where it does not."""
    groups = [g for g in (DRIVERS_GROUP, OUTCOMES, PLACE_GROUP) if g in results.children]
    if not groups:
        return NOT_KEPT
    furthest = 0.0
    single = results.attrs.get("kept") == "headline"
    rounding = SINGLE if single else ROUNDING
    step = step_of(study_from_json(results.attrs["study"])) if single else None
    for group in groups:
        stored = _stored(results, group, chain, within)
        if stored is None:
            return NOT_KEPT
        replayed = tree[group].to_dataset()
        for name in stored.data_vars:
            held = {dim: stored[dim].values for dim in _HELD if dim in stored[name].dims}
            ours = replayed[name].sel(held)
            kept = np.asarray(stored[name].transpose(*ours.dims).values)
            if _is_kept_as(ours.values, kept, None if group == DRIVERS_GROUP else step):
                continue
            apart = _apart(kept, ours.values)
            furthest = max(furthest, float(apart.max()))
            if furthest > rounding:
                at = np.unravel_index(int(apart.argmax()), apart.shape)
                where = ", ".join(
                    str(ours[dim].values[i]) for dim, i in zip(ours.dims, at, strict=True)
                )
                raise ResultsError(_disagreement(results, str(name), where, kept[at], ours, at))
    if furthest == 0.0:
        return TO_THE_BIT
    return f"to rounding: within {furthest:.0e} of the stored values"


def _is_kept_as(ours: NDArray[Any], kept: NDArray[Any], step: float | None) -> bool:
    """Say whether a value, kept as the run kept it, is the stored one to the bit.

    With a step it was kept in single precision, and in a file rounded too.
    """
    forms: tuple[NDArray[Any], ...] = (ours,)
    if step is not None and ours.dtype != bool:
        forms = tuple(packed(ours, rounded).astype(np.float64) for rounded in (0.0, step))
    return any(np.array_equal(kept, f, equal_nan=kept.dtype.kind == "f") for f in forms)


def _apart(kept: NDArray[Any], ours: NDArray[Any]) -> NDArray[np.float64]:
    """Return how far values are apart, relative to max(1, the stored); infinite if one is NaN."""
    one, other = kept.astype(float), ours.astype(float)
    with np.errstate(invalid="ignore"):
        apart = np.abs(one - other) / np.maximum(np.abs(one), 1.0)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    apart = np.where(same, 0.0, apart)
    return np.where(np.isnan(apart), np.inf, apart)


def _disagreement(
    results: xr.DataTree,
    name: str,
    where: str,
    kept: Any,
    ours: xr.DataArray,
    at: tuple[Any, ...],
) -> str:
    made = results.attrs.get("riskmc_version", "unknown")
    return (
        f"the stored draw cannot be replayed: '{name}' ({where}) is stored as {float(kept):.10g} "
        f"and comes out as {float(ours.values[at]):.10g}; the results were written by riskmc "
        f"{made}: replay them with that version and its libraries, or run the study again"
    )
