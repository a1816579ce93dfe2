"""The rules modelled: what each regime says, what of it is law and what is assumption."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from riskmc.report.blocks import text_table
from riskmc.report.context import Context
from riskmc.report.model import Block, Foldout, Items, Paragraph, Section, Subheading, Table
from riskmc.study import (
    Regime,
    RuleFigure,
    Source,
    regime_figures,
    rules_in_words,
    shipped_regime,
    shipped_regimes,
    shipped_sources,
)
from riskmc.study.regimes import Waterfall
from riskmc.words.report_text import and_list

LAW, PUBLISHED, ASSUMPTION, STUDY = "law", "published", "assumption", "the study's own"
_KINDS = (LAW, PUBLISHED, ASSUMPTION, STUDY)
#: A regime that differs from an earlier one in no more figures is told by its differences.
_FEW = 6


class Origin(NamedTuple):
    """Where a figure of the rules comes from: kind, source and reason."""

    kind: str
    source: str
    why: str


def rules_section(ctx: Context) -> Section:
    """Return the rules modelled, in words, and what they rest on."""
    blocks: list[Block] = [
        Paragraph(
            "Each set of rules meets the same simulated futures, so that a difference between "
            "them is the rules' doing and nothing else."
        )
    ]
    blocks.append(_card(ctx))
    told: list[str] = []
    for name in ctx.regimes:
        regime = ctx.study.regimes[name]
        like = told_like(ctx, name, told)
        inside = _in_words(regime) if like is None else _as_another(ctx, name, like)
        blocks.append(Foldout(f"{regime.label}: the rules in full", tuple(inside)))
        told.append(name)
    blocks += [Subheading("What is law and what is assumption"), _origins(ctx)]
    return Section("rules", "The rules modelled", tuple(blocks))


def _card(ctx: Context) -> Table:
    """Return the rules side by side, in short."""
    regimes = [ctx.study.regimes[name] for name in ctx.regimes]
    figures = [{f.path: f.words for f in regime_figures(regime)} for regime in regimes]
    rows = [
        [title, *(_capital(by_path[path]) for by_path in figures)] for title, path in _CARD.items()
    ]
    rows.append(["Who must balance", *(_capital(_holders(ctx, regime)) for regime in regimes)])
    for waterfall, title in _WATERFALLS.items():
        rows.append([title, *(_steps(ctx, regime, waterfall) for regime in regimes)])
    headings = ["", *(regime.label for regime in regimes)]
    return text_table("rules-card", "The rules side by side", ["Rule", *headings[1:]], rows)


_CARD = {
    "Settlement": "settlement.period",
    "Cuts during the year": "settlement.in_year_cuts",
    "New mandates": "settlement.new_burdens_funded",
    "Transformation fund": "settlement.transformation_fund",
    "Contracts": "payment.activity_share",
}
_WATERFALLS: dict[Waterfall, str] = {
    "plan": "A gap in the plan is closed by",
    "shortfall": "A shortfall at the year end is met by",
    "surplus": "A surplus goes to",
}


def _holders(ctx: Context, regime: Regime) -> str:
    holders = regime.holders(ctx.study.organisations)
    pools = [h for h in holders if len(h.members) > 1]
    alone = len(holders) - len(pools)
    ids = ctx.study.organisation_ids
    said = [f"{ctx.who([ids[k] for k in pool.members])} as one pool" for pool in pools]
    if alone:
        said.append(f"{alone} {'bodies, each' if alone > 1 else 'body'} alone")
    return and_list(said)


def _steps(ctx: Context, regime: Regime, waterfall: Waterfall) -> str:
    """Return the instruments of a waterfall in order, by rulebook."""
    books: dict[str, list[str]] = {}
    for holder in regime.holders(ctx.study.organisations):
        names = [_name(s.instrument) for s in holder.rulebook.waterfall(waterfall)]
        steps = ", then ".join(names) or "nothing"
        who = [ctx.study.organisation_ids[k] for k in holder.members]
        books.setdefault(steps, []).extend(who)
    if len(books) == 1:
        return _capital(next(iter(books)))
    return ". ".join(f"{_capital(ctx.who(who))}: {steps}" for steps, who in books.items())


def _name(instrument: str) -> str:
    return instrument.replace("in_year", "in-year").replace("_", " ")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def told_like(ctx: Context, name: str, told: list[str]) -> str | None:
    """Return an earlier regime that this one differs from in a few figures only."""
    for other in told:
        if _shape(ctx.study.regimes[other]) != _shape(ctx.study.regimes[name]):
            continue
        if len(_differences(ctx, name, other)) <= _FEW:
            return other
    return None


def _shape(regime: Regime) -> tuple[object, ...]:
    return regime.pools, tuple(figure.path for figure in regime_figures(regime))


def _differences(ctx: Context, name: str, other: str) -> list[tuple[RuleFigure, RuleFigure]]:
    ours = regime_figures(ctx.study.regimes[name])
    theirs = {figure.path: figure for figure in regime_figures(ctx.study.regimes[other])}
    return [(f, theirs[f.path]) for f in ours if f.value != theirs[f.path].value]


def _as_another(ctx: Context, name: str, other: str) -> list[Block]:
    pairs = _differences(ctx, name, other)
    if not pairs:
        return [Paragraph(f"As “{ctx.label(other)}” in every figure.")]
    return [
        Paragraph(f"As “{ctx.label(other)}”, but:"),
        Items(tuple(f"{ours.words} (there: {theirs.words})" for ours, theirs in pairs)),
    ]


def _in_words(regime: Regime) -> list[Block]:
    """Return a regime in words, as `riskmc rules` says it, as blocks."""
    blocks: list[Block] = []
    heading = ""
    items: list[str] = []
    ordered = False

    def close() -> None:
        if items:
            blocks.append(Paragraph(heading))
            blocks.append(Items(tuple(items), ordered))
            items.clear()

    for kind, text in _statements(rules_in_words(regime, {})):
        if kind == "heading":
            close()
            heading = text
        elif kind == "rest":
            items.append(text)
        else:
            ordered = kind == "step"
            items.append(text)
    close()
    return blocks


def _statements(text: str) -> Iterator[tuple[str, str]]:
    """Yield ("heading" | "point" | "step" | "rest", text), lines that were wrapped joined."""
    found: list[tuple[str, str]] = []
    for line in text.splitlines()[2:]:
        bare = line.strip()
        if not bare:
            continue
        if match := re.match(r"- (.*)|(\d+)\. (.*)", bare):
            found.append(("point" if match[1] else "step", match[1] or match[3]))
        elif bare.startswith("What is left"):
            found.append(("rest", bare))
        elif bare.endswith(":") or not line.startswith(" "):
            found.append(("heading", bare))
        else:
            kind, before = found[-1]
            found[-1] = (kind, f"{before} {bare}")
    book = ""
    for kind, words in found:
        if kind == "heading" and words.startswith("Rulebook:"):
            book = words.removeprefix("Rulebook:").strip()
            yield kind, f"Rulebook “{book}”"
        elif kind == "heading" and book and words.endswith(":"):
            yield kind, f"Rulebook “{book}”. {words}"
        else:
            yield kind, _capital(words)


def origins(ctx: Context, name: str) -> list[tuple[RuleFigure, Origin]]:
    """Return every figure of a regime with where it comes from."""
    figures = regime_figures(ctx.study.regimes[name])
    base, sources = _shipped_like(name, figures)
    return [(figure, _origin(figure, base, sources)) for figure in figures]


def _shipped_like(
    name: str, figures: tuple[RuleFigure, ...]
) -> tuple[dict[str, object], dict[str, Source]]:
    """Return the figures and sources of the shipped regime that a regime is most like."""
    best: tuple[int, str] = (-1, "")
    for shipped in shipped_regimes():
        values = {f.path: f.value for f in regime_figures(shipped_regime(shipped))}
        same = sum(1 for f in figures if values.get(f.path, f) == f.value)
        best = max(best, (len(figures) + 1 if shipped == name else same, shipped))
    values = {f.path: f.value for f in regime_figures(shipped_regime(best[1]))}
    return dict(values), shipped_sources(best[1])


def _origin(figure: RuleFigure, base: dict[str, object], sources: dict[str, Source]) -> Origin:
    source = sources.get(figure.path)
    if source is None or base.get(figure.path, figure) != figure.value:
        return Origin(STUDY, "typed in the study file", "")
    if source.source.lower().startswith("assumption"):
        return Origin(ASSUMPTION, source.source, source.why)
    kind = LAW if re.search(r"\bAct \d{4}", source.source) else PUBLISHED
    return Origin(kind, source.source, source.why)


def origin_counts(ctx: Context) -> dict[str, Counter[str]]:
    """Return, by regime, how many figures come from where."""
    return {name: Counter(origin.kind for _, origin in origins(ctx, name)) for name in ctx.regimes}


def _origins(ctx: Context) -> Table:
    counts = origin_counts(ctx)
    rows = [
        [
            ctx.label(name),
            *(str(counts[name][kind]) for kind in _KINDS),
            and_list(_lawful(ctx, name)) or "none",
        ]
        for name in ctx.regimes
    ]
    return text_table(
        "rules-origins",
        "Figures of the rules by where they come from",
        ["Rules", "Law", "Published", "Assumption", "The study's own", "Resting on law"],
        rows,
        "Every figure with its source and a reason stands in the annex of parameters. “The "
        "study's own” are typed in the study file; its comments say why.",
    )


def _lawful(ctx: Context, name: str) -> list[str]:
    return [figure.words for figure, origin in origins(ctx, name) if origin.kind == LAW]
