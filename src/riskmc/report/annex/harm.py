"""A4: what cuts in services may do to health, in the two readings that ship."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from riskmc.measures import harm_readings, service_harm
from riskmc.report.annex.cells import plain_table
from riskmc.report.facts import Facts
from riskmc.report.model import Block, Column, Heading, Para, text
from riskmc.variables import PLACE
from riskmc.words.rounding import format_estimate

if TYPE_CHECKING:
    from riskmc.measures.view import Results


def harm(facts: Facts, view: Results) -> list[Block]:
    """Return a table of both readings by regime; nothing where no regime cuts services.

    The share of cost is that of the whole place, so a report of one body of several has none.
    """
    if view.summarised or not (facts.names.is_place or len(view.organisations) == 1):
        return []
    found = service_harm(view).sel(organisation=PLACE)
    if not (found["rise"].sel(bound="high") > 0.0).any():
        return []
    columns = [Column("Rules", width=2.4), Column("Unmet need, share of cost [%]", numeric=True)]
    columns += [Column(one.label, numeric=True) for one in harm_readings()]
    rows = []
    for name, words in facts.names.regimes.items():
        one = found.sel(regime=name)
        value, mcse = float(one["unmet_share_value"]), float(one["unmet_share_mcse"])
        share = format_estimate(value, mcse if mcse > 0.0 else math.nan, style="percent")
        ranges = [_range(*one["rise"].sel(reading=r.name).values) for r in harm_readings()]
        rows.append([words.short, share if value > 0.0 else "nil", *ranges])
    return [
        Heading("What cuts in services may do to health: two readings"),
        plain_table(columns, rows),
        Para(
            text(
                "Italy’s regional recovery plans removed deficits; two studies of them differ on "
                "health. The ranges are rises in avoidable deaths where cuts of the Italian size "
                "are made. They are not scaled by the size of the cut, no English estimate exists, "
                "and they must not be turned into a number of deaths here. "
                + " ".join(f"{one.label}: {one.source}." for one in harm_readings())
            ),
            "note",
        ),
    ]


def _range(low: float, high: float) -> str:
    return "nil" if high == 0.0 else f"{100.0 * low:g}% to {100.0 * high:g}%"
