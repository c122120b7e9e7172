"""The sharing choices: what a strategy's silos share. A choice is declared here and nowhere else.

What each choice means to a reader stands in ``glossary/words.yaml``; the rule that acts on it
reads ``plan.rules.<choice>`` (such as `omnilab.brand.context.sees`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal, Self

from omnilab.errors import nearest
from omnilab.kernels.record import Record, i8

__all__ = [
    "ALL",
    "CHOICES",
    "HANDOFF",
    "NAMES",
    "NUMBERS",
    "SILO",
    "LoweredSharing",
    "Sharing",
    "without_identity",
]

SILO: Final = 0
HANDOFF: Final = 1
ALL: Final = 2

#: The names of the values, by number.
NAMES: Final = ("silo", "handoff", "all")
NUMBERS: Final = {name: i for i, name in enumerate(NAMES)}

Value = Literal["silo", "handoff", "all"]


@dataclass(frozen=True)
class Sharing:
    """The seven sharing choices, each ``silo``, ``handoff`` or ``all``.

    docs/reference/words.md defines them.

    No choice about customers reaches beyond what identity linked, so with identity ``silo`` those
    others act so too. Units have no identity: what a place sees of another's stock does not hang on
    whom it knows.
    """

    identity: Value = "silo"
    context: Value = "silo"
    triggers: Value = "silo"
    channel: Value = "silo"
    stop: Value = "silo"
    contact_policy: Value = "silo"
    stock: Value = "silo"

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
        """Return the seven choices with one value."""
        return cls(**dict.fromkeys(CHOICES, value))

    def effective(self) -> Sharing:
        """Return the choices as they act."""
        return Sharing(stock=self.stock) if self.identity == "silo" else self

    def idle(self) -> list[str]:
        """Return the choices that act as ``silo`` whatever they say."""
        acts = self.effective()
        return [name for name in CHOICES if getattr(self, name) != getattr(acts, name)]


class LoweredSharing(Record):
    """The choices as kernels read them: `SILO`, `HANDOFF` or `ALL`."""

    identity: i8
    context: i8
    triggers: i8
    channel: i8
    stop: i8
    contact_policy: i8
    stock: i8


#: The names of the choices, in the order in which tables show them.
CHOICES: Final = tuple(field.name for field in fields(Sharing))


def without_identity(idle: Sequence[str]) -> str:
    """Return that choices do nothing since no silo knows another's customers, in a sentence."""
    named = ", ".join(f"sharing.{name}" for name in idle)
    return (
        f"{named}: no effect while sharing.identity is silo, since no silo knows another's "
        "customers: set identity to handoff or all"
    )
