"""What is wrong with a journey's steps: branches never taken, ads as messages of service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnilab.scenario.channels import Channel, MessageSide
    from omnilab.scenario.journeys import Journey, Message

__all__ = ["steps_problem"]


def steps_problem(
    journey: Journey, channels: Sequence[Channel]
) -> tuple[tuple[str | int, ...], str] | None:
    """Return the place and the sentence of a branch never taken, or of an ad for service; or None.

    Parameters
    ----------
    journey
        One of the scenario's, or of a plan's.
    channels
        Of the scenario.
    """
    of = {c.name: c.message for c in channels if c.message is not None}
    before: Message | None = None
    for k, step in enumerate(journey.steps):
        if step.message is not None:
            before = step.message
            ads = [c for c in before.channels if c in of and of[c].ad]
            if before.service and ads:
                return ("steps", k, "message", "channels"), (
                    f"{ads[0]!r} shows ads, and an ad is no message of service: leave it out"
                )
        has = step.split.has.removeprefix("not_") if step.split is not None else ""
        if has not in ("opened", "clicked", "replied", "accepted"):
            continue
        if before is None:
            return ("steps", k, "split", "has"), (
                f"no message comes before it that could be {has}: this branch is never taken"
            )
        sides = [of[c] for c in before.channels if c in of]
        if has in ("replied", "accepted"):
            if sides and not any(_answers(side, has) for side in sides):
                right = [name for name, side in of.items() if _answers(side, has)]
                return ("steps", k, "split", "has"), (
                    f"no message over {', '.join(before.channels)} can be {has}, so this branch is"
                    f" never taken; {_instead(right, has)}"
                )
            continue
        rate = "open" if has == "opened" else "click"
        if sides and not any(_can_come_back(side, rate) for side in sides):
            return ("steps", k, "split", "has"), (
                f"none of the channels of the message before ({', '.join(before.channels)}) is"
                f" ever {has}: this branch is never taken"
            )
    return None


def _answers(side: MessageSide, has: str) -> bool:
    """Tell whether a channel's messages can be replied to, or are invitations."""
    return side.reply > 0 and (side.invites is not None) == (has == "accepted")


def _instead(right: Sequence[str], has: str) -> str:
    if right:
        return f"those over {', '.join(right)} can"
    key = "reply" if has == "replied" else "reply and invites"
    return f"no channel has {key} in its `message` side"


def _can_come_back(side: MessageSide, rate: str) -> bool:
    """Tell whether opens, or clicks, of a channel's messages can come back."""
    machine = side.machine_opens if rate == "open" else side.scanner_clicks
    return getattr(side, rate) > 0 or machine > 0
