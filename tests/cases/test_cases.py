"""Cases worked by hand: the sum stands in the head of each study, the answers in a file of its own.

``NAME.toml`` is a study; ``NAME.expected.toml`` holds ``[drivers]`` by year and organisation (what
it does not name is neutral) and, by regime, outputs in £m by year and organisation. What is known
for all places only (what the centre was asked for) stands by year.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import riskmc
from comparison import engine_answers, neutral_future, reference_answers
from reference import NATION, simulate
from reference.reading import merged
from riskmc.variables import DRIVER_NAMES, DRIVERS, Driver
from strategies import expected_values

HERE = Path(__file__).parent
CASES = sorted(path.stem for path in HERE.glob("*.toml") if ".expected" not in path.name)
#: £m; figures worked by hand have six decimals.
NEAR = 1e-6
NEUTRAL = {"recognition": 0.5, "savings_delivery": 1.0, "recurrent_share": 1.0}


def read(name: str) -> tuple[Path, dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The study's path and mapping, the drivers of its expected file, and the answers by regime."""
    path = HERE / f"{name}.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    answers = tomllib.loads((HERE / f"{name}.expected.toml").read_text(encoding="utf-8"))
    return path, raw, answers.pop("drivers", {}), answers


def future_of(raw: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
    """All drivers of the register, neutral where the case names none."""
    shape = (raw["years"], len(raw["organisations"]))
    names = [*DRIVER_NAMES, *(name for name in named if name not in DRIVER_NAMES)]
    return {n: np.array(named.get(n, np.full(shape, NEUTRAL.get(n, 0.0))), float) for n in names}


def assert_answers(regime: str, answers: dict[str, Any], found: Any) -> None:
    """``found(name)`` gives an output by year and organisation, or by year for all places."""
    for name, worked in answers.items():
        values = np.array(found(name), float)
        np.testing.assert_allclose(
            values, np.reshape(worked, values.shape), rtol=0, atol=NEAR, err_msg=f"{regime} {name}"
        )


@pytest.mark.parametrize("row", DRIVERS, ids=lambda row: row.name)
def test_a_driver_does_what_its_row_says(row: Driver) -> None:
    """Would catch a driver that is drawn and moves nothing in one of the programs, and one that
    both read alike and neither as was worked by hand."""
    known = {"kind": "council", "cost": 100.0, "grant": 50.0, "local_tax": 30.0, "charges": 10.0}
    regime = {"label": "rules", "rulebooks": {"council": {}}}
    head = {"schema": 1, "title": "By hand", "start_year": "2026/27", "draws": 16, "seed": 1}
    raw = head | {"years": 2, "organisations": [{"id": "borough", **known}]}
    raw["regimes"] = {"rules": merged(regime, tomllib.loads(row.example.rules))}
    still = neutral_future(raw)
    moved = still | {row.name: [[row.example.value], [row.neutral]]}
    for answers in (engine_answers, reference_answers):
        before, after = answers(raw, [still, moved])["rules"][f"organisations {row.example.output}"]
        more = (after - before)[:, 0]
        np.testing.assert_allclose(more, row.example.more, atol=NEAR, err_msg=answers.__name__)


@pytest.mark.parametrize("name", CASES)
def test_the_reference_comes_to_what_was_worked_by_hand(name: str) -> None:
    """Would catch a second implementation that reads the notes as nobody else would."""
    _, raw, named, answers = read(name)
    drivers = {n: values.tolist() for n, values in future_of(raw, named).items()}
    for regime, figures in answers.items():
        result = simulate(raw, regime, drivers, expected=expected_values(raw))
        assert_answers(
            regime,
            figures,
            lambda n, r=result: r["place"][n] if n in NATION else r["organisations"][n],
        )


@pytest.mark.parametrize("name", CASES)
def test_the_engine_comes_to_what_was_worked_by_hand(name: str) -> None:
    """Would catch an equation of the notes that the engine has wrong, whoever else has it so."""
    path, raw, named, answers = read(name)
    study = riskmc.load_study(path)
    data = {
        n: (("draw", "year", "organisation"), values[None])
        for n, values in future_of(raw, named).items()
    }
    labels = {"year": list(study.year_labels), "organisation": list(study.organisation_ids)}
    tree = riskmc.run(study, drivers=xr.Dataset(data, coords=labels), keep="all", workers=1)
    for regime, figures in answers.items():

        def found(n: str, regime: str = regime) -> Any:
            group, dims = (
                ("place", ["year"]) if n in NATION else ("outcomes", ["year", "organisation"])
            )
            values = tree[group][n].sel(regime=regime).isel(chain=0, draw=0)
            return values.transpose(*dims).values

        assert_answers(regime, figures, found)
