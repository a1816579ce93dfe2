"""A results file put together from blocks of draws: NetCDF-4, shuffled and compressed.

Every draw as it was simulated (`keep="all"`) is stored unpacked, one contiguous stretch per
variable; the default is packed (`riskmc.results.packing`), a chunk holding some 16,000 draws of
one body, year and regime.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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
CHUNK_DRAWS = 16_384
#: Digits are mostly chance: to look longer for what comes again finds no more.
_LEVEL = 1
#: Bytes gathered from the blocks at a time, at most.
_AT_ONCE = 64_000_000


def assemble(path: Path, contents: Contents, blocks: Blocks, *, workers: int = 1) -> None:
    """Write the results file of a run whose blocks are all there; OSError where that fails."""
    import h5netcdf

    need_room(path, contents.bytes())
    found = [blocks.values(block) for block in range(blocks.count)]
    with h5netcdf.File(path, "w") as file, ThreadPoolExecutor(max(workers, 1)) as pool:
        file.attrs.update({**contents.attributes(), SEALED: 1})
        for group in contents.names:
            _lay_out(file, group, contents)
        raw = file._h5file
        for piece in blocks.pieces:
            dataset = raw[f"{piece.group}/{piece.name}"]
            for rows, values in _gathered(piece, found, blocks):
                _write_rows(dataset, piece, rows, values, pool, chunked=contents.packed)
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
    how: dict[str, Any] = {}
    if contents.packed:
        chunk = chunk_of(contents.layout.chains, contents.layout.per_chain)
        shape = (*(1 for _ in dims[:-2]), *chunk)
        how = {"chunks": shape, "shuffle": True, "compression": "gzip"}
    for name in contents.names[group]:
        flag = contents.dtype(name).kind == "b"  # NetCDF has no such type
        stored = np.dtype(np.int8) if flag else contents.dtype(name)
        variable = node.create_variable(name, dims, stored, **how)
        variable.attrs.update(contents.variable_attributes(group, name))
        if flag:
            variable.attrs["dtype"] = "bool"


def chunk_of(chains: int, per_chain: int) -> tuple[int, int]:
    """Return a chunk's chains and draws: whole chains where they are short."""
    if per_chain >= CHUNK_DRAWS:
        return 1, CHUNK_DRAWS
    return min(max(CHUNK_DRAWS // per_chain, 1), chains), per_chain


def _gathered(
    piece: Piece, found: list[dict[tuple[str, str], NDArray[Any]]], blocks: Blocks
) -> Iterator[tuple[range, NDArray[Any]]]:
    """Give a variable some rows at a time, all draws of each: (row, draw)."""
    count = math.prod(piece.lead)
    size = np.dtype(piece.dtype).itemsize
    at_once = max(_AT_ONCE // (blocks.draws * size), 1)
    for first in range(0, count, at_once):
        rows = range(first, min(first + at_once, count))
        values = np.empty((len(rows), blocks.draws), piece.dtype)
        for block, arrays in enumerate(found):
            flat = arrays[piece.group, piece.name].reshape(count, -1)
            values[:, blocks.part(block)] = flat[rows.start : rows.stop]
        yield rows, values


def _write_rows(
    dataset: Any,
    piece: Piece,
    rows: range,
    values: NDArray[Any],
    pool: ThreadPoolExecutor,
    *,
    chunked: bool,
) -> None:
    chains, per_chain = dataset.shape[-2:]
    by_chain = values.reshape(len(rows), chains, per_chain)
    if by_chain.dtype == bool:
        by_chain = by_chain.view(np.int8)
    places = [tuple(map(int, np.unravel_index(row, piece.lead))) for row in rows]
    if not chunked:
        for place, row in zip(places, by_chain, strict=True):
            dataset[place] = row
        return
    wide, long = dataset.chunks[-2:]
    corners = list(itertools.product(range(0, chains, wide), range(0, per_chain, long)))
    jobs = [(place, row, corner) for place, row in zip(places, by_chain, strict=True)
            for corner in corners]  # fmt: skip
    made = pool.map(lambda job: _compressed(job[1], job[2], (wide, long)), jobs)
    for (place, _, corner), content in zip(jobs, made, strict=True):
        dataset.id.write_direct_chunk((*place, *corner), content)


def _compressed(row: NDArray[Any], corner: tuple[int, int], chunk: tuple[int, int]) -> bytes:
    """Return a chunk as HDF5's filters would make it: filled up, shuffled, deflated."""
    part = row[corner[0] : corner[0] + chunk[0], corner[1] : corner[1] + chunk[1]]
    if part.shape != chunk:
        whole = np.zeros(chunk, row.dtype)
        whole[: part.shape[0], : part.shape[1]] = part
        part = whole
    flat = np.ascontiguousarray(part).reshape(-1)
    if not flat.view(np.uint8).any():
        return _nothing(flat.size, flat.dtype.str)
    return _deflated(flat)


@lru_cache(maxsize=4)
def _nothing(size: int, dtype: str) -> bytes:
    """Return a chunk of zeros, of which results hold many: what cannot or did not happen."""
    return _deflated(np.zeros(size, dtype))


def _deflated(flat: NDArray[Any]) -> bytes:
    from isal import isal_zlib

    planes = flat.view(np.uint8).reshape(-1, flat.itemsize).T
    deflate = isal_zlib.compressobj(_LEVEL)
    content: list[bytes] = []
    for plane in planes:  # first bytes, second bytes, ...: each with a code of its own
        content.append(deflate.compress(np.ascontiguousarray(plane).data))
        content.append(deflate.flush(isal_zlib.Z_SYNC_FLUSH))
    return b"".join([*content, deflate.flush()])
