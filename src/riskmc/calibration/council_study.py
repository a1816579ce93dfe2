"""A council's study from its accounts: what `riskmc new --council` writes."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from string import Template
from typing import Any

import numpy as np

from riskmc.accounts import Accounts, council_accounts
from riskmc.accounts.councils import DISTRICT
from riskmc.accounts.tables import SHIPPED
from riskmc.calibration.estimates import (
    FEWEST_COUNCILS,
    LEVEL,
    SMALLEST_LEVEL,
    Array,
    Estimates,
    estimate,
    own_scales,
)
from riskmc.calibration.pilot import OtherDrivers, other_drivers
from riskmc.calibration.planning import INCOME_TO_NRE, OutturnInputs, outturn_inputs
from riskmc.errors import counted

#: Districts are estimated from here on: business rates retention moved them apart.
DISTRICTS_FROM = "2013/14"
#: How a council's income divides, share of NRE: as in council.toml. Assumptions.
GRANT_SHARE, TAX_SHARE = 0.20, 0.80
CHARGES_SHARE = INCOME_TO_NRE - GRANT_SHARE - TAX_SHARE
YEARS = 5
_DISTRICT = """\
# WARNING: for districts such forecasts are weaker: of 201, the 90 % band of 2015/16 held 85 %
# (docs/how-right-is-it.md).
"""
#: Of the variance of the outturn, what is left at least once other drivers have theirs.
LEAST_LEFT, MOST_PERSISTENCE = 0.1, 0.6


@dataclass(frozen=True)
class OutturnRemainder:
    """What of the outturn is left once the study's other drivers have their part.

    Attributes
    ----------
    sd, shared, persistence, df : float
        Of `outturn_variance`, shares of planned income.
    contribution : ndarray
        Planned contribution to reserves, share of planned income, (year,).
    """

    sd: float
    shared: float
    persistence: float
    df: float
    contribution: Array


def council_study(council: str, accounts: Accounts | None = None, *, years: int = YEARS) -> str:
    """Return a study of a council, TOML with every figure commented, ready to run.

    Parameters
    ----------
    council : str
        Its name or code in the table.
    accounts : Accounts, optional
        Default: the table that ships.
    years : int
        Years of the study.

    Raises
    ------
    InputError
        No such council; says which are nearest.
    """
    table = council_accounts() if accounts is None else accounts
    place = table.place(council)
    own, estimates, why = own_estimates(table, place)
    alone = outturn_inputs(estimates, own, years=years)
    figures = _opening(own, years=years) | _words(own, shipped=accounts is None)
    neutral = {"sd": "1e-9", "df": "7.0", "shared": "0.0", "persistence": "0.0"}
    pilot_text = _fill(figures | neutral | {"contribution": "0.0"})
    others = other_drivers(tomllib.loads(pilot_text))
    left = what_is_left(alone, others)
    return _fill(figures | _outturn(left, alone, others, estimates, own, why))


def own_estimates(table: Accounts, place: int) -> tuple[Accounts, Estimates, str]:
    """Return a council's own accounts, estimates for it alone, and where they come from.

    What councils have in common comes from the table's councils of its tier, or, where they are
    fewer than ten, from England's; its own scale always from its own years.
    """
    district = table.classes[place] == DISTRICT
    tier = "district" if district else "upper"
    first = DISTRICTS_FROM if district and DISTRICTS_FROM in table.years else table.years[0]
    own = table.take([place]).between(first, table.years[-1])
    peers = table.tier(tier).between(first, table.years[-1])
    where = f"{counted(len(peers.codes), 'council')} of its tier in the same accounts"
    if len(peers.codes) < FEWEST_COUNCILS or len(peers.years) < 2:
        peers = council_accounts().tier(tier)
        peers = peers.between(DISTRICTS_FROM if district else peers.years[0], peers.years[-1])
        span = f"{peers.years[0]} to {peers.years[-1]}"
        where = f"{len(peers.codes)} English councils of its tier, {span}"
    if district:
        own, peers = own.steadied(), peers.steadied()
    common = estimate(peers)
    known = dict(zip(peers.years, common.national, strict=True))
    national = np.array([known.get(year, 0.0) for year in own.years])
    relative = 100.0 * own.change_share - national
    level = np.maximum(own.opening_share, SMALLEST_LEVEL)
    levelled = relative / (level / LEVEL) ** common.level_power
    scale = own_scales(levelled, scale=common.scale, prior_df=common.prior_df)
    estimates = replace(
        common,
        national=national,
        relative=relative,
        own_scale=scale,
        standardised=levelled / scale[:, None],
    )
    return own, estimates, where


def what_is_left(alone: OutturnInputs, others: OtherDrivers) -> OutturnRemainder:
    """Return the outturn's spread and contributions once other drivers have theirs.

    What they lose on average is planned for; their variance is taken off, a tenth left at least;
    persistence rises so that the whole keeps its own.
    """
    whole = float(alone.sd[0]) ** 2
    left = max(whole - others.variance, LEAST_LEFT * whole)
    national = max(whole * float(alone.shared[0]) - others.national, 0.0)
    return OutturnRemainder(
        sd=left**0.5,
        shared=min(national / left, 1.0),
        persistence=min(alone.persistence * whole / left, MOST_PERSISTENCE),
        df=alone.df,
        contribution=alone.contribution[0] - others.mean,
    )


def _opening(own: Accounts, *, years: int) -> dict[str, str]:
    nre, reserves = float(own.expenditure[0, -1]), float(own.closing[0, -1])
    start = int(own.years[-1][:4]) + 1
    return {
        "years": str(years),
        "start_year": f"{start}/{(start + 1) % 100:02d}",
        "end": str(start),
        "nre": f"£{nre:.1f}m",
        "cost": f"{nre * INCOME_TO_NRE:.3f}",
        "grant": f"{nre * GRANT_SHARE:.3f}",
        "local_tax": f"{nre * TAX_SHARE:.3f}",
        "charges": f"{nre * CHARGES_SHARE:.3f}",
        "reserves": f"{reserves:.3f}",
        "floor": f"{max(min(float(own.unallocated[0, -1]), reserves), 0.0):.3f}",
    }


def _words(own: Accounts, *, shipped: bool) -> dict[str, str]:
    name = own.names[0]
    source = "MHCLG revenue outturn (RS)" if shipped else "the table given"
    ident = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "council"
    return {
        "name": " ".join(name.split()),
        "title": json.dumps(name, ensure_ascii=False),
        "id": "the_council" if ident in ("council", "place") else ident,
        "first_year": own.years[0],
        "last_year": own.years[-1],
        "source": f"Accounts: {source}, as in the table of `riskmc calibrate`.",
        "warning": _DISTRICT if own.classes[0] == DISTRICT else "",
        "contribution_why": "",
        "sd_why": "",
        "df_why": "",
        "shared_why": "",
        "persistence_why": "",
    }


def _outturn(
    left: OutturnRemainder,
    alone: OutturnInputs,
    others: OtherDrivers,
    estimates: Estimates,
    own: Accounts,
    why: str,
) -> dict[str, str]:
    level = float(own.closing[0, -1] / own.expenditure[0, -1])
    own_scale = float(estimates.own_scale[0])
    contribution = ", ".join(f"{value:.4f}" for value in left.contribution)
    return {
        "sd": f"{left.sd:.4f}",
        "df": f"{left.df:.1f}",
        "shared": f"{left.shared:.2f}",
        "persistence": f"{left.persistence:.2f}",
        "contribution": f"[{contribution}]",
        "contribution_why": (
            f"the last national change ({estimates.national[-1]:+.2f} % of NRE), fading; the "
            "council's own habit; and\n# what the drivers below lose on average "
            f"({-100 * float(others.mean.mean()):.2f} % a year), which is planned for."
        ),
        "sd_why": (
            f"Its own scale is {own_scale:.2f} % of NRE at reserves of 30 % of NRE, from its own "
            f"{counted(len(own.years), 'year')} and\n# {why}.\n"
            f"# At its reserves of {100 * level:.0f} % of NRE, with the nation's part: "
            f"{100 * float(alone.sd[0]):.2f} % of income. The drivers below hold "
            f"{100 * others.variance**0.5:.2f} % of it\n"
            "# (the study run once without this one), which is taken off."
        ),
        "df_why": "how alike councils' scales are",
        "shared_why": f"{float(alone.shared[0]):.2f} of the whole, before the drivers below",
        "persistence_why": f"{alone.persistence:.2f} for the whole, which the drivers below lower",
    }


def _fill(figures: Mapping[str, Any]) -> str:
    text = (SHIPPED / "council-study.toml").read_text(encoding="utf-8")
    return Template(text).substitute(figures)
