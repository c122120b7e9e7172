"""Media without an address: radio, television and print that reach people by their own habits.

A flight has a weight, ``grp`` contacts a week for 100 persons, while it lasts. A person's contacts
with it are a Poisson process on the activity clock, times the person's habit at that medium, which
is gamma over persons with mean 1 and shape k. So over persons the contacts of a flight are negative
binomial, and of its G = grp / 100 * weeks contacts a person come out

    reach = 1 - (1 + G / k)^-k,        frequency = G / reach.

A planning tool's reach curve of a medium gives k (`omnilab.scenario.reach`).

No flight can choose whom it reaches. What a contact does is that of any contact with the brand's
word (`omnilab.interaction.media`): a name is heard, a need is stirred, noticed, or made, and the
brand's name may be searched at once.

References
----------
The negative binomial of contacts: Goodhardt, Ehrenberg and Collins (1975), "The television
audience: patterns of viewing". Immediate search: Du, Xu and Wilbur (2019), "Immediate responses of
online brand search and price search to TV ads", Journal of Marketing 83(4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import exponential, from_table
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Share, Stimulus
from omnilab.world.clock import from_activity, to_activity
from omnilab.world.creation import CREATED_ORDINAL
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = [
    "CONTACT",
    "MEDIA",
    "LoweredFlight",
    "LoweredMedia",
    "Media",
    "habit_of",
    "made_ordinal",
    "next_contact",
]

MEDIA_HABIT: Final = stream("MEDIA_HABIT", 233)  # how much of a medium a person takes in: person
CONTACT: Final = stream("CONTACT", 234)  # when, and what it does: person; flight, contact

#: The media, by their numbers.
MEDIA: Final = ("radio", "television", "print")

FLIGHT_BITS: Final = 32  # a flight stands above the number of a contact
A_WEEK: Final = 168.0  # hours of activity


class Media(Parameters):
    """What contacts with a medium without an address do."""

    shape: Annotated[float, Field(ge=0.05, le=1000)] = key(
        1.0,
        "Gamma shape, over persons, of how much of a medium they take in: small means that few get "
        "most of the contacts and many none.",
        unit="shape, no unit",
        kind="A",
        source="form of GOODHARDT75",
        swept=("0.3", "3"),
    )
    notices: Share = key(
        0.5,
        "Chance that a contact is noticed; all are paid.",
        kind="A",
        swept=("20%", "90%"),
    )
    stirs: Stimulus = key(
        0.1,
        "What a noticed contact adds to the stock of the open need that it shows: as a board's.",
        unit="stimuli",
        kind="A",
        swept=("0", "0.4"),
    )
    reveals: Share = key(
        0.02,
        "Chance that a noticed contact makes a person notice a latent need.",
        kind="A",
        swept=("0%", "10%"),
    )
    searches: Share = key(
        0.01,
        "Chance that who notices a contact, and has a noticed need that it shows, searches the "
        "brand's name at once.",
        kind="A",
        swept=("0%", "5%"),
    )
    looks: Share = key(
        0.0,
        "The same without a need, to look around.",
        kind="A",
        source="off by default",
        swept=("0%", "1%"),
    )
    soon: Annotated[Duration, Field(gt=0)] = key(
        87,
        "Mean time to that search, exponential: three in four come within two minutes.",
        kind="P/D",
        source="DU19",
        swept=("30s", "10min"),
    )
    makes: Share = key(
        0.0,
        "Chance that a noticed contact makes a need in who has none in the category. Part of what "
        "these sell is borrowed from later needs (`world.creation.borrowed`).",
        kind="A",
        source="off by default",
        swept=("0%", "2%"),
    )
    image: Share = key(
        0.0,
        "Part of the way to a wholly good preference that a noticed contact takes the person, "
        "where `world.preference` is felt.",
        kind="A",
        source="off by default",
        swept=("0%", "5%"),
    )


class LoweredMedia(Record):
    """What the rules read of `Media`."""

    on: i8  # 1 where anything makes needs or tells of the brand without an address
    notices: f8
    stirs: f8
    reveals: f8
    searches: f8
    looks: f8
    soon: f8  # seconds
    makes: f8
    image: f8


@fills(LoweredMedia)
def _lower(scenario: ScenarioParts) -> Values:
    return {"on": int(bool(scenario.brand.media))}


class LoweredFlight(Record):
    """One flight of the brand's media plan."""

    medium: i8  # of `MEDIA`
    begins: i8  # seconds
    ends: i8
    gap: f8  # mean hours of activity between the contacts of a person of mean habit
    category: i8  # that it shows, -1 everything
    channel: i8  # that a search of the name leads to
    cost: i8  # milli-cents a contact
    around: i8  # kind of places around which it is handed out, -1 everywhere
    within_m: f8
    table: i8  # number of the table of habits
    middle: f8  # mean of that table


@inner
def habit_of(model: Model, entity: int, flight: LoweredFlight) -> float:
    """Return how much of a flight's medium a person takes in: gamma of mean 1."""
    u, _, _, _ = draw4(model.key.k0, model.key.k1, MEDIA_HABIT, entity, int(flight.medium))
    return from_table(model.table[int(flight.table)], u) / flight.middle


@inner
def next_contact(model: Model, entity: int, k: int, number: int, t: int) -> int:
    """Return when contact ``number`` of a person with flight ``k`` is after ``t``, or -1.

    The gap is exponential on the activity clock; -1 where it is beyond the flight's end.
    """
    flight = model.flight[k]
    habit = habit_of(model, entity, flight)
    if habit < 1e-9:
        return -1
    u, _, _, _ = draw4(
        model.key.k0, model.key.k1, CONTACT, entity, (((k << 1) | 1) << FLIGHT_BITS) | number
    )
    active = to_activity(model, max(t, int(flight.begins))) + exponential(u) * flight.gap / habit
    if active > model.act_end[0]:
        return -1
    at = max(from_activity(model, active), t + 1)
    return at if at < flight.ends else -1


@inner
def made_ordinal(of: int, number: int) -> int:
    """Return the ordinal of the need that contact ``number`` with something makes.

    Parameters
    ----------
    of
        What it is of: flights, articles and posts are numbered apart.
    """
    return CREATED_ORDINAL | (1 << 24) | ((of * 40503 + number * 2654435 + 0x5A5A5A) & 0xFFFFFF)
