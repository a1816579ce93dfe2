"""Tables of every figure for many inputs: regimes from 1 to 4, sizes, signs, labels, nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np

from riskmc.figures import (
    Bands,
    Bearers,
    CalibrationTable,
    ConfidenceCurve,
    ConfidenceTable,
    Dots,
    DotTable,
    ExceedanceCurve,
    ExceedanceTable,
    FanTable,
    IconTable,
    IncidenceTable,
    Mark,
    PairedPanel,
    PairedTable,
    Past,
    ReserveFanTable,
    Series,
    Share,
    StatementLine,
    StatementTable,
    Step,
    SurvivalTable,
    Swing,
    TippingTable,
    TornadoTable,
    WaterfallTable,
    YearTable,
)
from riskmc.figures.tables.basic import NAN

SHORT = ("Current rules", "Devolved", "Annual", "Pooled")
LONG = (
    "Current rules",
    "Devolved, balanced budget, without the transformation fund",
    "Devolved, but settled every year",
    "Devolved, balanced budget",
)
ODD = (
    "Rules A & B <i> $x_1$ {0}",
    "_private",
    "Unbreakable-regime-name-that-never-ends",
    "Régime – 4",
)
YEARS = tuple(f"{2016 + i}/{17 + i}" for i in range(10))
LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
BEARERS = (
    "The centre",
    "Local taxpayers",
    "Service users",
    "Past savers",
    "Future budgets",
    "Managers",
    "Nobody yet",
)
PAST = Past(years=("2013/14", "2014/15", "2015/16"), values=(-20.0, -5.0, 22.0))
_NORMAL = NormalDist()


def chances(label: str, first: float, last: float, half: float = 0.01) -> Series:
    value = np.linspace(first, last, len(YEARS))
    return Series(
        label=label,
        years=YEARS,
        value=value,
        low=np.clip(value - half, 0.0, 1.0),
        high=np.clip(value + half, 0.0, 1.0),
    )


def share(label: str, value: float, half: float = 0.005) -> Share:
    return Share(label=label, value=value, low=max(value - half, 0.0), high=min(value + half, 1.0))


def bands(label: str, middle: float, spread: float, years: Sequence[str] = YEARS) -> Bands:
    time = np.arange(1, len(years) + 1)
    return Bands(
        label=label,
        years=years,
        quantiles={p: middle * time + spread * _NORMAL.inv_cdf(p) * time**0.5 for p in LEVELS},
    )


def fifty(middle: float, spread: float) -> list[float]:
    return [middle + spread * _NORMAL.inv_cdf((i + 0.5) / 50) for i in range(50)]


def icon(labels: Sequence[str], scale: float) -> IconTable:
    values = (0.71, 0.23, 0.002, 1.0) if scale else (0.0,) * 4
    return IconTable(
        shares=[share(label, v) for label, v in zip(labels, values, strict=False)],
        noun="Bailout",
        event="the place needs a bailout by March 2026",
    )


def fan(labels: Sequence[str], scale: float) -> FanTable:
    return FanTable(
        bands=[bands(x, scale * (30 - 20 * i), scale * 60) for i, x in enumerate(labels)],
        measure="Net deficit of the place in the year",
        noun="Deficit",
        past=Past(years=PAST.years, values=[scale * v for v in PAST.values]),
        plan=[scale * 10.0] * len(YEARS),
    )


def reserve_fan(labels: Sequence[str], scale: float) -> ReserveFanTable:
    return ReserveFanTable(
        bands=[bands(x, scale * (5 - 4 * i), scale * 30) for i, x in enumerate(labels)],
        exhausted=[chances(x, 0.0, 0.2 * i * bool(scale)) for i, x in enumerate(labels)],
        subject="the place",
        floor=scale * 10.0,
        past=Past(years=PAST.years, values=[scale * 40.0] * 3),
    )


def years(labels: Sequence[str], scale: float) -> YearTable:
    ends = [0.31, 0.08, 0.1, 0.09] if scale else [0.0] * 4
    return YearTable(
        series=[chances(x, 0.0, end) for x, end in zip(labels, ends, strict=False)],
        noun="Bailout",
        event="a bailout is granted in the year",
    )


def survival(labels: Sequence[str], scale: float) -> SurvivalTable:
    ends = [0.4, 0.7, 0.41, 0.42] if scale else [1.0] * 4
    return SurvivalTable(
        series=[chances(x, 1.0, end) for x, end in zip(labels, ends, strict=False)],
        subject="the place",
    )


def dots(labels: Sequence[str], scale: float) -> DotTable:
    return DotTable(
        rows=[
            Dots(label=x, values=np.maximum(fifty(scale * (120 - 90 * i), scale * 60), 0.0))
            for i, x in enumerate(labels)
        ],
        measure="Bailout over ten years",
        noun="Bailout",
        marks=[
            Mark(label="reserves held", value=scale * 180),
            Mark(label="the plan of the place as agreed in March", value=scale * 170),
        ],
    )


def exceedance(labels: Sequence[str], scale: float) -> ExceedanceTable:
    grid = np.linspace(-200, 500, 60)
    curves = []
    for i, label in enumerate(labels):
        normal = NormalDist(120 - 40 * i, 90)
        curves.append(
            ExceedanceCurve(
                label=label,
                amounts=scale * grid,
                chances=[1.0 - normal.cdf(v) if scale else 0.0 for v in grid],
                points={p: scale * normal.inv_cdf(p) for p in (0.5, 0.8, 0.9, 0.95)},
                errors=dict.fromkeys((0.5, 0.8, 0.9, 0.95), scale * 0.7),
            )
        )
    return ExceedanceTable(
        curves=curves,
        measure="the largest deficit of any year",
        noun="Deficit",
        mark=Mark(label="reserves held", value=scale * 180),
        beyond=[share(x, 0.25 - 0.05 * i) for i, x in enumerate(labels)],
    )


def confidence(labels: Sequence[str], scale: float) -> ConfidenceTable:
    levels = (0.5, 0.8, 0.9, 0.95, 0.99)
    curves = []
    for i, label in enumerate(labels):
        needed = [max(scale * NormalDist(100 - 30 * i, 80).inv_cdf(p), 0.0) for p in levels]
        low, high = ([v * k for v in needed] for k in (0.97, 1.03))
        curves.append(
            ConfidenceCurve(label=label, confidence=levels, reserves=needed, low=low, high=high)
        )
    return ConfidenceTable(
        curves=curves,
        subject="the place",
        horizon="to March 2026",
        rules=[
            Mark(label="5 % of net revenue", value=scale * 70),
            Mark(label="risk register, probability × impact", value=scale * 68),
        ],
        held=Mark(label="held now", value=scale * 72),
    )


def incidence(labels: Sequence[str], scale: float) -> IncidenceTable:
    weights = ((50, 10, 20, 10, 5, 3, 2), (94, 1, 1, 1, 1, 1, 1), (1,) * 6 + (94,), (1,) * 7)
    bars = []
    for label, row in zip(labels, weights, strict=False):
        shares = np.array(row, dtype=float) / sum(row) * bool(scale)
        total = scale * 412.0 if scale else NAN
        bars.append(
            Bearers(label=label, shares=dict(zip(BEARERS, shares, strict=True)), total=total)
        )
    return IncidenceTable(bars=bars)


def waterfall(labels: Sequence[str], scale: float) -> WaterfallTable:
    signs = -1.0 if len(labels) == 2 else 1.0
    return WaterfallTable(
        steps=[
            Step(label="Plan", value=signs * scale * 10, total=True),
            Step(label="Demand above plan", value=signs * scale * 62),
            Step(label="New savings and measures in the year", value=-signs * scale * 125),
            Step(label="P50", value=-signs * scale * 53, total=True),
            Step(label="Spread of all drivers together", value=signs * scale * 160),
            Step(label="P80", value=signs * scale * 107, total=True),
        ],
        measure="Deficit of the place in 2025/26, from plan to P50 to P80",
    )


def tornado(labels: Sequence[str], scale: float) -> TornadoTable:
    return TornadoTable(
        bars=[
            Swing(label="Savings delivery", low=190 * scale, high=66 * scale, share=0.27),
            Swing(label="Demand growth", low=-40 * scale, high=210 * scale, share=0.45),
            Swing(label="Grant: deviation from the plan of the centre", low=0.0, high=0.0),
        ],
        centre=100 * scale,
        measure="Mean deficit when one driver is low or high",
        noun="Deficit",
    )


def statement(labels: Sequence[str], scale: float) -> StatementTable:
    lines = []
    for label, stated, ends in (
        ("Deficit over the medium-term plan, all years together", 40.0, (90.0, 250.0, 480.0)),
        ("Reserves", -80.0, (-90.0, 0.0, 0.0)),
    ):
        low, middle, high = sorted(scale * v for v in ends)
        lines.append(
            StatementLine(label=label, stated=scale * stated, low=low, middle=middle, high=high)
        )
    return StatementTable(lines=lines, measure="Section 25 statement beside the simulation")


def paired(labels: Sequence[str], scale: float) -> PairedTable:
    names = (*labels, *SHORT)[:2]
    if names[0] == names[1]:
        names = SHORT[:2]
    panels = []
    for label, middle in (("rules alone", -12.0), ("with behaviour", 8.0))[: max(1, len(labels))]:
        values = [v * scale for v in fifty(middle, 40.0)]
        values[22:27] = [0.0] * 5
        better = share(names[1], sum(v < 0 for v in values) / 50)
        tie = sum(v == 0 for v in values) / 50
        panels.append(PairedPanel(values=values, better=better, tie=tie, label=label))
    return PairedTable(
        panels=panels, first=names[0], second=names[1], measure="Net deficit over ten years"
    )


def tipping(labels: Sequence[str], scale: float) -> TippingTable:
    x, y = (0.0, 0.05, 0.1, 0.15, 0.2), (0.0, 0.25, 0.5, 0.75, 1.0)
    values = [[scale * (30 - 200 * a - 25 * b) for a in x] for b in y]
    names = (*labels, "another regime")[:2]
    return TippingTable(
        x=x,
        y=y,
        x_name="Savings effort lost where a bailout is expected",
        y_name="Share of surplus kept",
        values=values,
        low=[[v - 4 * scale for v in row] for row in values],
        high=[[v + 4 * scale for v in row] for row in values],
        first=names[0],
        second=names[1],
        measure="Net deficit over ten years",
    )


def calibration(labels: Sequence[str], scale: float) -> CalibrationTable:
    held = (0.46, 0.71, 0.84, 0.91)
    both = len(labels) % 2 == 1
    return CalibrationTable(
        nominal=(0.5, 0.8, 0.9, 0.95),
        observed=held,
        low=[v - 0.06 for v in held],
        high=[v + 0.06 for v in held],
        pit=(0.13, 0.09, 0.08, 0.09, 0.1, 0.1, 0.1, 0.08, 0.1, 0.13) if both else (),
        pit_low=0.06 if both else NAN,
        pit_high=0.14 if both else NAN,
        cases=120,
    )


MAKERS: dict[str, Callable[[Sequence[str], float], object]] = {
    "icon_array": icon,
    "fan": fan,
    "reserve_fan": reserve_fan,
    "probability_by_year": years,
    "survival": survival,
    "quantile_dotplot": dots,
    "exceedance": exceedance,
    "reserve_confidence": confidence,
    "incidence": incidence,
    "waterfall": waterfall,
    "tornado": tornado,
    "statement": statement,
    "paired_difference": paired,
    "tipping": tipping,
    "calibration": calibration,
}
#: (labels, how many times £100m or so): huge, tiny, nothing, negative, odd labels.
INPUTS: dict[str, tuple[tuple[str, ...], float]] = {
    "one": (SHORT[:1], 1.0),
    "two": (SHORT[:2], 1.0),
    "two-long-bn": (LONG[:2], 1000.0),
    "three-odd": (ODD[:3], 1.0),
    "four-long": (LONG, 1.0),
    "four-negative": (LONG, -40.0),
    "two-tiny": (SHORT[:2], 1e-6),
    "one-nothing": (SHORT[:1], 0.0),
    "four-nothing": (LONG, 0.0),
}
