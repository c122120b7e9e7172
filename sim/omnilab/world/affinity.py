"""Affinity: each person answers some channels more than others, and at some hours more.

Part of the personal effect on seeing and clicking is common to all channels; the rest belongs to
each channel by itself. The whole keeps its variance, so no channel's base rate depends on how it
is divided. Own hours are drawn evenly over the day, so that at every hour the mean over persons is
0: how busy an hour is for all stays with `Response.hour`.

Nothing is kept of a person: both are draws at addresses that only the person, and the channel,
have. They are made where a message asks for them, and not at all where the mechanism is off.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["Affinity", "LoweredAffinity", "effect_on", "effects_of_hours", "hour_effect"]

AFFINITY: Final = stream("AFFINITY", 100)  # a person's own effect: person, channel
OWN_HOURS: Final = stream("OWN_HOURS", 101)  # a person's best hour: person

DAY: Final = 86400


class Affinity(Parameters):
    """A person's own taste in channels and own hours."""

    own: Share = key(
        0.0,
        "Part of the variance of the personal effect that belongs to each channel by itself; the "
        "rest is common to all channels. Sweep 0 to 80%.",
        kind="A",
        source="to be swept; 0 means that who answers one channel answers all",
        came_later=True,
        swept=("40%", "80%"),
    )
    hours: Stimulus = key(
        0.0,
        "Standard deviation over persons of the own hours' effect on seeing, at any one hour. "
        "Sweep 0 to 0.5.",
        unit="logit",
        kind="A",
        source="to be swept; 0 means that all persons have the same hours",
        came_later=True,
        swept=("0.25", "0.5"),
    )


class LoweredAffinity(Record):
    """What the rules read of `Affinity`: weights of standard normal effects, and a height."""

    shared: f8  # by all channels
    own: f8
    hours: f8  # logit at the best hour; its negative twelve hours later


@fills(LoweredAffinity)
def _lower(scenario: ScenarioParts) -> Values:
    affinity = scenario.world.affinity
    return {
        "shared": math.sqrt(1.0 - affinity.own),
        "own": math.sqrt(affinity.own),
        "hours": affinity.hours * math.sqrt(2.0),  # the mean square of a cosine is 1/2
    }


@inner
def effect_on(model: Model, person: Person, channel: int) -> float:
    """Return the personal effect on a channel's messages: N(0, 1) over persons.

    sqrt(1 - own) times the common effect, plus sqrt(own) times the channel's own one.
    """
    if model.affinity.own <= 0.0:
        return person.effect
    u, _, _, _ = draw4(model.key.k0, model.key.k1, AFFINITY, person.entity, channel)
    return model.affinity.shared * person.effect + model.affinity.own * normal(u)


@inner
def hour_effect(model: Model, person: Person, t: int) -> float:
    """Return what the hour of ``t`` adds to the logit of seeing for this person.

    A cosine of the time since the person's best time of day, which is uniform over persons.
    """
    if model.affinity.hours <= 0.0:
        return 0.0
    best, _, _, _ = draw4(model.key.k0, model.key.k1, OWN_HOURS, person.entity, 0)
    return model.affinity.hours * math.cos(math.tau * ((t % DAY) / DAY - best))


def effects_of_hours(model: Model) -> list[float]:
    """Return equally likely values of `hour_effect`, for means over persons.

    Even steps of half a turn, which are the nodes of Gauss-Chebyshev quadrature: four of them give
    the mean of a logistic within 1e-5 of itself up to a spread of 2.
    """
    if model.affinity.hours <= 0.0:
        return [0.0]
    steps = 4
    return [
        model.affinity.hours * math.cos(math.pi * (2 * i + 1) / (2 * steps)) for i in range(steps)
    ]
