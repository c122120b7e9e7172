"""Dated changes of the world: from a day on, some persons want and do other things than before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import DAY, Duration, Logit, Name, Share
from omnilab.scenario.calendar import MOST_DAYS
from omnilab.scenario.part import Frozen

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["MOST_CHANGES", "Change", "changes_problem"]

MOST_CHANGES: Final = 8

Problem = tuple[tuple[str | int, ...], str] | None


class Change(Frozen):
    """What is otherwise between two days of the window."""

    name: Name
    from_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] = key(
        ..., "The day of the window on which it begins.", unit="day of the window"
    )
    to_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] | None = key(
        None, "The last day on which it holds.", unit="day of the window",
        without="It holds to the end.",
    )  # fmt: skip
    over: Duration = key(
        0,
        "The time over which persons begin with it, evenly; 0 is all at once. What is `closed` "
        "closes on the first day.",
        kind="A",
        source="none",
    )
    share: Share = key(1.0, "The share of persons whom it changes.", kind="A", source="everybody")
    channels: dict[Name, Logit] = key(
        {}, "What it adds to the utility of channels.", unit="logit", without="Their taste stays."
    )
    closed: tuple[Name, ...] = key(
        (), "Channels that nobody can visit meanwhile.", without="All stay open."
    )
    needs: Share = key(
        1.0, "The share of needs that still come to persons whom it changes.", kind="A",
        source="none",
    )  # fmt: skip

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError(
                f"to_day: {self.to_day} is before from_day, {self.from_day}: it would never hold"
            )
        if not self.channels and not self.closed and self.needs == 1.0:
            raise ValueError(f"{self.name} changes nothing: write `channels`, `closed` or `needs`")
        return self


def changes_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong with dated changes, or None."""
    visits = [c.name for c in scenario.channels if c.visit]
    days = max(scenario.time.window // DAY, 1)
    names = [change.name for change in scenario.changes]
    for n, change in enumerate(scenario.changes):
        if names.index(change.name) != n:
            return ("changes", n, "name"), f"two changes are named {change.name!r}"
        for field, day in (("from_day", change.from_day), ("to_day", change.to_day)):
            if day is not None and day >= days:
                return ("changes", n, field), (
                    f"{day} is after the window, which has {days} days: 0 to {days - 1}"
                )
        for field, named in (("channels", tuple(change.channels)), ("closed", change.closed)):
            for name in named:
                if name not in visits:
                    return ("changes", n, field), (
                        f"nobody can visit {name!r}{nearest(name, visits)}"
                    )
        if set(visits) == set(change.closed):
            return ("changes", n, "closed"), "closes every channel: nobody could buy"
    return None
