"""Results: what a run keeps, as an xarray tree with units and provenance, in memory or a file."""

from riskmc.results.contents import Contents, Layout
from riskmc.results.tree import build_tree, open_results, save

__all__ = ["Contents", "Layout", "build_tree", "open_results", "save"]
