"""Where a visit without a need goes: the roulette of `omnilab.world.choice`, without its branches.

Which channel it will be can't be predicted, so a processor that guesses at each is wrong often.
Of most persons all channels with such visits are within reach and always open; their rates add up
to the same sums each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inlined
from omnilab.kernels.record import Record, i8
from omnilab.world import choice
from omnilab.world.clock import local
from omnilab.world.fast import twin_of
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["LoweredLookingAround", "choose_idle"]


class LoweredLookingAround(Record):
    """What the channels' hours mean for visits without a need."""

    closes: i8  # 1 if a channel with such visits closes at some hour
    reach: i8  # bits of those channels where none closes; -1 where one does or there is none


@fills(LoweredLookingAround)
def _lower(scenario: ScenarioParts) -> Values:
    places = [(1 << n, c.visit) for n, c in enumerate(scenario.channels) if c.visit]
    idle = [(bit, visit) for bit, visit in places if visit.idle > 0.0]
    closes = any(v.opens > 0 or v.opens < v.closes < 86400 for _, v in idle)
    # Whom nothing is closed to: nobody if there is something that closes, or nothing at all.
    reach = -1 if closes or not idle else sum(bit for bit, _ in idle)
    return {"closes": closes, "reach": reach}


@twin_of(choice.choose_idle)
@inlined
def choose_idle(model: Model, person: Person, t: int, u: float) -> int:
    """Return the channel of a visit without a need; see `omnilab.world.choice.choose_idle`."""
    reach = int(person.reach)
    all_of_them = int(model.looking_around.reach)
    gains = model.acts.opens != 0  # then what a person can reach is not what it was born with
    if reach & all_of_them == all_of_them and not gains:
        x = u * person.idle_rate
        k = 0
        for i in range(len(model.idle) - 1):
            k += int(x >= model.idle[i].up_to)
        return int(model.idle[k].channel)
    second = 0
    total = float(person.idle_rate)
    if model.looking_around.closes == 1 or gains:
        second = local(model, t) % 86400
        total = 0.0
        for k in range(len(model.idle)):
            total += choice.idle_rate_at(model.idle[k], reach, second)
    x = u * total
    up_to = 0.0
    chosen = -1
    for k in range(len(model.idle)):
        rate = choice.idle_rate_at(model.idle[k], reach, second)
        chosen = int(model.idle[k].channel) if rate > 0.0 and x >= up_to else chosen
        up_to += rate
    return chosen
