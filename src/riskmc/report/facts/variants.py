"""Which sets of rules the paper compares, and which are only a variant of one of them."""

from __future__ import annotations

from riskmc.report.facts.store import Facts
from riskmc.study import Regime, Study, regime_figures

#: A variant differs in no more figures, and its headlines by no more than these.
_FEW = 6
WITHIN_SHARE, WITHIN_CHANCE = 0.10, 0.02


def main_and_variants(facts: Facts, study: Study) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part the rules into those compared and the variants of one of them.

    With three sets of rules or more, one that differs from an earlier one in a few figures is a
    variant where every headline is within 10 % of that one's, or 2 of 100 futures.
    """
    names = [name for name in study.regimes if name in facts.names.regimes]
    main: list[str] = []
    variants: list[str] = []
    for name in names:
        like = next((o for o in main if _alike(study, name, o)), None) if len(names) > 2 else None
        if like is not None and name != facts.names.base and _close(facts, name, like):
            facts.texts[f"variant of:{name}"] = like
            variants.append(name)
        else:
            main.append(name)
    return tuple(main), tuple(variants)


def _alike(study: Study, name: str, other: str) -> bool:
    ours, theirs = study.regimes[name], study.regimes[other]
    return _shape(ours) == _shape(theirs) and len(differing(ours, theirs)) <= _FEW


def _shape(regime: Regime) -> tuple[object, ...]:
    return regime.pools, tuple(figure.path for figure in regime_figures(regime))


def differing(ours: Regime, theirs: Regime) -> list[tuple[str, str, str]]:
    """Return the figures in which two sets of rules differ: path, and both in words."""
    known = {figure.path: figure for figure in regime_figures(theirs)}
    found = []
    for figure in regime_figures(ours):
        other = known.get(figure.path)
        if other is None or other.value != figure.value:
            found.append((figure.path, figure.words, "" if other is None else other.words))
    return found


def _close(facts: Facts, name: str, other: str) -> bool:
    body, year = facts.names.body, facts.names.years[-1]
    for measure, at in (("deficit", "p50"), ("unmet", "mean")):
        one, two = (facts.value(measure, at, r, body=body) for r in (name, other))
        if abs(one - two) > WITHIN_SHARE * max(abs(one), abs(two), 1e-9):
            return False
    shares = [facts.value("spending_share", "mean", r, year=year, body=body) for r in (name, other)]
    rescues = [facts.value("large_rescue", "", r, body=body) for r in (name, other)]
    return all(abs(pair[0] - pair[1]) <= WITHIN_CHANCE for pair in (shares, rescues))
