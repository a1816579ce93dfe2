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
#: Longest part of a label that serves as a short name, at the head of a column and in a chart.
LONGEST_SHORT = 28
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class RegimeName:
    """One set of rules.

    id     in the study
    label  in full
    short  at the head of a column: "Devolved rules"
    under  after "under": "devolved rules"
    brief  alongside a mark: "Devolved"
    coded  whether the short name has to be explained: it is no beginning of the label
    """

    id: str
    label: str
    short: str
    under: str
    brief: str
    coded: bool = False

    @property
    def inside(self) -> str:
        """The brief name in the middle of a heading: "devolved"."""
        return lower_first(self.brief) if self.plain else self.brief

    @property
    def plain(self) -> bool:
        """Whether "rules" may follow the brief name, so that it needs no quotation marks."""
        return self.under.endswith(" rules")

    @property
    def tail(self) -> str:
        """What follows a number in a list of several sets of rules: "devolved"."""
        return self.inside if self.plain else f"under {self.under}"


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

    def in_full(self, name: str) -> str:
        """Return a set of rules in full, and behind it the short name that needs explaining."""
        row = self.regimes[name]
        return f"{row.label} (“{row.short}”)" if row.coded else row.label

    def explained(self, chosen: Sequence[str]) -> str:
        """Return what each short name stands for that does not say so itself; "" for none."""
        said = [
            f"“{self.regimes[name].short}” is “{self.regimes[name].label.rstrip('.')}”"
            for name in chosen
            if self.regimes[name].coded
        ]
        return f"{'; '.join(said)}." if said else ""

    def not_shown(self, shown: Sequence[str]) -> str:
        """Return the main rules that a table leaves out: "“Devolved C”"; "" for none."""
        return and_list([self.regimes[name].under for name in self.main if name not in shown])

    def kinds_of(self, bodies: Sequence[str]) -> list[str]:
        """Return some bodies in words: by kind where all of a kind are among them."""
        kinds = {self.kinds[body] for body in bodies}
        whole = [k for k in kinds if all(b in bodies for b, own in self.kinds.items() if own == k)]
        rest = [self.bodies[body] for body in bodies if self.kinds[body] not in whole]
        if len(rest) > 2:
            rest = [f"{number_word(len(rest))} other bodies" if whole else f"{len(rest)} bodies"]
        if {"provider", "commissioner"} <= set(whole):
            whole = ["NHS", *(k for k in whole if k not in ("provider", "commissioner"))]
        said = [_KINDS.get(k, "NHS bodies" if k == "NHS" else f"{k}s") for k in whole]
        return [*sorted(said), *rest]


def place_title(study: Study) -> str:
    """Return the study's title without the date that the head line says anyway."""
    return re.sub(r",? from April \d{4}$", "", study.title.strip())


def regime_names(study: Study, short: dict[str, str]) -> dict[str, RegimeName]:
    """Return the names of every set of rules; `short` are the study's own short names.

    Without one, the short name is the first clause of the label, else the label; where that is
    too long it is "Rules" and a letter, and where another begins alike a letter follows. Nothing
    is cut: a name with a letter is explained where it is first used.
    """
    labels = {name: " ".join(regime.label.split()) for name, regime in study.regimes.items()}
    found: dict[str, RegimeName] = {}
    taken: set[str] = set(short.values())
    for place, (name, label) in enumerate(labels.items()):
        given = short.get(name)
        chosen = given or _part(study, name, labels, short)
        letter = _letter(place)
        coded = not chosen or (given is None and chosen in taken)
        if coded:
            chosen = f"{chosen} {letter}" if chosen else f"Rules {letter}"
        if given is not None and list(short.values()).count(given) > 1:
            chosen, coded = f"{given} {letter}", True
        taken.add(chosen)
        coded = coded or not label.lower().startswith(chosen.lower().removesuffix(" rules"))
        found[name] = _named(name, label, chosen, coded=coded)
    return found


def _letter(place: int) -> str:
    """Return the letter of a set of rules by its place in the study.

    >>> _letter(0), _letter(25), _letter(26)
    ('A', 'Z', 'AA')
    """
    return _LETTERS[place] if place < 26 else _letter(place // 26 - 1) + _LETTERS[place % 26]


def _part(study: Study, name: str, labels: dict[str, str], short: dict[str, str]) -> str:
    """Return the part of a label that is short enough to stand for it; "" for none."""
    other = name.removesuffix(NEUTRAL)
    if is_neutral(study, name):
        first = short.get(other) or _part(study, other, labels, short)
        both = f"{first}, same cost"
        return both if first and len(both) <= LONGEST_SHORT else ""
    clause = _clause(labels[name])
    alike = next(other for other in labels if _clause(labels[other]) == clause)
    if alike != name and len(labels[name]) <= LONGEST_SHORT:
        return labels[name]
    return clause if len(clause) <= LONGEST_SHORT else ""


def _clause(label: str) -> str:
    return re.split(r"[,:;(]", label, maxsplit=1)[0].strip()


def _named(name: str, label: str, short: str, *, coded: bool) -> RegimeName:
    brief = re.sub(r"\s+rules$", "", short)
    adjective = brief != short or len(brief.split()) == 1
    plain = adjective and lower_first(brief) != brief and not re.search(r"[,:;(]", brief)
    under = f"{lower_first(brief)} rules" if plain else f"“{brief}”"
    heading = f"{brief} rules" if plain else brief
    return RegimeName(name, label, capital(heading), under, capital(brief), coded)
