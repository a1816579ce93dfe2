"""What a run did not keep, drawn and simulated again from its key: the same to the bit."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.engine.blocks import run_block
from riskmc.engine.programme import compile_regime
from riskmc.errors import ResultsError
from riskmc.results.contents import DRIVERS_GROUP, OUTCOMES, PLACE_GROUP, STORED_DIMS, Contents
from riskmc.results.tree import SHOWN_DIMS
from riskmc.sampling import KEY_BLOCK, Layout, Sampler
from riskmc.study import study_from_json
from riskmc.variables import (
    CHAIN,
    DRAW,
    DRIVER_NAMES,
    NET_DEFICIT,
    ORGANISATION,
    PLACE,
    REGIME,
    VARIABLE_NAMES,
    YEAR,
)

if TYPE_CHECKING:
    import xarray as xr

#: Labels by which what is simulated again is matched with results that were selected from.
_LABELS = (REGIME, CHAIN, DRAW, YEAR, ORGANISATION)


def recompute(
    results: xr.DataTree, name: str, *, organisation: str | None = None, regime: str | None = None
) -> xr.DataArray:
    """Return a variable or driver of a run in double precision, whatever the run kept.

    Every draw is simulated again from its key: the same to the bit as it was, before anything
    was rounded to be kept.

    Parameters
    ----------
    results : xarray.DataTree
        As `run` and `open_results` give it, or a selection of it by label.
    name : str
        A variable, such as "interest", or a driver, such as "demand_growth".
    organisation : str, optional
        "place" for the place's own value of a variable; default: by organisation.
    regime : str, optional
        One regime of the results alone.

    Returns
    -------
    xarray.DataArray
        A variable: (regime, chain, draw, year, organisation), without the last for the place; a
        driver: (chain, draw, year, organisation).

    Raises
    ------
    ResultsError
        An unknown name; results without their study, or on futures of the user's own.

    References
    ----------
    - docs/model.md, section 4.
    """
    group = _group_of(name, organisation)
    contents = _contents(results, regime)
    sampler = Sampler(contents.study, seed=contents.seed, scheme=contents.scheme)
    whole = _drivers if group == DRIVERS_GROUP else _outcomes
    values = whole(contents, sampler, group, name)
    return _labelled(results, contents, group, name, values)


def _group_of(name: str, organisation: str | None) -> str:
    of_place = organisation == PLACE or name == NET_DEFICIT.name
    known = (*VARIABLE_NAMES, *DRIVER_NAMES, NET_DEFICIT.name)
    if organisation not in (None, PLACE):
        raise ResultsError("recompute: organisation is 'place', or left out for all by label")
    if name in DRIVER_NAMES and not of_place:
        return DRIVERS_GROUP
    if name not in known or name in DRIVER_NAMES:
        near = get_close_matches(str(name), known, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise ResultsError(f"no variable or driver '{name}'; allowed: {', '.join(known)}{hint}")
    return PLACE_GROUP if of_place else OUTCOMES


def _contents(results: xr.DataTree, regime: str | None) -> Contents:
    attrs = results.attrs
    text = attrs.get("study")
    if not isinstance(text, str):
        raise ResultsError("these are not the results of a run: they carry no study")
    if attrs.get("drivers_from", "the study") != "the study":
        raise ResultsError(
            "these results were run on futures of the user's own, which the seed cannot draw "
            'again: run them again with keep="all" (--keep all)'
        )
    chains = int(attrs["chains"])
    layout = Layout(chains, int(attrs["draws"]) // chains)
    study = study_from_json(text)
    if regime is not None:
        if regime not in study.regimes:
            raise ResultsError(f"no regime '{regime}'; allowed: {', '.join(study.regimes)}")
        study = study.replaced(regimes={regime: study.regimes[regime]}, behaviour={})
    return Contents(study, int(attrs["seed"]), str(attrs["scheme"]), layout)


def _blocks(total: int) -> list[slice]:
    return [slice(at, min(at + KEY_BLOCK, total)) for at in range(0, total, KEY_BLOCK)]


def _drivers(contents: Contents, sampler: Sampler, group: str, name: str) -> Any:
    values = np.empty(contents.shape(group))
    into = None
    for block, part in enumerate(_blocks(contents.layout.total)):
        into = sampler.key_block(block, into)
        drawn = into[name]
        values[..., part] = drawn if drawn.shape[2] == 1 else drawn[..., : part.stop - part.start]
    return values


def _outcomes(contents: Contents, sampler: Sampler, group: str, name: str) -> Any:
    study = contents.study
    programmes = [compile_regime(study, regime) for regime in study.regimes]
    needed = {name, "balance"} if name == NET_DEFICIT.name else {name}
    whole = {n: np.zeros(contents.shape(group), contents.dtype(n)) for n in needed}
    into = None
    for block, part in enumerate(_blocks(contents.layout.total)):
        into = sampler.key_block(block, into)
        draws = part.stop - part.start
        drivers = {n: x if x.shape[2] == 1 else x[..., :draws] for n, x in into.items()}
        cut = [{n: x[r][..., part] for n, x in whole.items()} for r in range(len(programmes))]
        nothing: list[dict[str, Any]] = [{} for _ in programmes]
        outcomes, place = (cut, nothing) if group == OUTCOMES else (nothing, cut)
        run_block(programmes, drivers, outcomes, place, draws=draws)
    return whole[name]


def _labelled(
    results: xr.DataTree, contents: Contents, group: str, name: str, values: Any
) -> xr.DataArray:
    """Label values, and take the part of them that the results hold."""
    import xarray as xr

    layout, dims = contents.layout, STORED_DIMS[group]
    by_chain = values.reshape(*values.shape[:-1], layout.chains, layout.per_chain)
    labels = {dim: contents.coordinates[dim] for dim in dims}
    attributes = contents.variable_attributes(group, name)
    found = xr.DataArray(by_chain, labels, dims, name, attributes).transpose(*SHOWN_DIMS[group])
    held = results[OUTCOMES] if OUTCOMES in results.children else None
    if held is None:
        return found
    coordinates = held.to_dataset().coords
    part = {dim: coordinates[dim].values for dim in _LABELS if dim in found.dims
            and dim in coordinates}  # fmt: skip
    if REGIME in part and found.sizes[REGIME] == 1:
        del part[REGIME]
    return found.sel(part)
