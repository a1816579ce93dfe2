"""Tables refuse what cannot be drawn, and take any sequence."""

from __future__ import annotations

import figure_cases as cases
import numpy as np
import pytest
import xarray as xr

from riskmc.figures import (
    Bands,
    Bearers,
    ConfidenceCurve,
    ConfidenceTable,
    ExceedanceTable,
    FanTable,
    IconTable,
    IncidenceTable,
    PairedPanel,
    Series,
    Share,
    StatementLine,
    StatementTable,
    Step,
    TippingTable,
    WaterfallTable,
    YearTable,
)


def test_series_takes_a_measures_dataset() -> None:
    """Would catch `value` and `high` swapped, or years lost."""
    dataset = xr.Dataset(
        {
            name: ("year", np.array(v))
            for name, v in (("value", [0.1, 0.2]), ("low", [0.05, 0.15]), ("high", [0.2, 0.3]))
        },
        coords={"year": ["2016/17", "2017/18"]},
    )
    series = Series.of(dataset, label="x")
    assert series.years == ("2016/17", "2017/18")
    assert (series.value, series.low, series.high) == ((0.1, 0.2), (0.05, 0.15), (0.2, 0.3))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Series(label="x", years=["a"], value=[0.1, 0.2]), "2 values for 1 years"),
        (lambda: Series(label="x", years=["a"], value=[0.1], low=[0.0, 0.1]), "Series.low has 2"),
        (lambda: Bands(label="x", years=["a"], quantiles={0.1: [1], 0.9: [2]}), "lacks the median"),
        (lambda: Bands(label="x", years=["a"], quantiles={0.5: [1], 0.9: [2]}), "0.9 without 0.1"),
        (lambda: Bands(label="x", years=["a"], quantiles={0.5: [1, 2]}), "2 values, 1 years"),
        (lambda: IconTable(shares=[], noun="x", event="y"), "0 parts; 1 to 4"),
        (
            lambda: IconTable(shares=[Share(label="x", value=0.1)] * 5, noun="x", event="y"),
            "5 parts; 1 to 4",
        ),
        (
            lambda: YearTable(
                series=[
                    Series(label="x", years=["a"], value=[0.1]),
                    Series(label="y", years=["b"], value=[0.1]),
                ],
                noun="x",
                event="y",
            ),
            "do not share their years",
        ),
        (
            lambda: FanTable(
                bands=[cases.bands("x", 1.0, 1.0)], measure="m", noun="n", plan=[1.0, 2.0]
            ),
            "FanTable.plan has 2 values, not 10",
        ),
        (lambda: Bearers(label="x", shares={"a": 0.5, "b": 0.4}), "add up to 0.9"),
        (lambda: Bearers(label="x", shares={"a": 1.5, "b": -0.5}), "below 0"),
        (
            lambda: IncidenceTable(
                bars=[
                    Bearers(label="x", shares={"a": 0.5, "b": 0.5}),
                    Bearers(label="y", shares={"b": 0.5, "a": 0.5}),
                ]
            ),
            "same bearers in one order",
        ),
        (
            lambda: WaterfallTable(
                steps=[
                    Step(label="a", value=1.0, total=True),
                    Step(label="b", value=2.0),
                    Step(label="c", value=4.0, total=True),
                ],
                measure="m",
            ),
            "'c' is 4; steps reach 3",
        ),
        (
            lambda: WaterfallTable(steps=[Step(label="a", value=1.0)], measure="m"),
            "start and end with a total",
        ),
        (
            lambda: StatementTable(
                lines=[StatementLine(label="a", stated=1, low=2, middle=1, high=3)], measure="m"
            ),
            "not in order",
        ),
        (
            lambda: PairedPanel(values=[1.0], better=Share(label="x", value=0.7), tie=0.4),
            "add up to more than 1",
        ),
        (
            lambda: TippingTable(
                x=[1, 2], y=[1], x_name="", y_name="", values=[[1]], first="a", second="b",
                measure="m",
            ),
            "not 1 rows of 2",
        ),
        (
            lambda: ConfidenceTable(
                curves=[ConfidenceCurve(label="x", confidence=[0.5], reserves=[1.0])],
                subject="s",
                horizon="h",
            ),
            "target 0.9 is not on every curve",
        ),
        (
            lambda: ExceedanceTable(
                curves=cases.exceedance(cases.SHORT[:2], 1.0).curves,
                measure="m",
                noun="n",
                beyond=[Share(label="other", value=0.1)],
            ),
            "same, in the same order",
        ),
    ],
)  # fmt: skip
def test_wrong_tables_are_refused(make: object, message: str) -> None:
    """Would catch a figure drawn from data that do not belong together."""
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
