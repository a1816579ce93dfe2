"""Runs beside the main one: the same numbers as runs of their own."""

from __future__ import annotations

import numpy as np
import pytest
from report_cases import study_of

import riskmc
from riskmc.engine.recorded import playing
from riskmc.report.sides import side_runs
from riskmc.report.sides.shocks import stressed


def test_runs_on_shared_futures_are_those_of_their_own() -> None:
    """Would catch futures that one run beside the main one spoils for the next."""
    study = study_of(2, 2, years=3)
    found = side_runs(study, regimes=tuple(study.regimes), draws=64)
    scenario, last = found.stressed[-1]
    struck = stressed(found.drivers, study, scenario)
    own = riskmc.run(study, drivers=struck, keep="headline")
    apart = own["place"].to_dataset()
    again = riskmc.run(study, drivers=found.drivers, keep="headline")["place"].to_dataset()
    for name in ("deficit", "reserves", "unmet", "bailout"):
        alongside = last.tree["place"].to_dataset()[name]
        assert np.array_equal(alongside, apart[name])
        assert np.array_equal(found.base.tree["place"].to_dataset()[name], again[name])
    assert last.tree.attrs["fingerprint"] == own.attrs["fingerprint"]
    assert last.tree.attrs["fingerprint"] != found.base.tree.attrs["fingerprint"]


def test_stress_tests_that_share_recorded_rules_are_to_the_bit_those_of_numpy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch an outcome that the player leaves out where only some are kept."""
    study = study_of(2, 2, years=3)
    found = {}
    for least in (1, 10**9):
        monkeypatch.setattr(playing, "PLAYED_FROM", least)
        found[least] = side_runs(study, regimes=tuple(study.regimes), draws=64)
    assert len(found[1].stressed) > 2
    for (scenario, own), (_, plain) in zip(*(x.stressed for x in found.values()), strict=True):
        for group in ("place", "outcomes"):
            ours, theirs = (x.tree[group].to_dataset() for x in (own, plain))
            assert ours.identical(theirs), scenario.name
