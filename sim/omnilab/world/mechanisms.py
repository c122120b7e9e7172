"""The world's mechanisms, composed: a new one is a line in each of the classes.

`World` has what a scenario file says of them, `LoweredWorld` what their rules read, `States` what
they keep of a person, and `Theme` what they keep of a person and a category. Each is declared in
the mechanism's own file.
"""

from __future__ import annotations

from omnilab.kernels.bundle import Bundle
from omnilab.parameters.declared import Parameters, key
from omnilab.world.accounts import Accounts, LoweredAccounts, Membership
from omnilab.world.acts import Acts, ActState, LoweredActs
from omnilab.world.advertising import LoweredAdvertising
from omnilab.world.affinity import Affinity, LoweredAffinity
from omnilab.world.attrition import Attrition, LoweredAttrition, Tenure
from omnilab.world.awareness import Awareness, LoweredAwareness, Recall
from omnilab.world.choice import Choice, LastPlace, LoweredChoice
from omnilab.world.clock import BY_DAY, BY_HOUR, ByDay, ByHour
from omnilab.world.consistency import Consistency, LoweredConsistency
from omnilab.world.content import Content, LoweredContent
from omnilab.world.continuity import Continuity, LoweredContinuity
from omnilab.world.creation import Borrowed, Creation, LoweredCreation
from omnilab.world.creatives import Creatives, LoweredCreatives
from omnilab.world.device import Devices, LastDevice, LoweredDevices
from omnilab.world.early import EarlyState, LoweredEarly
from omnilab.world.exposure import Exposure, LoweredExposure
from omnilab.world.familiarity import Familiarity, LoweredFamiliarity
from omnilab.world.fast.idle import VisitsAhead
from omnilab.world.fast.looking_around import LoweredLookingAround
from omnilab.world.fatigue import Fatigue, LoweredFatigue, Pressure
from omnilab.world.friends import Friends, LoweredFriends
from omnilab.world.fulfilment import Fulfilment, LoweredFulfilment
from omnilab.world.goal import Goal, LoweredGoal
from omnilab.world.goods import Consideration, LoweredGoods
from omnilab.world.habit import Habit, LoweredHabit, ServiceHabit
from omnilab.world.identifiers import Address, Identifiers, LoweredIdentifiers
from omnilab.world.idle import IdleVisits
from omnilab.world.inflow import LoweredInflow
from omnilab.world.intent import Intent, LoweredIntent
from omnilab.world.interest import Interest, LooksAround, LoweredInterest
from omnilab.world.interruption import Interruption, LoweredInterruption
from omnilab.world.mailshot import LoweredMailshot, Mailshot
from omnilab.world.media import LoweredMedia, Media
from omnilab.world.money import LoweredOffers, OfferInHand
from omnilab.world.needs import LoweredNeeds
from omnilab.world.newcomer import Newcomer
from omnilab.world.offers import Offers
from omnilab.world.opting_out import LoweredOptOut, OptOut
from omnilab.world.places import LoweredPlaces, Places
from omnilab.world.posts import FeedState, LoweredPosts, Posts
from omnilab.world.preference import Attitude, LoweredPreference, Preference
from omnilab.world.programme import Aims, LoweredRewarding, Rewarding
from omnilab.world.questions import LoweredQuestions, Questions, QuestionState
from omnilab.world.recency import LastOrder, LoweredRecency, Recency
from omnilab.world.recovery import Hurt, LoweredRecovery, Recovery
from omnilab.world.reference_price import LoweredReferencePrice, PriceInMind, ReferencePrice
from omnilab.world.referral import LinkInHand, LoweredReferral, Referral
from omnilab.world.repetition import LoweredRepetition, Repeated, Repetition
from omnilab.world.replies import LoweredReplies, Replies
from omnilab.world.response import LoweredResponse, Response, Responsiveness
from omnilab.world.reviews import LoweredReviews, Reviews
from omnilab.world.rivals import LastRival, LoweredRivals, Rivals
from omnilab.world.routine import CueState, LoweredRoutine, Routine
from omnilab.world.satisfaction import Failures, LoweredSatisfaction, Satisfaction
from omnilab.world.saturation import LoweredSaturation, Saturation, Stock
from omnilab.world.search import LoweredSearch, Search
from omnilab.world.site_search import LoweredSiteSearch, SiteSearch
from omnilab.world.stage import LoweredStage, Stage
from omnilab.world.stock import Kept, LoweredStock
from omnilab.world.stock import Stock as GoodsStock
from omnilab.world.taste import Bought, LoweredTaste, Taste
from omnilab.world.tips import LoweredTips, Tips
from omnilab.world.visit_time import LoweredVisitTime, VisitTime
from omnilab.world.waking import LastThought, LoweredWaking, Waking
from omnilab.world.weariness import Wearied

__all__ = ["LoweredWorld", "States", "Theme", "World"]


class World(Parameters):
    """All mechanisms of the world."""

    intent: Intent = key(Intent(), "How a need ripens.")
    choice: Choice = key(Choice(), "Which channel a person goes to.")
    familiarity: Familiarity = key(
        Familiarity(), "What it takes to go where one has not been.", came_later=True
    )
    routine: Routine = key(Routine(), "Going somewhere out of habit.", came_later=True)
    interest: Interest = key(
        Interest(),
        "Visits without a need: whose, when again, and what comes of them.",
        came_later=True,
    )
    devices: Devices = key(
        Devices(), "What draws a visit for a need to one device.", came_later=True
    )
    visit_time: VisitTime = key(VisitTime(), "How long a visit takes.", came_later=True)
    search: Search = key(
        Search(), "What a search leads to where no paid result is clicked.", came_later=True
    )
    site_search: SiteSearch = key(
        SiteSearch(), "What persons type into the brand's own search box.", came_later=True
    )
    response: Response = key(Response(), "How a person responds to a message.")
    stage: Stage = key(
        Stage(), "What the stage of a need makes of a message that shows the very good.",
        came_later=True,
    )  # fmt: skip
    affinity: Affinity = key(
        Affinity(), "A person's own taste in channels and own hours.", came_later=True
    )
    mailshot: Mailshot = key(
        Mailshot(), "What all who get the same message on one day have in common.", came_later=True
    )
    taste: Taste = key(
        Taste(), "A person's affinity to categories, and messages that show one.",
        came_later=True,
    )  # fmt: skip
    recency: Recency = key(
        Recency(), "What the last order and tenure do to answers.", came_later=True
    )
    saturation: Saturation = key(
        Saturation(), "What the same theme again and again does.", came_later=True
    )
    interruption: Interruption = key(
        Interruption(), "What a reminder of the cart takes that comes too early.", came_later=True
    )
    waking: Waking = key(Waking(), "What a message does to a customer who sleeps.", came_later=True)
    attrition: Attrition = key(
        Attrition(), "Who leaves without a cause of the brand's, and what holds.", came_later=True
    )
    creatives: Creatives = key(
        Creatives(), "What it does that a creative was seen before.", came_later=True
    )
    consistency: Consistency = key(
        Consistency(), "What other messages' themes do to a message.", came_later=True
    )
    exposure: Exposure = key(
        Exposure(), "Visits after messages that were not clicked.", came_later=True
    )
    creation: Creation = key(
        Creation(), "Whose needs messages make, and at whose cost.", came_later=True
    )
    fulfilment: Fulfilment = key(
        Fulfilment(), "What delivery, its fee and its delays mean to customers.", came_later=True
    )
    offers: Offers = key(
        Offers(), "Who uses an offer, and what its message does besides.", came_later=True
    )
    reference_price: ReferencePrice = key(
        ReferencePrice(), "The price that a person is used to, and what others do.",
        came_later=True,
    )  # fmt: skip
    fatigue: Fatigue = key(Fatigue(), "What many messages do.")
    repetition: Repetition = key(
        Repetition(), "What an ad adds to those shown before it.", came_later=True
    )
    opt_out: OptOut = key(OptOut(), "What opting out hangs on beside the volume.", came_later=True)
    satisfaction: Satisfaction = key(Satisfaction(), "Bad experiences and leaving.")
    recovery: Recovery = key(
        Recovery(), "What an apology takes back, and who complains.", came_later=True
    )
    continuity: Continuity = key(
        Continuity(), "What it costs a person when the context did not follow."
    )
    questions: Questions = key(
        Questions(), "Questions before and after a purchase.", came_later=True
    )
    habit: Habit = key(Habit(), "Getting used to what goes wrong again and again.", came_later=True)
    identifiers: Identifiers = key(Identifiers(), "What persons show, lose, share and mistype.")
    tips: Tips = key(Tips(), "Friends' tips.")
    places: Places = key(
        Places(), "The town's plane, its people's ways, and places that they pass.",
        came_later=True,
    )  # fmt: skip
    friends: Friends = key(Friends(), "Who hears whose tips.", came_later=True)
    rivals: Rivals = key(Rivals(), "Rivals as places that a need may be taken to.", came_later=True)
    preference: Preference = key(
        Preference(), "A slow stock of experience with the brand, and who knows it.",
        came_later=True,
    )  # fmt: skip
    awareness: Awareness = key(
        Awareness(), "What contacts with its name do to who does not know the brand.",
        came_later=True,
    )  # fmt: skip
    media: Media = key(
        Media(), "What contacts with radio, television and print do.", came_later=True
    )
    content: Content = key(
        Content(), "Searches that find the brand's articles, and what reading does.",
        came_later=True,
    )  # fmt: skip
    posts: Posts = key(
        Posts(), "Who sees the brand's posts, and what they do with them.", came_later=True
    )
    reviews: Reviews = key(
        Reviews(), "Reviews that buyers write and searchers read.", came_later=True
    )
    referral: Referral = key(
        Referral(), "What persons do with the links of `brand.referral`.", came_later=True
    )
    rewarding: Rewarding = key(
        Rewarding(), "What targets and tiers of `brand.programme` do.", came_later=True
    )
    acts: Acts = key(Acts(), "What makes persons do the acts that channels offer.", came_later=True)
    goods: Consideration = key(
        Consideration(), "How persons choose among the goods of a category.", came_later=True
    )
    replies: Replies = key(
        Replies(), "What makes persons reply, and accept invitations.", came_later=True
    )
    accounts: Accounts = key(
        Accounts(), "Accounts of several persons with roles, and their long way to an order.",
        came_later=True,
    )  # fmt: skip
    goal: Goal = key(Goal(), "What the nearness of a loyalty card's reward does.", came_later=True)
    stock: GoodsStock = key(
        GoodsStock(), "What a person does who finds that the good is out.", came_later=True
    )
    hour_index: ByHour = BY_HOUR
    day_index: ByDay = BY_DAY


class LoweredWorld(Bundle):
    """One record a mechanism; `omnilab.world.lowered` says how each is filled."""

    needs: LoweredNeeds
    early: LoweredEarly
    inflow: LoweredInflow
    intent: LoweredIntent
    choice: LoweredChoice
    familiarity: LoweredFamiliarity
    routine: LoweredRoutine
    looking_around: LoweredLookingAround
    interest: LoweredInterest
    devices: LoweredDevices
    visit_time: LoweredVisitTime
    response: LoweredResponse
    stage: LoweredStage
    affinity: LoweredAffinity
    mailshot: LoweredMailshot
    taste: LoweredTaste
    recency: LoweredRecency
    saturation: LoweredSaturation
    interruption: LoweredInterruption
    waking: LoweredWaking
    attrition: LoweredAttrition
    creatives: LoweredCreatives
    consistency: LoweredConsistency
    exposure: LoweredExposure
    creation: LoweredCreation
    offers: LoweredOffers
    reference_price: LoweredReferencePrice
    fulfilment: LoweredFulfilment
    fatigue: LoweredFatigue
    repetition: LoweredRepetition
    opt_out: LoweredOptOut
    satisfaction: LoweredSatisfaction
    recovery: LoweredRecovery
    continuity: LoweredContinuity
    questions: LoweredQuestions
    habit: LoweredHabit
    identifiers: LoweredIdentifiers
    tips: LoweredTips
    friends: LoweredFriends
    rivals: LoweredRivals
    preference: LoweredPreference
    awareness: LoweredAwareness
    media: LoweredMedia
    content: LoweredContent
    posts: LoweredPosts
    reviews: LoweredReviews
    referral: LoweredReferral
    rewarding: LoweredRewarding
    acts: LoweredActs
    accounts: LoweredAccounts
    replies: LoweredReplies
    search: LoweredSearch
    site_search: LoweredSiteSearch
    goods: LoweredGoods
    goal: LoweredGoal
    places: LoweredPlaces
    stock: LoweredStock
    advertising: LoweredAdvertising


class States(
    LastPlace,
    LastDevice,
    Responsiveness,
    Pressure,
    Failures,
    Hurt,
    Aims,
    OfferInHand,
    PriceInMind,
    Address,
    LastOrder,
    LooksAround,
    VisitsAhead,
    EarlyState,
    Newcomer,
    ServiceHabit,
    Kept,
    QuestionState,
    Attitude,
    Recall,
    FeedState,
    LastRival,
    LinkInHand,
    ActState,
    Wearied,
    LastThought,
    Tenure,
    CueState,
    Repeated,
    Membership,
    # Last, beside the person's own fields: most items are idle visits.
    IdleVisits,
):
    """What the mechanisms keep of one person."""


class Theme(Bought, Borrowed, Stock):
    """What the mechanisms keep of one person and category, and of messages about everything."""
