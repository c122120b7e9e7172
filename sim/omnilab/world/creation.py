"""Creation: a visit that a message led to, and that meets no need, may make one.

How often is a prior, not a result: `Response.created` at the mean person, more or less by what the
person feels about the message. A need so made is a need like any other, and its row names the
message. Part of what it sells is borrowed: it takes the place of the next need of its category.

References
----------
van Heerde, Leeflang and Wittink (2004), "Decomposing the sales promotion bump with store data",
Marketing Science 23(3): a third of the bump is borrowed from other periods, a third is new demand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i4
from omnilab.parameters.declared import Few, Parameters, key
from omnilab.parameters.quantity import Share
from omnilab.world.exposure import shifted
from omnilab.world.intent import logit
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "CREATED_ORDINAL",
    "Borrowed",
    "Creation",
    "LoweredCreation",
    "borrow",
    "comes_to_need",
    "created_category",
    "gives_back",
]

CREATION: Final = stream("CREATION", 242)  # of what category: person, the message's address
BORROWED: Final = stream("BORROWED", 243)  # from a later need, or not: person, the need

CREATED_ORDINAL: Final = 1 << 25  # of needs that messages make: above all that come by themselves


class Creation(Parameters):
    """Needs that messages make: whose, and at whose cost."""

    profile: Few = key(
        1.0,
        "How much of what taste, recency and saturation add to the logit of clicking is added "
        "to that of making a need; 0 makes needs of all alike.",
        unit="factor, no unit",
        kind="A",
        swept=("0", "1.5"),
    )
    borrowed: Share = key(
        0.33,
        "Share of the orders of such needs that take the place of the person's next need of that "
        "category: about a third of a promotion's bump is borrowed from later weeks; 6% in "
        "LEEFLANG08.",
        kind="P/D",
        source="VANHEERDE",
        swept=("6%", "60%"),
    )


class LoweredCreation(Record):
    """What the rules read of `Creation`."""

    created: f8  # logit of `Response.created`
    profile: f8
    borrowed: f8


@fills(LoweredCreation)
def _lower(scenario: ScenarioParts) -> Values:
    return {"created": logit(scenario.world.response.created)}


class Borrowed(Record):
    """What a person owes in a category."""

    borrowed: i4 = 0  # natural needs to come that have been met already


@inner
def comes_to_need(model: Model, feels: float, u: float) -> bool:
    """Tell whether a visit that a message led to, and that meets no need, makes one.

    The logit is that of `Response.created` plus ``profile`` times what the person ``feels`` about
    the message.
    """
    if model.response.created <= 0.0:
        return False
    shift = model.creation.profile * feels
    if shift == 0.0:
        return u < model.response.created
    return u < shifted(model.creation.created, shift)


@inner
def created_category(cell: WorldCell, model: Model, who: int, shown: int, occasion: int) -> int:
    """Return the category of a need that a message makes: the one that it shows.

    Of one that shows everything it is one of the person's, in proportion to how often it is needed.
    """
    if shown >= 0:
        return shown
    n = len(model.cat)
    total = 0.0
    for c in range(n):
        total += cell.rate[who, c]
    u, _, _, _ = draw4(model.key.k0, model.key.k1, CREATION, cell.person[who].entity, occasion)
    x = u * total
    for c in range(n):
        x -= cell.rate[who, c]
        if x < 0.0:
            return c
    return n - 1


@inner
def borrow(cell: WorldCell, model: Model, who: int, category: int, ordinal: int) -> None:
    """Let the order of a need that a message made take the place of a later one, or not."""
    if ordinal < CREATED_ORDINAL or model.creation.borrowed <= 0.0:
        return
    u, _, _, _ = draw4(model.key.k0, model.key.k1, BORROWED, cell.person[who].entity, ordinal)
    if u < model.creation.borrowed:
        cell.theme[who, category].borrowed += 1


@inner
def gives_back(cell: WorldCell, who: int, category: int) -> bool:
    """Tell whether a natural need of the category has been met before it came; it counts once."""
    kept = cell.theme[who, category]
    if kept.borrowed == 0:
        return False
    kept.borrowed -= 1
    return True
