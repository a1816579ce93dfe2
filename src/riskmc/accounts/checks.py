"""Checks of the tables that ship: `python -m riskmc.accounts.checks` says what it found.

Each check names what would be wrong; totals are the national sums published with the returns.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

from riskmc.accounts.councils import DISTRICT, council_accounts
from riskmc.accounts.providers import TRUSTS, provider_series, trusts_drawing

COUNCILS, DISTRICTS, YEARS = 353, 201, 6
#: £bn, all councils: net revenue expenditure, and usable reserves at the year's end.
TOTALS = {
    "2010/11": (41.251, 11.615),
    "2011/12": (41.469, 13.162),
    "2012/13": (40.779, 14.692),
    "2013/14": (42.106, 16.159),
    "2014/15": (41.748, 17.061),
    "2015/16": (40.743, 17.184),
}
#: Trusts drawing in 2016/17, in 2017/18 and in both.
DREW, DREW_NEXT, DREW_BOTH = 94, 94, 84


def faults() -> Iterator[str]:
    """Yield what is wrong with the tables that ship; nothing where all is well."""
    accounts = council_accounts()
    districts = sum(kind == DISTRICT for kind in accounts.classes)
    if accounts.expenditure.shape != (COUNCILS, YEARS) or districts != DISTRICTS:
        yield f"councils: {accounts.expenditure.shape}, {districts} districts"
    if set(accounts.classes) != {"SD", "L", "MD", "UA", "SC"}:
        yield f"councils: classes {sorted(set(accounts.classes))}"
    if len(set(accounts.names)) != COUNCILS:
        yield "councils: a name appears twice"
    if np.any(accounts.opening < 0.0) or np.any(accounts.closing < 0.0):
        yield "councils: reserves below 0"
    for place, year in enumerate(accounts.years):
        sums = (accounts.expenditure[:, place].sum(), accounts.closing[:, place].sum())
        for what, found, published in zip(("NRE", "reserves"), sums, TOTALS[year], strict=True):
            if abs(found / 1000.0 - published) > 0.001:
                yield f"councils: {what} of {year} sums to £{found / 1000.0:.3f}bn"
    first, second = trusts_drawing("2016/17"), trusts_drawing("2017/18")
    counts = (len(first), len(second), len(first & second))
    if counts != (DREW, DREW_NEXT, DREW_BOTH) or len(first | second) > TRUSTS:
        yield f"trusts: {counts} drew"
    if list(provider_series("reported")) != [f"{y}/{y - 1999}" for y in range(2012, 2019)]:
        yield "providers: the reported position lacks a year"


def main() -> int:
    """Print the faults; return 1 where there is one."""
    found = list(faults())
    sys.stdout.write("\n".join(found or ["the tables that ship are whole"]) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
