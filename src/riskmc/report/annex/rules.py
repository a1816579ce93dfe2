"""A2, figure by figure: every rule of the sets compared, with its grade, source and reason."""

from __future__ import annotations

from riskmc.report.annex.cells import plain_table
from riskmc.report.facts import Facts
from riskmc.report.facts.evidence import Origin, origins
from riskmc.report.model import Block, Column, Heading, Para, text
from riskmc.rules.register import INSTRUMENTS
from riskmc.study import RuleFigure, Study
from riskmc.words.board import capital

#: Sets of rules given in full; the others are in the tables.
_MOST = 3


def every_rule(facts: Facts, study: Study) -> list[Block]:
    """Return the rules in words; a figure that an earlier set shares is not said again."""
    seen: set[tuple[str, str]] = set()
    blocks: list[Block] = []
    for name in facts.names.main[:_MOST]:
        rows = []
        for figure, origin in origins(study, name):
            key = (figure.path, repr(figure.value))
            if key not in seen:
                seen.add(key)
                rows.append(_row(figure, origin))
        if not rows:
            continue
        heading = f"Every figure of {facts.names.regimes[name].under}"
        blocks.append(Heading(heading if not blocks else f"{heading} that differs or is new"))
        columns = (
            Column("Where", width=1.5),
            Column("Rule", width=3.0),
            Column("Grade", width=0.9),
            Column("Source, and why", width=3.0),
        )
        blocks.append(plain_table(columns, rows))
    left = facts.names.not_shown(facts.names.main[:_MOST])
    if left:
        words = f"Not shown: figures of {left}; tables.xlsx, sheet Rules, has them."
        blocks.append(Para(text(words), "note"))
    return blocks


def _row(figure: RuleFigure, origin: Origin) -> list[str]:
    """Return a figure's row; the grade has a column of its own and is not said twice."""
    source = origin.source.removeprefix(origin.kind).lstrip(" :,;")
    said = " ".join(f"{capital(text).rstrip('.')}." for text in (source, origin.why) if text)
    return [place_of(figure.path), f"{capital(figure.words)}.", origin.kind, said]


def place_of(path: str) -> str:
    """Return whose rule a figure is of, by the register's names.

    >>> place_of("rulebooks.provider.shortfall.bailout.limit"), place_of("settlement.period")
    ('Provider: bailout granted', 'Settlement')
    """
    first, *rest = path.split(".")
    if first != "rulebooks":
        return capital(first)
    book = capital(rest[0].replace("_", " "))
    labels = {(str(row.waterfall), row.name): row.label for row in INSTRUMENTS}
    label = labels.get((rest[1], rest[2])) if len(rest) > 2 else None
    return f"{book}: {label}" if label else book
