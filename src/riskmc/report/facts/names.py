"""How the place, its bodies and its rules are called in the middle of a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from riskmc.study import Study
from riskmc.study.regime_notes import NEUTRAL, is_neutral
from riskmc.variables import PLACE
from riskmc.words.board import and_list, capital, lower_first, number_word, year_end

_KINDS = {"provider": "NHS providers", "commissioner": "NHS commissioners", "council": "councils"}
#: Longest name of a set of rules at the head of a column, and in a chart.
LONGEST_SHORT, LONGEST_NAME = 28, 60


@dataclass(frozen=True)
class RegimeName:
    """One set of rules.

    id     in the study
    label  in full
    short  at the head of a column: "Devolved rules"
    under  after "under": "devolved rules"
    brief  alongside a mark: "Devolved"
    """

    id: str
    label: str
    short: str
    under: str
    brief: str

    @property
    def inside(self) -> str:
        """The brief name in the middle of a sentence: "devolved"."""
        return lower_first(self.brief)


@dataclass(frozen=True)
class Names:
    """Names of one run.

    body      whose report it is: "place" or an organisation's id
    regimes   by id, in the study's order
    main      the rules that the paper compares, the base first
    variants  rules that come to almost the same as one of these: a line each
    """

    title: str
    body: str
    years: tuple[str, ...]
    draws: int
    seed: int
    sha: str
    version: str
    scheme: str
    bodies: dict[str, str]
    kinds: dict[str, str]
    regimes: dict[str, RegimeName]
    main: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    paper: dict[str, object] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """The rules that others are set against."""
        return next(iter(self.regimes))

    @property
    def compared(self) -> tuple[str, ...]:
        """The main rules after the base."""
        return tuple(name for name in self.main if name != self.base)

    @property
    def is_place(self) -> bool:
        """Whether it is the report of a place of several bodies."""
        return self.body == PLACE and len(self.bodies) > 1

    @property
    def subject(self) -> str:
        """Whose report it is, in the middle of a sentence."""
        if self.is_place:
            return "the place"
        return self.bodies[self.body if self.body != PLACE else next(iter(self.bodies))]

    @property
    def end(self) -> str:
        """When the last year ends."""
        return year_end(self.years[-1])

    @property
    def horizon(self) -> str:
        """How long the run is, in words: "ten years"."""
        count = len(self.years)
        return "one year" if count == 1 else f"{number_word(count)} years"

    @property
    def period(self) -> str:
        """The years: "2016/17 to 2025/26"."""
        first, last = self.years[0], self.years[-1]
        return first if first == last else f"{first} to {last}"

    def brief_names(self, chosen: Sequence[str]) -> str:
        """Return several sets of rules in words."""
        return and_list([self.regimes[name].inside for name in chosen])

    def kinds_in_words(self) -> str:
        """Return what bodies there are: "ten councils, two NHS providers"."""
        counts: dict[str, int] = {}
        for kind in self.kinds.values():
            counts[kind] = counts.get(kind, 0) + 1
        said = []
        for kind, count in counts.items():
            words = _KINDS.get(kind, f"{kind}s")
            said.append(f"{number_word(count)} {words if count > 1 else words.removesuffix('s')}")
        return and_list(said)


def shortened(text: str, longest: int = LONGEST_NAME) -> str:
    """Return text no longer than so many letters, cut at a word where one ends in time."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    cut = text[: longest - 1].rstrip()
    space = cut.rfind(" ")
    return f"{(cut[:space] if space > longest // 2 else cut).rstrip(' ,;:-')}…"


def place_title(study: Study) -> str:
    """Return the study's title without the date that the head line says anyway."""
    title = re.sub(r",? from April \d{4}$", "", study.title.strip())
    return shortened(title, 80)


def regime_names(study: Study, short: dict[str, str]) -> dict[str, RegimeName]:
    """Return the names of every set of rules; `short` are the study's own short names."""
    labels = {name: regime.label for name, regime in study.regimes.items()}
    for name in labels:
        other = name.removesuffix(NEUTRAL)
        if is_neutral(study, name) and name not in short:
            first = short.get(other) or _first_clause(other, labels)
            short = {**short, name: f"{shortened(first, LONGEST_SHORT - 11)}, same cost"}
    chosen = _distinct({n: short.get(n) or _first_clause(n, labels) for n in labels}, labels)
    return {name: _named(name, labels[name], chosen[name]) for name in labels}


def _first_clause(name: str, labels: dict[str, str]) -> str:
    """Return a label's first clause, the whole label where an earlier one begins alike."""
    clauses = {
        other: re.split(r"[,:;(]", " ".join(label.split()), maxsplit=1)[0].strip()
        for other, label in labels.items()
    }
    first = next(other for other in labels if clauses[other] == clauses[name])
    whole = " ".join(labels[name].split())
    return shortened(clauses[name] if first == name else whole, LONGEST_SHORT)


def _distinct(chosen: dict[str, str], labels: dict[str, str]) -> dict[str, str]:
    """Return short names, no two alike: the end of a label distinguishes it, or a number."""
    found: dict[str, str] = {}
    for place, (name, short) in enumerate(chosen.items(), start=1):
        if list(chosen.values()).count(short) > 1:
            words = " ".join(labels[name].split())
            short = f"{words[:12].rstrip()}… {words[-12:].lstrip()}"
        if short in found.values():
            short = f"Rules {place}"
        found[name] = short
    return found


def _named(name: str, label: str, short: str) -> RegimeName:
    brief = re.sub(r"\s+rules$", "", short)
    plain = lower_first(brief) != brief and not re.search(r"[,…:;(]", brief)
    plain = plain and len(brief.split()) <= 3
    under = f"{lower_first(brief)} rules" if plain else f"“{brief}”"
    heading = f"{brief} rules" if plain else brief
    return RegimeName(name, label, capital(heading), under, capital(brief))
