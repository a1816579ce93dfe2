"""The headline as tables: rows for people, and the tidy rows of `summary.csv`."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from riskmc.measures.catalogue import HEADLINE_ROWS, Measure, horizon_measure
from riskmc.measures.headline import HeadlineEstimate, Scope, estimates
from riskmc.measures.holders import exhaustion_not_applicable
from riskmc.measures.reading import Names, Reader
from riskmc.measures.summary_reader import read
from riskmc.measures.view import Source
from riskmc.statistics.estimates import Single
from riskmc.study.money_remarks import reserves_in_kinds
from riskmc.study.regime_notes import planning_sentences
from riskmc.variables import PLACE
from riskmc.words.cells import csv_cell
from riskmc.words.rounding import CANNOT, Style, format_estimate, units_word

if TYPE_CHECKING:
    import pandas as pd

#: Quantiles of money over the horizon that go into `summary.csv`.
QUANTILES = (0.05, 0.5, 0.95)


class TidyRow(NamedTuple):
    """One line of `summary.csv`: the columns of the interface, in order.

    `against`, `year` and `quantile` are empty (None) where they do not apply. A quantile with
    `against` is the quantile of the per-draw difference.
    """

    measure: str
    regime: str
    against: str
    organisation: str
    year: str
    quantile: float | None
    value: float
    mcse: float
    low: float
    high: float
    unit: str


def tidy(
    results: Source,
    *,
    organisation: Names = None,
    regime: Names = None,
    quantiles: Sequence[float] = QUANTILES,
) -> list[TidyRow]:
    """Return every headline estimate as tidy rows, paired differences included.

    Over the horizon first, then by year; within these by measure, organisation, regime. NaN
    stands for what does not apply or what too few draws can say.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    organisation, regime : str or sequence of str, optional
        Default: the place and every organisation, every regime.
    quantiles : sequence of float
        Probabilities of the quantiles of amounts.

    Returns
    -------
    list of TidyRow
        One row an estimate.

    Raises
    ------
    ResultsError
        A name that is not there.

    References
    ----------
    - docs/measures.md, "The headline table".
    """
    reader = read(results)
    scope = Scope(
        reader.choose_bodies(organisation),
        reader.choose_regimes(regime),
        quantiles=tuple(quantiles),
    )
    rows: dict[bool, list[TidyRow]] = {False: [], True: []}
    for found in estimates(reader, scope):
        rows[found.yearly].extend(_rows(found, reader.years))
    return rows[False] + rows[True]


def _rows(found: HeadlineEstimate, years: Sequence[str]) -> Iterator[TidyRow]:
    measure, estimate = found.measure, found.estimate
    name = measure.source if measure.quantile is not None else measure.name
    labels = years if found.yearly else ("",)
    for i, label in enumerate(labels):
        at = i if found.yearly else ()
        yield TidyRow(
            name,
            found.regime,
            found.against,
            found.organisation,
            label,
            measure.quantile,
            float(estimate.value[at]),
            float(estimate.mcse[at]),
            float(estimate.low[at]),
            float(estimate.high[at]),
            measure.unit,
        )


def write_summary_csv(results: Source, path: str | os.PathLike[str]) -> Path:
    """Write `summary.csv`: UTF-8, one row per estimate, empty cells for what is not there.

    Numbers carry 10 significant digits: they are data to go on with; `mcse` says how many of
    them mean something.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    path : str or path
        File to write; one that exists is replaced.

    Returns
    -------
    Path
        The file written.
    """
    target = Path(path)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(TidyRow._fields)
        for row in tidy(results):
            writer.writerow([_cell(value) for value in row])
    return target


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return str(csv_cell(value))
    return f"{value:.10g}" if math.isfinite(value) else ""


class Cell(NamedTuple):
    """One cell of the headline table: the estimate, and `text` as it is printed.

    `against` is empty, or the regime that the difference is taken from.
    """

    regime: str
    against: str
    value: float
    mcse: float
    low: float
    high: float
    bound: bool
    units: int
    text: str


class Line(NamedTuple):
    """One row of the headline table; `cells` line up with the table's columns."""

    measure: str
    label: str
    unit: str
    style: Style
    better: str
    cells: tuple[Cell, ...]


class HeadlineTable(NamedTuple):
    """The headline results of one body.

    `columns` are the regimes' labels, then the paired differences; `notes` what must be said
    with it.
    """

    organisation: str
    name: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    def to_frame(self, *, text: bool = False) -> pd.DataFrame:
        """Return the table in pandas: a row a measure, a column each set of rules or difference.

        Parameters
        ----------
        text : bool
            Printed text, with its simulation error, instead of numbers.

        Returns
        -------
        pandas.DataFrame
            Numbers in each measure's own unit: £m, or a chance from 0 to 1.
        """
        import pandas as pd

        rows = [[c.text if text else c.value for c in line.cells] for line in self.lines]
        return pd.DataFrame(
            rows, index=[line.label for line in self.lines], columns=list(self.columns)
        )

    def _repr_html_(self) -> str:
        """Return the printed table for a notebook, with its notes."""
        from html import escape

        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"{self.to_frame(text=True).to_html()}{notes}"


def headline_table(
    results: Source,
    organisation: str = PLACE,
    *,
    regime: Names = None,
    rows: Sequence[str] = HEADLINE_ROWS,
    adverse_in_brackets: bool = False,
) -> HeadlineTable:
    """Return the headline table of the place or one body, with numbers and printed text.

    Columns: each regime, then each later regime less the first, draw by draw. `rows` are names
    of horizon measures. No text carries more digits than its simulation error supports. With
    `adverse_in_brackets` a difference for the worse is shown in brackets.

    Parameters
    ----------
    results : xarray.DataTree or Results
        Results of a run, or a selection of them.
    organisation : str
        "place" or the name of one organisation.
    regime : str or sequence of str, optional
        Default: every regime.
    rows : sequence of str
        Names of horizon measures, one a row.
    adverse_in_brackets : bool
        Whether a difference for the worse is shown in brackets.

    Returns
    -------
    HeadlineTable
        Numbers and text, row by row.

    Raises
    ------
    ResultsError
        For an organisation, regime or row that is not there.

    References
    ----------
    - docs/measures.md, "The headline table".
    """
    reader = read(results)
    bodies = reader.choose_bodies(organisation)
    scope = Scope(bodies, reader.choose_regimes(regime), yearly=False)
    wanted = _rows_for(organisation, [horizon_measure(name) for name in rows])
    columns = [(name, "") for name in scope.regimes]
    columns += [(name, scope.regimes[0]) for name in scope.regimes[1:]]
    cells: dict[tuple[str, str, str], Cell] = {}
    for found in estimates(reader, scope, names=[measure.name for measure in wanted]):
        single = found.estimate.single()
        cells[found.measure.name, found.regime, found.against] = _table_cell(
            found, single, units_word(reader.scheme), adverse_in_brackets
        )
    lines = tuple(
        Line(
            m.name,
            _label(m, organisation),
            m.unit,
            m.style,
            m.better,
            tuple(cells[m.name, *column] for column in columns),
        )
        for m in wanted
    )
    labels = {name: reader.study().regimes[name].label for name in scope.regimes}
    return HeadlineTable(
        organisation,
        _body_name(reader, organisation),
        _column_labels(reader, columns),
        lines,
        (
            *_notes(reader, scope, organisation, lines),
            *planning_sentences(reader.study(), labels),
            *_kinds_of_reserves(reader, organisation),
        ),
    )


def _rows_for(organisation: str, measures: list[Measure]) -> list[Measure]:
    """Drop the gross deficit of an organisation: it is the net one."""
    if organisation == PLACE:
        return measures
    return [m for m in measures if m.name != "gross_deficit"]


def _label(measure: Measure, organisation: str) -> str:
    if organisation != PLACE and measure.name == "net_deficit":
        return measure.label.replace("Net deficit", "Deficit")
    return measure.label


def _table_cell(found: HeadlineEstimate, single: Single, what: str, brackets: bool) -> Cell:
    measure = found.measure
    worse = {"lower": single.value > 0.0, "higher": single.value < 0.0}.get(measure.better, False)
    text = format_estimate(
        single.value,
        single.mcse,
        style=measure.style,
        bound=single.bound,
        units=single.units,
        what=what,
        difference=bool(found.against),
        adverse=brackets and bool(found.against) and worse,
        impossible=found.impossible,
    )
    return Cell(found.regime, found.against, *single, text)


def _body_name(reader: Reader, organisation: str) -> str:
    study = reader.study()
    if organisation == PLACE:
        return study.title
    return study.name_of(organisation)


def _column_labels(reader: Reader, columns: list[tuple[str, str]]) -> tuple[str, ...]:
    study = reader.study()

    def label(regime: str) -> str:
        return study.regimes[regime].label if regime in study.regimes else regime

    return tuple(
        f"{label(regime)} less {label(against)}" if against else label(regime)
        for regime, against in columns
    )


def _kinds_of_reserves(reader: Reader, organisation: str) -> tuple[str, ...]:
    """Say what reserves are made of, where the study does, for the body or all of the place."""
    bodies = [b for b in reader.study().organisations if organisation in (PLACE, b.id)]
    return tuple(f"{line}." for body in bodies for line in reserves_in_kinds(body))


def _notes(
    reader: Reader, scope: Scope, organisation: str, lines: tuple[Line, ...]
) -> tuple[str, ...]:
    first, last = reader.years[0], reader.years[-1]
    span = first if first == last else f"{first} to {last}"
    notes = [
        f"{reader.draws:,} futures; after ± one Monte Carlo standard error: simulation error "
        "only, not the error of the model.",
        f"Chances are of at least one year in {span}; differences are taken future by future, and "
        "rounded by their own error.",
    ]
    if any(cell.text == CANNOT for line in lines for cell in line.cells):
        notes.append(f"“{CANNOT.capitalize()}”: no instrument of these rules can bring it about.")
    shown = any(line.measure == "p_exhausted" for line in lines)
    if not shown:
        return tuple(notes)
    if not reader.view.from_opening:
        notes.append("Exhaustion is not shown: years since the opening were left out.")
        return tuple(notes)
    for regime, bodies in exhaustion_not_applicable(reader).items():
        if organisation in bodies and regime in scope.regimes:
            notes.append(
                f"Under {regime}, exhaustion does not apply: the holder opens at or below its "
                "reserve floor."
            )
    return tuple(notes)
