"""Keyed streams of standard normals, one for each driver, organisation and key block.

A stream is opened by what it is for, never by its place among others, so nothing that is added
to a study, or taken from it, moves any other stream. Years follow one another within it.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from riskmc.sampling.layout import KEY_BLOCK, POINTS
from riskmc.variables import DRIVERS

Array = NDArray[np.float64]

#: The organisation of the factors that all share.
NATIONAL = "*"
CHAINS_PER_BLOCK = KEY_BLOCK // POINTS
#: Drivers whose national factors have Sobol coordinates, in register order.
SOBOL_DRIVERS = tuple(row.name for row in DRIVERS if row.sobol)
#: Years that have them: year × the number of such drivers + the driver's place.
SOBOL_YEARS = 10
SOBOL_DIMENSIONS = SOBOL_YEARS * len(SOBOL_DRIVERS)
#: Half the step of SciPy's 30-bit Sobol points, which keeps them off 0.
_HALF_STEP = 2.0**-31
#: Keep a stratified uniform off 0 and 1.
_LOWEST, _HIGHEST = 2.0**-60, 1.0 - 2.0**-53


def key_words(*parts: str) -> tuple[int, ...]:
    """Return the first 128 bits of SHA-256 of `parts` (joined by NUL) as four 32-bit words."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return tuple(int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))


def generator(seed: int, words: tuple[int, ...], number: int) -> np.random.Generator:
    """Return the generator keyed by `seed`, four words and a block (or chain) number."""
    sequence = np.random.SeedSequence(seed, spawn_key=(*words, number))
    return np.random.Generator(np.random.SFC64(sequence))


class Stream(Protocol):
    """Standard normals of one key block, a year at a time."""

    def fill(self, row: Array) -> None:
        """Fill `row`, shape (4096,), with the next year's."""


class Plain:
    """Independent draws."""

    def __init__(self, source: np.random.Generator) -> None:
        self._source = source

    def fill(self, row: Array) -> None:
        """Fill `row` with independent normals."""
        self._source.standard_normal(out=row)


class Antithetic:
    """Draws 2i and 2i + 1 are z and −z."""

    def __init__(self, source: np.random.Generator) -> None:
        self._source = source
        self._half = np.empty(KEY_BLOCK // 2)

    def fill(self, row: Array) -> None:
        """Fill `row` with pairs of opposites."""
        self._source.standard_normal(out=self._half)
        row[0::2] = self._half
        np.negative(self._half, out=row[1::2])


class LatinHypercube:
    """Each chain of 1,024 has one draw in every 1,024th of probability, in random order."""

    def __init__(self, source: np.random.Generator) -> None:
        self._source = source

    def fill(self, row: Array) -> None:
        """Fill `row` with four stratified columns."""
        from scipy.special import ndtri

        columns = row.reshape(CHAINS_PER_BLOCK, POINTS)
        self._source.random(out=columns)
        columns += np.arange(POINTS)
        columns /= POINTS
        np.clip(columns, _LOWEST, _HIGHEST, out=columns)
        self._source.permuted(columns, axis=1, out=columns)
        ndtri(row, out=row)


class SobolThenLatin:
    """Sobol coordinates for the years that have them, Latin hypercube columns after."""

    def __init__(self, uniforms: Array, rest: LatinHypercube) -> None:
        self._uniforms = uniforms
        self._rest = rest
        self._year = 0

    def fill(self, row: Array) -> None:
        """Fill `row` with the next year's coordinate."""
        from scipy.special import ndtri

        if self._year < len(self._uniforms):
            ndtri(self._uniforms[self._year], out=row)
        else:
            self._rest.fill(row)
        self._year += 1


class Streams(ABC):
    """Opens the streams of one key block under a scheme."""

    #: Distinguishes the keys of schemes; `mc` has the plain ones.
    scheme: tuple[str, ...] = ()
    #: The step by which the compiled library fills a row; None where it cannot.
    compiled: str | None = None

    def __init__(self, seed: int, block: int) -> None:
        self.seed = seed
        self.block = block

    def source(self, driver: str, organisation: str) -> np.random.Generator:
        """Return the generator of a driver and organisation in this block."""
        return generator(self.seed, key_words(*self.scheme, driver, organisation), self.block)

    @abstractmethod
    def open(self, driver: str, organisation: str) -> Stream:
        """Return the stream of a driver and organisation, `NATIONAL` for the shared factor."""


class PlainStreams(Streams):
    """`mc`."""

    compiled = "fill"

    def open(self, driver: str, organisation: str) -> Stream:
        """Return independent draws."""
        return Plain(self.source(driver, organisation))


class AntitheticStreams(Streams):
    """`antithetic`."""

    scheme = ("antithetic",)
    compiled = "opposites"

    def open(self, driver: str, organisation: str) -> Stream:
        """Return draws in opposite pairs."""
        return Antithetic(self.source(driver, organisation))


class LatinStreams(Streams):
    """`lhs`."""

    scheme = ("lhs",)

    def open(self, driver: str, organisation: str) -> Stream:
        """Return stratified columns."""
        return LatinHypercube(self.source(driver, organisation))


class SobolStreams(Streams):
    """`sobol`: national factors by coordinate, all else by stratified column.

    A scrambled Sobol sequence of 20 dimensions is no prefix of one of 40, so the engine always
    has 120 and a factor's coordinate is fixed by its year and its driver's place in the
    register. Each chain is scrambled by its own key.
    """

    scheme = ("sobol",)

    def __init__(self, seed: int, block: int) -> None:
        super().__init__(seed, block)
        self._points: Array | None = None

    def open(self, driver: str, organisation: str) -> Stream:
        """Return coordinates for a national factor of the register, else stratified columns."""
        rest = LatinHypercube(self.source(driver, organisation))
        if organisation != NATIONAL or driver not in SOBOL_DRIVERS:
            return rest
        if self._points is None:
            self._points = self._scrambled()
        first = SOBOL_DRIVERS.index(driver)
        return SobolThenLatin(self._points[first :: len(SOBOL_DRIVERS)], rest)

    def _scrambled(self) -> Array:
        """Return the block's four scrambled point sets, shape (dimension, 4096)."""
        from scipy.stats import qmc

        points = np.empty((SOBOL_DIMENSIONS, KEY_BLOCK))
        first = self.block * CHAINS_PER_BLOCK
        for place in range(CHAINS_PER_BLOCK):
            source = generator(self.seed, key_words("sobol"), first + place)
            engine = qmc.Sobol(SOBOL_DIMENSIONS, scramble=True, rng=source)
            columns = engine.random_base2(POINTS.bit_length() - 1).T
            points[:, place * POINTS : (place + 1) * POINTS] = columns
        points += _HALF_STEP
        return points


_STREAMS: dict[str, type[Streams]] = {
    "mc": PlainStreams,
    "antithetic": AntitheticStreams,
    "lhs": LatinStreams,
    "sobol": SobolStreams,
}


def streams(scheme: str, seed: int, block: int) -> Streams:
    """Return the streams of a key block under a scheme; KeyError for an unknown one."""
    return _STREAMS[scheme](seed, block)


def combine(terms: Sequence[tuple[float, Array]], out: Array, scratch: Array) -> Array:
    """Write the sum of coefficient × row to `out`, term by term in the order given.

    `out` may be the row of the first term, no other.
    """
    (coefficient, row), *rest = terms
    np.multiply(row, coefficient, out=out)
    for coefficient, row in rest:
        np.multiply(row, coefficient, out=scratch)
        np.add(out, scratch, out=out)
    return out
