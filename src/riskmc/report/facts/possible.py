"""Facts of what the rules rule out: it cannot happen, as against what no future has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from riskmc.measures.holders import holder_parameters
from riskmc.measures.possible import impossible
from riskmc.variables import BEARERS, PLACE, VARIABLES

if TYPE_CHECKING:
    from riskmc.report.facts.store import Facts, Key
    from riskmc.study import Study

_CENTRE, _OWN = "bailout: the centre's", "bailout: its own"
#: Facts that are 0 where every one of these outputs is.
DECIDED_BY: Mapping[str, tuple[str, ...]] = {
    "unmet": ("unmet",),
    "unmet_some": ("unmet",),
    "unmet_year": ("unmet",),
    "bailout": ("bailout",),
    "large_bailout": ("bailout",),
    "centre_money": (_CENTRE,),
    "own_borrowing": (_OWN,),
    "local_tax": ("local_premium",),
    "unresolved": ("unresolved",),
    "savings": ("savings_delivered",),
}
#: Outputs that a bearer bears; of a bailout what is not the centre's for good is the future's.
BORNE_BY: Mapping[str, tuple[str, ...]] = {
    bearer: tuple(
        row.name
        for row in VARIABLES
        if row.bearer == bearer or (row.name == "bailout" and bearer == "future_budgets")
    )
    for bearer in BEARERS
}


def rule_out(facts: Facts, study: Study, case: str = "") -> None:
    """Mark the facts that the rules of a study leave at nothing.

    `case` is that of a run alongside the main one, whose rules may be others. What was seen
    nevertheless stays as it was seen.
    """
    prefix = f"{case}: " if case else ""
    never: dict[str, Mapping[str, frozenset[str]]] = {}
    for key, number in list(facts):
        if not number.bound or number.value != 0.0 or not key.measure.startswith(prefix):
            continue
        outputs = _outputs(key, prefix)
        regimes = [name for name in (key.regime, key.against) if name]
        for output in outputs:
            if output not in never:
                never[output] = _never(study, output)
        if outputs and all(
            key.body in never[output].get(name, ()) for output in outputs for name in regimes
        ):
            facts.numbers[key] = number._replace(impossible=True)


def _outputs(key: Key, prefix: str) -> tuple[str, ...]:
    measure = key.measure.removeprefix(prefix)
    if measure in ("borne", "borne_share"):
        return BORNE_BY.get(key.at, ())
    statistic = key.at not in ("lower", "higher", "equal")
    return DECIDED_BY.get(measure, ()) if statistic else ()


def _never(study: Study, output: str) -> Mapping[str, frozenset[str]]:
    """Return, by regime, the bodies (and the place) for which an output is 0 whatever happens."""
    if output not in (_CENTRE, _OWN):
        return impossible(study, output)
    none = impossible(study, "bailout")
    share = 0.0 if output == _CENTRE else 1.0
    found = {}
    for regime, terms in holder_parameters(study).items():
        bodies = none[regime] | {name for name, own in terms.items() if own.centre_share == share}
        everyone = bodies >= set(study.organisation_ids)
        found[regime] = bodies | {PLACE} if everyone else bodies
    return found
