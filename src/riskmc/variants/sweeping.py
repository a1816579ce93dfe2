"""A sweep: a figure of a study at several values, all on the same futures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from riskmc.errors import InputError
from riskmc.study.edits import Change, How
from riskmc.study.problems import shown
from riskmc.variants.paired import MEASURES, variants

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

#: More variants than anybody reads; a grid of two figures is quickly there.
MOST = 200


def sweep(
    study: Study,
    over: Mapping[str, Sequence[Any]],
    *,
    how: How = "set",
    measures: Sequence[str] = MEASURES,
    **options: Any,
) -> xr.Dataset:
    """Run a study at several values of one figure, or at a grid of several, on the same futures.

    Parameters
    ----------
    study : Study
        The study as it stands.
    over : mapping of str to sequence
        Values by dotted key: {"drivers.demand_growth.mean": [0.02, 0.03]}. Several keys make a
        grid.
    how : {"set", "shift", "scale"}
        Whether values replace the figure, are added to it, or multiply it.
    measures : sequence of str
        Headline measures over the horizon.
    **options
        As in `riskmc.variants.variants`: organisation, draws, seed, scheme, workers, progress.

    Returns
    -------
    xarray.Dataset
        As `riskmc.variants.variants` returns it; one setting a combination of values, named by
        the values.

    Raises
    ------
    InputError
        No values, more than 200 settings, or what `variants` refuses.

    References
    ----------
    - docs/second-run.md, "A sweep, and a solved value".
    """
    if not over or not all(len(values) for values in over.values()):
        raise InputError("a sweep needs a key and at least one value: KEY=a,b,c")
    settings = {}
    for combination in product(*over.values()):
        changes = [Change(key, x, how) for key, x in zip(over, combination, strict=True)]
        settings[", ".join(shown(x) for x in combination)] = changes
    if len(settings) > MOST:
        raise InputError(f"the sweep has {len(settings)} settings; at most {MOST} can be run")
    found = variants(study, settings, measures=measures, **options)
    return found.assign_attrs(over=", ".join(over), how=how)
