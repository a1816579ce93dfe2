"""The arguments of docs/arguments: which study tests each, what is measured, and what is claimed.

A claim is the sign of a paired difference that a page's sentences rest on. It is checked on the
same numbers that the page prints, so that a sentence cannot outlive them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import riskmc
from riskmc.measures import amount_mean, paid_for_others, service_harm
from riskmc.measures.catalogue import HORIZON, horizon_measure
from riskmc.runs.watch import watch
from riskmc.statistics.estimates import Single
from riskmc.study import Study, load_study
from riskmc.variables import PLACE
from riskmc.words.board import lower_first
from riskmc.words.rounding import format_estimate

FOLDER = Path(__file__).parent.parent / "docs" / "arguments"
_HEADLINE = {row.name for row in HORIZON}
#: Less than a pound: sums that differ in rounding only [£m].
_NIL = 1e-6


class Row(NamedTuple):
    """What is measured: a headline measure, or a variable's mean total over the years [£m]."""

    label: str
    name: str
    body: str = PLACE


class Claim(NamedTuple):
    """That `a` less `b` is above nil, below it, or not clearly either."""

    name: str
    a: str
    b: str
    sign: Literal["+", "-", "0"]
    body: str = PLACE


@dataclass(frozen=True)
class Argument:
    """One argument: a study of its name in docs/arguments.

    pairs   differences that are shown, first less second
    claims  of the rules alone; `behaving` with the behaviour that the study assumes
    alone   regimes whose own values are shown; default: all of the study
    harm    whether the two readings of harm to health are shown
    """

    name: str
    rows: tuple[Row, ...]
    pairs: tuple[tuple[str, str], ...]
    claims: tuple[Claim, ...]
    alone: tuple[str, ...] | None = None
    behaving: tuple[Claim, ...] = ()
    harm: bool = False


RESCUE = Row("Large rescue needed in some year", "p_rescue_needed_above_1_percent")
DEFICIT = Row("Net deficit, ten years", "net_deficit")
UNMET = Row("Need left unmet, ten years", "unmet")
TAX = Row("Extra local tax a year", "extra_local_tax")
RESERVES = Row("Reserves at the end", "reserves_end")
CENTRE = Row("Net cost to the centre, ten years", "central_cost")
HOSPITAL = Row("Hospital's own balance, ten years", "own_balance", "hospital")
BUYER = Row("Commissioner's own balance, ten years", "own_balance", "ccg")
BOROUGH = Row("Council's own balance, ten years", "own_balance", "borough")

ARGUMENTS: tuple[Argument, ...] = (
    Argument(
        "long-settlements",
        (
            DEFICIT,
            RESCUE,
            UNMET,
            TAX,
            CENTRE,
            Row("Owed to the place at the next review", "pending_end"),
        ),
        (("five", "yearly"), ("five_exposed", "yearly")),
        (
            Claim("net_deficit", "five", "yearly", "-"),
            Claim("unmet", "five", "yearly", "-"),
            Claim("central_cost", "five", "yearly", "+"),
            Claim("net_deficit", "five_exposed", "yearly", "+"),
            Claim("unmet", "five_exposed", "yearly", "0"),
            Claim("p_rescue_needed_above_1_percent", "five", "yearly", "-"),
            Claim("p_rescue_needed_above_1_percent", "five_exposed", "yearly", "-"),
        ),
    ),
    Argument(
        "payment",
        (HOSPITAL, BUYER, BOROUGH, Row("All three, ten years", "own_balance")),
        (
            ("activity_fund", "activity"),
            ("mixed_fund", "mixed"),
            ("capitation_fund", "capitation"),
        ),
        (
            Claim("own_balance", "activity_fund", "activity", "-", "hospital"),
            Claim("own_balance", "mixed_fund", "mixed", "+", "hospital"),
            Claim("own_balance", "capitation_fund", "capitation", "+", "hospital"),
            Claim("own_balance", "activity_fund", "activity", "+", "ccg"),
            Claim("own_balance", "mixed_fund", "mixed", "+", "ccg"),
            Claim("own_balance", "capitation_fund", "capitation", "0", "ccg"),
            Claim("own_balance", "activity_fund", "activity", "+"),
        ),
        alone=(),
    ),
    Argument(
        "pooling",
        (
            DEFICIT,
            Row("Deficits of each budget, added up", "gross_deficit"),
            RESCUE,
            UNMET,
            RESERVES,
            CENTRE,
            HOSPITAL,
            BOROUGH,
        ),
        (("shared", "apart"), ("pool", "apart")),
        (
            Claim("net_deficit", "pool", "apart", "-"),
            Claim("net_deficit", "shared", "apart", "0"),
            Claim("gross_deficit", "pool", "apart", "-"),
            Claim("gross_deficit", "shared", "apart", "-"),
            Claim("p_rescue_needed_above_1_percent", "pool", "apart", "-"),
            Claim("p_rescue_needed_above_1_percent", "shared", "apart", "-"),
            Claim("unmet", "pool", "apart", "0"),
            Claim("reserves_end", "pool", "apart", "-"),
            Claim("central_cost", "pool", "apart", "-"),
            Claim("own_balance", "pool", "apart", "+", "hospital"),
            Claim("own_balance", "pool", "apart", "-", "borough"),
        ),
    ),
    Argument(
        "retained-savings",
        (
            DEFICIT,
            RESCUE,
            RESERVES,
            Row("Spent before it lapses, ten years", "year_end_spending"),
            Row("Clawed back, ten years", "clawback"),
            CENTRE,
        ),
        (("kept", "taken"),),
        (
            Claim("reserves_end", "kept", "taken", "+"),
            Claim("p_rescue_needed_above_1_percent", "kept", "taken", "-"),
            Claim("central_cost", "kept", "taken", "+"),
        ),
        behaving=(
            Claim("net_deficit", "kept", "taken", "-"),
            Claim("central_cost", "kept", "taken", "-"),
        ),
    ),
    Argument(
        "new-burdens",
        (DEFICIT, RESCUE, UNMET, CENTRE, HOSPITAL, BUYER, BOROUGH),
        (("doctrine", "unfunded"), ("funded", "unfunded")),
        (
            Claim("net_deficit", "doctrine", "unfunded", "-"),
            Claim("net_deficit", "funded", "unfunded", "-"),
            Claim("unmet", "doctrine", "unfunded", "-"),
            Claim("unmet", "funded", "doctrine", "0"),
            Claim("central_cost", "doctrine", "unfunded", "+"),
            Claim("central_cost", "funded", "doctrine", "+"),
        ),
    ),
    Argument(
        "local-tax",
        (TAX, UNMET, DEFICIT, RESCUE, CENTRE, HOSPITAL, BOROUGH),
        (("rises", "none"), ("reversible", "rises")),
        (
            Claim("extra_local_tax", "rises", "none", "+"),
            Claim("unmet", "rises", "none", "-"),
            Claim("p_rescue_needed_above_1_percent", "rises", "none", "0"),
            Claim("own_balance", "rises", "none", "+", "borough"),
            Claim("own_balance", "rises", "none", "-", "hospital"),
            Claim("extra_local_tax", "reversible", "rises", "-"),
            Claim("unmet", "reversible", "rises", "+"),
        ),
    ),
    Argument(
        "wrong-pockets",
        (
            Row("Spent on the project", "project_outlay"),
            Row("Avoided by it, ten years", "project_benefit"),
            HOSPITAL,
            BOROUGH,
            DEFICIT,
        ),
        (("pool_five", "pool_five_none"),),
        (
            Claim("project_outlay", "apart_five", "apart", "0"),
            Claim("project_outlay", "pool", "apart", "0"),
            Claim("project_outlay", "pool_five", "apart", "+"),
            Claim("own_balance", "pool_five", "pool_five_none", "+", "hospital"),
            Claim("own_balance", "pool_five", "pool_five_none", "-", "borough"),
            Claim("net_deficit", "pool_five", "pool_five_none", "-"),
        ),
    ),
    Argument(
        "prevention",
        (
            Row("Spent on early action, ten years", "prevention"),
            HOSPITAL,
            DEFICIT,
            UNMET,
            RESERVES,
            CENTRE,
        ),
        (("own", "none"), ("fund", "none")),
        (
            Claim("own_balance", "fund", "none", "+", "hospital"),
            Claim("unmet", "fund", "none", "-"),
            Claim("reserves_end", "fund", "none", "+"),
            Claim("central_cost", "fund", "none", "+"),
            Claim("unmet", "own", "none", "-"),
            Claim("reserves_end", "own", "none", "-"),
        ),
    ),
    Argument(
        "forced-balance",
        (DEFICIT, RESCUE, UNMET, Row("Left unpaid, ten years", "unresolved"), RESERVES, CENTRE),
        (("forced", "rescued"),),
        (
            Claim("net_deficit", "forced", "rescued", "-"),
            Claim("unmet", "forced", "rescued", "+"),
            Claim("unresolved", "forced", "rescued", "+"),
            Claim("central_cost", "forced", "rescued", "-"),
        ),
        behaving=(
            Claim("net_deficit", "forced", "rescued", "-"),
            Claim("unmet", "forced", "rescued", "+"),
            Claim("central_cost", "forced", "rescued", "-"),
        ),
        harm=True,
    ),
    Argument(
        "the-pot",
        (
            DEFICIT,
            Row("Bailouts granted, ten years", "bailout"),
            Row("Refused, ten years", "refused"),
            Row("Cut from all, ten years", "next_year_cut"),
            Row("First place: cut less bailouts", "paid_for_others", "First"),
            Row("Second place: cut less bailouts", "paid_for_others", "Second"),
            Row("Third place: cut less bailouts", "paid_for_others", "Third"),
            CENTRE,
        ),
        (("finite", "open"), ("devolved", "finite")),
        (
            Claim("net_deficit", "finite", "open", "+"),
            Claim("refused", "finite", "open", "+"),
            Claim("central_cost", "finite", "open", "-"),
            Claim("paid_for_others", "devolved", "finite", "-", "Second"),
            Claim("paid_for_others", "devolved", "finite", "+", "Third"),
            Claim("paid_for_others", "devolved", "finite", "+", "First"),
        ),
    ),
)
BY_NAME = {one.name: one for one in ARGUMENTS}


class Measured:
    """An argument's study, run; values and paired differences by row."""

    def __init__(self, argument: Argument, study: Study) -> None:
        self.argument, self.study = argument, study
        self.results = riskmc.run(study, keep="all")
        asked = (*argument.rows, *argument.claims, *argument.behaving)
        names = [row for row in asked if row.name in _HEADLINE]
        bodies = dict.fromkeys(row.body for row in names)
        self._watched = {
            body: watch(study, _names(names, body), organisation=body) for body in bodies
        }

    def single(self, name: str, body: str, regime: str, against: str | None = None) -> Single:
        """Return a value, or its paired difference from another regime's."""
        if name in _HEADLINE:
            watched = self._watched[body]
            other = None if against is None else (watched, against)
            return watched.estimate(name, regime, other).single()
        if name == "paid_for_others":
            found = paid_for_others(self.results, regime=regime, against=against)
            found = found.sel(where=body)
        else:
            take = {"organisation": body, "regime": regime, "against": against}
            found = amount_mean(self.results, variable=name, over="horizon", **take)
        (value,), (mcse,) = found["value"].values.ravel(), found["mcse"].values.ravel()
        low, high = found["low"].item(), found["high"].item()
        return Single(value=value, mcse=mcse, low=low, high=high, bound=found["bound"].item(),
                      units=found["units"].item())  # fmt: skip

    def table(self) -> str:
        """Return a table in Markdown: each row's values, then its paired differences."""
        alone = self.argument.alone
        shown = tuple(self.study.regimes) if alone is None else alone
        label = {name: regime.label for name, regime in self.study.regimes.items()}
        pairs = self.argument.pairs
        heads = [label[name] for name in shown]
        heads += [f"{label[a]}, less {lower_first(label[b])}" for a, b in pairs]
        lines = [f"| | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
        for row in self.argument.rows:
            cells = [self._cell(row, name) for name in shown]
            cells += [self._cell(row, a, b) for a, b in pairs]
            lines.append(f"| {row.label} | {' | '.join(cells)} |")
        return "\n".join(lines)

    def _cell(self, row: Row, regime: str, against: str | None = None) -> str:
        found = self.single(row.name, row.body, regime, against)
        chance = row.name in _HEADLINE and horizon_measure(row.name).kind == "probability"
        if abs(found.value) < _NIL and not found.mcse > _NIL and not chance:
            return "nil"
        return format_estimate(
            found.value,
            found.mcse if found.mcse > 0.0 else float("nan"),
            style="percent" if chance else "money",
            bound=found.bound,
            units=found.units,
            difference=against is not None,
        )

    def harm(self) -> str:
        """Return the two readings of what the cuts in services may do, by regime."""
        found = service_harm(self.results).sel(organisation=PLACE)
        lines = ["| | Unmet need, share of cost | " + " | ".join(found["label"].values) + " |"]
        lines += ["| --- | ---: |" + " ---: |" * found.sizes["reading"]]
        for name, regime in self.study.regimes.items():
            one = found.sel(regime=name)
            value, mcse = float(one["unmet_share_value"]), float(one["unmet_share_mcse"])
            share = format_estimate(value, mcse, style="percent") if value else "nil"
            cells = [_range(one["rise"].sel(reading=r).values) for r in one["reading"].values]
            lines.append(f"| {regime.label} | {share} | {' | '.join(cells)} |")
        return "\n".join(lines)

    def broken(self, claims: Sequence[Claim]) -> list[str]:
        """Return claims that the numbers do not bear, in words."""
        found = []
        for claim in claims:
            one = self.single(claim.name, claim.body, claim.a, claim.b)
            sign = "+" if one.low > _NIL else "-" if one.high < -_NIL else "0"
            if sign != claim.sign:
                found.append(f"{claim}: {one.value:.4g} ({one.low:.4g} to {one.high:.4g})")
        return found


def _names(rows: Sequence[Row | Claim], body: str) -> list[str]:
    return list(dict.fromkeys(row.name for row in rows if row.body == body))


def _range(bounds: Sequence[float]) -> str:
    low, high = (100.0 * float(x) for x in bounds)
    return "nil" if high == 0.0 else f"{low:g} to {high:g} % more avoidable deaths"


def measured(argument: Argument, *, behaviour: bool = False) -> Measured:
    """Return an argument's study, run; with the behaviour that it assumes where asked."""
    study = load_study(FOLDER / f"{argument.name}.toml")
    return Measured(argument, study.with_behaviour() if behaviour else study)


def tables(argument: Argument) -> dict[str, str]:
    """Return what a page shows between its marks."""
    off = measured(argument)
    foot = (
        f"£m, means and chances over {off.study.draws:,} futures, seed {off.study.seed}. Behind ±: "
        "one standard error of simulation. Differences are taken future by future."
    )
    found = {"numbers": f"{off.table()}\n\n{foot}"}
    if off.study.behaviour:
        found["behaviour"] = measured(argument, behaviour=True).table()
    if argument.harm:
        found["harm"] = off.harm()
    return found
