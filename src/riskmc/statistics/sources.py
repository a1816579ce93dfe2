"""What the estimators rest on: each work in full, with what is taken from it.

Measures print it under "References" (see `riskmc.measures.measure`); the code that does the work
names authors and year.
"""

from __future__ import annotations

from collections.abc import Callable

from riskmc.statistics import estimators
from riskmc.statistics.estimates import Estimate

_HALL = (
    "P. Hall, On the removal of skewness by transformation, Journal of the Royal Statistical "
    "Society B 54 (1992) 221-228: the interval, corrected for skewness."
)
_LANCASTER = (
    "H. O. Lancaster, Significance tests in discrete distributions, Journal of the American "
    "Statistical Association 56 (1961) 223-234: the mid-P interval of a chance."
)
_WILSON = (
    "E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal "
    "of the American Statistical Association 22 (1927) 209-212: the same from 200 events on."
)
_NEWCOMBE = (
    "R. G. Newcombe, Improved confidence intervals for the difference between binomial "
    "proportions based on paired data, Statistics in Medicine 17 (1998) 2635-2650: two intervals "
    "made into that of a difference."
)
_HYNDMAN_FAN = (
    "R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, The American "
    "Statistician 50 (1996) 361-365: the quantile, their type 7."
)
_MARITZ_JARRETT = (
    "J. S. Maritz and R. G. Jarrett, A note on estimating the variance of the sample median, "
    "Journal of the American Statistical Association 73 (1978) 194-196: the standard error."
)
_WOODRUFF = (
    "R. S. Woodruff, Confidence intervals for medians and other position measures, Journal of the "
    "American Statistical Association 47 (1952) 635-646: the interval where draws depend on each "
    "other."
)
_ACERBI_TASCHE = (
    "C. Acerbi and D. Tasche, On the coherence of expected shortfall, Journal of Banking and "
    "Finance 26 (2002) 1487-1503: the mean of the worst futures, right at an atom."
)

#: By estimator; all that a measure takes are here.
SOURCES: dict[Callable[..., Estimate], tuple[str, ...]] = {
    estimators.mean: (_HALL,),
    estimators.standard_deviation: (_HALL,),
    estimators.conditional_mean: (_HALL,),
    estimators.ratio: (_HALL,),
    estimators.probability: (_LANCASTER, _WILSON, _NEWCOMBE),
    estimators.quantile: (_HYNDMAN_FAN, _MARITZ_JARRETT, _WOODRUFF),
    estimators.expected_shortfall: (_ACERBI_TASCHE, _HALL),
}
