"""Journeys: they can't start, can't be stopped by what they name, or have steps nobody reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from omnilab.parameters.quantity import format_duration
from omnilab.scenario.effect.known import walk
from omnilab.scenario.effect.look import listed
from omnilab.scenario.programme import tiers_of

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.effect.look import Look, Path
    from omnilab.scenario.model import Journey

__all__ = ["journey_findings", "silos_of"]

DAY = 86400


def journey_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield what has no effect in ``brand.journeys``."""
    journeys = look.scenario.brand.journeys
    if not journeys:
        path: Path = ("brand", "journeys") if look.wrote(("brand", "journeys")) else ("brand",)
        yield look.at(
            path, "there are no journeys, so no strategy sends a message and all of them do the "
            "same; add some, such as the presets welcome, browse and cart",
        )  # fmt: skip
    for n, journey in enumerate(journeys):
        at = ("brand", "journeys", n)
        yield from _trigger(look, at, journey)
        for event in journey.until:
            yield from _event(look, (*at, "until"), journey, event, "never stops it")
        yield from _steps(look, at, journey)
        yield from _unread(look, at, journey)


def silos_of(look: Look, journey: Journey) -> set[str]:
    """Return the silos that a journey's copy can belong to or look at: sequence and senders."""
    senders = {
        look.silo_of[name] for s in journey.steps if s.message for name in s.message.channels
    }
    return {*journey.sequence, *senders}


def _trigger(look: Look, at: Path, journey: Journey) -> Iterator[ScenarioError]:
    if journey.trigger in ("weekly", "once"):
        return
    path = (*at, "trigger") if look.wrote((*at, "trigger")) else at
    sees = look.sees[journey.trigger]
    own = silos_of(look, journey)
    if not sees:
        yield look.at(path, f"no silo can see its trigger {journey.trigger!r}: it never starts")
    elif not sees & own:
        yield look.at(
            path,
            f"none of its silos ({listed(own)}) sees its trigger {journey.trigger!r}, which "
            f"{listed(sees)} can see: only a strategy that shares triggers over all silos can "
            f"start it; add one of them to `sequence`",
        )


def _event(
    look: Look, path: Path, journey: Journey, event: str, so: str
) -> Iterator[ScenarioError]:
    sees = look.sees[event]
    own = silos_of(look, journey)
    if not sees:
        yield look.at(path, f"nobody can see {event!r}, so it {so}")
    elif not sees & own:
        yield look.at(
            path,
            f"none of its silos ({listed(own)}) sees {event!r}, which {listed(sees)} can see: it "
            f"{so} but under a strategy that shares stops over all silos",
        )


def _steps(look: Look, at: Path, journey: Journey) -> Iterator[ScenarioError]:
    """Find steps that can't be reached, waits for nothing, and messages after the run's end."""
    if not any(step.message for step in journey.steps):
        yield look.at((*at, "steps"), "it has no `message`, so it sends nothing")
    time = look.scenario.time
    last = time.burn_in + time.window
    starts = time.burn_in + journey.day * DAY if journey.trigger == "once" else 0
    waited, late = 0, False
    walked = walk(journey, tiers_of(look.scenario))
    for k, step in enumerate(journey.steps):
        path = (*at, "steps", k)
        if k not in walked.reached:
            if not walked.blocked:
                yield look.at(path, "nobody gets here: the step before ends the journey for all")
            return
        if step.split and k in walked.blocked:
            yield look.at(
                (*path, "split"),
                f"nobody passes it: who gets here {walked.blocked[k]}, and `{step.split.has}`"
                " contradicts that",
            )
        elif k == 0 and step.split and step.split.has == "no_order" and journey.trigger == "order":
            text = "nobody passes it: its trigger is an order, so every profile has one"
            yield look.at((*path, "split"), text)
        if step.delay and step.arm is None:
            waited += step.delay
        if step.cohort == 1:
            yield look.at((*path, "cohort"), "all go on, so it does nothing")
        if step.wait_for:
            yield from _event(
                look, (*path, "wait_for"), journey, step.wait_for.event, "always waits to the end"
            )
        if (
            step.split
            and step.split.otherwise == "skip"
            and k + step.split.skip >= len(journey.steps)
        ):
            yield look.at((*path, "split"), "it skips beyond the last step, which is an exit")
        if step.message and step.message.creative and look.wrote((*path, "message", "creative")):
            creatives = look.scenario.world.creatives
            if creatives.novelty == 0 and creatives.wear == 0:
                yield look.at(
                    (*path, "message", "creative"),
                    "no creative wears out: `world.creatives.novelty` and `.wear` are 0",
                )
        if (
            step.message
            and step.message.asks_reply
            and not any(
                c.message and c.message.reply > 0 and c.name in step.message.channels
                for c in look.scenario.channels
            )
        ):
            yield look.at(
                (*path, "message", "asks_reply"), "nobody can answer: its channels have no `reply`"
            )
        if step.message and starts + waited >= last and not late:
            late = True
            of = " (burn_in and window)" if not starts else ", the end of the window"
            yield look.at(
                path,
                f"never sent: it comes {format_duration(waited)} after the trigger at the "
                f"earliest, and messages end after {format_duration(last - starts)}{of}",
            )


def _unread(look: Look, at: Path, journey: Journey) -> Iterator[ScenarioError]:
    """Find keys that only a journey by the calendar reads, and a cooldown that it never needs."""
    if journey.trigger != "weekly" and look.wrote((*at, "weekday")):
        yield look.at((*at, "weekday"), "only a journey with `trigger: weekly` has a weekday")
    if journey.trigger not in ("weekly", "once", "arrival") and look.wrote((*at, "at")):
        yield look.at(
            (*at, "at"), "only a journey with `trigger: weekly`, `once` or `arrival` has an hour"
        )
    if journey.trigger != "once" and look.wrote((*at, "day")):
        yield look.at((*at, "day"), "only a journey with `trigger: once` has a day")
    if journey.trigger == "once":
        if journey.cooldown and look.wrote((*at, "cooldown")):
            yield look.at((*at, "cooldown"), "it starts once anyway")
    elif (
        journey.trigger == "weekly"
        and 0 < journey.cooldown <= 7 * DAY
        and look.wrote((*at, "cooldown"))
    ):
        yield look.at((*at, "cooldown"), "it starts once a week anyway")
    if look.scenario.brand.cap is None and look.wrote((*at, "priority")):
        yield look.at((*at, "priority"), "it acts only under a frequency cap, and there is none")
