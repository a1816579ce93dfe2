"""What there is to say about a study that loads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from riskmc.study.problems import listed


@dataclass(frozen=True, slots=True)
class Neutral:
    """A driver left at its neutral value.

    Parameters
    ----------
    driver : str
        Name in the register.
    value : float
        The neutral value, in the driver's unit.
    organisations : tuple of str
        Ids for which it is neutral; none: for all.
    """

    driver: str
    value: float
    organisations: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = f" for {listed(self.organisations, last='and')}" if self.organisations else ""
        return f"{self.driver} is left at its neutral value {self.value:g}{where}"


@dataclass(frozen=True, slots=True)
class Realised:
    """A correlation as typed and as it is between the latent normals of the bodies named.

    `realised` is within one body and year, in the long run; in the first year persistence has
    not yet weakened it.

    Parameters
    ----------
    first, second : str
        The two drivers.
    typed : float
        The correlation in the study.
    realised : float
        The correlation of their latent normals.
    organisations : tuple of str
        Ids for which it is so.
    """

    first: str
    second: str
    typed: float
    realised: float
    organisations: tuple[str, ...]

    @property
    def share(self) -> float:
        """Realised over typed; 1 where 0 was typed."""
        return 1.0 if self.typed == 0.0 else self.realised / self.typed

    def __str__(self) -> str:
        return (
            f"correlation of {self.first} and {self.second}: typed {self.typed:g}, realised "
            f"{self.realised:.2g} for {listed(self.organisations, last='and')}"
        )


@dataclass(frozen=True, slots=True)
class Validation:
    """What there is to say about a study that loads: nothing here stops a run.

    Parameters
    ----------
    neutral : tuple of Neutral
        Drivers that the study does not set.
    warnings : tuple of str
        What is probably not meant.
    correlations : tuple of Realised
        Correlations that come out otherwise than typed.
    notes : tuple of str
        What is worth knowing: opening gaps, what regimes plan.
    """

    neutral: tuple[Neutral, ...]
    warnings: tuple[str, ...]
    correlations: tuple[Realised, ...]
    notes: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return everything as lines of text, warnings last.

        Returns
        -------
        tuple of str
            One finding per line.
        """
        warnings = (f"warning: {warning}" for warning in self.warnings)
        return (*map(str, self.neutral), *map(str, self.correlations), *self.notes, *warnings)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain tables and lists, for JSON.

        Returns
        -------
        dict of str to list
            Under "neutral", "correlations", "notes" and "warnings".
        """
        return {
            "neutral": [asdict(row) for row in self.neutral],
            "correlations": [asdict(row) for row in self.correlations],
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }
