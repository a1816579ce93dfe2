"""`distribution = "posterior"`: parameters drawn once a future, and the spread divided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from riskmc.calibration.calibrating import calibrate
from riskmc.calibration.spread import split_spread, spread_of
from riskmc.distributions import Posterior
from riskmc.errors import InputError, StudyError
from riskmc.runs.simulation import run
from riskmc.sampling import sample
from riskmc.sampling.worlds import parameter_draws
from riskmc.study import load_study, parse_study, study_mapping

STUDY = """
schema = 1
title = "t"
start_year = "2016/17"
years = 3
draws = 4096
seed = 1
[[organisations]]
id = "here"
kind = "council"
cost = 100.0
grant = 100.0
reserves = 1000.0
[[organisations]]
id = "there"
kind = "council"
cost = 100.0
grant = 100.0
reserves = 1000.0
[drivers.demand_growth]
distribution = "posterior"
file = "posterior.nc"
variable = "growth"
expected = 0.0
persistence = 0.3
[regimes.one]
label = "one"
[regimes.one.rulebooks.council]
plan = []
shortfall = [ { instrument = "reserves" } ]
surplus = [ { instrument = "reserves" } ]
"""


def written(folder: Path, means: Any, sds: Any) -> Path:
    """A posterior of 2 × 50 draws and a study that names it."""
    shape = (2, 50)
    data = {
        "growth_mean": (("chain", "draw"), np.broadcast_to(means, shape)),
        "growth_sd": (("chain", "draw"), np.broadcast_to(sds, shape)),
    }
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset(data)})
    tree.to_netcdf(folder / "posterior.nc", engine="h5netcdf")
    (folder / "s.toml").write_text(STUDY, encoding="utf-8")
    return folder / "s.toml"


def test_mixture_has_its_own_mean_sd_and_quantiles() -> None:
    """Would catch variances added wrongly: N(−1, 1) and N(1, 2) in equal parts."""
    from scipy.stats import norm

    d = Posterior(file="f", variable="v", means=(-1.0, 1.0), sds=(1.0, 2.0))
    assert d.mean == 0.0
    assert d.sd == pytest.approx(np.sqrt(2.5 + 1.0))
    p = np.array([1e-12, 0.05, 0.5, 0.95])
    for upper in (False, True):
        x = d.tail(p, upper=upper)
        side = norm.sf if upper else norm.cdf
        np.testing.assert_allclose((side(x, -1, 1) + side(x, 1, 2)) / 2, p, rtol=1e-9)
    np.testing.assert_allclose(d.cdf(d.quantile(p)), p, rtol=1e-9)


def test_a_future_keeps_its_parameters_over_years_and_bodies(tmp_path: Path) -> None:
    """Would catch parameters drawn again every year: each mean is its own, nothing else varies."""
    means = np.linspace(-0.5, 0.5, 100).reshape(2, 50)
    study = load_study(written(tmp_path, means, 1e-9))
    drawn = sample(study, draws=4096)["demand_growth"].transpose("year", "organisation", ...)
    values = drawn.values.reshape(3, 2, -1)
    assert np.ptp(values, axis=(0, 1)).max() < 1e-7
    which = parameter_draws(study, "growth", draws=4096)
    np.testing.assert_allclose(values[0, 0], means.ravel()[which], atol=1e-7)
    assert np.bincount(which, minlength=100).min() > 10


def test_the_study_that_is_kept_needs_no_file(tmp_path: Path) -> None:
    """Would catch results that can only be read alongside the posterior's file."""
    study = load_study(written(tmp_path, 0.0, 0.01))
    (tmp_path / "posterior.nc").unlink()
    again = parse_study(dict(study_mapping(study)))
    first, second = (sample(s, draws=1024)["demand_growth"].values for s in (study, again))
    np.testing.assert_array_equal(first, second)


def test_a_wrong_variable_is_reported_with_those_there_are(tmp_path: Path) -> None:
    """Would catch a traceback, or a posterior silently neutral."""
    file = written(tmp_path, 0.0, 0.01)
    file.write_text(STUDY.replace('"growth"', '"grwth"'), encoding="utf-8")
    with pytest.raises(StudyError, match="has no variable 'grwth'; it has growth"):
        load_study(file)


def test_several_councils_must_be_named(tmp_path: Path) -> None:
    """Would catch the first council of the file taken for any."""
    calibrate("shipped", tier="upper", draws=200, resamples=4, out=tmp_path / "p.nc")
    context = {"base": tmp_path}
    row = {"distribution": "posterior", "file": "p.nc", "variable": "outturn_variance"}
    with pytest.raises(ValueError, match="holds several councils: name one"):
        Posterior.model_validate(row, context=context)
    found = Posterior.model_validate(row | {"council": "Trafford"}, context=context)
    assert 0.03 < found.sd < 0.06
    with pytest.raises(ValueError, match="has no council 'Traford'"):
        Posterior.model_validate(row | {"council": "Traford"}, context=context)


def test_spread_is_divided_as_it_was_made() -> None:
    """Would catch chance counted as ignorance: means with variance 4, noise with variance 9."""
    rng = np.random.default_rng(1)
    which = rng.integers(400, size=40_000)
    values = rng.normal(0.0, 2.0, 400)[which] + rng.normal(0.0, 3.0, 40_000)
    found = split_spread(values, which)
    assert found.chance == pytest.approx(9.0, rel=0.03)
    assert found.share == pytest.approx(4 / 13, abs=4 * found.error)
    assert found.total == pytest.approx(values.var(), rel=0.02)
    none = split_spread(rng.normal(size=40_000), which)
    assert abs(none.share) < 4 * none.error + 1e-3


def test_too_few_futures_are_refused() -> None:
    """Would catch one future for each parameter draw, from which nothing can be told."""
    with pytest.raises(InputError, match="at least four for"):
        split_spread(np.arange(100.0), np.arange(100))


def test_spread_of_a_run(tmp_path: Path) -> None:
    """Would catch futures matched with another future's parameters.

    Cost 100 grows by m + e, m of sd 0.02 by future, e of sd 0.02: half of the variance of the
    first year's reserves is not knowing m.
    """
    from scipy.stats import norm

    means = 0.02 * norm.ppf((np.arange(100) + 0.5) / 100)
    study = load_study(written(tmp_path, means.reshape(2, 50), 0.02))
    results = run(study, draws=16_384, workers=1, keep="all")
    labels = {"regime": "one", "organisation": "here"}
    first, last = (
        spread_of(results, "reserves", variable="growth", year=year, **labels)
        for year in ("2016/17", "2018/19")
    )
    assert first.share == pytest.approx(0.5, abs=4 * first.error)
    assert last.share > first.share, "what is not known of the mean adds up over years"
