"""A replayed future as a story needs it: a figure for any body, or for the place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError
from riskmc.measures.reading import choose
from riskmc.results.contents import DRIVERS_GROUP, OUTCOMES, PLACE_GROUP
from riskmc.study import Holder, study_from_json
from riskmc.variables import HAPPENED, NET_DEFICIT, PLACE, YEAR

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]


class RiskCost(NamedTuple):
    """What a row of the risk register cost in a year [£m]."""

    name: str
    organisation: str
    cost: float


class Future:
    """One future: figures by name, regime, year (both counted from 0) and body.

    A body is an organisation's id or "place". ResultsError where the tree is not a replayed
    future.
    """

    def __init__(self, replayed: xr.DataTree) -> None:
        self.attributes = replayed.attrs
        if "draw" not in replayed.attrs or OUTCOMES not in replayed.children:
            raise ResultsError("this is not a replayed future: make one with riskmc.replay")
        self.study = study_from_json(str(replayed.attrs["study"]))
        self.regimes = tuple(self.study.regimes)
        self.years = self.study.year_labels
        self.bodies = (PLACE, *self.study.organisation_ids)
        self._outcomes = {
            str(name): values.transpose("regime", "year", "organisation").values
            for name, values in replayed[OUTCOMES].data_vars.items()
        }
        self._place = {
            str(name): values.transpose("regime", "year").values
            for name, values in replayed[PLACE_GROUP].data_vars.items()
        }
        self._drivers = {
            str(name): values.transpose("year", "organisation").values
            for name, values in replayed[DRIVERS_GROUP].data_vars.items()
        }
        self._taken = {
            str(name): values.transpose("regime", "year", "organisation").values
            for name, values in replayed["taken"].data_vars.items()
        }
        self._risks = replayed["risks"].to_dataset() if "risks" in replayed.children else None
        self.holders: list[tuple[Holder, ...]] = [
            regime.holders(self.study.organisations) for regime in self.study.regimes.values()
        ]

    def choose_body(self, organisation: str) -> str:
        """Return the body asked for; ResultsError for an unknown one."""
        return choose(organisation, self.bodies, "organisation")[0]

    def choose_regimes(self, regime: str | Sequence[str] | None) -> list[int]:
        """Return the places of the regimes asked for, all where None."""
        return [self.regimes.index(name) for name in choose(regime, self.regimes, "regime")]

    def members(self, body: str) -> list[int]:
        """Return the places of the organisations that a body is made of."""
        ids = self.study.organisation_ids
        return list(range(len(ids))) if body == PLACE else [ids.index(body)]

    def value(self, name: str, regime: int, year: int, body: str) -> float:
        """Return a variable; `net_deficit` of an organisation is its deficit."""
        if body == PLACE:
            return float(self._place[name][regime, year])
        own = "deficit" if name == NET_DEFICIT.name else name
        return float(self._outcomes[own][regime, year, self.members(body)[0]])

    def path(self, name: str, regime: int, body: str) -> list[float]:
        """Return a variable in every year."""
        return [self.value(name, regime, year, body) for year in range(len(self.years))]

    def driver(self, name: str, year: int, members: list[int]) -> Floats:
        """Return a driver in one year, of some organisations."""
        return np.asarray(self._drivers[name][year, members], dtype=float)

    def risks(self, year: int, members: list[int]) -> list[RiskCost] | None:
        """Return the risks that happened to these bodies in a year; None where not known."""
        if self._risks is None:
            return None
        ids = [self.study.organisation_ids[k] for k in members]
        labels = zip(
            self._risks["risk"].values,
            self._risks["organisation"].values,
            self._risks["cost"].transpose("risk", YEAR).values[:, year],
            strict=True,
        )
        return [RiskCost(str(n), str(k), float(c)) for n, k, c in labels if k in ids and c != 0.0]

    def holder(self, regime: int, body: str) -> Holder | None:
        """Return the pool that an organisation is in; None where it balances alone."""
        if body == PLACE:
            return None
        place = self.members(body)[0]
        mine = next(h for h in self.holders[regime] if place in h.members)
        return mine if len(mine.members) > 1 else None

    def happened(self, amount: float, regime: int, year: int, body: str) -> bool:
        """Say whether an amount counts as having happened: above 1e-9 of max(1, income)."""
        least = HAPPENED * max(1.0, self.value("income", regime, year, body))
        return not abs(amount) <= least

    def taken(self, instrument: str, regime: int, year: int, body: str) -> float:
        """Return what an instrument took, by the name that the engine noted it under.

        0 where the regime has no such instrument.
        """
        amounts = self._taken.get(instrument)
        if amounts is None:
            return 0.0
        return float(sum(amounts[regime, year, k] for k in self.members(body)))
