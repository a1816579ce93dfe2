"""Where a run's drivers come from: sampled from the study, or supplied by the user."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import DriversError
from riskmc.sampling import Layout
from riskmc.sampling.clipping import clipped, in_json
from riskmc.sampling.deliveries import deliveries
from riskmc.sampling.fingerprint import Fingerprint, of_values
from riskmc.study import Study
from riskmc.variables import (
    CHAIN,
    DRAW,
    DRIVER_NAMES,
    ORGANISATION,
    PROJECT_DELIVERY,
    YEAR,
    driver,
)

_LOG = logging.getLogger(__name__)
#: Further outside its range than this a driver is refused: it was meant as something else.
FAR = 1.0

if TYPE_CHECKING:
    import xarray as xr

Drivers = Mapping[str, NDArray[np.float64]]


class Futures(Protocol):
    """Gives the drivers of a block of draws, by name: (year, organisation, draw)."""

    def key_block(self, block: int, into: Drivers | None = None) -> Drivers:
        """Return the drivers of one key block, perhaps in the arrays of an earlier one."""

    def room(self) -> Drivers:
        """Return the arrays that a key block takes, not filled."""


class GivenFutures:
    """User-supplied drivers as arrays, cut into blocks.

    `fingerprint` says what they are, `clipped` how often they lay beyond their meaning.
    """

    def __init__(
        self,
        drivers: Drivers,
        block_draws: int,
        drawn: Fingerprint,
        delivered: Callable[[int], Drivers],
        counts: Mapping[str, int],
        draws: int,
    ) -> None:
        self.fingerprint = drawn
        self.clipped = in_json(counts, draws)
        self._counts, self._draws = counts, draws
        self._delivered = delivered
        self._drivers = {name: _once(values) for name, values in drivers.items()}
        for values in self._drivers.values():
            values.flags.writeable = False  # several runs may share them
        self._block_draws = block_draws

    def key_block(self, block: int, into: Drivers | None = None) -> Drivers:  # noqa: ARG002
        """Return the drivers of one block; the last may be shorter."""
        start = block * self._block_draws
        part = slice(start, start + self._block_draws)
        given = {
            name: values if values.shape[2] == 1 else values[..., part]
            for name, values in self._drivers.items()
        }
        return {**given, **self._delivered(block)}

    def room(self) -> Drivers:
        """Return none: the draws are in memory already."""
        return {}

    def changed(self, dataset: xr.Dataset, names: Sequence[str]) -> GivenFutures:
        """Return these futures but for some drivers, which are those of a Dataset of their kind.

        The other drivers were checked when these futures were made, and are not again.
        """
        found = {name: clipped(name, _checked(dataset, name)) for name in names}
        changed = {name: values for name, (values, _) in found.items()}
        bodies = tuple(dataset[ORGANISATION].values.tolist())
        drawn = of_values(changed, bodies, {})
        return GivenFutures(
            {**self._drivers, **changed},
            self._block_draws,
            Fingerprint(self.fingerprint.streams, {**self.fingerprint.drivers, **drawn.drivers}),
            self._delivered,
            {**self._counts, **{name: count for name, (_, count) in found.items()}},
            self._draws,
        )


def _once(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a driver that is alike in all draws as one draw, which stands for all."""
    first = values[..., :1]
    return first.copy() if (values == first).all() else values


def project_deliveries(study: Study, scheme: str, seed: int) -> Callable[[int], Drivers]:
    """Return what gives the deliveries of a key block; nothing where none is drawn."""
    drawn = deliveries(study)
    if not drawn:
        return lambda block: {}  # noqa: ARG005
    return lambda block: {PROJECT_DELIVERY: drawn.key_block(scheme, seed, block)}


def checked_dataset(drivers: Any) -> xr.Dataset:
    """Return user-supplied drivers, if they are a Dataset; DriversError else."""
    import xarray as xr

    if not isinstance(drivers, xr.Dataset):
        raise DriversError(
            f"drivers: {type(drivers).__name__} is not a Dataset; allowed: an xarray.Dataset such "
            "as riskmc.sample returns"
        )
    return drivers


def given_futures(
    study: Study, dataset: xr.Dataset, block_draws: int, *, scheme: str, seed: int
) -> tuple[GivenFutures, Layout]:
    """Check and align a Dataset of drivers with a study, by label.

    `dataset` has dims `draw`, `year`, `organisation` and perhaps `chain`, and every driver of
    the register. What projects deliver is drawn from the study's own streams under `scheme` and
    `seed`. Raises DriversError naming the driver, label or NaN that is wrong.
    """
    missing = [name for name in DRIVER_NAMES if name not in dataset]
    if missing:
        raise DriversError(f"drivers: missing {', '.join(missing)}")
    unknown = sorted(str(name) for name in dataset.data_vars if name not in DRIVER_NAMES)
    if unknown:
        raise DriversError(
            f"drivers: unknown {', '.join(unknown)}; allowed: {', '.join(DRIVER_NAMES)}"
        )
    for dim, labels in ((YEAR, study.year_labels), (ORGANISATION, study.organisation_ids)):
        if dim not in dataset.coords:
            raise DriversError(f"drivers: no labels for dimension '{dim}'")
        held = dataset[dim].values.tolist()
        twice = sorted({str(x) for x in held if held.count(x) > 1}) if dim in dataset.dims else []
        if twice:
            raise DriversError(f"drivers: {dim} {twice[0]} appears twice")
        lacking = [label for label in labels if label not in dataset[dim].values]
        if lacking:
            raise DriversError(f"drivers: no {dim} {', '.join(map(str, lacking))}")
    if DRAW not in dataset.dims:
        raise DriversError(f"drivers: no dimension '{DRAW}'")
    if CHAIN not in dataset.dims:
        dataset = dataset.expand_dims(CHAIN)
    dataset = _whole(dataset, scheme)
    aligned = dataset.sel(
        {YEAR: list(study.year_labels), ORGANISATION: list(study.organisation_ids)}
    )
    layout = Layout(int(aligned.sizes[CHAIN]), int(aligned.sizes[DRAW]))
    if layout.total == 0:
        raise DriversError("drivers: no draws")
    found = {name: clipped(name, _checked(aligned, name)) for name in DRIVER_NAMES}
    drivers = {name: values for name, (values, _) in found.items()}
    counts = {name: count for name, (_, count) in found.items()}
    drawn = of_values(drivers, study.organisation_ids, dataset.attrs)
    delivered = project_deliveries(study, scheme, seed)
    return GivenFutures(drivers, block_draws, drawn, delivered, counts, layout.total), layout


def _whole(dataset: xr.Dataset, scheme: str) -> xr.Dataset:
    """Return drivers with chains and draws in their own order, as `riskmc.sample` laid them down.

    A selection that parts an antithetic pair, or cuts a chain that is one design, is refused: no
    error of the results would be right. The attributes say how large a chain was, and under which
    scheme it was drawn; what has none, or no numbers for its draws, is taken as it comes.
    """
    scheme = dataset.attrs.get("scheme", scheme)
    if scheme == "mc" or not {"draws", "chains"} <= dataset.attrs.keys():
        return dataset
    for dim in (CHAIN, DRAW):
        if dim not in dataset.coords or dataset[dim].dtype.kind not in "iu":
            return dataset
        dataset = dataset.sortby(dim)
    per_chain = int(dataset.attrs["draws"]) // max(int(dataset.attrs["chains"]), 1)
    held = int(dataset.sizes[DRAW])
    if scheme == "antithetic":
        chains, draws = dataset[CHAIN].values, dataset[DRAW].values
        numbers = np.add.outer(chains * per_chain, draws).reshape(-1)
        partners = numbers ^ 1
        alone = numbers[~np.isin(partners, numbers)]
        if alone.size:
            raise DriversError(
                f"drivers: draw {int(alone[0])} is held without its antithetic partner, draw "
                f"{int(alone[0]) ^ 1}; select draws 2i and 2i + 1 together"
            )
    elif held != per_chain:
        raise DriversError(
            f"drivers: {held:,} of the {per_chain:,} draws of a chain are held; under '{scheme}' a "
            "chain is one design and cannot be cut: select whole chains"
        )
    return dataset


def _checked(dataset: xr.Dataset, name: str) -> NDArray[np.float64]:
    """Return a driver as (year, organisation, draws numbered through)."""
    dims = (YEAR, ORGANISATION, CHAIN, DRAW)
    given = dataset[name]
    absent = [dim for dim in (YEAR, ORGANISATION, DRAW) if dim not in given.dims]
    if absent:
        raise DriversError(f"drivers: {name} has no dimension {', '.join(absent)}")
    if CHAIN not in given.dims:
        given = given.expand_dims({CHAIN: dataset[CHAIN]})
    if extra := sorted(str(dim) for dim in set(given.dims) - set(dims)):
        raise DriversError(f"drivers: {name} has a dimension {extra[0]} that none has")
    if given.dtype.kind not in "fiu":
        raise DriversError(f"drivers: {name} holds {given.dtype}, not real numbers")
    ordered = given.transpose(*dims)
    values: NDArray[Any] = np.ascontiguousarray(ordered.values, dtype=np.float64)
    if (wrong := np.isnan(values)).any():
        raise DriversError(f"drivers: {name} is NaN at {_first(ordered, wrong)}")
    row = driver(name)
    if (wrong := (values < row.low - FAR) | (values > row.high + FAR)).any():
        span = f"{row.low:g} to {row.high:g}" if np.isfinite(row.high) else f"{row.low:g} and more"
        raise DriversError(
            f"drivers: {name} is a {row.unit}, and far outside {span} at "
            f"{_first(ordered, wrong)}; shares and rates are fractions: 0.02 is 2 %"
        )
    if (wrong := (values < row.low) | (values > row.high)).any():
        limits = ((row.low, f"below {row.low:g}"), (row.high, f"above {row.high:g}"))
        beyond = " or ".join(words for limit, words in limits if np.isfinite(limit))
        _LOG.warning(
            "drivers: %s is a %s: %s it has no meaning, and the nearest limit is used; first at %s",
            *(name, row.unit, beyond, _first(ordered, wrong)),
        )
    return values.reshape(*values.shape[:2], -1)


def _first(ordered: xr.DataArray, wrong: NDArray[np.bool_]) -> str:
    """Say where the first of some values lies, and how many there are."""
    year, organisation, chain, draw = np.argwhere(wrong)[0]
    return (
        f"year {ordered[YEAR].values[year]}, organisation "
        f"{ordered[ORGANISATION].values[organisation]}, chain {chain}, draw {draw} "
        f"({np.count_nonzero(wrong)} in all)"
    )
