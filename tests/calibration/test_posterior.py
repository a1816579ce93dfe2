"""The posterior: against the estimates, by simulation, and for tiny tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import riskmc
from riskmc.accounts import council_accounts
from riskmc.calibration.calibrating import calibrate
from riskmc.calibration.estimates import bootstrap, estimate
from riskmc.calibration.in_words import facts, lines
from riskmc.calibration.posterior import log_posterior, sample_posterior
from riskmc.calibration.priors import ENGLAND, PRIORS, SAMPLED, WIDE, natural
from riskmc.cli import calibrations, main
from riskmc.errors import InputError
from riskmc.study import parse_study


def test_full_bayes_agrees_with_the_estimates() -> None:
    """Would catch either wrong: the four figures within two errors of their difference."""
    upper = council_accounts().tier("upper")
    found, errors = estimate(upper), bootstrap(upper, resamples=30)
    drawn = sample_posterior(found.relative, upper.opening_share, WIDE, draws=1000)
    for name in SAMPLED:
        both = np.hypot(errors[name].std(ddof=1), drawn.figures[name].std(ddof=1))
        assert abs(found.figures()[name] - drawn.figures[name].mean()) < 2 * both, name
    assert drawn.effective > 5_000


def test_density_agrees_with_scipy() -> None:
    """Would catch a wrong marginal: SciPy's multivariate t with the same correlation."""
    from scipy.stats import multivariate_t

    rng = np.random.default_rng(1)
    relative, level = rng.normal(size=(3, 4)), rng.uniform(0.1, 0.6, size=(3, 4))
    points = ENGLAND.draw(rng, 2)
    found = log_posterior(points, relative, level, ENGLAND) - ENGLAND.log_density(points)
    lag = np.abs(np.arange(4)[:, None] - np.arange(4))
    expected = []
    for point in points:
        figures = natural(point)
        total = 0.0
        for z, h in zip(relative, level, strict=True):
            stretch = (h / 0.30) ** figures["level_power"]
            shape = figures["scale"] ** 2 * figures["persistence"] ** lag
            shape = shape * np.outer(stretch, stretch)
            total += multivariate_t(shape=shape, df=figures["prior_df"]).logpdf(z)
        expected.append(total)
    # equal but for a constant that does not depend on the figures
    assert found[0] - found[1] == pytest.approx(expected[0] - expected[1], abs=1e-8)


def test_five_figures_leave_the_prior_as_it_was_and_say_so() -> None:
    """Would catch a small table taken for knowledge."""
    accounts = council_accounts()
    one = accounts.take([accounts.place("Trafford")]).between("2011/12", "2015/16")
    tree = calibrate(one, draws=400, resamples=4)
    stated = facts(tree)
    assert stated["prior"]["name"] == "england"
    assert stated["changes"] == 5
    assert max(stated["learnt"].values()) < 0.3
    text = "\n".join(lines(tree))
    assert "With 5 changes, b, c, ν0, a come mostly from the prior." in text


def test_tree_is_read_by_arviz_and_back_from_file(tmp_path: Path) -> None:
    """Would catch dims that ArviZ does not know, or a file that loses a group."""
    import xarray as xr

    out = tmp_path / "posterior.nc"
    tree = riskmc.calibrate(
        "shipped", tier="upper", until="2013/14", draws=400, resamples=4, out=out
    )
    again = xr.open_datatree(out, engine="h5netcdf")
    groups = {"prior", "posterior", "posterior_predictive", "observed_data", "constant_data"}
    assert set(again.children) == groups
    assert again["posterior"]["scale"].dims == ("chain", "draw")
    assert again["posterior"]["own_scale"].sizes == {"chain": 4, "draw": 100, "council": 150}
    assert facts(again) == facts(tree)
    assert facts(tree)["years"][-1] == "2013/14"
    arviz_stats = pytest.importorskip("arviz_stats")
    assert float(arviz_stats.summary(tree, var_names=["scale"])["r_hat"].iloc[0]) < 1.05


def test_replicates_look_like_what_was_observed() -> None:
    """Would catch a posterior predictive on another scale: spread by year within a tenth."""
    tree = calibrate("shipped", tier="upper", draws=400, resamples=4)
    replicated = tree["posterior_predictive"]["reserves_change"].values.reshape(400, 150, 6)
    observed = tree["observed_data"]["reserves_change"].values
    inner = np.quantile(replicated, [0.1, 0.9], axis=0)
    inside = np.mean((observed > inner[0]) & (observed < inner[1]))
    assert 0.77 < inside < 0.86  # four fifths; the data were used, so a little more


def test_a_study_is_warned_of_councils_in_its_own_calibration() -> None:
    """Would catch shares of the wrong income: the sd halves where income doubles."""

    def study(scale: float):  # type: ignore[no-untyped-def]
        return parse_study(
            {
                "schema": 1,
                "title": "t",
                "start_year": "2016/17",
                "years": 1,
                "draws": 16,
                "seed": 1,
                "organisations": [
                    {
                        "id": "trafford",
                        "kind": "council",
                        "cost": 170.0 * scale,
                        "grant": 170.0 * scale,
                    }
                ],
                "regimes": {"current": {"extends": "current"}},
            }
        )

    one, two = (
        calibrate("shipped", study(scale), tier="upper", draws=400, resamples=4)["posterior"]
        for scale in (1, 2)
    )
    assert list(one["council"].values) == ["trafford"]
    np.testing.assert_allclose(
        one["outturn_variance_sd"].values, 2.0 * two["outturn_variance_sd"].values
    )


def test_a_study_without_councils_of_the_table_is_refused() -> None:
    """Would catch an empty answer."""
    from riskmc.study import load_study

    example = Path(__file__).parents[2] / "configs" / "example.toml"
    with pytest.raises(InputError, match="none of its councils is in the accounts"):
        calibrate("shipped", load_study(example), draws=400, resamples=4)


def test_command_offers_the_priors_there_are() -> None:
    """Would catch a prior that the command does not know."""
    assert set(calibrations._PRIORS) == set(PRIORS)


def test_command_prints_prior_and_posterior() -> None:
    """Would catch a command that does not run."""
    found = CliRunner().invoke(
        main, ["calibrate", "shipped", "--tier", "upper", "--draws", "400"], catch_exceptions=False
    )
    assert found.exit_code == 0
    assert "150 councils, 2010/11 to 2015/16: 900 yearly changes" in found.output
    assert "prior, 90 in 100" in found.output


@pytest.mark.slow
def test_simulation_based_calibration() -> None:
    """Would catch a posterior too narrow, too wide or off: ranks of the truth are uniform.

    Source: Talts and others 2018. 200 worlds drawn from the prior; each rank, of 99 draws, falls
    in one of ten classes; chi-square with 9 degrees of freedom below its 99.9th percentile.
    """
    rng = np.random.default_rng(6)
    worlds, kept, councils, years = 200, 99, 40, 5
    ranks = {name: np.zeros(worlds, dtype=int) for name in (*SAMPLED, "own_scale")}
    for number in range(worlds):
        truth = natural(WIDER_ENGLAND.draw(rng, 1)[0])
        level = np.exp(rng.normal(np.log(0.35), 0.5, size=(councils, 1))) * np.ones(years)
        df = truth["prior_df"]
        own = truth["scale"] * np.sqrt(df / rng.chisquare(df, size=councils))
        noise = rng.standard_normal((councils, years))
        a = truth["persistence"]
        for year in range(1, years):
            noise[:, year] = a * noise[:, year - 1] + np.sqrt(1 - a**2) * noise[:, year]
        relative = own[:, None] * (level / 0.30) ** truth["level_power"] * noise
        drawn = sample_posterior(relative, level, WIDER_ENGLAND, draws=kept, seed=number)
        for name in SAMPLED:
            ranks[name][number] = int(np.sum(drawn.figures[name] < truth[name]))
        ranks["own_scale"][number] = int(np.sum(drawn.own_scale[:, 0] < own[0]))
    for name, found in ranks.items():
        counts = np.bincount(found // 10, minlength=10)
        chi_square = float(np.sum((counts - worlds / 10) ** 2 / (worlds / 10)))
        assert chi_square < 27.9, (name, counts)


#: England's prior, wide enough that 40 councils say something.
WIDER_ENGLAND = type(ENGLAND)(
    name="test",
    why="",
    centre=ENGLAND.centre,
    spread=(0.3, 0.3, 0.5, 0.2),
)
