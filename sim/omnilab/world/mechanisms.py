"""The world's mechanisms, composed: a new one is a line in each of the three classes.

`World` has what a scenario file says of them, `LoweredWorld` what their rules read, and `States`
what they keep of a person. Each is declared in the mechanism's own file.
"""

from __future__ import annotations

from omnilab.kernels.bundle import Bundle
from omnilab.parameters.declared import Parameters, key
from omnilab.world.affinity import Affinity, LoweredAffinity
from omnilab.world.choice import Choice, LastPlace, LoweredChoice
from omnilab.world.clock import BY_DAY, BY_HOUR, ByDay, ByHour
from omnilab.world.continuity import Continuity, LoweredContinuity
from omnilab.world.early import EarlyState, LoweredEarly
from omnilab.world.fast.idle import VisitsAhead
from omnilab.world.fast.looking_around import LoweredLookingAround
from omnilab.world.fatigue import Fatigue, LoweredFatigue, Pressure
from omnilab.world.identifiers import Address, Identifiers, LoweredIdentifiers
from omnilab.world.idle import IdleVisits
from omnilab.world.intent import Intent, LoweredIntent
from omnilab.world.mailshot import LoweredMailshot, Mailshot
from omnilab.world.money import LoweredOffers, OfferInHand
from omnilab.world.needs import LoweredNeeds
from omnilab.world.response import LoweredResponse, Response, Responsiveness
from omnilab.world.satisfaction import Failures, LoweredSatisfaction, Satisfaction
from omnilab.world.search import LoweredSearch
from omnilab.world.tips import LoweredTips, Tips

__all__ = ["LoweredWorld", "States", "World"]


class World(Parameters):
    """All mechanisms of the world."""

    intent: Intent = key(Intent(), "How a need ripens.")
    choice: Choice = key(Choice(), "Which channel a person goes to.")
    response: Response = key(Response(), "How a person responds to a message.")
    affinity: Affinity = key(
        Affinity(), "A person's own taste in channels and own hours.", came_later=True
    )
    mailshot: Mailshot = key(
        Mailshot(), "What all who get the same message on one day have in common.", came_later=True
    )
    fatigue: Fatigue = key(Fatigue(), "What many messages do.")
    satisfaction: Satisfaction = key(Satisfaction(), "Bad experiences and leaving.")
    continuity: Continuity = key(
        Continuity(), "What it costs a person when the context did not follow."
    )
    identifiers: Identifiers = key(Identifiers(), "What persons show, lose, share and mistype.")
    tips: Tips = key(Tips(), "Friends' tips.")
    hour_index: ByHour = BY_HOUR
    day_index: ByDay = BY_DAY


class LoweredWorld(Bundle):
    """One record a mechanism; `omnilab.world.lowered` says how each is filled."""

    needs: LoweredNeeds
    early: LoweredEarly
    intent: LoweredIntent
    choice: LoweredChoice
    looking_around: LoweredLookingAround
    response: LoweredResponse
    affinity: LoweredAffinity
    mailshot: LoweredMailshot
    offers: LoweredOffers
    fatigue: LoweredFatigue
    satisfaction: LoweredSatisfaction
    continuity: LoweredContinuity
    identifiers: LoweredIdentifiers
    tips: LoweredTips
    search: LoweredSearch


class States(
    LastPlace,
    Responsiveness,
    Pressure,
    Failures,
    OfferInHand,
    Address,
    IdleVisits,
    VisitsAhead,
    EarlyState,
):
    """What the mechanisms keep of one person."""
