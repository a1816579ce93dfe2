"""The model notes a second time: scalar, plain Python, one future at a time, as a test oracle.

Written from ``model.md``, ``truth.md`` and ``devices.md`` alone, with the steps numbered as there,
so that notes and code can be read side by side. It shares no code with the package; names and
neutral values of drivers are the register's. It reads the plain mapping of a study and makes no
attempt at speed. Money is in £m, rates are fractions a year, and years are counted t = 1, 2, ...
as in the notes.
"""

from reference.reading import Table, resolved_regime
from reference.sharing import NATION, VARIABLES
from reference.simulation import simulate

__all__ = ["NATION", "VARIABLES", "Table", "resolved_regime", "simulate"]
