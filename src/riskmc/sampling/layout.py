"""How draws are numbered and dealt to chains."""

from __future__ import annotations

from dataclasses import dataclass

from riskmc.errors import InputError

#: Draws that share one stream, whatever blocks the engine uses.
KEY_BLOCK = 4096
#: Points of one randomisation under `lhs` and `sobol`, a power of two.
POINTS = 1024
#: Fewest chains: what errors between replicates rest on.
FEWEST_CHAINS = 16
SCHEMES = ("mc", "antithetic", "lhs", "sobol")


@dataclass(frozen=True)
class Layout:
    """`chains` of `per_chain` draws each; a draw's number is chain × per_chain + draw."""

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

    Raises
    ------
    InputError
        No draws, or a scheme that does not exist.
    """
    check_scheme(scheme)
    if n < 1:
        raise InputError(f"draws: {n} is too few; allowed: 1 or more")
    if scheme in ("lhs", "sobol"):
        return Layout(max(FEWEST_CHAINS, -(-n // POINTS)), POINTS)
    per_chain = -(-n // FEWEST_CHAINS)
    if scheme == "antithetic":
        per_chain += per_chain % 2
    return Layout(FEWEST_CHAINS, per_chain)


def check_scheme(scheme: str) -> None:
    """Refuse a scheme that does not exist; InputError."""
    if scheme not in SCHEMES:
        raise InputError(f"scheme: no '{scheme}'; allowed: {', '.join(SCHEMES)}")
