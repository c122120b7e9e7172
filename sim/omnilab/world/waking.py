"""Waking: a message reminds a sleeping customer that there is something to end.

A customer sleeps who has neither come by nor seen a message of the brand for some time, and has no
need that it has noticed: the contract runs, the account is there, and nobody thinks of it. Habit
keeps such a customer, not a decision. Using a running contract and thinking of it are two things:
where visits are its use (`by_visits` no), they keep nobody awake. A message or a call that it sees
asks for the decision, and with the chance `leaves` the customer leaves. Whether it stays or leaves,
it has been woken: the next message meets somebody awake.

To who is awake a contact does nothing of this, but that it keeps them awake. So one that comes
every week wakes nobody who sees it, and the first one after long silence does. Ads wake nobody,
since they do not speak to a customer as one; nor does a message of service, which answers to what
the person did. Who has never bought has nothing to end.

References
----------
Ascarza, Iyengar and Schleicher (2016), "The perils of proactive churn prevention using plan
recommendations", Journal of Marketing Research 53(1): of customers who were advised 10% left in
three months, of the others 6%; two reasons are that advice lowers inertia, and that it makes past
use salient.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Share
from omnilab.world.acts import has_noticed_need
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "LastThought",
    "LoweredWaking",
    "Waking",
    "comes_by",
    "sleeps",
    "thinks_of_brand",
    "wakes_to_leave",
]

WOKEN: Final = stream("WOKEN", 201)  # whether a sleeper leaves: person, the message's address


class Waking(Parameters):
    """What a contact does to a customer who sleeps."""

    leaves: Share = key(
        0.0,
        "Chance that a customer who sleeps leaves the brand on seeing a message or a call.",
        kind="A",
        source="off by default; sign of ASC16",
        came_later=True,
        swept=("1%", "10%"),
    )
    sleeps: Annotated[Duration, Field(gt=0)] = key(
        30 * 86400,
        "Time without a visit and without a message seen after which a customer who has no need "
        "sleeps; a contract that is billed by the month comes to mind about so often.",
        kind="A",
        came_later=True,
        swept=("14d", "90d"),
    )
    by_visits: bool = key(
        True,
        "A visit keeps a customer awake. No where visits are the use of a running contract, as of "
        "a telephone or a studio: who uses it does not think of ending it, nor of what it costs.",
        kind="A",
        source="as it was; sweep both",
        came_later=True,
    )


class LoweredWaking(Record):
    """What the rules read of `Waking`."""

    on: i8  # 1 where it makes anybody leave
    leaves: f8
    sleeps: f8  # seconds
    by_visits: i8


@fills(LoweredWaking)
def _lower(scenario: ScenarioParts) -> Values:
    return {"on": int(scenario.world.waking.leaves > 0.0)}


class LastThought(Record):
    """When a person last came by or saw a message."""

    thought_t: i8 = 0


@inner
def thinks_of_brand(model: Model, person: Person, t: int) -> None:
    """Note that the person sees what the brand writes, or thinks of it at a visit."""
    if model.waking.on == 1:
        person.thought_t = t


@inner
def comes_by(model: Model, person: Person, t: int) -> None:
    """Note that the person comes by, where that makes it think of the brand."""
    if model.waking.by_visits == 1:
        thinks_of_brand(model, person, t)


@inner
def sleeps(cell: WorldCell, model: Model, person: Person, t: int) -> bool:
    """Tell whether a customer sleeps: it has bought once, has no noticed need, and is not awake.

    Who is there from the start counts as awake then, and a cohort's member at its entry.
    """
    if person.left == 1 or person.purchases == 0:
        return False
    if t - max(person.thought_t, person.entry) <= model.waking.sleeps:
        return False
    return not has_noticed_need(cell, person)


@inner
def wakes_to_leave(cell: WorldCell, model: Model, person: Person, occasion: int, t: int) -> bool:
    """Wake the person, who sees a message; tell whether it leaves for that.

    Parameters
    ----------
    occasion
        Address of the message's draws.
    """
    slept = sleeps(cell, model, person, t)
    thinks_of_brand(model, person, t)
    if not slept:
        return False
    u, _, _, _ = draw4(model.key.k0, model.key.k1, WOKEN, person.entity, occasion)
    return u < model.waking.leaves
