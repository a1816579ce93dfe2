"""A SIPmath 3 library: what ChanceCalc and other tools read as distributions.

Where every quantity is smooth, each is a metalog of five terms fitted to its quantiles, all of
them joined by a Gaussian copula with the rank correlations of the draws. An amount that is the
same in more than 1 of 20 futures (a bailout that mostly is nil) is not a smooth distribution. With
one such, every quantity is stored future by future: trial i of each is future i, so that what
is added up across quantities belongs together.
Sources: Keelin (2016) and the SIPmath 3.0 standard, whose functions `SIP_Array` and `Index` are
what is stored; see `export`.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskmc.errors import ResultsError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
_TERMS = 5
#: Levels that the metalog is fitted at.
_LEVELS = (np.arange(200) + 0.5) / 200
#: A value this common is an atom.
_ATOM = 0.05
_STATED = {"P5": 0.05, "P25": 0.25, "P50": 0.5, "P75": 0.75, "P95": 0.95}
#: Futures that are stored at most, digits that are kept of them, and numbers a line.
MOST_STORED = 10_000
_DIGITS = 7
_A_LINE = 10
#: What futures that are stored go by: the number of the trial.
_INDEX: dict[str, Any] = {
    "name": "index",
    "function": "Index",
    "arguments": {"counter": "PM_Index"},
}


def sip_library(
    frame: pd.DataFrame, *, name: str, provenance: str
) -> tuple[dict[str, Any], list[str]]:
    """Return a SIPmath 3 library of a table of draws, and what must be said with it.

    Parameters
    ----------
    frame : pandas.DataFrame
        A row a future, a column a quantity.
    name : str
        Name of the library.
    provenance : str
        Where it comes from: study, seed, number of futures.

    Returns
    -------
    library : dict
        Ready for `sip_json`.
    remarks : list of str
        Columns that are left out since they are not finite, and futures that are not stored.

    Raises
    ------
    ResultsError
        No column can be put into a library.
    """
    draws = {str(column): frame[column].to_numpy(dtype=float) for column in frame.columns}
    whole = {column: x for column, x in draws.items() if np.isfinite(x).all()}
    if not whole:
        raise ResultsError("no quantity of these results is finite in every future")
    fitted = {column: metalog_coefficients(x) for column, x in whole.items()}
    smooth = {column: a for column, a in fitted.items() if a is not None}
    stored = len(smooth) < len(whole)
    layers = {column: f"c{i + 1}" for i, column in enumerate(whole)}
    library = {
        "name": name,
        "objectType": "sipModel",
        "libraryType": "SIPmath_3_0",
        "version": "1",
        "provenance": provenance,
        **({"U01": {"rng": [_INDEX]}} if stored else _gaussian(whole, layers)),
        "sips": [
            {
                "name": column,
                **(_array(values) if stored else _metalog(smooth[column], layers[column])),
                "metadata": _metadata(values),
            }
            for column, values in whole.items()
        ],
    }
    remarks = []
    left_out = [column for column in draws if column not in whole]
    if left_out:
        remarks.append(f"left out, since not finite in every future: {', '.join(left_out)}")
    if stored and len(frame) > MOST_STORED:
        remarks.append(f"the first {MOST_STORED:,} of {len(frame):,} futures are stored")
    return library, remarks


def sip_json(library: dict[str, Any]) -> str:
    """Return a library as JSON text: ten numbers of a stored array a line, all else readable."""
    arrays: list[str] = []

    def parted(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: parted(item) for key, item in value.items()}
        if isinstance(value, list) and len(value) > _A_LINE and isinstance(value[0], float):
            rows = [value[i : i + _A_LINE] for i in range(0, len(value), _A_LINE)]
            arrays.append(",\n".join(", ".join(map(repr, row)) for row in rows))
            return f"\0{len(arrays) - 1}\0"
        return [parted(item) for item in value] if isinstance(value, list) else value

    text = json.dumps(parted(library), ensure_ascii=False, indent=1)
    parts = text.split('"\\u0000')
    whole = [parts[0]]
    for part in parts[1:]:
        number, _, rest = part.partition('\\u0000"')
        whole.append(f"[\n{arrays[int(number)]}\n]{rest}")
    return "".join(whole)


def _metalog(coefficients: Floats, layer: str) -> dict[str, Any]:
    return {
        "ref": {"source": "copula", "name": "Gaussian", "copulaLayer": layer},
        "function": "Metalog_1_0",
        "arguments": {"aCoefficients": coefficients.tolist()},
    }


def _array(values: Floats) -> dict[str, Any]:
    kept = [float(f"{x:.{_DIGITS}g}") for x in values[:MOST_STORED].tolist()]
    return {
        "ref": {"source": "rng", "name": _INDEX["name"]},
        "function": "SIP_Array",
        "arguments": {"type": "array", "value": kept},
    }


def _gaussian(drawn: dict[str, Floats], layers: dict[str, str]) -> dict[str, Any]:
    """Return a Gaussian copula with the rank correlations of the draws."""
    names = list(drawn)
    matrix = _normal_correlation(np.column_stack(list(drawn.values())))
    generators = [f"hdr{i + 1}" for i in range(len(names))]
    given = {"type": "globalVariables", "value": "correlationMatrix"}
    copula = {
        "name": "Gaussian",
        "function": "GaussianCopula",
        "copulaLayer": list(layers.values()),
        "arguments": {"correlationMatrix": given, "rng": generators},
    }
    return {
        "globalVariables": [{"name": "correlationMatrix", "value": _lower(names, matrix)}],
        "U01": {
            "rng": [_generator(generator, i) for i, generator in enumerate(generators)],
            "copula": [copula],
        },
    }


def metalog_coefficients(values: Floats) -> Floats | None:
    """Return the coefficients of a five-term metalog fitted to quantiles by least squares.

    None where values are not finite, where one value is an atom, or where the fit is no
    distribution (a quantile function that falls).
    """
    if not np.isfinite(values).all():
        return None
    _, counts = np.unique(values, return_counts=True)
    if counts.max() > max(_ATOM * values.size, 1):
        return None
    solution = np.linalg.lstsq(_basis(_LEVELS), np.quantile(values, _LEVELS), rcond=None)[0]
    coefficients: Floats = np.asarray(solution, dtype=np.float64)
    fine = (np.arange(2000) + 0.5) / 2000
    if (np.diff(_basis(fine) @ coefficients) <= 0.0).any():
        return None
    return coefficients


def _basis(p: Floats) -> Floats:
    """Return the terms of a metalog: 1, logit, (p - 1/2) logit, p - 1/2, (p - 1/2)^2."""
    centred = p - 0.5
    logit = np.log(p / (1.0 - p))
    terms = [np.ones_like(p), logit, centred * logit, centred, centred**2]
    return np.column_stack(terms[:_TERMS])


def _normal_correlation(draws: Floats) -> Floats:
    """Return the correlation of normals whose ranks correlate as the draws' do."""
    from scipy.stats import rankdata

    ranks = np.apply_along_axis(rankdata, 0, draws)
    spearman = np.atleast_2d(np.corrcoef(ranks, rowvar=False))
    found: Floats = np.asarray(2.0 * np.sin(math.pi / 6.0 * spearman), dtype=np.float64)
    np.fill_diagonal(found, 1.0)
    return found


def _lower(names: list[str], matrix: Floats) -> dict[str, Any]:
    """Return the lower half of a correlation matrix as the standard writes it."""
    entries = [
        {"row": names[i], "col": names[j], "value": float(matrix[i, j])}
        for i in range(len(names))
        for j in range(i + 1)
    ]
    return {"columns": names, "rows": names, "matrix": entries}


def _generator(name: str, number: int) -> dict[str, Any]:
    arguments = {
        "counter": "PM_Index",
        "entity": 1,
        "varId": number + 1,
        "seed3": 0,
        "seed4": 0,
    }
    return {"name": name, "function": "HDR_2_0", "arguments": arguments}


def _metadata(values: Floats) -> dict[str, float]:
    stated = {key: float(np.quantile(values, p)) for key, p in _STATED.items()}
    return {
        "count": float(values.size),
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "min": float(values.min()),
        **stated,
        "max": float(values.max()),
    }
