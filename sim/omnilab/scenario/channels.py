"""Where brand and customer meet: a channel, and its visit, message or search side.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from omnilab.log.identifier_types import TYPES
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import DAY, Amount, Clock, Duration, Line, Logit, Name, Share
from omnilab.scenario.acts import MAX_ACTS, Act
from omnilab.scenario.calendar import MOST_DAYS
from omnilab.scenario.fulfilment import DeliveryWay, TillSide
from omnilab.scenario.part import Frozen
from omnilab.scenario.programme_money import Auction

__all__ = [
    "MAX_SHOWN",
    "Channel",
    "IdentifierType",
    "MessageSide",
    "SearchSide",
    "Shown",
    "VisitSide",
]

MAX_SHOWN = 8  # identifiers of a visit

if TYPE_CHECKING:
    IdentifierType: TypeAlias = str
else:
    IdentifierType = Literal[TYPES]


class Shown(Frozen):
    """An identifier that a visit shows, and how often; `carries` names the silo it comes from."""

    type: IdentifierType
    share: Share
    carries: Name | None = None
    when: Literal["visit", "order"] = "visit"  # on arrival, or only where one orders


class VisitSide(Frozen):
    """What going to a channel is like."""

    utility: Logit = 0.0
    completes: Share = 0.30  # of carts, bought in the same visit: 1 - .7019, BAYMARD (I)
    identifiers: Annotated[tuple[Shown, ...], Field(max_length=MAX_SHOWN)] = ()
    phone_logit: Logit = 0.0  # phone against PC in checkout
    tablet_logit: Logit = key(
        0.0,
        "What a tablet, compared with a PC, adds to the logit of buying a cart.",
        unit="logit",
        kind="A",
        source="off by default; D: -.15 where 3.46% of visits convert against 3.99, MONETATE",
        came_later=True,
    )
    opens: Clock = 0
    closes: Clock = 86400
    commission: Share = 0.0
    reach: Share = 1.0  # share of persons who can go there at all
    idle: Annotated[float, Field(ge=0, le=10_000)] = 0.0  # visits without a need, a week
    devices: bool = False  # by phone or computer, each with cookies of its own
    typed: bool = False  # identifiers are spoken or keyed at a till: typing errors
    service: bool = False  # takes service contacts
    tells_position: Share = key(
        0.0,
        "Share of those who have the app that let it tell where they are, for journeys with "
        "`trigger: near`. In a survey of employees 77% say that they allow apps to follow them "
        "(TSHEETS, S); of one brand's app it is less.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("10%", "77%"),
    )

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if self.opens >= DAY:
            raise ValueError("opens: 24:00 is the day's end: nobody could ever come; write 00:00")
        return self


class MessageSide(Frozen):
    """What a message over a channel meets; rates are population means at one message a week."""

    address: IdentifierType
    delivered: Share
    open: Share
    click: Share  # of delivered, as published rates are
    opt_out: Share
    complaint: Share = 0.0
    cost: Annotated[Amount, Field(ge=0, le=1e6)]
    weight: Annotated[float, Field(ge=0, le=1_000)] = 1.0  # in contact pressure (A)
    open_delay: Duration = 20520  # median 5.7 h, GETR (V)
    open_sigma: Annotated[float, Field(ge=0, le=4)] = 2.42  # GETR (V/D)
    landing: Name
    opt_in: Share = 1.0  # share that has allowed it at the start
    signs_up: Share = 0.0  # chance to allow it at an order where not yet allowed
    signs_up_visit: Share = key(
        0.0,
        "Chance to allow it at a visit, by a form that opens. A visit asks for one permission: "
        "that of the first channel with such a chance which is not allowed yet.",
        kind="A",
        source="off by default",
        came_later=True,
    )
    reply: Annotated[Share, Field(lt=1)] = key(
        0.0,
        "Chance that who reads a message for the first time answers it in words, of a message that "
        "meets no need, asks nothing and has an ordinary creative, and without good or bad "
        "experiences; over a channel that `invites`, that the invitation is accepted. See "
        "`world.replies`.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("1%", "30%"),
    )
    invites: Name | None = key(
        None,
        "The channel that may write to who accepts. The messages are invitations then.",
        without="They are no invitations.",
        came_later=True,
    )
    from_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] = key(
        0,
        "The day on which messages over the channel begin: 0 is from the start, burn-in too.",
        unit="day of the window",
        kind="A",
        came_later=True,
    )
    to_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] | None = key(
        None,
        "The last day for them.",
        unit="day of the window",
        without="They never end.",
        came_later=True,
    )
    ad: bool = False  # wears out with repetition instead of raising pressure
    machine_opens: Share = key(
        0.0,
        "Share of persons whose mail client opens each delivered message by itself within a "
        "minute, so that an open comes back whether or not the person sees it. Of e-mail lists "
        "30–60% are such clients, since Apple's Mail Privacy Protection.",
        kind="A",
        source="off by default; GEYSERA, INBOXEAGLE (V) have 49% of opens, 30–60% of lists",
        came_later=True,
    )
    hidden_opens: Share = key(
        0.0,
        "Share of persons whose mail client tells nobody that they open a message. With "
        "`machine_opens` at most 100%. Of clicked messages 11% have no open.",
        kind="A",
        source="off by default; REES46 (I) has 11% of clicked messages, e-mail and push together",
        came_later=True,
    )
    scanner_clicks: Share = key(
        0.0,
        "Share of delivered messages whose link a security scanner clicks within a minute, so "
        "that a click comes back without a person. Scanners are known to click within seconds; "
        "how many messages they click, no source says.",
        kind="A",
        source="off by default; GEYSERA, INBOXEAGLE (V) for the time",
        came_later=True,
    )
    seen_at_work: Logit = key(
        0.0,
        "What it does to a message's being seen that its person is at work and not at home, in a "
        "town with `places`.",
        unit="logit",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("-1", "1"),
    )
    seen_out: Logit = key(
        0.0,
        "The same of who is neither at home nor at work: a phone is in the pocket there, and a "
        "computer is not.",
        unit="logit",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("-2", "1"),
    )
    match: Share = key(
        1.0,
        "Share of persons whom an ad platform finds by the uploaded address. The brand does not "
        "learn who was found.",
        kind="A",
        source="off by default; MATCHRATE (V) 30% to 80%",
        came_later=True,
    )
    most_a_day: Annotated[int, Field(ge=1, le=1000)] | None = key(
        None,
        "How many of the channel's ads the platform shows a person on one local day at most, "
        "whatever profiles the brand has of the person.",
        unit="ads",
        without="The platform does not count.",
        came_later=True,
    )
    auction: Auction | None = key(
        None,
        "The auction in which an ad's impressions are sold. Its price takes the place of `cost`.",
        without="Each costs `cost`, and all are shown.",
        came_later=True,
    )

    looks_again: Annotated[float, Field(ge=0, le=8)] = key(
        0.0,
        "How often a person looks again at a message that was seen, all later looks together, on "
        "average of those not clicked. A piece of direct mail is handled 4.4 times in 28 days, its "
        "first time and its end among them (JICMAIL22, V): about 2 looks more.",
        unit="looks",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("1", "3.4"),
    )
    half_life: Annotated[Duration, Field(gt=0)] = key(
        5 * 86400,
        "The time in which the rate of looking again falls by half. Direct mail lives 7.2 days in "
        "the home on average, which is this half-life; e-mail and push much shorter (ZAN17).",
        kind="V/D",
        source="JICMAIL22, of direct mail",
        came_later=True,
    )

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.click > self.open + 1e-12:
            raise ValueError("click is a share of delivered and can't exceed open")
        if self.machine_opens + self.hidden_opens > 1 + 1e-12:
            raise ValueError(
                "machine_opens and hidden_opens are shares of the same persons and can't add up "
                "to more than 100%"
            )
        if self.ad and self.reply > 0:
            raise ValueError("reply: nobody can answer an ad; leave it out, or `ad: true`")
        if self.invites is not None and self.reply == 0:
            raise ValueError("invites: nobody would accept, for `reply` is 0; give it a share")
        if self.ad and self.looks_again > 0:
            raise ValueError(
                "looks_again: an ad is gone when it was shown; leave it out, or `ad: true`"
            )
        if not self.ad:
            for name in ("match", "most_a_day", "auction"):
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise ValueError(
                        f"{name}: only what an ad platform shows has it: say `ad: true`, or leave "
                        f"{name} out"
                    )
        return self


class SearchSide(Frozen):
    """A paid search result: shown when a person with a need searches."""

    searches: Share = 0.30  # share of attempts that begin with a search (A)
    click: Share = 0.0317  # WORDSTREAM (V)
    cost: Annotated[Amount, Field(ge=0, le=1e6)] = 2.69  # CPC, WORDSTREAM (V)
    landing: Name = "web"
    brand_click: Share | None = key(
        None,
        "Share of searches that name the brand which click on the ad.",
        without="As `click`",
        came_later=True,
    )
    brand_cost: Annotated[Amount, Field(ge=0, le=1e6)] | None = key(
        None,
        "What a click on the ad costs in a search that names the brand.",
        without="As `cost`",
        came_later=True,
    )
    auction: Auction | None = key(
        None,
        "The auction in which clicks are sold. Its price takes the place of `cost`; who is outbid "
        "is not shown.",
        without="Each click costs `cost`, and the ad is always shown.",
        came_later=True,
    )

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if self.auction is not None and self.brand_cost is not None:
            raise ValueError("brand_cost: with an `auction` its price holds for all searches")
        return self


class Channel(Frozen):
    """A place where brand and customer meet: its silo, and its visit, message or search side."""

    name: Name
    title: Line = ""
    silo: Name
    visit: VisitSide | None = None
    message: MessageSide | None = None
    search: SearchSide | None = None
    till: TillSide | None = key(
        None,
        "The tills at which a purchase here is paid.",
        without="Who buys pays at once.",
        came_later=True,
    )
    monthly_cost: Amount = key(
        0.0,
        "What having the channel costs each month of the window beside sends and clicks, for "
        "`brand.costs_for` customers. A strategy pays it for what is visited, for what its "
        "journeys write over, and for paid search that it buys.",
        kind="A",
        source="off by default",
        came_later=True,
    )

    acts: Annotated[tuple[Act, ...], Field(max_length=MAX_ACTS)] = key(
        (),
        "What visitors may do here by which the brand can reach them or know them again.",
        without="Visitors do no acts; permissions are given as `signs_up` says.",
        came_later=True,
    )
    delivery: tuple[DeliveryWay, ...] = key(
        (),
        "Ways to get what is ordered here: one is taken with each cart, or none where none comes "
        "before the need is over.",
        without="What is bought is there at once.",
        came_later=True,
    )

    @model_validator(mode="after")
    def _has_a_side(self) -> Self:
        if self.visit is None and self.message is None and self.search is None:
            raise ValueError("a channel needs `visit`, `message` or `search`")
        if self.till is not None and self.visit is None:
            raise ValueError("till: nobody comes here to pay; give the channel a `visit` side")
        if self.delivery and self.visit is None:
            raise ValueError("delivery: nothing is bought here; give the channel a `visit` side")
        return self
