"""Which rule does the work: the ladder, and exact Shapley values over groups of rules."""

from riskmc.attribution.attributing import attribute
from riskmc.attribution.groups import GROUPS, Group, differing
from riskmc.attribution.words import attribution_sentences

__all__ = ["GROUPS", "Group", "attribute", "attribution_sentences", "differing"]
