"""What a strategy asks for, as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Self

from omnilab.brand.codes import CHOICES, NUMBERS
from omnilab.errors import nearest

if TYPE_CHECKING:
    from omnilab.scenario.model import Cap, Journey

__all__ = ["Plan", "Sharing"]

Value = Literal["silo", "handoff", "all"]


@dataclass(frozen=True)
class Sharing:
    """The six sharing choices, each ``silo``, ``handoff`` or ``all``; words.md defines them.

    No choice reaches beyond what identity linked, so with identity ``silo`` the others act so too.
    """

    identity: Value = "silo"
    context: Value = "silo"
    triggers: Value = "silo"
    channel: Value = "silo"
    stop: Value = "silo"
    contact_policy: Value = "silo"

    def __post_init__(self) -> None:
        """Refuse values that are not one of the three."""
        for name in CHOICES:
            value = getattr(self, name)
            if value not in NUMBERS:
                raise ValueError(
                    f"sharing choice {name} is {value!r}: use silo, handoff or all"
                    f"{nearest(str(value), NUMBERS)}"
                )

    @classmethod
    def every(cls, value: Value) -> Self:
        """Return the six choices with one value."""
        return cls(**dict.fromkeys(CHOICES, value))

    def effective(self) -> Sharing:
        """Return the choices as they act."""
        return Sharing() if self.identity == "silo" else self


@dataclass(frozen=True)
class Plan:
    """What a strategy does, as data.

    Attributes
    ----------
    sharing
        The six sharing choices; all ``silo`` by default.
    journeys
        The journeys that run; none by default.
    cap
        The frequency cap; None for the scenario's own.
    silos
        The silos that send messages; None for all.
    paid
        Whether the brand pays for search.
    """

    sharing: Sharing = field(default_factory=Sharing)
    journeys: tuple[Journey, ...] = ()
    cap: Cap | None = None
    silos: tuple[str, ...] | None = None
    paid: bool = True

    def with_sharing(self, **choices: Value) -> Plan:
        """Return the plan with some of the six choices changed."""
        return replace(self, sharing=replace(self.sharing, **choices))
