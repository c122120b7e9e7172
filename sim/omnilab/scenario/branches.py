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
        if has not in ("opened", "clicked"):
            continue
        if before is None:
            return ("steps", k, "split", "has"), (
                f"no message comes before it that could be {has}: this branch is never taken"
            )
        sides = [of[c] for c in before.channels if c in of]
        rate = "open" if has == "opened" else "click"
        if sides and not any(_can_come_back(side, rate) for side in sides):
            return ("steps", k, "split", "has"), (
                f"none of the channels of the message before ({', '.join(before.channels)}) is"
                f" ever {has}: this branch is never taken"
            )
    return None


def _can_come_back(side: MessageSide, rate: str) -> bool:
    """Tell whether opens, or clicks, of a channel's messages can come back."""
    machine = side.machine_opens if rate == "open" else side.scanner_clicks
    return getattr(side, rate) > 0 or machine > 0
