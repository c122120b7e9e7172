"""The brand's means, the same for every strategy: journeys, cap, quiet hours, loyalty.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from omnilab.brand.limits import MOST_TESTS
from omnilab.brand.points import Loyalty
from omnilab.brand.referral import Programme
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import DAY, Clock, Duration, Share
from omnilab.scenario.channels import IdentifierType
from omnilab.scenario.contact import Contact
from omnilab.scenario.content import MOST_ARTICLES, MOST_SERIES, Article, Series
from omnilab.scenario.crm import MAX_UPLOADS, Upload
from omnilab.scenario.journeys import Journey
from omnilab.scenario.leeway import MOST_CREATIVES, Creative
from omnilab.scenario.media import MOST_FLIGHTS, Flight
from omnilab.scenario.offers import MOST_OFFERS, Offer
from omnilab.scenario.part import Frozen, unique
from omnilab.scenario.programme import MembersProgramme
from omnilab.scenario.programme_money import MOST_BUDGETS, Budget
from omnilab.scenario.score import Score
from omnilab.scenario.split_tests import SplitTest
from omnilab.scenario.themes import Themes
from omnilab.scenario.wiring import Wiring

__all__ = [
    "MAX_JOURNEYS",
    "MOST_CAP",
    "Brand",
    "Cap",
    "Loyalty",
    "QuietHours",
]

MAX_JOURNEYS = 60
MOST_CAP = 30  # messages that a frequency cap counts


class Cap(Frozen):
    """At most so many messages a profile in a period; rolling, or by local calendar days."""

    messages: Annotated[int, Field(ge=1, le=MOST_CAP)]
    per: Annotated[Duration, Field(gt=0)]


class QuietHours(Frozen):
    """The local-time window without sends."""

    start: Clock = 75600
    end: Clock = 28800

    @model_validator(mode="after")
    def _leave_time_to_send(self) -> Self:
        if abs(self.end - self.start) == DAY:  # equal ones are none, which a warning says
            raise ValueError(
                "end: quiet hours of the whole day leave no time to send; "
                "write quiet_hours: null for none"
            )
        return self


class Brand(Frozen):
    """The brand's means, the same for every strategy."""

    status_quo: str = "multichannel"
    wiring: Wiring = Wiring(preset="typical")  # what tools are told of each other (A)
    journeys: Annotated[tuple[Journey, ...], Field(max_length=MAX_JOURNEYS)] = ()
    cap: Cap | None = Cap(messages=4, per=7 * 86400)
    cap_counts_ads: bool = key(
        True,
        "Whether an ad takes one of the cap's places, and is refused where none is left. The caps "
        "of tools that send messages are over those that they send themselves (BRAZECAP, "
        "KLAVIYOCAP); those of ad platforms are a campaign's own (GOOGLECAP). Where it is `false` "
        "the cap neither counts nor refuses ads, and no other cap is laid on them.",
        kind="A",
        came_later=True,
    )
    quiet_hours: QuietHours | None = QuietHours()
    cookie_ttl: Duration = 30 * 86400  # a cookie not seen for so long is forgotten (A)
    unique: tuple[IdentifierType, ...] = ("login", "loyalty")
    loyalty: Loyalty = Loyalty()
    contact: Contact | None = key(
        None,
        "How the brand answers questions.",
        without="Service contacts about orders are always answered at once (see "
        "`Continuity.service`), and there are no other questions.",
        came_later=True,
    )
    referral: Programme = key(
        Programme(), "Money for who brings a friend, and for the friend.", came_later=True
    )
    crm: Annotated[tuple[Upload, ...], Field(max_length=MAX_UPLOADS)] = key(
        (),
        "Records of persons that the brand has before the start, with their mistakes.",
        without="It has the addresses of those who have allowed a channel (`opt_in`).",
        came_later=True,
    )
    pages: Literal["none", "viewed", "bought", "both"] = key(
        "none",
        "Goods that the page of a visit puts first, as far as the silo sees who is there and knows "
        "of them: those that the profile looked at, bought, or both.",
        kind="A",
        source="off by default",
        came_later=True,
    )
    offers: Annotated[tuple[Offer, ...], Field(max_length=MOST_OFFERS)] = key(
        (),
        "Offers that messages may hand out (`Message.gives`), the same for every strategy.",
        without="An offer is a share off (`Message.offer`).",
        came_later=True,
    )
    programme: MembersProgramme | None = key(
        None,
        "What the brand counts of its members: targets with a date, tiers by what was spent.",
        without="It counts nothing but points (`Loyalty`).",
        came_later=True,
    )
    score: Score | None = key(
        None,
        "The score of profiles by what they bought, for branches (`has: score`).",
        without="Nobody keeps a score.",
        came_later=True,
    )
    notes_failures: bool = key(
        False,
        "Whether the brand notes deliveries after their promise, orders that come back, and "
        "complaints (`world.recovery`), each on the identifier that the person showed at the last "
        "order. Journeys may begin at them, with the trigger `bad_experience`.",
        kind="A",
        source="off by default",
        came_later=True,
    )
    tests: Annotated[tuple[SplitTest, ...], Field(max_length=MOST_TESTS)] = key(
        (),
        "Split tests (A/B), whose arms steps of journeys belong to (`Step.arm`).",
        without="All walk the same steps.",
        came_later=True,
    )
    media: Annotated[tuple[Flight, ...], Field(max_length=MOST_FLIGHTS)] = key(
        (),
        "The media plan: flights of radio, television and print, under strategies that pay for "
        "media.",
        without="There are none. Boards are `places`.",
        came_later=True,
    )
    content: Annotated[tuple[Article, ...], Field(max_length=MOST_ARTICLES)] = key(
        (),
        "Articles, pages of a blog and films that unpaid results of searches lead to.",
        without="No search finds anything of the brand by itself.",
        came_later=True,
    )
    posts: Annotated[tuple[Series, ...], Field(max_length=MOST_SERIES)] = key(
        (),
        "Posts on the brand's pages in networks, for those who follow it (the act `follow`).",
        without="Nobody posts.",
        came_later=True,
    )
    control: Share = 0.0  # global control group
    themes: Themes | None = key(
        None,
        "Themes of messages, which `world.consistency` lets persons compare, and whose calendar "
        "they follow.",
        without="Messages have no themes.",
        came_later=True,
    )
    creatives: Annotated[tuple[Creative, ...], Field(max_length=MOST_CREATIVES)] = key(
        (),
        "Creatives that are ready for any message: a step may name one (`Message.creative`), and a "
        "strategy's `decide` may choose one.",
        without="A step's message is a creative of its own.",
        came_later=True,
    )
    budgets: Annotated[tuple[Budget, ...], Field(max_length=MOST_BUDGETS)] = key(
        (),
        "What may be spent on sends and paid clicks, whatever the strategy. A send or a click "
        "needs money in each budget that pays it; a strategy's own budgets come on top.",
        without="Money has no end.",
        came_later=True,
    )
    costs_for: Annotated[int, Field(ge=1, le=1_000_000_000)] = key(
        1000,
        "The number of customers for whom monthly costs of channels, and the costs of strategies, "
        "are given.",
        unit="customers",
        kind="A",
        came_later=True,
    )

    @model_validator(mode="after")
    def _budgets_have_names(self) -> Self:
        unique([budget.name for budget in self.budgets], "budget")
        return self
