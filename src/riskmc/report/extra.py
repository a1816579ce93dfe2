"""The runs beside the main one: stress tests, assumed behaviour, a rescue more or less likely.

Each is a run of the same study with few futures, all of them the same futures (but for what a
stress test changes); only what the report reads is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmc.report import shocks
from riskmc.report.shocks import Scenario
from riskmc.study import Regime, Rulebook, Study
from riskmc.variables import HEADLINE_NAMES, ORGANISATION, PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.figures.tables import CalibrationTable

DRAWS = 4096
#: Chances of a rescue that are tried in every regime.
CHANCES = (0.0, 0.25, 0.5, 0.75, 1.0)
#: Rungs of the reverse stress test: places on the drivers' adverse side.
RUNGS = tuple(round(-3.0 + 0.05 * i, 2) for i in range(121))

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Breaking:
    """The mildest shock under which a rescue is needed, under one regime.

    climber  "everything" or a driver
    z        the mildest place on the adverse side; None where none up to the last breaks
    """

    climber: str
    regime: str
    z: float | None


@dataclass(frozen=True)
class Extra:
    """Results beside the main ones.

    body        whose report they are for: "place" or an organisation
    base        the same futures without any change, with drivers: what others compare with
    stressed    each scenario with its results
    breaking    the reverse stress test
    behaviour   the study with the behaviour that it assumes; None where it assumes none
    sweep       results by the chance of a rescue
    calibration a back-test, where somebody made one
    """

    body: str
    base: xr.DataTree
    stressed: tuple[tuple[Scenario, xr.DataTree], ...] = ()
    breaking: tuple[Breaking, ...] = ()
    behaviour: xr.DataTree | None = None
    sweep: tuple[tuple[float, xr.DataTree], ...] = ()
    calibration: CalibrationTable | None = None


def extra_runs(
    study: Study,
    *,
    draws: int = DRAWS,
    seed: int | None = None,
    scheme: str | None = None,
    organisation: str | None = None,
    behaviour: xr.DataTree | None = None,
    progress: Progress | None = None,
) -> Extra:
    """Run what the report needs beside the main results.

    Parameters
    ----------
    study : Study
        The study of the main results.
    draws : int
        Futures of each run; few are enough to see what a stress does.
    seed, scheme
        Those of the main results, so that the first futures are the same.
    organisation : str, optional
        Whose report it is; default: the place.
    behaviour : xarray.DataTree, optional
        Results with behaviour that were made already; not run again then.
    progress : callable, optional
        Told (runs done, runs in all).
    """
    runner = _Runner(study, draws, seed, scheme, organisation or PLACE, progress)
    named = shocks.scenarios(study)
    behaves = bool(study.behaviour) and behaviour is None
    sweeps = any(_rescues(regime) for regime in study.regimes.values())
    runner.total = 2 + len(named) + behaves + (len(CHANCES) if sweeps else 0)
    base = runner.base()
    drivers = base["drivers"].to_dataset()
    stressed = tuple((s, runner.on(shocks.stressed(drivers, study, s))) for s in named)
    return Extra(
        body=runner.body,
        base=base,
        stressed=stressed,
        breaking=runner.breaking(),
        behaviour=runner.of(study.with_behaviour()) if behaves else behaviour,
        sweep=tuple((p, runner.of(with_rescue(study, p))) for p in CHANCES) if sweeps else (),
    )


class _Runner:
    """Runs variants of a study on the same futures and keeps what a report reads."""

    def __init__(
        self,
        study: Study,
        draws: int,
        seed: int | None,
        scheme: str | None,
        body: str,
        progress: Progress | None,
    ) -> None:
        self.study, self.draws, self.seed, self.scheme = study, draws, seed, scheme
        self.body, self.progress = body, progress
        self.done, self.total = 0, 1

    def _finished(self, results: xr.DataTree) -> xr.DataTree:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)
        return results

    def base(self) -> xr.DataTree:
        """Run the study as it is, keeping its drivers."""
        from riskmc.runs.simulation import run

        results = run(self.study, draws=self.draws, seed=self.seed, scheme=self.scheme, keep="all")
        return self._finished(lightened(results, self.body, drivers=True))

    def of(self, study: Study) -> xr.DataTree:
        """Run a variant on the study's own futures."""
        from riskmc.runs.simulation import run

        results = run(study, draws=self.draws, seed=self.seed, scheme=self.scheme, keep="headline")
        return self._finished(lightened(results, self.body))

    def on(self, drivers: xr.Dataset) -> xr.DataTree:
        """Run the study on chosen futures."""
        from riskmc.runs.simulation import run

        results = run(
            self.study, drivers=drivers, seed=self.seed, scheme=self.scheme, keep="headline"
        )
        return self._finished(lightened(results, self.body))

    def breaking(self) -> tuple[Breaking, ...]:
        """Climb every driver's adverse side and see where a rescue is first needed."""
        from riskmc.measures import per_draw
        from riskmc.runs.simulation import run

        rungs = np.array(RUNGS)
        drivers, climbers = shocks.ladder(self.study, rungs)
        if not climbers:
            self.total -= 1
            return ()
        results = self._finished(run(self.study, drivers=drivers, scheme="mc", keep="headline"))
        found = []
        for regime in self.study.regimes:
            broken = per_draw(
                results, measure="p_rescue_needed", regime=regime, organisation=self.body
            )
            by_climber = np.asarray(broken.values, dtype=bool).reshape(len(climbers), len(rungs))
            for climber, row in zip(climbers, by_climber, strict=True):
                z = float(rungs[int(np.argmax(row))]) if row.any() else None
                found.append(Breaking(climber, regime, z))
        return tuple(found)


def lightened(results: xr.DataTree, body: str, *, drivers: bool = False) -> xr.DataTree:
    """Return results with the place and one body only.

    With the drivers, what the report reads of every body stays: own balance for the place's
    report, the headline for a body's.
    """
    import xarray as xr

    outcomes = results["outcomes"].to_dataset()
    if body == PLACE:
        kept = outcomes[["own_balance"]] if drivers else xr.Dataset(coords=outcomes.coords)
    elif drivers:  # what drives one body may lie with another: every body's headline stays
        kept = outcomes[list(HEADLINE_NAMES)]
    else:
        kept = outcomes.sel({ORGANISATION: [body]})
    groups = {
        "/outcomes": kept,
        f"/{PLACE}": results[PLACE].to_dataset(),
    }
    if drivers:
        groups["/drivers"] = results["drivers"].to_dataset()
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = dict(results.attrs)
    return tree


def with_rescue(study: Study, chance: float) -> Study:
    """Return the study with a bailout granted with this chance, by every holder's rules."""
    regimes = {name: _granting(regime, chance) for name, regime in study.regimes.items()}
    return study.replaced(regimes=regimes)


def _granting(regime: Regime, chance: float) -> Regime:
    books = {name: _book_granting(book, chance) for name, book in regime.rulebooks.items()}
    return regime.model_copy(update={"rulebooks": books})


def _book_granting(book: Rulebook, chance: float) -> Rulebook:
    shortfall = tuple(
        setting.replaced(probability=chance) if setting.instrument == "bailout" else setting
        for setting in book.shortfall
    )
    return book.model_copy(update={"shortfall": shortfall})


def _rescues(regime: Regime) -> bool:
    return any(book.find("shortfall", "bailout") for book in regime.rulebooks.values())
