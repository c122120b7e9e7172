"""What a strategy is written with: the public names, and nothing else of omnilab."""

from __future__ import annotations

from omnilab.scenario.model import Cap, Journey, Message, Split, Step, WaitFor
from omnilab.strategy.plan import Plan, Sharing
from omnilab.strategy.protocol import Brand, Choices, Decisions, Events, Strategy

__all__ = [
    "Brand",
    "Cap",
    "Choices",
    "Decisions",
    "Events",
    "Journey",
    "Message",
    "Plan",
    "Sharing",
    "Split",
    "Step",
    "Strategy",
    "WaitFor",
]
