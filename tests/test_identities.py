"""What must hold in every future, whatever mixture of devices a study has; the engine's answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

import riskmc
from comparison import Future, engine_answers, nudged
from devices_at_random import device_studies
from reference import resolved_regime
from reference.reading import until_the_last
from riskmc.measures import incidence_draws
from riskmc.rules.register import INSTRUMENTS
from riskmc.study import parse_study
from riskmc.variables import DRIVER_NAMES, PLACE_NAMES
from split import split
from strategies import driver_values, examples

HELP = {row.records for row in INSTRUMENTS if row.waterfall == "shortfall"} - {"from_reserves"}
OUT = ("clawback", "year_end_spending", "repaid")


def any_world(data: st.DataObject) -> tuple[dict[str, Any], list[Future]]:
    """A random study with devices, and two random futures."""
    raw = data.draw(device_studies())
    return raw, [data.draw(driver_values(raw, DRIVER_NAMES)) for _ in range(2)]


def total(found: dict[str, np.ndarray], group: str, names: tuple[str, ...]) -> Any:
    """The sum of some outputs."""
    return sum(found[f"{group} {name}"] for name in names)


def assert_near(left: Any, right: Any, found: dict[str, np.ndarray]) -> None:
    """Equal to within rounding of the largest amounts about."""
    largest = max(np.abs(x).max() for x in found.values() if x.dtype != bool)
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9 * max(1.0, largest))


def assert_books_close(data: st.DataObject) -> None:
    """Every identity of the notes' accounts, in every regime and future."""
    raw, futures = any_world(data)
    for name, found in engine_answers(raw, futures).items():
        regime = resolved_regime(raw, name)
        reserves = found["place reserves"]
        opened = sum(body.get("reserves", 0.0) for body in raw["organisations"])
        before = np.concatenate([np.full((len(reserves), 1), opened), reserves[:, :-1]], axis=1)
        fund = regime.get("settlement", {}).get("transformation_fund", 0.0)
        paid = np.array([until_the_last(fund, t) for t in range(1, raw["years"] + 1)])
        came = total(found, "place", ("balance", *HELP))
        went = total(found, "place", OUT) + found["place prevention"] - paid
        assert_near(reserves, before + came - went, found)
        met = ("from_reserves", *HELP, "unresolved")
        for group in ("organisations", "place"):
            assert_near(total(found, group, met), found[f"{group} shortfall"], found)
        own = found["organisations own_balance"].sum(axis=-1)
        assert_near(own, found["place balance"], found)
        assert_near(found["organisations balance"].sum(axis=-1), found["place balance"], found)
        nation = ("pot_paid", "new_money", "capital_switched", "next_year_cut", "refused")
        assert_near(total(found, "place", nation), found["place asked"], found)


@examples(8)
@given(data=st.data())
def test_the_books_close(data: st.DataObject) -> None:
    """Would catch money made or lost by a device, in any of the accounts."""
    assert_books_close(data)


@pytest.mark.slow
@examples(100)
@given(data=st.data())
def test_the_books_close_in_many_studies(data: st.DataObject) -> None:
    """Would catch what takes several devices together to make or lose money."""
    assert_books_close(data)


@examples(8)
@given(data=st.data())
def test_a_regime_against_itself_differs_by_nothing(data: st.DataObject) -> None:
    """Would catch a regime that moves another's futures or state, or reads its own name."""
    raw, futures = any_world(data)
    name = sorted(raw["regimes"])[0]
    own = {**resolved_regime(raw, name), "label": "Some rules"}
    raw["regimes"] = {name: own, "twin": {**own, "label": "The same rules"}}
    raw.pop("behaviour", None)
    found = engine_answers(raw, futures)
    for output, values in found[name].items():
        np.testing.assert_array_equal(found["twin"][output], values, err_msg=output)


def spread_over(futures: list[Future], parts: list[int], old: list[int]) -> list[Future]:
    """Every part has the drivers of the whole; what is in £m, a part of it."""
    return [
        {
            name: [
                [
                    row[k] / n if name == "one_off_cost" else row[k]
                    for k, n in zip(old, parts, strict=True)
                ]
                for row in grid
            ]
            for name, grid in future.items()
        }
        for future in futures
    ]


def counts_bodies(raw: dict[str, Any], whole: str) -> bool:
    """Whether the notes have a rule that counts: equal shares where weights are all 0 (a pool of
    which no member has cost, say), payers who each bear a part of the whole of one payee's risk,
    or a share of savings that a regime passes on to the payee of every contract."""
    bodies = raw["organisations"]
    costs = {body["id"]: body.get("cost", 0.0) for body in bodies}
    pools = [pool["members"] for r in raw["regimes"].values() for pool in r.get("pools", [])]
    members = [list(costs) if named == ["*"] else named for named in pools]
    if any(whole in named and not sum(costs[id_] for id_ in named) for named in members):
        return True
    if any(c["payer"] == whole for c in raw["contracts"]) and "risk_share" in str(raw):
        return True
    payments = [regime.get("payment", {}) for regime in raw["regimes"].values()]
    passed_on = any("benefit_share" in payment for payment in payments)
    if passed_on and any(c["payee"] == whole for c in raw["contracts"]):
        return True
    if not sum(b.get("prevention_benefit", b.get("cost", 0.0)) for b in bodies):
        return True
    regimes = raw["regimes"].values()
    taxed = all(b.get("tax_base", b.get("local_tax", 0.0)) for b in bodies)
    granted = all(b.get("grant", 0.0) for b in bodies)
    if any("funding" in regime for regime in regimes) and not taxed:
        return True
    return any("windfall" in regime.get("centre", {}) for regime in regimes) and not granted


@examples(8)
@given(data=st.data())
def test_a_body_in_equal_parts_moves_no_total(data: st.DataObject) -> None:
    """Would catch a rule that counts bodies, or a share of a pool that does not add up."""
    raw, futures = any_world(data)
    raw = nudged(raw, 1e-3)  # away from the edges where a rounding decides
    whole = data.draw(st.sampled_from([body["id"] for body in raw["organisations"]]))
    assume(not counts_bodies(raw, whole))
    apart, parts_of = split(raw, whole, data.draw(st.integers(2, 3)))
    ids = [body["id"] for body in raw["organisations"]]
    old = [ids.index(id_ if id_ in ids else whole) for id_ in parts_of]
    after = engine_answers(apart, spread_over(futures, list(parts_of.values()), old))
    for name, before in engine_answers(raw, futures).items():
        for output in PLACE_NAMES:
            key = f"place {output}"
            try:
                assert_near(after[name][key], before[key], before)
            except AssertionError as error:
                raise AssertionError(f"{name} {output}: {error}") from error


@examples(8)
@given(data=st.data())
def test_incidence_adds_up_to_what_is_to_be_found(data: st.DataObject) -> None:
    """Would catch an instrument whose money nobody bears, or that two bear."""
    raw, futures = any_world(data)
    study = parse_study(raw)
    dims = ("draw", "year", "organisation")
    arrays = {n: (dims, np.array([f[n] for f in futures], float)) for n in DRIVER_NAMES}
    labels = {"year": list(study.year_labels), "organisation": list(study.organisation_ids)}
    tree = riskmc.run(study, drivers=xr.Dataset(arrays, coords=labels), keep="all", workers=1)
    name = sorted(raw["regimes"])[0]
    place = tree["place"].dataset.sel(regime=name)
    borne = ("from_reserves", *HELP, "unresolved", "local_premium", "service_reduction")
    borne += ("standing", "charges_premium")
    to_find = sum(place[n] for n in borne if n in place).sum("year")
    found = incidence_draws(tree, regime=name).sum("bearer")
    largest = max(1.0, float(np.abs(to_find).max()))
    np.testing.assert_allclose(
        found.transpose("chain", "draw"), to_find.transpose("chain", "draw"), atol=1e-9 * largest
    )
