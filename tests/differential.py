"""The differential test, as large as one likes: random studies with random mixtures of devices.

    python -m tests.differential --studies 500

runs each study's regimes on a few random futures, through the engine and through the second
implementation, compares every output of every body and year, and prints how much was tried, here
and into docs/how-it-is-tested.md. Exit code 1 where the two disagree: each such study is written
to a file that `--again FILE` tries anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from comparison import Future, apart, engine_answers, on_a_knifes_edge
from devices_at_random import DEVICES, device_studies
from how_it_is_tested import record
from reference import Table
from riskmc.errors import StudyError
from riskmc.variables import DRIVER_NAMES
from strategies import DRIVER_RANGES, EXTREME_RANGES, driver_values, examples, studies

#: Futures of each study.
FUTURES = 4
BATCH = 10


@dataclass
class Tally:
    """How much was tried, and what came of it."""

    studies: int = 0
    regimes: int = 0
    futures: int = 0
    values: int = 0
    devices: Counter[str] = field(default_factory=Counter)
    extreme: int = 0
    edges: int = 0
    refused: list[str] = field(default_factory=list)
    disagreed: list[str] = field(default_factory=list)

    def lines(self, seed_: int) -> list[str]:
        """The tally in words, one fact a line."""
        rarest = sorted(self.devices.items(), key=lambda row: (row[1], row[0]))[:1]
        return [
            f"{self.studies:,} random studies, {self.regimes:,} regimes, "
            f"{self.futures:,} futures of a regime, {self.extreme:,} studies with extreme years; "
            f"seed {seed_}",
            f"{self.values:,} values compared, to a thousand-millionth",
            f"{len(self.devices)} of {len(DEVICES)} devices used, "
            + "".join(f"the rarest ({name}) in {count:,} studies" for name, count in rarest),
            f"{self.edges:,} on a knife's edge (a test met to the last place), left aside",
            f"{len(self.refused):,} refused by the reader",
            f"{len(self.disagreed):,} disagreed",
        ]


def try_one(tally: Tally, raw: Table, futures: list[Future], used: list[str]) -> None:
    """Compare one study, and enter it in the tally."""
    try:
        differences = apart(raw, futures)
    except StudyError as error:
        tally.refused.append(str(error).splitlines()[0])
        return
    tally.studies += 1
    tally.regimes += len(raw["regimes"])
    tally.futures += len(raw["regimes"]) * len(futures)
    tally.devices.update(used)
    if not differences:
        answers = engine_answers(raw, futures[:1]).values()
        tally.values += len(futures) * sum(x.size for found in answers for x in found.values())
    elif on_a_knifes_edge(raw, futures):
        tally.edges += 1
    else:
        path = Path(f"differential-{len(tally.disagreed)}.json")
        path.write_text(json.dumps({"study": raw, "futures": futures}), encoding="utf-8")
        tally.disagreed.append(differences[0])
        print(f"{path}: {used}: {differences[:3]}", file=sys.stderr)


def explore(tally: Tally, count: int, seed_: int, devices: tuple[str, ...]) -> None:
    """Try so many random studies, in batches: within one, many are variations of a few.

    One batch in five has extreme years, one in ten no device.
    """
    for batch in range(-(-count // BATCH)):
        ranges = EXTREME_RANGES if batch % 5 == 3 else DRIVER_RANGES
        size = min(BATCH, count - batch * BATCH)
        tally.extreme += size * (ranges is EXTREME_RANGES)
        used: list[str] = []
        plain = batch % 10 == 9 and not devices
        study = studies() if plain else device_studies(devices, used=used)
        explored = seed(seed_ * 10_000 + batch)(one_batch(tally, study, ranges, used, size))
        explored()


def one_batch(tally: Tally, study: Any, ranges: Any, used: list[str], size: int) -> Any:
    """A property over ``size`` random studies and their futures."""

    @settings(examples(1), max_examples=size, database=None, phases=[Phase.generate])
    @given(data=st.data())
    def explored(data: st.DataObject) -> None:
        used.clear()
        raw = data.draw(study)
        drivers = driver_values(raw, DRIVER_NAMES, ranges)
        try_one(tally, raw, [data.draw(drivers) for _ in range(FUTURES)], used)

    return explored


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--devices", nargs="*", default=(), choices=sorted(DEVICES))
    parser.add_argument("--again", type=Path, help="a study that disagreed, tried anew")
    parser.add_argument("--no-record", action="store_true", help="leave the document as it is")
    asked = parser.parse_args()
    if asked.again:
        kept = json.loads(asked.again.read_text(encoding="utf-8"))
        differences = apart(kept["study"], kept["futures"])
        print("\n".join(differences[:40]) or "the two agree")
        return int(bool(differences))
    tally = Tally()
    explore(tally, asked.studies, asked.seed, tuple(asked.devices))
    lines = tally.lines(asked.seed)
    print("\n".join(lines))
    for reason, times in Counter(tally.refused).most_common(5):
        print(f"refused {times} times: {reason}", file=sys.stderr)
    if not asked.no_record and not asked.devices:
        record("differential", lines)
    return int(bool(tally.disagreed or tally.refused))


if __name__ == "__main__":
    sys.exit(main())
