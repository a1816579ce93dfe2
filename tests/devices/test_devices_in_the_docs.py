"""The keys of devices as docs/your-own-place.md shows them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import riskmc
from riskmc.study import json_schema, parse_study, validate

PAGE = Path(__file__).parents[2] / "docs" / "your-own-place.md"


def test_the_examples_of_devices_can_be_run() -> None:
    """Would catch a key in the documents that no study may have, or a sum that is none of theirs.

    The page's own place, with every example of the section on devices laid on it.
    """
    text = PAGE.read_text(encoding="utf-8").partition("## Common errors")[0]
    place = re.findall(r"^```toml harbour.toml\n(.*?)^```", text, re.S | re.M)
    section = text.partition("## Devices")[2].partition("\n## ")[0]
    examples = re.findall(r"^```toml\n(.*?)^```", section, re.S | re.M)
    assert len(examples) == 5
    base = tomllib.loads("\n".join(place))
    base["drivers"]["tax_shock"] = {"distribution": "constant", "value": 0.0}
    added: dict[str, object] = {}
    for example in examples:
        _merge(added, tomllib.loads(example))
    _merge(base, added)
    study = parse_study(base)
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(json_schema()).validate(base)
    assert {"pot", "write_off"} < set(study.regimes["mixed"].centre.table())  # type: ignore[union-attr]
    assert any("regime mixed: its own planning brings" in note for note in validate(study).notes)
    results = riskmc.run(study, draws=16, keep="all")
    outlay = results["outcomes"]["project_outlay"].sel(regime="mixed")
    assert float(outlay.max()) == 0.0  # the wrong pocket: it does not pay the council back
    pooled = dict(base)
    pooled["regimes"] = {
        "pooled": {
            "extends": "devolved",
            "settlement": {"period": 1},
            "projects": base["regimes"]["mixed"]["projects"],
        }
    }
    pooled["behaviour"] = {}
    results = riskmc.run(parse_study(pooled), draws=16, keep="all")
    outlay = results["outcomes"]["project_outlay"].sum(("year", "organisation"))
    assert abs(float(outlay.max()) - 4 * 1.692071) < 1e-5


def _merge(under: dict[str, object], over: dict[str, object]) -> None:
    """Lay tables over tables; lists are joined."""
    for key, value in over.items():
        below = under.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            _merge(below, value)
        elif isinstance(below, list) and isinstance(value, list):
            under[key] = [*below, *value]
        else:
            under[key] = value
