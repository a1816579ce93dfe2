"""What a study asks of `riskmc run` as well as its reports: scenarios in short, the last paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskmc.errors import InputError, RiskmcError

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.cli.outputs import OutputRequest
    from riskmc.study import Study

#: Measures of the short table.
_SHORT = {
    "net_deficit": "deficit",
    "p_rescue_needed_above_1_percent": "large rescue",
    "unmet": "need left unmet",
}


def check_previous(study: Study, folder: Path) -> None:
    """Raise InputError, before anything is run, where the last paper's results cannot be read."""
    if study.report is None or study.report.previous is None:
        return
    from riskmc.results import open_results

    path = folder / study.report.previous
    try:
        if path.suffix != ".toml":
            open_results(path).close()
        elif not path.is_file():
            raise InputError(f"{path} does not exist")
    except RiskmcError as error:
        raise InputError(f"[report] previous: {error}") from None


def scenarios_of(making: OutputRequest) -> xr.Dataset | None:
    """Return the study's scenarios alongside its main run; None where it has none."""
    from riskmc.report.sides.asked import scenario_results

    view = making.view
    if not view.study.scenarios:
        return None
    if making.has_report:
        asked = making.report.facts.asked
        return None if asked is None else asked.scenarios
    return scenario_results(view)


def scenario_text(found: xr.Dataset) -> str:
    """Return what each scenario changes as a short table for the terminal."""
    from riskmc.cli.printing import text_table
    from riskmc.words.estimates import estimate_text

    def change(one: xr.Dataset) -> str:
        unit, scheme = str(one["unit"].item()), str(found.attrs["scheme"])
        return estimate_text(one, "change_", unit=unit, scheme=scheme)

    shown = [name for name in _SHORT if name in found["measure"].values]
    rows = []
    for setting in found["setting"].values.tolist()[1:]:
        for regime in found["regime"].values.tolist():
            one = found.sel(setting=setting, regime=regime)
            rows.append([setting, regime, *(change(one.sel(measure=name)) for name in shown)])
    heads = ["Scenario: change from the study", "rules", *(_SHORT[name] for name in shown)]
    draws = f"On the same first {found.attrs['draws']:,} futures; £m; ± one standard error."
    return f"{text_table(heads, rows)}\n{draws}"


def scenario_rows(found: xr.Dataset) -> list[dict[str, Any]]:
    """Return what each scenario changes, for JSON."""
    names = ("change_value", "change_mcse", "change_low", "change_high", "value", "mcse")
    rows = []
    for setting in found["setting"].values.tolist()[1:]:
        for regime in found["regime"].values.tolist():
            for measure in found["measure"].values.tolist():
                one = found.sel(setting=setting, regime=regime, measure=measure)
                numbers = {name: _number(float(one[name])) for name in names}
                rows.append({"scenario": setting, "regime": regime, "measure": measure, **numbers})
    return rows


def _number(value: float) -> float | None:
    return value if value == value else None
