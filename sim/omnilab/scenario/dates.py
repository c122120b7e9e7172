"""Days of the measured window between which something holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from omnilab.scenario.calendar import Time
    from omnilab.scenario.journeys import Journey

__all__ = ["days_problem", "journey_days_problem", "seconds_of"]

DAY: Final = 86400
FOR_GOOD: Final = 1 << 62  # seconds, behind the end of any run


def seconds_of(time: Time, first: int, last: int | None) -> tuple[int, int]:
    """Return the first and the last second of some days of the window.

    What has no first day of its own holds in the burn-in, too, and what has no last one for good.
    """
    begins = time.burn_in + first * DAY if first > 0 else 0
    return begins, FOR_GOOD if last is None else time.burn_in + (last + 1) * DAY - 1


def days_problem(time: Time, first: int, last: int | None) -> tuple[str, str] | None:
    """Return the key and the sentence of days that can't be, or None."""
    days = time.window // DAY
    if last is not None and last < first:
        return "to_day", f"{last} is before from_day, {first}: no day is left"
    for name, day in (("from_day", first), ("to_day", last)):
        if day is not None and day >= max(days, 1):
            return name, f"day {day} is after the window, whose last day is {max(days, 1) - 1}"
    return None


def journey_days_problem(time: Time, journey: Journey) -> tuple[str, str] | None:
    """Return the key and the sentence of a journey's days that can't be, or None."""
    if wrong := days_problem(time, journey.from_day, journey.to_day):
        return wrong
    if journey.trigger != "once":
        return None
    last = max(time.window // DAY, 1) - 1
    if journey.day > last:
        return "day", f"day {journey.day} is after the window, whose last day is {last}"
    return None
