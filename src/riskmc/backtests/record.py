"""The scores of the back-tests that ship, as a report shows them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from riskmc.accounts.tables import SHIPPED


@cache
def shipped_record() -> dict[str, dict[str, Any]]:
    """Return the scores of the shipped back-tests by plan; empty where none has been recorded.

    Returns
    -------
    dict of str to dict
        Keys: `councils`, `councils-2016-2018`, `districts`, `provider-sector`, `trusts-support`
        (the stems of the plans in `configs/backtests/`). Each value is fit for JSON and holds

        - `title` : str, what is forecast, in words;
        - `unit` : str, unit of `crps`, `width` and `bias`;
        - `what` : str, the kind of thing forecast; `until` : str, the last year forecast;
        - `origins` : list of str, the dates forecasts were made from ("31 March 2012");
        - `n` : int, forecasts scored; `cases` : int, pairs of origin and target year;
        - `cover` : dict, asked to got, both in per cent: `{"50": 51.2, "80": ..., "90": ...}`;
        - `cover_lowest` : float, the lowest cover of the 90 % band in any case, per cent;
        - `crps` : float, mean continuous ranked probability score (smaller is better), and
          `crps_error`, its bootstrap standard error (None where one thing is forecast);
        - `width` : float, mean width of the 90 % band; `bias` : float, forecast mean less what
          came;
        - `rivals` : dict by name of `{"crps": float, "behind_by": float, "error": float}`;
          `behind_by` is the rival's CRPS less the model's (above 0: the model is the better)
          with its bootstrap standard error or None;
        - `events` : list of dict `{"name", "forecast", "happened", "n"}`, and perhaps `error` of
          what happened, or `brier` and `brier_of_rivals` (scores, less is better), where the
          plan forecasts events; chances and shares as fractions,
          `happened` None where it is not yet known. Plans of events or of years to come have
          the first four keys, `what`, `until` and `events` alone.

    References
    ----------
    - docs/how-right-is-it.md.
    """
    path = SHIPPED / "backtests.json"
    if not path.exists():
        return {}
    record: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return record
