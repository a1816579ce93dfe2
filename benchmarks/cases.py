"""What is benchmarked: the Greater Manchester study, cut to size, and ways of running it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.engine.programme import compile_regime
from riskmc.engine.recorded.playing import Regimes
from riskmc.sampling import KEY_BLOCK, Sampler
from riskmc.study import Study, load_study
from riskmc.variables import HEADLINE_NAMES, PLACE_NAMES, VARIABLE_NAMES, variable

CONFIGS = Path(__file__).parent.parent / "configs"
#: As many draws as a long run has, in which rules are played where they can be.
MANY = 2**20
#: The study of 0.1.0 with its rules written out: the same work for every version.
GREATER_MANCHESTER = Path(__file__).parent / "greater-manchester.toml"
EXAMPLE = CONFIGS / "example.toml"

Arrays = dict[str, NDArray[Any]]


def with_regimes(study: Study, number: int) -> Study:
    """Return a study with its first so many regimes."""
    names = list(study.regimes)[:number]
    return study.replaced(regimes={name: study.regimes[name] for name in names}, behaviour={})


def greater_manchester(regimes: int = 2) -> Study:
    """Return the study of Greater Manchester with its first so many regimes."""
    return with_regimes(load_study(GREATER_MANCHESTER), regimes)


def copied(study: Study, times: int) -> Study:
    """Return a study with every body, contract and risk so many times over."""
    copies = range(times)

    def named(identity: str, copy: int) -> str:
        return identity if copy == 0 else f"{identity}-{copy}"

    return study.replaced(
        organisations=tuple(
            body.model_copy(update={"id": named(body.id, copy)})
            for copy in copies
            for body in study.organisations
        ),
        contracts=tuple(
            contract.model_copy(
                update={
                    "payer": named(contract.payer, copy),
                    "payee": named(contract.payee, copy),
                }
            )
            for copy in copies
            for contract in study.contracts
        ),
        risks=tuple(
            risk.model_copy(update={"organisation": named(risk.organisation, copy)})
            for copy in copies
            for risk in study.risks
        ),
    )


def draw_blocks(sampler: Sampler, number: int) -> None:
    """Draw so many blocks as a run does, each in the place of the one before."""
    drivers: Arrays | None = None
    for block in range(number):
        drivers = sampler.key_block(block, drivers)


class BlockRunner:
    """Runs a study block by block into one buffer, of which nothing is kept.

    `outcomes` and `place` name the variables that are stored, by organisation and for the
    place; by default the headline variables and all of the place.
    """

    def __init__(
        self,
        study: Study,
        *,
        scheme: str = "mc",
        seed: int = 1,
        outcomes: tuple[str, ...] = HEADLINE_NAMES,
        place: tuple[str, ...] = PLACE_NAMES,
    ) -> None:
        self.sampler = Sampler(study, seed=seed, scheme=scheme)
        self._drivers: Arrays | None = None
        programmes = [compile_regime(study, name) for name in study.regimes]
        self._regimes = Regimes(programmes, MANY)
        years, bodies = study.years, len(study.organisations)
        self.outcomes = [_zeros(outcomes, (bodies, years, KEY_BLOCK)) for _ in programmes]
        self.place = [_zeros(place, (years, KEY_BLOCK)) for _ in programmes]

    def run(self, drivers: Mapping[str, NDArray[Any]]) -> None:
        """Run every regime on the drivers of a block."""
        for named in (*self.outcomes, *self.place):
            for values in named.values():
                values.fill(0)
        self._regimes.run(drivers, self.outcomes, self.place, draws=KEY_BLOCK)

    def blocks(self, number: int) -> None:
        """Draw and run so many blocks."""
        for block in range(number):
            self._drivers = self.sampler.key_block(block, self._drivers)
            self.run(self._drivers)


def _zeros(names: tuple[str, ...], shape: tuple[int, ...]) -> Arrays:
    return {name: np.zeros(shape, _dtype(name)) for name in names}


def _dtype(name: str) -> type:
    flag = name in VARIABLE_NAMES and variable(name).kind == "flag"
    return bool if flag else float
