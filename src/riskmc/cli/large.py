"""What large runs add to `riskmc run`: a cluster, streams, and going on after an interruption."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskmc.errors import ResultsError, RunError

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

#: Files that a run may write beside results.nc and run.json, whatever it keeps.
_OUTPUTS = (
    "report.html",
    "report.pdf",
    "tables.xlsx",
    "distribution.csv",
    "exhaustion.csv",
    "results.nc.checksums",
)
NO_REPORT = (
    "No report was written: report.html, report.pdf and tables.xlsx are told from draws, and this "
    "run kept none. distribution.csv and exhaustion.csv hold what was folded; for a report run "
    "again with --keep headline, or fewer draws."
)


@contextmanager
def cluster_client(address: str | None) -> Iterator[Any]:
    """Give a client of a Dask scheduler, or None without an address."""
    if address is None:
        yield None
        return
    from riskmc.runs.cluster import connect

    client = connect(address)
    try:
        yield client
    finally:
        client.close()


def write_stream_tables(results: xr.DataTree, folder: Path) -> None:
    """Write what only streamed results tell: distributions, and when reserves ran out."""
    from riskmc.measures.summary_tables import write_distribution_csv, write_exhaustion_csv

    write_distribution_csv(results, folder / "distribution.csv")
    write_exhaustion_csv(results, folder / "exhaustion.csv")


def forget_others(folder: Path, published: Iterable[Path]) -> None:
    """Remove the outputs of an earlier run that this one did not write anew."""
    fresh = {path.name for path in published}
    for name in _OUTPUTS:
        if name not in fresh:
            (folder / name).unlink(missing_ok=True)


def simulated_already(study: Study, path: Path, options: dict[str, Any]) -> xr.DataTree | None:
    """Return the results of this very run where it was stopped after its last future, or None.

    Raises RunError where they are those of another run, of which the report is still to come.
    """
    from riskmc.results import Contents, check_file, open_results
    from riskmc.results.region import checksums_of, journal_of, partial_of
    from riskmc.results.store import SAME_RUN, in_words
    from riskmc.sampling import draws_for

    if not path.exists():
        return None
    if journal_of(path).exists() and not partial_of(path).exists():
        journal_of(path).replace(checksums_of(path))  # it was stopped just before that
    try:
        check_file(path)
        found = open_results(path)
    except ResultsError as error:
        click.echo(f"riskmc: {error}: all is done again", err=True)
        return None
    scheme = options["scheme"] or study.scheme
    layout = draws_for(options["draws"] or study.draws, scheme)
    keep = options["keep"] or found.attrs["kept"]
    seed = study.seed if options["seed"] is None else options["seed"]
    attributes: dict[str, Any] = Contents(study, seed, scheme, layout, keep).attributes()
    differing = [
        key
        for key in SAME_RUN
        if key in attributes and str(found.attrs.get(key)) != str(attributes[key])
    ]
    if differing:
        found.close()
        raise RunError(
            f"{path.parent}: a run of another kind lies here whose report is still to come (it "
            f"differs in {in_words(differing)}); finish it with its own command, choose another "
            "--out, or delete that folder"
        )
    return found
