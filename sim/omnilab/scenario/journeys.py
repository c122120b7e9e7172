"""The flows of messages that a trigger enters: journeys and their steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from omnilab.parameters.declared import key
from omnilab.parameters.quantity import (
    Amount,
    Clock,
    Duration,
    Name,
    Share,
    Weekday,
    format_share,
    parse_name,
    parse_share,
)
from omnilab.scenario.acts import ActName
from omnilab.scenario.goods import Arrival
from omnilab.scenario.leeway import Leeway
from omnilab.scenario.part import SHOWN_WORDS, Frozen, adds_up, unique
from omnilab.scenario.places import Near
from omnilab.scenario.score import MOST_SCORE
from omnilab.scenario.split_tests import Arm

__all__ = [
    "Event",
    "Journey",
    "Message",
    "Split",
    "Step",
    "Trigger",
    "WaitFor",
]

Trigger = Literal[
    "signup",
    "browse",
    "cart",
    "order",
    "weekly",
    "once",
    "near",
    "restock",
    "arrival",
    "bad_survey",
    "referral",
    "tier",
    "bad_experience",
    "reply",
    "accept",
    "follow",
    "install",
    "join",
    "request",
]
Event = Literal[
    "open", "click", "visit", "cart", "order", "follow", "install", "join", "request",
    "reply", "accept",
]  # fmt: skip


#: Categories that one message may name.
MOST_NAMED = 4


def _parse_shown(value: object) -> str | dict[str, float]:
    """Read what a message shows: a word, a category, a list of them, or categories with shares."""
    if isinstance(value, list | tuple):
        names = [parse_name(name) for name in value]
        unique(names, "category")
        shares: dict[str, float] = {name: 1.0 / len(names) for name in names}
    elif isinstance(value, Mapping):
        shares = {parse_name(of): parse_share(share) for of, share in value.items()}
    else:
        return parse_name(value)
    if not 2 <= len(shares) <= MOST_NAMED:
        raise ValueError(
            f"names {len(shares)} categories; a list of them has 2 to {MOST_NAMED}, "
            "one stands alone, and generic is everything"
        )
    if small := [name for name, share in shares.items() if share == 0.0]:
        raise ValueError(f"the share of {small[0]} is 0: leave it out")
    adds_up(list(shares.values()), "the shares of what a message shows")
    return shares


def _write_shown(value: str | dict[str, float]) -> str | dict[str, str | float] | list[str]:
    if isinstance(value, str):
        return value
    if len(set(value.values())) == 1:
        return list(value)
    return {name: format_share(share) for name, share in value.items()}


#: What a message shows: one of these words, one of the scenario's categories by its name, or
#: several of them, each with its share of the message.
Shows = Annotated[
    str | dict[str, float],
    BeforeValidator(_parse_shown),
    PlainSerializer(_write_shown, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(SHOWN_WORDS)},
                {"type": "string", "pattern": "^[a-z]"},
                {"type": "array", "items": {"type": "string", "pattern": "^[a-z]"},
                 "minItems": 2, "maxItems": MOST_NAMED, "uniqueItems": True},
                {"type": "object", "additionalProperties": {"type": ["string", "number"]},
                 "minProperties": 2, "maxProperties": MOST_NAMED},
            ],
            "x-quantity": "shows",
        }
    ),
]  # fmt: skip


class Message(Frozen):
    """One message step: what it shows and the cascade of channels that carries it."""

    shows: Shows = "generic"
    offer: Annotated[Share, Field(le=0.9)] = 0.0
    quality: Annotated[float, Field(ge=-3, le=3)] = 0.0  # creative's own logit, scenario-owned
    channels: Annotated[tuple[Name, ...], Field(min_length=1, max_length=8)]
    fallback_after: Annotated[Duration, Field(gt=0)] = 86400
    success: Literal["sent", "delivered", "opened", "clicked"] = "opened"
    not_after_order: Duration = key(
        0,
        "How long after an order the message is not sent, as far as the sending silo knows of the "
        "order under the context choice; 0 leaves nobody out.",
        kind="A",
        source="off by default",
        came_later=True,
    )
    gives: Name | None = key(
        None,
        "The offer of `brand.offers` that the message hands out.",
        without="The message hands out `offer`.",
        came_later=True,
    )
    recommends: Literal["viewed", "bought", "arrived", "liked"] | None = key(
        None,
        "Goods that the message shows, as far as the sending silo sees what it needs to know: "
        "those that the profile looked at last or bought last, or those that have arrived "
        "(`trigger: arrival`). `liked` is what the person would like best, which no brand can "
        "know: a bound for what recommending can bring.",
        without="It shows no goods, unless the strategy says which.",
        came_later=True,
    )
    service: bool = key(
        False,
        "Whether it is a message of service, about what the person has asked for or bought: it "
        'needs an address but no permission, goes out after a "stop all", and the cap neither '
        "counts nor refuses it. It can't carry an offer.",
        kind="A",
        source="off by default",
        came_later=True,
    )
    promises: Name | None = key(
        None,
        "The target of `brand.programme.targets` that the message promises: who sees it takes "
        "part.",
        without="It promises none.",
        came_later=True,
    )
    apologises: bool = key(
        False,
        "Whether it says sorry for what went wrong; what that does is in `world.recovery`. What it "
        "`gives` or its `offer` makes it dear.",
        kind="A",
        source="off by default",
        came_later=True,
    )

    retains: bool = key(
        False,
        "Whether it asks a customer for reasons to leave, and answers the very one: a call, or a "
        "message that is as personal. What that does is in `world.attrition`.",
        kind="A",
        source="off by default",
        came_later=True,
    )
    asks: ActName | None = key(
        None,
        "The act that the message asks for: who clicks it is offered that act where it leads.",
        without="It asks for none.",
        came_later=True,
    )
    incentive: Annotated[Amount, Field(ge=0)] = key(
        0.0,
        "What the brand pays for the act that the message asks for, where that is more than the "
        "channel's own incentive; of a message that `asks_reply` and asks for no act, for each "
        "answer, or for accepting its invitation.",
        kind="A",
        source="off by default",
        came_later=True,
    )

    asks_reply: bool = key(
        False,
        "Whether it asks for an answer in words, which `world.replies.asked` makes likelier.",
        kind="A",
        source="off by default",
        came_later=True,
    )

    theme: Name | None = key(
        None,
        "What it is about beside the goods: a theme of `brand.themes`, or `none`.",
        without="That of the calendar which its sender follows, of `brand.themes`; no theme where "
        "there are none.",
        came_later=True,
    )
    creative: Name | None = key(
        None,
        "Name of its text and pictures: messages of one name wear out together, see "
        "`world.creatives`. `new` is another creative at each send; one of `brand.creatives` has "
        "its quality from there.",
        without="The journey's step is one creative, whatever its channels.",
        came_later=True,
    )
    leeway: Leeway | None = key(
        None,
        "What a strategy's `decide` may choose in place of the message's own content, creative and "
        "theme.",
        without="It may choose any, and none for a message of service.",
        came_later=True,
    )

    @model_validator(mode="after")
    def _carries_one_offer(self) -> Self:
        if self.gives is not None and self.offer > 0:
            raise ValueError(f"a message has one offer: `offer` or `gives: {self.gives}`, not both")
        if self.service and (self.gives is not None or self.offer > 0):
            raise ValueError("a message of service can't carry an offer: leave one of them out")
        if self.service and self.leeway is not None:
            raise ValueError("a message of service shows what it is about: leave out leeway")
        return self

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.incentive > 0 and self.asks is None and not self.asks_reply:
            raise ValueError(
                "incentive: for what? name an act in `asks`, such as install, or set asks_reply"
            )
        return self


class Split(Frozen):
    """Go on only where the profile fits, else skip steps or leave.

    ``answered`` and ``not_answered`` ask for an open or a click that came back to the sender's
    team within `within`: who writes more to the engaged splits by it. Machine opens count too,
    since no tool tells them from a person's. ``opened``, ``clicked`` and their opposites ask for
    what came back of the journey's last message before, by now; ``replied`` and ``accepted``, and
    their opposites, for an answer to it in words. ``tier`` and ``value`` ask for what the brand's
    programme counts, ``score`` for the brand's score.
    """

    has: Literal[
        "cart", "viewed", "order", "no_order", "answered", "not_answered", "bad_survey",
        "opened", "not_opened", "clicked", "not_clicked", "tier", "not_tier", "value", "not_value",
        "opened", "not_opened", "clicked", "not_clicked",
        "replied", "not_replied", "accepted", "not_accepted", "score", "not_score",
    ]  # fmt: skip
    within: Annotated[Duration, Field(gt=0)] = key(
        30 * 86400,
        "How recent the answer must be that `answered` asks for, or that to a survey; other "
        "splits don't use it.",
        kind="A",
        source="months are what mail tools offer, and REES46's tables use 30 days",
        came_later=True,
    )
    tier: Name | None = key(
        None,
        "The lowest tier that `tier` asks for.",
        without="It asks for any of them.",
        came_later=True,
    )
    at_least: Annotated[Amount, Field(ge=0)] = key(
        0.0,
        "What the profile must have paid in all for `value`, as far as the sender's team sees it; "
        "other splits don't use it.",
        kind="A",
        source="none",
        came_later=True,
    )
    score: Annotated[float, Field(gt=0, le=MOST_SCORE)] | None = key(
        None,
        "The least score that `score` asks for, by `brand.score`, as the sender's team sees it.",
        unit="points",
        without="It must be given with `score` and `not_score`; other splits have none.",
        came_later=True,
    )
    otherwise: Literal["exit", "skip"] = "exit"
    skip: Annotated[int, Field(ge=1, le=16)] = 1

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> Self:
        if self.tier is not None and self.has not in ("tier", "not_tier"):
            raise ValueError(f"tier: {self.tier}: for `has: tier` alone, and this is {self.has}")
        if self.at_least > 0 and self.has not in ("value", "not_value"):
            raise ValueError(f"at_least: for `has: value` alone, and this is {self.has}")
        if self.at_least == 0 and self.has in ("value", "not_value"):
            raise ValueError("value: of how much? write `at_least`, such as 100")
        asks = self.has in ("score", "not_score")
        if self.score is not None and not asks:
            raise ValueError(f"score: for `has: score` alone, and this is {self.has}")
        if self.score is None and asks:
            raise ValueError(f"{self.has}: of how much? write `score`, such as 10")
        return self


class WaitFor(Frozen):
    """Hold the copy until an event is seen, at most `up_to`."""

    event: Event
    up_to: Annotated[Duration, Field(gt=0)]
    otherwise: Literal["continue", "exit"] = "continue"


class Step(Frozen):
    """One node of a journey; exactly one of the keys, and maybe the arm of a test it is of."""

    delay: Annotated[Duration, Field(gt=0)] | None = None
    message: Message | None = None
    wait_for: WaitFor | None = None
    split: Split | None = None
    cohort: Share | None = None
    exit: Literal[True] | None = None
    arm: Arm | None = key(
        None,
        "The arm of a split test that the step belongs to: whoever fell into another arm passes it "
        "over.",
        without="All walk it.",
        came_later=True,
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        nodes = [k for k in type(self).model_fields if k != "arm"]
        given = [k for k in nodes if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError(
                "a step has exactly one of delay, message, wait_for, split, cohort, exit"
            )
        return self


class Journey(Frozen):
    """A flow that a trigger enters: steps, the events that end it, the silos it runs over."""

    name: Name
    trigger: Trigger
    sequence: Annotated[tuple[Name, ...], Field(min_length=1)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=32)]
    until: tuple[Event, ...] = ()
    cooldown: Duration = 0
    weekday: Weekday = 1  # of a weekly trigger, Monday is 0
    at: Clock = 36000
    day: Annotated[int, Field(ge=0, le=3650)] = key(
        0,
        "The day on which a journey that runs once enters profiles: 0 is the first day of the "
        "measured window.",
        unit="day of the window",
        kind="A",
        came_later=True,
    )
    priority: Annotated[int, Field(ge=-1000, le=1000)] = key(
        0,
        "How important the journey's messages are: higher is more important. Under the frequency "
        "cap a message leaves room for those of higher priority that are due to the same profile "
        "within the cap's period. Journeys may have the same priority.",
        unit="rank, no unit",
        kind="A",
        came_later=True,
    )
    arrival: Arrival | None = key(
        None,
        "With `trigger: arrival`: the goods whose arrival it waits for, and who is told.",
        without="With that trigger all goods, and all who looked at or bought something like them.",
        came_later=True,
    )
    from_day: Annotated[int, Field(ge=0, le=3650)] = key(
        0,
        "The first day on which it enters profiles: 0 is from the start, burn-in too.",
        unit="day of the window",
        kind="A",
        came_later=True,
    )
    to_day: Annotated[int, Field(ge=0, le=3650)] | None = key(
        None,
        "The last day on which it does. Who is in it goes on.",
        unit="day of the window",
        without="It never ends.",
        came_later=True,
    )
    near: Near | None = key(
        None,
        "With `trigger: near`: which place, how near, for how long, and how long before it closes.",
        without="Only a journey with that trigger has it.",
        came_later=True,
    )
