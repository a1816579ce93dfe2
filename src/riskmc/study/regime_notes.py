"""What a regime gives or takes before any rule acts: said, so that no regime wins unseen."""

from __future__ import annotations

import numpy as np

from riskmc.study.model import GrowthName
from riskmc.study.payback import taken_projects
from riskmc.study.problems import listed
from riskmc.study.study import Study

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
        if regime.planning is None:
            continue
        changes = {words: planned_change(study, name, growth) for growth, _, words in _INCOME}
        said = [_said(words, change) for words, change in changes.items() if abs(change) >= 0.05]
        what = " and ".join(said) if said else "no more and no less income"
        found.append(
            f"regime {name}: its own planning brings {what} over {study.years} years than the "
            "study's planning would, before any shock"
        )
    return found


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
