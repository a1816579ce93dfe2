"""A set of rules given, or relieved of, the grant that makes it cost the centre the same.

Rules that cost the centre more are kept by money, not by rules. The grant of every body grows by
a little more or less in the first year, and the level stays, until the expected central cost over
the years is that of the base. Both comparisons are then shown: as the rules stand, and neutral.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskmc.errors import InputError
from riskmc.runs.watch import watch
from riskmc.study import parse_study, study_mapping
from riskmc.study.regime_notes import NEUTRAL
from riskmc.variables import HAPPENED

if TYPE_CHECKING:
    from riskmc.study import Study

_MEASURE = "central_cost"
#: The search ends where the difference is this share of its own simulation error.
_CLOSE = 0.05
_MOST_RUNS = 12
#: The first step of the search: a grant 1 % higher or lower.
_FIRST = 0.01


@dataclass(frozen=True)
class Neutral:
    """A set of rules that costs the centre the same as the base.

    Parameters
    ----------
    name : str
        Of the regime that was added to the study.
    regime : str
        What was made neutral.
    base : str
        The regime whose cost to the centre it matches.
    growth : float
        What was added to the growth of every grant in the first year [fraction].
    mcse : float
        Its Monte Carlo standard error [fraction].
    left : float
        The difference in expected central cost that is left [£m].
    """

    name: str
    regime: str
    base: str
    growth: float
    mcse: float
    left: float

    def sentence(self) -> str:
        """Say what was changed.

        Returns
        -------
        str
            One sentence, growth in points, with its standard error where it has one.
        """
        way = "less" if self.growth < 0.0 else "more"
        error = f" (±{100.0 * self.mcse:.2f})" if self.mcse > 0.0 else ""
        return (
            f"'{self.regime}' costs the centre the same as '{self.base}' where every grant grows "
            f"by {100.0 * abs(self.growth):.2f} points {way}{error} in the first year."
        )


def cost_neutral(
    study: Study,
    regime: str,
    *,
    base: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
) -> tuple[Study, Neutral]:
    """Add a set of rules whose grants make it cost the centre the same as the base.

    Parameters
    ----------
    study : Study
        A study with both sets of rules.
    regime, base : str
        What is made neutral, and against what; default base: the study's first.
    draws, seed, workers : optional
        As in `riskmc.run`.

    Returns
    -------
    study : Study
        The study, with the regime "<regime>_neutral" added.
    neutral : Neutral
        What was changed, with its error.

    Raises
    ------
    InputError
        Unknown regimes, no grant to change, or no change that makes the cost the same.

    Notes
    -----
    Secant steps on the paired difference in central cost, on the same futures.

    References
    ----------
    - docs/second-run.md, "A fair comparison".
    """
    first = next(iter(study.regimes)) if base is None else base
    for name in (regime, first):
        if name not in study.regimes:
            raise InputError(f"the study has no regime '{name}'")
    if regime == first:
        raise InputError(f"'{regime}' cannot be made to cost the same as itself")
    if not any(body.grant > 0.0 for body in study.organisations):
        raise InputError("no body has a grant that could be changed")
    head = {key: x for key, x in (("draws", draws), ("seed", seed)) if x is not None}
    start = study.replaced(**head, behaviour={})
    ours = watch(_alone(start, first), [_MEASURE], workers=workers)
    dust = HAPPENED * max(1.0, abs(ours.estimate(_MEASURE, first).single().value))

    def apart(growth: float) -> tuple[float, float]:
        variant = _alone(with_grants(start, regime, regime, growth), regime)
        found = watch(variant, [_MEASURE], workers=workers)
        single = found.estimate(_MEASURE, regime, (ours, first)).single()
        return single.value, 0.0 if math.isnan(single.mcse) else single.mcse

    growth, (left, error) = 0.0, apart(0.0)
    # towards the answer: the other way a surplus may be clawed back, and nothing move
    slope, step = math.nan, -math.copysign(_FIRST, left)
    for _ in range(_MOST_RUNS):
        if abs(left) <= max(_CLOSE * error, dust):
            break
        if math.isfinite(slope) and slope != 0.0:
            step = -left / slope
        tried = growth + step
        new, new_error = apart(tried)
        if new != left:
            slope = (new - left) / (tried - growth)
        growth, left, error = tried, new, new_error
    if abs(left) > max(error, dust):
        raise InputError(
            f"no change of grants makes '{regime}' cost the centre the same as '{first}'"
        )
    known = abs(error / slope) if math.isfinite(slope) and slope else 0.0
    name = f"{regime}{NEUTRAL}"
    return with_grants(study, regime, name, growth), Neutral(
        name, regime, first, growth, known, left
    )


def with_grants(study: Study, regime: str, name: str, growth: float) -> Study:
    """Return the study with a regime under another name whose grants grow by more at first."""
    tables = study_mapping(study)
    plain = study.growth("grant_growth", regime=regime)
    rules: dict[str, Any] = dict(tables["regimes"][regime])
    planning = dict(rules.get("planning") or {})
    scopes = {key: dict(scope) for key, scope in (planning.get("by") or {}).items()}
    for column, body in enumerate(study.organisations):
        by_year = plain[:, column].tolist()
        scopes.setdefault(body.id, {})["grant_growth"] = [by_year[0] + growth, *by_year[1:]]
    rules["planning"] = {**planning, "by": scopes}
    if name != regime:
        rules["label"] = f"{rules['label']}, at the same cost to the centre"
    tables["regimes"] = {**tables["regimes"], name: rules}
    return parse_study(tables, name="cost-neutral study")


def _alone(study: Study, regime: str) -> Study:
    return study.replaced(regimes={regime: study.regimes[regime]})
