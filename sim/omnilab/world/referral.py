"""Referral links: who has bought gets a link for friends, and money off for each who buys with it.

The brand's programme is `omnilab.brand.referral`. The brand makes a link at an order at which the
buyer shows an identifier, and the link names that; without one there is none. A tip of an order
carries the link with chance ``shares``. A friend who has never bought keeps it for as long as it
lasts; the first order within that time is what the programme pays for. The friend's part comes off
that order, the giver's reward off the giver's next one.

References
----------
Schmitt, Skiera and Van den Bulte (2011), "Referral programs and customer value"; Ryu and Feick
(2007), "A penny for your thoughts: referral reward programs and referral likelihood".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i4, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit, Share
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "LinkInHand",
    "LoweredReferral",
    "Referral",
    "get_link",
    "has_link",
    "passes_link",
    "pay_reward",
    "referral_off",
    "take_link",
    "use_link",
]

PASSES: Final = stream("PASSES", 154)  # whether a tip carries the link: friend, giver and order


class Referral(Parameters):
    """What persons do with referral links."""

    shares: Share = key(
        0.5,
        "Chance that a tip of an order carries the giver's link, where the giver has one.",
        kind="A",
        source="counts only where `brand.referral` pays",
        swept=("10%", "100%"),
    )
    eager: Logit = key(
        0.0,
        "What having a link to give adds to the logit of telling of an order. A reward makes "
        "telling likelier (RYUFEICK07).",
        unit="logit",
        kind="A",
        source="off by default; sign of RYUFEICK07",
        swept=("0", "1.5"),
    )


class LoweredReferral(Record):
    """What the rules read of `Referral` and of the brand's programme."""

    on: i8  # 1 where the brand pays anything
    shares: f8
    eager: f8
    reward: i8  # cents
    friend: i8  # cents
    lasts: i8  # seconds


@fills(LoweredReferral)
def _lower(scenario: ScenarioParts) -> Values:
    programme = scenario.brand.referral
    return {
        "on": int(programme.reward > 0 or programme.friend > 0),
        "reward": round(programme.reward * 100),
        "friend": round(programme.friend * 100),
        "lasts": programme.lasts,
    }


class LinkInHand(Record):
    """What a person has of the programme."""

    own_link: i8 = 0  # the identifier on the own link, 0 without one
    link: i8 = 0  # and on a friend's link
    link_of: i4 = -1  # the friend's place in town
    own_silo: i1 = -1  # that the identifier was shown in
    link_silo: i1 = -1
    link_until: i8 = -1
    reward: i8 = 0  # cents off the next order


@inner
def get_link(person: LinkInHand, code: int, silo: int) -> None:
    """Give a buyer a link that names the identifier ``code``, as shown in a silo."""
    person.own_link = code
    person.own_silo = silo


@inner
def take_link(model: Model, person: LinkInHand, giver: LinkInHand, who: int, t: int) -> None:
    """Take a friend's link; ``who`` is the friend's place in town."""
    person.link = giver.own_link
    person.link_silo = giver.own_silo
    person.link_of = who
    person.link_until = t + model.referral.lasts


@inner
def passes_link(model: Model, giver: Person, friend: Person, who: int, ordinal: int) -> bool:
    """Tell whether the tip of an order carries the giver's link to a friend who can use it.

    Parameters
    ----------
    who
        The giver's place in town.
    ordinal
        Of the order's need.
    """
    if model.referral.on == 0 or giver.own_link == 0 or friend.purchases > 0:
        return False
    occasion = (who << 32) | ordinal
    u, _, _, _ = draw4(model.key.k0, model.key.k1, PASSES, friend.entity, occasion)
    return bool(u < model.referral.shares)


@inner
def has_link(person: LinkInHand, t: int) -> bool:
    """Tell whether a person has a friend's link that counts at ``t``.

    It is given to who has not bought, and the first order takes it.
    """
    return bool(person.link != 0 and t <= person.link_until)


@inner
def referral_off(model: Model, person: LinkInHand, t: int) -> int:
    """Return the cents that an order at ``t`` gets off: rewards in hand, and a friend's link."""
    off = int(person.reward)
    if has_link(person, t):
        off += model.referral.friend
    return off


@inner
def use_link(person: LinkInHand) -> int:
    """Let the link go with the order that uses it; return the giver's place in town."""
    giver = int(person.link_of)
    person.link = 0
    person.link_of = -1
    return giver


@inner
def pay_reward(model: Model, giver: LinkInHand) -> None:
    """Give the giver the reward for a friend's order."""
    giver.reward += model.referral.reward
