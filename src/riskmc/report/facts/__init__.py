"""The facts of a run: every number that the paper, the annex, the page and the tables print.

Worked out once, in one place, each with its simulation error; what prints them only rounds.
"""

from riskmc.report.facts.build import build_facts
from riskmc.report.facts.store import Fact, Facts, Key
from riskmc.report.facts.verdicts import Verdict

__all__ = ["Fact", "Facts", "Key", "Verdict", "build_facts"]
