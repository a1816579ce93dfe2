"""From the raw `[[risks]]` to their models: amounts as stated, words of bands, one event's rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from riskmc.distributions import Distribution, families
from riskmc.study.build import Draft, Raw, array, distribution, section, table
from riskmc.study.positions import Path
from riskmc.study.problems import listed
from riskmc.study.risks import Mitigation, Risk
from riskmc.study.shorthand import POINTS, STATED, as_table, band, is_number, is_stated, stated
from riskmc.study.types import MOST_MONEY

BANDS = ("likelihood", "impact", "delivery")
#: Keys that stand for the distribution of an impact.
_AMOUNTS = dict.fromkeys((*POINTS, "p1 to p99"), "")


def risks(draft: Draft) -> None:
    """Read the risk register; a risk with `impacts` by body becomes a row for each."""
    check_bands(draft)
    draft.risks = []
    for place, raw in enumerate(array(draft, "risks")):
        draft.risks += _rows(draft, raw, ("risks", place))


def check_bands(draft: Draft) -> None:
    """Check `[bands]`: tables of words, each with what it stands for."""
    for name, words in section(draft, "bands").items():
        path: Path = ("bands", name)
        if name not in BANDS:
            draft.problems.add(path, "is not a table of bands", allowed=listed(BANDS))
        elif not isinstance(words, Mapping):
            draft.problems.add(path, "is not a table", value=words, allowed="words with figures")
        else:
            most = MOST_MONEY if name == "impact" else 1.0 if name == "likelihood" else 10.0
            for word, value in words.items():
                where = (*path, word)
                _share_or_amount(draft, value, where, most=most, chance=name == "likelihood")


def _share_or_amount(
    draft: Draft, value: Any, path: Path, *, most: float, chance: bool
) -> Distribution | None:
    """Read a figure, a range or a distribution of a band."""
    made = as_table(value)
    if not isinstance(made, Mapping):
        allowed = "a figure, a range [low, high], or a distribution"
        draft.problems.add(path, "is neither a figure nor a range", value=value, allowed=allowed)
        return None
    found = distribution(draft, made, lambda _: path, most=most)
    if found is not None and chance and not _is_chance(found):
        draft.problems.add(path, "is not a probability", value=value, allowed="from 0 to 1")
    return found


def _is_chance(found: Distribution) -> bool:
    low, high = found.support
    return low >= 0.0 and high <= 1.0 and high > 0.0


@dataclass(frozen=True)
class _Part:
    """A table that says when something happens or what it costs, and where it was typed."""

    draft: Draft
    raw: Raw
    path: Path

    def add(self, key: str, message: str, *, allowed: str, value: Any = ...) -> None:
        self.draft.problems.add((*self.path, key), message, value=value, allowed=allowed)

    def word(self, kind: str, key: str) -> Any:
        """Return a key's value, words of a band looked up; None and a fault for another word."""
        return word_of(self.draft, self.raw, self.path, kind, key)

    def impact(self, raw: Raw | None = None) -> tuple[bool, Distribution | None]:
        """Return whether an impact is given, and the impact, None where it is refused."""
        raw = self.raw if raw is None else raw
        amounts = {key: value for key, value in raw.items() if is_stated(key)}
        if "impact" in raw:
            if amounts:
                key, value = next(iter(amounts.items()))
                allowed = "either impact, or low, likely and high"
                self.add(key, "is given alongside `impact`", value=value, allowed=allowed)
                return True, None
            return True, self.amount("impact")
        if not amounts:
            return False, None
        made = stated(amounts)
        if made is None:
            given = listed(amounts, last="and")
            missing = next((key for key in POINTS if key not in amounts), None)
            key = missing or next(iter(amounts))
            words = (
                f"is missing alongside {given}"
                if missing
                else f"is not needed alongside the rest of {given}"
            )
            self.add(key, words, allowed=STATED)
            return True, None

        def place(inside: Path) -> Path:
            return (*self.path, *_as_typed(inside, amounts))

        return True, distribution(self.draft, made, place, most=MOST_MONEY)

    def amount(self, key: str) -> Distribution | None:
        """Return the distribution of one key: a figure, a word, stated figures, a table."""
        value = self.word("impact", key)
        if value is None:
            return None
        given = self.raw[key]
        made = as_table(value) if not isinstance(value, list | tuple) else value
        path = (*self.path, key)
        inside_given = made is value or isinstance(given, Mapping)
        return distribution(
            self.draft,
            made,
            lambda inside: (*path, *inside) if inside_given else path,
            most=MOST_MONEY,
        )

    def chance(self) -> Any:
        """Return the probability as its model takes it; None where there is no right one."""
        if "probability" not in self.raw:
            return None
        value = self.word("likelihood", "probability")
        made = as_table(value) if isinstance(value, Mapping) else value
        if not isinstance(made, Mapping):
            return made
        path = (*self.path, "probability")
        found = distribution(self.draft, made, lambda inside: (*path, *inside), most=1.0)
        if found is None:
            return None
        if not _is_chance(found):
            self.add(
                "probability", "can lie outside 0 to 1", allowed="a beta, uniform or PERT within"
            )
            return None
        fixed = found.fixed
        return found if fixed is None else fixed


def word_of(draft: Draft, raw: Raw, path: Path, kind: str, key: str) -> Any:
    """Return a key's value, words of `[bands.kind]` looked up; None and a fault for another."""
    value = raw[key]
    if not isinstance(value, str):
        return value
    tables = draft.raw.get("bands")
    words = tables.get(kind) if isinstance(tables, Mapping) else None
    words = words if isinstance(words, Mapping) else {}
    found = band(value, words)
    if found is not None:
        return found if is_number(found) else as_table(found)
    if _reads_as_number(value):
        return value
    allowed = listed(words) if words else f"a figure, or a word of [bands.{kind}]"
    draft.problems.add(
        (*path, key), "is not a word of the study's bands", value=value, allowed=allowed
    )
    return None


def _reads_as_number(text: str) -> bool:
    """Say whether a text in quotes was meant as a figure, and not as a score of the bands."""
    try:
        return not float(text) > 1.0
    except ValueError:
        return False


def _as_typed(inside: Path, amounts: Raw) -> Path:
    """Return a path in a distribution as the user typed it: a constant's value is `likely`."""
    if inside and inside[0] == "value":
        return (next(iter(amounts)), *inside[1:])
    return () if inside and inside[0] == "distribution" else inside


def _rows(draft: Draft, raw: Any, path: Path) -> list[Risk | None]:
    """Return the rows of one risk: one, or one for each body of `impacts`."""
    if not isinstance(raw, Mapping):
        draft.problems.add(path, "is not a table", value=raw, allowed="a table headed [[risks]]")
        return [None]
    by_body = raw.get("impacts")
    if by_body is None:
        return [_risk(draft, raw, path)]
    part = _Part(draft, raw, path)
    for key in ("organisation", "impact", "event", *(key for key in raw if is_stated(key))):
        if key in raw:
            part.add(
                key, "is given alongside `impacts`", value=raw[key], allowed="impacts by body alone"
            )
    if not isinstance(by_body, Mapping) or not by_body:
        part.add("impacts", "is not a table", value=by_body, allowed="an impact for each body's id")
        return [None]
    rest = {k: v for k, v in raw.items() if k != "impacts"}
    rows = []
    for body, impact in by_body.items():
        one = {**rest, "organisation": body, "impact": impact, "event": raw.get("name")}
        inside = _Part(draft, by_body, (*path, "impacts")).amount(body)
        rows.append(_risk(draft, one, path, impact=inside, given=True))
    return rows


def _risk(
    draft: Draft,
    raw: Raw,
    path: Path,
    *,
    impact: Distribution | None = None,
    given: bool = False,
) -> Risk | None:
    """Return one risk, or None after recording what is wrong with it."""
    part = _Part(draft, raw, path)
    if not given:
        given, impact = part.impact()
        if not given:
            part.add("impact", "is missing", allowed=f"impact, or {STATED}")
    chance = _occurrence(part)
    mitigation, good = _mitigation(draft, raw, path)
    rest = {
        key: value
        for key, value in raw.items()
        if not is_stated(key) and key not in ("impact", "probability", "mitigation")
    }
    filled = {**rest, "impact": impact or families()["constant"](value=0.0)}  # type: ignore[call-arg]
    if chance is not None:
        filled["probability"] = chance
    found = table(draft.problems, Risk, filled, path, known=_keys_of_a_risk)
    if found is None or impact is None or not good or ("probability" in raw and chance is None):
        return None
    return found.model_copy(update={"mitigation": mitigation}) if mitigation else found


def _keys_of_a_risk() -> dict[str, str]:
    return {**Risk.keys(), **_AMOUNTS, "impacts": ""}


def _keys_of_a_mitigation() -> dict[str, str]:
    return {**Mitigation.keys(), **_AMOUNTS}


def _occurrence(part: _Part) -> Any:
    """Return the probability, after checking that there is one, or a rate, and not both."""
    has = [key for key in ("probability", "rate") if key in part.raw]
    if not has:
        part.add("probability", "is missing", allowed="a probability a year, or a rate a year")
    elif len(has) == 2:
        part.add(
            "rate",
            "is given alongside `probability`",
            value=part.raw["rate"],
            allowed="one of the two",
        )
    return part.chance()


def _mitigation(draft: Draft, raw: Raw, path: Path) -> tuple[Mitigation | None, bool]:
    """Return the mitigation of a risk and whether nothing is wrong with it."""
    if "mitigation" not in raw:
        return None, True
    given = raw["mitigation"]
    where = (*path, "mitigation")
    if not isinstance(given, Mapping):
        draft.problems.add(where, "is not a table", value=given, allowed="a table of its cost")
        return None, False
    part = _Part(draft, given, where)
    has_impact, impact = part.impact()
    chance = part.chance()
    rest = {
        key: value
        for key, value in given.items()
        if not is_stated(key) and key not in ("impact", "probability")
    }
    filled = rest | {
        k: v for k, v in (("impact", impact), ("probability", chance)) if v is not None
    }
    found = table(draft.problems, Mitigation, filled, where, known=_keys_of_a_mitigation)
    good = (
        found is not None
        and (impact is not None) == has_impact
        and (chance is not None) == ("probability" in given)
    )
    return found, good
