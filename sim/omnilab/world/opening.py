"""Places that are closed: who would rather go there may wait until it is open again.

Without it a store's visits of the evening all go to the web shop, which then sells most at night.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_FORM
from omnilab.kernels.compiling import inner
from omnilab.world.choice import choose, is_open
from omnilab.world.clock import from_activity, local, to_activity

if TYPE_CHECKING:
    from omnilab.kernels.record import Floats
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["waits_until"]

DAY: Final = 86400


@inner
def waits_until(
    model: Model, person: Person, t: int, family: int, occasion: int, stock: float, where: float,
    weight: Floats, pull: Floats,
) -> int:  # fmt: skip
    """Return when a visit for a need is made whose place is closed at ``t``; ``t`` for at once.

    The place is that of the choice among all places, open or not. The person goes on its next
    day, at a time that is even over its hours on the activity clock. The visit keeps its address,
    so that it has the draws that it would have had.

    Parameters
    ----------
    family, occasion
        Of the visit: its own two uniforms decide.
    stock
        The need's stimulus stock.
    where
        The uniform of the choice.
    weight, pull
        As of `omnilab.world.choice.choose`.
    """
    now = local(model, t)
    c = choose(model, person, t, now, stock, where, weight, pull, 1)
    if c < 0 or is_open(model.ch[c], now):
        return t
    _, _, waits, when = draw4(model.key.k0, model.key.k1, family + V_FORM, person.entity, occasion)
    if waits >= model.choice.waits:
        return t
    midnight = t - now % DAY
    if now % DAY >= model.ch[c].opens:
        midnight += DAY
    first = to_activity(model, midnight + int(model.ch[c].opens))
    last = to_activity(model, midnight + int(model.ch[c].closes))
    return from_activity(model, first + when * (last - first))
