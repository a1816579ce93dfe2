"""The study: everything that a run needs, checked, with what holds for each body and year."""

from __future__ import annotations

import math
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import PrivateAttr

from riskmc.study.behaviour import behaving
from riskmc.study.contracts import Contract, TermName
from riskmc.study.cost_lines import OF_LINES, line_id, of_the_whole
from riskmc.study.edits import Change, edited, read_change
from riskmc.study.model import (
    GrowthName,
    Organisation,
)
from riskmc.study.regimes import held
from riskmc.study.tables import StudyTables

Array = NDArray[np.float64]


class StudyFile(NamedTuple):
    """The file that a study was read from, as it was when it was read: its name and SHA-256.

    `remarks` say what was made of the tables that it names, and what of them was not read.
    """

    name: str
    sha256: str
    remarks: tuple[str, ...] = ()


class Study(StudyTables):
    """A place, its planning assumptions, its drivers and its regimes.

    Made by `load_study` and `parse_study`, which check everything; K organisations in the order
    of the file, T years. Money in £m, rates a year.
    """

    _file: StudyFile | None = PrivateAttr(default=None)

    def __eq__(self, other: object) -> bool:
        """Say whether two studies say the same, whichever files they were read from."""
        if not isinstance(other, Study):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in Study.model_fields)

    __hash__ = None  # type: ignore[assignment]

    @property
    def file(self) -> StudyFile | None:
        """The file that `load_study` read; None for a study made or changed in Python."""
        return self._file

    def growth(self, name: GrowthName, *, regime: str | None = None) -> Array:
        """Return planned growth; growth that is not planned is 0.

        Under a regime with a planning of its own, that of the regime; else the study's.

        Parameters
        ----------
        name : str
            What grows: "grant_growth", "tax_growth", "charges_growth", "committed_growth" or
            "reserve_contribution".
        regime : str, optional
            A regime of the study; default: the study's own planning.

        Returns
        -------
        ndarray
            Shape (T, K) [fraction a year; a contribution to reserves: share of planned income].

        Raises
        ------
        KeyError
            Where the study has no such regime.
        """
        planning = self.planning_under(regime)
        columns = [
            by_year(planning.growth(name, kind=body.kind, organisation=body.id), self.years)
            for body in self.organisations
        ]
        return np.ascontiguousarray(np.stack(columns, axis=1))

    def uplift(self, contract: Contract) -> Array:
        """Return a contract's price uplift.

        Parameters
        ----------
        contract : Contract
            A contract of the study.

        Returns
        -------
        ndarray
            Shape (T,) [fraction a year].
        """
        return by_year(contract.uplift, self.years)

    def term(self, name: TermName, contract: Contract, regime: str) -> Array:
        """Return a contract's term under a regime.

        Parameters
        ----------
        name : str
            One of the terms, such as "activity_share".
        contract : Contract
            A contract of the study.
        regime : str
            A regime of the study.

        Returns
        -------
        ndarray
            Shape (T,), in the term's unit; infinite where there is no limit.

        Raises
        ------
        KeyError
            Where the study has no such regime.
        """
        value = self.regimes[regime].payment.term(name, contract)
        return by_year(math.inf if value is None else value, self.years)

    def expected(self, name: str) -> Array:
        """Return what planners expect of a driver.

        `expected` where it is given, else the driver's mean, zeros of an event included; 0 where
        the driver is neutral.

        Parameters
        ----------
        name : str
            Name in the register of drivers.

        Returns
        -------
        ndarray
            Shape (T, K), in the driver's unit [mostly fraction a year].
        """
        columns = []
        for body in self.organisations:
            if body.lines and name in OF_LINES:
                both = of_the_whole(
                    [line.cost for line in body.lines],
                    *(
                        [self._planned(own, body, line.name) for line in body.lines]
                        for own in OF_LINES
                    ),
                )
                columns.append(both[OF_LINES.index(name)])
            else:
                columns.append(self._planned(name, body))
        return np.ascontiguousarray(np.stack(columns, axis=1))

    def _planned(self, name: str, body: Organisation, line: str = "") -> Array:
        """Return what planners expect of a driver for a body or a line of it, shape (T,)."""
        table = self.drivers.get(name)
        row = None
        if table is not None:
            key = line_id(body.id, line) if line else ""
            row = table.resolve(kind=body.kind, organisation=body.id, line=key)
        return np.array(
            [0.0 if row is None else row.in_year(year).planned for year in range(self.years)]
        )

    def correlation_matrix(self, names: Sequence[str]) -> Array:
        """Return the correlation of some drivers; what the study does not list is 0.

        Parameters
        ----------
        names : sequence of str
            D names of drivers.

        Returns
        -------
        ndarray
            Shape (D, D), in the order of `names`.
        """
        return matrix(self.correlations, names)

    def prevention_weights(self) -> Array:
        """Return each body's weight in the benefits of prevention.

        Default: cost; where all weights are 0, equal shares.

        Returns
        -------
        ndarray
            Shape (K,), summing to 1.
        """
        given = [body.prevention_benefit for body in self.organisations]
        costs = [body.cost for body in self.organisations]
        weights = np.array([c if g is None else g for g, c in zip(given, costs, strict=True)])
        total = weights.sum()
        if total == 0.0:
            return np.full(len(weights), 1.0 / len(weights))
        shares: Array = weights / total
        return shares

    def with_behaviour(self) -> Study:
        """Return the study with the behaviour that it assumes put into its rules.

        Under each regime with a `[behaviour]`, the effort of every savings instrument and the
        share of every prevention instrument are replaced.

        Returns
        -------
        Study
            A new study; this one stays as it is.
        """
        regimes = {
            name: behaving(regime, self.behaviour.get(name))
            for name, regime in self.regimes.items()
        }
        return self.replaced(regimes=regimes)

    def with_(self, *changes: Change | str, **figures: object) -> Study:
        """Return the study with figures changed, checked as a file is; without its scenarios.

        Parameters
        ----------
        *changes : Change or str
            What to change, as it is typed after `--set`: "drivers.demand_growth.mean=0.03",
            "organisations.acute.reserves+=5" (a shift) or "organisations.acute.cost*=1.02".
        **figures : object
            Single values at the top of the file, such as draws=1000 or seed=3.

        Returns
        -------
        Study
            A new study; this one stays as it is.

        Raises
        ------
        StudyError
            With every change that names nothing, and every figure that is not allowed.
        """
        from riskmc.study.load import parse_study, study_mapping

        typed = [read_change(one) if isinstance(one, str) else one for one in changes]
        tables = study_mapping(self) | figures
        tables.pop("scenarios", None)
        return parse_study(edited(tables, typed), name="changed study")

    def save(self, path: str | PathLike[str]) -> None:
        """Write the study as a TOML file, every regime written out in full.

        Parameters
        ----------
        path : str or path
            The file; one that exists is replaced.
        """
        import tomli_w

        from riskmc.study.load import study_mapping

        Path(path).write_text(tomli_w.dumps(study_mapping(self)), encoding="utf-8")

    def model_copy(self, *, update: Any = None, deep: bool = False) -> Self:
        """Return a copy; one that differs is no longer the study of the file."""
        copy = super().model_copy(update=update, deep=deep)
        if update:
            copy._file = None
        return copy

    def replaced(self, **fields: object) -> Study:
        """Return a study with some fields replaced; they are not checked against each other.

        Parameters
        ----------
        **fields : object
            New values by field of the study.

        Returns
        -------
        Study
            A new study, each field checked by itself.

        Raises
        ------
        pydantic.ValidationError
            Where a value does not fit its field.
        """
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate(given | fields)


def by_year(value: float | tuple[float, ...], years: int) -> Array:
    """Return a number or a list by year as an array, shape (years,); a list's last holds on."""
    return np.array([held(value, year) for year in range(years)], dtype=np.float64)


def matrix(correlations: dict[tuple[str, str], float], names: Sequence[str]) -> Array:
    """Return a correlation matrix in the order of `names`, shape (D, D)."""
    result = np.eye(len(names))
    place = {name: index for index, name in enumerate(names)}
    for (first, second), value in correlations.items():
        if first in place and second in place:
            result[place[first], place[second]] = value
            result[place[second], place[first]] = value
    return result
