"""Study files: read, checked with all faults at once, and resolved for every body and year."""

from riskmc.study.drivers import DriverTable, ResolvedDriver
from riskmc.study.extends import Source, shipped_regimes
from riskmc.study.load import (
    load_study,
    parse_study,
    study_from_json,
    study_json,
    study_mapping,
)
from riskmc.study.model import (
    Behaviour,
    Contract,
    Dynamics,
    Organisation,
    Planning,
    Precision,
    Risk,
)
from riskmc.study.regimes import (
    Holder,
    InstrumentSetting,
    Payment,
    Pool,
    Regime,
    Rulebook,
    Settlement,
)
from riskmc.study.study import Study

__all__ = [
    "Behaviour",
    "Contract",
    "DriverTable",
    "Dynamics",
    "Holder",
    "InstrumentSetting",
    "Organisation",
    "Payment",
    "Planning",
    "Pool",
    "Precision",
    "Regime",
    "ResolvedDriver",
    "Risk",
    "Rulebook",
    "Settlement",
    "Source",
    "Study",
    "load_study",
    "parse_study",
    "shipped_regimes",
    "study_from_json",
    "study_json",
    "study_mapping",
]
