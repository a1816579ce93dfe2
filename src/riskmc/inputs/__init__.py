"""Tables as people keep them, CSV files and workbooks, read leniently and reported exactly.

What is unambiguous is read; every cell that is not is named by row and column, all at once.
"""

from riskmc.inputs.cells import Reading, amount, chance, is_missing, plain_number
from riskmc.inputs.faults import CellFault, TableError
from riskmc.inputs.sheets import Sheet, read_sheet

__all__ = [
    "CellFault",
    "Reading",
    "Sheet",
    "TableError",
    "amount",
    "chance",
    "is_missing",
    "plain_number",
    "read_sheet",
]
