"""Engine and second implementation side by side: the same study, the same futures, every output."""

from __future__ import annotations

import json
from copy import deepcopy

import numpy as np
import xarray as xr

import riskmc
from reference import NATION, VARIABLES, Table, simulate
from riskmc.study import Study, parse_study, study_mapping
from riskmc.variables import DRIVER_NAMES, PLACE_NAMES, PLANNED, VARIABLE_NAMES, driver
from strategies import expected_values

#: Two implementations of one note agree to rounding: to a thousand-millionth of an amount, or of
#: the largest amount about (a gap is a small difference of large sums), with a floor in £m.
NEAR = 1e-9
Future = dict[str, list[list[float]]]


def neutral_future(raw: Table) -> Future:
    """Every driver of the register at its neutral value."""
    row = range(len(raw["organisations"]))
    years = range(raw["years"])
    return {name: [[driver(name).neutral for _ in row] for _ in years] for name in DRIVER_NAMES}


def engine_answers(
    raw: Table, futures: list[Future], study: Study | None = None
) -> dict[str, dict[str, np.ndarray]]:
    """What the package answers through its front door: by regime and "group name"."""
    study = study or parse_study(raw)
    dims = ("draw", "year", "organisation")
    data = {name: (dims, np.array([f[name] for f in futures], float)) for name in DRIVER_NAMES}
    labels = {"year": list(study.year_labels), "organisation": list(study.organisation_ids)}
    tree = riskmc.run(study, drivers=xr.Dataset(data, coords=labels), keep="all", workers=1)
    regimes = tree["place"]["regime"].values.tolist()
    found: dict[str, dict[str, np.ndarray]] = {name: {} for name in regimes}
    for group, names, kept in (
        ("organisations", "outcomes", dims),
        ("place", "place", dims[:2]),
    ):
        outputs = tree[names].to_dataset().transpose("chain", "regime", *kept)
        for name, values in outputs.variables.items():
            if name in outputs.data_vars:
                for regime, array in zip(found, values.values[0], strict=True):
                    found[regime][f"{group} {name}"] = array
    return found


def reference_answers(
    raw: Table, futures: list[Future], expected: Table | None = None
) -> dict[str, dict[str, np.ndarray]]:
    """What the second implementation answers, in the same form."""
    expected = expected or expected_values(raw)
    delivered = {
        row["name"]: row["delivery"]["value"]
        for row in raw.get("projects", [])
        if "delivery" in row
    }
    found = {}
    for regime in raw["regimes"]:
        results = [
            simulate(raw, regime, future, expected=expected, deliveries=delivered)
            for future in futures
        ]
        found[regime] = {
            f"{group} {name}": np.array([result[group][name] for result in results])
            for group, names in (
                ("organisations", VARIABLES),
                ("place", (*VARIABLES, "net_deficit", *NATION)),
            )
            for name in names
        }
    return found


def unknown_outputs() -> set[str]:
    """Outputs that only one of the two has."""
    engine = {f"organisations {name}" for name in VARIABLE_NAMES}
    engine |= {f"place {name}" for name in PLACE_NAMES}
    second = {f"organisations {name}" for name in VARIABLES}
    second |= {f"place {name}" for name in (*VARIABLES, "net_deficit", *NATION)}
    return engine ^ second


def apart(raw: Table, futures: list[Future]) -> list[str]:
    """Where the two differ, in words; an empty list where they agree on every output."""
    return differences(engine_answers(raw, futures), reference_answers(raw, futures))


def differences(
    ours: dict[str, dict[str, np.ndarray]], theirs: dict[str, dict[str, np.ndarray]]
) -> list[str]:
    """Where two sets of answers differ."""
    said = []
    for regime, answers in ours.items():
        amounts = [np.abs(x).max() for x in answers.values() if x.dtype != bool and x.size]
        floor = NEAR * max(1.0, *amounts)
        for name, values in answers.items():
            other = theirs[regime].get(name)
            if other is None:
                continue
            gap = np.abs(values.astype(float) - other.astype(float))
            wrong = ~(gap <= floor + NEAR * np.abs(other))
            if wrong.any():
                at = tuple(int(i) for i in np.argwhere(wrong)[0])
                said.append(f"{regime}: {name} at {at}: {values[at]!r}, not {other[at]!r}")
    return sorted(said, key=_first_year)


def apart_on_shipped(study: Study) -> list[str]:
    """Where the two differ on a shipped study's own regimes, rulebooks and a sampled future."""
    raw = json.loads(json.dumps(study_mapping(study)))
    drivers = riskmc.sample(study, draws=16).isel(draw=0)
    grids = {n: drivers[n].transpose("chain", "year", "organisation").values for n in DRIVER_NAMES}
    futures = [{n: grid[0].tolist() for n, grid in grids.items()}]
    expected = {n: study.expected(n).T.tolist() for n in PLANNED}
    return differences(
        engine_answers(raw, futures, study), reference_answers(raw, futures, expected)
    )


def _first_year(text: str) -> tuple[int, str]:
    return int(text.split(" at (")[1].split(",")[1].rstrip(")").strip(") ")[0]), text


def nudged(raw: Table, by: float) -> Table:
    """The study with every cost, grant, tax and charge moved by a little, each by another bit."""
    moved = deepcopy(raw)
    for k, body in enumerate(moved["organisations"]):
        for j, key in enumerate(("cost", "grant", "local_tax", "charges", "reserves")):
            if body.get(key):
                body[key] *= 1 + by * (1 + 0.1 * k + 0.037 * j)
    return moved


def on_a_knifes_edge(raw: Table, futures: list[Future]) -> bool:
    """Whether two implementations part only because a test is met exactly, to the last place.

    A vote, a condition or a savings target that jumps where a gap is exactly 0 may go either way
    by a rounding; a little to either side the two must agree. (Edges have hand-worked cases.)
    """
    return not any(apart(nudged(raw, by), futures) for by in (1e-7, -1e-7))
