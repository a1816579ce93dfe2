"""From the raw `[[schemes]]` to their models, and what they must know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskmc.distributions import Constant, Distribution
from riskmc.study.build import Draft, Raw, array, distribution, table
from riskmc.study.build_risks import word_of
from riskmc.study.checks import known_id, rows_of, year_labels
from riskmc.study.positions import Path
from riskmc.study.problems import listed
from riskmc.study.savings import SavingsScheme
from riskmc.study.shorthand import as_table

#: The most that a scheme can sensibly deliver of what it was to save.
MOST_DELIVERED = 10.0


def schemes(draft: Draft) -> None:
    """Read `[[schemes]]`, and check whom and when they name."""
    draft.schemes = [
        _scheme(draft, raw, ("schemes", place)) for place, raw in enumerate(array(draft, "schemes"))
    ]
    years = year_labels(draft)
    seen: set[tuple[object, object]] = set()
    for place, row in enumerate(rows_of(draft, "schemes")):
        path: Path = ("schemes", place)
        known_id(draft, (*path, "organisation"), row.get("organisation"), draft.ids)
        start = row.get("start")
        if isinstance(start, str) and years and start not in years:
            allowed = f"{years[0]} to {years[-1]}"
            draft.problems.add(
                (*path, "start"), "is not a year of this study", value=start, allowed=allowed
            )
        key = row.get("name"), row.get("organisation")
        if isinstance(key[0], str) and key in seen:
            draft.problems.add(
                (*path, "name"), "is listed twice", value=key[0], allowed="each scheme once"
            )
        seen.add(key)


def _scheme(draft: Draft, raw: Any, path: Path) -> SavingsScheme | None:
    if not isinstance(raw, Mapping):
        return table(draft.problems, SavingsScheme, raw, path)
    delivery = _delivery(draft, raw, path)
    stand_in = delivery or Constant(value=1.0)
    filled = {**raw, "delivery": stand_in}
    found = table(draft.problems, SavingsScheme, filled, path)
    return None if delivery is None else found


def _delivery(draft: Draft, raw: Raw, path: Path) -> Distribution | None:
    where: Path = (*path, "delivery")
    if "delivery" not in raw:
        draft.problems.add(where, "is missing", allowed="a share, a word of [bands.delivery]")
        return None
    value = word_of(draft, raw, path, "delivery", "delivery")
    if value is None:
        return None
    made = as_table(value)
    if not isinstance(made, Mapping):
        draft.problems.add(
            where,
            "is not a delivery",
            value=value,
            allowed=listed(("a share such as 0.9", "a word of [bands.delivery]", "a distribution")),
        )
        return None
    typed = isinstance(raw["delivery"], Mapping)
    return distribution(
        draft, made, lambda inside: (*where, *inside) if typed else where, most=MOST_DELIVERED
    )
