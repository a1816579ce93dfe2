"""The group `/summaries` of a results tree: what was folded, written out and read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.sampling import Layout
from riskmc.study import Study
from riskmc.summaries.blocks import BlockFolder
from riskmc.summaries.grid import Grid, Sketch
from riskmc.summaries.moments import Moments
from riskmc.summaries.rows import Case, Plan, Rows, cases, row_table, unit_length
from riskmc.summaries.state import Folded, tally_arrays
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

GROUP = "summaries"
_CASE = "case"
#: Dimensions by array, behind the case.
_DIMS: dict[str, tuple[str, ...]] = {
    "good": ("recipe",),
    "used": ("recipe",),
    "nonzero": ("money_row",),
    "least": ("money_row",),
    "most": ("money_row",),
    "hits": ("event_row",),
    "other": ("event_row",),
    "lower": ("compared_row",),
    "higher": ("compared_row",),
    "below": ("design",),
    "tied": ("design",),
    "below_squared": ("design",),
    "tied_squared": ("design",),
    "below_tied": ("design",),
    "bin_ends": ("sketched_row",),
    "width": ("sketched_row",),
    "start": ("sketched_row",),
    "atoms": ("sketched_row",),
    "levels": ("design",),
    "tails": ("excess_row",),
    "centres": ("horizon_row",),
}
_FLAT = {"bin": "occupied", "bin_draws": "occupied", "first": "failed_draw"}
_SPREAD = "spread_"
_MOMENT = "moment_"
_WORDS = {
    "bin": "occupied bins of all histograms, histogram by histogram",
    "bin_draws": "draws in each of them",
    "bin_ends": "where each histogram ends among them",
    "first": "numbers of the first draws that failed",
    "hits": "draws in which it happens; of a difference: under the regime alone",
    "other": "of a difference: draws in which it happens under the other regime alone",
    "nonzero": "draws that are not 0",
    "atoms": "value other than 0 that many draws share: counted behind the bins, NaN for none",
    "least": "smallest value",
    "most": "largest value",
}


def summary_dataset(folder: BlockFolder, grid: Grid, folded: Folded) -> xr.Dataset:
    """Write out what was folded."""
    import xarray as xr

    rows = folder.rows
    moments = folded.ladder.total()
    arrays = tally_arrays(folded.tally)
    shape, draws = arrays.pop("shape"), arrays.pop("draws")
    arrays |= {
        name: getattr(grid, name)
        for name in ("width", "start", "atoms", "levels", "tails", "centres")
    }
    data: dict[str, Any] = {}
    for name, values in arrays.items():
        dims = (_FLAT[name],) if name in _FLAT else (_CASE, *_DIMS[name])
        data[name] = (dims, values, {"long_name": _WORDS.get(name, name), "units": "see the group"})
    for name, values in moments.arrays().items():
        dim = "horizon_row" if name.startswith(_SPREAD) else "unit_row"
        about = {"long_name": f"moments over units: {name}", "units": "see the group"}
        data[f"{_MOMENT}{name}"] = ((_CASE, dim), values, about)
    coords = {
        "organisation": (_CASE, [case.organisation for case in folder.cases]),
        "regime": (_CASE, [case.regime for case in folder.cases]),
        "against": (_CASE, [case.against for case in folder.cases]),
        "money": ("money_row", _labels(rows.money, rows.money_rows)),
        "event": ("event_row", _labels(rows.events, rows.event_rows)),
    }
    attrs = {
        "long_name": "running summaries: counts, sums and histograms of a run without its draws",
        "draws": int(draws[0]),
        "failed": int(draws[1]),
        "units": moments.units,
        "unit": folder.unit,
        "bins": int(shape[-1]),
    }
    return xr.Dataset(data, coords, attrs)


def _labels(at: Mapping[tuple[str, bool], slice], count: int) -> list[str]:
    labels = [""] * count
    for (name, yearly), rows in at.items():
        for i, row in enumerate(range(rows.start, rows.stop)):
            labels[row] = f"{name}, year {i + 1}" if yearly else name
    return labels


@dataclass(frozen=True)
class StoredSummary:
    """What was folded, read again: rows and cases as when it was written."""

    study: Study
    scheme: str
    unit: int
    rows: Rows
    cases: tuple[Case, ...]
    moments: Moments
    arrays: Mapping[str, NDArray[Any]]
    draws: int
    failed: int

    @classmethod
    def read(
        cls, dataset: xr.Dataset, study: Study, scheme: str, layout: Layout, plan: Plan
    ) -> StoredSummary:
        """Read a group `/summaries`; ResultsError where it is of another version of `riskmc`."""
        unit = unit_length(scheme, layout)
        rows, known = row_table(plan, study.years, unit), cases(study)
        try:
            loaded = dataset.load()
        except (OSError, RuntimeError) as error:
            raise ResultsError(f"the results file is damaged: {error}; run again") from error
        if (
            loaded["money"].values.tolist() != _labels(rows.money, rows.money_rows)
            or loaded["event"].values.tolist() != _labels(rows.events, rows.event_rows)
            or loaded.sizes[_CASE] != len(known)
        ):
            raise ResultsError("the summaries are of another version of riskmc: run again")
        held = zip(
            *(loaded[n].values.tolist() for n in ("organisation", "regime", "against")), strict=True
        )
        if [Case(*labels) for labels in held] != list(known):
            raise ResultsError(
                "the summaries were selected from or put in another order: open them as they were "
                "written, and select from what a measure returns"
            )
        arrays = {str(name): loaded[name].values for name in loaded.data_vars}
        sums = {
            name.removeprefix(_MOMENT): values
            for name, values in arrays.items()
            if name.startswith(_MOMENT)
        }
        attrs = loaded.attrs
        return cls(
            study,
            scheme,
            unit,
            rows,
            known,
            Moments.from_arrays(int(attrs["units"]), sums),
            arrays,
            int(attrs["draws"]),
            int(attrs["failed"]),
        )

    def case(self, organisation: str, regime: str, against: str = "") -> int:
        """Return the number of a case; ResultsError for a difference that was not folded."""
        wanted = Case(organisation, regime, against)
        if wanted not in self.cases:
            first = next(iter(self.study.regimes))
            raise ResultsError(
                f"summaries hold differences from the first regime, '{first}', only, not from "
                f"'{against}': compare with '{first}', or run again and keep draws "
                '(keep="headline")'
            )
        return self.cases.index(wanted)

    def sketch(self, case: int, row: int) -> Sketch:
        """Return the histogram of a money row; an organisation's gross deficit is its net one."""
        if self.cases[case].organisation != PLACE and row < self.rows.shared:
            row = int(self.rows.same_rows[row])
        at = case * self.rows.sketched + row
        ends = self.arrays["bin_ends"].reshape(-1)
        part = slice(int(ends[at - 1]) if at else 0, int(ends[at]))
        recipe = self.rows.recipe_of[row]
        good = int(self.arrays["good"][case, recipe])
        return Sketch.of(
            self.arrays["bin"][part].astype(np.int64),
            self.arrays["bin_draws"][part].astype(np.int64),
            width=float(self.arrays["width"][case, row]),
            start=float(self.arrays["start"][case, row]),
            least=float(self.arrays["least"][case, row]),
            most=float(self.arrays["most"][case, row]),
            zeros=good - int(self.arrays["nonzero"][case, row]),
            atom=float(self.arrays["atoms"][case, row]),
        )
