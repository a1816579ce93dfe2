"""Results written for other programs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from riskmc.errors import InputError
from riskmc.exports.frames import draws_frame
from riskmc.exports.sip import sip_json, sip_library
from riskmc.measures.view import Source, view_of
from riskmc.variables import PLACE
from riskmc.words.cells import Book, csv_cell

if TYPE_CHECKING:
    import pandas as pd

#: What `export` can write, with the ending of the file.
FORMATS = {"parquet": ".parquet", "csv": ".csv", "xlsx": ".xlsx", "sip": ".SIPmath"}
#: Rows that a sheet can hold, its heading included.
_SHEET_ROWS = 1_048_576


def export(
    results: Source,
    to: str,
    out: str | os.PathLike[str],
    *,
    organisation: str = PLACE,
    measures: Sequence[str] | None = None,
    by_year: str | None = None,
) -> list[str]:
    """Write the draws of a run for another program.

    Parameters
    ----------
    results : DataTree or Results
        Results that keep their draws.
    to : {"parquet", "csv", "xlsx", "sip"}
        The format; "parquet" needs the extra `riskmc[parquet]`.
    out : str or path
        The file to write; one that exists is replaced.
    organisation, measures, by_year : str, sequence of str, str, optional
        As in `draws_frame`.

    Returns
    -------
    list of str
        Remarks: quantities or futures that the format cannot hold.

    Raises
    ------
    InputError
        An unknown format, a missing extra, or more futures than the format can hold.
    ResultsError
        As `draws_frame`.

    References
    ----------
    - docs/second-run.md, "Elsewhere".
    - Keelin, T. W., The metalog distributions, Decision Analysis 13 (2016) 243-277: smooth
      quantities of `sip`.
    - ProbabilityManagement.org, SIPmath 3.0 standard: the form of `sip`.
    """
    if to not in FORMATS:
        raise InputError(f"cannot export to '{to}'; allowed: {', '.join(FORMATS)}")
    frame = draws_frame(results, organisation=organisation, measures=measures, by_year=by_year)
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    if to == "sip":
        return _write_sip(results, frame, path)
    if to == "parquet":
        if find_spec("pyarrow") is None:
            raise InputError("Parquet needs one more package: pip install 'riskmc[parquet]'")
        frame.to_parquet(path)
    elif to == "csv":
        frame.rename(columns=csv_cell).to_csv(path)
    else:
        if len(frame) >= _SHEET_ROWS:
            raise InputError(f"a sheet holds {_SHEET_ROWS - 1:,} futures; use parquet or csv")
        path.write_bytes(_workbook(frame, str(view_of(results).tree.attrs["title"])))
    return []


def _workbook(frame: pd.DataFrame, title: str) -> bytes:
    book = Book(title)
    sheet = book.sheet("draws")
    book.row(sheet, 0, [frame.index.name, *frame.columns], bold=True)
    for at, row in enumerate(frame.itertuples(name=None), 1):
        book.row(sheet, at, row)
    sheet.freeze_panes(1, 1)
    return book.bytes()


def _write_sip(results: Source, frame: pd.DataFrame, path: Path) -> list[str]:
    view = view_of(results)
    attributes = view.tree.attrs
    provenance = (
        f"riskmc {attributes['riskmc_version']}: {attributes['title']}, "
        f"{int(attributes['draws']):,} futures, seed {attributes['seed']}, £m"
    )
    library, remarks = sip_library(frame, name=str(attributes["title"]), provenance=provenance)
    path.write_text(sip_json(library), encoding="utf-8")
    return remarks
