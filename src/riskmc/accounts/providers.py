"""NHS providers: which trusts drew support, and the position of the sector."""

from __future__ import annotations

from functools import cache

from riskmc.accounts.tables import SHIPPED, read_table

#: NHS trusts and foundation trusts in 2016/17, of which those without loans have no row.
TRUSTS = 236


@cache
def trusts_drawing(year: str) -> frozenset[str]:
    """Return the trusts that drew interim revenue loans in a year, of `TRUSTS` in all.

    Parameters
    ----------
    year : str
        Such as "2015/16".

    Returns
    -------
    frozenset of str
        Names of trusts; empty for a year that the table does not hold.

    References
    ----------
    - DHSC, lists of interim revenue loans to NHS trusts and foundation trusts, 2016/17 and 2017/18;
      Open Government Licence v3.0.
    """
    table = read_table(SHIPPED / "trust-interim-loans.csv", needed=("trust", "year", "drawn_gbp_k"))
    return frozenset(
        row.text("trust")
        for row in table.rows
        if row.year() == year and row.number("drawn_gbp_k") > 0.0
    )


@cache
def provider_series(series: str) -> dict[str, float]:
    """Return a series of all providers in England by year, surplus positive.

    Parameters
    ----------
    series : str
        Name of the series, as `provider-sector.csv` has it.

    Returns
    -------
    dict of str to float
        By year [£m]; empty for an unknown series.

    References
    ----------
    - As the column `source` of `provider-sector.csv` says, row by row.
    """
    table = read_table(
        SHIPPED / "provider-sector.csv", needed=("year", "series", "value_gbp_m", "source")
    )
    return {
        row.year(): row.number("value_gbp_m") for row in table.rows if row.text("series") == series
    }
