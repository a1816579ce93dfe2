"""Titles of figures that show how likely something is."""

from __future__ import annotations

import math
from collections.abc import Sequence

from riskmc.figures.significance import at, compare_shares, compare_years, rank, with_error
from riskmc.figures.tables import (
    Difference,
    ExceedanceTable,
    IconTable,
    ReserveFanTable,
    Share,
    SurvivalTable,
    YearTable,
)
from riskmc.words.figure_text import (
    brief,
    capital,
    count_text,
    first_that_fits,
    lower_first,
    money,
    of_hundred,
    quoted,
    short_names,
    that_many,
)


def icon_array(*, table: IconTable) -> str:
    """Say in how many futures it happens, or under which regime in fewer."""
    return capital(
        _several(
            table.shares,
            table.difference,
            one=(f"{table.noun} in {{count}} futures", "{count} futures"),
            none=(f"No {lower_first(table.noun)} in any simulated future", "It never happens"),
            fewer=f"{table.noun} {{rarer}} under {{name}}",
            more=f"{table.noun} likeliest under {{name}}",
            noun=table.noun,
        )
    )


def _several(
    shares: Sequence[Share],
    difference: Difference | None,
    *,
    one: tuple[str, ...],
    none: tuple[str, ...],
    fewer: str,
    more: str,
    noun: str,
) -> str:
    """Return a title for chances of one or several regimes, from templates."""
    counts = [count_text(share.value, share.low, share.high) for share in shares]
    if all(share.value == 0.0 for share in shares):
        return first_that_fits(*none)
    if len(shares) == 1:
        return first_that_fits(*(form.replace("{count}", counts[0]) for form in one))
    kind, i = rank(shares, difference)
    name = quoted(short_names([share.label for share in shares])[i])
    low, high = (f(range(len(shares)), key=lambda k: shares[k].value) for f in (min, max))
    order = (high, low) if kind == "highest" else (low, high)
    against = f"{brief(counts[order[0]])} against {brief(counts[order[1]])} of 100"
    if kind == "open":
        return first_that_fits(
            f"{noun}: the regimes cannot be told apart", "The regimes cannot be told apart"
        )
    if counts[low] == counts[high]:
        return first_that_fits(
            f"{noun}: regimes differ by about 1 in 100 or less",
            "Regimes differ by about 1 in 100 or less",
        )
    ends = (brief(f"{of_hundred(shares[i].value)} of 100") for i in (low, high))
    about = "about " if any(" to " in count for count in counts) else ""
    both = f"{noun}: {about}{' to '.join(ends)} of 100, by regime"
    if kind == "differ":
        return first_that_fits(both, "The regimes differ")
    text = fewer if kind == "lowest" else more
    text = text.replace("{name}", name)
    text = text.replace("{rarer}", "rarer" if len(shares) == 2 else "rarest")
    text = text.replace("less often", "less often" if len(shares) == 2 else "least often")
    return first_that_fits(
        f"{text}: {against}", f"{text}: {against.removesuffix(' of 100')}", text, both, against
    )


def probability_by_year(*, table: YearTable) -> str:
    """Say when it is likeliest, or under which regime it is rarer, and in how many years."""
    series = table.series
    if all(v == 0.0 for one in series for v in one.value):
        return first_that_fits(
            f"No {lower_first(table.noun)} in any simulated year", "It never happens"
        )
    if len(series) == 1:
        shares = [at(series[0], t) for t in range(len(series[0].years))]
        peak = max(range(len(shares)), key=lambda t: shares[t].value)
        count = count_text(shares[peak].value, shares[peak].low, shares[peak].high)
        others = [share for t, share in enumerate(shares) if t != peak]
        alone = all(compare_shares(share, shares[peak]) > 0 for share in others)
        year = series[0].years[peak]
        return capital(
            first_that_fits(
                f"{table.noun} likeliest in {year}: {count} futures" if alone else "",
                f"{table.noun}: at most {count} futures in a year",
                f"At most {count} futures in a year",
            )
        )
    last = series[0].years[-1]
    if len(series) == 2:
        signs = compare_years(series[0], series[1], table.difference)
        names = short_names([one.label for one in series])
        return capital(_two_years(f"{table.noun} rarer", table.noun, signs, names, sense=1))
    noun = f"{table.noun} in {last}"
    return capital(
        _several(
            [at(one, -1) for one in series],
            None,
            one=("",),
            none=(f"No {lower_first(table.noun)} in {last}", f"Never in {last}"),
            fewer=f"{noun} {{rarer}} under {{name}}",
            more=f"{noun} likeliest under {{name}}",
            noun=noun,
        )
    )


def _two_years(
    better: str, noun: str, signs: Sequence[int], names: Sequence[str], *, sense: int
) -> str:
    """Return a title from the signs of second - first by year.

    `sense` is +1 where a smaller value is the better one, -1 where a larger one is.
    """
    years = len(signs)
    ahead = [sum(1 for s in signs if s == sense), sum(1 for s in signs if s == -sense)]
    if not any(ahead):
        return first_that_fits(
            f"{noun}: the regimes cannot be told apart", "The regimes cannot be told apart"
        )
    if all(ahead):
        return first_that_fits(
            f"{noun}: which regime does better depends on the year",
            "Which regime does better depends on the year",
        )
    best = 0 if ahead[0] else 1
    loosely = "most" if ahead[best] > years / 2 else "some"
    name = quoted(names[best])
    often = [f"{ahead[best]} of {years} years", f"{loosely} years"]
    if ahead[best] == years:
        often = ["every year"]
    return first_that_fits(
        *(f"{better} under {name} in {text}" for text in often),
        *(f"{better} under {name}, {text}" for text in often),
        *(f"{noun}: the regimes differ in {text}" for text in often),
        f"The regimes differ in {often[0]}",
    )


def survival(*, table: SurvivalTable) -> str:
    """Say in how many futures reserves last to the end, or under which regime longer."""
    series = table.series
    if all(v == 1.0 for one in series for v in one.value):
        return "Reserves last in every simulated future"
    if len(series) == 1:
        end = at(series[0], -1)
        count = count_text(end.value, end.low, end.high)
        last = series[0].years[-1]
        return first_that_fits(
            f"Reserves outlast {last} in {count} futures", f"Reserves last in {count} futures"
        )
    names = short_names([one.label for one in series])
    if len(series) == 2:
        signs = compare_years(series[0], series[1], table.difference)
        return _two_years("Reserves likelier to last", "Reserves", signs, names, sense=-1)
    kind, i = rank([at(one, -1) for one in series])
    name = quoted(names[i])
    last = series[0].years[-1]
    return first_that_fits(
        {
            "lowest": f"Reserves least likely to last under {name}",
            "highest": f"Reserves likeliest to last under {name}",
            "differ": f"How long reserves last differs by {last}",
            "open": f"Reserves to {last}: the regimes cannot be told apart",
        }[kind],
        f"How long reserves last differs by {last}",
    )


def reserve_fan(*, table: ReserveFanTable) -> str:
    """Say in how many futures reserves are exhausted by the end."""
    last = table.bands[0].years[-1]
    return _several(
        [at(series, -1) for series in table.exhausted],
        table.difference,
        one=(f"Reserves exhausted by {last} in {{count}} futures", "Exhausted in {count} futures"),
        none=("Reserves last in every simulated future",),
        fewer="Reserves run out less often under {name}",
        more="Reserves run out most often under {name}",
        noun="Reserves exhausted",
    )


def exceedance(*, table: ExceedanceTable) -> str:
    """Say how often the mark is exceeded; without one, what is not exceeded in 90 of 100."""
    if table.mark and table.beyond:
        mark = table.mark.label
        return capital(
            _several(
                table.beyond,
                table.difference,
                one=(
                    f"{table.noun} exceeds {mark} in {{count}} futures",
                    f"{table.noun} beyond the mark in {{count}} futures",
                    "Beyond the mark in {count} futures",
                ),
                none=(
                    f"{table.noun} never exceeds {mark} in any future",
                    "The mark is never exceeded",
                ),
                fewer=f"{table.noun} exceeds {mark} less often under {{name}}",
                more=f"{table.noun} exceeds {mark} most often under {{name}}",
                noun=f"{table.noun} beyond {mark}",
            )
        )
    return capital(_points(table))


def _points(table: ExceedanceTable) -> str:
    levels = list(table.curves[0].points)
    if not levels:
        return first_that_fits(
            f"How often each {lower_first(table.noun)} is exceeded", "Exceedance"
        )
    level = 0.9 if 0.9 in levels else levels[-1]
    shares = [
        with_error(curve.label, curve.points[level], curve.errors.get(level, math.nan))
        for curve in table.curves
    ]
    amounts = [money(c.points[level], mcse=c.errors.get(level, math.nan)) for c in table.curves]
    if len(shares) == 1:
        return first_that_fits(
            f"{table.noun} at most {amounts[0]} in {that_many(level)} futures",
            f"At most {amounts[0]} in {that_many(level)} futures",
        )
    kind, i = rank(shares)
    name = quoted(short_names([share.label for share in shares])[i])
    noun = f"P{level * 100:g} {lower_first(table.noun)}"
    if kind in ("open", "differ") or len(set(amounts)) == 1:
        return first_that_fits(
            f"{noun}: the regimes cannot be told apart"
            if kind == "open"
            else f"{noun} differs between the regimes",
            "The regimes cannot be told apart" if kind == "open" else "The regimes differ",
        )
    other = max(range(len(shares)), key=lambda k: shares[k].value)
    if kind == "highest":
        return first_that_fits(
            f"{noun} highest under {name}: {amounts[i]}", f"{noun} highest under {name}"
        )
    word = "lower" if len(shares) == 2 else "lowest"
    return first_that_fits(
        f"{noun} {word} under {name}: {amounts[i]} against {amounts[other]}",
        f"{noun} {word} under {name}",
        f"{noun} differs between the regimes",
    )
