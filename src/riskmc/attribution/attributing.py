"""Which rule does the work: from one set of rules to another, group by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.attribution.groups import GROUPS, Group, differing, mixture
from riskmc.attribution.shapley import interaction_weights, ladder_weights, shapley_weights
from riskmc.errors import InputError, StudyError
from riskmc.measures.catalogue import horizon_measure
from riskmc.measures.possible import exactly
from riskmc.runs.prepared import Progress
from riskmc.runs.watch import KnownStatistic, Watched, both
from riskmc.runs.watch_apart import watch_many
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Single
from riskmc.study import Study, parse_study, study_mapping
from riskmc.study.edits import figures_of
from riskmc.study.problems import listed, nearest
from riskmc.variables import PLACE
from riskmc.words.board import and_list
from riskmc.words.estimates import FIELDS, TYPES

if TYPE_CHECKING:
    import xarray as xr

MEASURES = (
    "net_deficit",
    "p_rescue_needed_above_1_percent",
    "reserves_end",
    "unmet",
    "extra_local_tax",
    "central_cost",
)
#: 2^10 sets of rules are run at the most.
MOST_GROUPS = 10


def attribute(
    study: Study,
    start: str,
    end: str,
    *,
    groups: Sequence[str] | None = None,
    measures: Sequence[str] = MEASURES,
    organisation: str = PLACE,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Attribute the difference between two sets of rules to groups of rules.

    Parameters
    ----------
    study : Study
        A study with both sets of rules.
    start, end : str
        Names of its regimes.
    groups : sequence of str, optional
        Groups to distinguish, in the order of the ladder; "a+b" takes two together. Default:
        every group in which the two differ. What is in none of them comes last, as one.
    measures : sequence of str
        Headline measures over the horizon.
    organisation : str
        "place", or an organisation's id.
    draws, seed, scheme, workers : optional
        As in `riskmc.run`.
    progress : callable, optional
        Called with (futures done, futures in all).

    Returns
    -------
    xarray.Dataset
        Over (group, measure): `shapley_value`, `ladder_value` (what the group adds where groups
        come one by one, in the order given), `alone_value` (added first), `last_value` (added
        last), each with `_mcse`, `_low`, `_high`. Over (pair, measure): `interaction_value` and
        its errors. Over measure: `start_value`, `end_value`, `difference_value` and errors.
        Attribute `joined` names groups taken together because one has no effect without the other.

    Raises
    ------
    InputError
        Unknown regimes or groups; no difference; more than 10 groups.

    Notes
    -----
    All 2^k mixtures run on the same futures; every number is a weighted sum of their values in
    each future, so that its error is exact for the scheme. Shapley values add up to the whole
    difference in every future.

    References
    ----------
    - Shapley, L. S., A value for n-person games, Contributions to the Theory of Games II, Annals of
      Mathematics Studies 28, Princeton University Press (1953) 307-317.
    - Grabisch, M. and Roubens, M., An axiomatic approach to the concept of interaction among
      players in cooperative games, International Journal of Game Theory 28 (1999) 547-565: the
      interactions.
    - docs/second-run.md, "Which rule does the work".
    """
    tables = study_mapping(study)["regimes"]
    for name in (start, end):
        if name not in tables:
            raise InputError(
                f"the study has no regime '{name}'; there are {listed(tables, last='and')}"
            )
    for measure in measures:
        horizon_measure(measure)
    bundles = _bundles(groups, differing(tables[start], tables[end], study))
    head = {"draws": draws, "seed": seed, "scheme": scheme}
    base = study.replaced(**{key: x for key, x in head.items() if x is not None}, behaviour={})
    mixed, bundles, joined = _feasible(base, tables[start], tables[end], bundles)
    how: dict[str, Any] = {"organisation": organisation, "workers": workers}
    found = watch_many(mixed, measures, progress=progress, **how)
    return _dataset(found, bundles, joined, measures, (start, end), organisation)


def _bundles(asked: Sequence[str] | None, differ: tuple[Group, ...]) -> list[tuple[Group, ...]]:
    """Return groups to distinguish, each a tuple of groups taken together."""
    if not differ:
        raise InputError("the two sets of rules do not differ")
    bundles: list[tuple[Group, ...]] = [(group,) for group in differ]
    if asked is not None:
        by_name = {group.name: group for group in GROUPS}
        bundles = []
        for text in asked:
            bundle: list[Group] = []
            for name in text.split("+"):
                if name not in by_name:
                    near = nearest(name, by_name)
                    hint = f"; did you mean '{near}'?" if near else ""
                    known = listed(by_name, last="and")
                    raise InputError(f"there is no group '{name}'; there are {known}{hint}")
                bundle.append(by_name[name])
            bundles.append(tuple(bundle))
        named = {group for bundle in bundles for group in bundle}
        rest = tuple(group for group in differ if group not in named)
        bundles = [b for b in bundles if any(group in differ for group in b)]
        bundles += [rest] if rest else []
    if len(bundles) > MOST_GROUPS:
        names = ", ".join(group.name for group in differ)
        raise InputError(
            f"the two sets of rules differ in {len(bundles)} groups ({names}); at most "
            f"{MOST_GROUPS} can be distinguished: name some (--groups), the rest is taken as one"
        )
    return bundles


def _feasible(
    base: Study, start: Any, end: Any, bundles: list[tuple[Group, ...]]
) -> tuple[Study, list[tuple[Group, ...]], list[str]]:
    """Return a study of all mixtures; groups that cannot be separated are joined and named."""
    joined: list[str] = []
    while True:
        regimes, refused = {}, []
        for number in range(2 ** len(bundles)):
            taken = [g for i, bundle in enumerate(bundles) if number >> i & 1 for g in bundle]
            regimes[f"mixture {number}"] = mixture(start, end, taken, base)
        tables = {**figures_of(study_mapping(base)), "regimes": regimes, "behaviour": {}}
        try:
            return parse_study(tables, name="mixture"), bundles, joined
        except StudyError as error:
            refused = [n for n in range(2 ** len(bundles)) if f"mixture {n}" in _named(error)]
            if not refused or len(bundles) == 1:
                raise
            one, other = _inseparable(refused, len(bundles))
            joined.append(f"{_label(bundles[one])} with {_label(bundles[other])}")
            together = (*bundles[one], *bundles[other])
            bundles = [b for i, b in enumerate(bundles) if i not in (one, other)]
            bundles.insert(min(one, other), together)


def _named(error: StudyError) -> set[str]:
    """Return the mixtures that faults speak of."""
    return {
        part
        for problem in error.problems
        for part in problem.key.replace('"', ".").split(".")
        if part.startswith("mixture ")
    }


def _inseparable(refused: list[int], groups: int) -> tuple[int, int]:
    """Return two groups, one taken and one not in as many refused mixtures as can be."""
    pairs = [(i, j) for i in range(groups) for j in range(groups) if i != j]

    def parted(pair: tuple[int, int]) -> int:
        return sum(n >> pair[0] & 1 and not n >> pair[1] & 1 for n in refused)

    one, other = max(pairs, key=parted)
    return min(one, other), max(one, other)


def _label(bundle: tuple[Group, ...]) -> str:
    return and_list([group.label for group in bundle])


def _dataset(
    found: Watched,
    bundles: list[tuple[Group, ...]],
    joined: list[str],
    measures: Sequence[str],
    ends: tuple[str, str],
    organisation: str,
) -> xr.Dataset:
    import xarray as xr

    count = len(bundles)
    whole = np.zeros((1, 2**count))
    whole[0, [0, -1]] = -1.0, 1.0
    alone, last = np.zeros((count, 2**count)), np.zeros((count, 2**count))
    for i in range(count):
        alone[i, [0, 1 << i]] = -1.0, 1.0
        last[i, [2**count - 1 - (1 << i), -1]] = -1.0, 1.0
    pairs = interaction_weights(count)
    rows = {
        "shapley": shapley_weights(count),
        "ladder": ladder_weights(count),
        "alone": alone,
        "last": last,
        "interaction": np.array(list(pairs.values())).reshape(len(pairs), 2**count),
        "difference": whole,
        "start": np.eye(1, 2**count),
        "end": np.eye(1, 2**count, 2**count - 1),
    }
    data: dict[str, Any] = {}
    for name, weights in rows.items():
        dims: tuple[str, ...] = ("pair",) if name == "interaction" else ("group",)
        if name in ("difference", "start", "end"):
            dims = ()
        numbers = np.array([_weighted(found, measure, weights) for measure in measures])
        numbers = numbers.reshape(len(measures), len(weights), len(FIELDS))
        for i, field in enumerate(FIELDS):
            table = numbers[..., i] if dims else numbers[:, 0, i]
            table = table.astype(TYPES[field])
            data[f"{name}_{field}"] = ((*(("measure",)), *dims), table)
    labels = [_label(bundle) for bundle in bundles]
    return xr.Dataset(
        data,
        coords={
            "group": ["+".join(group.name for group in bundle) for bundle in bundles],
            "group_label": ("group", labels),
            "pair": [f"{labels[i]} and {labels[j]}" for i, j in pairs],
            "measure": list(measures),
            "label": ("measure", [horizon_measure(m).label for m in measures]),
            "unit": ("measure", [horizon_measure(m).unit for m in measures]),
        },
        attrs={
            "start": ends[0],
            "end": ends[1],
            "organisation": organisation,
            "draws": found.study.draws,
            "seed": found.seed,
            "scheme": found.scheme,
            "joined": "; ".join(joined),
        },
    )


def _weighted(
    found: Watched, measure: str, weights: NDArray[np.float64]
) -> list[tuple[float, ...]]:
    """Return estimates of weighted sums of a measure over mixtures, one a row of weights."""
    names = [f"mixture {n}" for n in range(weights.shape[1])]
    valid = None
    for name in names:
        valid = both(valid, found.valid[name])
    rows = []
    for row in weights:
        total = sum(
            weight * found.values[measure, name]
            for weight, name in zip(row, names, strict=True)
            if weight
        )
        series = np.asarray(total, dtype=np.float64)
        single: Single = estimators.mean(series, scheme=found.scheme, valid=valid).single()
        used = [name for weight, name in zip(row, names, strict=True) if weight]
        never = single.value == 0.0 and all(found.cannot(measure, name) for name in used)
        known = KnownStatistic(exactly(single) if never else single, never)
        rows.append(tuple(known.field(field) for field in FIELDS))
    return rows
