"""Dated changes: from a day on some persons like other channels, need less, find places closed.

Whom a change changes, and when it begins for whom, are two uniforms of person and change, so they
depend on nothing else that happens. While it holds it adds its logits to the utility of channels,
and lets each need come with the chance ``needs``. What is closed is closed to everybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["LoweredChange", "comes", "holds_for", "is_shut", "shift_of"]

CHANGES: Final = stream("CHANGES", 172)  # person, change: whether it changes the person, and when
COMES: Final = stream("COMES", 173)  # person, need: whether the need still comes


class LoweredChange(Record):
    """A dated change, as rules read it; its logits by channel stand in ``Model.shift``."""

    first: i8  # second at which it begins
    last: i8
    over: i8  # seconds
    share: f8
    closed: i8  # channels, a bit each
    needs: f8
    tastes: i8  # 1 where it has logits


@inner
def holds_for(model: Model, person: Person, k: int, t: int) -> bool:
    """Tell whether change ``k`` holds for a person at ``t``."""
    change = model.change[k]
    if t < change.first or t > change.last:
        return False
    if change.share >= 1.0 and change.over <= 0:
        return True
    u, v, _, _ = draw4(model.key.k0, model.key.k1, CHANGES, person.entity, k)
    return u < change.share and t >= change.first + int(v * change.over)


@inner
def shift_of(model: Model, person: Person, c: int, t: int) -> float:
    """Return what changes add to the utility of channel ``c``."""
    x = 0.0
    for k in range(len(model.change)):
        if model.change[k].tastes == 1 and holds_for(model, person, k, t):
            x += model.shift[k, c]
    return x


@inner
def is_shut(model: Model, c: int, t: int) -> bool:
    """Tell whether a change has closed channel ``c`` at ``t``."""
    for k in range(len(model.change)):
        change = model.change[k]
        if (change.closed >> c) & 1 == 1 and change.first <= t <= change.last:
            return True
    return False


@inner
def comes(model: Model, person: Person, ordinal: int, t: int) -> bool:
    """Tell whether a need of a person still comes at ``t``."""
    share = 1.0
    for k in range(len(model.change)):
        if model.change[k].needs < 1.0 and holds_for(model, person, k, t):
            share *= model.change[k].needs
    if share >= 1.0:
        return True
    u, _, _, _ = draw4(model.key.k0, model.key.k1, COMES, person.entity, ordinal)
    return u < share
