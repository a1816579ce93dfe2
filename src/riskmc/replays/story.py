"""A replayed future in words and pounds: year by year, the regimes side by side."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from riskmc.engine.moves import working
from riskmc.replays.driver_words import what_happened
from riskmc.replays.future import Future
from riskmc.replays.replaying import TO_THE_BIT
from riskmc.replays.words import pounds
from riskmc.rules.register import INSTRUMENTS
from riskmc.variables import NET_DEFICIT, PLACE

if TYPE_CHECKING:
    import xarray as xr

_WIDTH = 100
_LABEL, _COLUMN = 42, 24
Kind = Literal["amount", "adverse", "outturn", "gap", "reserves", "pending", "flag"]
#: Words that go with a signed figure: (below 0, above 0), and which of the two is adverse.
_SIGNED: dict[Kind, tuple[str, str, int]] = {
    "outturn": (" overspend", " surplus", -1),
    "gap": (" headroom", " gap", 1),
    "reserves": (" overdrawn", "", -1),
    "pending": (" to be taken", " to come", -1),
}


@dataclass(frozen=True)
class Row:
    """A line of a year's table.

    `name` is a variable, the name of a figure in `_WORKED_OUT`, or what the engine noted an
    instrument's amount under; `always` prints it even
    where it is 0 under every regime.
    """

    label: str
    name: str
    kind: Kind = "amount"
    always: bool = False


def _taken(waterfall: str) -> tuple[Row, ...]:
    """Return a line for every instrument of a list that a replay shows."""
    return tuple(
        Row(row.label, working(row.waterfall, row.name), "adverse" if row.adverse else "amount")
        for row in INSTRUMENTS
        if row.waterfall == waterfall and row.shown
    )


_YEAR: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "The plan",
        (
            Row("Gap to close", "plan_gap", "gap", True),
            Row("savings asked for", "savings_planned"),
            *_taken("plan"),
            Row("not closed: planned deficit", "planned_deficit", "adverse"),
        ),
    ),
    (
        "From the centre, and from projects",
        (
            Row("given for last year's deficits", "windfall"),
            Row("cut to pay for last year's bailouts", "centre_cut", "adverse"),
            Row("conditional money earned", "conditional"),
            Row("outlay of projects, loans repaid", "project_outlay", "adverse"),
            Row("cost that projects avoid", "project_benefit"),
            Row("receipts kept", "receipts"),
        ),
    ),
    (
        "The outturn",
        (
            Row("Savings delivered", "savings_delivered"),
            Row("Balance after planned measures", "balance", "outturn", True),
            Row("own balance, before the pool shares", "own_outturn", "outturn"),
            Row("overspends before surpluses are set off", "gross", "adverse"),
            Row("Shortfall to be met, with what fell due", "to_find", "adverse"),
        ),
    ),
    (
        "Who met the shortfall",
        (
            *_taken("shortfall"),
            Row("asked of the centre: rescue needed", "rescue_needed", "adverse"),
            Row("nobody: unresolved", "unresolved", "adverse"),
        ),
    ),
    (
        "What was repaid, and what became of a surplus",
        (
            Row("repaid: what fell due, deficit, debt", "repaid"),
            Row("returned to the centre", "clawback"),
            Row("put into prevention, with the fund", "prevention"),
            *_taken("surplus"),
        ),
    ),
    (
        "At the end of the year",
        (
            Row("Need left unmet", "unmet", "adverse"),
            Row("Extra local tax paid this year", "local_premium"),
            Row("Deficit carried", "carried", "adverse"),
            Row("debt written off", "written_off"),
            Row("Debt from bailouts", "debt", "adverse"),
            Row("Loans for projects", "project_loans", "adverse"),
            Row("Grant adjustment pending", "pending", "pending"),
            Row("Reserves", "reserves", "reserves", True),
            Row("at the reserve floor: exhausted", "exhausted", "flag"),
        ),
    ),
)
#: Totals over the years, then stocks at the end.
_TOTALS = (
    Row("Net deficit", NET_DEFICIT.name, "adverse", True),
    Row("Savings delivered", "savings_delivered"),
    Row("Taken from reserves", "from_reserves"),
    Row("Rescue needed", "rescue_needed", "adverse", True),
    Row("Bailout granted", "bailout", "adverse", True),
    Row("Unresolved", "unresolved", "adverse"),
    Row("Need left unmet", "unmet", "adverse", True),
    Row("Extra local tax", "local_premium"),
    Row("Net cost to the centre", "central_cost"),
)
_AT_THE_END = (
    Row("Reserves at the end", "reserves", "reserves", True),
    Row("Deficit carried at the end", "carried", "adverse"),
    Row("Debt from bailouts at the end", "debt", "adverse"),
    Row("Grant adjustment pending at the end", "pending", "pending"),
)


def _own_outturn(future: Future, regime: int, year: int, body: str) -> float | None:
    """Return a pool member's own balance, None where the body balances alone."""
    own = future.value("own_balance", regime, year, body)
    return own if future.holder(regime, body) else None


def _gross(future: Future, regime: int, year: int, body: str) -> float | None:
    """Return the holders' deficits, None where no surplus elsewhere is set off against them."""
    gross = future.value("deficit", regime, year, body)
    net = future.value(NET_DEFICIT.name, regime, year, body)
    return gross if future.happened(gross - net, regime, year, body) else None


def _to_find(future: Future, regime: int, year: int, body: str) -> float | None:
    """Return the shortfall, None where it is the deficit and no more."""
    shortfall = future.value("shortfall", regime, year, body)
    deficit = future.value("deficit", regime, year, body)
    return shortfall if future.happened(shortfall - deficit, regime, year, body) else None


#: Figures that are not variables; None: not applicable.
_WORKED_OUT: dict[str, Callable[[Future, int, int, str], float | None]] = {
    "own_outturn": _own_outturn,
    "gross": _gross,
    "to_find": _to_find,
}


def narrate(
    replayed: xr.DataTree,
    organisation: str = PLACE,
    *,
    regime: str | Sequence[str] | None = None,
) -> str:
    """Describe a replayed future as a story: year by year, in words and pounds.

    Parameters
    ----------
    replayed : xarray.DataTree
        As `replay` gives it.
    organisation : str
        "place", or an organisation's id.
    regime : str or sequence of str, optional
        Which regimes to show side by side; default: all.

    Returns
    -------
    str
        For every year what happened, alongside what planners expected, then a column for each
        regime: the plan, the outturn, what each instrument absorbed, closing reserves. Money
        in £m; what is adverse is shown in brackets and is named. Totals and a sentence for each
        regime end it.

    Raises
    ------
    ResultsError
        An unknown organisation or regime; not a replayed future.
    """
    future = Future(replayed)
    body = future.choose_body(organisation)
    regimes = future.choose_regimes(regime)
    lines = list(_heading(future, body, regimes))
    for year, label in enumerate(future.years):
        lines += ["", label, "=" * len(label)]
        for sentence in what_happened(future, year, body, regimes):
            lines += _wrapped(sentence)
        lines += ["", *_columns(future, regimes)]
        for title, rows in _YEAR:
            lines += _section(future, title, rows, year, body, regimes)
    lines += ["", *_whole(future, body, regimes)]
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> list[str]:
    """Return a sentence in lines, no number separated from its sign."""
    tied = text.replace(" %", "\u00a0%")
    lines = textwrap.wrap(tied, _WIDTH, subsequent_indent="  ")
    return [line.replace("\u00a0", " ") for line in lines]


def _heading(future: Future, body: str, regimes: list[int]) -> Iterator[str]:
    attributes, study = future.attributes, future.study
    who = "the place as a whole" if body == PLACE else study.name_of(body)
    yield f"{study.title}: one future, for {who}"
    own = attributes.get("drivers_from", "the study") != "the study"
    source = (
        "user-supplied futures"
        if own
        else f"seed {attributes['seed']}, scheme {attributes['scheme']}"
    )
    number, total = int(attributes["draw"]), int(attributes["draws"])
    source = f"counted from 0; {source}"
    yield f"Draw {number:,} of {total:,} ({source}); replayed, {_agreement(future)}."
    yield "Money in £m, nominal. Adverse figures are shown in brackets."
    for r in regimes:
        holder = future.holder(r, body)
        if holder is not None:
            others = [future.study.organisation_ids[k] for k in holder.members]
            others.remove(body)
            text = (
                f"Under {_label(future, r)} it balances in the pool '{holder.name}' with "
                f"{', '.join(others)}: its plan, balance, shortfall and reserves are its share."
            )
            yield from _wrapped(text)


def _agreement(future: Future) -> str:
    agrees = str(future.attributes["agrees"])
    return "equal to the stored results to the bit" if agrees == TO_THE_BIT else agrees


def _label(future: Future, regime: int) -> str:
    return future.study.regimes[future.regimes[regime]].label


def _columns(future: Future, regimes: list[int]) -> Iterator[str]:
    """Yield the headings of the columns: the regimes' labels, wrapped."""
    headings = [textwrap.wrap(_label(future, r), _COLUMN - 2) for r in regimes]
    height = max(len(heading) for heading in headings)
    for i in range(height):
        cells = [([""] * (height - len(h)) + h)[i] for h in headings]
        yield _line("", cells)
    yield "-" * (_LABEL + _COLUMN * len(regimes))


def _line(label: str, cells: list[str]) -> str:
    return (label.ljust(_LABEL) + "".join(f"{cell:>{_COLUMN}}" for cell in cells)).rstrip()


def _section(
    future: Future, title: str, rows: tuple[Row, ...], year: int, body: str, regimes: list[int]
) -> Iterator[str]:
    """Yield the rows of a year in which something happened under some regime."""
    lines = []
    for row in rows:
        amounts = [_figure(future, row.name, r, year, body) for r in regimes]
        if row.always or any(amounts):
            lines.append(_line(f"  {row.label}", [_cell(x, row.kind) for x in amounts]))
    if lines:
        yield title
        yield from lines


def _figure(future: Future, name: str, regime: int, year: int, body: str) -> float | None:
    """Return a figure of a year; what does not count as having happened is 0."""
    if name in _WORKED_OUT:
        amount = _WORKED_OUT[name](future, regime, year, body)
    elif "." in name:
        amount = future.taken(name, regime, year, body)
    else:
        amount = future.value(name, regime, year, body)
    if amount is None or future.happened(amount, regime, year, body):
        return amount
    return 0.0


def _cell(amount: float | None, kind: Kind) -> str:
    """Return a figure as it is printed: adverse in brackets, a signed one with its word."""
    if amount is None:
        return "-"
    if kind == "flag":
        return "yes" if amount else "no"
    if not math.isfinite(amount):
        return "not finite"
    if amount == 0.0:
        return pounds(0.0) if kind in ("reserves", "outturn", "gap") else "-"
    if kind in _SIGNED:
        below, above, adverse = _SIGNED[kind]
        text = pounds(amount) if (amount > 0.0) != (adverse > 0) else f"({pounds(amount)})"
        return text + (above if amount > 0.0 else below)
    if kind == "adverse":
        return f"({pounds(amount)})"
    return f"minus {pounds(amount)}" if amount < 0.0 else pounds(amount)


def _whole(future: Future, body: str, regimes: list[int]) -> Iterator[str]:
    """Yield the totals over the years, and a sentence for each regime."""
    count = len(future.years)
    title = "The year as a whole" if count == 1 else f"The {count} years together"
    yield from (title, "=" * len(title), *_columns(future, regimes))
    for rows, over in ((_TOTALS, sum), (_AT_THE_END, _last)):
        for row in rows:
            amounts = [float(over(future.path(row.name, r, body))) for r in regimes]
            if row.always or any(not abs(amount) <= 1e-6 for amount in amounts):
                yield _line(f"  {row.label}", [_cell(amount, row.kind) for amount in amounts])
    for r in regimes:
        yield ""
        yield from _wrapped(_verdict(future, r, body))


def _last(path: list[float]) -> float:
    return path[-1]


def _verdict(future: Future, regime: int, body: str) -> str:
    """Say in a sentence or two how a regime fared."""
    years = range(len(future.years))

    def when(name: str) -> list[str]:
        return [
            future.years[year]
            for year in years
            if future.happened(future.value(name, regime, year, body), regime, year, body)
        ]

    overspent, rescued, granted = when(NET_DEFICIT.name), when("rescue_needed"), when("bailout")
    parts = [_in_years("overspent", "never overspent", overspent, len(years))]
    exhausted = [future.years[y] for y in years if future.value("exhausted", regime, y, body)]
    if exhausted:
        parts.append(f"reserves were exhausted first at the end of {exhausted[0]}")
    if rescued:
        needed = _in_years("a rescue was needed", "", rescued, len(years))
        given = f"in {len(granted)} of them" if len(rescued) > 1 else ""
        parts.append(f"{needed}, and {'granted ' + given if granted else 'never granted'}".rstrip())
    else:
        parts.append("no rescue was needed")
    for name, words in (("unresolved", "went unresolved"), ("unmet", "of need was left unmet")):
        if when(name):
            parts.append(f"{pounds(sum(future.path(name, regime, body)))} {words}")
    closing = _cell(future.value("reserves", regime, len(years) - 1, body), "reserves")
    parts.append(f"reserves ended at {closing}")
    return f"{_label(future, regime)}: {'; '.join(parts)}."


def _in_years(did: str, never: str, years: list[str], of: int) -> str:
    if not years:
        return never
    if len(years) == 1:
        return f"{did} in {years[0]}"
    return f"{did} in {len(years)} of {of} years, first in {years[0]}"
