"""What every page needs: facts of the body that the paper is about, and words for the rules."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from riskmc.figures.base import LOOKS, PLAIN, Look
from riskmc.report.facts import Fact, Facts, Verdict
from riskmc.report.facts.headline import verdict_of
from riskmc.report.facts.names import Names, RegimeName
from riskmc.report.model import Span, Text, text
from riskmc.words.board import and_list, capital, chance, count, money, number_word

#: Draws from which an event never seen may be said to be rare, and below which all is a draft.
ENOUGH = 3000


@dataclass(frozen=True)
class Writer:
    """Facts of one body, and how they are spoken of."""

    facts: Facts

    @property
    def names(self) -> Names:
        """Names of the run."""
        return self.facts.names

    @property
    def main(self) -> tuple[str, ...]:
        """The rules compared, the base first."""
        return self.names.main

    @property
    def base(self) -> str:
        """The rules that others are set against."""
        return self.names.base

    @property
    def other(self) -> str | None:
        """The rules that the paper sets against the base, where it compares; the last of them."""
        return self.names.compared[0] if self.names.compared else None

    @property
    def alone(self) -> bool:
        """Whether there is nothing to compare."""
        return not self.names.compared

    def regime(self, name: str) -> RegimeName:
        """Return the names of a set of rules."""
        return self.names.regimes[name]

    def under(self, name: str) -> str:
        """Return "under devolved rules"."""
        return f"under {self.regime(name).under}"

    def verb(self, name: str, word: str) -> str:
        """Return a verb that agrees with the name of a set of rules: "rules send", "it sends"."""
        return word if self.regime(name).plain else f"{word}s"

    def brief(self, name: str) -> str:
        """Return "devolved": the rules in a word, in the middle of a heading."""
        return self.regime(name).inside

    def tail(self, name: str) -> str:
        """Return "devolved": the rules behind a number, where others went before."""
        return self.regime(name).tail

    def look(self, name: str) -> int:
        """Return the place of a regime among the looks."""
        place = self.main.index(name)
        if len(self.main) > len(LOOKS):
            return 0 if place == 0 else len(LOOKS) - 1
        return place

    def drawn(self, name: str) -> Look:
        """Return how a regime is drawn."""
        return LOOKS[self.look(name)] if self.look(name) < len(LOOKS) else PLAIN

    def get(self, measure: str, at: str = "", regime: str = "", *, year: str = "") -> Fact:
        """Return a fact of the paper's body; a nil fact of no value where there is none."""
        found = self.facts.find(measure, at, regime, year=year, body=self.names.body)
        return Fact(math.nan) if found is None else found

    def value(self, measure: str, at: str = "", regime: str = "", *, year: str = "") -> float:
        """Return a bare number of the paper's body."""
        return self.get(measure, at, regime, year=year).value

    def by_year(self, measure: str, at: str, regime: str) -> list[float]:
        """Return a number in every year."""
        return [self.value(measure, at, regime, year=year) for year in self.names.years]

    def money(self, measure: str, at: str = "mean", regime: str = "") -> str:
        """Return an amount as printed."""
        found = self.get(measure, at, regime)
        return money(found.value, mcse=found.mcse)

    def difference(self, measure: str, regime: str, at: str = "mean") -> Fact:
        """Return a paired difference from the base."""
        found = self.facts.find(measure, at, regime, against=self.base, body=self.names.body)
        return Fact(math.nan) if found is None else found

    def verdict(self, measure: str, regime: str, at: str = "mean") -> Verdict:
        """Return the verdict on a measure under a regime against the base."""
        return verdict_of(self.facts, measure, regime, at)

    def futures(self, value: float) -> str:
        """Return a chance as so many futures: "88 of 100 futures", "all 20,000 futures"."""
        if value >= 1.0:
            return f"all {self.names.draws:,} futures"
        if value <= 0.0:
            return f"none of {self.names.draws:,} futures"
        return f"{chance(value)} futures"

    def words(self, key: str, gap: str) -> Text:
        """Return officers' words, or a gap that shows."""
        given = self.names.paper.get(key)
        return text(Span(str(given))) if given else text(f"[[{gap}]]")

    def chances(self, found: Sequence[tuple[str, float]]) -> str:
        """Return "in 90 of 100 futures under current rules and 41 devolved".

        Rules with the same count are named together; where all have it, it is said once. Where
        one is not of 100 futures but of 1,000, or of all, each is given in full.
        """
        fulls = [f"in {self.futures(value)}" for _, value in found]
        if all(full.endswith("of 100 futures") for full in fulls):
            said = [count(value) for _, value in found]
            short = [fulls[0] if one == said[0] else one for one in said]
            return self.briefly([(name, one) for (name, _), one in zip(found, short, strict=True)])
        return self.briefly(
            [(name, full) for (name, _), full in zip(found, fulls, strict=True)], short=False
        )

    def briefly(self, said: Sequence[tuple[str, str]], *, short: bool = True) -> str:
        """Return "£2.0bn under current rules and £0.6bn devolved"; equal ones are said once.

        Not `short`, every set of rules is named as the first is: "under devolved rules".
        """
        groups: dict[str, list[str]] = {}
        for name, what in said:
            groups.setdefault(what, []).append(name)
        if self.alone:
            return said[0][1]
        if len(groups) == 1 < len(said) == len(self.main):
            return f"{said[0][1]} under {self.every(len(said))}"
        parts = [
            f"{what} {and_list([self.tail(name) for name in names])}"
            if i and short
            else f"{what} under {and_list([self.regime(name).under for name in names])}"
            for i, (what, names) in enumerate(groups.items())
        ]
        return and_list(parts)

    def each(self, said: Sequence[tuple[str, str]]) -> str:
        """Return "£2.0bn under current rules and £0.6bn under devolved rules"."""
        if len({what for _, what in said}) == 1 < len(said):
            return f"{said[0][1]} under {self.every(len(said))}"
        return and_list([f"{what} {self.under(name)}" for name, what in said])

    @staticmethod
    def every(many: int) -> str:
        """Return "both", or "all three": what follows "under" where rules do not differ."""
        return "both" if many == 2 else f"all {number_word(many)}"

    @property
    def bodies(self) -> str:
        """How many bodies there are: "13 bodies"."""
        count = len(self.names.bodies)
        return f"{number_word(count)} bod{'ies' if count > 1 else 'y'}"

    @property
    def whose(self) -> str:
        """Whose deficit it is, at the start of a sentence where the subject must be named."""
        return "" if self.names.is_place else f"{capital(self.names.subject)}: "
