"""The runs alongside the main one: stress tests, assumed behaviour, a rescue more or less likely.

Each is a run of the same study with few futures, all of them the same futures (but for what a
stress test changes); only what the reports read is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskmc.measures.like_for_like import large_rescue
from riskmc.measures.view import Results
from riskmc.report.sides import shocks
from riskmc.report.sides.shocks import Scenario
from riskmc.results.contents import OUTCOMES, PLACE_GROUP
from riskmc.study import Regime, Rulebook, Study
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.engine.recorded.playing import Regimes
    from riskmc.sampling import Layout
    from riskmc.sampling.futures import GivenFutures

#: Futures of each run: a chance is known to about 1 of 100, a paired one better.
DRAWS = 2048
#: Chances of a rescue that are tried under every set of rules alike.
CHANCES = (0.0, 0.25, 0.5, 0.75, 1.0)
#: Rungs of the reverse stress test: places on the drivers' adverse side.
RUNGS = tuple(round(-3.0 + 0.05 * i, 2) for i in range(121))

#: What the reports read of such a run, by future.
OF_A_RUN = (
    *("deficit", "net_deficit", "balance", "own_balance", "unmet", "unresolved"),
    *("reserves", "bailout", "rescue_needed", "income"),
)
#: What a report on the place reads of its bodies: whose bailouts are borrowed.
OF_BODIES = ("bailout",)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Breaking:
    """The mildest shock under which a large rescue is needed, under one regime.

    climber  "everything" or a driver
    z        the mildest place on the adverse side; None where none up to the last breaks
    """

    climber: str
    regime: str
    z: float | None


@dataclass(frozen=True)
class Sides:
    """Results alongside the main ones.

    base       the same futures without any change, with their drivers
    stressed   each scenario with its results
    behaviour  the study with the behaviour that it assumes; None where it assumes none
    sweep      results by the chance of a rescue
    breaking   the reverse stress test
    """

    base: Results
    drivers: xr.Dataset
    stressed: tuple[tuple[Scenario, Results], ...] = ()
    behaviour: Results | None = None
    sweep: tuple[tuple[float, Results], ...] = ()
    breaking: tuple[Breaking, ...] = ()


def side_runs(
    study: Study,
    *,
    regimes: tuple[str, ...],
    draws: int = DRAWS,
    seed: int | None = None,
    scheme: str | None = None,
    body: str = PLACE,
    progress: Progress | None = None,
) -> Sides:
    """Run what the reports need alongside the main results.

    Parameters
    ----------
    study : Study
        The study of the main results.
    regimes : tuple of str
        The rules that the paper compares.
    draws : int
        Futures of each run; few are enough to see what a stress does.
    seed, scheme
        Those of the main results, so that the first futures are the same.
    body : str
        Whose report it is.
    progress : callable, optional
        Given a line of what is done.
    """
    from riskmc.runs.prepared import regimes_of
    from riskmc.sampling import KEY_BLOCK, sample
    from riskmc.sampling.futures import given_futures

    chosen = study.replaced(
        regimes={name: study.regimes[name] for name in regimes},
        behaviour={name: words for name, words in study.behaviour.items() if name in regimes},
        paper=None,
    )
    drivers = sample(chosen, draws=draws, seed=seed, scheme=scheme)
    seed, scheme = int(drivers.attrs["seed"]), str(drivers.attrs["scheme"])
    checked, layout = given_futures(chosen, drivers, KEY_BLOCK, scheme=scheme, seed=seed)
    runner = _Runner(layout, seed, scheme, progress, body)
    base = runner.run(chosen, checked, "the first futures again", whole=True)
    struck = shocks.scenarios(chosen)
    shared = regimes_of(chosen, len(struck) * layout.total)
    stressed = tuple(
        (
            s,
            runner.run(
                chosen,
                _struck(checked, drivers, chosen, s),
                f"stress: {s.title}",
                regimes=shared,
            ),
        )
        for s in struck
    )
    behaviour = None
    if chosen.behaviour:
        behaviour = runner.run(chosen.with_behaviour(), checked, "assumed behaviour")
    sweep: tuple[tuple[float, Results], ...] = ()
    if any(rescues(regime) for regime in chosen.regimes.values()):
        sweep = tuple(
            (p, runner.run(with_rescue(chosen, p), checked, f"rescue granted at {p:g}"))
            for p in CHANCES
        )
    breaking = tuple(_breaking(chosen, drivers, runner))
    return Sides(base, drivers, stressed, behaviour, sweep, breaking)


def _struck(
    checked: GivenFutures, drivers: xr.Dataset, study: Study, scenario: Scenario
) -> GivenFutures:
    """Return the futures in which a scenario strikes; only the drivers that it names change."""
    return checked.changed(shocks.stressed(drivers, study, scenario), scenario.drivers)


@dataclass(frozen=True)
class _Runner:
    """Runs variants of a study on futures that were checked once, and says so."""

    layout: Layout
    seed: int
    scheme: str
    progress: Progress | None
    body: str

    def run(
        self,
        study: Study,
        futures: GivenFutures,
        words: str,
        *,
        whole: bool = False,
        regimes: Regimes | None = None,
        layout: Layout | None = None,
    ) -> Results:
        """Run a study on chosen futures; unless `whole`, keep only what its report reads."""
        from riskmc.runs.simulation import run_given

        self.say(words)
        of_bodies = OF_BODIES if self.body == PLACE else OF_A_RUN
        found = run_given(
            study,
            futures,
            layout or self.layout,
            seed=self.seed,
            scheme=self.scheme,
            only=None if whole else {OUTCOMES: of_bodies, PLACE_GROUP: OF_A_RUN},
            regimes=regimes,
        )
        return Results(found, study)

    def say(self, words: str) -> None:
        """Say what is run."""
        if self.progress is not None:
            self.progress(words)


def _breaking(study: Study, drivers: xr.Dataset, runner: _Runner) -> Iterator[Breaking]:
    """Climb every driver's adverse side and see where a large rescue is first needed."""
    from riskmc.sampling import KEY_BLOCK
    from riskmc.sampling.futures import given_futures

    rungs = np.array(RUNGS)
    climbed, climbers = shocks.ladder(study, rungs, drivers)
    if not climbers:
        return
    futures, layout = given_futures(study, climbed, KEY_BLOCK, scheme="mc", seed=runner.seed)
    results = runner.run(study, futures, "reverse stress test", layout=layout)
    for regime in study.regimes:
        broken = large_rescue(results.reader, regime=regime, body=runner.body).any(axis=0)
        by_climber = broken.reshape(len(climbers), len(rungs))
        for climber, row in zip(climbers, by_climber, strict=True):
            z = float(rungs[int(np.argmax(row))]) if row.any() else None
            yield Breaking(climber, regime, z)


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


def rescues(regime: Regime) -> bool:
    """Say whether any rulebook of a regime ends in a bailout."""
    return any(book.find("shortfall", "bailout") for book in regime.rulebooks.values())
