"""What a strategy is written with: the public names, and nothing else of omnilab.

Nothing heavy is imported until a name is used: a scenario's names of strategies are checked
without NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.scenario.model import (
        Cap,
        Feed,
        Journey,
        Message,
        Split,
        Step,
        WaitFor,
        Wiring,
    )
    from omnilab.scenario.programme_money import Budget, Costs
    from omnilab.strategy.plan import Plan, Sharing
    from omnilab.strategy.protocol import Brand, Choices, Decisions, Events, Strategy
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "omnilab.scenario.model": (
                "Cap",
                "Feed",
                "Journey",
                "Message",
                "Split",
                "Step",
                "WaitFor",
                "Wiring",
            ),
            "omnilab.scenario.programme_money": ("Budget", "Costs"),
            "plan": ("Plan", "Sharing"),
            "protocol": ("Brand", "Choices", "Decisions", "Events", "Strategy"),
        },
    )

__all__ = [
    "Brand",
    "Budget",
    "Cap",
    "Choices",
    "Costs",
    "Decisions",
    "Events",
    "Feed",
    "Journey",
    "Message",
    "Plan",
    "Sharing",
    "Split",
    "Step",
    "Strategy",
    "WaitFor",
    "Wiring",
]
