"""The posterior by another program: NumPyro, if it is there."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from riskmc.accounts import council_accounts
from riskmc.calibration.estimates import estimate
from riskmc.calibration.nuts import sample_by_nuts
from riskmc.calibration.posterior import sample_posterior
from riskmc.calibration.priors import SAMPLED, WIDE
from riskmc.errors import InputError

THERE = find_spec("numpyro") is not None


@pytest.mark.skipif(THERE, reason="NumPyro is installed")
def test_without_numpyro_it_says_what_to_install() -> None:
    """Would catch a traceback."""
    with pytest.raises(InputError, match=r"riskmc\[bayes\]"):
        sample_by_nuts(np.zeros((2, 2)), np.ones((2, 2)), WIDE)


@pytest.mark.slow
@pytest.mark.skipif(not THERE, reason="needs NumPyro")
@pytest.mark.filterwarnings("ignore")  # of JAX, about its own parts
def test_both_samplers_have_one_posterior() -> None:
    """Would catch a wrong marginal likelihood, or weights that are not the posterior's.

    Means within four errors of their difference, spreads within a tenth.
    """
    upper = council_accounts().tier("upper")
    relative = estimate(upper).relative
    one = sample_posterior(relative, upper.opening_share, WIDE, draws=4000)
    other = sample_by_nuts(relative, upper.opening_share, WIDE, draws=1500)
    for name in SAMPLED:
        first, second = one.figures[name], other.figures[name]
        error = first.std() * np.sqrt(1 / 4000 + 1 / other.effective)
        assert abs(first.mean() - second.mean()) < 4 * error, name
        assert second.std() == pytest.approx(first.std(), rel=0.1), name
