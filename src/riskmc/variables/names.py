"""Names that everything shares: dimensions, the place, kinds, what counts as having happened."""

from __future__ import annotations

MONEY = "£m"

#: Dimension names, as ArviZ and `interface.md` expect them.
CHAIN, DRAW, YEAR, ORGANISATION, REGIME = "chain", "draw", "year", "organisation", "regime"
#: The order in which results show their dimensions.
DRIVER_DIMS = (CHAIN, DRAW, YEAR, ORGANISATION)
OUTCOME_DIMS = (REGIME, CHAIN, DRAW, YEAR, ORGANISATION)
PLACE_DIMS = (REGIME, CHAIN, DRAW, YEAR)

#: What projects deliver, drawn once per future: (1, project, draw) alongside the drivers.
PROJECT_DELIVERY = "project_delivery"
#: The name of the place as a whole wherever an organisation's id may be given.
PLACE = "place"
#: Who an organisation may be.
KINDS = ("provider", "commissioner", "council")
#: An amount counts as having happened above this share of max(1, income).
HAPPENED = 1e-9
