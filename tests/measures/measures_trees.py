"""Fabricated results trees: arrays in, a tree as a run leaves it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from riskmc.results.contents import FORMAT
from riskmc.study import Study, parse_study, study_json
from riskmc.variables import DRIVER_NAMES, HEADLINE_NAMES, PLACE_NAMES, VARIABLE_NAMES

Array = NDArray[Any]
STORED = ("regime", "organisation", "year", "chain", "draw")
SHOWN = ("regime", "chain", "draw", "year", "organisation")


def make_study(
    *,
    bodies: Sequence[Mapping[str, Any]] | int = 2,
    years: int = 3,
    regimes: Mapping[str, Mapping[str, Any]] | Sequence[str] = ("current", "devolved"),
    shortfall: Sequence[Mapping[str, Any]] = (
        {"instrument": "reserves"},
        {"instrument": "bailout", "loan_share": 0.5},
    ),
    drivers: Mapping[str, Any] | None = None,
    **more: Any,
) -> Study:
    """A study of a few councils; `regimes` by name alone have one rulebook and `shortfall`."""
    if isinstance(bodies, int):
        bodies = [{"id": f"body{k}"} for k in range(bodies)]
    base = {"kind": "council", "cost": 100.0, "grant": 50.0, "local_tax": 50.0, "reserves": 20.0}
    organisations = [{**base, "name": body["id"].title(), **body} for body in bodies]
    book = {"plan": [], "shortfall": list(shortfall), "surplus": [{"instrument": "reserves"}]}
    kinds = {body["kind"] for body in organisations}
    plain = {"rulebooks": dict.fromkeys(kinds, book)}
    if not isinstance(regimes, Mapping):
        regimes = {name: {} for name in regimes}
    full = {
        name: {"label": f"{name.title()} rules", **plain, **given}
        for name, given in regimes.items()
    }
    return parse_study(
        {
            "schema": 1,
            "title": "Fabricated place",
            "start_year": "2016/17",
            "years": years,
            "draws": 1000,
            "seed": 1,
            "organisations": organisations,
            "regimes": full,
            "drivers": dict(drivers or {}),
            **more,
        }
    )


def make_tree(
    study: Study,
    outcomes: Mapping[str, Array],
    *,
    place: Mapping[str, Array] | None = None,
    drivers: Mapping[str, Array] | None = None,
    scheme: str = "mc",
    keep: str = "all",
) -> xr.DataTree:
    """A results tree. `outcomes`: (regime, organisation, year, chain, draw), broadcast; what is
    not given is 0 (income 100). `place`: (regime, year, chain, draw); default: sums. `drivers`:
    (year, organisation, chain, draw); default: none kept.
    """
    leading = (len(study.regimes), len(study.organisations), study.years)
    shapes = [np.shape(a)[-2:] for a in outcomes.values() if np.ndim(a) >= 2]
    shape = (*leading, *max(shapes, key=lambda s: s[0] * s[1]))
    full: dict[str, Array] = {}
    for name in VARIABLE_NAMES:
        default: Any = False if name == "exhausted" else 100.0 if name == "income" else 0.0
        full[name] = np.ascontiguousarray(np.broadcast_to(outcomes.get(name, default), shape))
    own = {name: full[name].sum(axis=1) for name in VARIABLE_NAMES if name != "exhausted"}
    own["exhausted"] = full["exhausted"].any(axis=1)
    own["net_deficit"] = own["deficit"]
    for name in PLACE_NAMES:  # what is known for the place only
        own.setdefault(name, np.zeros_like(own["deficit"]))
    for name, values in (place or {}).items():
        own[name] = np.broadcast_to(values, own["deficit"].shape)
    coords = {
        "regime": list(study.regimes),
        "organisation": list(study.organisation_ids),
        "year": list(study.year_labels),
        "chain": range(shape[-2]),
        "draw": range(shape[-1]),
    }
    kept = VARIABLE_NAMES if keep == "all" else HEADLINE_NAMES
    groups = {
        "/outcomes": xr.Dataset({n: (STORED, full[n]) for n in kept}, coords).transpose(*SHOWN),
        "/place": xr.Dataset(
            {n: (("regime", "year", "chain", "draw"), own[n]) for n in PLACE_NAMES},
            {k: v for k, v in coords.items() if k != "organisation"},
        ).transpose("regime", "chain", "draw", "year"),
    }
    if drivers is not None:
        dims = ("year", "organisation", "chain", "draw")
        neutral = {name: 0.5 if name == "rescue" else 0.0 for name in DRIVER_NAMES}
        size = (*leading[:0:-1], *shape[-2:])
        data = {n: (dims, np.broadcast_to(drivers.get(n, neutral[n]), size)) for n in neutral}
        named = {k: v for k, v in coords.items() if k != "regime"}
        groups["/drivers"] = xr.Dataset(data, named).transpose(
            "chain", "draw", "year", "organisation"
        )
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {
        "study": study_json(study),
        "study_sha256": "fabricated",
        "title": study.title,
        "riskmc_version": "fabricated",
        "versions": "{}",
        "scheme": scheme,
        "seed": 1,
        "kept": keep,
        "format": FORMAT,
        "draws": shape[-2] * shape[-1],
        "chains": shape[-2],
        "drivers_from": "the study",
    }
    return tree


def within(value: Any, truth: float, mcse: Any, *, errors: float = 4.0) -> bool:
    """Say whether an estimate lies within so many of its own standard errors of the truth."""
    return bool(abs(float(value) - truth) <= errors * float(mcse))
