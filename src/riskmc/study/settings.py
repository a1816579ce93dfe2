"""An instrument as a study sets it: its place in a list, and its figures."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from riskmc.rules.register import Instrument, instrument
from riskmc.study.types import Table

Waterfall = Literal["plan", "shortfall", "surplus"]
#: The lists of a rulebook.
WATERFALLS: tuple[Waterfall, ...] = ("plan", "shortfall", "surplus")
#: The lists of a rulebook, and the centre's.
AnyList = Literal["plan", "shortfall", "surplus", "excess"]
#: A figure of an instrument: a number, true or false, a list by year, or None for "no limit".
Figure = bool | float | tuple[float, ...] | None


class InstrumentSetting(Table):
    """An instrument of a waterfall with its figures, defaults filled in."""

    waterfall: AnyList
    """The list it is in"""
    instrument: str
    """Its name in the register"""
    parameters: dict[str, Figure] = Field(default_factory=dict)
    """Its figures; a list is by year, its last value holds on; None is no limit"""

    @property
    def row(self) -> Instrument:
        """The instrument's row in the register."""
        return instrument(self.waterfall, self.instrument)

    def at(self, year: int) -> dict[str, float | None]:
        """Return the figures of one year; the last value of a list holds on.

        Parameters
        ----------
        year : int
            Counted from 0.

        Returns
        -------
        dict of str to float or None
            Figures by parameter, in the units of the register; None means no limit.
        """
        return {name: held(value, year) for name, value in self.parameters.items()}

    def replaced(self, **figures: float) -> InstrumentSetting:
        """Return the same instrument with other figures.

        Parameters
        ----------
        **figures : float
            New figures by parameter, in the units of the register; they are not checked against its
            range.

        Returns
        -------
        InstrumentSetting
            A new setting; this one stays as it is.
        """
        return InstrumentSetting(
            waterfall=self.waterfall,
            instrument=self.instrument,
            parameters={**self.parameters, **figures},
        )

    def table(self) -> dict[str, Any]:
        """Return the row as a study writes it, defaults included.

        Returns
        -------
        dict of str
            The row of a waterfall; a parameter without a limit is left out.
        """
        given = {name: value for name, value in self.parameters.items() if value is not None}
        return {"instrument": self.instrument, **given}


def held(value: Figure, year: int) -> float | None:
    """Return the figure of a year, counted from 0: a list's last value holds on."""
    if isinstance(value, tuple):
        return value[min(year, len(value) - 1)]
    return value
