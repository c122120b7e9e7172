"""Visits without a need: a Poisson process on the activity clock, drawn some visits ahead.

Idle visits do not depend on the person's history, so the next visits are drawn together: the same
steps on eight numbers side by side, which a processor does about as fast as on one. Drawn one by
one, they took more than a quarter of a small model's time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import MASK, philox4x32, unit
from omnilab.draws.streams import V_COURSE, VISIT_IDLE
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Ints, Record, f8, i4, several
from omnilab.world.clock import from_activity, to_activity

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["IdleVisits", "idle_uniforms", "next_idle", "start_idle"]

NEVER: Final = 1e12  # the mean gap in hours, where no channel has such visits
_HALF: Final = 1 << 31  # what is taken off a draw's 32 bits to keep them as a signed number
IDLE_AHEAD: Final = 8  # visits that are drawn at a time, a power of two


class IdleVisits(Record):
    """The visits that are drawn ahead."""

    idle: i4 = 0  # visits so far
    idle_rate: f8  # a week, while all channels are open
    idle_a: Floats = several(IDLE_AHEAD, f8)  # the activity clock at each visit
    idle_t: Ints = several(IDLE_AHEAD, i4)  # their times
    idle_bits: Ints = several(3 * IDLE_AHEAD, i4)  # three draws of the course of each


@inner
def start_idle(model: Model, person: Person, t: int) -> int:
    """Begin the idle visits of a person who enters at ``t``; return when the first one is."""
    _draw(model, person, to_activity(model, t), t)
    return int(person.idle_t[0])


@inner
def next_idle(model: Model, person: Person) -> int:
    """Count an idle visit; return when the next one is: past the run's end where none is in it."""
    person.idle += 1
    k = person.idle & (IDLE_AHEAD - 1)
    if k == 0:
        last = IDLE_AHEAD - 1
        _draw(model, person, float(person.idle_a[last]), int(person.idle_t[last]))
    return int(person.idle_t[k])


@inner
def idle_uniforms(person: Person) -> tuple[float, float, float]:
    """Return the uniforms of the person's next idle visit: where to, which device, what for."""
    k = person.idle & (IDLE_AHEAD - 1)
    bits = person.idle_bits
    return (
        unit(int(bits[k]) + _HALF),
        unit(int(bits[IDLE_AHEAD + k]) + _HALF),
        unit(int(bits[2 * IDLE_AHEAD + k]) + _HALF),
    )


@inner
def _draw(model: Model, person: Person, a: float, before: int) -> None:
    """Draw the visits from ``person.idle`` on; ``a`` and ``before`` are when the last one was."""
    _draw_course(model, person)
    for k in range(IDLE_AHEAD):
        a += person.idle_a[k]
        person.idle_a[k] = a
    for k in range(IDLE_AHEAD):
        # All that is due after the run's end is due at the clock's.
        at = from_activity(model, min(person.idle_a[k], model.act_end[0]))
        before = at if at > before else before + 1
        person.idle_t[k] = before


@inner
def _draw_course(model: Model, person: Person) -> None:
    """Draw each visit's course, and leave the hours of activity before it in ``idle_a``."""
    entity, first, rate = int(person.entity), int(person.idle), float(person.idle_rate)
    mean = 168.0 / rate if rate > 0.0 else NEVER
    low = entity & MASK
    high = ((entity >> 32) & 0xFFFFFF) | ((VISIT_IDLE + V_COURSE) << 24)
    k0, k1 = model.key.k0, model.key.k1
    for k in range(IDLE_AHEAD):
        where, device, what, gap = philox4x32(first + k, 0, low, high, k0, k1)
        person.idle_bits[k] = where - _HALF
        person.idle_bits[IDLE_AHEAD + k] = device - _HALF
        person.idle_bits[2 * IDLE_AHEAD + k] = what - _HALF
        person.idle_a[k] = exponential(unit(gap)) * mean
