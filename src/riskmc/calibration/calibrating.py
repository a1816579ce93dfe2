"""From a table of accounts to parameters with their uncertainty, as a tree that ArviZ reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.accounts import Accounts, council_accounts, read_accounts
from riskmc.calibration.estimates import (
    FEWEST_COUNCILS,
    FEWEST_YEARS,
    FIGURES,
    NATIONAL_PRIOR_COUNT,
    NATIONAL_PRIOR_SD,
    Array,
    bootstrap,
    estimate,
    robust_location,
)
from riskmc.calibration.planning import INCOME_TO_NRE
from riskmc.calibration.posterior import Posterior, sample_posterior
from riskmc.calibration.priors import ENGLAND, PRIORS, WIDE, Prior, natural
from riskmc.calibration.tree import TreeInputs, build
from riskmc.errors import InputError
from riskmc.results.room import need_room, tree_bytes

if TYPE_CHECKING:
    import xarray as xr

    from riskmc.study import Study

__all__ = ["calibrate"]


@dataclass(frozen=True)
class _Place:
    """A council of the table whose study it is: its place, and income over NRE."""

    place: int
    organisation: str
    income_to_nre: float


def calibrate(
    table: str | os.PathLike[str] | Accounts = "shipped",
    study: Study | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    tier: str = "upper",
    until: str | None = None,
    prior: str | None = None,
    draws: int = 2_000,
    resamples: int = 200,
    seed: int = 1,
) -> xr.DataTree:
    """Estimate from councils' accounts how reserves move, with errors and as a posterior.

    Parameters
    ----------
    table : path, Accounts or "shipped"
        Councils' accounts in the columns of the table that ships; or that table.
    study : Study, optional
        Restricts the results by council to the councils of the study, and takes their income
        from it; each is found in the table by its id or name.
    out : path, optional
        A NetCDF file to write the tree to.
    tier : {"upper", "district", "all"}
        Which councils to estimate from; districts by their usual net expenditure.
    until : str, optional
        The last year to look at; default: the table's last.
    prior : {"wide", "england"}, optional
        What is believed before; default: wide from ten councils on, else what England says.
    draws, resamples, seed : int
        Draws of prior and posterior, resamples for the errors of the estimates, and the seed.

    Returns
    -------
    xarray.DataTree
        `prior`, `posterior`, `posterior_predictive`, `observed_data`, `constant_data`, dims
        chain and draw; attribute `calibration` is JSON: estimates, errors, what was learnt.

    Raises
    ------
    InputError
        The table is wrong, too short, or lacks the study's councils.
    RunError
        The posterior cannot be drawn well.

    References
    ----------
    - Gelman, A. and others, Bayesian Data Analysis, 3rd edition, CRC Press (2013), 10.4: importance
      resampling.
    - docs/calibration.md, "What is estimated".
    """
    accounts = _accounts(table, tier=tier, until=until)
    councils, years = accounts.expenditure.shape
    if years < FEWEST_YEARS:
        raise InputError(f"accounts: {years} year; at least {FEWEST_YEARS} are needed")
    chosen = _prior(prior, councils)
    places = _places(study, accounts)
    national, known = _national(accounts)
    relative = 100.0 * accounts.change_share - national
    drawn = sample_posterior(relative, accounts.opening_share, chosen, draws=draws, seed=seed)
    rng = np.random.default_rng([seed, 2])
    steps = _national_steps(rng, national if known else None, draws)
    facts = _facts(accounts, chosen, drawn, steps, national, known=known)
    facts["estimates"] = _estimates(accounts, resamples)
    tree = build(
        TreeInputs(
            accounts=accounts,
            places=tuple(place.place for place in places),
            organisations=tuple(place.organisation for place in places),
            income_to_nre=np.array([place.income_to_nre for place in places]),
            national=national,
            posterior=drawn,
            steps=steps,
            prior=natural(chosen.draw(np.random.default_rng([seed, 3]), draws)),
            prior_steps=_national_steps(rng, None, draws),
        ),
        rng,
    )
    tree.attrs["calibration"] = json.dumps(facts, ensure_ascii=False)
    if out is not None:
        _save(tree, Path(out))
    return tree


def _accounts(
    table: str | os.PathLike[str] | Accounts, *, tier: str, until: str | None
) -> Accounts:
    if isinstance(table, Accounts):
        whole = table
    else:
        whole = council_accounts() if str(table) == "shipped" else read_accounts(Path(table))
    some = whole.tier(tier)
    if not some.codes:
        raise InputError(f"accounts: no council of tier '{tier}'; allowed: a tier that it holds")
    known = some if until is None else some.until(until)
    return known.steadied() if tier == "district" else known


def _prior(name: str | None, councils: int) -> Prior:
    if name is None:
        return WIDE if councils >= FEWEST_COUNCILS else ENGLAND
    if name not in PRIORS:
        raise InputError(f"prior: no prior '{name}'; allowed: {', '.join(PRIORS)}")
    return PRIORS[name]


def _places(study: Study | None, accounts: Accounts) -> list[_Place]:
    """Return the councils to report: the study's, or all."""
    if study is None:
        names = zip(range(len(accounts.codes)), accounts.names, strict=True)
        return [_Place(place, name, INCOME_TO_NRE) for place, name in names]
    found = []
    for body in study.organisations:
        if body.kind != "council":
            continue
        for name in (body.id, body.name or body.id):
            try:
                place = accounts.place(name)
            except InputError:
                continue
            income = body.grant + body.local_tax + body.charges
            ratio = income / float(accounts.expenditure[place, -1])
            found.append(_Place(place, body.id, ratio))
            break
    if not found:
        raise InputError(
            f"study: none of its councils is in the accounts; they hold {len(accounts.names)} "
            f"councils, such as {accounts.names[0]}; name the study's council as its row does"
        )
    return found


def _national(accounts: Accounts) -> tuple[Array, bool]:
    """Return the national change by year, % of NRE, and whether the table itself gives it.

    Fewer than ten councils cannot: then England's where it is known, else nothing.
    """
    if len(accounts.codes) >= FEWEST_COUNCILS:
        return robust_location(100.0 * accounts.change_share), True
    england = council_accounts().tier("upper")
    known = dict(zip(england.years, robust_location(100.0 * england.change_share), strict=True))
    return np.array([known.get(year, 0.0) for year in accounts.years]), False


def _national_steps(rng: np.random.Generator, national: Array | None, draws: int) -> Array:
    """Return draws of τ: scaled inverse chi-square, its prior worth four differences."""
    steps = np.empty(0) if national is None else np.diff(national)
    count = NATIONAL_PRIOR_COUNT + len(steps)
    total = NATIONAL_PRIOR_COUNT * NATIONAL_PRIOR_SD**2 + float(np.sum(steps**2))
    return np.asarray(np.sqrt(total / rng.chisquare(count, size=draws)))


def _facts(
    accounts: Accounts,
    prior: Prior,
    drawn: Posterior,
    steps: Array,
    national: Array,
    *,
    known: bool,
) -> dict[str, Any]:
    """Return the record of a calibration: data, estimates with errors, what was learnt."""
    councils, years = accounts.expenditure.shape
    scales = {
        "level_power": drawn.figures["level_power"],
        "scale": np.log(drawn.figures["scale"]),
        "prior_df": np.log(drawn.figures["prior_df"]),
        "persistence": np.arctanh(drawn.figures["persistence"]),
    }
    return {
        "councils": councils,
        "years": list(accounts.years),
        "changes": councils * years,
        "prior": {"name": prior.name, "why": prior.why},
        "learnt": {
            name: float(max(0.0, 1.0 - values.var() / spread**2))
            for (name, values), spread in zip(scales.items(), prior.spread, strict=True)
        },
        "national_change": dict(zip(accounts.years, national.tolist(), strict=True)),
        "national_change_from": "the table" if known else "England's 150, 0 where not known",
        "national_step": float(np.median(steps)),
        "effective_draws": drawn.effective,
    }


def _estimates(accounts: Accounts, resamples: int) -> Mapping[str, Mapping[str, float]]:
    """Return the estimates with their bootstrap errors; none from fewer than ten councils."""
    if len(accounts.codes) < FEWEST_COUNCILS:
        return {}
    values, again = estimate(accounts).figures(), bootstrap(accounts, resamples=resamples)
    return {
        name: {"value": values[name], "error": float(again[name].std(ddof=1))} for name in FIGURES
    }


def _save(tree: xr.DataTree, path: Path) -> None:
    """Write the tree, whole or not at all."""
    partial = path.with_name(path.name + ".saving")
    try:
        need_room(partial, tree_bytes(tree))
        tree.to_netcdf(partial, engine="h5netcdf")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
