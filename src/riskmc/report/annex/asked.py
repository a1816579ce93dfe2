"""A11 to A15: scenarios, since the last paper, which rule does the work, real terms, spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskmc.attribution.words import attribution_sentences
from riskmc.figures.waterfall import Waterfall
from riskmc.report.annex.cells import estimate, plain_table
from riskmc.report.facts import Facts
from riskmc.report.facts.asked import SECOND, second_label
from riskmc.report.facts.asked_words import LEVEL, since_words, work_words
from riskmc.report.model import Block, Column, FigureBlock, Page, Para, text
from riskmc.report.sides.asked import SPREAD_OF, Asked
from riskmc.study import Study
from riskmc.words.board import capital

if TYPE_CHECKING:
    import xarray as xr

#: Sets of rules alongside each other, in two kinds of money each.
_ACROSS = 4
_TITLES = {
    "scenarios": ("a11", "A11 Scenarios of the study’s own"),
    "bridge": ("a12", "A12 What changed since the last paper"),
    "attribution": ("a13", "A13 Which rule does the work"),
    "real": ("a14", "A14 Money in real terms"),
    "spreads": ("a15", "A15 Chance, and not knowing the parameters"),
}


def asked_pages(facts: Facts, study: Study) -> list[Page]:
    """Return the sections that the study asks for; one that was refused says why."""
    asked = facts.asked
    if asked is None:
        return []
    made: dict[str, list[Block]] = {}
    if asked.scenarios is not None:
        made["scenarios"] = _scenarios(facts, study, asked.scenarios)
    if asked.bridge is not None:
        made["bridge"] = _bridge(facts, asked.bridge)
    if asked.attribution is not None:
        made["attribution"] = _attribution(facts, asked.attribution)
    if asked.real is not None:
        made["real"] = _real(facts, asked.real)
    if asked.spreads:
        made["spreads"] = _spreads(facts, asked)
    for part, why in asked.refused.items():
        made[part] = [Para(text(f"This could not be made: {why}."))]
    return [
        Page(name, "", title, tuple(made[part]))
        for part, (name, title) in _TITLES.items()
        if part in made
    ]


def _heads(facts: Facts, first: str, width: float = 2.2) -> list[Column]:
    body = facts.names.body
    heads = [Column(first, width=width)]
    for measure in SECOND:
        label = second_label(measure, body).replace(", of 100", " [%]")
        heads.append(Column(label, numeric=True))
    return heads


def _row(
    facts: Facts, label: str, words: str, at: str, regime: str, *, against: str = ""
) -> list[str]:
    """Return a row of the measures of the second run with their errors."""
    body = facts.names.body
    found = [facts.find(f"{words}{m}", at, regime, against=against, body=body) for m in SECOND]
    changes = words != "scenario: " and "then" not in words
    return [label, *(estimate(one, difference=changes) for one in found)]


def _scenarios(facts: Facts, study: Study, found: xr.Dataset) -> list[Block]:
    settings = found["setting"].values.tolist()
    typed = dict(zip(settings, found["changes"].values.tolist(), strict=True))
    rows = [
        [one.name, typed[one.name], one.note or "–", one.source or "–"] for one in study.scenarios
    ]
    columns = (
        Column("Scenario", width=1.6),
        Column("What it changes", width=3.4),
        Column("Why", width=1.6),
        Column("Source", width=1.2),
    )
    blocks: list[Block] = [plain_table(columns, rows)]
    for regime in found["regime"].values.tolist():
        if regime not in facts.names.regimes:
            continue
        rows = [_row(facts, "As it stands", "scenario: ", settings[0], regime)]
        for setting in settings[1:]:
            rows.append(_row(facts, setting, "scenario: ", setting, regime))
            rows.append(_row(facts, "… change", "scenario, change: ", setting, regime))
        caption = f"{facts.names.regimes[regime].label} [£m over all years, averages]"
        blocks.append(plain_table(_heads(facts, "Scenario"), rows, caption))
    words = (
        f"Each scenario and the study as it stands are run on the same first "
        f"{found.attrs['draws']:,} futures; a change is taken future by future, so its error is "
        "its own. Levels of fewer futures differ a little from those of A4."
    )
    return [*blocks, Para(text(words), "note")]


def _bridge(facts: Facts, found: xr.Dataset) -> list[Block]:
    regime, steps = str(found.attrs["regime"]), found["step"].values.tolist()
    body = facts.names.body

    def value(words: str, step: str) -> float:
        return facts.value(f"{words}: {LEVEL}", step, regime, body=body)

    start = value("since last, then", steps[0])
    figure = Waterfall(
        since_words(facts),
        (capital(steps[0]), start),
        tuple((capital(step), value("since last", step)) for step in steps[1:]),
        ("Now", value("since last, then", steps[-1])),
        f"Average deficit over all years under {facts.names.regimes[regime].under}.",
    )
    rows = [_row(facts, capital(steps[0]), "since last, then: ", steps[0], regime)]
    rows += [_row(facts, capital(step), "since last: ", step, regime) for step in steps[1:]]
    rows.append(_row(facts, "Now", "since last, then: ", steps[-1], regime))
    rows.append(_row(facts, "Change in all", "since last: ", "in all", regime))
    alone = [s for s, paired in zip(steps, found["paired"].values, strict=True) if not paired][1:]
    words = (
        "Parts of the study are replaced one after the other; what two do together is counted "
        "with the later one. A step that leaves the futures as they are is taken future by future."
    )
    if alone:
        words += f" Not so taken, so that their errors are larger: {', '.join(alone)}."
    caption = f"{facts.names.regimes[regime].label}: from the last paper to this one [£m]"
    return [
        FigureBlock("annex-bridge", "C", figure.title(), figure.panels(), figure.note()),
        plain_table(_heads(facts, "Step"), rows, caption),
        Para(text(words), "note"),
    ]


def _attribution(facts: Facts, found: xr.Dataset) -> list[Block]:
    start, end = str(found.attrs["start"]), str(found.attrs["end"])
    groups = found["group"].values.tolist()
    labels = [capital(str(label)) for label in found["group_label"].values.tolist()]
    names, body = facts.names, facts.names.body

    def value(at: str) -> float:
        return facts.value(f"attributed: {LEVEL}", at, end, against=start, body=body)

    figure = Waterfall(
        work_words(facts),
        (names.regimes[start].brief, value("start")),
        tuple((label, value(group)) for group, label in zip(groups, labels, strict=True)),
        (names.regimes[end].brief, value("end")),
        "Average deficit over all years; each bar is what a group of rules adds, averaged over "
        "every order.",
    )
    blocks: list[Block] = [
        FigureBlock("annex-work", "D", figure.title(), figure.panels(), figure.note())
    ]
    captions = {
        "attributed: ": "What each group of rules does, averaged over every order [£m]",
        "added in turn: ": "What each adds where they come one after the other, top to bottom [£m]",
    }
    for words, caption in captions.items():
        rows = [
            _row(facts, label, words, group, end, against=start)
            for group, label in zip(groups, labels, strict=True)
        ]
        rows.append(_row(facts, "In all", "attributed: ", "in all", end, against=start))
        blocks.append(plain_table(_heads(facts, "Group of rules"), rows, caption))
    blocks += [Para(text(sentence)) for sentence in attribution_sentences(_named(facts, found))]
    words = (
        f"Every mixture of {names.regimes[start].under} and {names.regimes[end].under}, a group "
        f"of rules from the one and a group from the other, was run on the same "
        f"{found.attrs['draws']:,} futures. What the groups do adds up to the whole difference "
        "in every future. “±”: one Monte Carlo standard error."
    )
    return [*blocks, Para(text(words), "note")]


def _named(facts: Facts, found: xr.Dataset) -> xr.Dataset:
    """Return an attribution that calls the two sets of rules by their labels."""
    ends = {end: facts.names.regimes[str(found.attrs[end])].label for end in ("start", "end")}
    return found.assign_attrs(**ends)


def _real(facts: Facts, found: xr.Dataset) -> list[Block]:
    names, body = facts.names, facts.names.body
    regimes = [name for name in found["regime"].values.tolist() if name in names.regimes]
    tables: list[Block] = []
    for shown in (regimes[i : i + _ACROSS] for i in range(0, len(regimes), _ACROSS)):
        columns = [Column("Average", width=2.6)]
        columns += [
            Column(f"{names.regimes[name].short}, {kind}", numeric=True)
            for name in shown
            for kind in ("cash", "real terms")
        ]
        rows = []
        for measure, label in zip(found["measure"].values, found["label"].values, strict=True):
            cells = [
                estimate(facts.find(f"{kind}: {measure}", "mean", name, body=body))
                for name in shown
                for kind in ("cash", "real terms")
            ]
            rows.append([str(label), *cells])
        tables.append(plain_table(columns, rows, "Money in cash and in real terms [£m]"))
    basis = str(found.attrs["basis"])
    words = (
        f"Real terms: {basis}. Everything else in paper and annex is in cash, neither deflated "
        "nor discounted. Chances are the same in either money."
    )
    return [Para(text(words)), *tables]


def _spreads(facts: Facts, asked: Asked) -> list[Block]:
    body = facts.names.body
    columns = (
        Column("Quantity", width=2.2),
        Column("Rules", width=1.8),
        Column("Standard deviation [£m]", numeric=True),
        Column("Of the variance, not knowing the parameters [%]", numeric=True, width=1.4),
        Column("Chance [%]", numeric=True),
    )
    rows = []
    for one in asked.spreads:
        share = facts.get(f"not knowing: {one.measure}", "", one.regime, body=body)
        rest = share._replace(value=1.0 - share.value)
        whole = facts.get(f"spread: {one.measure}", "", one.regime, body=body)
        label = facts.names.regimes[one.regime].short
        rows.append(
            [SPREAD_OF[one.measure], label, estimate(whole), estimate(share), estimate(rest)]
        )
    variables: Sequence[str] = sorted({one.variable for one in asked.spreads})
    words = (
        f"The study draws {', '.join(variables)} from a posterior: each future has parameters of "
        "its own. Part of the spread would stay if they were known (chance); the rest is not "
        "knowing them, which more data would narrow. An estimated part may fall a little below nil "
        "where there is none. Errors are by resampling draws of the parameters."
    )
    return [plain_table(columns, rows, "The spread, divided"), Para(text(words), "note")]
