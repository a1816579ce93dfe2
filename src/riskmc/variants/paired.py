"""Variants of a study alongside the study as it stands, on the same futures.

Draws are keyed, so that a changed study meets the same underlying draws; a difference is then
free of most simulation error. A change that would alter the draws themselves is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.errors import InputError
from riskmc.measures.catalogue import horizon_measure
from riskmc.runs.prepared import Progress
from riskmc.runs.watch import KnownStatistic, Watched, watch
from riskmc.sampling import draws_for
from riskmc.study.edits import Change
from riskmc.variables import PLACE
from riskmc.words.estimates import FIELDS, TYPES

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

#: What is shown unless something else is asked for; none depends on how many bodies there are.
MEASURES = (
    "net_deficit",
    "p_rescue_needed_above_1_percent",
    "unmet",
    "extra_local_tax",
    "reserves_end",
    "central_cost",
)
#: The name of the study as it stands among its variants.
BASE = "as it stands"
#: Figures at the top of a study that decide which futures are drawn.
_DRAWN_BY = ("seed", "scheme", "draws", "years", "start_year")


def check_pairs(base: Study, other: Study, what: str) -> None:
    """Raise InputError where two studies do not meet the same futures.

    Parameters
    ----------
    base, other : Study
        The study, and what is to be compared with it.
    what : str
        What to call the other in the error.
    """
    for name in _DRAWN_BY:
        ours, theirs = getattr(base, name), getattr(other, name)
        if ours != theirs:
            raise InputError(
                f"{what}: {name} is {theirs} instead of {ours}, so the futures are not the same "
                "and nothing can be compared future by future"
            )
    missing = set(base.organisation_ids) ^ set(other.organisation_ids)
    if missing and base.scheme in ("lhs", "sobol"):
        raise InputError(
            f"{what}: under {base.scheme} a study with other organisations "
            f"({', '.join(sorted(missing))}) meets other futures"
        )


def variants(
    study: Study,
    settings: Mapping[str, Sequence[Change | str]],
    *,
    measures: Sequence[str] = MEASURES,
    organisation: str = PLACE,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Run variants of a study on the same futures and compare each with the study as it stands.

    Parameters
    ----------
    study : Study
        The study as it stands.
    settings : mapping of str to sequence of changes
        By the name of a variant, what it changes; see `Study.with_`.
    measures : sequence of str
        Headline measures over the horizon.
    organisation : str
        "place", or an organisation's id.
    draws, seed, scheme, workers : optional
        As in `riskmc.run`; default: the study's.
    progress : callable, optional
        Called with (runs done, runs in all).

    Returns
    -------
    xarray.Dataset
        Over (setting, regime, measure): `value`, `mcse`, `low`, `high`, `bound` (it was seen in no
        future, or in all), `units`, `impossible` (the rules leave nothing but 0), and with
        `change_` before the name the paired difference from the study as it stands, which is the
        first setting.
        Coordinates `label`, `unit` by measure; `changes` by setting, as typed.

    Raises
    ------
    InputError
        A change that names nothing, or that alters the futures; an unknown measure or body.

    References
    ----------
    - docs/second-run.md, "From a question to an answer".
    """
    head = {"draws": draws, "seed": seed, "scheme": scheme}
    base = study.replaced(**{key: x for key, x in head.items() if x is not None})
    base = base.replaced(draws=draws_for(base.draws, base.scheme).total)
    studies = {BASE: base}
    for name, changes in settings.items():
        if name == BASE:
            raise InputError(f"no variant can be named '{BASE}'")
        studies[name] = base.with_(*changes)
        check_pairs(base, studies[name], name)
    for measure in measures:
        horizon_measure(measure)
    if organisation not in (PLACE, *study.organisation_ids):
        raise InputError(f"there is no organisation '{organisation}'")
    regimes = [r for r in base.regimes if all(r in other.regimes for other in studies.values())]
    arrays: dict[str, np.ndarray[Any, Any]] = {
        f"{change}{field}": np.zeros((len(studies), len(regimes), len(measures)), TYPES[field])
        for change in ("", "change_")
        for field in FIELDS
    }
    first: Watched | None = None
    for i, variant in enumerate(studies.values()):
        found = watch(variant, measures, organisation=organisation, workers=workers)
        first = found if first is None else first
        for j, regime in enumerate(regimes):
            for k, measure in enumerate(measures):
                at = (i, j, k)
                _put(arrays, at, "", found.known(measure, regime))
                apart = found.known(measure, regime, (first, regime))
                _put(arrays, at, "change_", apart)
        if progress is not None:
            progress(i + 1, len(studies))
    typed = ["", *("; ".join(map(str, changes)) for changes in settings.values())]
    return _dataset(arrays, list(studies), typed, base, regimes, measures, organisation)


def _put(
    arrays: dict[str, np.ndarray[Any, Any]], at: tuple[int, ...], prefix: str, found: KnownStatistic
) -> None:
    for field in FIELDS:
        arrays[f"{prefix}{field}"][at] = found.field(field)


def _dataset(
    arrays: dict[str, np.ndarray[Any, Any]],
    names: Sequence[str],
    typed: Sequence[str],
    base: Study,
    regimes: Sequence[str],
    measures: Sequence[str],
    organisation: str,
) -> xr.Dataset:
    import xarray as xr

    rows = [horizon_measure(name) for name in measures]
    return xr.Dataset(
        {name: (("setting", "regime", "measure"), values) for name, values in arrays.items()},
        coords={
            "setting": list(names),
            "regime": list(regimes),
            "measure": list(measures),
            "changes": ("setting", list(typed)),
            "regime_label": ("regime", [base.regimes[name].label for name in regimes]),
            "label": ("measure", [row.label for row in rows]),
            "unit": ("measure", [row.unit for row in rows]),
        },
        attrs={
            "title": base.title,
            "organisation": organisation,
            "draws": base.draws,
            "seed": base.seed,
            "scheme": base.scheme,
        },
    )
