"""A study's own scenarios, each on the same futures as the study as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from riskmc.errors import InputError
from riskmc.variants.paired import MEASURES, variants

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study


def scenarios(study: Study, *, measures: Sequence[str] = MEASURES, **options: Any) -> xr.Dataset:
    """Run a study's `[[scenarios]]` on the same futures and compare each with the study.

    Parameters
    ----------
    study : Study
        A study with scenarios of its own.
    measures : sequence of str
        Headline measures over the horizon.
    **options
        As in `riskmc.variants.variants`: organisation, draws, seed, scheme, workers, progress.

    Returns
    -------
    xarray.Dataset
        As `riskmc.variants.variants` returns it, one setting a scenario.

    Raises
    ------
    InputError
        The study has no scenario.

    References
    ----------
    - docs/second-run.md, "Scenarios of the study's own".
    """
    if not study.scenarios:
        raise InputError("the study has no [[scenarios]]")
    settings = {one.name: one.changes() for one in study.scenarios}
    return variants(study, settings, measures=measures, **options)
