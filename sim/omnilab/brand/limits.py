"""How many of each thing the brand's state has room for, for scenarios to read without numpy."""

from __future__ import annotations

from typing import Final

__all__ = ["MOST_ARMS", "MOST_TESTS"]

MOST_ARMS: Final = 8  # of a split test
MOST_TESTS: Final = 16  # a bit each in a copy of a journey
