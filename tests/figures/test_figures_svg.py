"""The SVG: the same bytes each time, fit for a page, whatever the settings and the threads."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import figure_cases as cases
import matplotlib as mpl
import pytest
from matplotlib.figure import Figure as MplFigure

from riskmc.figures import draw, fan, render

NAMES = tuple(cases.MAKERS)
SVG = "{http://www.w3.org/2000/svg}"


def table(name: str) -> object:
    return cases.MAKERS[name](cases.LONG[:2], 1.0)


@pytest.mark.parametrize("name", NAMES)
def test_same_input_same_bytes(name: str) -> None:
    """Would catch random ids, dates, or state left over from another figure."""
    first = render(table(name), prefix="f1")
    draw(cases.fan(cases.SHORT, 1.0))
    assert render(table(name), prefix="f1") == first
    assert "matplotlib" not in first.svg.lower()


def test_same_bytes_in_another_process() -> None:
    """Would catch ids that depend on the process: hash seeds, memory addresses."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import figure_cases as c;"
        "from riskmc.figures import render;"
        "sys.stdout.buffer.write(render(c.fan(c.LONG[:2], 1.0), prefix='f1').svg.encode())"
    )
    folder = cases.__file__.rsplit("/", 1)[0]
    env = {"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7", "MPLBACKEND": "svg"}
    done = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, check=True, env=env
    )
    assert done.stdout.decode() == render(cases.fan(cases.LONG[:2], 1.0), prefix="f1").svg


@pytest.mark.parametrize("text", ["none", "path"])
def test_figures_stand_in_one_page_without_shared_ids(text: str) -> None:
    """Would catch clip paths or glyphs of one figure used by another."""
    seen: set[str] = set()
    for number, name in enumerate(NAMES):
        svg = render(table(name), prefix=f"f{number}", text=text).svg  # type: ignore[arg-type]
        ids = re.findall(r'\bid="([^"]+)"', svg)
        assert len(ids) == len(set(ids))
        assert not seen & set(ids)
        seen.update(ids)
        used = re.findall(r'href="#([^"]+)"', svg) + re.findall(r"url\(#([^)]+)\)", svg)
        assert set(used) <= set(ids)


@pytest.mark.parametrize("name", NAMES)
def test_svg_is_self_contained_responsive_and_named(name: str) -> None:
    """Would catch a fixed width, something fetched from elsewhere, or a picture without alt."""
    figure = render(table(name), prefix="f1", source="Source: the study.")
    root = ET.fromstring(figure.svg)
    assert root.tag == f"{SVG}svg"
    assert "viewBox" in root.attrib
    assert not {"width", "height"} & set(root.attrib)
    assert root.attrib["role"] == "img"
    by_id = {element.get("id"): element.text for element in root.iter()}
    assert by_id[root.attrib["aria-labelledby"]] == figure.title
    assert by_id[root.attrib["aria-describedby"]] == figure.alt
    links = re.findall(r'(?:href|src)="([^"]*)"', figure.svg)
    assert all(link.startswith("#") for link in links)
    assert "<style" not in figure.svg
    assert figure.caption.endswith("Source: the study.")


def test_text_is_text_or_outlines_as_asked() -> None:
    """Would catch a page whose figures cannot be searched, or a PDF that lacks a font."""
    page = render(cases.years(cases.LONG[:2], 1.0), prefix="f1")
    root = ET.fromstring(page.svg)
    said = [element.text for element in root.iter(f"{SVG}text")]
    assert "2025/26" in said
    assert "Current rules" in said
    printed = render(cases.years(cases.LONG[:2], 1.0), prefix="f1", text="path")
    assert "<text" not in printed.svg
    assert "font-family" not in printed.svg
    titled = render(cases.years(cases.LONG[:2], 1.0), prefix="f1", show_title=True)
    assert any("rarer" in (t.text or "") for t in ET.fromstring(titled.svg).iter(f"{SVG}text"))


def test_odd_labels_are_escaped_and_not_read_as_mathematics() -> None:
    """Would catch broken XML, or $x$ set as a formula."""
    figure = render(cases.years(cases.ODD[:3], 1.0), prefix="f1")
    root = ET.fromstring(figure.svg)
    said = " ".join(element.text or "" for element in root.iter(f"{SVG}text"))
    assert "<i>" in said
    assert "$x_1$" in said


def test_settings_of_the_user_neither_reach_us_nor_are_touched() -> None:
    """Would catch a figure that turns dark with the user's style, or a style left changed."""
    before = render(table("fan"), prefix="f1").svg
    with mpl.rc_context():
        mpl.rcParams.update({"axes.facecolor": "black", "font.size": 30.0, "xtick.major.size": 20})
        mpl.rcParams["font.family"] = ["serif"]
        settings = dict(mpl.rcParams)
        assert render(table("fan"), prefix="f1").svg == before
        assert dict(mpl.rcParams) == settings


def test_threads_may_draw_at_once() -> None:
    """Would catch shared state: one thread's style or renderer in another's figure."""
    alone = [render(table(name), prefix="f1").svg for name in NAMES]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda name: render(table(name), prefix="f1").svg, NAMES * 2))
    assert together == alone * 2


def test_draws_into_a_figure_that_is_given() -> None:
    """Would catch a function that ignores the caller's figure (a notebook's)."""
    mine = MplFigure()
    axes = fan(table=cases.fan(cases.SHORT[:1], 1.0), figure=mine)
    assert axes[0].figure is mine


def test_wrong_prefix_and_wrong_table_are_refused() -> None:
    """Would catch ids that are no ids, and a figure made of anything."""
    with pytest.raises(ValueError, match="prefix '1 a'"):
        render(table("fan"), prefix="1 a")
    with pytest.raises(TypeError, match="no figure is made of a dict"):
        render({}, prefix="f1")


def test_importing_the_package_does_not_import_matplotlib() -> None:
    """Would catch a slow `riskmc --help`."""
    code = "import sys, riskmc.figures; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
