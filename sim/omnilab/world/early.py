"""Early repeats: a burst of needs after a customer's first order, which decays.

A share of a cohort's members has, beside the needs that come anyway, further ones. At time t after
the first order they come at the rate

    times * rate * 2^(-t / half_life)

on the category's need clock: a Poisson process with a finite number of events, mean
times * rate * half_life / ln 2. It is laid over the other needs and moves none of them. The first
order of a cohort's member is no brand's doing, so neither are these needs.

References
----------
Fader, Hardie and Huang (2004), "A dynamic changepoint model for new product sales forecasting",
Marketing Science 23(1): buyers of something new buy again sooner at first than later. Superposition
and time change of a Poisson process: Kingman (1993), "Poisson processes".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.world.clock import from_activity, from_need_clock, to_activity, to_need_clock
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["EarlyState", "LoweredEarly", "begins_early", "next_early"]

EARLY: Final = stream("EARLY", 151)  # whether a person has early repeats: person
EARLY_GAP: Final = stream("EARLY_GAP", 152)  # person, which one

_LN_2 = math.log(2.0)


class LoweredEarly(Record):
    """What the rules read of the entry's `early`."""

    share: f8
    times: f8
    half_life: f8  # hours of the need clock


@fills(LoweredEarly)
def _lower(scenario: ScenarioParts) -> Values:
    entry = scenario.population.entry
    if entry is None:
        return {"share": 0.0, "times": 0.0, "half_life": 1.0}
    early = entry.early
    return {"share": early.share, "times": early.times, "half_life": early.half_life / 3600.0}


class EarlyState(Record):
    """What a person keeps of the burst."""

    early_from: f8 = 0.0  # need clock at the first order
    early_sum: f8 = 0.0  # rate of the burst summed up to the latest of its needs


@inner
def begins_early(model: Model, person: Person, category: int, t: int) -> bool:
    """Let the burst begin with the first order at ``t``; tell whether the person has one."""
    if model.early.share <= 0.0 or person.left == 1:
        return False
    u, _, _, _ = draw4(model.key.k0, model.key.k1, EARLY, person.entity, 0)
    if u >= model.early.share:
        return False
    person.early_from = to_need_clock(model, category, to_activity(model, t))
    person.early_sum = 0.0
    return True


@inner
def next_early(
    model: Model, person: Person, category: int, rate: float, number: int, t: int
) -> int:
    """Return when the burst's next need arrives, or a time after the run's end if none does.

    Parameters
    ----------
    rate
        The person's own rate of needs in the category, an hour.
    number
        Of the need within the burst, from 0.
    """
    never = int(model.clock.run_end) + 1
    total = model.early.times * rate * model.early.half_life / _LN_2
    u, _, _, _ = draw4(model.key.k0, model.key.k1, EARLY_GAP, person.entity, number)
    person.early_sum -= math.log(u)
    if person.early_sum >= total:
        return never
    age = -math.log(1.0 - person.early_sum / total) / _LN_2 * model.early.half_life
    active = from_need_clock(model, category, person.early_from + age)
    if active > model.act_end[0]:
        return never
    at = from_activity(model, active)
    return at if at > t else t + 1
