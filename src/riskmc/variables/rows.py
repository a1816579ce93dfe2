"""What a row of the register of drivers holds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Example:
    """What a driver does to a council in two years, worked by hand and not from the program.

    The council costs £100m a year and has £50m of grant, £30m of local tax and £10m of charges.
    Nothing grows, its rulebook does nothing, and every other driver is neutral.

    Parameters
    ----------
    value : float
        The driver in the first year; it is neutral in the second.
    output : str
        An output that it moves.
    more : (float, float)
        How much more of it there is in either year [£m].
    rules : str
        Lines of the regime, as a study has them, without which the driver does nothing.
    """

    value: float
    output: str
    more: tuple[float, float]
    rules: str = ""


@dataclass(frozen=True)
class Driver:
    """An uncertain input, drawn per (draw, year, organisation).

    Parameters
    ----------
    name : str
        As studies and results call it.
    label : str
        As a report calls it.
    neutral : float
        Its value where the study does not name it, in its unit.
    unit : str
        Unit of its values.
    meaning : str
        What it is, in a phrase.
    enters : str
        Where it enters the model's equations, or what they gain by it.
    example : Example
        What it does, worked by hand.
    sentence : str
        How a replay says what it was in a year; slots are those of `riskmc.replays`.
    low, high : float
        The range that its meaning allows, in its unit.
    adverse : {-1, 0, 1}
        The side on which it hurts: 1 more of it, -1 less, 0 neither.
    stress : str
        The scenario of a stress test that moves it, alongside the one that moves all.
    acts_on : str
        The figure that an organisation must have for the driver to act on it.
    needs : (str, str), optional
        The instrument without which it changes nothing, and what a regime then does not do.
    planned : bool
        Whether planners expect a value of it, which `expected` may set.
    source : {"study", "uniform", "risks"}
        Drawn from the study's distribution, always uniform in (0, 1), or the sum of the risk
        register.
    drawn_for : str
        Of a uniform driver: the figure of an instrument for which it is drawn, where a study sets
        it; empty: in every study.
    rare : bool
        Whether 0 means that nothing happened, so that a replay says nothing.
    sobol : bool
        Whether its national factor has Sobol coordinates; drivers that joined later have stratified
        columns, so that no other draw moved.
    """

    name: str
    label: str
    neutral: float
    unit: str
    meaning: str
    enters: str
    example: Example
    sentence: str = ""
    low: float = -math.inf
    high: float = math.inf
    adverse: Literal[-1, 0, 1] = 0
    stress: str = ""
    acts_on: str = ""
    needs: tuple[str, str] | None = None
    planned: bool = False
    source: Literal["study", "uniform", "risks"] = "study"
    drawn_for: str = ""
    rare: bool = False
    sobol: bool = True
