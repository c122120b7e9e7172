"""The multichannel of the textbooks: every team sends its own calendar, whatever customers do."""

from __future__ import annotations

from typing import Final

from omnilab.strategy import Brand, Journey, Message, Plan, Step

__all__ = ["FixedBlasts"]

DAY_S: Final = 86_400
WEEK_DAYS: Final = 7
#: What a message shows of the person; a calendar knows nobody.
PERSONAL: Final = ("cart", "viewed", "bought")
ON_CALENDAR: Final = ("weekly", "once")


class FixedBlasts:
    """Every channel's team sends its own calendar to everybody, and reacts to nothing.

    Many channels, one message for all, on fixed days: nobody looks at what the customer did, on
    the own channel or on another. It is what textbooks call multichannel, and what a marketing
    department does that has a plan of campaigns and no data. `multichannel` is the other reading:
    there each team reacts to what it sees itself.

    The scenario's journeys that go by the calendar stay, without what looks at the customer:
    splits, waits, events that end them, fallbacks, buyers left out, one's own cart. Each channel
    that none of these begins with sends a generic message ``per_week`` times a week at 10:00, the
    first channel from Monday on, the next from Tuesday on.

    Parameters
    ----------
    per_week
        Blasts of each channel a week, 1 to 7. A choice, not a fact: try several.
    """

    name = "fixed_blasts"

    def __init__(self, per_week: int = 1) -> None:
        if not 1 <= per_week <= WEEK_DAYS:
            raise ValueError(f"per_week: 1 to {WEEK_DAYS}, not {per_week}")
        self.per_week = per_week

    def plan(self, brand: Brand) -> Plan:
        """Return the calendars, each team by itself.

        Raises
        ------
        ValueError
            Where no channel sends messages: it would be `search_only`.
        """
        writing = [c for c in brand.channels if c.messages]
        if not writing:
            raise ValueError("no channel here sends messages, so nothing is blasted: leave it out")
        own = tuple(blind(j) for j in brand.journeys if _is_calendar(j))
        busy = {step.message.channels[0] for j in own for step in j.steps if step.message}
        teams = tuple(
            self._calendar(channel.name, channel.silo, number)
            for number, channel in enumerate(writing)
            if channel.name not in busy
        )
        return Plan(journeys=own + teams, cap=brand.cap)

    def _calendar(self, channel: str, silo: str, number: int) -> Journey:
        """Return one channel's week, its first day by the channel's number."""
        blast = Step(message=Message(shows="generic", channels=(channel,), success="sent"))
        pause = Step(delay=WEEK_DAYS * DAY_S // self.per_week)
        steps = (blast, *(pause, blast) * (self.per_week - 1))
        return Journey(
            name=f"calendar_{channel}", trigger="weekly", sequence=(silo,), steps=steps,
            weekday=number % WEEK_DAYS, at="10:00",
        )  # fmt: skip


def _is_calendar(journey: Journey) -> bool:
    return journey.trigger in ON_CALENDAR and any(step.message for step in journey.steps)


def blind(journey: Journey) -> Journey:
    """Return a journey of the calendar without what looks at the customer."""
    kept = (step for step in journey.steps if not (step.split or step.wait_for))
    steps = tuple(_loud(step) for step in kept)
    return journey.model_copy(update={"until": (), "steps": steps})


def _loud(step: Step) -> Step:
    """Return a step whose message is the same for all, and is sent once."""
    message = step.message
    if message is None:
        return step
    shows = "generic" if message.shows in PERSONAL else message.shows
    same = {"shows": shows, "success": "sent", "not_after_order": 0}
    return step.model_copy(update={"message": message.model_copy(update=same)})
