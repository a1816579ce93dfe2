"""A figure with all that goes with it: picture, title, alt text, caption and data table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from riskmc.figures import (
    alt,
    amounts,
    captions,
    comparison,
    counts,
    data,
    distributions,
    fans,
    reserves,
    tables,
    titles,
    years,
)
from riskmc.figures.data import DataTable
from riskmc.figures.svg import Text, to_svg


@dataclass(frozen=True)
class Figure:
    """What a report needs of a figure.

    svg      the picture, without its title
    title    at most ten words that state the message
    alt      alt text from the figure's own numbers
    caption  how to read it, and where the numbers come from
    table    the data table
    """

    svg: str
    title: str
    alt: str
    caption: str
    table: DataTable

    def _repr_svg_(self) -> str:
        """Show the picture in a notebook."""
        return self.svg


#: For each kind of table: its name, and the function that draws it. The functions of that name
#: in `titles`, `alt`, `captions` and `data` make the words.
_DRAWN: dict[type, tuple[str, Callable[..., Any]]] = {
    tables.CalibrationTable: ("calibration", distributions.calibration),
    tables.ConfidenceTable: ("reserve_confidence", reserves.reserve_confidence),
    tables.DotTable: ("quantile_dotplot", distributions.quantile_dotplot),
    tables.ExceedanceTable: ("exceedance", distributions.exceedance),
    tables.FanTable: ("fan", fans.fan),
    tables.IconTable: ("icon_array", counts.icon_array),
    tables.IncidenceTable: ("incidence", counts.incidence),
    tables.PairedTable: ("paired_difference", comparison.paired_difference),
    tables.ReserveFanTable: ("reserve_fan", reserves.reserve_fan),
    tables.StatementTable: ("statement", amounts.statement),
    tables.SurvivalTable: ("survival", years.survival),
    tables.TippingTable: ("tipping", comparison.tipping),
    tables.TornadoTable: ("tornado", amounts.tornado),
    tables.WaterfallTable: ("waterfall", amounts.waterfall),
    tables.YearTable: ("probability_by_year", years.probability_by_year),
}


def draw(table: object, *, title: str | None = None) -> tuple[Axes, ...]:
    """Draw the figure of a table; return its Axes, always as a tuple."""
    axes = _entry(table)[1](table=table, title=title)
    return axes if isinstance(axes, tuple) else (axes,)


def words(table: object) -> tuple[str, str, str, DataTable]:
    """Return title, alt text, caption and data table of a figure without drawing it."""
    name = _entry(table)[0]
    return (
        getattr(titles, name)(table=table),
        getattr(alt, name)(table=table),
        getattr(captions, name)(table=table),
        getattr(data, name)(table=table),
    )


def render(
    table: object,
    *,
    prefix: str,
    source: str = "",
    text: Text = "none",
    show_title: bool = False,
) -> Figure:
    """Draw a table's figure and put its words beside it.

    table       any of the tables of `riskmc.figures.tables`
    prefix      starts every id in the SVG; must be unique in a page
    source      put behind the caption: source, coverage, period
    text        "none" keeps text as text (HTML), "path" draws glyphs (PDF)
    show_title  also write the title into the picture

    Raises TypeError for a table that no figure is made of.
    """
    title, description, caption, rows = words(table)
    axes = draw(table, title=title if show_title else None)
    figure = axes[0].get_figure(root=True)
    assert figure is not None
    svg = to_svg(figure, prefix=prefix, title=title, alt=description, text=text)
    return Figure(svg, title, description, f"{caption} {source}".strip(), rows)


def _entry(table: object) -> tuple[str, Callable[..., Any]]:
    if type(table) not in _DRAWN:
        raise TypeError(f"no figure is made of a {type(table).__name__}")
    return _DRAWN[type(table)]
