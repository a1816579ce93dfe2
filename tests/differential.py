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

sys.path.insert(0, str(Path(__file__).parent))

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from comparison import Future, apart, engine_answers, on_a_knifes_edge
from devices_at_random import DEVICES, device_studies
from how_it_is_tested import record
from reference import Table
from riskmc.errors import StudyError
from riskmc.variables import DRIVER_NAMES
from strategies import driver_values, studies

#: Futures of each study.
FUTURES = 4
BATCH = 20


@dataclass
class Tally:
    """How much was tried, and what came of it."""

    studies: int = 0
    regimes: int = 0
    futures: int = 0
    values: int = 0
    devices: Counter[str] = field(default_factory=Counter)
    edges: int = 0
    refused: list[str] = field(default_factory=list)
    disagreed: list[str] = field(default_factory=list)

    def lines(self, seed_: int) -> list[str]:
        """The tally in words, one fact a line."""
        rarest = sorted(self.devices.items(), key=lambda row: (row[1], row[0]))[:1]
        return [
            f"{self.studies:,} random studies, {self.regimes:,} regimes, "
            f"{self.futures:,} futures of a regime; seed {seed_}",
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
    """Try so many random studies, in batches: within one, many are variations of a few."""
    for batch in range(-(-count // BATCH)):
        explore_batch(tally, min(BATCH, count - batch * BATCH), seed_ * 10_000 + batch, devices)


def explore_batch(tally: Tally, count: int, seed_: int, devices: tuple[str, ...]) -> None:
    """Try some random studies; one in ten has no device."""

    @seed(seed_)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def explored(data: st.DataObject) -> None:
        plain = data.draw(st.integers(0, 9)) == 9
        used: list[str] = []
        raw = data.draw(studies() if plain else device_studies(devices, used=used))
        futures = [data.draw(driver_values(raw, DRIVER_NAMES)) for _ in range(FUTURES)]
        try_one(tally, raw, futures, used)

    explored()


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
