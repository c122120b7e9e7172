"""Contact pressure: it fades over a week, dulls attention, and past an ideal drives opt-outs.

References
----------
GetResponse's opens by weekly sends fit n**-0.27 (parameters.md section 4); Godfrey et al. (2011)
for an ideal volume over all channels; Schmidt and Eisend (2015) for the wear-out of ads.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import normal
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Few, Many, Often, Parameters, Times, key
from omnilab.parameters.quantity import Duration, Share
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.opting_out import is_read_first

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "Fatigue",
    "LoweredFatigue",
    "Pressure",
    "attention",
    "can_react",
    "feel_ad",
    "feel_message",
    "ideal_of",
    "opt_out_factor",
    "reaction",
    "wear_out",
]


# What a message drives a person to: bits of a reaction
COMPLAINS: Final = 1  # reports it as spam
OPTS_OUT: Final = 2  # takes back the channel's permission
STOPS_ALL: Final = 4  # and asks for no messages at all
BAD_AFTER_STOP: Final = 8  # a bad experience: it came although the person had asked for none
BAD_FROM_SPAM: Final = 16  # a bad experience: far too many come


class Fatigue(Parameters):
    """Contact pressure over all channels, and what it does."""

    memory: Annotated[Duration, Field(gt=0)] = key(
        7 * 86400,
        "Time in which contact pressure fades to 1/e.",
        kind="A",
        source="form of the recommended P = Σ w e^(−age/7 d)",
    )
    exponent: Few = key(
        0.27,
        "At n messages a week the share seen is that at one a week times n to minus this power.",
        unit="power, no unit",
        kind="V/D",
        source="GETR",
    )
    ideal: Often = key(
        3.0,
        "Messages a week that are welcome, median over persons. That there is an ideal: GODFREY.",
        unit="messages a week",
        kind="A",
        swept=("1.5", "6"),
    )
    ideal_sigma: Few = key(
        0.5,
        "Lognormal spread of the ideal over persons.",
        unit="of the natural logarithm",
        kind="A",
    )
    convexity: Times = key(
        1.0,
        "How fast the hazard to opt out grows past the ideal; form of GODFREY.",
        unit="factor, no unit",
        kind="A",
    )
    wear_out: Many = key(
        10.0,
        "Exposures to an ad after which its effect falls; at twice as many it is 0. Where "
        "`Repetition.half` is above 0 that holds instead.",
        unit="exposures",
        kind="P",
        source="SCHMIDT",
    )
    spam_bad: Share = key(
        0.02, "Chance that a message past twice the ideal is a bad experience.", kind="A"
    )
    stop_all: Share = key(0.2, "Share of opt-outs that ask for no message at all.", kind="A")
    slow: Times = key(
        0.0,
        "What each unwanted message a week over the last months adds to the weekly volume that a "
        "person feels; see `omnilab.world.weariness`. 0 is no memory of months.",
        unit="messages a week for each",
        kind="A",
        came_later=True,
        swept=("0.25", "2"),
    )
    slow_memory: Annotated[Duration, Field(gt=0)] = key(
        180 * 86400,
        "Time in which unwanted messages of the past fade to 1/e. Of the listeners whose load of "
        "ads changed, most of what that did came after months, over a year (GOLI25).",
        kind="A",
        came_later=True,
        swept=("60d", "365d"),
    )


class LoweredFatigue(Record):
    """What the rules read of `Fatigue`, and what follows from it."""

    memory: f8  # seconds after which e-fold of the pressure has gone
    memory_weeks: f8  # memories in a week
    exponent: f8
    ideal: f8  # messages a week, median over persons
    ideal_sigma: f8
    convexity: f8
    wear_out: f8  # exposures
    spam_bad: f8
    stop_all: f8
    slow: f8  # messages a week felt for each unwanted one a week
    slow_memory: f8  # seconds
    slow_weeks: f8  # slow memories in a week
    slow_weekly: f8  # what unwanted weekly messages leave just before the next


@fills(LoweredFatigue)
def _lower(scenario: ScenarioParts) -> Values:
    fatigue = scenario.world.fatigue
    slow_weeks = 604800.0 / fatigue.slow_memory
    return {
        "memory_weeks": 604800.0 / fatigue.memory,
        "slow_weeks": slow_weeks,
        "slow_weekly": 1.0 / math.expm1(slow_weeks),
    }


class Pressure(Record):
    """What a person keeps of the messages and the ads that came."""

    ideal: f8  # messages a week that are welcome
    pressure: f8 = 0.0
    pressure_t: i8 = 0
    exposure: f8 = 0.0  # to ads, same memory
    exposure_t: i8 = 0


@inner
def ideal_of(model: Model, u: float) -> float:
    """Return a person's ideal: the weekly volume that is welcome, lognormal over persons."""
    return model.fatigue.ideal * math.exp(model.fatigue.ideal_sigma * normal(u))


@inner
def pressure_at(model: Model, person: Pressure, t: int) -> float:
    """Return what is left at ``t`` of the messages that the person has got."""
    return person.pressure * math.exp(-(t - person.pressure_t) / model.fatigue.memory)


@inner
def exposure_at(model: Model, person: Pressure, t: int) -> float:
    """Return what is left at ``t`` of the ads that the person was shown."""
    return person.exposure * math.exp(-(t - person.exposure_t) / model.fatigue.memory)


@inner
def weekly_messages(model: Model, pressure: float) -> float:
    """Return the weekly volume that a pressure stands for, over all channels.

    Sends spaced evenly at n a week leave a pressure of 1 / (exp(1/n) - 1) just before the next
    one (memory of one week), so n = 1 / log(1 + 1/pressure) is exact for them.
    """
    if pressure < 1e-9:
        return 0.0
    return model.fatigue.memory_weeks / math.log(1.0 + 1.0 / pressure)


@inner
def feel_message(model: Model, person: Pressure, t: int, weight: float) -> float:
    """Add a delivered message to the person's pressure; return the weekly volume before it."""
    pressure = pressure_at(model, person, t)
    person.pressure = pressure + weight
    person.pressure_t = t
    return weekly_messages(model, pressure)


@inner
def feel_ad(model: Model, person: Pressure, t: int) -> float:
    """Add an ad that was shown to the person's exposure; return the exposure before it."""
    exposure = exposure_at(model, person, t)
    person.exposure = exposure + 1.0
    person.exposure_t = t
    return exposure


@inner
def attention(model: Model, weekly: float) -> float:
    """Return the factor on seeing a message: max(1, n)**-exponent."""
    if weekly <= 1.0:
        return 1.0
    return math.exp(-model.fatigue.exponent * math.log(weekly))


@inner
def wear_out(model: Model, seen: float) -> float:
    """Return the factor on an ad's response: flat up to the peak, quadratic decline past it."""
    peak = model.fatigue.wear_out
    if peak <= 0.0 or seen <= peak:
        return 1.0
    x = (seen - peak) / peak
    return 1.0 - x * x if x < 1.0 else 0.0


@inner
def opt_out_factor(model: Model, person: Pressure, weekly: float) -> float:
    """Return the factor on the opt-out hazard: 1 up to the personal ideal, then convex."""
    over = weekly / person.ideal - 1.0
    if over <= 0.0:
        return 1.0
    return 1.0 + model.fatigue.convexity * over * over


@inner
def opt_out_hazard(model: Model, person: Pressure, channel: Channel, weekly: float) -> float:
    """Return the chance that a delivered message makes the person opt out of its channel.

    It is 0 where that hangs on reading it (omnilab.world.opting_out).
    """
    if channel.ad == 1:
        return channel.opt_out
    if is_read_first(model, channel):
        return 0.0
    return channel.opt_out * opt_out_factor(model, person, weekly)


@inner
def is_spammed(person: Pressure, channel: Channel, weekly: float) -> bool:
    """Tell whether a message comes on top of more than twice the person's ideal volume."""
    return channel.ad == 0 and weekly > 2.0 * person.ideal


@inner
def can_react(model: Model, person: Person, channel: Channel, weekly: float) -> bool:
    """Tell whether a delivered message can have a `reaction`; if not, none need be drawn."""
    return (
        opt_out_hazard(model, person, channel, weekly) > 0.0
        or channel.complaint > 0.0
        or person.stopped == 1
        or is_spammed(person, channel, weekly)
    )


@inner
def reaction(
    model: Model, person: Person, c: int, weekly: float, out: float, everything: float, upset: float
) -> int:
    """Let a delivered message drive the person away from the channel or the brand's messages.

    Parameters
    ----------
    c
        The message's channel.
    weekly
        Messages a week before it, of `feel_message`.
    out, everything, upset
        Uniforms in (0, 1): for opting out, for asking for no messages at all, and for complaints
        (low) and bad experiences (high). Being written to after "stop all" and spam exclude each
        other, so one uniform serves both.

    Returns
    -------
    int
        What the person does or feels, a bit each: `COMPLAINS` to `BAD_FROM_SPAM`. Permission and
        "stop all" have changed already.
    """
    channel = model.ch[c]
    what = COMPLAINS if upset < channel.complaint else 0
    if out < opt_out_hazard(model, person, channel, weekly):
        person.consent &= ~(1 << c)
        what |= OPTS_OUT
        if everything < model.fatigue.stop_all:
            person.stopped = 1
            what |= STOPS_ALL
    elif person.stopped == 1:
        if upset >= 1.0 - model.continuity.annoys:
            what |= BAD_AFTER_STOP
    elif is_spammed(person, channel, weekly) and upset >= 1.0 - model.fatigue.spam_bad:
        what |= BAD_FROM_SPAM
    return what
