"""Friends: who of a town's persons know each other, a small world that is found and not stored.

The persons of a town stand on a ring in the order of their places, housemates side by side. Each
has an edge to the next ``each / 2`` places, so ``each`` friends. Some edges are rewired (Watts and
Strogatz): the edge of place i and stride j leads to another end with chance ``rewired``, drawn at
the address (town, i, j). The other end is where a permutation of the town's places, one for each
stride, sends the old one; as the way back through it is known too, both ends of an edge find each
other. So friendship is mutual, the mean of friends is ``each``, and a town more changes nobody's.

In a town of ``each + 1`` persons or fewer, or where ``each`` is 0, everybody is a friend of all.

References
----------
Watts and Strogatz (1998), "Collective dynamics of small-world networks", Nature 393.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field, field_validator

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["Friends", "LoweredFriends", "friend_of", "friends_of", "is_mixed", "nth_friend"]

FRIENDS: Final = stream("FRIENDS", 146)  # whether an edge is rewired: town and place, stride
SHUFFLE: Final = stream("SHUFFLE", 147)  # a town's permutations: town; stride, round, half

ROUNDS: Final = 4  # of the Feistel network that permutes the places
MOST_FRIENDS: Final = 64


class Friends(Parameters):
    """Who hears whom: a small world of a town's persons."""

    each: Annotated[int, Field(ge=0, le=MOST_FRIENDS)] = key(
        0,
        "Friends of a person in the same town, an even number, the mean where edges are rewired. "
        "0: everybody in the cell is as likely to hear a tip.",
        unit="persons",
        kind="A",
        source="off by default",
        swept=("4", "20"),
    )
    rewired: Share = key(
        0.1,
        "Share of friendships that lead to anybody in town instead of a neighbour: from about 1% "
        "on ways are as short as in a random graph, and below about 10% friends of friends are "
        "still mostly friends.",
        kind="A",
        source="form of WATTS98",
        swept=("1%", "100%"),
    )

    @field_validator("each")
    @classmethod
    def _is_even(cls, each: int) -> int:
        if each % 2:
            raise ValueError(
                f"{each} is odd, and friends stand on both sides of a ring: {each - 1} or"
                f" {each + 1} are even"
            )
        return each


class LoweredFriends(Record):
    """What the rules read of `Friends`."""

    each: i8
    rewired: f8


@inner
def is_mixed(model: Model, persons: int) -> bool:
    """Tell whether in a town of so many persons everybody is a friend of all."""
    return bool(persons <= model.friends.each + 1 or model.friends.each == 0)


@inner
def friend_of(model: Model, town: int, persons: int, who: int, u: float) -> int:
    """Return one of a person's friends by uniform ``u``, each as likely, -1 without any.

    Parameters
    ----------
    town
        The number of the town (its cell).
    persons
        Who live there.
    who
        The person's place among them.
    """
    if persons < 2:
        return -1
    if is_mixed(model, persons):
        friend = int(u * (persons - 1))
        return friend + 1 if friend >= who else friend
    n = friends_of(model, town, persons, who)
    return nth_friend(model, town, persons, who, int(u * n))


@inner
def friends_of(model: Model, town: int, persons: int, who: int) -> int:
    """Return how many friends a person has; who is a friend by two edges counts twice."""
    n = 0
    while nth_friend(model, town, persons, who, n) >= 0:
        n += 1
    return n


@inner
def nth_friend(model: Model, town: int, persons: int, who: int, number: int) -> int:
    """Return the friend of this number, 0 the first, or -1 where there are fewer."""
    left = number
    for stride in range(1, model.friends.each // 2 + 1):
        if left == 0:
            return _end(model, town, persons, who, stride)
        left -= 1
        near = (who - stride + persons) % persons
        if _end(model, town, persons, near, stride) == who:
            if left == 0:
                return near
            left -= 1
        far = (_sent_from(model, town, persons, stride, who) - stride + persons) % persons
        if far != near and far != who and _end(model, town, persons, far, stride) == who:
            if left == 0:
                return far
            left -= 1
    return -1


@inner
def _end(model: Model, town: int, persons: int, who: int, stride: int) -> int:
    """Return where the edge of a place and a stride leads: along the ring, or elsewhere."""
    along = (who + stride) % persons
    u, _, _, _ = draw4(model.key.k0, model.key.k1, FRIENDS, (town << 20) | who, stride)
    if u >= model.friends.rewired:
        return along
    elsewhere = _sent_to(model, town, persons, stride, along)
    return along if elsewhere == who else elsewhere


@inner
def _bits(persons: int) -> int:
    """Return the bits of half a place's number."""
    bits = 1
    while (1 << (2 * bits)) < persons:
        bits += 1
    return bits


@inner
def _mixed_half(model: Model, town: int, stride: int, number: int, half: int, bits: int) -> int:
    """Return what round ``number`` of a permutation makes of half a place's number."""
    occasion = (((stride << 8) | number) << 32) | half
    u, _, _, _ = draw4(model.key.k0, model.key.k1, SHUFFLE, town, occasion)
    return int(u * (1 << bits))


@inner
def _sent_to(model: Model, town: int, persons: int, stride: int, place: int) -> int:
    """Return where the town's permutation of a stride sends a place (a Feistel network).

    It permutes a power of four, so it is taken again until it leads to a place that there is.
    """
    bits = _bits(persons)
    x = place
    while True:
        high, low = x >> bits, x & ((1 << bits) - 1)
        for number in range(ROUNDS):
            high, low = low, high ^ _mixed_half(model, town, stride, number, low, bits)
        x = (high << bits) | low
        if x < persons:
            return x


@inner
def _sent_from(model: Model, town: int, persons: int, stride: int, place: int) -> int:
    """Return which place `_sent_to` sends here."""
    bits = _bits(persons)
    x = place
    while True:
        high, low = x >> bits, x & ((1 << bits) - 1)
        for back in range(ROUNDS):
            number = ROUNDS - 1 - back
            high, low = low ^ _mixed_half(model, town, stride, number, high, bits), high
        x = (high << bits) | low
        if x < persons:
            return x
