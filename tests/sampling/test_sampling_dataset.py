"""`sample` as a Dataset, and drivers in words."""

from __future__ import annotations

import numpy as np
import pytest
from sampling_studies import base, study

import riskmc
from riskmc.errors import DriversError
from riskmc.sampling import KEY_BLOCK, Sampler, describe_driver, sample
from riskmc.variables import DRIVER_DIMS, DRIVERS


def test_sample_is_labelled_and_holds_the_key_blocks() -> None:
    """A chain's draws out of order, or years and bodies swapped, would show here."""
    dataset = sample(study(), draws=9_000, seed=7)
    assert list(dataset.data_vars) == [row.name for row in DRIVERS]
    assert dataset.sizes == {"chain": 16, "draw": 563, "year": 4, "organisation": 3}
    assert dataset.year.values.tolist() == ["2016/17", "2017/18", "2018/19", "2019/20"]
    assert dataset.organisation.values.tolist() == ["acute", "ccg", "borough"]
    given = {"seed": 7, "scheme": "mc", "draws": 16 * 563}
    assert dataset.attrs.items() >= given.items()
    sampler = Sampler(study(), seed=7)
    blocks = [sampler.key_block(b) for b in range(3)]
    for row in DRIVERS:
        variable = dataset[row.name]
        assert variable.dims == DRIVER_DIMS
        assert variable.attrs == {"units": row.unit, "long_name": row.meaning}
        for number in (0, 562, 563, 5000, 9007):
            chain, draw = divmod(number, 563)
            block, place = divmod(number, KEY_BLOCK)
            want = np.broadcast_to(blocks[block][row.name], (4, 3, KEY_BLOCK))[..., place]
            np.testing.assert_array_equal(variable.values[chain, draw], want)


def test_sample_follows_the_study_unless_arguments_say_otherwise() -> None:
    """Draws, seed and scheme of the study are its defaults."""
    small = base()
    small["draws"], small["scheme"] = 100, "antithetic"
    own = sample(study(small))
    given = {"seed": 2016, "scheme": "antithetic", "draws": 16 * 8}
    assert own.attrs.items() >= given.items()
    expected = sample(study(), draws=100, seed=2016, scheme="antithetic")
    assert own.equals(expected)


@pytest.mark.parametrize(
    ("driver", "organisation", "expected"),
    [
        (
            "demand_growth",
            "acute",
            "demand_growth: 1 in 20 below 0.4 % a year, as likely as not above 2.0 % a year, "
            "1 in 20 above 3.6 % a year; 50 % of its variation is common to the place; "
            "30 % of a year's deviation carries over to the next",
        ),
        (
            "in_year_cut",
            "ccg",
            "in_year_cut: in 15 of 100 years: 1 in 20 below 0.2 % of grant, as likely as not "
            "above 0.8 % of grant, 1 in 20 above 3.0 % of grant; otherwise 0; "
            "all of its variation is common to the place",
        ),
        (
            "savings_delivery",
            "ccg",
            "savings_delivery: 1 in 20 below 0.69, as likely as not above 0.89, "
            "1 in 20 above 0.98; 30 % of its variation is common to the place",
        ),
        ("tax_shock", "acute", "tax_shock: not named by the study: always 0 % a year"),
        ("recognition", "acute", None),
        ("rescue", "acute", "rescue: any value from 0 to 1 is equally likely"),
        (
            "one_off_cost",
            "borough",
            "one_off_cost: Provider fails (in 10 of 100 years: 1 in 20 below £1.0m, as likely "
            "as not above £3.0m, 1 in 20 above £9.0m; otherwise 0; only in 2017/18, 2018/19)",
        ),
        ("one_off_cost", "ccg", "one_off_cost: no risks listed: always £0m"),
    ],
)
def test_drivers_in_words(driver: str, organisation: str, expected: str | None) -> None:
    """What is assumed must be plain enough to be objected to."""
    text = describe_driver(study(), driver, organisation)
    assert "\n" not in text
    if expected is not None:
        assert text == expected


def test_what_planners_assume_is_said() -> None:
    """A plan that expects less than the mean is the commonest bias: it must be seen."""
    mapping = base()
    mapping["drivers"]["demand_growth"]["expected"] = 0.015
    mapping["drivers"]["demand_growth"]["persistence"] = -0.2
    text = describe_driver(study(mapping), "demand_growth", "acute")
    assert "; planners assume 1.5 % a year; " in text
    assert text.endswith("20 % of a year's deviation is reversed in the next")


def test_unknown_names_are_errors() -> None:
    """A misspelt driver must not read as a neutral one."""
    for name, organisation in (("demand", "acute"), ("one_off_cost", "nobody")):
        with pytest.raises(KeyError):
            describe_driver(study(), name, organisation)


def test_drivers_cut_or_turned_keep_their_design() -> None:
    """Would catch antithetic pairs parted, or a chain cut, on the way from `sample` to `run`.

    The errors would then be those of a design that is not there. What is turned or chosen whole
    is put in order again.
    """
    body, one = study(), riskmc.run
    pairs = sample(body, draws=64, seed=1, scheme="antithetic")
    expected = one(body, drivers=pairs, keep="headline")
    order = np.random.default_rng(1).permutation(pairs.sizes["draw"])
    turned = one(body, drivers=pairs.isel(draw=order, chain=slice(None, None, -1)), keep="headline")
    assert np.array_equal(turned["place"]["net_deficit"], expected["place"]["net_deficit"])
    for cut in (slice(1, None), slice(None, None, 2)):
        with pytest.raises(DriversError, match="antithetic partner"):
            one(body, drivers=pairs.isel(draw=cut))
    assert one(body, drivers=pairs.isel(draw=slice(2, 4))).attrs["draws"] == 32
    chains = sample(body, draws=1024, seed=1, scheme="lhs")
    with pytest.raises(DriversError, match="cannot be cut"):
        one(body, drivers=chains.isel(draw=slice(512)))
    assert one(body, drivers=chains.isel(chain=[3, 1])).attrs["chains"] == 2
