"""Word of mouth: an order may be told to a friend and a bad experience too, by how it went.

A tip stirs the friend's need. It may also make one, let the friend know of the brand, and take the
friend's preference a part of the way to the good; a warning takes it as far to the bad
(`omnilab.world.preference`). Who the friends are is said by `omnilab.world.friends`.

logit(chance of a tip after an order) = logit(per_order) + by_preference * preference
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit, Share
from omnilab.world.exposure import shifted
from omnilab.world.friends import friend_of
from omnilab.world.intent import logit
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.preference import comes_to_know, move_preference, preference_at

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "LoweredTips",
    "Tips",
    "friend_told",
    "friend_warned",
    "hears",
    "makes_need",
    "tip_delay",
    "tip_ordinal",
]

WARNS: Final = stream("WARNS", 152)  # whether a bad experience is told, to whom, when: person, time
TIP_NEED: Final = stream("TIP_NEED", 153)  # whether a tip makes a need: friend, giver and order

TIP_ORDINAL: Final = 3 << 24  # of needs that tips make, between those of clicks and the next


class Tips(Parameters):
    """A friend's tip, within the cell."""

    per_order: Share = key(
        0.06,
        "Chance that an order leads to a tip to a friend in the same cell: .38 a year per "
        "adopting neighbour, taken at 6 orders.",
        kind="P/D",
        source="BASS",
    )
    by_preference: Logit = key(
        0.0,
        "What a wholly good preference adds to the logit of that chance; a wholly bad one takes "
        "off as much.",
        unit="logit",
        kind="A",
        source="off by default; sign of ANDERSON98",
        came_later=True,
        swept=("0", "3"),
    )
    warns: Share = key(
        0.0,
        "Chance that a bad experience leads to a warning to a friend. Dissatisfied customers tell "
        "more than satisfied ones, by less than is commonly said (ANDERSON98).",
        kind="A",
        source="off by default; ANDERSON98",
        came_later=True,
        swept=("0%", "30%"),
    )
    persuades: Share = key(
        0.0,
        "Part of the way to a wholly good preference that a tip takes the friend, and a warning "
        "to a wholly bad one. Both do about as much, good ones rather more (EASTHL08).",
        kind="A",
        source="off by default; EASTHL08",
        came_later=True,
        swept=("0%", "30%"),
    )
    makes_need: Share = key(
        0.0,
        "Chance that a tip makes a need in a friend who has none in the category.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0%", "20%"),
    )


class LoweredTips(Record):
    """What the rules read of `Tips`."""

    per_order: f8
    by_preference: f8
    warns: f8
    persuades: f8
    makes_need: f8
    usual: f8  # logit of `per_order`


@fills(LoweredTips)
def _lower(scenario: ScenarioParts) -> Values:
    return {"usual": logit(scenario.world.tips.per_order)}


@inner
def friend_told(cell: WorldCell, model: Model, t: int, who: int, u: float, v: float) -> int:
    """Return to whom of the town's persons an order of ``who`` is told of, or -1.

    Parameters
    ----------
    u, v
        Uniforms in (0, 1): whether it is told of, and to whom; each friend is as likely.
    """
    person = cell.person[who]
    shift = 0.0
    if model.tips.by_preference != 0.0:
        shift += model.tips.by_preference * preference_at(model, person, t)
    if person.own_link != 0:
        shift += model.referral.eager
    chance = model.tips.per_order if shift == 0.0 else shifted(model.tips.usual, shift)
    if u >= chance:
        return -1
    return friend_of(model, int(cell.meta.number), int(cell.meta.persons), who, v)


@inner
def friend_warned(cell: WorldCell, model: Model, t: int, who: int, why: int) -> tuple[int, float]:
    """Return whom a bad experience at ``t`` is told, or -1, and after how long.

    In seconds of activity.
    """
    entity = int(cell.person[who].entity)
    u, v, x, _ = draw4(model.key.k0, model.key.k1, WARNS, entity, (t << 8) | why)
    if u >= model.tips.warns:
        return -1, 0.0
    friend = friend_of(model, int(cell.meta.number), int(cell.meta.persons), who, v)
    return friend, tip_delay(x)


@inner
def hears(model: Model, person: Person, t: int, good: bool) -> None:
    """Let a person hear of the brand by a friend: know it from now on, and think as told."""
    comes_to_know(person)
    if model.tips.persuades > 0.0:
        move_preference(model, person, t, 1.0 if good else -1.0, model.tips.persuades)


@inner
def makes_need(model: Model, person: Person, giver: int, ordinal: int) -> bool:
    """Tell whether a tip of an order makes a need in who has none in its category."""
    if model.tips.makes_need <= 0.0:
        return False
    occasion = (giver << 32) | ordinal
    u, _, _, _ = draw4(model.key.k0, model.key.k1, TIP_NEED, person.entity, occasion)
    return bool(u < model.tips.makes_need)


@inner
def tip_ordinal(giver: int, ordinal: int) -> int:
    """Return the ordinal of the need that the tip of an order makes."""
    return TIP_ORDINAL | ((giver * 40503 + ordinal * 2654435) & 0xFFFFFF)


@inner
def tip_delay(u: float) -> float:
    """Return the seconds of activity from an order to its tip: exponential, two days on average."""
    return -math.log(u) * 172800.0
