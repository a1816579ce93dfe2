"""Which projects a regime takes: by name, all, or those that pay their own holder back in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from riskmc.rules import projects, settlement
from riskmc.study.projects import Project, ProjectRules
from riskmc.study.settings import held
from riskmc.study.study import Study


@dataclass(frozen=True)
class Payments:
    """One project as a regime would pay for it: by year from its start, for as long as needed."""

    outlay: list[float]
    receipts: list[float]
    owed: tuple[float, ...]


def paid_for(project: Project, rules: ProjectRules) -> Payments:
    """Return what a project costs a body each year: at once, or the repayments of a loan."""
    outlay = [max(cost, 0.0) for cost in project.cost]
    receipts = [max(-cost, 0.0) for cost in project.cost]
    if not rules.borrow or project.borrow_years is None:
        return Payments(outlay, receipts, ())
    loan: dict[str, Any] = {
        "principal": sum(outlay),
        "rate": project.borrow_rate,
        "years": project.borrow_years,
    }
    repayment = projects.level_repayment(**loan)
    repayments = [0.0, *(repayment for _ in range(project.borrow_years))]
    return Payments(repayments, receipts, projects.principal_owed(**loan))


def is_taken(
    project: Project, rules: ProjectRules, plan: Payments, own: set[str], years_left: int
) -> bool:
    """Say whether a regime takes a project; `own` are the members of its own holder."""
    if isinstance(rules.take, tuple):
        return project.name in rules.take
    if rules.take != "payback":
        return rules.take == "all"
    years = years_left if rules.within is None else rules.within
    if plan.owed:
        years = max(years, len(plan.outlay))
    weight = sum(share for body, share in project.weights.items() if body in own)
    counted = [
        project.counted * weight * (held(project.benefit, year) or 0.0) for year in range(years)
    ]
    return projects.pays_back(
        counted=counted, outlay=plan.outlay, receipts=plan.receipts, kept=rules.receipts_kept
    )


def taken_projects(study: Study, regime: str) -> Iterator[tuple[int, Project, Payments]]:
    """Give the projects that a regime takes, with their rows in the study and how they are paid."""
    rules = study.regimes[regime]
    ids = study.organisation_ids
    homes = [{ids[k] for k in holder.members} for holder in rules.holders(study.organisations)]
    for row, project in enumerate(study.projects):
        body = study.organisation(project.organisation)
        period = rules.settlement.of("period", kind=body.kind, organisation=body.id)
        start = study.year_labels.index(project.start)
        left = settlement.years_left(year=start + 1, period=period)
        own = next(members for members in homes if body.id in members)
        paid = paid_for(project, rules.projects)
        if is_taken(project, rules.projects, paid, own, left):
            yield row, project, paid
