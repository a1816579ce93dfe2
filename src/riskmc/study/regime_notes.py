"""What a regime gives or takes before any rule acts: said, so that no regime wins unseen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from riskmc.errors import counted
from riskmc.study.model import GrowthName
from riskmc.study.payback import taken_projects
from riskmc.study.problems import listed
from riskmc.study.study import Study

#: End of the name of a regime that was made to cost the centre the same as the base.
NEUTRAL = "_neutral"
#: Income that planned growth moves: the growth's name, the body's field, and its words.
_INCOME: tuple[tuple[GrowthName, str, str], ...] = (
    ("grant_growth", "grant", "grant"),
    ("tax_growth", "local_tax", "local tax"),
    ("charges_growth", "charges", "charges"),
)


def regime_notes(study: Study) -> list[str]:
    """Return which projects each regime takes, and what its own planning gives or takes."""
    found = _projects(study)
    for name, regime in study.regimes.items():
        if regime.planning is not None:
            what = planned_income(study, name) or "no more and no less income"
            found.append(
                f"regime {name}: its own planning brings {what} over "
                f"{counted(study.years, 'year')} than the study's planning would, before any shock"
            )
    return found


def planned_income(study: Study, regime: str) -> str:
    """Return what a regime's own planning gives or takes, in words; "" where it does neither."""
    if study.regimes[regime].planning is None:
        return ""
    changes = {words: planned_change(study, regime, growth) for growth, _, words in _INCOME}
    said = [_said(words, change) for words, change in changes.items() if abs(change) >= 0.05]
    return " and ".join(said)


def planning_sentences(study: Study, labels: Mapping[str, str]) -> list[str]:
    """Return, for each regime whose planning gives or takes money, a sentence for a table.

    `labels` are what the regimes are called, by name; others are left out. A regime made to cost
    the centre the same as another (`_neutral`) is named as that.
    """
    found = []
    for name, label in labels.items():
        income = planned_income(study, name)
        if not income:
            continue
        neutral = ", so that its cost to the centre is the same" if is_neutral(study, name) else ""
        found.append(
            f"{label}: its own planning brings {income} over {counted(study.years, 'year')} "
            f"than the study’s planning would{neutral}."
        )
    return found


def is_neutral(study: Study, regime: str) -> bool:
    """Say whether a regime is another one, given the grant that makes it cost the same."""
    return regime.endswith(NEUTRAL) and regime.removesuffix(NEUTRAL) in study.regimes


def _projects(study: Study) -> list[str]:
    """Say which projects each regime takes, where the study has any."""
    if not study.projects:
        return []
    found = []
    for name in study.regimes:
        taken = [project.name for _, project, _ in taken_projects(study, name)]
        said = listed(taken, last="and") if taken else "no project"
        found.append(f"regime {name} takes {said} ({len(taken)} of {len(study.projects)})")
    return found


def planned_change(study: Study, regime: str, growth: GrowthName) -> float:
    """Return how much more income a regime's planning brings than the study's, in all [£m].

    Summed over bodies and years; opening figures grown as planned, with no shock and no cut.
    """
    field = next(field for name, field, _ in _INCOME if name == growth)
    opening = np.array([getattr(body, field) for body in study.organisations])
    own, common = (
        np.cumprod(1.0 + study.growth(growth, regime=which), axis=0) for which in (regime, None)
    )
    return float((opening * (own - common)).sum())


def _said(words: str, change: float) -> str:
    return f"£{abs(change):,.1f}m {'more' if change > 0.0 else 'less'} {words}"
