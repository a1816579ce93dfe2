"""What keyed futures cost, against the same random numbers and transforms without keys."""

from __future__ import annotations

from functools import partial

from benchmarks.baseline import Baseline
from benchmarks.cases import EXAMPLE, copied, draw_blocks, greater_manchester
from benchmarks.pages import table
from benchmarks.timing import Work, ratio, repeated, take_turns
from riskmc.sampling import Sampler
from riskmc.sampling.layout import SCHEMES
from riskmc.study import Study, load_study

BLOCKS = 3


def costs(repeats: int) -> str:
    """Return the table of schemes on several studies."""
    example = load_study(EXAMPLE)
    studies = {
        "Greater Manchester": greater_manchester(1),
        "the example": example,
        "the example ten times over": copied(example, 10),
    }
    rows = [_row(name, study, repeats) for name, study in studies.items()]
    note = (
        "Drawing a study's futures over the yardstick of that study, by scheme: median and "
        "quartiles, one thread, processor time. Target for `mc`: at most 1.5."
    )
    head = ("study", "numbers a draw", *(f"`{scheme}`" for scheme in SCHEMES))
    return f"{note}\n\n" + table(head, rows)


def _row(name: str, study: Study, repeats: int) -> list[object]:
    baseline = Baseline(study)
    cases: dict[str, Work] = {"baseline": repeated(baseline.block, BLOCKS)}
    for scheme in SCHEMES:
        cases[scheme] = partial(draw_blocks, Sampler(study, seed=1, scheme=scheme), BLOCKS)
    seconds = take_turns(cases, repeats=repeats)
    ratios = [ratio(seconds, scheme, "baseline") for scheme in SCHEMES]
    return [f"{name}: {len(study.organisations)} bodies", f"{baseline.numbers:,}", *ratios]
