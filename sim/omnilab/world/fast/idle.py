"""Visits without a need, drawn eight at a time.

They do not depend on what happens to the person, so the next ones are drawn together: the same
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
from omnilab.world import idle as plain
from omnilab.world.clock import from_activity, to_activity
from omnilab.world.fast import twin_of

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["VisitsAhead", "idle_uniforms", "next_idle", "start_idle"]

_HALF: Final = 1 << 31  # what is taken off a draw's 32 bits to keep them as a signed number
AHEAD: Final = 8  # visits that are drawn at a time, a power of two


class VisitsAhead(Record):
    """The visits that are drawn ahead."""

    ahead_a: Floats = several(AHEAD, f8)  # the activity clock at each visit
    ahead_t: Ints = several(AHEAD, i4)  # their times
    ahead_bits: Ints = several(3 * AHEAD, i4)  # three draws of the course of each


@twin_of(plain.start_idle)
@inner
def start_idle(model: Model, person: Person, t: int) -> int:
    """Begin the visits of a person who enters at ``t``; return when the first one is."""
    _draw(model, person, to_activity(model, t), t)
    return int(person.ahead_t[0])


@twin_of(plain.next_idle)
@inner
def next_idle(model: Model, person: Person) -> int:
    """Count a visit; return when the next one is."""
    person.idle += 1
    k = person.idle & (AHEAD - 1)
    if k == 0:
        last = AHEAD - 1
        _draw(model, person, float(person.ahead_a[last]), int(person.ahead_t[last]))
    return int(person.ahead_t[k])


@twin_of(plain.idle_uniforms)
@inner
def idle_uniforms(model: Model, person: Person) -> tuple[float, float, float]:
    """Return the uniforms of the person's next visit: where to, which device, what for."""
    k = person.idle & (AHEAD - 1)
    bits = person.ahead_bits
    return (
        unit(int(bits[k]) + _HALF),
        unit(int(bits[AHEAD + k]) + _HALF),
        unit(int(bits[2 * AHEAD + k]) + _HALF),
    )


@inner
def _draw(model: Model, person: Person, a: float, before: int) -> None:
    """Draw the visits from ``person.idle`` on; ``a`` and ``before`` are when the last one was."""
    _draw_course(model, person)
    for k in range(AHEAD):
        a += person.ahead_a[k]
        person.ahead_a[k] = a
    for k in range(AHEAD):
        # All that is due after the run's end is due at the clock's.
        at = from_activity(model, min(person.ahead_a[k], model.act_end[0]))
        before = at if at > before else before + 1
        person.ahead_t[k] = before


@inner
def _draw_course(model: Model, person: Person) -> None:
    """Draw each visit's course, and leave the hours of activity before it in ``ahead_a``."""
    entity, first = int(person.entity), int(person.idle)
    mean = plain.mean_gap(person)
    low = entity & MASK
    high = ((entity >> 32) & 0xFFFFFF) | ((VISIT_IDLE + V_COURSE) << 24)
    k0, k1 = model.key.k0, model.key.k1
    for k in range(AHEAD):
        where, device, what, gap = philox4x32(first + k, 0, low, high, k0, k1)
        person.ahead_bits[k] = where - _HALF
        person.ahead_bits[AHEAD + k] = device - _HALF
        person.ahead_bits[2 * AHEAD + k] = what - _HALF
        person.ahead_a[k] = exponential(unit(gap)) * mean
