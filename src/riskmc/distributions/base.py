"""What every marginal distribution of a driver or a risk can do."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from riskmc.described import Described
from riskmc.distributions.forms import Fixed, Form
from riskmc.distributions.percentile_keys import MEANING, PATTERN, is_percentile

Array = NDArray[np.float64]

#: The three points that say what a distribution means: 1 in 20, as likely as not, 1 in 20.
IN_WORDS = (0.05, 0.5, 0.95)
#: The standard normal's 95th percentile, exact to float64.
Z95 = 1.6448536269514722

#: No tail is asked for below this probability, nor above 1 - EPSILON: Φ⁻¹ stays finite.
TINY = 1e-300
EPSILON = 2.0**-53


def normal_cdf(z: Array) -> Array:
    """Return Φ(z), accurate in the lower tail."""
    from scipy.special import ndtr

    result: Array = np.asarray(ndtr(z), dtype=np.float64)
    return result


def normal_quantile(p: Array) -> Array:
    """Return Φ⁻¹(p)."""
    from scipy.special import ndtri

    result: Array = np.asarray(ndtri(p), dtype=np.float64)
    return result


class Distribution(Described):
    """A marginal distribution, written in a study as a table with the key `distribution`.

    Attributes
    ----------
    mean, sd : float
        Mean and standard deviation of the value itself, exact or by quadrature to about 1e-12.

    Notes
    -----
    `quantile` is exact (SciPy or a closed form); `from_normal` is F⁻¹(Φ(z)), fast, and agrees
    with it to 1e-6 standard deviations for abs(z) < 5.

    References
    ----------
    - docs/model.md, section 3, "How a value is drawn".
    - docs/sampling.md, "Distributions".
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        allow_inf_nan=False,
    )

    #: Whether percentiles (p1 to p99) may be given in place of the family's parameters.
    takes_percentiles: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _fit_percentiles(cls, given: Any) -> Any:
        if not cls.takes_percentiles or not isinstance(given, Mapping):
            return given
        own = {field.alias or name for name, field in cls.model_fields.items()}
        if all(key in own or is_percentile(key) for key in given):
            return cls.from_percentiles(given)
        # a misspelt key: let it be named, rather than the percentiles that want it
        return {key: value for key, value in given.items() if key in own or not is_percentile(key)}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema of the keys as users write them, percentiles among them."""
        schema = handler.resolve_ref_schema(
            super().__get_pydantic_json_schema__(core_schema, handler)
        )
        schema["description"] = schema["description"].partition("\n\nReferences\n")[0]
        if cls.takes_percentiles:
            schema["properties"].pop("percentiles", None)
            schema["patternProperties"] = {PATTERN: {"type": "number", "description": MEANING}}
            schema["required"] = ["distribution"]
        return schema

    @classmethod
    def from_percentiles(cls, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return a table with its percentiles made into parameters.

        Parameters
        ----------
        table : mapping of str
            Keys of the distribution as typed, p1 to p99 among them.

        Returns
        -------
        dict of str
            Keys with parameters in place of percentiles.

        Raises
        ------
        ValueError
            Where the family has no member with these percentiles.
        """
        return dict(table)

    if TYPE_CHECKING:

        @property
        def mean(self) -> float:
            """Mean of the value."""

        @property
        def sd(self) -> float:
            """Standard deviation of the value."""

    @property
    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Lowest and highest value possible, perhaps infinite."""

    @property
    def fixed(self) -> float | None:
        """The only value it can take, or None if it varies."""
        low, high = self.support
        return low if low == high else None

    @abstractmethod
    def tail(self, p: Array, *, upper: bool) -> Array:
        """Return the value beyond which lies a probability, exactly.

        Both tails are asked for by their own small probability, so neither is rounded away.

        Parameters
        ----------
        p : ndarray
            Probabilities in [0, 1]; any shape.
        upper : bool
            Whether `p` lies above the value rather than below.

        Returns
        -------
        ndarray
            Shaped as `p`, in the unit of the value.
        """

    @abstractmethod
    def cdf(self, x: Array) -> Array:
        """Return the probability of a value of at most `x`.

        Parameters
        ----------
        x : ndarray
            Values, in the unit of the value; any shape.

        Returns
        -------
        ndarray
            Probabilities, shaped as `x`.
        """

    def quantile(self, u: Array) -> Array:
        """Return F⁻¹(u), exact.

        Parameters
        ----------
        u : ndarray
            Probabilities in [0, 1]; any shape.

        Returns
        -------
        ndarray
            Shaped as `u`, in the unit of the value.
        """
        return self.tail(np.asarray(u, dtype=np.float64), upper=False)

    def from_normal(self, z: Array, out: Array | None = None) -> Array:
        """Return F⁻¹(Φ(z)), here exactly, from whichever tail is the smaller.

        Parameters
        ----------
        z : ndarray
            Standard normal values; any shape.
        out : ndarray, optional
            Where to write the result; may be `z` itself.

        Returns
        -------
        ndarray
            Shaped as `z`, in the unit of the value; `out` where it is given.
        """
        z = np.asarray(z, dtype=np.float64)
        out = np.empty_like(z) if out is None else out
        above = z > 0
        p = normal_cdf(-np.abs(z))
        upper = self.tail(p[above], upper=True)
        out[~above] = self.tail(p[~above], upper=False)
        out[above] = upper
        return out

    def form(self) -> Form | None:
        """Return what `from_normal` does as numbers, for the player of recorded years.

        Returns
        -------
        Form or None
            None where the values are left to NumPy.
        """
        return None if self.fixed is None else Fixed(self.fixed)

    def describe(self, unit: str = "") -> str:
        """Say what the distribution means, so that somebody who knows the place can object.

        Parameters
        ----------
        unit : str
            Unit of the value, such as "fraction a year" or "£m".

        Returns
        -------
        str
            The 5th, 50th and 95th percentile in words.
        """
        low, middle, high = (float(x) for x in self.quantile(np.array(IN_WORDS)))
        if low == high:
            return f"always {amount(low, unit, 0.0)}"
        # two digits of the whole spread, or what it takes to distinguish the three, within reason
        gap = min(middle - low, high - middle)
        spread = max(min(high - low, 10 * gap), (high - low) / 100)
        return (
            f"1 in 20 below {amount(low, unit, spread)}, "
            f"as likely as not above {amount(middle, unit, spread)}, "
            f"1 in 20 above {amount(high, unit, spread)}"
        )


def amount(value: float, unit: str, spread: float) -> str:
    """Write a value with its unit, to two digits of the `spread` it is read against.

    Fractions and shares are written in per cent, £m as money, anything else follows the number.

    Parameters
    ----------
    value : float
        The value.
    unit : str
        Its unit, such as "share of cost" or "£m".
    spread : float
        What it is read against, in the same unit; 0: the value itself, to six digits.

    Returns
    -------
    str
        Such as "2.5 % a year" or "£3.1m".
    """
    first = unit.split(" ")[0]
    if first in ("fraction", "share"):
        rest = unit.removeprefix(first)
        return f"{_number(100 * value, 100 * spread)} %{rest}"
    if unit == "£m":
        text = _number(value, spread)
        return f"-£{text[1:]}m" if text.startswith("-") else f"£{text}m"
    text = _number(value, spread)
    return f"{text} {unit}" if unit and unit != "ratio" else text


def _number(value: float, spread: float) -> str:
    """Write a number with decimals enough for two digits of `spread` (of itself if 0)."""
    if spread <= 0.0:
        return f"{value:.6g}"
    decimals = min(max(1 - math.floor(math.log10(spread)), 0), 12)
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0.0 else text


def filled(like: Array, value: float, out: Array | None = None) -> Array:
    """Return an array shaped as `like` (or `out`) holding `value` everywhere."""
    if out is None:
        return np.full(np.shape(like), value)
    out.fill(value)
    return out
