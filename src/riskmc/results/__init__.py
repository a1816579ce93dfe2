"""Results: what a run keeps, as an xarray tree with units and provenance, in memory or a file."""

from riskmc.results.contents import Contents
from riskmc.results.tree import build_tree, check_file, open_results, save

__all__ = ["Contents", "build_tree", "check_file", "open_results", "save"]
