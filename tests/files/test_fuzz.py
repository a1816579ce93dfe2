"""Studies, results files and registers damaged at random: an error of ours, or a run; never else.

Small here. More by `RISKMC_FUZZ=5000 python -m pytest tests/files/test_fuzz.py -s`, which prints
how much was tried.
"""

from __future__ import annotations

import copy
import os
import random
import tomllib
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import riskmc
from riskmc.errors import ResultsError, RiskmcError, StudyError
from riskmc.inputs import TableError
from riskmc.inputs.understood import understood
from riskmc.study import parse_study

ROOT = Path(__file__).parents[2]
TRIES = int(os.environ.get("RISKMC_FUZZ", "60"))
#: What a hand, a script or an enemy may put where a value stands.
VALUES: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**63, 2**64, -(2**64), 0.0, -0.0, 0.5, 1.5, 1e-320, 1e16, 1e167, 1e308,
    float("inf"), float("nan"), True, None, "", " ", "x", "=1+1", "\x00", "\ud800",
    "💷" * 3, "a" * 9999,
    "0.5", "1_0", "\uff11", [], [0.1], [0.1] * 101, ["x"], {}, {"x": 1}, {"": 1}, [[1]], [{}],
)  # fmt: skip


def paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a tree."""
    found = [path] if path else []
    if isinstance(tree, dict):
        for key, inside in tree.items():
            found += paths(inside, (*path, key))
    elif isinstance(tree, list):
        for place, inside in enumerate(tree):
            found += paths(inside, (*path, place))
    return found


def spoil(tree: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A study with some places changed, removed, doubled or swapped."""
    made = copy.deepcopy(tree)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        where = chance.choice(paths(made))
        inside: Any = made
        for key in where[:-1]:
            inside = inside[key]
        kind = chance.random()
        if kind < 0.6:
            inside[where[-1]] = copy.deepcopy(chance.choice(VALUES))
        elif kind < 0.75:
            del inside[where[-1]]
        elif isinstance(inside, list):
            inside.append(copy.deepcopy(inside[where[-1]]))
        else:
            inside[str(chance.choice(VALUES))[:50]] = inside[where[-1]]
    return made


def test_spoilt_studies(tmp_path: Path) -> None:
    """Would catch a traceback of Python's or pydantic's, from loading or from running."""
    chance, outcomes = random.Random(20_161), Counter[str]()
    studies = [
        tomllib.loads((ROOT / "configs" / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("example", "council")
    ]
    said = []
    for _ in range(TRIES):
        tree = spoil(chance.choice(studies), chance)
        try:
            study = parse_study(tree, base=tmp_path)
            outcomes["loaded"] += 1
            if study.years * len(study.organisations) <= 40 and outcomes["run"] < TRIES // 10:
                riskmc.run(study, draws=16).close()
                outcomes["run"] += 1
        except RiskmcError as error:
            outcomes[type(error).__name__] += 1
            said.append(str(error).replace("\n", ""))
    assert all(text.isprintable() for text in said)
    assert outcomes["StudyError"] > TRIES // 4
    print(f"\n{TRIES:,} damaged studies: {dict(outcomes)}")  # noqa: T201


def test_spoilt_texts(tmp_path: Path) -> None:
    """Would catch a traceback from bytes that are no TOML, no UTF-8, or cut short."""
    chance = random.Random(7)
    whole = (ROOT / "configs" / "example.toml").read_bytes()
    path = tmp_path / "study.toml"
    for _ in range(TRIES):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
        with suppress(StudyError):
            riskmc.load_study(path)


@pytest.fixture(scope="module", params=["headline", "summaries", "all"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("stored") / "x.nc"
    study = riskmc.load_study(ROOT / "configs" / "council.toml").replaced(risks=())
    riskmc.run(study, draws=16, keep=request.param, out=path).close()
    return path.read_bytes()


def test_spoilt_results_files(stored: bytes, tmp_path: Path) -> None:
    """Would catch a damaged file that opens, and a traceback of HDF5's from one that does not."""
    chance, path = random.Random(3), tmp_path / "x.nc"
    for number in range(TRIES):
        data = bytearray(stored)
        if number % 5 == 0:
            del data[chance.randrange(len(data)) :]
        for _ in range(chance.choice((1, 1, 8, 200))):
            if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if bytes(data) == stored:
            continue
        path.write_bytes(data)
        with pytest.raises(ResultsError):
            riskmc.open_results(path).close()
        path.unlink()


def test_spoilt_registers(tmp_path: Path) -> None:
    """Would catch a traceback from a table that a spreadsheet or an editor damaged."""
    chance = random.Random(11)
    tree = tomllib.loads((ROOT / "configs" / "example.toml").read_text(encoding="utf-8"))
    whole = (
        "Risk,Organisation,Probability,Low,Likely,High\n"
        "Flood,a,50%,£1.2m,\"2,500,000\",4\nStrike,a,Likely,(1),2,3\n"
    ).encode()  # fmt: skip
    for number in range(TRIES):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3, 12))):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at] = chance.randrange(256)
            else:
                data[at:at] = chance.choice(
                    (b",", b"\n", b'"', b"\x00", b"\xff", b";", b"\xef\xbb\xbf")
                )
        path = tmp_path / ("r.csv" if number % 4 else "r.xlsx")
        path.write_bytes(data)
        with suppress(TableError):
            understood(path)
        study = {**tree, "register": {"file": path.name, "organisation": "borough"}}
        with suppress(StudyError):
            parse_study(study, base=tmp_path)
