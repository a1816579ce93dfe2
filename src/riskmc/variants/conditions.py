"""A condition on a headline measure, as it is typed: `P(rescue_needed) <= 0.1`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from riskmc.errors import InputError
from riskmc.measures.catalogue import HORIZON
from riskmc.study.problems import nearest

_TYPED = re.compile(
    r"^\s*(?:(?P<word>P|E|mean)\s*\(\s*(?P<inner>\w+)\s*\)|(?P<plain>\w+))\s*"
    r"(?P<sign><=|>=|<|>)\s*(?P<target>[-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(?P<percent>%?)\s*$"
)


@dataclass(frozen=True)
class Condition:
    """A headline measure, and the value that it must not pass.

    measure  name of the measure
    below    whether it must be at most the target (else at least)
    target   in the measure's unit; a probability from 0 to 1
    """

    measure: str
    below: bool
    target: float

    def met(self, value: float) -> bool:
        """Say whether a value meets the condition."""
        return value <= self.target if self.below else value >= self.target


def read_condition(text: str) -> Condition:
    """Read a condition: `P(rescue_needed) <= 0.1`, `unmet <= 200`, `E(reserves_end) >= 50`.

    Raises InputError, with the measures there are, for one that cannot be read.
    """
    found = _TYPED.match(text)
    if found is None:
        raise InputError(
            f"'{text}' is not a condition; write P(rescue_needed) <= 0.1 or unmet <= 200"
        )
    chance = found["word"] == "P"
    asked = found["inner"] or found["plain"]
    name = f"p_{asked}" if chance else asked
    known = {row.name: row for row in HORIZON}
    if name not in known:
        kind = [n for n, row in known.items() if (row.kind == "probability") == chance]
        names = [n.removeprefix("p_") if chance else n for n in kind]
        near = nearest(asked, names)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"'{text}': there is no '{asked}'; there are {', '.join(names)}{hint}")
    target = float(found["target"]) / (100.0 if found["percent"] else 1.0)
    if known[name].kind == "probability" and not 0.0 <= target <= 1.0:
        raise InputError(f"'{text}': a chance is from 0 to 1 (or from 0 % to 100 %)")
    return Condition(name, found["sign"].startswith("<"), target)
