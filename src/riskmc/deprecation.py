"""Names on their way out: they work for one more minor release, and say what replaces them."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


def deprecated(
    *, since: str, use: str
) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Mark a public function as deprecated.

    Parameters
    ----------
    since : str
        The release that deprecates it.
    use : str
        What to call instead.

    Returns
    -------
    callable
        A decorator. The function it returns warns with a `DeprecationWarning` at each call.
    """

    def decorate(function: Callable[Given, Result]) -> Callable[Given, Result]:
        @functools.wraps(function)
        def warned(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            warn_deprecated(f"{function.__name__}()", since=since, use=use)
            return function(*args, **kwargs)

        return warned

    return decorate


def warn_deprecated(what: str, *, since: str, use: str) -> None:
    """Warn that a name or a value is deprecated.

    Parameters
    ----------
    what : str
        The name or value, as the user typed it.
    since : str
        The release that deprecates it.
    use : str
        What to use instead.
    """
    message = f"{what} is deprecated since riskmc {since}; use {use}"
    warnings.warn(message, DeprecationWarning, stacklevel=3)
