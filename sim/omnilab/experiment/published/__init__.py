"""What is claimed of omnichannel marketing, beside what simulated customers do."""

from __future__ import annotations

from omnilab.experiment.published.declared import Published, PublishedClaim, read_published
from omnilab.experiment.published.over import Asked, Spread, ask_claims
from omnilab.experiment.published.running import ClaimReadings, Estimate

__all__ = [
    "Asked",
    "ClaimReadings",
    "Estimate",
    "Published",
    "PublishedClaim",
    "Spread",
    "ask_claims",
    "read_published",
]
