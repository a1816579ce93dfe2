"""Where the figures of a study come from, and how forecasts like these have fared."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple

from riskmc.study import (
    RuleFigure,
    Source,
    Study,
    regime_figures,
    shipped_regime,
    shipped_regimes,
    shipped_sources,
)

LAW, PUBLISHED, ASSUMPTION, STUDY = "law", "published", "assumption", "the study's own"
GRADES = (LAW, PUBLISHED, ASSUMPTION, STUDY)
#: What a rule leaves open, such as a limit that nobody has set: no figure, so it has no grade.
NOT_SET = "not set"
LOW, MEDIUM, HIGH = "Low", "Medium", "High"
#: Which shipped back-tests speak of which kind of body.
_RECORDS = {"council": ("councils",), "provider": ("provider-sector", "trusts-support")}
#: The band that the paper shows.
BAND = 90.0


class Origin(NamedTuple):
    """Where a figure comes from: grade, source and reason."""

    kind: str
    source: str
    why: str


@dataclass(frozen=True)
class BackTest:
    """One back-test: what was forecast, and how often its band held what came.

    asked, got  of 100; lowest  in any case; number  of forecasts scored, in so many cases (an
    origin and a year ahead): forecasts of one case fare alike
    """

    title: str
    asked: float
    got: float
    lowest: float
    number: int
    cases: int
    origins: str

    @property
    def off(self) -> int:
        """-1 where the range held too little, +1 too much, 0 where chance may explain it."""
        share = self.asked / 100.0
        reach = 200.0 * (share * (1.0 - share) / max(self.cases, 1)) ** 0.5
        gap = self.got - self.asked
        return 0 if abs(gap) <= reach else int(math.copysign(1.0, gap))


class Event(NamedTuple):
    """A chance that was forecast, and the share in which it happened."""

    title: str
    name: str
    forecast: float
    happened: float
    number: int


@dataclass(frozen=True)
class Evidence:
    """The trust card.

    counts   figures by grade, each counted once, drivers among them
    records  back-tests that speak of the study's kinds of body
    missing  kinds without one
    events   chances forecast, and how often they came true
    """

    counts: Counter[str]
    records: tuple[BackTest, ...]
    missing: tuple[str, ...]
    events: tuple[Event, ...] = ()

    @property
    def total(self) -> int:
        """How many figures there are."""
        return sum(self.counts.values())

    @property
    def assumed(self) -> int:
        """How many are assumptions or the study's own."""
        return self.counts[ASSUMPTION] + self.counts[STUDY]

    @property
    def rating(self) -> str:
        """Low, Medium or High; never above Low where a band held under half of its nominal."""
        share = self.assumed / self.total if self.total else 1.0
        if any(test.lowest < 0.5 * test.asked for test in self.records):
            return LOW
        if not self.records or self.missing:
            return LOW if share > 0.5 else MEDIUM
        if share <= 0.25 and all(test.off >= 0 for test in self.records):
            return HIGH
        return MEDIUM if share <= 0.75 else LOW


def evidence(study: Study, regimes: tuple[str, ...]) -> Evidence:
    """Return what the figures of a study rest on."""
    kinds = list(dict.fromkeys(body.kind for body in study.organisations))
    record = _record()
    found: list[BackTest] = []
    missing: list[str] = []
    events: list[Event] = []
    for kind in kinds:
        given = [record[name] for name in _RECORDS.get(kind, ()) if name in record]
        tests = [_test(test) for test in given if test.get("cover")]
        found += tests
        events += [event for test in given for event in _events(test)]
        if not tests:
            missing.append(kind)
    counts = _counts(study, regimes)
    return Evidence(counts, tuple(found), tuple(missing), tuple(events))


def _events(test: dict[str, Any]) -> list[Event]:
    return [
        Event(str(test["title"]), str(row["name"]), float(row["forecast"]), float(row["happened"]),
              int(row["n"]))
        for row in test.get("events", ())
        if row.get("happened") is not None
    ]  # fmt: skip


def _record() -> dict[str, dict[str, Any]]:
    if find_spec("riskmc.backtests") is None:
        return {}
    from importlib import import_module

    record: dict[str, dict[str, Any]] = import_module("riskmc.backtests").shipped_record()
    return record


def _test(given: dict[str, Any]) -> BackTest:
    cover = {float(asked): float(got) for asked, got in given["cover"].items()}
    asked = BAND if BAND in cover else max(cover)
    origins = [str(origin) for origin in given["origins"]]
    years = sorted({match[0] for text in origins if (match := re.search(r"\d{4}", text))})
    return BackTest(
        title=str(given["title"]),
        asked=asked,
        got=cover[asked],
        lowest=float(given.get("cover_lowest", cover[asked])),
        number=int(given["n"]),
        cases=int(given.get("cases", 1)),
        origins=" to ".join(dict.fromkeys([years[0], years[-1]])) if years else "",
    )


def _counts(study: Study, regimes: tuple[str, ...]) -> Counter[str]:
    """Count figures by grade: one that two sets of rules share counts once, one not set never."""
    seen: dict[tuple[str, str], str] = {}
    for name in regimes:
        for figure, origin in origins(study, name):
            if origin.kind != NOT_SET:
                seen.setdefault((figure.path, repr(figure.value)), origin.kind)
    counts = Counter(seen.values())
    counts[STUDY] += sum(1 + len(table.by) for table in study.drivers.values())
    return counts


def origins(study: Study, name: str) -> list[tuple[RuleFigure, Origin]]:
    """Return every figure of a regime with where it comes from."""
    figures = regime_figures(study.regimes[name])
    base, sources = _shipped_like(name, figures)
    return [(figure, _origin(figure, base, sources)) for figure in figures]


def _shipped_like(
    name: str, figures: tuple[RuleFigure, ...]
) -> tuple[dict[str, object], dict[str, Source]]:
    """Return the figures and sources of the shipped regime that a regime is most like."""
    best: tuple[int, str] = (-1, "")
    for shipped in shipped_regimes():
        values = _shipped_values(shipped)
        same = sum(1 for f in figures if values.get(f.path, f) == f.value)
        best = max(best, (len(figures) + 1 if shipped == name else same, shipped))
    return _shipped_values(best[1]), shipped_sources(best[1])


@cache
def _shipped_values(name: str) -> dict[str, object]:
    """Return the figures of a shipped regime by path."""
    return {figure.path: figure.value for figure in regime_figures(shipped_regime(name))}


def _origin(figure: RuleFigure, base: dict[str, object], sources: dict[str, Source]) -> Origin:
    source = sources.get(figure.path)
    if source is None and figure.value is None:
        return Origin(NOT_SET, "default of the rules: none set", "")
    if source is None or base.get(figure.path, figure) != figure.value:
        return Origin(STUDY, "typed in the study file", "")
    if source.source.lower().startswith("assumption"):
        return Origin(ASSUMPTION, source.source, source.why)
    kind = LAW if re.search(r"\bAct \d{4}", source.source) else PUBLISHED
    return Origin(kind, source.source, source.why)
