"""Studies, results files and registers damaged at random: an error of ours, or a run; never else.

    python -m tests.fuzz --tries 5000

damages so many of each, and prints what came of them, here and into docs/how-it-is-tested.md. Exit
code 1 where anything came out but an answer or an error of the package's own: each such fault is
named, with the seed that finds it again.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
import tempfile
import tomllib
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import riskmc
from how_it_is_tested import record
from riskmc.errors import ResultsError, RiskmcError, StudyError
from riskmc.inputs import TableError
from riskmc.inputs.understood import understood
from riskmc.study import parse_study

ROOT = Path(__file__).parent.parent
KEPT = ("headline", "summaries", "all")
#: What a hand, a script or an enemy may put where a value stands.
VALUES: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**63, 2**64, -(2**64), 0.0, -0.0, 0.5, 1.5, 1e-320, 1e16, 1e167, 1e308,
    float("inf"), float("nan"), True, None, "", " ", "x", "=1+1", "\x00", "\ud800",
    "💷" * 3, "a" * 9999,
    "0.5", "1_0", "\uff11", [], [0.1], [0.1] * 101, ["x"], {}, {"x": 1}, {"": 1}, [[1]], [{}],
)  # fmt: skip


@dataclass
class Tally:
    """How much was tried of one kind, and what came of it."""

    what: str
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def attempt(self, try_it: Callable[[], str], *errors: type[RiskmcError]) -> None:
        """Try one; it answers what came of it, or fails by one of these errors, in plain text."""
        number = self.outcomes.total() + len(self.faults)
        try:
            self.outcomes[try_it()] += 1
        except errors as error:
            if "".join(str(error).split("\n")).isprintable():
                self.outcomes["refused"] += 1
            else:
                self.faults.append(f"{self.what}, {number}: an unprintable message")
        except Exception as error:
            self.faults.append(f"{self.what}, {number}: {type(error).__name__}: {error}")

    def line(self) -> str:
        """The tally in words."""
        count = self.outcomes.total() + len(self.faults)
        parts = [f"{self.outcomes['refused']:,} refused"]
        parts += [f"{n:,} {name}" for name, n in self.outcomes.items() if name != "refused"]
        return f"{count:,} {self.what}: {', '.join(parts)}, {len(self.faults):,} faults"


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


def shipped(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "configs" / f"{name}.toml").read_text(encoding="utf-8"))


def damaged_studies(tries: int, seed: int, folder: Path) -> Tally:
    """Values, keys and tables changed, removed, doubled; one in ten of what loads is run."""
    chance, tally = random.Random(seed), Tally("studies with changed, missing or doubled values")
    trees = [shipped("example"), shipped("council")]

    def one() -> str:
        study = parse_study(spoil(chance.choice(trees), chance), base=folder)
        small = study.years * len(study.organisations) <= 40
        if not small or tally.outcomes["run"] >= tries // 10:
            return "loaded"
        riskmc.run(study, draws=16).close()
        return "run"

    for _ in range(tries):
        tally.attempt(one, RiskmcError)
    return tally


def damaged_texts(tries: int, seed: int, folder: Path) -> Tally:
    """Study files that are no TOML, no UTF-8, or cut short."""
    chance, tally = random.Random(seed), Tally("study files with changed bytes or cut short")
    whole = (ROOT / "configs" / "example.toml").read_bytes()
    path = folder / "study.toml"

    def one() -> str:
        data = bytearray(whole)
        for _ in range(chance.choice((1, 3, 30))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.choice((len(data), chance.randrange(len(data))))])
        riskmc.load_study(path)
        return "loaded"

    for _ in range(tries):
        tally.attempt(one, StudyError)
    return tally


def damaged_results(tries: int, seed: int, folder: Path, keep: Any) -> Tally:
    """Results files with flipped bits or cut short: none of them may open."""
    chance, path = random.Random(seed), folder / f"{keep}.nc"
    tally = Tally(f"results files that kept {keep}, with flipped bits or cut short")
    riskmc.run(parse_study(shipped("council") | {"risks": []}), draws=16, keep=keep,
               out=path).close()  # fmt: skip
    whole = path.read_bytes()

    def one() -> str:
        data = bytearray(whole)
        if chance.random() < 0.2:
            del data[chance.randrange(len(data)) :]
        for _ in range(chance.choice((1, 1, 8, 200))):
            if data:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        if data == whole:
            return "left as they were"
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        riskmc.open_results(path).close()
        raise AssertionError("a damaged file opens")

    for _ in range(tries):
        tally.attempt(one, ResultsError)
    return tally


REGISTER = (
    "Risk,Organisation,Probability,Low,Likely,High\n"
    "Flood,a,50%,£1.2m,\"2,500,000\",4\nStrike,a,Likely,(1),2,3\n"
).encode()  # fmt: skip


def damaged_registers(tries: int, seed: int, folder: Path) -> Tally:
    """Tables that a spreadsheet or an editor damaged, read alone and as a study's register."""
    chance, tally = random.Random(seed), Tally("registers with changed bytes, read two ways")
    tree = shipped("example")

    def one() -> Path:
        data = bytearray(REGISTER)
        for _ in range(chance.choice((1, 3, 12))):
            at = chance.randrange(len(data))
            if chance.random() < 0.5:
                data[at] = chance.randrange(256)
            else:
                data[at:at] = chance.choice(
                    (b",", b"\n", b'"', b"\x00", b"\xff", b";", b"\xef\xbb\xbf")
                )
        path = folder / ("r.xlsx" if chance.random() < 0.25 else "r.csv")
        path.write_bytes(data)
        return path

    def alone(path: Path) -> str:
        understood(path)
        return "read"

    def within(path: Path) -> str:
        register = {"file": path.name, "organisation": "borough"}
        parse_study({**tree, "register": register}, base=folder)
        return "read"

    for _ in range(tries):
        path = one()
        tally.attempt(lambda path=path: alone(path), TableError)
        tally.attempt(lambda path=path: within(path), StudyError)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--tries", type=int, default=5000, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-record", action="store_true", help="leave the document as it is")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("error")
        given = (asked.tries, asked.seed, Path(name))
        tallies = [damaged_studies(*given), damaged_texts(*given), damaged_registers(*given)]
        tallies += [damaged_results(*given, keep) for keep in KEPT]
    lines = [f"{tally.line()}; seed {asked.seed}" for tally in tallies]
    print("\n".join(lines))
    faults = [fault for tally in tallies for fault in tally.faults]
    print("\n".join(faults), file=sys.stderr)
    if not asked.no_record:
        record("fuzz", lines)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
