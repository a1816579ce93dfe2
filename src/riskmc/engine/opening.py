"""What is settled before any draw: opening funding, projects taken, mandates, committed cost.

Arrays by year and organisation are (year, organisation, 1), money in £m.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.rules import funding, projects
from riskmc.rules.funding import Funded
from riskmc.rules.money import Money
from riskmc.study import Mandate, Project, Regime, Study
from riskmc.study.payback import taken_projects
from riskmc.study.regimes import held

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Benefit:
    """What one project taken avoids where all of it is delivered.

    `delivery` is what is delivered in every future, or None where it is drawn: row `project` of
    the deliveries.
    """

    project: int
    delivery: float | None
    avoided: Money


@dataclass(frozen=True)
class Projects:
    """The projects that a regime takes, and the mandates it bears, by year and organisation.

    outlay, counted, kept, swept   cost, benefit the plan counts on, receipts kept and not
    owed                           principal of project loans at year end
    benefits                       what each project avoids
    mandates, mandates_funded      their cost; what joins the grant for them, for good
    """

    outlay: Money
    counted: Money
    kept: Money
    swept: Money
    owed: Money
    benefits: tuple[Benefit, ...]
    mandates: Money
    mandates_funded: Money


def opening_funding(study: Study, regime: Regime) -> Funded:
    """Return opening grant, local tax and levy, (organisation, 1)."""
    bodies = study.organisations
    grant = np.array([[body.grant] for body in bodies])
    local_tax = np.array([[body.local_tax] for body in bodies])
    rules = regime.funding
    if rules is None:
        return Funded(grant, local_tax, np.zeros_like(grant))
    inside = np.array([[rules.holds_for(body.kind, body.id)] for body in bodies], dtype=float)
    bases = [body.local_tax if body.tax_base is None else body.tax_base for body in bodies]
    weights = inside * np.array(bases)[:, np.newaxis]
    if weights.sum() == 0.0:
        weights = inside
    moved = inside * funding.moved_to_local_tax(
        grant=grant, local_tax=local_tax, local_share=rules.local_share
    )
    return funding.locally_funded(
        grant=grant,
        local_tax=local_tax,
        moved=moved,
        moved_in_all=float(moved.sum()),
        base_share=weights / max(float(weights.sum()), np.finfo(float).tiny),
        levelling=rules.levelling,
        levy=rules.levy,
    )


class _Sheet:
    """Adds figures up by year and organisation."""

    def __init__(self, study: Study) -> None:
        self.years = study.years
        self.rows = {body.id: k for k, body in enumerate(study.organisations)}
        self.labels = study.year_labels

    def zeros(self) -> Array:
        """Return nothing for every year and organisation."""
        return np.zeros((self.years, len(self.rows), 1))

    def start(self, item: Project | Mandate) -> int:
        """Return the year in which something starts, counted from 0."""
        return self.labels.index(item.start)

    def add(self, sheet: Array, body: str, start: int, figures: Any) -> None:
        """Add figures from a year on; what lies past the study's last year is left out."""
        for year, figure in zip(range(start, self.years), figures, strict=False):
            sheet[year, self.rows[body], 0] += figure


def compile_projects(study: Study, regime: Regime, funded: Array) -> Projects | None:
    """Return what a regime's projects and mandates come to; None where there are none.

    `funded` is what is funded of new burdens by year and organisation.
    """
    if (regime.projects.take == "none" or not study.projects) and not study.mandates:
        return None
    on = _Sheet(study)
    rules = regime.projects
    outlay, counted, kept, swept, owed = (on.zeros() for _ in range(5))
    benefits = []
    for row, project, paid in taken_projects(study, regime.name):
        start, body = on.start(project), project.organisation
        on.add(outlay, body, start, paid.outlay)
        on.add(owed, body, start, paid.owed)
        on.add(kept, body, start, [rules.receipts_kept * x for x in paid.receipts])
        on.add(swept, body, start, [(1.0 - rules.receipts_kept) * x for x in paid.receipts])
        avoided = on.zeros()
        for whose, figures in _benefits(study, project):
            on.add(avoided, whose, start, figures)
        counted += project.counted * avoided
        fixed = 1.0 if project.delivery is None else project.delivery.fixed
        benefits.append(Benefit(row, fixed, avoided))
    mandates, by_rule, by_own = on.zeros(), on.zeros(), on.zeros()
    for mandate in study.mandates:
        start, body = on.start(mandate), mandate.organisation
        costs = [held(mandate.cost, year) or 0.0 for year in range(study.years - start)]
        on.add(mandates, body, start, costs)
        if mandate.funded is None:
            on.add(by_rule, body, start, costs)
        else:
            on.add(by_own, body, start, [mandate.funded * cost for cost in costs])
    from_centre = funded * np.diff(by_rule, axis=0, prepend=0.0)
    from_centre = from_centre + np.diff(by_own, axis=0, prepend=0.0)
    return Projects(outlay, counted, kept, swept, owed, tuple(benefits), mandates, from_centre)


def _benefits(study: Study, project: Project) -> list[tuple[str, list[float]]]:
    """Return what a project avoids, whole, by organisation and year from its start."""
    return [
        (body, [share * (held(project.benefit, year) or 0.0) for year in range(study.years)])
        for body, share in project.weights.items()
    ]


def out_of_reach(study: Study, taken: Projects | None, *, committed_growth: Array) -> Money | None:
    """Return the planned cost that no rate of a plan reaches; None where there is none.

    Committed cost grown and not yet freed, and project outlay: (year, organisation, 1) [£m].
    """
    if taken is None and not any(body.committed for body in study.organisations):
        return None
    on = _Sheet(study)
    opening = np.array([[body.committed] for body in study.organisations])
    committed = opening * np.cumprod(1.0 + committed_growth, axis=0)[..., np.newaxis]
    freed = on.zeros()
    if taken is not None:
        for benefit in taken.benefits:
            freed += float(study.projects[benefit.project].frees) * benefit.avoided
    fixed = projects.kept_committed(committed=committed, freed=freed)
    return fixed if taken is None else fixed + taken.outlay
