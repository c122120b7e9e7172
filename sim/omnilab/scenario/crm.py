"""Records of persons that the brand has before the start: an upload of its CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Name, Share
from omnilab.scenario.channels import IdentifierType
from omnilab.scenario.part import Frozen
from omnilab.world.crm import MOST_OF_RECORD

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["MAX_UPLOADS", "Upload", "crm_problem"]

MAX_UPLOADS = 4
#: What a list of customers can't have: it belongs to a device, or to nobody whom the brand knows.
_NEVER = ("cookie", "device", "oracle")


class Upload(Frozen):
    """Records of a share of persons, as one silo's tool holds them at the start."""

    silo: Name = key(..., "The silo whose tool holds the records.")
    share: Share = key(1.0, "Share of persons who stand in the records.", kind="A")
    has: dict[IdentifierType, Share] = key(
        ..., "Types of identifiers, each with the share of records that have it."
    )
    duplicates: Share = key(
        0.0,
        "Share of these persons with two records, each with identifiers and mistakes of its own. "
        "The brand takes them for two persons unless it links them.",
        kind="A",
        source="off by default",
        swept=("0%", "20%"),
    )
    wrong: Share = key(
        0.0,
        "Share of identifiers with a mistake: nobody's, so that what is sent there bounces, or "
        "somebody else's (`world.identifiers.typo_hits`).",
        kind="A",
        source="off by default",
        swept=("0%", "20%"),
    )
    allows: tuple[Name, ...] = key(
        (), "Channels that persons who stand here have allowed.", without="None."
    )
    allowed: Share = key(1.0, "Share of them who have.", kind="A")

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not 1 <= len(self.has) <= MOST_OF_RECORD:
            raise ValueError(f"has: name 1 to {MOST_OF_RECORD} types, such as {{email: 80%}}")
        for name in _NEVER:
            if name in self.has:
                raise ValueError(f"has: no list of customers has a {name}; email and phone may be")
        return self


def crm_problem(scenario: Scenario) -> tuple[tuple[str | int, ...], str] | None:
    """Return the place and the sentence of what is wrong with ``brand.crm``, or None."""
    writing = [c.name for c in scenario.channels if c.message and not c.message.ad]
    silos = scenario.silos
    for n, upload in enumerate(scenario.brand.crm):
        if upload.silo not in silos:
            more = nearest(upload.silo, silos) or f"; there are {', '.join(silos)}"
            return (n, "silo"), f"unknown silo {upload.silo!r}{more}"
        for k, name in enumerate(upload.allows):
            if name not in writing:
                return (n, "allows", k), (
                    f"no channel {name!r} that has a `message` side and shows no ads"
                    f"{nearest(name, writing)}"
                )
    return None
