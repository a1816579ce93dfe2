"""Sums and counts of rows by the compiled library are NumPy's, to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from riskmc.summaries import compiled, grid, moments
from riskmc.summaries.grid import SLOTS, Grid

needs_library = pytest.mark.skipif(
    compiled.nonzero_of_rows(np.zeros((1, 1))) is None, reason="no C compiler at set-up"
)


def rows_of_money(draws: int) -> np.ndarray:
    """Make rows as money has them: spread, floored at an atom, mostly nothing, one value, tiny."""
    rng = np.random.default_rng(draws)
    spread = rng.standard_normal(draws) * 30.0 + 5.0
    rows = [
        spread,
        np.maximum(spread, 12.5),
        np.where(rng.random(draws) < 0.9, 0.0, rng.lognormal(3.0, 2.0, draws)),
        np.full(draws, -7.25),
        spread * 1e-180,
        rng.standard_cauchy(draws),
    ]
    return np.array(rows)


@needs_library
@pytest.mark.parametrize("draws", [1, 7, 8, 127, 129, 313, 2048, 4096])
def test_sums_are_numpys_to_the_bit(draws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a product and a sum contracted, or rows added up in another order."""
    x = rows_of_money(draws)
    found, reference = (
        {name: np.zeros((1, len(x))) for name in ("a", "aa", "aaa")} for _ in range(2)
    )
    moments.moments_of(x, found, 0, 0)
    monkeypatch.setattr(moments, "moments_of_rows", lambda a: None)
    moments.moments_of(x, reference, 0, 0)
    for name, values in reference.items():
        np.testing.assert_array_equal(found[name].view(np.int64), values.view(np.int64), name)
    for values in (x, x > 0.0):
        counts = compiled.nonzero_of_rows(values)
        np.testing.assert_array_equal(counts, np.count_nonzero(values, axis=1))


@needs_library
@pytest.mark.parametrize("unit", [2, 64])
def test_counts_by_unit_are_numpys(unit: int) -> None:
    """Would catch a draw counted in the next unit, or a draw on the level as one below it."""
    x = rows_of_money(256)
    rows, levels = np.array([1, 1, 2, 0]), np.array([12.5, 40.0, 0.0, 5.0])
    below, on = (
        np.array([f(x[row], level) for row, level in zip(rows, levels, strict=True)])
        .reshape(4, -1, unit)
        .sum(axis=2)
        for f in (np.less, np.equal)
    )
    assert (on > 1).any()
    expected = [(b * t).sum(axis=1) for b, t in
                ((below, 1), (below, below), (on, 1), (on, on), (below, on))]  # fmt: skip
    np.testing.assert_array_equal(compiled.counts_by_unit(x, unit, rows, levels), expected)


@needs_library
def test_histograms_are_numpys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a draw in the next bin, an atom in its bin, or a far draw left out."""
    first, later = rows_of_money(1500), rows_of_money(2048)
    later[0, :40] = np.linspace(-1e6, 1e6, 40)  # far out on both sides
    count = len(first)
    laid = Grid(
        width=np.ones((1, count)), start=np.zeros((1, count)), atoms=np.full((1, count), np.nan),
        levels=np.zeros((1, 0)), tied=np.zeros((1, 0), bool), tails=np.zeros((1, 0)),
        centres=np.zeros((1, 0)),
    )  # fmt: skip
    for row in range(count):
        ordered = np.sort(first[row])
        laid.width[0, row], laid.start[0, row] = grid._bins_for(ordered)
        laid.atoms[0, row] = grid._atom_of(ordered)
    assert np.isfinite(laid.atoms).any()
    found, reference = (np.full((count, SLOTS), 3, np.uint16) for _ in range(2))
    laid.count_into(found, 0, 0, later, None)
    monkeypatch.setattr(grid, "count_middle", lambda *_, **__: None)
    laid.count_into(reference, 0, 0, later, None)
    np.testing.assert_array_equal(found, reference)
    assert (found.sum(axis=1) == 3 * SLOTS + later.shape[1]).all()
