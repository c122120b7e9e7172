"""Awareness: who does not know the brand hears of it again and again, and forgets it again.

Each contact with the brand's name (a medium's, a post's, an article's) adds ``teaches`` to a stock
that fades with ``half_life``. A person recalls the brand while the stock is above a threshold of
its own, exponential with mean 1 over persons. So of persons with the same stock S the share

    1 - exp(-S)

knows the brand: it rises with contacts, each adds less than the one before, and it decays. Who has
visited the brand, or has been told of it by a friend, knows it for good
(`omnilab.world.preference`).

References
----------
Zielske (1959), "The remembering and forgetting of advertising", Journal of Marketing 23(3): of
those who got one ad a week 63% recalled it after 13 of them, and 32% four weeks later.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "Awareness",
    "LoweredAwareness",
    "Recall",
    "first_recall",
    "hear_of_brand",
    "knows_brand",
    "recall_at",
]

RECALLS: Final = stream("RECALLS", 232)  # how much it takes until a person knows the brand: person

LN_2: Final = math.log(2.0)


class Awareness(Parameters):
    """What contacts with the brand's name do to who does not know it."""

    teaches: Stimulus = key(
        0.22,
        "What a contact that is noticed adds to the stock by which the brand is known: 13 weekly "
        "ones then teach it to 63%.",
        unit="stimuli",
        kind="P/D",
        source="ZIELSKE59",
        swept=("0.05", "0.5"),
    )
    half_life: Annotated[Duration, Field(gt=0)] = key(
        21 * 86400,
        "Time in which half of that stock is forgotten: of 63% that recalled the ads 32% did four "
        "weeks later.",
        kind="P/D",
        source="ZIELSKE59",
        swept=("7d", "90d"),
    )


class LoweredAwareness(Record):
    """What the rules read of `Awareness`."""

    on: i8  # 1 where some do not know the brand, and may hear of it without a friend
    teaches: f8
    decay: f8  # a second


@fills(LoweredAwareness)
def _lower(scenario: ScenarioParts) -> Values:
    brand = scenario.brand
    unaware = scenario.world.preference.known < 1.0
    return {
        "on": int(unaware and bool(brand.media or brand.content or brand.posts)),
        "decay": LN_2 / scenario.world.awareness.half_life,
    }


class Recall(Record):
    """How well a person recalls the brand by its name alone."""

    recall: f8 = 0.0  # the stock
    recall_t: i8 = 0
    hard: f8 = 1.0  # the stock that it takes
    known_until: i8 = 0  # second until which it is above that, if nothing more is heard


@inner
def first_recall(model: Model, person: Person) -> None:
    """Draw how much it takes until a person knows the brand."""
    if model.awareness.on == 1:
        u, _, _, _ = draw4(model.key.k0, model.key.k1, RECALLS, person.entity, 0)
        person.hard = -math.log(u)


@inner
def recall_at(model: Model, person: Person, t: int) -> float:
    """Return the stock at ``t``."""
    return person.recall * math.exp(-model.awareness.decay * (t - person.recall_t))


@inner
def knows_brand(person: Person, t: int) -> bool:
    """Tell whether a person knows the brand at ``t``: for good, or by its name for now."""
    return bool(person.knows == 1 or t < person.known_until)


@inner
def hear_of_brand(model: Model, person: Person, t: int) -> bool:
    """Count a contact with the name; tell whether the person knows the brand now and did not."""
    stock = recall_at(model, person, t) + model.awareness.teaches
    person.recall = stock
    person.recall_t = t
    if person.knows == 1 or stock <= person.hard:
        return False
    new = t >= person.known_until
    person.known_until = t + 1 + int(math.log(stock / person.hard) / model.awareness.decay)
    return bool(new)
