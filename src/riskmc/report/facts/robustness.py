"""Facts of the runs alongside the main one: whether the conclusions hold, and where they turn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from riskmc.report.facts.futures import futures
from riskmc.report.facts.possible import rule_out
from riskmc.report.facts.store import CHANCE, Facts, Key, fact
from riskmc.report.facts.verdicts import Side, verdict
from riskmc.statistics import estimators

if TYPE_CHECKING:
    from riskmc.measures.view import Results
    from riskmc.report.sides import Sides

BEHAVIOUR, EQUAL = "behaviour", "equal rescue"
#: The study as it is, on the futures of the runs alongside the main one.
FIRST = "first futures"
#: The chance of rescue, alike under all rules, of the robustness table.
EQUAL_CHANCE = 0.5


def robustness(facts: Facts, sides: Sides) -> None:
    """Put every case of the runs alongside the main one into the store."""
    _case(facts, FIRST, sides.base)
    for name, title, results in cases(sides):
        facts.texts[f"case:{name}"] = title
        _case(facts, name, results)
    for chance, results in sides.sweep:
        if chance != EQUAL_CHANCE:
            _case(facts, f"rescue at {chance:g}", results)
    for found in sides.breaking:
        if found.z is not None:
            from riskmc.report.facts.store import Fact

            key = Key("breaks at", found.climber, found.regime, body=facts.names.body)
            facts.put(key, Fact(found.z, unit="place on the adverse side"))


def cases(sides: Sides) -> Iterator[tuple[str, str, Results]]:
    """Yield the rows of the robustness table: a name, its words and the results."""
    for scenario, results in sides.stressed:
        yield scenario.name, scenario.title, results
    for chance, results in sides.sweep:
        if chance == EQUAL_CHANCE:
            yield EQUAL, "Rescue is granted half the time under all rules", results
    if sides.behaviour is not None:
        yield BEHAVIOUR, "Bodies also try harder to save", sides.behaviour


def _case(facts: Facts, name: str, results: Results) -> None:
    reader, scheme, body = results.reader, results.scheme, facts.names.body
    made = {
        regime: futures(reader, regime=regime, body=body, whole=False)
        for regime in facts.names.main
    }
    base = made[facts.names.base]
    for regime, own in made.items():
        for against in ("",) if regime == facts.names.base else ("", facts.names.base):
            other = base.horizon if against else None
            for measure in ("deficit", "unmet", "unresolved", "centre_money"):
                found = estimators.mean(
                    own.horizon[measure],
                    scheme=scheme,
                    against=None if other is None else other[measure],
                )
                _put(facts, name, measure, "mean", regime, against, found.single())
            rescue = estimators.probability(
                own.horizon["large_rescue"],
                scheme=scheme,
                against=None if other is None else other["large_rescue"],
            )
            key = Key(f"{name}: large_rescue", "", regime, against, body=body)
            facts.put(key, fact(rescue.single(), CHANCE))
            middle = estimators.quantile(
                own.horizon["reserves_end"],
                p=0.5,
                scheme=scheme,
                against=None if other is None else other["reserves_end"],
            )
            _put(facts, name, "reserves_end", "p50", regime, against, middle.single())
    rule_out(facts, results.study, name)


def _put(
    facts: Facts, name: str, measure: str, at: str, regime: str, against: str, found: object
) -> None:
    key = Key(f"{name}: {measure}", at, regime, against, body=facts.names.body)
    facts.put(key, fact(found))  # type: ignore[arg-type]


def case_side(facts: Facts, name: str, measure: str, at: str, regime: str) -> Side:
    """Return which way a measure goes in a case, under a regime against the base."""
    prefix = f"{name}: " if name else ""
    found = facts.find(
        f"{prefix}{measure}", at, regime, against=facts.names.base, body=facts.names.body
    )
    return Side.TIE if found is None else verdict(found).side
