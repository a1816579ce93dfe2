"""What a run's results hold: groups, variables, shapes, attributes, bytes; worked out beforehand.

In memory and on file draws run along the last axis; results show their dimensions in the order
of `riskmc.variables` all the same.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import numpy as np

from riskmc.sampling import Layout
from riskmc.sampling.fingerprint import ATTRIBUTE, Fingerprint, fingerprint, with_deliveries
from riskmc.study import Study, study_json
from riskmc.variables import (
    CHAIN,
    DRAW,
    DRIVER_NAMES,
    HEADLINE_NAMES,
    ORGANISATION,
    PLACE_NAMES,
    REGIME,
    VARIABLE_NAMES,
    YEAR,
    driver,
    variable,
)

Keep = Literal["all", "headline", "summaries"]
#: Names of the groups of a results tree.
OUTCOMES, PLACE_GROUP, DRIVERS_GROUP = "outcomes", "place", "drivers"
#: Axis order in memory and on file, by group.
STORED_DIMS = {
    OUTCOMES: (REGIME, ORGANISATION, YEAR, CHAIN, DRAW),
    PLACE_GROUP: (REGIME, YEAR, CHAIN, DRAW),
    DRIVERS_GROUP: (YEAR, ORGANISATION, CHAIN, DRAW),
}
#: Raised when the form of a results file changes.
FORMAT = 3
#: The group that held summaries before they were called so, in form 3 too.
FORMER_SUMMARIES = "streams"
_LIBRARIES = ("numpy", "scipy", "xarray", "h5netcdf", "h5py", "pydantic")


@dataclass(frozen=True)
class Contents:
    """What the results of one run hold.

    Parameters
    ----------
    study : Study
        What was run.
    seed : int
        Seed of the draws; without meaning where `own_drivers`.
    scheme : str
        How futures were drawn.
    layout : Layout
        Chains and draws.
    keep : {"all", "headline", "summaries"}
        What is kept.
    own_drivers : bool
        Whether the futures were supplied by the user rather than sampled.
    drawn : Fingerprint, optional
        Which futures these are; default: those of study, seed and scheme.
    clipped : str
        How often drivers were outside their range, as `riskmc.sampling.clipping` writes it.
    only : mapping of str to collection of str, optional
        By group, the variables that are kept of those that `keep` keeps; default: all of them.
    """

    study: Study
    seed: int
    scheme: str
    layout: Layout
    keep: Keep = "all"
    own_drivers: bool = False
    drawn: Fingerprint | None = None
    clipped: str = ""
    only: Mapping[str, Collection[str]] | None = None

    @property
    def packed(self) -> bool:
        """Whether amounts are kept in single precision, and rounded on file."""
        return self.keep == "headline"

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """Variables by group, of which every draw is kept."""
        if self.keep == "summaries":
            return {}
        everything = self.keep == "all"
        names = {
            OUTCOMES: VARIABLE_NAMES if everything else HEADLINE_NAMES,
            PLACE_GROUP: PLACE_NAMES,
        }
        if everything:
            names[DRIVERS_GROUP] = DRIVER_NAMES
        if self.only is None:
            return names
        return {
            group: tuple(name for name in kept if name in self.only[group])
            for group, kept in names.items()
        }

    @property
    def coordinates(self) -> dict[str, list[Any]]:
        """Labels by dimension."""
        return {
            REGIME: list(self.study.regimes),
            ORGANISATION: list(self.study.organisation_ids),
            YEAR: list(self.study.year_labels),
            CHAIN: list(range(self.layout.chains)),
            DRAW: list(range(self.layout.per_chain)),
        }

    def shape(self, group: str) -> tuple[int, ...]:
        """Return the shape of a group's variables, all draws along the last axis.

        Parameters
        ----------
        group : str
            "outcomes", "place" or "drivers".

        Returns
        -------
        tuple of int
            Such as (regime, organisation, year, draws).
        """
        sizes = {
            REGIME: len(self.study.regimes),
            ORGANISATION: len(self.study.organisations),
            YEAR: self.study.years,
        }
        return (*(sizes[dim] for dim in STORED_DIMS[group][:-2]), self.layout.total)

    def dtype(self, name: str) -> np.dtype[Any]:
        """Return the type of a variable's values, as they are kept.

        Parameters
        ----------
        name : str
            Name of a variable.

        Returns
        -------
        numpy.dtype
            Boolean for a flag; single precision where draws are packed.
        """
        flag = name in VARIABLE_NAMES and variable(name).kind == "flag"
        return np.dtype(bool if flag else np.float32 if self.packed else np.float64)

    def bytes(self) -> int:
        """Return the size of all draws before they are compressed.

        Returns
        -------
        int
            Bytes.
        """
        return sum(
            math.prod(self.shape(group)) * self.dtype(name).itemsize
            for group, names in self.names.items()
            for name in names
        )

    def variable_attributes(self, group: str, name: str) -> dict[str, str]:
        """Return `units`, `long_name` and the like of a variable.

        Parameters
        ----------
        group : str
            "outcomes", "place" or "drivers".
        name : str
            Name of a variable.

        Returns
        -------
        dict of str to str
            Attributes as xarray keeps them.
        """
        if group == DRIVERS_GROUP:
            row = driver(name)
            return {"units": row.unit, "long_name": row.meaning}
        output = variable(name)
        return {
            "units": output.unit,
            "long_name": output.meaning,
            "kind": output.kind,
            "positive": output.sign,
        }

    def attributes(self) -> dict[str, str | int]:
        """Return provenance: all that is needed to repeat the run, and no clock.

        Returns
        -------
        dict of str to str or int
            Attributes of the whole tree.
        """
        text = study_json(self.study)
        resolved = hashlib.sha256(text.encode()).hexdigest()
        file = self.study.file
        return {
            "format": FORMAT,
            "riskmc_version": package_version("riskmc"),
            "study": text,
            "study_resolved_sha256": resolved,
            "study_file": "" if file is None else file.name,
            "study_sha256": resolved if file is None else file.sha256,
            "title": self.study.title,
            "seed": self.seed,
            "scheme": self.scheme,
            "draws": self.layout.total,
            "chains": self.layout.chains,
            "kept": self.keep,
            ATTRIBUTE: self._fingerprint().text(),
            "drivers_from": "the user" if self.own_drivers else "the study",
            "versions": json.dumps(library_versions()),
            **({"drivers_clipped": self.clipped} if self.clipped else {}),
        }

    def _fingerprint(self) -> Fingerprint:
        """Return what was drawn, by driver and organisation."""
        drawn = self.drawn
        if drawn is None:
            drawn = fingerprint(self.study, seed=self.seed, scheme=self.scheme)
        return with_deliveries(drawn, self.study, seed=self.seed, scheme=self.scheme)


@cache
def package_version(name: str) -> str:
    """Return an installed distribution's version, or "unknown"."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def library_versions() -> dict[str, str]:
    """Return the versions that a run depends on, Python's first."""
    libraries = {name: package_version(name) for name in _LIBRARIES}
    return {"python": platform.python_version(), **libraries}
