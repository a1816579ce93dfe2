"""The second run: `sweep`, `solve`, `bridge` and `attribute`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from riskmc.cli.printing import check_folder
from riskmc.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study
    from riskmc.study.edits import Change

#: What every table of the second run says of its errors.
ERRORS = "± one Monte Carlo standard error: of having drawn so many futures, not of the model."
SIGNS = {"+": "shift", "*": "scale"}
_draws = click.option("--draws", type=click.IntRange(1), help="How many futures.")
_seed = click.option("--seed", type=click.IntRange(0), help="Seed of the draws.")
_workers = click.option("--workers", type=click.IntRange(1), help="Threads.")
_body = click.option(
    "--organisation", default="place", help="For one body [default: the whole place]."
)


def _folder(_: click.Context, __: click.Parameter, out: Path | None) -> Path | None:
    if out is not None:
        check_folder(out)
    return out


_out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    callback=_folder,
    help="Folder for the table (.csv) and the chart.",
)


@click.command("sweep")
@click.argument("study", type=click.Path(path_type=Path))
@click.option(
    "--over",
    "keys",
    multiple=True,
    required=True,
    metavar="KEY=a,b,c",
    help="Values of a figure; KEY+=a,b adds them to it, KEY*=a,b multiplies it. Several --over "
    "make a grid.",
)
@_body
@_draws
@_seed
@_workers
@_out
def sweep_command(study: Path, keys: tuple[str, ...], out: Path | None, **options: Any) -> None:
    """Run STUDY at several values of a figure, all on the same futures.

    \b
    Examples:
      riskmc sweep my-place.toml --over drivers.demand_growth.mean=0.02,0.03,0.04
      riskmc sweep my-place.toml --over "organisations.*.cost*=1,1.01,1.02" --out sweep
    """  # noqa: D301
    from riskmc.study import load_study
    from riskmc.study.edits import Change
    from riskmc.variants import sweep
    from riskmc.variants.charts import sweep_chart

    loaded = load_study(study)
    over: dict[str, list[Any]] = {}
    hows = set()
    for text in keys:
        key, how, values = swept(text)
        over[key] = values
        hows.add(how)
        say_kept(loaded, Change(key, values[0]))
    if len(hows) > 1:
        raise InputError("--over: use one of =, += and *= for all keys")
    found = sweep(loaded, over, how=hows.pop(), **options)
    written = "" if out is None else write(found, out, "sweep", sweep_chart)
    click.echo(f"{loaded.title}: {', '.join(over)}, on the same {found.attrs['draws']:,} futures")
    for regime in found["regime"].values.tolist():
        click.echo(f"\n{found['regime_label'].sel(regime=regime).item()}")
        click.echo(variants_table(found.sel(regime=regime)))
    click.echo(f"\n{ERRORS}")
    if out is not None:
        click.echo(written)


def say_kept(study: Study, change: Change) -> None:
    """Say which bodies a change for everyone does not reach."""
    from riskmc.study.edits import kept_scopes
    from riskmc.study.load import study_mapping

    for kept in kept_scopes(study_mapping(study), change):
        click.echo(f"riskmc: {kept} keeps its own value", err=True)


def swept(text: str) -> tuple[str, Any, list[Any]]:
    """Read `KEY=a,b,c`: the key, whether values set, shift or scale, and the values."""
    key, sign, typed = text.partition("=")
    if not sign or not key.strip() or not typed.strip():
        raise InputError(f"'{text}': write KEY=a,b,c, such as drivers.demand_growth.mean=0.02,0.03")
    key = key.strip()
    how = SIGNS.get(key[-1], "set")
    try:
        values = tomllib.loads(f"values = [{typed}]")["values"]
    except tomllib.TOMLDecodeError:
        values = [part.strip() for part in typed.split(",")]
    return key.rstrip("+*").strip() if how != "set" else key, how, values


@click.command("solve")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--for", "key", required=True, metavar="KEY", help="The figure; KEY+ to add to it.")
@click.option("--until", required=True, metavar="CONDITION", help='"P(rescue_needed) <= 0.1"')
@click.option(
    "--between",
    required=True,
    type=(float, float),
    metavar="LOW HIGH",
    help="The range that is searched.",
)
@click.option("--regime", help="Under which rules [default: the study's first].")
@_body
@_draws
@_seed
@_workers
def solve_command(study: Path, key: str, **options: Any) -> None:
    """Find the value of a figure at which a condition just holds, on the same futures.

    \b
    Example:
      riskmc solve my-place.toml --for planning.grant_growth+ --between 0 0.05 \\
        --until "P(rescue_needed) <= 0.1"
    """  # noqa: D301
    from riskmc.measures.catalogue import horizon_measure
    from riskmc.study import load_study
    from riskmc.study.edits import Change
    from riskmc.variants import solve
    from riskmc.variants.conditions import read_condition

    how = SIGNS.get(key[-1:], "set")
    name = key.rstrip("+*").strip() if how != "set" else key
    loaded = load_study(study)
    say_kept(loaded, Change(name, options["between"][0]))
    found = solve(loaded, name, how=how, **options)  # type: ignore[arg-type]
    click.echo(found.sentence())
    row = horizon_measure(read_condition(found.condition).measure)
    reached = f"At that value, {row.label}: {found.reached_text()}."
    click.echo(f"{reached} {found.runs} variants were run.")


@click.command("bridge")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--regime", help="Under which rules [default: the first that both have].")
@_body
@_workers
@_out
def bridge_command(old: Path, new: Path, out: Path | None, **options: Any) -> None:
    """Lead from the headline of OLD to that of NEW, cause by cause.

    OLD and NEW are study files, results.nc, or folders that hold one.

    \b
    Example:
      riskmc bridge reports/march my-place.toml --out bridge
    """  # noqa: D301
    from riskmc.variants import bridge
    from riskmc.variants.charts import bridge_chart

    found = bridge(old, new, **options)
    written = "" if out is None else write(found, out, "bridge", bridge_chart)
    click.echo(f"{found.attrs['title']}, under '{found.attrs['regime']}'\n")
    click.echo(f"{bridge_table(found)}\n\n{ERRORS}")
    if found.sizes["step"] == 1:
        click.echo("\nNothing differs that moves a figure.")
    unpaired = found["step"].values[~found["paired"].values][1:].tolist()
    if unpaired:
        click.echo(
            f"\nNot compared future by future, so with larger errors: {', '.join(unpaired)}."
        )
    if out is not None:
        click.echo(written)


@click.command("attribute")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--from", "start", required=True, metavar="REGIME", help="The rules to start from.")
@click.option("--to", "end", required=True, metavar="REGIME", help="The rules to end at.")
@click.option(
    "--groups",
    metavar="LIST",
    help="Groups of rules to distinguish, in the order of the ladder: "
    "settlement,pools,plan+surplus [default: all that differ].",
)
@_body
@_draws
@_seed
@_workers
@_out
def attribute_command(
    study: Path, start: str, end: str, groups: str | None, out: Path | None, **options: Any
) -> None:
    """Say which rule does the work between two sets of rules.

    Every mixture of the two is run on the same futures. A Shapley value is what a group of rules
    adds, averaged over every order in which groups can come.

    \b
    Example:
      riskmc attribute my-place.toml --from current --to devolved --draws 20000
    """  # noqa: D301
    from riskmc.attribution import attribute
    from riskmc.attribution.words import attribution_sentences
    from riskmc.study import load_study
    from riskmc.variants.charts import attribution_chart

    asked = None if groups is None else [part.strip() for part in groups.split(",")]
    found = attribute(load_study(study), start, end, groups=asked, **options)
    written = "" if out is None else write(found, out, "attribution", attribution_chart)
    click.echo(f"From '{start}' to '{end}', on the same {found.attrs['draws']:,} futures")
    click.echo(f"\n{attribution_tables(found)}\n\n{ERRORS}")
    for sentence in attribution_sentences(found):
        click.echo(f"\n{sentence}")
    if out is not None:
        click.echo(written)


def _cell(found: xr.Dataset, one: xr.Dataset, name: str, unit: str) -> str:
    from riskmc.words.estimates import estimate_text

    return estimate_text(one, name, unit=unit, scheme=str(found.attrs["scheme"]))


def variants_table(found: xr.Dataset) -> str:
    """Return variants under one regime as text, with the change from the study as it stands."""
    from riskmc.cli.printing import text_table

    rows = []
    for i, setting in enumerate(found["setting"].values.tolist()):
        row = [setting]
        for name, _, unit in _measures(found):
            one = found.sel(setting=setting, measure=name)
            row.append(_cell(found, one, "", unit))
            row.append("" if i == 0 else _cell(found, one, "change_", unit))
        rows.append(row)
    headings = [""]
    for _, label, unit in _measures(found):
        headings += [_heading(label, unit), "change"]
    return _stacked(headings, rows, text_table)


def _stacked(headings: list[str], rows: list[list[str]], table: Any) -> str:
    """Lay a table out measure by measure: labels of measures are too long for columns."""
    parts = []
    for column in range(1, len(headings), 2):
        picked = [[row[0], row[column], row[column + 1]] for row in rows]
        parts.append(table([headings[column], "value", "change"], picked))
    return "\n\n".join(parts)


def bridge_table(found: xr.Dataset) -> str:
    """Return a bridge as text, measure by measure."""
    from riskmc.cli.printing import text_table

    parts = []
    for name, label, unit in _measures(found):
        rows = []
        for i, step in enumerate(found["step"].values.tolist()):
            one = found.sel(step=step, measure=name)
            rows.append(
                [
                    step,
                    "" if i == 0 else _cell(found, one, "change_", unit),
                    _cell(found, one, "", unit),
                ]
            )
        if len(rows) > 1:
            rows.append(["in all", _cell(found, found.sel(measure=name), "whole_", unit), ""])
        parts.append(text_table([_heading(label, unit), "change", "then"], rows))
    return "\n\n".join(parts)


def attribution_tables(found: xr.Dataset) -> str:
    """Return a table for each measure as text: a row for each group of rules."""
    from riskmc.cli.printing import text_table

    columns = {"shapley_": "Shapley value", "ladder_": "step of the ladder"}
    parts = []
    for name, label, unit in _measures(found):
        measure = found.sel(measure=name)
        rows = []
        for group in measure["group"].values:
            one = measure.sel(group=group)
            cells = [_cell(found, one, column, unit) for column in columns]
            rows.append([str(one["group_label"].item()), *cells])
        whole = _cell(found, measure, "difference_", unit)
        rows.append(["the whole difference", whole, whole])
        parts.append(text_table([_heading(label, unit), *columns.values()], rows))
    return "\n\n".join(parts)


def _measures(found: xr.Dataset) -> list[tuple[str, str, str]]:
    """Return the name, label and unit of each measure."""
    columns = (found[key].values.tolist() for key in ("measure", "label", "unit"))
    return list(zip(*columns, strict=True))


def _heading(label: str, unit: str) -> str:
    """Return a measure's label with the unit that its numbers do not show."""
    return label if unit == "probability" else f"{label} [{unit}]"


def write(found: xr.Dataset, out: Path, name: str, chart: Callable[[xr.Dataset], bytes]) -> str:
    """Write a dataset as a tidy CSV, and its chart, into a folder; say where."""
    out.mkdir(parents=True, exist_ok=True)
    found.to_dataframe().to_csv(out / f"{name}.csv")
    (out / f"{name}.svg").write_bytes(chart(found))
    return f"\nWritten to {out}/: {name}.csv, {name}.svg"
