"""Councils' accounts as arrays: council by year, £m, in the order of the file's codes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.accounts.tables import SHIPPED, Row, Table, read_table
from riskmc.errors import InputError, counted

Array = NDArray[np.float64]

#: The council table's money columns, £ thousand; `read_accounts` needs every one.
NRE = "net_revenue_expenditure_gbp_k"
EARMARKED = ("earmarked_reserves_open_gbp_k", "earmarked_reserves_close_gbp_k")
UNALLOCATED = ("unallocated_reserves_open_gbp_k", "unallocated_reserves_close_gbp_k")
MONEY = (NRE, *EARMARKED, *UNALLOCATED)
NEEDED = ("council", "year", *MONEY)
#: Class of the return that districts have; every other class is upper tier.
DISTRICT = "SD"
#: How alike two names are that differ by a slip of the pen: "Sheffeild", not "Nowhere", "Rother".
_SLIP = 0.85
#: Unlike any other council, so in no estimate: the City of London and the Isles of Scilly.
UNLIKE_ANY_OTHER = ("E09000001", "E06000053")
TIERS = ("upper", "district", "all")


@dataclass(frozen=True, eq=False)
class Accounts:
    """Accounts of councils, complete: every council has every year.

    Attributes
    ----------
    names, codes, classes : tuple of str
        By council; `codes` are unique (a table without codes has its names there).
    years : tuple of str
        Financial years, in order, none left out.
    expenditure : ndarray
        Net revenue expenditure, £m, shape (council, year).
    opening, closing : ndarray
        Usable reserves (earmarked and unallocated) by the same return, £m, (council, year).
    unallocated : ndarray
        The unallocated part of `closing`, £m, (council, year).

    References
    ----------
    - docs/calibration.md, "The tables".
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    classes: tuple[str, ...]
    years: tuple[str, ...]
    expenditure: Array
    opening: Array
    closing: Array
    unallocated: Array

    @property
    def change(self) -> Array:
        """Closing less opening reserves of the same return, £m: restatements stay out."""
        return self.closing - self.opening

    @property
    def change_share(self) -> Array:
        """The change of reserves as a share of the year's net expenditure."""
        return self.change / self.expenditure

    @property
    def opening_share(self) -> Array:
        """Opening reserves as a share of the year's net expenditure."""
        return self.opening / self.expenditure

    def until(self, year: str) -> Accounts:
        """Return the accounts to the end of `year`: what was known at that year's close.

        Parameters
        ----------
        year : str
            Such as "2015/16".

        Returns
        -------
        Accounts
            From the first year to that one.

        Raises
        ------
        InputError
            Where the accounts do not hold the year.
        """
        return self.between(self.years[0], year)

    def between(self, first: str, last: str) -> Accounts:
        """Return the accounts of the years from `first` to `last`, both included.

        Parameters
        ----------
        first, last : str
            Such as "2011/12" and "2015/16".

        Returns
        -------
        Accounts
            Of the same councils.

        Raises
        ------
        InputError
            Where the accounts do not hold one of them.
        """
        for year in (first, last):
            if year not in self.years:
                held = f"{self.years[0]} to {self.years[-1]}"
                raise InputError(f"accounts: no year '{year}'; allowed: {held}")
        years = slice(self.years.index(first), self.years.index(last) + 1)
        return self._cut(years=self.years[years], by=(slice(None), years))

    def take(self, councils: Sequence[int] | NDArray[np.intp]) -> Accounts:
        """Return the accounts of some councils, by their place; one may be named more than once.

        Parameters
        ----------
        councils : sequence of int
            Positions of councils; one may be taken more than once.

        Returns
        -------
        Accounts
            In the order of `councils`.
        """
        places = [int(place) for place in councils]
        kept = replace(
            self,
            names=tuple(self.names[i] for i in places),
            codes=tuple(self.codes[i] for i in places),
            classes=tuple(self.classes[i] for i in places),
        )
        return kept._cut(years=self.years, by=(places, slice(None)))

    def tier(self, tier: str) -> Accounts:
        """Return the upper-tier councils, the districts, or all; never the two unlike any other.

        Parameters
        ----------
        tier : {"upper", "district", "all"}
            Which councils; never the City of London or the Isles of Scilly.

        Returns
        -------
        Accounts
            Of all years.

        Raises
        ------
        InputError
            For another tier.
        """
        if tier not in TIERS:
            raise InputError(f"tier: no tier '{tier}'; allowed: {', '.join(TIERS)}")
        wanted = {"upper": (False,), "district": (True,), "all": (True, False)}[tier]
        return self.take(
            [
                place
                for place, (code, kind) in enumerate(zip(self.codes, self.classes, strict=True))
                if code not in UNLIKE_ANY_OTHER and (kind == DISTRICT) in wanted
            ]
        )

    def steadied(self) -> Accounts:
        """Return the accounts with each council's middle net expenditure in every year.

        A district's net expenditure falls in a year by what it puts into reserves: by nine tenths
        at worst, so a year's own is no measure of its size. Of the years held, so that what came
        later moves nothing.

        Returns
        -------
        Accounts
            With the same `expenditure` in every year [£m].
        """
        middle = np.median(self.expenditure, axis=1, keepdims=True)
        return replace(self, expenditure=np.broadcast_to(middle, self.expenditure.shape).copy())

    def place(self, council: str) -> int:
        """Return the position of a council among the accounts.

        Parameters
        ----------
        council : str
            Its name or code.

        Returns
        -------
        int
            Counted from 0.

        Raises
        ------
        InputError
            Where there is none; the message has the nearest names.
        """
        key = _plain(council)
        for place, (name, code) in enumerate(zip(self.names, self.codes, strict=True)):
            if key in (_plain(name), _plain(code)):
                return place
        near = nearest_names(council, self.names)
        if near:
            hint = f"did you mean {' or '.join(repr(name) for name in near)}?"
        else:
            hint = self._known_by(key)
        raise InputError(f"no council '{council}' in the accounts; {hint}")

    def _known_by(self, key: str) -> str:
        """Return the names that a user may have meant: those with the same first letter."""
        alike = [name for name in self.names if _plain(name)[:1] == key[:1]]
        count = counted(len(self.names), "council")
        span = f"{count} by their names of {self.years[0]} to {self.years[-1]}"
        if not alike or len(alike) == len(self.names):
            return f"they hold {span}"
        return f"they hold {span}, with {key[:1].upper()}: {', '.join(sorted(alike))}"

    def _cut(self, *, years: tuple[str, ...], by: Any) -> Accounts:
        return replace(
            self,
            years=years,
            expenditure=self.expenditure[by],
            opening=self.opening[by],
            closing=self.closing[by],
            unallocated=self.unallocated[by],
        )


def nearest_names(wanted: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Return the names that hold `wanted` whole, then those that are a slip of the pen from it."""
    by_plain = {_plain(name): name for name in names}
    key = _plain(wanted)
    holding = [plain for plain in by_plain if len(key) > 3 and key in plain]
    close = difflib.get_close_matches(key, by_plain, n=most, cutoff=_SLIP)
    return [by_plain[plain] for plain in dict.fromkeys([*holding, *close])][:most]


def _plain(name: str) -> str:
    """Return a name as it is compared: letters and digits, without what a council is."""
    words = name.lower().replace("&", " and ").replace("-", " ").replace("'", "").split()
    dropped = {"council", "ua", "mbc", "cc", "bc", "dc", "lb", "the", "of", "city", "borough"}
    kept = [word for word in words if word not in dropped]
    return " ".join(kept or words)


@cache
def council_accounts() -> Accounts:
    """Return the accounts of English councils that ship: 353 councils, 2010/11 to 2015/16.

    References
    ----------
    - MHCLG (then DCLG), revenue outturn, summary (RS) returns by council, 2010/11 to 2015/16; Open
      Government Licence v3.0.
    - docs/calibration.md, "The tables".
    """
    return read_accounts(SHIPPED / "english-councils.csv.gz")


def read_accounts(path: str | Path) -> Accounts:
    """Read a table of councils' accounts in the columns of the one that ships.

    Parameters
    ----------
    path : path
        A CSV file, perhaps compressed (.gz), one row per council and year. Columns `ons_code`
        and `class` may be missing, others may be there.

    Returns
    -------
    Accounts
        The accounts of every council and year.

    Raises
    ------
    InputError
        Every fault at once, by row and column: a missing column, a cell that is no number, net
        expenditure that is not above 0, a council and year twice, a year left out.
    """
    table = read_table(Path(path), needed=NEEDED)
    cells = {}
    for row in table.rows:
        code = row.text("ons_code") or row.text("council")
        money = tuple(row.number(column) for column in MONEY)
        if money[0] <= 0.0:
            table.fault(row, NRE, "must be above 0")
        if (code, row.year()) in cells:
            table.fault(row, "year", f"{row.text('council')} has a second row for this year")
        cells[code, row.year()] = (row, money)
    years = tuple(sorted({year for _, year in cells if year}))
    codes = tuple(sorted({code for code, _ in cells}))
    _complete(table, cells, codes, years)
    table.refuse_faults()
    return _arrays(cells, codes, years)


def _complete(
    table: Table,
    cells: dict[tuple[str, str], tuple[Row, tuple[float, ...]]],
    codes: tuple[str, ...],
    years: tuple[str, ...],
) -> None:
    """Note every council that lacks a year, and years that do not follow one another."""
    if not cells:
        table.add("holds no rows")
        return
    starts = [int(year[:4]) for year in years]
    missing = set(range(min(starts), max(starts) + 1)) - set(starts) if starts else set()
    for start in sorted(missing):
        table.add(f"no council has a row for {start}/{(start + 1) % 100:02d}; leave no year out")
    for code in codes:
        lacking = [year for year in years if (code, year) not in cells]
        if lacking:
            table.add(f"council {code}: no row for {', '.join(lacking)}; each needs every year")


def _arrays(
    cells: dict[tuple[str, str], tuple[Row, tuple[float, ...]]],
    codes: tuple[str, ...],
    years: tuple[str, ...],
) -> Accounts:
    last = [cells[code, years[-1]][0] for code in codes]
    thousands = np.array([[cells[code, year][1] for year in years] for code in codes])
    nre, earmarked_open, earmarked_close, unallocated_open, unallocated_close = np.moveaxis(
        thousands / 1000.0, -1, 0
    )
    return Accounts(
        names=tuple(row.text("council") for row in last),
        codes=codes,
        classes=tuple(row.text("class") for row in last),
        years=years,
        expenditure=nre,
        opening=earmarked_open + unallocated_open,
        closing=earmarked_close + unallocated_close,
        unallocated=unallocated_close,
    )
