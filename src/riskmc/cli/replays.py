"""`riskmc replay`: one future as a story, or as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskmc.errors import InputError

if TYPE_CHECKING:
    import xarray as xr


@click.command("replay")
@click.argument("results", type=click.Path(path_type=Path))
@click.option("--draw", type=int, help="Number of the draw, counted from 0.")
@click.option("--worst", metavar="WHAT", help="The draw that shows the worst deficit, bailout ...")
@click.option("--median", metavar="WHAT", help="The median draw by deficit, bailout ...")
@click.option("--organisation", default="place", help="Body to follow [default: the place].")
@click.option("--regime", "regimes", multiple=True, help="Only this regime; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the future as JSON.")
def replay_command(
    results: Path,
    draw: int | None,
    worst: str | None,
    median: str | None,
    organisation: str,
    regimes: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show one future of RESULTS: year by year, under each regime side by side.

    RESULTS is a results.nc or the folder that holds it. WHAT is deficit, gross_deficit,
    rescue_needed, bailout, unresolved, unmet, local_tax, reserves, lowest_reserves or
    central_cost.

    \b
    Examples:
      riskmc replay reports/my-place --draw 4321
      riskmc replay reports/my-place --worst deficit --organisation acute
      riskmc replay reports/my-place --median bailout --regime current --json
    """  # noqa: D301
    if sum(choice is not None for choice in (draw, worst, median)) != 1:
        raise InputError("say which draw: one of --draw N, --worst WHAT, --median WHAT")
    from riskmc.replays import narrate, replay
    from riskmc.results import check_file, open_results

    check_file(results)
    stored = open_results(results)
    try:
        if draw is None:
            draw = _picked(stored, worst, median, organisation, regimes)
        future = replay(stored, draw=draw)
        story = narrate(future, organisation, regime=regimes or None)
    finally:
        stored.close()
    if as_json:
        click.echo(json.dumps(as_dict(future, organisation, regimes), ensure_ascii=False))
    else:
        click.echo(story, nl=False)


def _picked(
    stored: xr.DataTree,
    worst: str | None,
    median: str | None,
    organisation: str,
    regimes: tuple[str, ...],
) -> int:
    from riskmc.replays import median as middle_draw
    from riskmc.replays import worst as worst_draw

    asked: dict[str, Any] = {"regime": regimes or None, "organisation": organisation}
    if worst is not None:
        return worst_draw(stored, by=worst, **asked)
    return middle_draw(stored, by=median or "", **asked)


def as_dict(
    future: xr.DataTree, organisation: str = "place", regimes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a replayed future for scripts: every driver and variable, by year.

    `drivers[driver][organisation]`, `risks` that happened, `outcomes[regime][variable][body]`,
    each a list by year; of the place and every organisation, or of one organisation alone.
    """
    from riskmc.variables import PLACE

    attributes = future.attrs
    outcomes, place = future["outcomes"].to_dataset(), future["place"].to_dataset()
    everyone = [str(label) for label in outcomes["organisation"].values]
    bodies = everyone if organisation == PLACE else [organisation]
    by_regime: dict[str, Any] = {}
    for regime in regimes or outcomes["regime"].values.tolist():
        by_regime[regime] = {
            str(name): {
                body: _numbers(outcomes[name].sel(regime=regime, organisation=body))
                for body in bodies
            }
            for name in outcomes.data_vars
        }
        if organisation == PLACE:
            for name in place.data_vars:
                mine = by_regime[regime].setdefault(str(name), {})
                mine[PLACE] = _numbers(place[name].sel(regime=regime))
    drivers = future["drivers"].to_dataset()
    return {
        **{key: attributes[key] for key in ("title", "scheme", "agrees", "drivers_from")},
        **{key: int(attributes[key]) for key in ("seed", "draws", "draw", "chain")},
        "years": outcomes["year"].values.tolist(),
        "drivers": {
            str(name): {body: _numbers(drivers[name].sel(organisation=body)) for body in bodies}
            for name in drivers.data_vars
        },
        "risks": _risks(future, bodies),
        "outcomes": by_regime,
    }


def _risks(future: xr.DataTree, bodies: Sequence[str]) -> list[dict[str, Any]]:
    """Return the risks that happened, in order of the years."""
    if "risks" not in future.children:
        return []
    risks = future["risks"].to_dataset()
    return [
        {
            "year": str(year),
            "risk": str(risks["risk"].values[row]),
            "organisation": str(risks["organisation"].values[row]),
            "cost": float(cost),
        }
        for year in risks["year"].values
        for row, cost in enumerate(risks["cost"].sel(year=year).values)
        if cost != 0.0 and risks["organisation"].values[row] in bodies
    ]


def _numbers(values: xr.DataArray) -> list[float | bool | None]:
    """Return a path as JSON can hold it: it knows no NaN."""
    return [x if math.isfinite(x) else None for x in values.values.tolist()]
