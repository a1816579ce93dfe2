"""Study files: read, checked with all faults at once, and resolved for every body and year."""

from riskmc.study.contracts import Contract, Payment, Terms
from riskmc.study.drivers import DriverTable, ResolvedDriver
from riskmc.study.extends import Source, shipped_regimes
from riskmc.study.findings import Neutral, Realised, Validation
from riskmc.study.in_words import RuleFigure
from riskmc.study.load import (
    load_study,
    parse_study,
    study_from_json,
    study_json,
    study_mapping,
)
from riskmc.study.model import (
    Behaviour,
    Dynamics,
    Organisation,
    Planning,
    Precision,
)
from riskmc.study.projects import Funding, Mandate, Project, ProjectRules
from riskmc.study.regimes import (
    Holder,
    InstrumentSetting,
    Pool,
    Regime,
    Rulebook,
)
from riskmc.study.risks import Mitigation, Risk, customary_sum
from riskmc.study.rule_figures import regime_figures
from riskmc.study.savings import SavingsScheme
from riskmc.study.schema import json_schema
from riskmc.study.settlement import Settlement
from riskmc.study.starter import starter
from riskmc.study.study import Study
from riskmc.study.validation import validate
from riskmc.study.words import (
    rules_in_words,
    shipped_regime,
    shipped_sources,
)
from riskmc.study.words_compared import rules_against

__all__ = [
    "Behaviour",
    "Contract",
    "DriverTable",
    "Dynamics",
    "Funding",
    "Holder",
    "InstrumentSetting",
    "Mandate",
    "Mitigation",
    "Neutral",
    "Organisation",
    "Payment",
    "Planning",
    "Pool",
    "Precision",
    "Project",
    "ProjectRules",
    "Realised",
    "Regime",
    "ResolvedDriver",
    "Risk",
    "RuleFigure",
    "Rulebook",
    "SavingsScheme",
    "Settlement",
    "Source",
    "Study",
    "Terms",
    "Validation",
    "customary_sum",
    "json_schema",
    "load_study",
    "parse_study",
    "regime_figures",
    "rules_against",
    "rules_in_words",
    "shipped_regime",
    "shipped_regimes",
    "shipped_sources",
    "starter",
    "study_from_json",
    "study_json",
    "study_mapping",
    "validate",
]
