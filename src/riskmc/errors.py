"""The errors a user may meet: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "DriversError",
    "InputError",
    "Problem",
    "ResultsError",
    "RiskmcError",
    "RunError",
    "StudyError",
    "TooLargeError",
]


def counted(count: int, noun: str) -> str:
    """Return how many there are of a thing whose plural ends in s: "1 year", "1,200 years".

    Parameters
    ----------
    count : int
        How many.
    noun : str
        One of them.

    Returns
    -------
    str
        For a message.
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


class RiskmcError(Exception):
    """Base of every error that `riskmc` raises on purpose; the command line prints it plainly."""

    exit_code = 1


class InputError(RiskmcError):
    """What the user gave is wrong: a study, drivers, an option, a results file."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One fault of a study file, with all that is needed to fix it.

    Parameters
    ----------
    file : str
        The study file.
    line : int or None
        Its line; None where there is none.
    key : str
        Dotted path, as the user wrote it.
    value : str
        Text of the offending value; empty where a key is missing.
    message : str
        What is wrong.
    allowed : str
        What would be right.
    nearest : str
        The nearest known key or id, for a misspelt one.
    """

    file: str
    line: int | None
    key: str
    value: str
    message: str
    allowed: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line is not None else self.file
        text = f"{where}: {self.key}"
        if self.value:
            text += f" = {self.value}"
        text += f": {self.message}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.nearest:
            text += f"; did you mean '{self.nearest}'?"
        return visible(text)


def visible(text: str) -> str:
    """Return a text as a message may show it: what cannot be printed as its escape."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


class StudyError(InputError):
    """A study file is refused: carries every `Problem` found, in the order of the file.

    Parameters
    ----------
    problems : sequence of Problem
        Every fault found, in the order of the file.
    """

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DriversError(InputError):
    """Drivers handed to `run` do not fit the study: a missing driver, label, or a NaN."""


class ResultsError(InputError):
    """A results file or tree is not what it should be, or two of them do not go together."""


class TooLargeError(InputError):
    """What was asked for does not fit the memory that may be used; says what would."""


class RunError(RiskmcError):
    """A run could not be finished; says what was done and how to go on."""
