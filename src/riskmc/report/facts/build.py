"""Filling the facts: one pass over the results, and the few runs alongside them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.measures.early_warning import AFTER, OF_DRIVERS, warning_signs
from riskmc.measures.like_for_like import opening
from riskmc.measures.possible import impossible
from riskmc.measures.reserves_question import customary_rules
from riskmc.measures.view import Results, Source, view_of
from riskmc.report.facts.asked import asked_facts
from riskmc.report.facts.bodies import body_facts
from riskmc.report.facts.drivers import driver_facts, features_or_none, national_facts
from riskmc.report.facts.evidence import evidence
from riskmc.report.facts.futures import Futures, futures
from riskmc.report.facts.headline import compare, headline
from riskmc.report.facts.kinds import kind_facts
from riskmc.report.facts.names import Names, place_title, regime_names
from riskmc.report.facts.possible import rule_out
from riskmc.report.facts.robustness import robustness
from riskmc.report.facts.store import CHANCE, RATE, Fact, Facts, Key, fact
from riskmc.report.facts.variants import main_and_variants
from riskmc.report.sides import Sides, side_runs
from riskmc.report.sides.asked import asked_for
from riskmc.study import Study
from riskmc.study.regime_notes import planning_sentences
from riskmc.variables import DRIVERS, PLACE

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.measures.driver_features import Features
    from riskmc.measures.reading import Reader

#: Drivers are drawn again where they take less than this part of the memory.
_SHARE_OF_MEMORY = 0.5
Progress = Callable[[str], None]
_UNITS = {"£m": "£m", "fraction a year": RATE, "share of plan": "share of plan"}


def build_facts(
    results: Source,
    *,
    organisation: str | None = None,
    sides: Sides | None = None,
    with_sides: bool = True,
    folder: Path | None = None,
    attribute: bool = False,
    progress: Progress | None = None,
) -> tuple[Facts, Sides | None]:
    """Return the facts of a run, and the runs alongside it.

    Parameters
    ----------
    results : xarray.DataTree or Results
        As `riskmc.run` gives them or `riskmc.open_results` reads them.
    organisation : str, optional
        Whose report it is; default: the place.
    sides : Sides, optional
        The runs alongside the main one, where they were made already.
    with_sides : bool
        Make them where they were not.
    folder : Path, optional
        What the study's `previous` is relative to; default: where you are.
    attribute : bool
        Say which rule does the work even where the study does not ask for it.
    progress : callable, optional
        Given a line of what is done.

    Raises
    ------
    ResultsError
        For an organisation that is not in the results, or results without draws.
    """
    say = progress or _nothing
    view = view_of(results)
    reader = _reader(view)
    if organisation is not None:
        reader.choose_bodies(organisation)
    say("reading the results")
    facts = Facts(_names(view, organisation), evidence(view.study, ()))
    own = facts.names.body == PLACE or reader.has("own_balance", facts.names.body)
    facts.texts["own balance"] = "yes" if own else ""
    made = _headlines(facts, reader)
    main, variants = main_and_variants(facts, view.study)
    facts.names = _replaced(facts.names, main, variants)
    facts.evidence = evidence(view.study, main)
    _held(facts, view.study, reader)
    _more_reserves(facts, made)
    _funds(facts, view.study)
    labels = {name: facts.names.regimes[name].short for name in facts.names.main}
    facts.texts["given by planning"] = " ".join(planning_sentences(view.study, labels))
    say("each body")
    body_facts(facts, reader)
    kind_facts(facts, reader)
    rule_out(facts, view.study)
    if sides is None and with_sides:
        sides = side_runs(
            view.study,
            regimes=main,
            draws=min(reader.draws, _side_draws()),
            seed=facts.names.seed,
            scheme=reader.scheme,
            body=facts.names.body,
            progress=progress,
        )
    say("what drives the deficit")
    features, drivers = _main_drivers(view)
    _drivers(facts, view, {name: made[name] for name in main}, sides, features)
    if sides is not None:
        robustness(facts, sides)
    say("early-warning signs")
    _signs(facts, view, drivers)
    if with_sides:
        facts.asked = asked_for(
            view,
            body=facts.names.body,
            regimes=tuple(facts.names.regimes),
            folder=folder,
            attribute=attribute,
            made={name: made[name].horizon for name in main},
            progress=progress,
        )
        asked_facts(facts, facts.asked)
    return facts, sides


def _nothing(words: str) -> None:
    """Say nothing."""


def _side_draws() -> int:
    from riskmc.report.sides import DRAWS

    return DRAWS


def _reader(view: Results) -> Reader:
    from riskmc.measures.reading import Reader

    return Reader(view)


def _names(view: Results, organisation: str | None) -> Names:
    study, attrs = view.study, view.tree.attrs
    paper = {} if study.paper is None else study.paper.model_dump()
    if study.report is not None:
        for key, words in study.report.words().items():
            paper[key] = paper.get(key) or words
    body = organisation or PLACE
    named = {row.id: study.name_of(row.id) for row in study.organisations}
    return Names(
        title=place_title(study),
        body=body,
        years=view.years,
        draws=view.layout.total,
        seed=int(attrs.get("seed", study.seed)),
        sha=str(attrs.get("study_sha256", ""))[:8],
        version=str(attrs.get("riskmc_version", "")),
        scheme=view.scheme,
        bodies={name: named[name] for name in view.organisations},
        kinds={row.id: row.kind for row in study.organisations if row.id in view.organisations},
        regimes={
            name: row
            for name, row in regime_names(study, paper.get("short") or {}).items()
            if name in view.regimes
        },
        paper={key: words for key, words in paper.items() if words},
    )


def _replaced(names: Names, main: tuple[str, ...], variants: tuple[str, ...]) -> Names:
    from dataclasses import replace

    return replace(names, main=main, variants=variants)


def _headlines(facts: Facts, reader: Reader) -> dict[str, Futures]:
    body, base = facts.names.body, facts.names.base
    made: dict[str, Futures] = {}
    for regime in facts.names.regimes:
        made[regime] = futures(reader, regime=regime, body=body)
        headline(facts, regime, made[regime], reader.scheme)
        if regime != base:
            compare(facts, regime, base, made[regime], made[base], reader.scheme)
    return made


def _held(facts: Facts, study: Study, reader: Reader) -> None:
    """Put what needs no simulation into the store: openings, income, customary rules."""
    from riskmc.statistics import estimators

    body = facts.names.body
    start = opening(study, regime=facts.names.base, body=body)
    facts.put(Key("held", body=body), Fact(start.reserves))
    facts.put(Key("floor", body=body), Fact(start.floor))
    for name, amount in customary_rules(study, organisation=body).items():
        facts.put(Key("customary", name, body=body), Fact(amount))
    income = reader.path("income", regime=facts.names.base, organisation=body)[0]
    facts.put(
        Key("income", body=body), fact(estimators.mean(income, scheme=reader.scheme).single())
    )
    chosen = [row for row in study.organisations if body in (PLACE, row.id)]
    facts.put(Key("cost", body=body), Fact(sum(row.cost for row in chosen)))
    _terms_of_rules(facts, study)


def _terms_of_rules(facts: Facts, study: Study) -> None:
    """Put what the rules say of help, and of which bodies: names of these, parted by "|"."""
    body, terms, never = facts.names.body, _terms(study), impossible(study, "unmet")
    for regime in facts.names.main:
        own = {name: term for name, term in terms[regime].items() if body in (PLACE, name)}
        chances = [term.probability for term in own.values() if "bailout" in term.instruments]
        if chances:
            facts.put(Key("granted", "least", regime, body=body), Fact(min(chances), unit=CHANCE))
            facts.put(Key("granted", "most", regime, body=body), Fact(max(chances), unit=CHANCE))
        of = {
            "exhausted already": [name for name, term in own.items() if not term.applicable],
            "leave to borrow": [name for name, term in own.items() if term.centre_share < 1.0],
            "no cuts": [name for name in own if name in never[regime]],
        }
        for words, bodies in of.items():
            facts.texts[f"{words}:{regime}"] = "|".join(bodies)


def _more_reserves(facts: Facts, made: dict[str, Futures]) -> None:
    """Put how much longer more in reserve would last: a round tenth of what spending needs."""
    from riskmc.statistics import estimators

    body, held = facts.names.body, facts.value("held", body=facts.names.body)
    step = round_step(max(0.25 * held, 0.005 * facts.value("cost", body=body)))
    facts.put(Key("more in reserve", body=body), Fact(step))
    for regime, own in made.items():
        needed = own.horizon.get("reserves_alone")
        if needed is not None:
            found = estimators.probability(needed <= held + step, scheme=facts.names.scheme)
            key = Key("lasts with more", "", regime, body=body)
            facts.put(key, fact(found.single(), CHANCE))


def round_step(amount: float) -> float:
    """Return the round amount, 1, 2 or 5 times a power of ten, at or below one.

    >>> round_step(106.0), round_step(30.0), round_step(0.7)
    (100.0, 20.0, 0.5)
    """
    if not amount > 0.0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(amount))
    return float(max(n for n in (1, 2, 5) if n * scale <= amount * (1 + 1e-9)) * scale)


def _funds(facts: Facts, study: Study) -> None:
    """Put the transformation fund of each set of rules, over the years, into the store."""
    years = len(facts.names.years)
    for regime in facts.names.regimes:
        given = study.regimes[regime].settlement.transformation_fund
        whole = sum(given[:years]) if isinstance(given, tuple) else float(given) * years
        facts.put(Key("fund", "", regime), Fact(whole))


def _terms(study: Study) -> Any:
    from riskmc.measures.holders import holder_parameters

    return holder_parameters(study)


def _main_drivers(view: Results) -> tuple[Features | None, xr.Dataset | None]:
    """Return features of the run's drivers, and the drivers that signs are made of.

    Of the drivers that were kept, or drawn again where that is no great matter.
    """
    from riskmc.measures.drawn_again import drawn_again
    from riskmc.runs.memory import memory_budget

    if view.drivers is not None:
        return features_or_none(view, view.drivers), view.drivers
    study, layout = view.study, view.layout
    size = 8 * len(DRIVERS) * layout.total * study.years * len(study.organisations)
    whole = view.layout == view.whole and view.years == study.year_labels
    if view.tree.attrs.get("drivers_from", "the study") != "the study" or not whole:
        return None, None
    if size > _SHARE_OF_MEMORY * memory_budget():
        return None, None
    found = drawn_again(view, early=OF_DRIVERS, years=min(AFTER, study.years))
    return found.features, found.early


def _drivers(
    facts: Facts,
    view: Results,
    made: dict[str, Futures],
    sides: Sides | None,
    found: Features | None,
) -> None:
    if found is not None:
        driver_facts(facts, found, made, view.scheme)
    elif sides is not None:
        body = facts.names.body
        few = {
            name: futures(sides.base.reader, regime=name, body=body, whole=False) for name in made
        }
        driver_facts(facts, features_or_none(sides.base, sides.drivers), few, view.scheme)
    if sides is not None:
        national_facts(facts, sides.base, sides.drivers)


def _signs(facts: Facts, view: Results, drivers: xr.Dataset | None) -> None:
    for regime in facts.names.main:
        found = warning_signs(
            view, regime=regime, organisation=facts.names.body, after=AFTER, drivers=drivers
        )
        for sign in found:
            at = f"{sign.name} {sign.side}"
            unit = _UNITS[sign.unit]
            where = {"regime": regime, "body": facts.names.body}
            facts.put(Key("sign threshold", at, **where), Fact(sign.threshold, unit=unit))
            facts.put(Key("sign fires", at, **where), fact(sign.fires, CHANCE))
            facts.put(Key("rescue given sign", at, **where), fact(sign.given, CHANCE))
            facts.put(Key("rescue without sign", at, **where), fact(sign.otherwise, CHANCE))
