"""Preference: a slow stock of what a person has lived through with the brand, from -1 to 1.

Each experience takes the preference a part of the way to 1 (an order) or to -1 (a bad experience,
an order that is sent back): the linear learning of Bush and Mosteller. Between experiences it fades
to 0. It adds ``pull`` times itself to the utility of going to the brand against its rivals
(`omnilab.world.rivals`), and nothing to anything else: who prefers the brand takes more of the
needs to it, and buys there no sooner.

Where ``known`` is below 1, some persons don't know the brand at the start. They go to rivals with
all their needs, visit nothing of the brand and get no messages, until a friend tells them of it.

References
----------
Bush and Mosteller (1955), "Stochastic models for learning"; Anderson and Sullivan (1993), "The
antecedents and consequences of customer satisfaction for firms": bad news weigh more than good.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.newcomer import is_newcomer

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "Attitude",
    "LoweredPreference",
    "Preference",
    "comes_to_know",
    "first_knowledge",
    "is_disappointed",
    "is_pleased",
    "move_preference",
    "preference_at",
]

KNOWS: Final = stream("KNOWS", 148)  # whether a person knows the brand at the start: person


class Preference(Parameters):
    """A slow stock of good and bad experiences."""

    pull: Stimulus = key(
        0.0,
        "What a wholly good preference adds to the utility of going to the brand against its "
        "rivals; a wholly bad one takes off as much. Satisfaction explains about 1% of shares of "
        "wallet over customers (WALLET15), so it can't be large.",
        unit="logit",
        kind="A",
        source="off by default; WALLET15 as a bound",
        swept=("0", "2"),
    )
    good: Share = key(
        0.1,
        "Part of the way to a wholly good preference that one order takes.",
        kind="A",
        source="form of BUSH55",
        swept=("2%", "30%"),
    )
    bad: Share = key(
        0.2,
        "Part of the way to a wholly bad preference that one bad experience takes; more than a "
        "good one (ANDERSON93).",
        kind="A",
        source="form of BUSH55, direction of ANDERSON93",
        swept=("5%", "60%"),
    )
    forget: Annotated[Duration, Field(gt=0)] = key(
        365 * 86400, "Time in which a preference fades to 1/e.", kind="A", swept=("90d", "1000d")
    )
    known: Share = key(
        1.0,
        "Share of persons who know the brand at the start. The others come to know it by a "
        "friend; who bought before the start knows it.",
        kind="A",
        source="1: all know it, as without the key",
        swept=("20%", "100%"),
    )


class LoweredPreference(Record):
    """What the rules read of `Preference`."""

    on: i8  # 1 where anything reads a preference
    pull: f8
    good: f8
    bad: f8
    forget: f8  # seconds
    known: f8


@fills(LoweredPreference)
def _lower(scenario: ScenarioParts) -> Values:
    world = scenario.world
    on = world.preference.pull > 0 or world.tips.by_preference != 0
    return {"on": int(on)}


class Attitude(Record):
    """What a person keeps of the brand."""

    preference: f8 = 0.0
    preference_t: i8 = 0
    knows: i1 = 1  # of the brand


@inner
def preference_at(model: Model, person: Person, t: int) -> float:
    """Return a person's preference at ``t``, -1 to 1."""
    return person.preference * math.exp(-(t - person.preference_t) / model.preference.forget)


@inner
def move_preference(model: Model, person: Person, t: int, to: float, part: float) -> None:
    """Take the preference a part of the way to ``to``, -1 or 1."""
    now = preference_at(model, person, t)
    person.preference = now + part * (to - now)
    person.preference_t = t


@inner
def is_pleased(model: Model, person: Person, t: int) -> None:
    """Count an order as a good experience."""
    if model.preference.on == 1:
        move_preference(model, person, t, 1.0, model.preference.good)


@inner
def is_disappointed(model: Model, person: Person, t: int, weight: float = 1.0) -> None:
    """Count a bad experience, or an order that is sent back, ``weight`` times."""
    if model.preference.on == 1:
        move_preference(model, person, t, -1.0, min(weight * model.preference.bad, 1.0))


@inner
def first_knowledge(model: Model, person: Person) -> None:
    """Draw whether a person knows the brand at the start; who doesn't has allowed it nothing."""
    if is_newcomer(person):
        person.knows = 0
        person.consent = 0
        return
    if model.preference.known >= 1.0 or person.purchases > 0 or model.birth.entry_over > 0:
        return
    u, _, _, _ = draw4(model.key.k0, model.key.k1, KNOWS, person.entity, 0)
    if u >= model.preference.known:
        person.knows = 0
        person.consent = 0


@inner
def comes_to_know(person: Person) -> None:
    """Let a person know of the brand from now on."""
    person.knows = 1
