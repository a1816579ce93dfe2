"""A back-test run: every case forecast and scored, the scores summed up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.backtests.cases import Case
from riskmc.backtests.councils import council_cases
from riskmc.backtests.forecasts import council_forecast
from riskmc.backtests.plan import KINDS, Plan, read_plan
from riskmc.backtests.providers import sector_cases, trust_events
from riskmc.backtests.scores import (
    BANDS,
    CaseScores,
    bootstrap_error,
    brier,
    pit,
    reliability,
    score,
)

Array = NDArray[np.float64]

MODEL = "model"
#: Quantiles of the mean over units that are kept for the fan.
FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
_PIT_CLASSES = 10
_UNITS = {
    "council_reserves": "% of NRE",
    "council_forecast": "% of NRE",
    "provider_sector": "£m",
    "trusts_support": "share",
}


@dataclass(frozen=True, eq=False)
class Scored:
    """A case scored.

    Attributes
    ----------
    origin, target, horizon
        As in the case.
    scores : dict of str to CaseScores
        By forecast, the model first.
    pit_together : float
        Of the mean over all units: the part that all share.
    pit_apart : ndarray
        Of each unit less that mean, (unit,).
    fan : tuple of float
        Quantiles `FAN` of the mean over units.
    came : float
        The mean over units that came.
    chances : dict of str to dict of str to ndarray
        By event and forecast, the chance given to it, (unit,).
    happened : dict of str to ndarray
        By event, whether it came, (unit,).
    """

    origin: str
    target: str
    horizon: int
    scores: dict[str, CaseScores]
    pit_together: float
    pit_apart: Array
    fan: tuple[float, ...]
    came: float
    chances: dict[str, dict[str, Array]]
    happened: dict[str, Array]


@dataclass(frozen=True, eq=False)
class Backtest:
    """What a back-test found: cases, and the record that reports show.

    Attributes
    ----------
    plan : Plan
        What was forecast, and from when.
    cases : tuple of Scored
        Empty where events or years to come are forecast.
    events : tuple of dict
        `name`, `forecast`, `happened` (None where not yet known), `n`.
    forecasts : tuple of dict
        Rows of forecasts that others will score.

    References
    ----------
    - docs/backtests.md, "What is printed".
    """

    plan: Plan
    cases: tuple[Scored, ...]
    events: tuple[dict[str, Any], ...]
    forecasts: tuple[dict[str, Any], ...] = ()

    @property
    def unit(self) -> str:
        """Unit of scores, widths and errors."""
        return _UNITS[self.plan.what]

    def record(self) -> dict[str, Any]:
        """Return what `shipped_record` documents.

        Returns
        -------
        dict of str
            Title, unit, origins, scores, rivals and events, coverage in per cent.
        """
        head: dict[str, Any] = {
            "title": self.plan.title,
            "what": KINDS[self.plan.what],
            "unit": self.unit,
            "origins": [_day(origin) for origin in self.plan.origins],
            "until": self.plan.until,
        }
        events = {"events": [*self.events, *self._scored_events()]}
        if not self.cases:
            return head | events
        model = [case.scores[MODEL] for case in self.cases]
        covers = {band: [float(s.inside[band].mean()) * 100.0 for s in model] for band in BANDS}
        return {
            **head,
            "n": sum(len(s.crps) for s in model),
            "cases": len(model),
            "cover": {str(band): _mean(found) for band, found in covers.items()},
            "cover_lowest": min(covers[90]),
            "crps": _mean(s.crps.mean() for s in model),
            "crps_error": bootstrap_error([s.crps for s in model]),
            "width": _mean(s.width.mean() for s in model),
            "bias": _mean(s.error.mean() for s in model),
            "rivals": {name: self._rival(name) for name in self.plan.rivals},
            **events,
        }

    def _rival(self, name: str) -> dict[str, float | None]:
        differences = [
            case.scores[name].crps - case.scores[MODEL].crps
            for case in self.cases
            if name in case.scores
        ]
        return {
            "crps": _mean(case.scores[name].crps.mean() for case in self.cases),
            "behind_by": _mean(found.mean() for found in differences),
            "error": bootstrap_error(differences),
        }

    def _scored_events(self) -> Iterator[dict[str, Any]]:
        """Yield an event's mean chance and frequency over cases, with Brier scores."""
        for event in self.cases[0].happened if self.cases else ():
            happened = np.concatenate([case.happened[event] for case in self.cases])
            chances = self._chances(event)
            yield {
                "name": event,
                "forecast": float(chances[MODEL].mean()),
                "happened": float(happened.mean()),
                "n": happened.size,
                "brier": brier(chances[MODEL], happened),
                "brier_of_rivals": {
                    name: brier(chances[name], happened) for name in self.plan.rivals
                },
            }

    def _chances(self, event: str) -> dict[str, Array]:
        names = (MODEL, *self.plan.rivals)
        return {
            name: np.concatenate([case.chances[event][name] for case in self.cases])
            for name in names
        }

    def _reliability(self) -> Iterator[dict[str, Any]]:
        """Yield, by event and class of chance, what the model gave and what came."""
        for event in self.cases[0].happened if self.cases else ():
            happened = np.concatenate([case.happened[event] for case in self.cases])
            for row in reliability(self._chances(event)[MODEL], happened):
                yield {"event": event, **asdict(row)}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each case and forecast: the table that is written as CSV.

        Yields
        ------
        dict of str
            Origin, target, forecast, number, CRPS with its error, coverage in per cent, width and
            bias in `unit`.
        """
        for case in self.cases:
            for name, found in case.scores.items():
                yield {
                    "origin": case.origin,
                    "target": case.target,
                    "horizon": case.horizon,
                    "forecast": name,
                    "n": len(found.crps),
                    "crps": float(found.crps.mean()),
                    "crps_error": bootstrap_error([found.crps]),
                    **{f"cover_{b}": float(found.inside[b].mean()) * 100.0 for b in BANDS},
                    "width": float(found.width.mean()),
                    "bias": float(found.error.mean()),
                }

    def as_dict(self) -> dict[str, Any]:
        """Return everything that is written as JSON.

        Returns
        -------
        dict of str
            The record, every case, and what the page draws.
        """
        apart = [case.pit_apart for case in self.cases if len(case.pit_apart) > 1]
        edges = np.linspace(0.0, 1.0, _PIT_CLASSES + 1)
        counts = np.histogram(np.concatenate(apart), edges)[0].tolist() if apart else []
        return {
            "record": self.record(),
            "cases": list(self.rows()),
            "pit_together": [
                {"origin": c.origin, "target": c.target, "pit": c.pit_together} for c in self.cases
            ],
            "pit_apart_tenths": counts,
            "reliability": list(self._reliability()),
            "fan": [
                {
                    "origin": c.origin,
                    "target": c.target,
                    "came": c.came,
                    **{f"p{round(100 * p)}": v for p, v in zip(FAN, c.fan, strict=True)},
                }
                for c in self.cases
            ],
        }


def backtest(plan: str | Path | Plan, *, progress: Callable[[str], None] | None = None) -> Backtest:
    """Forecast from past origins, and score the forecasts against what came.

    Parameters
    ----------
    plan : path or Plan
        A plan, or the TOML file that holds one.
    progress : callable, optional
        Called with the name of each case as it is scored.

    Returns
    -------
    Backtest
        Scores by case and forecast; `record()` sums them up.

    Raises
    ------
    InputError, StudyError
        The plan, its table or its template are wrong.

    References
    ----------
    - Gneiting, T. and Raftery, A. E., Strictly proper scoring rules, prediction, and estimation,
      Journal of the American Statistical Association 102 (2007) 359-378: CRPS and Brier score.
    - Gneiting, T., Balabdaoui, F. and Raftery, A. E., Probabilistic forecasts, calibration and
      sharpness, Journal of the Royal Statistical Society B 69 (2007) 243-268: cover, width and PIT.
    - docs/backtests.md, "What is printed", "Rivals".
    """
    settled = plan if isinstance(plan, Plan) else read_plan(plan)
    if settled.what == "council_forecast":
        rows, events = council_forecast(settled)
        return Backtest(settled, (), tuple(events), tuple(rows))
    if settled.what == "trusts_support":
        return Backtest(settled, (), tuple(trust_events(settled)))
    cases = council_cases if settled.what == "council_reserves" else sector_cases
    return Backtest(settled, tuple(_scored(cases(settled), progress)), ())


def _scored(
    cases: Iterable[Case], progress: Callable[[str], None] | None = None
) -> Iterator[Scored]:
    for case in cases:
        if progress is not None:
            progress(f"{case.target} from {case.origin}")
        yield score_case(case)


def score_case(case: Case) -> Scored:
    """Score every forecast of a case."""
    model = case.ensembles[MODEL]
    together, came = model.mean(axis=0), float(case.came.mean())
    apart = pit(case.came - came, model - together) if len(case.units) > 1 else np.empty(0)
    return Scored(
        origin=case.origin,
        target=case.target,
        horizon=case.horizon,
        scores={name: score(case.came, values) for name, values in case.ensembles.items()},
        pit_together=float(pit(np.array([came]), together[None, :])[0]),
        pit_apart=apart,
        fan=tuple(float(value) for value in np.quantile(together, FAN)),
        came=came,
        chances={
            event: {
                name: np.asarray((values < level[:, None]).mean(axis=1), dtype=np.float64)
                for name, values in case.ensembles.items()
            }
            for event, level in case.below.items()
        },
        happened={
            event: (case.came < level).astype(np.float64) for event, level in case.below.items()
        },
    )


def _mean(values: Iterable[Any]) -> float:
    return float(np.mean([float(value) for value in values]))


def _day(year: str) -> str:
    """Return the last day of a financial year, in words."""
    return f"31 March {int(year[:4]) + 1}"
