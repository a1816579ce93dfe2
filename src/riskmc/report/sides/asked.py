"""What a study asks of its reports beyond the usual: the second run, on the same futures.

Scenarios, a bridge from the last paper, which rule does the work, money in real terms, and the
spread divided into chance and not knowing the parameters. Each stands alone: one that is refused
says why in words, and takes no other with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.errors import RiskmcError
from riskmc.measures.view import Results
from riskmc.report.sides.runs import DRAWS
from riskmc.study import Study
from riskmc.study.model import ReportSettings
from riskmc.variables import PLACE

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from riskmc.calibration.spread import Spread

Progress = Callable[[str], None]
#: Quantities whose spread is divided: name among the futures' values, label.
SPREAD_OF = {
    "deficit": "Deficit, all years",
    "unmet": "Need left unmet, all years",
    "reserves_end": "Reserves at the end",
}


@dataclass(frozen=True)
class SpreadOf:
    """The spread of one quantity under one set of rules, divided."""

    measure: str
    regime: str
    variable: str
    spread: Spread


@dataclass(frozen=True)
class Asked:
    """What was made of what the study asks for; None: not asked, or refused.

    scenarios    as `riskmc.scenarios` returns it
    bridge       as `riskmc.bridge` returns it, from the last paper
    attribution  as `riskmc.attribute` returns it
    real, cash   as `riskmc.real_terms` returns it; cash: neither deflated nor discounted
    spreads      of studies that draw parameters from a posterior
    refused      by part, why it could not be made
    """

    scenarios: xr.Dataset | None = None
    bridge: xr.Dataset | None = None
    attribution: xr.Dataset | None = None
    real: xr.Dataset | None = None
    cash: xr.Dataset | None = None
    spreads: tuple[SpreadOf, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


def asked_for(
    view: Results,
    *,
    body: str = PLACE,
    regimes: tuple[str, ...] = (),
    folder: Path | None = None,
    attribute: bool = False,
    made: Mapping[str, Mapping[str, NDArray[Any]]] | None = None,
    progress: Progress | None = None,
) -> Asked:
    """Make what the study of some results asks of its reports.

    Parameters
    ----------
    view : Results
        The main results.
    body : str
        Whose report it is.
    regimes : tuple of str
        The rules that the annex shows.
    folder : Path, optional
        What `previous` is relative to; default: where you are.
    attribute : bool
        Say which rule does the work even where the study does not ask for it.
    made : mapping, optional
        By regime, what each future came to, (chain, draw) by name.
    progress : callable, optional
        Given a line of what is done.
    """
    study, refused = view.study, dict[str, str]()
    settings = study.report or ReportSettings()
    say = progress or _nothing

    def tried(part: str, words: str, make: Callable[[], Any]) -> Any:
        say(words)
        try:
            return make()
        except RiskmcError as error:
            refused[part] = str(error)
            return None

    found: dict[str, Any] = {}
    if study.scenarios:
        found["scenarios"] = tried("scenarios", "scenarios", lambda: scenario_results(view, body))
    if settings.previous is not None:
        last = (folder or Path()) / settings.previous
        found["bridge"] = tried("bridge", "since the last paper", lambda: _bridge(last, view, body))
    wanted = settings.model_copy(update={"attribute": settings.attribute or attribute})
    ends = wanted.ends(list(study.regimes))
    if ends is not None:
        found["attribution"] = tried(
            "attribution", "which rule does the work", lambda: _attribution(view, body, ends)
        )
    if settings.real:
        both = tried("real", "real terms", lambda: _real(view, settings, body, regimes))
        found["real"], found["cash"] = both or (None, None)
    variables = posterior_variables(study)
    if variables and made:
        spreads = tried("spreads", "the spread", lambda: _spreads(view, variables[0], made))
        found["spreads"] = spreads or ()
    return Asked(**found, refused=refused)


def _nothing(words: str) -> None:
    """Say nothing."""


def _how(view: Results) -> dict[str, Any]:
    """Return which futures the runs meet: the first of the main run."""
    return {
        "draws": min(view.layout.total, DRAWS),
        "seed": int(view.tree.attrs.get("seed", view.study.seed)),
        "scheme": view.scheme,
    }


def scenario_results(view: Results, body: str = PLACE) -> xr.Dataset:
    """Return the study's scenarios on the first futures of its main run."""
    from riskmc.variants import scenarios

    return scenarios(view.study, organisation=body, **_how(view))


def _bridge(last: Path, view: Results, body: str) -> xr.Dataset:
    from riskmc.variants import bridge

    return bridge(last, view.tree, organisation=body)


def _attribution(view: Results, body: str, ends: tuple[str, str]) -> xr.Dataset:
    from riskmc.attribution import attribute

    return attribute(view.study, *ends, organisation=body, **_how(view))


def _real(
    view: Results, settings: ReportSettings, body: str, regimes: tuple[str, ...]
) -> tuple[xr.Dataset, xr.Dataset]:
    from riskmc.measures.prices import OWN_PRICES, real_terms

    where: dict[str, Any] = {"organisation": body, "regime": list(regimes) or None}
    real = real_terms(
        view,
        prices=settings.prices,
        deflator=OWN_PRICES if settings.deflator is None else settings.deflator,
        discount_rate=settings.discount_rate or 0.0,
        **where,
    )
    return real, real_terms(view, deflator=0.0, **where)


def posterior_variables(study: Study) -> list[str]:
    """Return the variables of posteriors that the study's drivers are drawn from."""
    scopes = [
        scope.parameters
        for driver in study.drivers.values()
        for scope in (driver.everyone, *driver.by.values())
    ]
    return list(dict.fromkeys(str(own["variable"]) for own in scopes if "variable" in own))


def _spreads(
    view: Results, variable: str, made: Mapping[str, Mapping[str, NDArray[Any]]]
) -> tuple[SpreadOf, ...]:
    from riskmc.calibration.spread import split_spread
    from riskmc.sampling.worlds import parameter_draws

    which = parameter_draws(
        view.study,
        variable,
        draws=view.layout.total,
        seed=int(view.tree.attrs["seed"]),
        scheme=view.scheme,
    )
    return tuple(
        SpreadOf(measure, regime, variable, split_spread(horizon[measure].ravel(), which))
        for regime, horizon in made.items()
        for measure in SPREAD_OF
        if horizon[measure].std() > 0.0
    )
