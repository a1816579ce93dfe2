"""Deprecated names work, and say what replaces them."""

from __future__ import annotations

import pytest

from riskmc.deprecation import deprecated


def test_a_deprecated_function_works_and_warns() -> None:
    """Would catch an old name that breaks at once, or that says nothing."""

    @deprecated(since="0.2", use="double()")
    def twice(x: int) -> int:
        return 2 * x

    with pytest.warns(DeprecationWarning, match=r"twice\(\) is deprecated since riskmc 0.2; use d"):
        assert twice(3) == 6
