"""The frequency cap: find one that no profile can ever reach."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from omnilab.parameters.quantity import format_duration

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.effect.look import Look
    from omnilab.scenario.model import Journey

__all__ = ["cap_findings", "most_sends"]

WEEK = 7 * 86400


def cap_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield a finding where the user's cap is above what all journeys could send."""
    yield from _ads_findings(look)
    cap = look.scenario.brand.cap
    path = ("brand", "cap")
    if cap is None or not look.wrote(path) or not look.scenario.brand.journeys:
        return
    free = frozenset() if look.scenario.brand.cap_counts_ads else _ads(look)
    if any(plan.capped for plan in look.beside):
        return  # no plan may raise it, so it is looser than theirs on purpose
    most = 0
    for journeys in (look.scenario.brand.journeys, *(plan.journeys for plan in look.beside)):
        sends = [most_sends(journey, cap.per, free) for journey in journeys]
        known = [n for n in sends if n is not None]
        if len(known) < len(sends):
            return
        most = max(most, sum(known))  # not the sum of all: no two plans run together
    if most <= cap.messages:
        other = "" if look.beside else "; a strategy's plan that sends more may reach it"
        yield look.at(
            path,
            f"never binding: all journeys together send a profile at most {_counted(most)} "
            f"in {format_duration(cap.per)}, and {cap.messages} are allowed{other}",
        )


def _ads_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield a finding where nothing hangs on whether the cap counts ads."""
    path = ("brand", "cap_counts_ads")
    if not look.wrote(path):
        return
    if look.scenario.brand.cap is None:
        yield look.at(path, "it says what a frequency cap counts, and there is none")
    elif not _ads(look):
        yield look.at(path, "no channel has `ad: true`")


def _ads(look: Look) -> frozenset[str]:
    return frozenset(c.name for c in look.scenario.channels if c.message and c.message.ad)


def most_sends(journey: Journey, per_s: int, free: Set[str] = frozenset()) -> int | None:
    """Return a bound of a journey's sends to one profile within a period, None without a bound.

    Copies of a journey start at least a cooldown apart, weekly ones a week. One that started
    before the period may still send in it. Each cascade may try all of its channels.

    Parameters
    ----------
    journey
        A journey of the scenario.
    per_s
        The period, seconds.
    free
        Channels that the cap does not count.
    """
    messages = [step.message for step in journey.steps if step.message]
    counted = sum(len(set(m.channels) - free) for m in messages)
    if not messages:
        return 0
    if journey.trigger == "once":
        return counted
    apart = max(journey.cooldown, WEEK if journey.trigger == "weekly" else 0)
    if apart == 0:
        return None
    length = sum(step.delay or 0 for step in journey.steps)
    length += sum(step.wait_for.up_to for step in journey.steps if step.wait_for)
    length += sum(len(m.channels) * m.fallback_after for m in messages)
    length += 86400 * len(messages)  # held for quiet hours
    copies = (per_s + length) // apart + 1
    return copies * counted


def _counted(messages: int) -> str:
    return f"{messages} message{'' if messages == 1 else 's'}"
