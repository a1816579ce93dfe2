"""A results file put together from blocks of draws: NetCDF-4, shuffled and compressed.

Every draw as it was simulated (`keep="all"`) is stored unpacked, one contiguous stretch per
variable; the default is packed (`riskmc.results.packing`), a chunk holding 32,768 draws at most
of one body, year and regime.
"""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskmc.results.blocks import Blocks, Piece
from riskmc.results.contents import STORED_DIMS, Contents
from riskmc.results.room import need_room
from riskmc.results.seal import SEALED, seal

#: Draws in a chunk, at most.
CHUNK_DRAWS = 32_768
#: ISA-L's level, and the binary logarithm of how many bytes back it looks for what comes again.
_LEVEL, _WINDOW = 1, 9
#: Bytes gathered from the blocks at a time, at most: by a thread, what its cache holds; by all.
_BY_A_THREAD, _AT_ONCE = 1_000_000, 64_000_000
#: Attributes in which NetCDF has the numbers of a variable's dimensions, and of the first.
_DIMENSIONS, _DIMENSION = "_Netcdf4Coordinates", "_Netcdf4Dimid"


def assemble(path: Path, contents: Contents, blocks: Blocks, *, workers: int = 1) -> None:
    """Write the results file of a run whose blocks are all there; OSError where that fails."""
    import h5netcdf

    need_room(path, contents.bytes())
    found = [blocks.values(block) for block in range(blocks.count)]
    with h5netcdf.File(path, "w") as file, ThreadPoolExecutor(max(workers, 1)) as pool:
        file.attrs.update({**contents.attributes(), SEALED: 1})
        for group in contents.names:
            _lay_out(file, group, contents)
        for piece in blocks.pieces:
            dataset = file._h5file[f"{piece.group}/{piece.name}"]
            rows = _Rows(piece, found, blocks)
            for part in rows.parts(range(rows.count), _AT_ONCE):
                if contents.packed:
                    _write_chunks(dataset, rows, part, pool)
                else:
                    _write_whole(dataset, rows, part)
    seal(path)


def _lay_out(file: Any, group: str, contents: Contents) -> None:
    """Make a group with its labels and its variables, empty."""
    import h5py

    node = file.create_group(group)
    dims, labels = STORED_DIMS[group], contents.coordinates
    node.dimensions = {dim: len(labels[dim]) for dim in dims}
    for dim in dims:
        texts = isinstance(labels[dim][0], str)
        kind = h5py.string_dtype() if texts else np.dtype(np.int64)
        data = np.array(labels[dim], dtype=object if texts else np.int64)
        node.create_variable(dim, (dim,), kind, data=data)
    folder = file._h5file[group]
    scales = [folder[dim] for dim in dims]
    numbers = np.array([scale.attrs[_DIMENSION] for scale in scales], np.int32)
    how: dict[str, Any] = {"shape": [len(labels[dim]) for dim in dims], "track_order": True}
    if contents.packed:
        chunk = chunk_of(contents.layout.chains, contents.layout.per_chain)
        shape = (*(1 for _ in dims[:-2]), *chunk)
        how |= {"chunks": shape, "shuffle": True, "compression": "gzip"}
    for name in contents.names[group]:
        flag = contents.dtype(name).kind == "b"  # NetCDF has no such type
        stored = np.dtype(np.int8) if flag else contents.dtype(name)
        # h5netcdf makes the same, but searches the file for every dimension of every variable
        dataset = folder.create_dataset(name, dtype=stored, **how)
        for axis, scale in enumerate(scales):
            dataset.dims[axis].attach_scale(scale)
        own = contents.variable_attributes(group, name) | ({"dtype": "bool"} if flag else {})
        dataset.attrs.update({_DIMENSIONS: numbers, _DIMENSION: numbers[0], **own})


def chunk_of(chains: int, per_chain: int) -> tuple[int, int]:
    """Return a chunk's chains and draws: whole chains where they are short.

    Chunks are alike, so that as little as may be is filled up.
    """
    if per_chain > CHUNK_DRAWS:
        return 1, _evenly(per_chain, CHUNK_DRAWS)
    return _evenly(chains, CHUNK_DRAWS // per_chain), per_chain


def _evenly(count: int, most: int) -> int:
    """Return the size of the largest part where so many are dealt out to as few as may be."""
    return -(-count // -(-count // most))


@dataclass(frozen=True)
class _Rows:
    """A variable's rows, all draws of each, in the blocks."""

    piece: Piece
    found: list[dict[tuple[str, str], NDArray[Any]]]
    blocks: Blocks

    @property
    def count(self) -> int:
        return math.prod(self.piece.lead)

    def parts(self, rows: range, most: int) -> list[range]:
        """Return rows in parts of so many bytes at most, or of one row."""
        step = max(most * self.count // max(self.piece.bytes(self.blocks.draws), 1), 1)
        return [rows[start : start + step] for start in range(0, len(rows), step)]

    def place(self, row: int) -> tuple[int, ...]:
        """Return where a row lies in the variable."""
        return tuple(map(int, np.unravel_index(row, self.piece.lead)))

    def values(self, rows: range) -> NDArray[Any]:
        """Return rows as they are stored, (row, draw)."""
        values = np.empty((len(rows), self.blocks.draws), self.piece.dtype)
        for block, arrays in enumerate(self.found):
            flat = arrays[self.piece.group, self.piece.name].reshape(self.count, -1)
            values[:, self.blocks.part(block)] = flat[rows.start : rows.stop]
        return values.view(np.int8) if values.dtype == bool else values


def _write_whole(dataset: Any, rows: _Rows, part: range) -> None:
    by_chain = rows.values(part).reshape(-1, *dataset.shape[-2:])
    for row, values in zip(part, by_chain, strict=True):
        dataset[rows.place(row)] = values


def _write_chunks(dataset: Any, rows: _Rows, part: range, pool: ThreadPoolExecutor) -> None:
    shape, chunk = dataset.shape[-2:], dataset.chunks[-2:]
    corners = list(itertools.product(*map(range, (0, 0), shape, chunk)))

    def made(some: range) -> list[tuple[tuple[int, ...], bytes]]:
        by_chain = rows.values(some).reshape(-1, *shape)
        return [
            ((*rows.place(row), *corner), _compressed(values, corner, chunk))
            for row, values in zip(some, by_chain, strict=True)
            for corner in corners
        ]

    for chunks in pool.map(made, rows.parts(part, _BY_A_THREAD)):
        for place, content in chunks:
            dataset.id.write_direct_chunk(place, content)


def _compressed(row: NDArray[Any], corner: tuple[int, ...], chunk: tuple[int, ...]) -> bytes:
    """Return a chunk as HDF5's filters would make it: filled up, shuffled, deflated."""
    part = row[corner[0] : corner[0] + chunk[0], corner[1] : corner[1] + chunk[1]]
    if part.shape != chunk:
        whole = np.zeros(chunk, row.dtype)
        whole[: part.shape[0], : part.shape[1]] = part
        part = whole
    flat = np.ascontiguousarray(part).reshape(-1)
    if not flat.view(np.uint8).any():
        return _nothing(flat.size, flat.dtype.str)
    return deflated(flat)


@lru_cache(maxsize=4)
def _nothing(size: int, dtype: str) -> bytes:
    """Return a chunk of zeros, of which results hold many: what cannot or did not happen."""
    return deflated(np.zeros(size, dtype))


def deflated(flat: NDArray[Any]) -> bytes:
    """Return values shuffled and deflated: first bytes, second bytes, ..., each with its own code.

    Digits are mostly chance: to look longer or further for what comes again finds no more.
    """
    from isal import isal_zlib

    deflate = isal_zlib.compressobj(_LEVEL, wbits=_WINDOW)
    parts: list[bytes] = []
    for plane in flat.view(np.uint8).reshape(-1, flat.itemsize).T:
        parts.append(deflate.compress(np.ascontiguousarray(plane)))
        parts.append(deflate.flush(isal_zlib.Z_SYNC_FLUSH))
    return b"".join([*parts, deflate.flush()])
