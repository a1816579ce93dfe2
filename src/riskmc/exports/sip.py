"""A SIPmath 3 library: what ChanceCalc and other tools read as distributions.

Each quantity is a metalog of five terms fitted to its quantiles, all of them joined by a Gaussian
copula with the rank correlations of the draws. An amount that is the same in more than 1 of 20
futures (a bailout that mostly is nil) is no smooth distribution and is left out, by name.
Sources: T. W. Keelin, The metalog distributions, Decision Analysis 13 (2016); the SIPmath 3.0
standard of ProbabilityManagement.org.
"""

from __future__ import annotations

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


def sip_library(
    frame: pd.DataFrame, *, name: str, provenance: str
) -> tuple[dict[str, Any], list[str]]:
    """Return a SIPmath 3 library of a table of draws, and the columns left out.

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
        Ready for JSON.
    left_out : list of str
        Columns that are no smooth distribution.

    Raises
    ------
    ResultsError
        No column can be put into a library.
    """
    smooth: dict[str, Floats] = {}
    left_out = []
    for column in frame.columns:
        values = frame[column].to_numpy(dtype=float)
        coefficients = metalog_coefficients(values)
        if coefficients is None:
            left_out.append(str(column))
        else:
            smooth[str(column)] = coefficients
    if not smooth:
        raise ResultsError("no quantity of these results is a smooth distribution: export draws")
    names = list(smooth)
    matrix = _normal_correlation(frame[names].to_numpy(dtype=float))
    layers = [f"c{i + 1}" for i in range(len(names))]
    generators = [f"hdr{i + 1}" for i in range(len(names))]
    library = {
        "name": name,
        "objectType": "sipModel",
        "libraryType": "SIPmath_3_0",
        "version": "1",
        "provenance": provenance,
        "globalVariables": [{"name": "correlationMatrix", "value": _lower(names, matrix)}],
        "U01": {
            "rng": [_generator(generator, i) for i, generator in enumerate(generators)],
            "copula": [
                {
                    "name": "Gaussian",
                    "function": "GaussianCopula",
                    "copulaLayer": layers,
                    "arguments": {
                        "correlationMatrix": {
                            "type": "globalVariables",
                            "value": "correlationMatrix",
                        },
                        "rng": generators,
                    },
                }
            ],
        },
        "sips": [
            {
                "name": column,
                "ref": {"source": "copula", "name": "Gaussian", "copulaLayer": layer},
                "function": "Metalog_1_0",
                "arguments": {"aCoefficients": smooth[column].tolist()},
                "metadata": _metadata(frame[column].to_numpy(dtype=float)),
            }
            for column, layer in zip(names, layers, strict=True)
        ],
    }
    return library, left_out


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


def metalog_quantile(coefficients: Floats, p: Floats) -> Floats:
    """Return the quantiles of a metalog at levels p."""
    found: Floats = _basis(p) @ coefficients
    return found


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
