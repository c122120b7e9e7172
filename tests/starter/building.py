"""What a team says, for tests."""

from __future__ import annotations

from typing import Any

from omnilab.parameters.quantity import DAY
from omnilab.starter.answers import Answers

CHANNELS = ("web", "app", "push", "store", "email")


def answers(**changes: Any) -> Answers:
    """Return the answers of a shop for sneakers, with changes."""
    said: dict[str, Any] = {
        "name": "kicks", "sells": "sneakers", "every_s": 180 * DAY, "spend": 89.9,
        "currency": "EUR", "margin": 0.45, "returns": 0.2, "channels": CHANNELS, "customers": 4000,
    }  # fmt: skip
    return Answers(**(said | changes))
