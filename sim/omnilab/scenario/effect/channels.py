"""Channels: nobody can be reached over them, or a key of theirs is never read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from omnilab.scenario.budget_check import auction_of

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.effect.look import Look
    from omnilab.scenario.model import Channel

__all__ = ["channel_findings"]

NEVER_WINS: Final = 5.0  # standard deviations: one in three million is won


def channel_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield what has no effect in ``channels`` and in what personas say of channels."""
    for n, channel in enumerate(look.scenario.channels):
        if channel.message:
            yield from _messages(look, n, channel)
        if channel.visit:
            yield from _visits(look, n, channel)
        yield from _bids(look, n, channel)
    yield from _personas(look)
    yield from _searches(look)
    silos = look.scenario.silos
    if len(silos) == 1 and len(look.scenario.channels) > 1:
        yield look.at(
            ("channels",),
            f"all channels are in the one silo {silos[0]!r}: strategies that differ only in what "
            "silos share do the same; give each team's channels a silo of their own",
        )


def _messages(look: Look, n: int, channel: Channel) -> Iterator[ScenarioError]:
    message = channel.message
    assert message is not None
    at = ("channels", n)
    if channel.visit is None and not any(look.reach_of(channel)):
        yield look.at(
            at,
            "nobody can be reached: `reach` is 0 for every persona, of this channel or of the "
            "place in its silo",
        )
    elif message.delivered == 0:
        yield look.at(at, "nobody can be reached: `delivered` is 0, so no message arrives")
    elif message.address == "cookie":
        places = [c for c in look.scenario.channels if c.visit]
        shown = (x for c in places for x in c.visit.identifiers if c.visit)  # type: ignore[union-attr]
        if not any(x.type == "cookie" and x.share > 0 for x in shown):
            yield look.at(
                at,
                "nobody can be reached: it needs the address 'cookie' and no channel shows one; "
                "add `{type: cookie, share: 100%}` to the identifiers of a channel with a visit",
            )
    elif (
        message.signs_up + message.signs_up_visit <= 0
        and not _allowed(look, channel)
        and not any(channel.name in act.allows for c in look.scenario.channels for act in c.acts)
        and not any(channel.name in upload.allows for upload in look.scenario.brand.crm)
        and not any(c.message and c.message.invites == channel.name for c in look.scenario.channels)
    ):
        yield look.at(
            at,
            "nobody can be reached: nobody has allowed it at the start and nobody allows it "
            "later; set `opt_in` or `signs_up`",
        )
    unused = look.scenario.brand.journeys and channel.name not in look.sent_over
    if unused and (channel.visit is None or look.wrote((*at, "message"))):
        yield look.at(at, "no journey's message uses this channel; a strategy's plan may")
    for name in ("seen_at_work", "seen_out"):
        if look.wrote((*at, "message", name)) and not look.scenario.places:
            yield look.at((*at, "message", name), "nobody is anywhere: there are no `places`")
    path = (*at, "message", "half_life")
    if message.looks_again == 0 and look.wrote(path):
        yield look.at(path, "nobody looks again at its messages: `looks_again` is 0")
    if message.looks_again > 0 and message.open == 0 and look.wrote((*at, "message")):
        path = (*at, "message", "looks_again")
        yield look.at(path, "nobody sees its messages a first time: `open` is 0")
    yield from _overridden(look, n, channel, "message", "opt_in")


def _allowed(look: Look, channel: Channel) -> bool:
    """Tell whether anybody may be written to over the channel at the start."""
    assert channel.message is not None
    opt_in = look.persona_share("opt_in", channel.name)
    return any(
        (channel.message.opt_in if allowed is None else allowed) > 0 and there > 0
        for allowed, there in zip(opt_in, look.reach_of(channel), strict=True)
    )


def _visits(look: Look, n: int, channel: Channel) -> Iterator[ScenarioError]:
    visit = channel.visit
    assert visit is not None
    at = ("channels", n, "visit")
    if not any(look.reach_of(channel)):
        yield look.at(at, "nobody can go there: `reach` is 0 for every persona")
    yield from _overridden(look, n, channel, "visit", "reach")
    asked = {
        step.message.asks
        for journey in look.scenario.brand.journeys
        for step in journey.steps
        if step.message
    }
    for k, act in enumerate(channel.acts):
        if act.at == "message" and act.act not in asked:
            yield look.at(
                ("channels", n, "acts", k),
                f"nobody is offered it: no journey's message `asks` for {act.act!r}",
            )
    for device in ("phone", "tablet"):
        path = (*at, f"{device}_logit")
        if look.wrote(path) and not visit.devices:
            yield look.at(
                path, f"it acts only where `devices` is true: else no visit is made by {device}"
            )
        elif device == "tablet" and look.wrote(path) and not _tablets(look):
            yield look.at(path, "no persona has a `tablet`")
    if visit.closes <= visit.opens and look.wrote((*at, "closes")):
        yield look.at(
            (*at, "closes"),
            "not after `opens`, so the place closes at midnight; a night can't be spanned",
        )


def _bids(look: Look, n: int, channel: Channel) -> Iterator[ScenarioError]:
    """Find bids that are so far below the others' that they never win."""
    auction = auction_of(channel)
    if auction is None:
        return
    side = "message" if channel.message is not None else "search"
    far = math.log(auction.bid / auction.rivals)
    if far < -NEVER_WINS * auction.spread:
        yield look.at(
            ("channels", n, side, "auction", "bid"),
            f"never wins: {auction.bid:g} is below what others bid (`rivals`, median "
            f"{auction.rivals:g}, `spread` {auction.spread:g})",
        )


def _tablets(look: Look) -> bool:
    return any(persona.tablet > 0 for persona in look.scenario.population.personas)


def _overridden(
    look: Look, n: int, channel: Channel, side: str, key: str
) -> Iterator[ScenarioError]:
    """Find a share of the channel that every persona replaces by one of its own."""
    path = ("channels", n, side, key)
    if look.wrote(path) and None not in look.persona_share(key, channel.name):
        yield look.at(path, f"every persona has a `{key}` of its own for {channel.name!r}")


def _personas(look: Look) -> Iterator[ScenarioError]:
    by_name = {c.name: c for c in look.scenario.channels}
    for n, persona in enumerate(look.scenario.population.personas):
        at = ("population", "personas", n)
        if persona.share == 0:
            yield look.at(at, "no customer is of this persona: its share is 0")
        for name in persona.prefers:
            if by_name[name].visit is None:
                text = f"{name!r} has no `visit`, and people choose only where to go"
                yield look.at((*at, "prefers", name), text)
        for name in persona.opt_in:
            if by_name[name].message is None:
                text = f"{name!r} has no `message`, so there is nothing to allow"
                yield look.at((*at, "opt_in", name), text)


def _searches(look: Look) -> Iterator[ScenarioError]:
    searches = [(n, c) for n, c in enumerate(look.scenario.channels) if c.search]
    for n, _ in searches[1:]:
        yield look.at(
            ("channels", n, "search"),
            f"only the first search channel is used, {searches[0][1].name!r}",
        )
