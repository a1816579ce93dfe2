"""How draws are numbered and dealt to chains."""

from __future__ import annotations

import operator
from dataclasses import dataclass

from riskmc.errors import InputError

#: Draws that share one stream, whatever blocks the engine uses.
KEY_BLOCK = 4096
#: Points of one randomisation under `lhs` and `sobol`, a power of two.
POINTS = 1024
#: Fewest chains: what errors between replicates rest on.
FEWEST_CHAINS = 16
#: The largest seed, as NetCDF holds it; the most draws that can be numbered.
MOST_SEED, MOST_DRAWS = 2**63 - 1, 10**15
SCHEMES = ("mc", "antithetic", "lhs", "sobol")


@dataclass(frozen=True)
class Layout:
    """How draws are numbered: a draw's number is chain × per_chain + draw.

    Parameters
    ----------
    chains : int
        How many chains.
    per_chain : int
        Draws of each.
    """

    chains: int
    per_chain: int

    @property
    def total(self) -> int:
        """All draws."""
        return self.chains * self.per_chain


def draws_for(n: int, scheme: str) -> Layout:
    """Return the least layout of a scheme that holds `n` draws.

    `mc` and `antithetic`: sixteen chains, consecutive parts of one numbered sequence (pairs
    kept together). `lhs` and `sobol`: chains of 1,024 points, sixteen or more.

    Parameters
    ----------
    n : int
        Futures asked for.
    scheme : {"mc", "antithetic", "lhs", "sobol"}
        How futures are drawn.

    Returns
    -------
    Layout
        At least `n` draws in all.

    Raises
    ------
    InputError
        A number of draws that is not a whole number from 1, or a scheme that does not exist.

    References
    ----------
    - docs/sampling.md, "Schemes".
    """
    check_scheme(scheme)
    n = whole_number(n, "draws", low=1, high=MOST_DRAWS)
    if scheme in ("lhs", "sobol"):
        return Layout(max(FEWEST_CHAINS, -(-n // POINTS)), POINTS)
    per_chain = -(-n // FEWEST_CHAINS)
    if scheme == "antithetic":
        per_chain += per_chain % 2
    return Layout(FEWEST_CHAINS, per_chain)


def whole_number(value: object, what: str, *, low: int, high: int) -> int:
    """Return a whole number as typed in Python, checked as in a file; InputError else."""
    allowed = f"allowed: whole numbers from {low:,} to {high:,}"
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise InputError(f"{what}: {value!r} is not a whole number; {allowed}")
    number = operator.index(value)
    if not low <= number <= high:
        raise InputError(
            f"{what}: {number:,} is too {'small' if number < low else 'large'}; {allowed}"
        )
    return number


def checked_seed(seed: object) -> int:
    """Return a seed, checked as in a file; InputError else."""
    return whole_number(seed, "seed", low=0, high=MOST_SEED)


def check_scheme(scheme: str) -> None:
    """Refuse a scheme that does not exist; InputError."""
    if not isinstance(scheme, str) or scheme not in SCHEMES:
        raise InputError(f"scheme: no '{scheme}'; allowed: {', '.join(SCHEMES)}")
