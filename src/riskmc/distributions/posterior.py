"""Noise whose parameters are not known: draws of a posterior, one for each future."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, ValidationInfo, model_validator

from riskmc.distributions.base import Array, Distribution, normal_cdf
from riskmc.distributions.data_files import data_file
from riskmc.distributions.hdf5_files import check_inside

#: Most parameter draws that are kept, evenly of those in the file.
MOST_DRAWS = 500


@dataclass(frozen=True, eq=False)
class _Parameters:
    means: Array
    sds: Array


class Posterior(Distribution):
    """A normal whose mean and standard deviation are draws of a posterior.

    The file is what `riskmc calibrate` writes: its group `posterior` holds `<variable>_sd` and
    perhaps `<variable>_mean` (else 0), dims chain, draw and perhaps council. One future has one
    draw of the parameters for all its years, and all bodies that name the same variable have the
    same one; over many futures the value is the mixture that this distribution describes.

    References
    ----------
    - docs/calibration.md, "In a study".
    """

    distribution: Literal["posterior"] = "posterior"
    file: str
    """NetCDF file of `riskmc calibrate`, in the folder of the study; its path relative to that."""
    variable: str
    """Variable whose `_sd` the file's posterior holds, such as `outturn_variance`."""
    council: str = ""
    """Which council of the file; may be left out where it holds one."""
    means: Annotated[tuple[float, ...], Field(strict=False)] = ()
    """Draws of the mean, filled from the file; where given, the file is not read."""
    sds: Annotated[tuple[float, ...], Field(strict=False)] = ()
    """Draws of the standard deviation, filled from the file."""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict) or data.get("sds"):
            return data
        file, variable = data.get("file"), data.get("variable")
        council = data.get("council", "")
        if not all(isinstance(text, str) for text in (file, variable, council)):
            return data
        path = data_file(str(file), info.context)
        means, sds = _read_draws(path, str(variable), str(council))
        return {**data, "means": means, "sds": sds}

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if len(self.means) != len(self.sds):
            raise ValueError("there must be as many means as sds")
        if len(self.sds) < 2 or not all(sd > 0.0 for sd in self.sds):
            raise ValueError("needs at least two draws, every sd above 0")
        return self

    @cached_property
    def _parameters(self) -> _Parameters:
        return _Parameters(np.array(self.means), np.array(self.sds))

    @property
    def mean(self) -> float:
        """Mean over chance and parameters."""
        return float(self._parameters.means.mean())

    @property
    def sd(self) -> float:
        """Standard deviation over chance and parameters: chance's variance plus the means'."""
        drawn = self._parameters
        return float(np.sqrt(np.mean(drawn.sds**2) + drawn.means.var()))

    @property
    def support(self) -> tuple[float, float]:
        """Unbounded."""
        return -np.inf, np.inf

    def cdf(self, x: Array) -> Array:
        """Return the mixture's probability of at most x."""
        drawn = self._parameters
        z = (np.asarray(x, dtype=np.float64)[..., None] - drawn.means) / drawn.sds
        return np.asarray(normal_cdf(z).mean(axis=-1))

    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return the mixture's quantile by solving for it, to rounding."""
        from scipy.optimize import elementwise

        p = np.asarray(p, dtype=np.float64)
        drawn = self._parameters
        sign = -1.0 if upper else 1.0
        reach = 40.0 * drawn.sds
        low = float(np.min(sign * drawn.means - reach))
        high = float(np.max(sign * drawn.means + reach))
        inner = (p > 0.0) & (p < 1.0)
        target = np.log(np.where(inner, p, 0.5))

        def gap(x: Array, goal: Array) -> Array:
            return self._log_below(x, sign * drawn.means, drawn.sds) - goal

        start = (np.full(p.shape, low), np.full(p.shape, high))
        found = elementwise.find_root(gap, start, args=(target,))
        edges = np.where(p <= 0.0, -np.inf, np.where(p >= 1.0, np.inf, np.nan))
        return np.asarray(sign * np.where(inner, found.x, edges))

    @staticmethod
    def _log_below(x: Array, means: Array, sds: Array) -> Array:
        from scipy.special import log_ndtr, logsumexp

        z = (x[..., None] - means) / sds
        return np.asarray(logsumexp(log_ndtr(z), axis=-1) - np.log(len(sds)))

    def given(self, world: Array, z: Array, out: Array) -> Array:
        """Return mean + sd · z, each future with its own draw of the parameters.

        Parameters
        ----------
        world : ndarray
            Standard normals, one per future, shape (draws,): Φ(world) says which draw it has.
        z : ndarray
            Latent normals of a year, shape (draws,).
        out : ndarray
            Where to write, shape (draws,); may be `z`.

        Returns
        -------
        ndarray
            `out`, shape (draws,), in the unit of the value.
        """
        drawn = self._parameters
        which = self.which(world)
        np.multiply(z, drawn.sds[which], out=out)
        out += drawn.means[which]
        return out

    def which(self, world: Array) -> np.ndarray:
        """Return the number of the parameter draw that each future has.

        Parameters
        ----------
        world : ndarray
            Standard normals, one per future, shape (draws,).

        Returns
        -------
        ndarray of int
            Number of the parameter draw, shape (draws,).
        """
        count = len(self.sds)
        return np.minimum((normal_cdf(world) * count).astype(np.intp), count - 1)


def _read_draws(
    path: Path, variable: str, council: str
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return draws of mean and sd; ValueError, saying what is there, if they are not."""
    import h5py
    import xarray as xr

    try:
        with h5py.File(path, "r") as file:
            check_inside(file)
        with xr.open_dataset(path, group="posterior", engine="h5netcdf") as data:
            held = data.load()
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        first = (str(error).splitlines() or [""])[0][:200]
        raise ValueError(f"cannot read the posterior of {path}: {first}") from None
    name = f"{variable}_sd"
    known = [str(key).removesuffix("_sd") for key in held.data_vars if str(key).endswith("_sd")]
    if name not in held:
        raise ValueError(f"{path.name} has no variable '{variable}'; it has {', '.join(known)}")
    pair = [held.get(f"{variable}_mean", xr.zeros_like(held[name])), held[name]]
    if "council" in held[name].dims:
        names = [str(label) for label in held["council"].values]
        place = _council(path, council, names)
        pair = [x.isel(council=place) if "council" in x.dims else x for x in pair]
    flat = [np.asarray(x, dtype=np.float64).ravel() for x in pair]
    kept = np.unique(np.linspace(0, flat[0].size - 1, MOST_DRAWS).astype(np.intp))
    return tuple(flat[0][kept].tolist()), tuple(flat[1][kept].tolist())


def _council(path: Path, council: str, names: list[str]) -> int:
    """Return a council's place; ValueError, naming some, where it is none of them."""
    if council in names:
        return names.index(council)
    if not council and len(names) == 1:
        return 0
    some = ", ".join(names[:5])
    asked = f"has no council '{council}'" if council else "holds several councils: name one"
    raise ValueError(f"{path.name} {asked}; it has {some}{' …' if len(names) > 5 else ''}")
