"""Nothing overlaps, nothing is cut off, and neighbours can be told apart without colour."""

from __future__ import annotations

import itertools

import pytest
from figure_cases import INPUTS, MAKERS, SHORT, fan
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from riskmc.figures import draw, overlaps, words
from riskmc.figures.layout import spread_out, text_width, wrap
from riskmc.figures.style import INK, LOOKS, PAPER, SEQUENTIAL, contrast


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("name", MAKERS)
def test_no_text_overlaps_or_is_cut_off(name: str, inputs: str) -> None:
    """Would catch labels that run into each other, or off the sheet, for any input."""
    table = MAKERS[name](*INPUTS[inputs])
    assert overlaps(draw(table, title=words(table)[0])) == []


def test_overlaps_finds_what_is_planted() -> None:
    """Would catch a checker that passes everything."""
    figure = Figure(figsize=(4, 3))
    FigureCanvasAgg(figure)
    figure.text(0.5, 0.5, "one label")
    figure.text(0.52, 0.51, "another")
    figure.text(0.9, 0.1, "reaches beyond the edge")
    figure.text(0.1, 0.9, "fine")
    found = overlaps(figure)
    assert found == [
        "'reaches beyond the edge' leaves the sheet",
        "'one label' overlaps 'another'",
    ]


def test_overlaps_sees_tick_labels_but_not_hidden_ones() -> None:
    """Would catch a checker blind to axes, or one that reports ticks outside the limits."""
    figure = Figure(figsize=(4, 3))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.2, 0.2, 0.7, 0.7))
    axes.set_xticks([0.0, 0.02, 5.0], ["a long label", "another long label", "outside"])
    axes.set_xlim(0.0, 1.0)
    axes.set_yticks([])
    assert overlaps(axes) == ["'a long label' overlaps 'another long label'"]


def test_overlaps_leaves_the_figure_as_it_was() -> None:
    """Would catch a check that changes the size at which a figure is saved."""
    figure = draw(fan(SHORT, 1.0))[0].figure
    before = figure.dpi, figure.canvas
    overlaps(figure)
    assert (figure.dpi, figure.canvas) == before


def test_text_is_legible_on_a_phone() -> None:
    """Would catch type that falls under 8 CSS pixels where the figure is 358 pixels wide."""
    for name, maker in MAKERS.items():
        figure = draw(maker(SHORT[:2], 1.0))[0].figure
        points_wide = figure.get_size_inches()[0] * 72.0
        for text in figure.findobj(lambda artist: hasattr(artist, "get_fontsize")):
            if text.get_text():
                assert text.get_fontsize() >= 10.0, name
                assert text.get_fontsize() * 358.0 / points_wide >= 8.0, name


def test_neighbouring_colours_differ() -> None:
    """Would catch looks that fall together in black and white (WCAG 1.4.11: 3 to 1)."""
    for look, after in itertools.pairwise(LOOKS):
        assert contrast(look.main, after.main) >= 3.0
        assert look.marker != after.marker
    for look in LOOKS:
        assert contrast(look.main, PAPER) >= 3.0 - 0.05
        # bands: their edge, and the middle line, against all that lies beside them
        for fill in (look.soft, look.pale, PAPER):
            assert contrast(look.deep, fill) >= 3.0
        assert contrast(look.deep, PAPER) >= 4.5
    assert len({look.marker for look in LOOKS}) == len({str(look.line) for look in LOOKS}) == 4


def test_palette_is_the_agreed_one() -> None:
    """Would catch a change of the regimes' colours in one figure only."""
    assert [look.main for look in LOOKS[:2]] == ["#12436D", "#F46A25"]
    assert SEQUENTIAL == ("#12436D", "#2073BC", "#6BACE6")
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast(INK, PAPER) > 15.0


def test_spread_out_keeps_order_distance_and_bounds() -> None:
    """Would catch labels that swap places or leave their column."""
    sizes = [0.3, 0.2, 0.4, 0.2]
    places = spread_out([1.0, 1.0, 0.98, 3.0], sizes, low=0.0, high=4.0)
    order = sorted(range(4), key=places.__getitem__)
    assert order == [2, 0, 1, 3]
    for a, b in itertools.pairwise(order):
        assert places[b] - places[a] >= 0.5 * (sizes[a] + sizes[b]) - 1e-9
    assert places[3] == pytest.approx(3.0)
    crowded = spread_out([5.0, 5.0], [1.0, 1.0], low=0.0, high=4.0)
    assert crowded == pytest.approx([2.5, 3.5])


def test_wrap_keeps_every_letter_within_the_width() -> None:
    """Would catch text lost at a break, or a long word that overflows."""
    text = "Devolved, without-a-name-that-could-ever-be-broken incomprehensibilities"
    lines = wrap(text, 1.2, 11.0)
    assert all(text_width(line, 11.0) <= 1.2 for line in lines)
    assert "".join(lines).replace("-", "") == text.replace(" ", "").replace("-", "")
