"""What was drawn, by driver and organisation, in a few letters each.

Two runs show the same futures where these agree. Where only the parameters of a driver differ
the runs still rest on the same underlying draws, number by number: they are paired, and what
differs can be named. Futures of the user's own are known by their values.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riskmc.sampling.correlation import components
from riskmc.sampling.risks import mixed_streams
from riskmc.study.cost_lines import OF_LINES
from riskmc.study.drivers import merge
from riskmc.study.risk_correlations import unit_of
from riskmc.study.sourcing import without_notes
from riskmc.variables import DRIVER_NAMES, FROM_RISKS, driver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from riskmc.study import Study

ByBody = dict[str, dict[str, str]]
#: Key of `/drivers`' and a sample's attributes.
ATTRIBUTE = "fingerprint"
_OWN = "own values "
#: What replaces a driver for what projects deliver, by project.
DELIVERIES = "project delivery"


@dataclass(frozen=True)
class Fingerprint:
    """What futures are made of.

    Attributes
    ----------
    streams : str
        Seed, scheme and first year: which underlying draws. Empty where that is not known.
    drivers : dict
        Driver to organisation to a digest of what is made of these draws, or of values.
    """

    streams: str
    drivers: ByBody

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Fingerprint:
        """Read what `text` wrote; ValueError where it is none."""
        stored = json.loads(text)
        return cls(str(stored["streams"]), dict(stored["drivers"]))


def fingerprint(study: Study, *, seed: int, scheme: str) -> Fingerprint:
    """Return the fingerprint of what a study's drivers are drawn as.

    By driver and organisation: distribution, probability, shared, persistence, and the row of
    the factorised correlation; for one-off costs the rows of the risk register. What planners
    expect is no part of it, nor is anything that draws nothing.
    """
    streams = f"{scheme}, seed {seed}, from {study.year_labels[0]}"
    factors = dict(_factors(study))
    found: ByBody = {}
    for name in DRIVER_NAMES:
        make = _risks if name in FROM_RISKS else _parameters
        found[name] = {
            body: _digest([make(study, name, body), factors.get(name)])
            for body in study.organisation_ids
        }
    return Fingerprint(streams, found)


def with_deliveries(drawn: Fingerprint, study: Study, *, seed: int, scheme: str) -> Fingerprint:
    """Return a fingerprint with what projects deliver, which a run draws whoever gave the rest."""
    uncertain = [p for p in study.projects if p.delivery is not None and p.delivery.fixed is None]
    if not uncertain:
        return drawn
    made = {p.name: _digest([scheme, seed, repr(p.delivery)]) for p in uncertain}
    return Fingerprint(drawn.streams, {**drawn.drivers, DELIVERIES: made})


def _factors(study: Study) -> Iterator[tuple[str, Any]]:
    """Give, by correlated driver, the drivers and coefficients that its latent is made of."""
    named = [name for name in DRIVER_NAMES if name in (*study.named_drivers, *study.drawn_uniform)]
    for part in components(named, study.correlation_matrix(named)):
        for name, row in zip(part.names, part.rows, strict=True):
            if len(row) > 1:
                yield name, [[part.names[place], coefficient] for place, coefficient in row]


def _parameters(study: Study, name: str, body: str) -> Any:
    """Return what a study says of a driver at an organisation, without what planners expect."""
    lines = study.organisation(body).lines
    if lines and body in study.made_by_lines(name):
        return [without_notes(line.model_dump()) for line in lines] + [
            without_notes(study.drivers[own].table()) for own in OF_LINES if own in study.drivers
        ]
    if body in study.made_by_schemes(name):
        mine = [scheme for scheme in study.schemes if scheme.organisation == body]
        return sorted(scheme.model_dump_json() for scheme in mine)
    drawn = study.driver(name, body) is not None
    if drawn and driver(name).drawn_for and name not in study.drivers:
        return {"uniform": True}
    if not drawn or name not in study.drivers:
        return {"neutral": driver(name).neutral}
    kind = study.organisation(body).kind
    merged = merge(list(study.drivers[name].chain(kind=kind, organisation=body)))
    if merged.get("shared_place"):
        merged["place"] = study.place_of(study.organisation(body))
    return {key: value for key, value in merged.items() if key != "expected"}


def _risks(study: Study, _: str, body: str) -> Any:
    """Return the rows of the risk register that can fall on an organisation."""
    groups = {risk.group for risk in study.risks if risk.organisation == body} - {None}
    mine = [risk for risk in study.risks if risk.organisation == body or risk.group in groups]
    rows = sorted((without_notes(risk.table()) for risk in mine), key=lambda row: str(row["name"]))
    mixed = mixed_streams(study)
    joined = sorted((risk.name, mixed[unit_of(risk)]) for risk in mine if unit_of(risk) in mixed)
    rows += [{"name": "correlated", "streams": joined}] if joined else []
    indexed = any(risk.prices == "opening" for risk in mine)
    return [rows, _parameters(study, "cost_inflation", body)] if indexed else rows


def _digest(parts: Any) -> str:
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def checksums(drivers: Mapping[str, NDArray[np.float64]], bodies: tuple[str, ...]) -> ByBody:
    """Return a checksum of every driver's values by organisation.

    `drivers` hold (year, organisation, draws numbered through).
    """
    found: ByBody = {}
    for name, values in drivers.items():
        found[name] = {}
        for k, body in enumerate(bodies):
            checksum = 0
            for row in values[:, k]:
                checksum = zlib.crc32(row.tobytes(), checksum)
            found[name][body] = f"{checksum:08x}"
    return found


def of_values(
    drivers: Mapping[str, NDArray[np.float64]],
    bodies: tuple[str, ...],
    attributes: Mapping[str, Any],
) -> Fingerprint:
    """Return the fingerprint of user-supplied futures.

    Where they still are what `riskmc.sample` drew (its `attributes` say so, and the checksums
    agree), theirs; elsewhere their values'.
    """
    found = checksums(drivers, bodies)
    known, streams, sums = {}, "", {}
    text, stored = attributes.get(ATTRIBUTE), attributes.get("checksums")
    if isinstance(text, str) and isinstance(stored, str):
        sampled = Fingerprint.read(text)
        known, streams, sums = sampled.drivers, sampled.streams, json.loads(stored)
    drawn: ByBody = {}
    for name, by_body in found.items():
        drawn[name] = {
            body: known[name][body]
            if sums.get(name, {}).get(body) == checksum and body in known.get(name, {})
            else _OWN + checksum
            for body, checksum in by_body.items()
        }
    untouched = any(
        not drawn[name][body].startswith(_OWN) and bool(np.ptp(drivers[name][:, k]) > 0.0)
        for name in drawn
        for k, body in enumerate(bodies)
    )  # what never varies says nothing about the draws
    return Fingerprint(streams if untouched else "", drawn)


def differing(one: Fingerprint, other: Fingerprint) -> list[tuple[str, str]]:
    """Return the drivers and organisations (or projects) whose fingerprints differ."""
    found = []
    for name in (*DRIVER_NAMES, DELIVERIES):
        ours, theirs = one.drivers.get(name, {}), other.drivers.get(name, {})
        found += [(name, of) for of in {**ours, **theirs} if ours.get(of) != theirs.get(of)]
    return found
