"""Service recovery: what an apology takes back of what went wrong, and what it costs to say it.

An apology that a person sees takes back the part

    1 - (1 - words / (1 + A)) * (1 - money * w / (w + usual))

of the bad experiences that are not forgotten, and of what they took from the preference. A is the
number of earlier apologies, which fade over ``memory``: the more there were, the less another one's
words say. ``w`` is what comes with it, in units of currency: money shows that the brand means it.

An apology is a promise to do better. What goes wrong after it counts as 1 + broken * A bad
experiences, so words that are said again and again without anything behind them do harm.

References
----------
Ho (2012), "Apologies as signals", Management Science 58(1); Gelbrich and Roschk (2011), "A
meta-analysis of organizational complaint handling and customer responses", Journal of Service
Research 14(1): compensation weighs more than kind words; Halperin, Ho, List and Muir (2022).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i4, i8
from omnilab.parameters.declared import Few, Parameters, key
from omnilab.parameters.quantity import DAY, Amount, Duration, Share
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.preference import preference_at

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "Hurt",
    "LoweredRecovery",
    "Recovery",
    "apologies_at",
    "complains",
    "hears_apology",
    "is_hurt",
    "part_taken_back",
    "weight_of_failure",
]

COMPLAINS: Final = stream("COMPLAINS", 170)  # whether a person complains: person, number


class Recovery(Parameters):
    """What an apology does, and who complains."""

    words: Share = key(
        0.1,
        "Part of a bad experience that the words of a first apology take back.",
        kind="A",
        source="counts only where a message `apologises`",
        swept=("0%", "40%"),
    )
    money: Share = key(
        0.6,
        "Part that money takes back at most, however much it is.",
        kind="A",
        source="compensation weighs most: GELBRICH11 has the order, not the size",
        swept=("20%", "100%"),
    )
    usual: Annotated[Amount, Field(gt=0)] = key(
        5.0, "What takes back half of that.", kind="A", swept=("1 EUR", "20 EUR")
    )
    broken: Few = key(
        0.5,
        "How much more a bad experience counts for each apology before it that is not forgotten.",
        unit="bad experiences",
        kind="A",
        source="form of HO12: an apology is a promise",
        swept=("0", "1.5"),
    )
    memory: Annotated[Duration, Field(gt=0)] = key(
        90 * DAY, "Time in which an apology fades to 1/e.", kind="A", swept=("30d", "365d")
    )
    complains: Share = key(
        0.0,
        "Chance that a person tells the brand of a bad experience that the brand could not note by "
        "itself.",
        kind="A",
        source="off by default",
        swept=("0%", "50%"),
    )


class LoweredRecovery(Record):
    """What the rules read of `Recovery`."""

    on: i8  # 1 where the brand notes what went wrong
    words: f8
    money: f8
    usual: f8
    broken: f8
    memory: f8  # seconds
    complains: f8
    mean_order: f8  # cents


@fills(LoweredRecovery)
def _lower(scenario: ScenarioParts) -> Values:
    means = [category.spend.mean for category in scenario.categories]
    return {
        "on": int(scenario.brand.notes_failures),
        "mean_order": 100.0 * sum(means) / len(means),
    }


class Hurt(Record):
    """What a person keeps of bad experiences and apologies for them."""

    apologies: f8 = 0.0  # heard, faded
    apologies_t: i8 = 0
    hurt: f8 = 0.0  # what bad experiences took from the preference
    hurt_t: i8 = 0
    known_code: i8 = 0  # identifier shown at the last order, 0 none: by which the brand knows it
    known_silo: i1 = -1  # where
    bads: i4 = 0  # bad experiences so far: the address of `complains`


@inner
def apologies_at(model: Model, person: Person, t: int) -> float:
    """Return how many apologies a person has heard and not forgotten at ``t``."""
    return person.apologies * math.exp(-(t - person.apologies_t) / model.recovery.memory)


@inner
def weight_of_failure(model: Model, person: Person, t: int) -> float:
    """Return how many bad experiences one more counts for: 1 without apologies before."""
    if person.apologies <= 0.0:
        return 1.0
    return 1.0 + model.recovery.broken * apologies_at(model, person, t)


@inner
def is_hurt(model: Model, person: Person, t: int, before: float) -> None:
    """Keep what a bad experience has taken from the preference, which was ``before``."""
    if model.preference.on == 0:
        return
    old = person.hurt * math.exp(-(t - person.hurt_t) / model.preference.forget)
    person.hurt = old + before - preference_at(model, person, t)
    person.hurt_t = t


@inner
def part_taken_back(model: Model, heard: float, worth: float) -> float:
    """Return the part that an apology takes back, 0 to 1.

    Parameters
    ----------
    heard
        Apologies before that are not forgotten.
    worth
        Of what comes with it, units of currency.
    """
    words = model.recovery.words / (1.0 + heard)
    money = model.recovery.money * worth / (worth + model.recovery.usual)
    return 1.0 - (1.0 - words) * (1.0 - money)


@inner
def hears_apology(model: Model, person: Person, t: int, worth: float) -> float:
    """Let a person hear an apology that brings ``worth``; return the part that it takes back."""
    heard = apologies_at(model, person, t)
    part = part_taken_back(model, heard, worth)
    person.apologies = heard + 1.0
    person.apologies_t = t
    person.failures *= 1.0 - part
    if model.preference.on == 1:
        left = person.hurt * math.exp(-(t - person.hurt_t) / model.preference.forget)
        person.preference = min(preference_at(model, person, t) + part * left, 1.0)
        person.preference_t = t
        person.hurt = left * (1.0 - part)
        person.hurt_t = t
    return part


@inner
def complains(model: Model, person: Person) -> bool:
    """Tell whether the person tells the brand of the bad experience that it has just had."""
    if model.recovery.complains <= 0.0:
        return False
    u, _, _, _ = draw4(model.key.k0, model.key.k1, COMPLAINS, person.entity, int(person.bads))
    return u < model.recovery.complains
