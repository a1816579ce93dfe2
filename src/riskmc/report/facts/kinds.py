"""Facts of reserves by kind, where a study divides them: general, earmarked, held back."""

from __future__ import annotations

import numpy as np

from riskmc.measures.reading import Reader
from riskmc.measures.reserve_kinds import KINDS, split_reserves
from riskmc.report.facts.store import Facts, Key, fact
from riskmc.statistics import estimators
from riskmc.study import Study
from riskmc.variables import PLACE


def divided(study: Study, body: str) -> list[str]:
    """Return the bodies of a report whose reserves the study gives by kind."""
    return [
        row.id
        for row in study.organisations
        if body in (PLACE, row.id)
        and not (row.general_reserves is None and row.earmarked_reserves is None)
    ]


def kind_facts(facts: Facts, reader: Reader) -> None:
    """Put the mean of each kind of reserves at each year end into the store, summed over bodies."""
    study, body = reader.study(), facts.names.body
    shown = divided(study, body)
    if not shown:
        return
    rows = {row.id: row for row in study.organisations}
    for regime in facts.names.main:
        total = sum(
            np.stack(
                split_reserves(
                    reader.path("reserves", regime=regime, organisation=name), rows[name]
                )
            )
            for name in shown
        )
        for kind, values in zip(KINDS, np.asarray(total), strict=True):
            for year, ends in zip(facts.names.years, values, strict=True):
                found = estimators.mean(ends, scheme=reader.scheme).single()
                key = Key("reserves of a kind", kind, regime, year=year, body=body)
                facts.put(key, fact(found))
