"""The registers: every driver and every output variable, once, with unit, sign and meaning.

Money is nominal, in £m; rates are fractions per year. Flows belong to the year, stocks to its
end (31 March). One row owns a thing: whatever else needs to know of it reads the row.
"""

from riskmc.variables.drivers import (
    DRIVER_NAMES,
    DRIVERS,
    FROM_RISKS,
    PLANNED,
    UNIFORM,
    driver,
)
from riskmc.variables.names import (
    CHAIN,
    DRAW,
    DRIVER_DIMS,
    HAPPENED,
    KINDS,
    MONEY,
    ORGANISATION,
    OUTCOME_DIMS,
    PLACE,
    PLACE_DIMS,
    PROJECT_DELIVERY,
    REGIME,
    YEAR,
)
from riskmc.variables.outputs import (
    BEARERS,
    HEADLINE_NAMES,
    NET_DEFICIT,
    PLACE_NAMES,
    VARIABLE_NAMES,
    VARIABLES,
    Variable,
    variable,
)
from riskmc.variables.rows import Driver, Example

__all__ = [
    "BEARERS",
    "CHAIN",
    "DRAW",
    "DRIVERS",
    "DRIVER_DIMS",
    "DRIVER_NAMES",
    "FROM_RISKS",
    "HAPPENED",
    "HEADLINE_NAMES",
    "KINDS",
    "MONEY",
    "NET_DEFICIT",
    "ORGANISATION",
    "OUTCOME_DIMS",
    "PLACE",
    "PLACE_DIMS",
    "PLACE_NAMES",
    "PLANNED",
    "PROJECT_DELIVERY",
    "REGIME",
    "UNIFORM",
    "VARIABLES",
    "VARIABLE_NAMES",
    "YEAR",
    "Driver",
    "Example",
    "Variable",
    "driver",
    "variable",
]
