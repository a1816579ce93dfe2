"""Figures: nothing out of its box, nothing over anything else, and the words that go with them."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from itertools import combinations
from pathlib import Path

import pytest

from riskmc import figures
from riskmc.figures import FIGURES, Change, Changes, Figure, Waterfall
from riskmc.figures.base import LOOKS, WIDEST, apart, ticks
from riskmc.figures.canvas import COLOURS, Canvas, printable, text_width, wrapped
from update_docs import figures as page_on_figures

ROOT = Path(__file__).parents[2]
NAMES = ("Current", "Devolved", "A name that is far too long for a chart")
RULES = tuple(zip(NAMES, LOOKS, strict=True))


def cases() -> list[Figure]:
    """Every figure with one to three sets of rules and amounts of every size; bars past nil."""
    found: list[Figure] = [
        figure.example(RULES[:count], size)
        for size in (0.002, 4.0, 700.0, 24_000.0)
        for count in (1, 2, 3)
        for figure in FIGURES
    ]
    for low, high in ((-3.0, 0.0), (0.0, 40_000.0)):
        bars = (
            Change("Deficit", low, "better", "better", "-"),
            Change("Need", high, "worse", "", "-"),
        )
        steps = (("Opening positions and contracts", low), ("Rules", high), ("Growth of need", 0.0))
        ends = ("As reported", high), ("Now", high + low + high)
        found.append(Changes("The deficit falls and unmet need rises", bars, "Note."))
        found.append(
            Waterfall("The deficit is higher than it was", ends[0], steps, ends[1], "Note.")
        )
    return found


CASES = cases()
ONE_OF_EACH = CASES[: len(FIGURES)]


def texts(svg: str) -> list[tuple[float, float, float, float, str]]:
    """Left, top, right and bottom of every text, as the face has it."""
    found = []
    pattern = (
        r'<text x="([-\d.]+)" y="([-\d.]+)" font-size="([\d.]+)" font-weight="(\d+)"'
        r'(?: text-anchor="(\w+)")?[^>]*>([^<]*)</text>'
    )
    for x, y, size, weight, anchor, text in re.findall(pattern, svg):
        words = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        kind = {"400": "regular", "600": "semibold", "700": "bold"}[weight]
        wide = text_width(words, float(size), kind)  # type: ignore[arg-type]
        left = float(x) - {"": 0.0, "middle": wide / 2, "end": wide}[anchor]
        found.append((left, float(y) - 0.7 * float(size), left + wide, float(y), words))
    return found


@pytest.mark.parametrize("figure", CASES, ids=lambda f: f"{type(f).__name__}")
def test_no_text_leaves_its_box_or_overlaps_another(figure: Figure) -> None:
    """Would catch a label cut off at the edge, or two that cannot be read."""
    for panel in figure.panels():
        box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', panel.svg)
        assert box
        width, height = float(box[1]), float(box[2])
        assert width == panel.width <= WIDEST
        found = texts(panel.svg)
        assert found
        for left, top, right, bottom, text in found:
            assert left >= -1.0, text
            assert right <= width + 1.0, text
            assert -1.0 <= top <= bottom <= height + 1.0, text
        for one, other in combinations(found, 2):
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            assert not (wide > 1.5 and high > 1.5), (one[4], other[4])


@pytest.mark.parametrize("figure", ONE_OF_EACH, ids=lambda f: f"{type(f).__name__}")
def test_words_and_numbers_go_with_every_figure(figure: Figure) -> None:
    """Would catch a figure without alternative text, data, or with text too small to read."""
    data = figure.table()
    assert data.rows
    assert all(len(row) == len(data.columns) for row in data.rows)
    for panel in figure.panels():
        assert 'role="img"' in panel.svg
        assert f'aria-label="{panel.alt[:10]}' in panel.svg
        assert min(float(x) for x in re.findall(r'font-size="([\d.]+)"', panel.svg)) >= 8.0
        assert "http" not in panel.svg.replace("http://www.w3.org/2000/svg", "")
    assert figure.panels() == figure.panels(), "the same bytes"


def kinds(figure: type[Figure]) -> set[type[Figure]]:
    """Every class made of a figure, at any depth."""
    found = set(figure.__subclasses__())
    return found.union(*(kinds(one) for one in found))


def test_no_figure_is_half_added() -> None:
    """Would catch a class that `FIGURES` leaves out, or a figure that no report shows."""
    for module in pkgutil.iter_modules(figures.__path__, "riskmc.figures."):
        import_module(module.name)
    left_out = {one.__name__ for one in kinds(Figure)} - {f.__name__ for f in FIGURES}
    assert not left_out, f"riskmc.figures.FIGURES lacks {left_out}"
    folder = Path(figures.__file__).parents[1] / "report"
    report = "".join(file.read_text(encoding="utf-8") for file in folder.rglob("*.py"))
    for figure in FIGURES:
        assert figure.__name__ in figures.__all__
        assert f"{figure.__name__}(" in report, f"no page of the reports shows {figure.__name__}"


def test_the_page_on_figures_says_what_each_says_of_itself() -> None:
    """Would catch a figure that readers are shown and nobody explains, or one that is gone."""
    text = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    assert text == page_on_figures(text), "python -m tests.update_docs"
    assert len({figure.key for figure in ONE_OF_EACH}) == len(FIGURES)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255.0 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    brighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_contrast_holds_for_text_and_marks() -> None:
    """Would catch a colour that some readers cannot see. Source: WCAG 2.2, 1.4.3 and 1.4.11."""
    paper = COLOURS["paper"]
    for look in LOOKS:
        assert contrast(COLOURS[look.text], paper) >= 4.5
        assert contrast(COLOURS[look.mark], paper) >= 3.0
    for name in ("ink", "grey", "teal-text", "plum"):
        assert contrast(COLOURS[name], paper) >= 4.5
    for name in ("teal", "plum", "neutral"):
        assert contrast(COLOURS[name], paper) >= 3.0
    assert len({(look.shape, look.dash) for look in LOOKS}) == len(LOOKS), "distinguished in grey"


def test_text_that_the_face_lacks_has_a_stand_in() -> None:
    """Would catch a name with an emoji that gives no paper."""
    assert printable("Ysbyty 🏥 Gŵyr") == "Ysbyty □ Gŵyr"
    assert printable("漢字") == "□□"
    assert printable("e\u0301") == "é"
    assert printable("\ufb01ne") == "fine"
    assert text_width("□", 10.0) > 0.0


def test_text_is_wrapped_to_fit_and_never_cut() -> None:
    """Would catch a label that leaves its room, or one of which a reader gets only a part."""
    for words in ("short", "Central funding against the plan of last year", "Llanfairpwll" * 4):
        lines = wrapped(words, 80.0, 8.5)
        assert all(text_width(line, 8.5) <= 80.0 for line in lines)
        kept = "".join(line.removesuffix("-") for line in lines).replace(" ", "")
        assert kept == words.replace(" ", "")
    assert len(wrapped("Central funding against the plan", 80.0, 8.5)) == 2


@pytest.mark.parametrize("figure", CASES, ids=lambda f: f"{type(f).__name__}")
def test_every_drawing_shows_a_name_in_full(figure: Figure) -> None:
    """Would catch a name of rules cut with an ellipsis where a mark has no room for it."""
    drawn: set[str] = set()
    for panel in figure.panels():
        assert "…" not in panel.svg + panel.heading
        drawn |= {word for *_, words in texts(panel.svg) for word in words.split()}
    for name in NAMES:
        assert name not in str(figure.table()) or set(name.split()) <= drawn, name


def test_ticks_are_round_few_and_hold_nil() -> None:
    """Would catch an axis without nil, or one with marks like 333."""
    for low, high in ((0.0, 1050.0), (-1900.0, 570.0), (0.0, 3e-4), (-5.0, 0.0), (0.0, 0.0)):
        found = ticks(low, high)
        assert 0.0 in found
        assert len(found) <= 4
        assert all(min(low, 0.0) - 1e-9 <= x <= max(high, 0.0) + 1e-9 for x in found)
    placed = apart([10.0, 10.0, 11.0], 10.0, 0.0, 100.0)
    assert min(abs(a - b) for a, b in combinations(placed, 2)) >= 9.9


def test_markup_in_names_stays_text() -> None:
    """Would catch a name that writes into the page."""
    canvas = Canvas(100.0, 20.0)
    canvas.text(0.0, 10.0, '<script>&"')
    svg = canvas.svg('a "quote" <b>')
    assert "<script>" not in svg
    assert "<b>" not in svg
