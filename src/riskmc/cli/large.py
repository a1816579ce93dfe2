"""What large runs add to `riskmc run`: a cluster, summaries, and resuming after an interruption."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskmc.errors import ResultsError, RunError

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

NO_REPORT = (
    "No report was written: the report is made from draws, and this run kept none. "
    "distribution.csv and exhaustion.csv hold the summaries; for a report run again with "
    "--keep headline, or fewer draws."
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


def simulated_already(study: Study, path: Path, options: dict[str, Any]) -> xr.DataTree | None:
    """Return the results of this very run where it was stopped after its last future, or None.

    Raises RunError where they are those of another run, of which the report is still to come.
    """
    from riskmc.results import Contents, open_results
    from riskmc.results.unfinished import attributes_differ, in_words
    from riskmc.sampling import draws_for

    if not path.exists():
        return None
    try:
        found = open_results(path)
    except ResultsError as error:
        click.echo(f"riskmc: {error}: starting again from the beginning", err=True)
        return None
    scheme = options["scheme"] or study.scheme
    layout = draws_for(options["draws"] or study.draws, scheme)
    keep = options["keep"] or found.attrs["kept"]
    seed = study.seed if options["seed"] is None else options["seed"]
    attributes: dict[str, Any] = Contents(study, seed, scheme, layout, keep).attributes()
    differing = attributes_differ(found.attrs, attributes)
    if differing:
        found.close()
        raise RunError(
            f"{path.parent}: this folder holds a run whose report is unfinished and that differs "
            f"in {in_words(differing)}; run its original command to finish it, choose another "
            "--out, or delete that folder"
        )
    return found
