"""What a strategy is written with: the public names, and nothing else of omnilab.

Nothing is imported until a name is used, so that a command that needs one small file of this
package does not load the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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

_MODEL = ("Cap", "Journey", "Message", "Split", "Step", "WaitFor")
_HOME = {
    **dict.fromkeys(_MODEL, "omnilab.scenario.model"),
    **dict.fromkeys(("Plan", "Sharing"), "omnilab.strategy.plan"),
    **dict.fromkeys(
        ("Brand", "Choices", "Decisions", "Events", "Strategy"), "omnilab.strategy.protocol"
    ),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
