"""The centre compiled: its pot, its list, what it gives back, under one regime."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskmc.engine.compiling import Step, by_body, column, in_year, steps_of
from riskmc.rules.money import Money
from riskmc.study import Regime, Study
from riskmc.study.centre import Windfall


@dataclass(frozen=True)
class WindfallRules:
    """What the centre gives after deficits; `named` is 1 for bodies that count, None for all.

    `equal` is each body's part where what it is shared by sums to 0.
    """

    share: tuple[float, ...]
    above: tuple[float, ...]
    lasting: float
    opening: float
    named: Money | None
    equal: Money


@dataclass(frozen=True)
class Centre:
    """The centre of a regime; by year, or by organisation (organisation, 1).

    `exposed` is 1 for bodies exposed to cuts in a year, `exposed_equal` their equal parts;
    `written_off` the share of debts that goes at the end of each year.
    """

    pot: tuple[float | None, ...]
    excess: tuple[tuple[Step, ...], ...]
    all_capital: float
    capital_share: Money
    exposed: tuple[Money, ...]
    exposed_equal: tuple[Money, ...]
    windfall: WindfallRules | None
    written_off: tuple[float, ...]


def compile_centre(study: Study, regime: Regime) -> Centre | None:
    """Return what a regime's centre does; None where the regime says nothing of it."""
    rules = regime.centre
    if rules is None:
        return None
    cuts = by_body(study, regime, "in_year_cuts")
    exposed = tuple(
        column([float(in_year(x, year) == "exposed") for x in cuts]) for year in range(study.years)
    )
    capital = column([body.capital for body in study.organisations])
    off = rules.write_off
    return Centre(
        pot=tuple(in_year(rules.pot, year) for year in range(study.years)),
        excess=steps_of(rules.excess, study.years),
        all_capital=float(capital.sum()),
        capital_share=capital / max(float(capital.sum()), np.finfo(float).tiny),
        exposed=exposed,
        exposed_equal=tuple(some / max(float(some.sum()), 1.0) for some in exposed),
        windfall=None if rules.windfall is None else _windfall(study, rules.windfall),
        written_off=tuple(
            off.share if off is not None and off.year == label else 0.0
            for label in study.year_labels
        ),
    )


def _windfall(study: Study, rules: Windfall) -> WindfallRules:
    to = rules.to
    counts = column(
        [float(to is None or body.kind in to or body.id in to) for body in study.organisations]
    )
    return WindfallRules(
        share=tuple(in_year(rules.share, year) for year in range(study.years)),
        above=tuple(in_year(rules.above, year) for year in range(study.years)),
        lasting=rules.lasting,
        opening=rules.opening,
        named=None if to is None else counts,
        equal=counts / max(float(counts.sum()), 1.0),
    )
