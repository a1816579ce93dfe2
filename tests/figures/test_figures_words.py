"""Titles are true and short; alt texts and tables carry the figure's own numbers."""

from __future__ import annotations

import dataclasses
import doctest
import re
from pathlib import Path

import figure_cases as cases
import numpy as np
import pytest

from riskmc.figures import (
    Bearers,
    CalibrationTable,
    Difference,
    Figure,
    IconTable,
    IncidenceTable,
    Mark,
    PairedPanel,
    PairedTable,
    Share,
    Step,
    Swing,
    TornadoTable,
    WaterfallTable,
    alt,
    data,
    titles,
    words,
)
from riskmc.words import figure_text

TWO = cases.SHORT[:2]


@pytest.mark.parametrize("inputs", cases.INPUTS)
@pytest.mark.parametrize("name", cases.MAKERS)
def test_every_figure_has_words(name: str, inputs: str) -> None:
    """Would catch a title of more than ten words, an empty cell of words, a ragged table."""
    title, description, caption, rows = words(cases.MAKERS[name](*cases.INPUTS[inputs]))
    assert 0 < len(title.split()) <= 10
    assert title[0] == title[0].upper()
    assert not title.endswith(".")
    for said in (description, caption):
        assert said.endswith(".")
        assert "nan" not in said.lower().replace("finance", "")
        assert ".." not in said
    for row, numbers in zip(rows.rows, rows.numbers, strict=True):
        assert len(row) == len(numbers) == len(rows.columns)


def _icons(first: float, second: float, half: float, difference: Difference | None = None) -> str:
    shares = [
        Share(label=label, value=v, low=max(v - half, 0.0), high=v + half)
        for label, v in zip(cases.LONG, (first, second), strict=False)
    ]
    table = IconTable(shares=shares, noun="Bailout", event="it happens", difference=difference)
    return titles.icon_array(table=table)


def test_icon_title_names_the_safer_regime_only_when_told_apart() -> None:
    """Would catch the wrong regime named, or a winner where errors leave it open."""
    assert _icons(0.71, 0.23, 0.005) == "Bailout rarer under ‘Devolved’: 23 against 71 of 100"
    assert _icons(0.23, 0.71, 0.005) == "Bailout rarer under ‘Current rules’: 23 against 71 of 100"
    assert _icons(0.24, 0.23, 0.02) == "Bailout: the regimes cannot be told apart"
    assert _icons(0.0, 0.0, 0.0) == "No bailout in any simulated future"
    assert _icons(0.2312, 0.2298, 0.0002) == "Bailout: regimes differ by about 1 in 100 or less"


def test_paired_difference_decides_over_separate_intervals() -> None:
    """Would catch common random numbers' gain thrown away, or a paired tie called a win."""
    sure = Difference(value=-0.01, low=-0.012, high=-0.008)
    assert _icons(0.24, 0.225, 0.02, sure).startswith("Bailout rarer under ‘Devolved’")
    unsure = Difference(value=-0.3, low=-0.61, high=0.01)
    assert _icons(0.71, 0.23, 0.005, unsure) == "Bailout: the regimes cannot be told apart"


def test_wide_errors_are_shown_as_a_range() -> None:
    """Would catch "17 of 100" where the error spans 10 to 24."""
    table = IconTable(
        shares=[Share(label="x", value=0.17, low=0.10, high=0.24)],
        noun="Bailout",
        event="a bailout is needed",
    )
    assert titles.icon_array(table=table) == "Bailout in 10 to 24 of 100 futures"
    description = alt.icon_array(table=table)
    assert "In 10 to 24 of 100 simulated futures a bailout is needed" in description
    assert "in 76 to 90 it does not" in description


def test_rare_is_never_shown_as_never() -> None:
    """Would catch 0.2 % printed as 0 of 100, and its other side as 100."""
    table = cases.icon(cases.SHORT[2:3], 1.0)
    rare = dataclasses.replace(table, shares=[cases.share("x", 0.002, 0.001)])
    assert titles.icon_array(table=rare) == "Bailout in fewer than 1 of 100 futures"
    assert "in more than 99 it does not" in alt.icon_array(table=rare)


def test_three_regimes_name_one_only_if_it_beats_every_other() -> None:
    """Would catch "rarest" for the lowest of two that cannot be told apart."""
    table = cases.icon(cases.SHORT, 1.0)
    close = [cases.share(x, v) for x, v in zip("abc", (0.5, 0.2, 0.201), strict=True)]
    title = titles.icon_array(table=dataclasses.replace(table, shares=close))
    assert title == "Bailout likeliest under ‘a’: 50 against 20 of 100"
    chain = [cases.share(x, v, 0.02) for x, v in zip("abc", (0.2, 0.23, 0.26), strict=True)]
    title = titles.icon_array(table=dataclasses.replace(table, shares=chain))
    assert title == "Bailout: about 20 to 26 of 100, by regime"


def test_year_title_counts_the_years_that_can_be_told_apart() -> None:
    """Would catch "every year" where the first year is a tie, or crossing curves called a win."""
    table = cases.years(TWO, 1.0)
    expected = "Bailout rarer under ‘Devolved’ in 9 of 10 years"
    assert titles.probability_by_year(table=table) == expected
    crossing = [cases.chances("a", 0.0, 0.4), cases.chances("b", 0.4, 0.0)]
    title = titles.probability_by_year(table=dataclasses.replace(table, series=crossing))
    assert title == "Bailout: which regime does better depends on the year"
    same = [cases.chances("a", 0.1, 0.2), cases.chances("b", 0.11, 0.21)]
    title = titles.probability_by_year(table=dataclasses.replace(table, series=same))
    assert title == "Bailout: the regimes cannot be told apart"


def test_year_title_names_a_peak_only_if_it_stands_out() -> None:
    """Would catch "likeliest in 2025/26" where 2024/25 is within the error."""
    table = cases.years(TWO[:1], 1.0)
    title = titles.probability_by_year(table=table)
    assert title == "Bailout likeliest in 2025/26: 31 of 100 futures"
    flat = dataclasses.replace(table, series=[cases.chances("a", 0.30, 0.31)])
    title = titles.probability_by_year(table=flat)
    assert title == "Bailout: at most 31 of 100 futures in a year"


def test_survival_title_knows_that_more_is_better() -> None:
    """Would catch the regime whose reserves run out praised."""
    title = titles.survival(table=cases.survival(TWO, 1.0))
    assert title == "Reserves likelier to last under ‘Devolved’ in most years"
    assert titles.survival(table=cases.survival(TWO, 0.0)).startswith("Reserves last in every")


def test_fan_title_compares_middles_within_their_errors() -> None:
    """Would catch a lower median claimed against its own error."""
    table = cases.fan(TWO, 1.0)
    assert titles.fan(table=table) == "Middle deficit lower under ‘Devolved’: £100m against £300m"
    errors = {0.5: [60.0] * 10}
    bands = [dataclasses.replace(band, errors=errors) for band in table.bands]
    vague = dataclasses.replace(table, bands=bands)
    assert titles.fan(table=vague) == "Middle deficit: the regimes cannot be told apart"
    paired = dataclasses.replace(vague, difference=Difference(value=-200, low=-210, high=-190))
    assert "lower under ‘Devolved’" in titles.fan(table=paired)


def test_reserve_titles() -> None:
    """Would catch a held amount called enough when it falls short, and the reverse."""
    table = cases.confidence(TWO[:1], 1.0)
    assert titles.reserve_confidence(table=table).startswith("£72m held; to last in 90 of 100")
    rich = dataclasses.replace(table, held=Mark(label="held", value=500.0))
    title = titles.reserve_confidence(table=rich)
    assert title == "£500m held is enough in 90 of 100 futures"
    close = dataclasses.replace(table, held=Mark(label="held", value=202.0))
    title = titles.reserve_confidence(table=close)
    assert title == "£202m held is about enough in 90 of 100 futures"
    two = titles.reserve_fan(table=cases.reserve_fan(TWO, 1.0))
    assert two == "Reserves run out less often under ‘Current rules’"


def test_dot_and_exceedance_titles_count_what_is_beyond_the_mark() -> None:
    """Would catch dots at or below the mark counted as beyond it."""
    table = cases.dots(TWO[:1], 1.0)
    beyond = sum(v > 180.0 for v in table.rows[0].values)
    title = titles.quantile_dotplot(table=table)
    assert title == f"Bailout: {beyond} of 50 dots above reserves held"
    title = titles.exceedance(table=cases.exceedance(TWO[:1], 1.0))
    assert title == "Deficit exceeds reserves held in 25 of 100 futures"
    plain = dataclasses.replace(cases.exceedance(TWO, 1.0), mark=None, beyond=())
    title = titles.exceedance(table=plain)
    assert title == "P90 deficit lower under ‘Devolved’: £195m against £235m"


def test_incidence_title_follows_the_largest_share() -> None:
    """Would catch a bearer named who bears less than another, or within the error."""
    shares = {"The centre": 0.5, "Service users": 0.3, "Past savers": 0.2}
    other = {"The centre": 0.1, "Service users": 0.6, "Past savers": 0.3}
    one = IncidenceTable(bars=[Bearers(label="a", shares=shares)])
    assert titles.incidence(table=one) == "50p of each £1 falls on the centre"
    two = IncidenceTable(bars=[Bearers(label="a", shares=shares), Bearers(label="b", shares=other)])
    expected = "Largest share: the centre; under ‘b’, service users"
    assert titles.incidence(table=two) == expected
    vague = Bearers(label="a", shares=shares, errors=dict.fromkeys(shares, 0.1))
    title = titles.incidence(table=IncidenceTable(bars=[vague]))
    assert title == "No one bearer of the shortfall stands out"


def test_waterfall_and_tornado_name_the_largest_only_if_it_stands_out() -> None:
    """Would catch a largest step or driver named against the errors."""
    table = cases.waterfall(TWO[:1], 1.0)
    expected = "£10m to £107m: spread of all drivers together most"
    assert titles.waterfall(table=table) == expected
    steps = [
        Step(label="Plan", value=0.0, total=True),
        Step(label="a", value=10.0, error=2.0),
        Step(label="b", value=11.0, error=2.0),
        Step(label="P50", value=21.0, total=True),
    ]
    title = titles.waterfall(table=WaterfallTable(steps=steps, measure="Deficit"))
    assert title == "Plan to P50: £0m to £21m"
    title = titles.tornado(table=cases.tornado(TWO[:1], 1.0))
    assert title == "Demand growth moves deficit most: £(40)m to £210m"
    swings = [
        Swing(label="A", low=0.0, high=10.0, error=2.0),
        Swing(label="B", low=0.0, high=9.0, error=2.0),
    ]
    close = TornadoTable(bars=swings, centre=5.0, measure="Deficit", noun="Deficit")
    assert titles.tornado(table=close) == "A and b move deficit most"


def test_statement_counts_lines_outside() -> None:
    """Would catch a stated figure on the edge counted as outside."""
    table = cases.statement(TWO[:1], 1.0)
    title = titles.statement(table=table)
    assert title == "Stated figures: 1 of 2 outside the simulated range"
    edge = dataclasses.replace(table.lines[0], stated=90.0)
    title = titles.statement(table=dataclasses.replace(table, lines=[edge]))
    assert title == "Stated figures all lie within the simulated range"


def test_paired_title_says_when_the_mean_goes_the_other_way() -> None:
    """Would catch a majority of small gains that hides a few large losses."""

    def title(mean: float, better: float = 0.61, lower: bool = True) -> str:
        panel = PairedPanel(
            values=[-1.0, 0.0, 1.0],
            better=Share(label="b", value=better, low=better - 0.005, high=better + 0.005),
            tie=0.1,
            mean=Difference(value=mean, low=mean - 1.0, high=mean + 1.0),
        )
        table = PairedTable(
            panels=[panel], first="a", second="b", measure="Deficit", lower_is_better=lower
        )
        return titles.paired_difference(table=table)

    assert title(-5.0) == "‘b’ better in 61 of 100 futures"
    assert title(5.0) == "‘b’ better in 61 of 100 futures, worse on average"
    assert title(5.0, lower=False) == "‘b’ better in 61 of 100 futures"
    assert title(-5.0, better=0.2) == "‘b’ better in 20 of 100 futures, better on average"
    assert title(0.5) == "‘b’ better in 61 of 100 futures"


def test_tipping_counts_only_what_can_be_told() -> None:
    """Would catch cells within the error counted for the second regime."""
    table = cases.tipping(TWO, 1.0)
    better = sum(v + 4.0 < 0.0 for row in table.values for v in row)
    title = titles.tipping(table=table)
    assert title == f"‘Devolved’ better in {better} of 25 combinations tried"
    assert titles.tipping(table=cases.tipping(TWO, 0.0)) == "No difference in any combination tried"
    more = dataclasses.replace(table, lower_is_better=False)
    worse = sum(v - 4.0 > 0.0 for row in table.values for v in row)
    assert f"in {worse} of 25" in titles.tipping(table=more)


def test_calibration_title() -> None:
    """Would catch narrow and wide swapped, or a miss within the error called a fault."""

    def title(observed: float, half: float) -> str:
        table = CalibrationTable(
            nominal=[0.8], observed=[observed], low=[observed - half], high=[observed + half]
        )
        return titles.calibration(table=table)

    assert title(0.71, 0.05) == "Ranges too narrow: those for 80 held 71"
    assert title(0.9, 0.05) == "Ranges too wide: those for 80 held 90"
    assert title(0.71, 0.1) == "Ranges hold about as often as they say"


#: What the alt text of each figure of two regimes must say.
SAID = {
    "icon_array": ("71 of 100", "in 29", "23 of 100", "in 77"),
    "fan": ("£300m", "£100m", "£543m", "the plan is £10m", "£22m in 2015/16"),
    "reserve_fan": ("£50m", "20 of 100", "the floor is £10m"),
    "probability_by_year": ("31 of 100 in 2025/26", "8 of 100 in 2025/26"),
    "survival": ("40 of 100 in 2025/26", "70 of 100 in 2025/26", "fewer than half"),
    "quantile_dotplot": ("£260m", "middle £120m", "8 of 50 dots above reserves held, £180m"),
    "exceedance": ("£235m in 90 of 100", "exceeded in 25 of 100", "exceeded in 20 of 100"),
    "reserve_confidence": ("for 90 of 100 futures", "5 % of net revenue £70m", "held now £72m"),
    "incidence": ("The centre 50p", "Local taxpayers 10p", "of £412m", "The centre 94p"),
    "waterfall": ("Plan £(10)m", "takes off £62m", "adds £125m", "P80 £(107)m"),
    "tornado": ("£(40)m where it is low", "£210m where it is high", "Mean of all futures £100m"),
    "statement": ("stated £40m, outside", "£90m to £480m", "stated £(80)m, inside"),
    "paired_difference": ("better in 52 of 100", "worse in 38", "the same in 10", "£81.1m"),
    "tipping": ("better in 12 cells", "£30m at 0 and 0", "£(35)m at 0.2 and 1"),
    "calibration": ("71 of 100 where 80 should", "120 past values"),
}


@pytest.mark.parametrize("name", SAID)
def test_alt_text_carries_the_numbers(name: str) -> None:
    """Would catch an alt text of words alone, or with another regime's numbers."""
    description = getattr(alt, name)(table=cases.MAKERS[name](TWO, 1.0))
    for part in SAID[name]:
        assert part.lower() in description.lower(), description


def test_data_tables_carry_bare_numbers_beside_the_printed_ones() -> None:
    """Would catch spreadsheets filled from rounded text."""
    table = cases.years(TWO, 1.0)
    rows = data.probability_by_year(table=table)
    assert rows.columns[1:4] == ("Current rules", "Current rules: 95 % interval", "Devolved")
    assert [row[1] for row in rows.numbers] == pytest.approx(table.series[0].value)
    assert [row[3] for row in rows.numbers] == pytest.approx(table.series[1].value)
    assert rows.rows[-1][1] == "31 %"
    shown = data.fan(table=cases.fan(TWO, 1.0))
    assert len(shown.rows) == 3 + 20
    assert shown.numbers[-1][4] == pytest.approx(100.0)
    assert shown.rows[-1][4] == "£100m"


def test_amounts_show_no_more_digits_than_their_error() -> None:
    """Would catch £214.32m printed with an error of £6m."""
    assert figure_text.money(214.32, mcse=6.0) == "£210m"
    assert figure_text.money(214.32, mcse=0.4) == "£214m"
    assert figure_text.money(5.0, mcse=0.8) == "£5m"
    table = cases.fan(TWO[:1], 1.0)
    vague = dataclasses.replace(table.bands[0], errors={p: [6.0] * 10 for p in cases.LEVELS})
    description = alt.fan(table=dataclasses.replace(table, bands=[vague]))
    assert "£300m in 2025/26" in description
    assert "£543m" not in description


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "£0m"),
        (-12.34, "£(12.3)m"),
        (1234.0, "£1.23bn"),
        (-25000.0, "£(25)bn"),
        (0.0421, "£42.1k"),
        (0.000001, "£1"),
        (999.6, "£1,000m"),
        (float("nan"), "not known"),
    ],
)
def test_money_switches_units_and_brackets_negatives(value: float, shown: str) -> None:
    """Would catch minus signs, £0.00bn for thousands, and units that depend on the sign."""
    assert figure_text.money(value) == shown


def test_short_names_never_name_two_regimes() -> None:
    """Would catch a title that says ‘Devolved’ where three regimes are."""
    for labels in (cases.LONG, cases.ODD, ("A, b", "A, c"), ("Same", "Same")):
        names = figure_text.short_names(labels)
        assert len(names) == len(labels)
        if len(set(labels)) == len(labels):
            assert len(set(names)) == len(names)
    assert figure_text.short_names(cases.LONG[:2]) == ("Current rules", "Devolved")
    assert "Devolved" not in figure_text.short_names(cases.LONG)


def test_examples_in_docstrings_hold() -> None:
    """Would catch a docstring that says something else than the code does."""
    assert doctest.testmod(figure_text).failed == 0


def test_probabilities_count_exactly_at_the_edges() -> None:
    """Would catch rounding that turns 99.7 % into certainty."""
    for value in np.linspace(0.0, 1.0, 1001):
        shown = figure_text.of_hundred(float(value))
        assert (shown == "0") == (value == 0.0)
        assert (shown == "100") == (value == 1.0)


def test_the_example_in_the_docs_runs() -> None:
    """Would catch documentation of functions that have other names or arguments."""
    page = Path(__file__).parents[2] / "docs" / "figures.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # our own page
    figure = names["figure"]
    assert isinstance(figure, Figure)
    assert figure.title == "Bailout rarer under ‘Devolved’ in every year"
