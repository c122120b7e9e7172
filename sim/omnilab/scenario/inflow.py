"""By which channels newcomers come to know the brand: what is wrong with `population.entry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.errors import nearest
from omnilab.parameters.quantity import format_duration

if TYPE_CHECKING:
    from omnilab.scenario.channels import Channel
    from omnilab.scenario.model import Scenario

__all__ = ["inflow_problem", "landing_of_way"]


def landing_of_way(channel: Channel) -> str:
    """Return the channel of the first visit of who enters by ``channel``: a search leads on."""
    if channel.visit is None and channel.search is not None:
        return channel.search.landing
    return channel.name


def inflow_problem(scenario: Scenario) -> tuple[tuple[str | int, ...], str] | None:
    """Return the place and the sentence of what is wrong with ``population.entry``, or None."""
    entry = scenario.population.entry
    if entry is None:
        return None
    time = scenario.time
    if not entry.by:
        if entry.over > time.window:
            return ("population", "entry", "over"), "longer than the window"
        return None
    most = time.burn_in + time.window
    if entry.after + entry.over > most:
        return ("population", "entry", "over"), (
            f"people would enter until {format_duration(entry.after + entry.over)} after the start,"
            f" and burn-in and window end at {format_duration(most)}: at most"
            f" {format_duration(max(most - entry.after, 0))} here"
        )
    channels = {c.name: c for c in scenario.channels}
    sells = [c.name for c in scenario.channels if c.visit and c.visit.completes > 0]
    valid = [c.name for c in scenario.channels if landing_of_way(c) in sells]
    for name in entry.by:
        if problem := _channel_problem(name, channels, valid):
            return ("population", "entry", "by", name), problem
    return None


def _channel_problem(name: str, channels: dict[str, Channel], valid: list[str]) -> str:
    """Return what keeps newcomers from entering by a channel, "" where nothing does."""
    if name in valid:
        return ""
    there = f"people can enter by {', '.join(valid)}"
    if name not in channels:
        return f"unknown channel {name!r}{nearest(name, list(channels))}; {there}"
    channel = channels[name]
    if channel.visit is None and channel.message is not None:
        return f"nobody visits {name!r}; name the channel it leads to, {channel.message.landing!r}"
    return f"nothing is sold at {landing_of_way(channel)!r} (`completes` is 0); {there}"
