"""Acts that a channel offers to its visitors, and what a scenario's acts need of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import Field

from omnilab.errors import nearest
from omnilab.log.act_kinds import ACT_KINDS, ACTS
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Amount, Name, Share
from omnilab.scenario.part import Frozen

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Message
    from omnilab.scenario.model import Channel, Scenario

__all__ = ["MAX_ACTS", "MOST_THINGS", "Act", "ActName", "acts_problem", "ask_problem", "things_of"]

Problem = tuple[tuple[str | int, ...], str] | None
MAX_ACTS = len(ACTS) + 2  # of a channel, one of each kind, and two more things to request
MOST_THINGS = 7  # that persons may request, each a bit of a byte

if TYPE_CHECKING:
    ActName: TypeAlias = str
else:
    ActName = Literal[ACTS]

_STARTS = {kind.name for kind in ACT_KINDS if kind.starts}


class Act(Frozen):
    """Something that visitors of a channel may do by which the brand can reach or know them."""

    act: ActName = key(
        ...,
        "leave_address, follow, install (the app), join (the loyalty programme), request (a call "
        "or a quote, a lead) or log_in.",
    )
    thing: Name | None = key(
        None,
        "What is asked for, of request: a `call` and a `quote` are two things, and who has asked "
        "for one about a need may ask for the other.",
        without="All requests are for the same.",
        came_later=True,
    )
    at: Literal["visit", "message"] = key(
        "visit",
        "Who is offered it: each visitor, or only who comes by a message that `asks` for it.",
        kind="A",
    )
    base: Annotated[Share, Field(gt=0, lt=1)] = key(
        ...,
        "Chance at one visit, of a person who has noticed no need, whom no message asked, without "
        "an incentive, and without good or bad experiences. See `world.acts`.",
    )
    allows: tuple[Name, ...] = key(
        (),
        "Channels that may write to the person since. Their addresses are handed over.",
        without="No permission is given.",
    )
    opens: tuple[Name, ...] = key(
        (),
        "Channels that the person can go to since: those of the app that is installed.",
        without="None is.",
    )
    carries: Name | None = key(
        None,
        "Silo that the card or account is carried to, as for `identifiers`: of join and log_in.",
        without="It is known in the channel's silo.",
    )
    incentive: Annotated[Amount, Field(ge=0)] = key(
        0.0,
        "What the brand pays for the act: a gift, a free drink. It is a cost.",
        kind="A",
        source="off by default",
        swept=("0 EUR", "10 EUR"),
    )
    points: Annotated[int, Field(ge=0, le=1_000_000)] = key(
        0, "Loyalty points that the act brings.", unit="points", kind="A", source="off by default"
    )
    offer: Annotated[Share, Field(le=0.9)] = key(
        0.0,
        "Part off the next order that the act brings, for `world.response.offer_lasts`.",
        kind="A",
        source="off by default",
    )


def acts_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong with acts, or None."""
    for n, channel in enumerate(scenario.channels):
        for k, act in enumerate(channel.acts):
            if problem := _of_act(scenario, channel, act, channel.acts[:k]):
                return ("channels", n, "acts", k, *problem[0]), problem[1]
    if len(things_of(scenario.channels)) > MOST_THINGS:
        last = [n for n, c in enumerate(scenario.channels) if any(a.thing for a in c.acts)][-1]
        return ("channels", last, "acts"), f"at most {MOST_THINGS} things can be requested"
    offered = _offered(scenario.channels)
    for n, journey in enumerate(scenario.brand.journeys):
        at = ("brand", "journeys", n)
        if journey.trigger in _STARTS and journey.trigger not in offered:
            return (*at, "trigger"), (
                f"nothing can set it off: no channel offers the act {journey.trigger!r}; add it to"
                f" the `acts` of a channel{_instead(offered & _STARTS)}"
            )
        for k, step in enumerate(journey.steps):
            if step.message and (wrong := ask_problem(step.message, scenario.channels)):
                return (*at, "steps", k, "message", "asks"), wrong
    return None


def ask_problem(message: Message, channels: Sequence[Channel]) -> str:
    """Return what is wrong with what a message asks for, or nothing."""
    if message.asks is None:
        return ""
    by_name = {c.name: c for c in channels}
    writing = (by_name[name].message for name in message.channels if name in by_name)
    places = {side.landing: by_name[side.landing] for side in writing if side is not None}
    if any(act.act == message.asks for place in places.values() for act in place.acts):
        return ""
    where = [c.name for c in channels if any(a.act == message.asks for a in c.acts)]
    if not where:
        return f"no channel offers the act {message.asks!r}; add it to the `acts` of one"
    leads = " and ".join(sorted(places)) or "nowhere"
    return (
        f"the message leads to {leads}, which {'do' if len(places) > 1 else 'does'} not offer"
        f" {message.asks!r}; {' and '.join(where)} {'does' if len(where) == 1 else 'do'}"
    )


def things_of(channels: Sequence[Channel]) -> list[str | None]:
    """Return what persons may request, by its number; without a `thing` it is None."""
    asked = [act.thing for c in channels for act in c.acts if act.act == "request"]
    return list(dict.fromkeys(asked))


def _offered(channels: Sequence[Channel]) -> set[str]:
    return {act.act for channel in channels for act in channel.acts}


def _instead(offered: set[str]) -> str:
    return f", or start it at {' or '.join(sorted(offered))}" if offered else ""


def _of_act(scenario: Scenario, channel: Channel, act: Act, before: Sequence[Act]) -> Problem:
    kind = ACT_KINDS[ACTS.index(act.act)]
    if channel.visit is None:
        return (), "nobody comes here who could do it; give the channel a `visit` side"
    if act.thing is not None and act.act != "request":
        return ("thing",), f"only request is for a thing, not {act.act!r}"
    if any((other.act, other.thing) == (act.act, act.thing) for other in before):
        other = "; write one of them"
        if act.act == "request":
            other = ", for the same; write one of them, or give each a `thing`"
        return ("act",), f"the channel has {act.act!r} twice{other}"
    if kind.needs and not getattr(act, kind.needs):
        which = "channel that may write since" if kind.needs == "allows" else "app's channel"
        return (), f"{act.act!r} needs `{kind.needs}`: the {which}"
    if act.carries is not None:
        if not kind.gives:
            return ("carries",), f"only join and log_in show what could be carried, not {act.act!r}"
        if act.carries not in scenario.silos:
            return (
                "carries",
            ), f"unknown silo {act.carries!r}{_nearest(act.carries, scenario.silos)}"
    if act.points > 0 and scenario.brand.loyalty.card == 0:
        return ("points",), "there is no loyalty card to book them on: set brand.loyalty.card"
    return next(_names(scenario, act), None)


def _names(scenario: Scenario, act: Act) -> Iterator[Problem]:
    for field, side in (("allows", "message"), ("opens", "visit")):
        right = [c.name for c in scenario.channels if getattr(c, side) is not None]
        if field == "allows":
            ads = {c.name for c in scenario.channels if c.message and c.message.ad}
            right = [name for name in right if name not in ads]
        for k, name in enumerate(getattr(act, field)):
            if name not in right:
                yield (
                    (field, k),
                    (
                        f"no channel {name!r} that has a `{side}` side"
                        f"{' and shows no ads' if field == 'allows' else ''}{_nearest(name, right)}"
                    ),
                )


def _nearest(name: str, right: Sequence[str]) -> str:
    return nearest(name, right) or (f"; there are {', '.join(right)}" if right else "")
