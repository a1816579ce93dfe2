"""Reserves by kind: what is left of the general and of the earmarked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.reading import Names, Reader, needs_draws
from riskmc.measures.view import Source, view_of
from riskmc.statistics import estimators
from riskmc.statistics.estimates import Estimate, stack
from riskmc.study import Organisation
from riskmc.variables import MONEY, REGIME, YEAR

if TYPE_CHECKING:
    import xarray as xr

#: The kinds, in the order in which they are drawn on last to first; the last is never drawn on.
KINDS = ("general", "earmarked, usable", "earmarked, held")


def split_reserves(reserves: NDArray[np.float64], body: Organisation) -> list[NDArray[np.float64]]:
    """Return usable reserves of any shape by kind [£m].

    With G the opening general reserves, E the earmarked and u the part of these that may be used:
    min(R, G), max(R - G, 0) and (1 - u) E. Earmarked money that may be used goes first, for the
    general reserves are the working balance; what is added beyond the opening is earmarked.

    Identity: the first two add up to R.
    """
    general, earmarked = body.general_reserves or 0.0, body.earmarked_reserves or 0.0
    part = 1.0 if body.earmarked_usable is None else body.earmarked_usable
    held = np.full_like(reserves, (1.0 - part) * earmarked)
    return [np.minimum(reserves, general), np.maximum(reserves - general, 0.0), held]


def reserves_by_kind(results: Source, *, organisation: str, regime: Names = None) -> xr.Dataset:
    """Return what is left of general and earmarked reserves at each year end [£m].

    Parameters
    ----------
    results : DataTree or Results
        Results that keep their draws.
    organisation : str
        A body whose study gives its reserves by kind.
    regime : str or sequence of str, optional
        Default: every regime.

    Returns
    -------
    xarray.Dataset
        Means over (regime, year, kind) with their errors: "general", "earmarked, usable" and
        "earmarked, held", which is set aside and never used.

    Raises
    ------
    ResultsError
        A body or regime that is not there, a body without kinds of reserves, results without
        draws.

    References
    ----------
    - docs/registers-and-plans.md, "Reserves of two kinds, and permitted deficits".
    """
    view = view_of(results)
    if view.summarised:
        raise ResultsError(needs_draws("reserves by kind"))
    reader = Reader(view)
    reader.choose_bodies(organisation)
    bodies = {one.id: one for one in reader.study().organisations}
    body = bodies.get(organisation)
    if body is None or (body.general_reserves is None and body.earmarked_reserves is None):
        raise ResultsError(
            f"'{organisation}' has no kinds of reserves; give general_reserves and "
            "earmarked_reserves in its study"
        )
    regimes = reader.choose_regimes(regime)
    rows = []
    for name in regimes:
        paths = reader.paths(("reserves",), regime=name, organisation=organisation)
        kinds = split_reserves(np.asarray(paths["reserves"], dtype=np.float64), body)
        rows.append(stack([estimators.mean(kind, scheme=reader.scheme) for kind in kinds]))
    whole = Estimate(*(np.stack(fields) for fields in zip(*rows, strict=True)))
    return whole.dataset(
        dims=(REGIME, YEAR, "kind"),
        coords={REGIME: list(regimes), YEAR: list(reader.years), "kind": list(KINDS)},
        unit=MONEY,
        long_name="reserves by kind",
        attrs={"scheme": reader.scheme},
    )
