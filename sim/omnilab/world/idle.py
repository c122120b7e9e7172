"""Visits without a need that come by themselves: a Poisson process on the activity clock.

Its rate may differ by person (`omnilab.world.interest`). They do not depend on the person's
history. `omnilab.world.fast.idle` draws some of them ahead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import exponential
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_COURSE, VISIT_IDLE
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i4, i8
from omnilab.world.clock import from_activity, to_activity

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["IdleVisits", "idle_uniforms", "mean_gap", "next_idle", "start_idle"]

NEVER: Final = 1e12  # the mean gap in hours, where no channel has such visits


class IdleVisits(Record):
    """How often a person looks around, and when next."""

    idle: i4 = 0  # visits so far
    idle_rate: f8  # a week, while all channels are open
    idle_a: f8  # the activity clock at the next visit
    idle_t: i8  # its time


@inner
def start_idle(model: Model, person: Person, t: int) -> int:
    """Begin the visits of a person who enters at ``t``; return when the first one is."""
    person.idle_a = to_activity(model, t)
    person.idle_t = t
    return _draw_gap(model, person)


@inner
def next_idle(model: Model, person: Person) -> int:
    """Count a visit; return when the next one is: past the run's end where none is in it."""
    person.idle += 1
    return _draw_gap(model, person)


@inner
def idle_uniforms(model: Model, person: Person) -> tuple[float, float, float]:
    """Return the uniforms of the person's next visit: where to, which device, what for."""
    where, device, what, _ = draw4(
        model.key.k0, model.key.k1, VISIT_IDLE + V_COURSE, person.entity, person.idle
    )
    return where, device, what


@inner
def mean_gap(person: Person) -> float:
    """Return the mean hours of activity between two visits."""
    rate = person.idle_rate * person.times
    return 168.0 / rate if rate > 0.0 else NEVER


@inner
def _draw_gap(model: Model, person: Person) -> int:
    """Draw the gap before the visit of the number ``person.idle``; return when the visit is."""
    _, _, _, gap = draw4(
        model.key.k0, model.key.k1, VISIT_IDLE + V_COURSE, person.entity, person.idle
    )
    person.idle_a += exponential(gap) * mean_gap(person)
    # All that is due after the run's end is due at the clock's.
    at = from_activity(model, min(person.idle_a, model.act_end[0]))
    person.idle_t = at if at > person.idle_t else person.idle_t + 1
    return int(person.idle_t)
