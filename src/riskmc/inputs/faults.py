"""What is wrong with a cell of a table, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CellFault:
    """One cell that is not understood.

    Parameters
    ----------
    row : int
        Counted from 1, as a spreadsheet counts; 0 stands for the whole file.
    column : int
        Counted from 0; -1 stands for the whole row.
    heading : str
        Text above the column; empty where there is none.
    value : str
        What the cell says.
    message : str
        What is wrong with it.
    allowed : str
        What would be right; empty where the message says so.
    """

    row: int
    column: int
    heading: str
    value: str
    message: str
    allowed: str = ""

    @property
    def place(self) -> str:
        """Column and heading as a person finds them: `column D (Likelihood)`."""
        if self.column < 0:
            return "row" if self.row else "file"
        heading = f" ({self.heading})" if self.heading else ""
        return f"column {letters(self.column)}{heading}"

    def of(self, file: object) -> str:
        """Return the fault with the name of its file: "risks.csv is not text".

        Parameters
        ----------
        file : object
            Name of the file.

        Returns
        -------
        str
            One line.
        """
        about_the_file = not self.row and self.column < 0
        return f"{file} {self}" if about_the_file else f"{file}: {self}"

    def __str__(self) -> str:
        where = f"row {self.row}, {self.place}" if self.column >= 0 else f"row {self.row}"
        where = where if self.row else self.place
        said = f': "{self.value}"' if self.value else ""
        about_the_file = not self.row and self.column < 0  # then the message names it
        text = self.message if about_the_file else f"{where}{said} {self.message}"
        return f"{text}; allowed: {self.allowed}" if self.allowed else text


class TableError(ValueError):
    """A table cannot be read; carries every fault that was found.

    Parameters
    ----------
    faults : sequence of CellFault
        Everything that is wrong, in the order of the file.
    """

    def __init__(self, faults: list[CellFault] | tuple[CellFault, ...]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def of(self, file: object) -> str:
        """Return every fault on a line of its own, with the name of the file.

        Parameters
        ----------
        file : object
            Name of the file.

        Returns
        -------
        str
            One line for each fault.
        """
        return "\n".join(fault.of(file) for fault in self.faults)


def letters(column: int) -> str:
    """Return a column's letters as a spreadsheet has them: 0 is A, 26 is AA."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text
