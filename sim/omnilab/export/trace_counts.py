"""Places in the counters of a trace, and the receipts it writes by the cascade core's numbers."""

from __future__ import annotations

from typing import Final

from omnilab.cascade.codes import RECEIPTS as WORDS

__all__ = ["NO_SLOT"]

# Rows written to each table, in the tables' order
SIGHTINGS: Final = 0
MESSAGES: Final = 1
RECEIPTS: Final = 2
SIGNALS: Final = 3
NO_SLOT: Final = 4  # identifiers that found no slot of their type: there must be none
# Of the cell in work
COPIES: Final = 5  # copies of journeys that run
OPEN: Final = 6  # messages under way
SHOWN: Final = 7  # identifiers that the visit in work has shown
STARTED: Final = 8  # persons whose addresses from before the start are handed over
LAST_SENT: Final = 9  # time of the last send

TAKEN: Final = WORDS.index("processed")
ARRIVED: Final = WORDS.index("delivered")
SEEN: Final = WORDS.index("open")
CLICKED: Final = WORDS.index("click")
BOUNCED: Final = WORDS.index("bounce")
