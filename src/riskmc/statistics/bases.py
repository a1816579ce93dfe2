"""What readers should know of each estimator, and what it rests on, in full.

Measures print both, under "Notes" and "References" (see `riskmc.measures.measure`); the code that
does the work names authors and year.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from riskmc.statistics import estimators
from riskmc.statistics.estimates import Estimate

_HALL = (
    "Hall, P., On the removal of skewness by transformation, Journal of the Royal Statistical "
    "Society B 54 (1992) 221-228: the interval, corrected for skewness."
)
_LANCASTER = (
    "Lancaster, H. O., Significance tests in discrete distributions, Journal of the American "
    "Statistical Association 56 (1961) 223-234: the mid-P interval of a chance."
)
_WILSON = (
    "Wilson, E. B., Probable inference, the law of succession, and statistical inference, Journal "
    "of the American Statistical Association 22 (1927) 209-212: the same from 200 events on."
)
_NEWCOMBE = (
    "Newcombe, R. G., Improved confidence intervals for the difference between binomial "
    "proportions based on paired data, Statistics in Medicine 17 (1998) 2635-2650: two intervals "
    "made into that of a difference."
)
_HYNDMAN_FAN = (
    "Hyndman, R. J. and Fan, Y., Sample quantiles in statistical packages, The American "
    "Statistician 50 (1996) 361-365: the quantile, their type 7."
)
_MARITZ_JARRETT = (
    "Maritz, J. S. and Jarrett, R. G., A note on estimating the variance of the sample median, "
    "Journal of the American Statistical Association 73 (1978) 194-196: the standard error."
)
_WOODRUFF = (
    "Woodruff, R. S., Confidence intervals for medians and other position measures, Journal of the "
    "American Statistical Association 47 (1952) 635-646: the interval where draws depend on each "
    "other."
)
_ACERBI_TASCHE = (
    "Acerbi, C. and Tasche, D., On the coherence of expected shortfall, Journal of Banking and "
    "Finance 26 (2002) 1487-1503: the mean of the worst futures, right at an atom."
)


class Basis(NamedTuple):
    """What readers of an estimate should know of its estimator.

    note   how it treats what does not go without saying
    works  what it rests on, in full, and what is taken from each
    """

    note: str
    works: tuple[str, ...]


#: By estimator; all that a measure takes are here.
BASES: dict[Callable[..., Estimate], Basis] = {
    estimators.mean: Basis(
        "A mean of what is 0 in every future has no standard error; `bound` is then true.",
        (_HALL,),
    ),
    estimators.standard_deviation: Basis(
        "With `against` it is the standard deviation of the difference in every future.",
        (_HALL,),
    ),
    estimators.conditional_mean: Basis(
        "NaN where it happens in no future; no standard error where it does in one.",
        (_HALL,),
    ),
    estimators.ratio: Basis(
        "A ratio is that of two means, not the mean of ratios; NaN where the lower is 0 in every "
        "future.",
        (_HALL,),
    ),
    estimators.probability: Basis(
        "Where it happens in none of n futures, or in all, there is no standard error: `bound` is "
        "true, and the interval is 3 / n wide (n: pairs or chains, where these are independent).",
        (_LANCASTER, _WILSON, _NEWCOMBE),
    ),
    estimators.quantile: Basis(
        "A share 1 - p of futures exceeds the p-quantile, fewer where many share its value. With "
        "`against` it is the difference of two quantiles, not the quantile of the difference. NaN "
        "where futures are too few for an interval.",
        (_HYNDMAN_FAN, _MARITZ_JARRETT, _WOODRUFF),
    ),
    estimators.expected_shortfall: Basis(
        "The largest n (1 - p) of n futures count, the last of them in part, so that it is right "
        "where many share one value, such as none at all. With `against` it is the difference of "
        "two. NaN where futures are too few for the p-quantile.",
        (_ACERBI_TASCHE, _HALL),
    ),
}
