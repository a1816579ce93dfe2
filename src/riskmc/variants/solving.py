"""Which value of a figure meets a condition, found on the same futures."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskmc.errors import InputError
from riskmc.measures.catalogue import horizon_measure
from riskmc.runs.watch import KnownStatistic, watch
from riskmc.statistics.estimates import Single
from riskmc.study.edits import Change, How
from riskmc.variables import PLACE
from riskmc.variants.conditions import Condition, read_condition
from riskmc.variants.paired import check_pairs
from riskmc.words.estimates import FIELDS, estimate_text

if TYPE_CHECKING:
    from riskmc.study import Study

#: The search ends where the values on either side are this close, as a share of the range.
_CLOSE = 1e-4
_MOST_RUNS = 40
#: How far either side of the answer the slope is taken, as a share of the range.
_NEARBY = 0.02


@dataclass(frozen=True)
class Solved:
    """The value of a figure that just meets a condition.

    Parameters
    ----------
    key : str
        The figure that was changed.
    how : {"set", "shift", "scale"}
        Whether it was set, shifted or multiplied.
    condition : str
        The condition as it was typed.
    regime : str
        The rules under which it holds.
    value : float
        The value of the figure, or the shift or factor where `how` says so; in the figure's unit.
    mcse : float
        Its Monte Carlo standard error; NaN where the measure does not move near it.
    low, high : float
        Its 95 % interval.
    reached : Single
        The measure at that value, with its own error.
    runs : int
        How many variants were run.
    impossible : bool
        Whether the rules leave the measure nothing but 0 at that value.
    scheme : str
        How futures were sampled.
    """

    key: str
    how: How
    condition: str
    regime: str
    value: float
    mcse: float
    low: float
    high: float
    reached: Single
    runs: int
    impossible: bool = False
    scheme: str = "mc"

    def sentence(self) -> str:
        """Say what was found.

        Returns
        -------
        str
            The value with its interval, in one sentence.
        """
        label = {"set": "at", "shift": "shifted by", "scale": "multiplied by"}[self.how]
        known = (
            f"95 % interval {self.low:.4g} to {self.high:.4g}"
            if math.isfinite(self.mcse)
            else "its error cannot be given: the measure hardly moves there"
        )
        return (
            f"{self.condition} holds under '{self.regime}' with {self.key} {label} "
            f"{self.value:.4g} ({known})."
        )

    def reached_text(self) -> str:
        """Return the measure at that value as it is printed, with its error.

        Returns
        -------
        str
            Such as "10.0 % ±0.3".
        """
        return _printed(
            KnownStatistic(self.reached, self.impossible),
            read_condition(self.condition),
            self.scheme,
        )


def solve(
    study: Study,
    key: str,
    until: str | Condition,
    *,
    between: tuple[float, float],
    how: How = "set",
    regime: str | None = None,
    organisation: str = PLACE,
    draws: int | None = None,
    seed: int | None = None,
    scheme: str | None = None,
    workers: int | None = None,
) -> Solved:
    """Find the value of a figure at which a condition just holds, on the same futures.

    Parameters
    ----------
    study : Study
        The study as it stands.
    key : str
        Dotted key of the figure.
    until : str or Condition
        Such as "P(rescue_needed) <= 0.1" or "unmet <= 200".
    between : tuple of float
        The range that is searched. The condition must hold at one end and not at the other.
    how : {"set", "shift", "scale"}
        Whether values replace the figure, are added to it, or multiply it.
    regime : str, optional
        Under which rules; default: the study's first.
    organisation : str
        "place", or an organisation's id.
    draws, seed, scheme, workers : optional
        As in `riskmc.run`.

    Returns
    -------
    Solved
        The value that meets the condition, with its error: that of the measure, divided by how
        steeply the measure moves with the figure.

    Raises
    ------
    InputError
        A condition, key or regime that cannot be; no value in the range meets the condition, or
        every value does.

    Notes
    -----
    Every value is tried on the same futures, so that the measure moves steadily with the figure.
    Bisection; the error by the delta method.

    References
    ----------
    - docs/second-run.md, "A sweep, and a solved value".
    """
    condition = read_condition(until) if isinstance(until, str) else until
    text = until if isinstance(until, str) else _in_words(condition)
    chosen = next(iter(study.regimes)) if regime is None else regime
    if chosen not in study.regimes:
        raise InputError(f"there is no regime '{chosen}'; there are {', '.join(study.regimes)}")
    head = {"draws": draws, "seed": seed, "scheme": scheme}
    base = study.replaced(**{name: x for name, x in head.items() if x is not None})
    runs: dict[float, KnownStatistic] = {}

    def known(value: float) -> KnownStatistic:
        if value not in runs:
            variant = base.with_(Change(key, value, how))
            check_pairs(base, variant, f"{key} at {value:g}")
            alone = variant.replaced(regimes={chosen: variant.regimes[chosen]}, behaviour={})
            found = watch(alone, [condition.measure], organisation=organisation, workers=workers)
            runs[value] = found.known(condition.measure, chosen)
        return runs[value]

    def at(value: float) -> Single:
        return known(value).single

    start, end = sorted(between)
    if not start < end:
        raise InputError(f"the range {start:g} to {end:g} is empty")
    meets, fails = _ends(known, condition, (start, end), text, base.scheme)
    while abs(meets - fails) > _CLOSE * (end - start) and len(runs) < _MOST_RUNS:
        middle = 0.5 * (meets + fails)
        if condition.met(at(middle).value):
            meets = middle
        else:
            fails = middle
    error = _error(at, meets, (start, end))
    low, high = (meets - 1.96 * error, meets + 1.96 * error)
    found, scheme = known(meets), base.scheme
    ends = (meets, error, low, high)
    return Solved(key, how, text, chosen, *ends, found.single, len(runs), found.impossible, scheme)


def _ends(
    known: Callable[[float], KnownStatistic],
    condition: Condition,
    searched: tuple[float, float],
    text: str,
    scheme: str,
) -> tuple[float, float]:
    """Return the end of the range that meets the condition, and the one that does not."""
    start, end = searched
    ends = {x: condition.met(known(x).single.value) for x in searched}
    if ends[start] != ends[end]:
        return (start, end) if ends[start] else (end, start)
    reached = ", ".join(f"{_printed(known(x), condition, scheme)} at {x:g}" for x in searched)
    label = horizon_measure(condition.measure).label
    verdict = "holds at both ends" if ends[start] else "holds at neither end"
    raise InputError(
        f"{text} {verdict} of the range. {label}: {reached}. Give another range (--between), or "
        "another figure."
    )


def _printed(known: KnownStatistic, condition: Condition, scheme: str) -> str:
    unit = horizon_measure(condition.measure).unit
    return estimate_text({name: known.field(name) for name in FIELDS}, unit=unit, scheme=scheme)


def _error(at: Callable[[float], Single], value: float, searched: tuple[float, float]) -> float:
    """Return the error of a solved value: that of the measure over its slope."""
    start, end = searched
    step = _NEARBY * (end - start)
    left, right = max(value - step, start), min(value + step, end)
    slope = (at(right).value - at(left).value) / (right - left)
    error = at(value).mcse
    return abs(error / slope) if slope else math.nan


def _in_words(condition: Condition) -> str:
    sign: Any = "<=" if condition.below else ">="
    return f"{condition.measure} {sign} {condition.target:g}"
