"""Commands about study files and rules: `validate`, `new`, `schema`, `rules`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from riskmc.cli.printing import write_new
from riskmc.errors import InputError, StudyError, counted


@click.command("validate")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--allow-outside", is_flag=True, help="Let it name files outside its folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def validate_command(study: Path, allow_outside: bool, as_json: bool) -> None:
    """Check STUDY; say what it leaves neutral and what is realised otherwise than typed.

    Exit code 0 where the study can be run, 2 where it cannot.

    \b
    Example:
      riskmc validate my-place.toml
    """  # noqa: D301
    from dataclasses import asdict

    from riskmc.study import load_study, validate

    try:
        checked = validate(load_study(study, allow_outside=allow_outside))
    except StudyError as error:
        if as_json:
            problems = [asdict(problem) for problem in error.problems]
            click.echo(json.dumps({"problems": problems}, indent=2, ensure_ascii=False))
        raise
    if as_json:
        findings = {"problems": [], **checked.as_dict()}
        click.echo(json.dumps(findings, indent=2, ensure_ascii=False))
        return
    for line in checked.lines():
        click.echo(line)
    click.echo(f"{study}: can be run")


@click.command("new")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="File to write [default: NAME.toml].")
@click.option("--council", help="Make the study of this council from its accounts.")
@click.option(
    "--accounts",
    type=click.Path(path_type=Path),
    help="Your own table of accounts, in the columns of the one that ships.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def new_command(
    name: str, out: Path | None, council: str | None, accounts: Path | None, as_json: bool
) -> None:
    """Write NAME.toml, a commented starter study; never over an existing file.

    With --council it is the study of an English council, made from its accounts of 2010/11 to
    2015/16, or from your own table: every figure says where it comes from.

    \b
    Examples:
      riskmc new my-place
      riskmc new trafford --council Trafford
    """  # noqa: D301
    stem = name.removesuffix(".toml")
    if not re.fullmatch(r"[\w .-]+", Path(stem).name):
        raise InputError(f"'{name}' cannot name a file; allowed: letters, digits, - and _")
    path = Path(f"{stem}.toml") if out is None else out
    if path.exists():
        raise InputError(f"{path}: exists already; nothing was written")
    write_new(path, _new_text(Path(stem).name, council, accounts))
    if as_json:
        click.echo(json.dumps({"study": str(path)}))
    else:
        click.echo(f"{path} written; next: riskmc validate {path}")


def _new_text(title: str, council: str | None, accounts: Path | None) -> str:
    """Return the study that `new` writes."""
    if council is None and accounts is None:
        from riskmc.study import starter

        return starter(title)
    from riskmc.accounts import read_accounts
    from riskmc.calibration.council_study import council_study

    table = None if accounts is None else read_accounts(accounts)
    if council is None and table is not None and len(table.names) > 1:
        raise InputError(
            f"{accounts}: holds {counted(len(table.names), 'council')}; name one with --council"
        )
    wanted = council if council is not None or table is None else table.names[0]
    return council_study(str(wanted), table)


@click.command("schema")
@click.option("--json", "as_json", is_flag=True, help="The schema is JSON; this changes nothing.")
def schema_command(as_json: bool) -> None:  # noqa: ARG001
    """Print the JSON Schema of the study file, for editors.

    \b
    Example:
      riskmc schema > study.schema.json
    """  # noqa: D301
    from riskmc.study import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@click.command("rules")
@click.argument("regime", required=False)
@click.option("--against", metavar="REGIME", help="Print only what differs from these rules.")
@click.option("--json", "as_json", is_flag=True, help="Print the rules as JSON.")
def rules_command(regime: str | None, against: str | None, as_json: bool) -> None:
    """List the rulebooks that ship, or print one REGIME in plain words.

    \b
    Examples:
      riskmc rules
      riskmc rules nordic
      riskmc rules devolved --against current
    """  # noqa: D301
    from riskmc.study import rules_against, rules_in_words, shipped_regime
    from riskmc.study.extends import shipped

    if regime is None:
        click.echo(_library(as_json=as_json))
        return
    for name in (regime, *([] if against is None else [against])):
        _known_rules(name)
    if as_json:
        click.echo(json.dumps(shipped_regime(regime).model_dump(mode="json"), ensure_ascii=False))
    elif against is not None:
        click.echo(rules_against(regime, against))
    else:
        about = shipped(regime).about
        click.echo(f"{about.country}, {about.years}. {about.text}\n")
        click.echo(rules_in_words(regime))


def _known_rules(name: str) -> None:
    """Refuse a rulebook that does not ship, with the nearest that does."""
    from difflib import get_close_matches

    from riskmc.study import shipped_regimes

    names = shipped_regimes()
    if name not in names:
        near = get_close_matches(name, names, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise InputError(f"no regime '{name}' ships; allowed: {', '.join(names)}{hint}")


def _library(*, as_json: bool) -> str:
    """Return the rulebooks that ship, by country and date."""
    from riskmc.study import shipped_regime, shipped_regimes
    from riskmc.study.extends import shipped

    rows = [(shipped(name).about, name, shipped_regime(name).label) for name in shipped_regimes()]
    rows.sort(key=lambda row: (row[0].country != "England", row[0].country, row[0].since, row[1]))
    if as_json:
        table = [
            {"name": name, "label": label, "country": about.country, "years": about.years}
            for about, name, label in rows
        ]
        return json.dumps(table, ensure_ascii=False)
    lines: list[str] = []
    country = ""
    for about, name, label in rows:
        if about.country != country:
            country = about.country
            lines += ["", country] if lines else [country]
        lines.append(f"  {name:20} {about.years:20} {label}")
    return "\n".join(lines)
