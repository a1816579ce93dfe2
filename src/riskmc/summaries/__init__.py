"""Running summaries, for runs that do not keep their draws.

Block by block, per-draw values are folded into sums, counts and histograms, and forgotten. What
is kept does not grow with the draws. Counts are whole numbers and add up in any order; sums of
floating-point numbers are folded over key blocks in one fixed order, so that the result is the
same to the bit whoever did which block, and when.
"""

from riskmc.summaries.blocks import BlockFolder, Interrupted, Room
from riskmc.summaries.grid import Grid, Sketch
from riskmc.summaries.moments import Ladder, Moments
from riskmc.summaries.rows import PerDraw, Plan, Recipe, Rows, Series, row_table
from riskmc.summaries.state import Folded, Summary
from riskmc.summaries.tally import Tally

__all__ = [
    "BlockFolder",
    "Folded",
    "Grid",
    "Interrupted",
    "Ladder",
    "Moments",
    "PerDraw",
    "Plan",
    "Recipe",
    "Room",
    "Rows",
    "Series",
    "Sketch",
    "Summary",
    "Tally",
    "row_table",
]
