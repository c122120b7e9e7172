"""Themes of messages: what teams talk about when, each by its own calendar or all by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Duration, Name
from omnilab.scenario.part import Frozen

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Journey
    from omnilab.scenario.model import Scenario

__all__ = ["Themes", "theme_problems", "themes_problem"]

MOST_THEMES = 24  # of a calendar
NO_THEME = "none"  # what a message says that has no theme

Calendar = Annotated[tuple[Name, ...], Field(min_length=1, max_length=MOST_THEMES)]


class Themes(Frozen):
    """What messages are about beside the goods: a calendar of themes, and teams with their own."""

    calendar: Calendar = key(
        ...,
        "The brand's themes, one after the other and over again from the start of the burn-in. "
        "Who shares `contact_policy` with `all` follows it, and each team without a calendar.",
    )
    lasts: Annotated[Duration, Field(gt=0)] = key(
        28 * 86400, "How long each theme lasts.", kind="A", swept=("7d", "56d")
    )
    teams: dict[Name, Calendar] = key(
        {},
        "By silo, the calendar of the team that runs it: followed where `contact_policy` is "
        "`silo`, and along a journey's sequence where it is `handoff` and the silo is the first.",
        without="All teams follow `calendar`.",
    )

    @model_validator(mode="after")
    def _no_theme_is_none(self) -> Self:
        if NO_THEME in self.names:
            raise ValueError(f"{NO_THEME!r} is what a message without a theme says: name it else")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """All themes, each once: the brand's, then the teams'."""
        of_teams = [name for calendar in self.teams.values() for name in calendar]
        return tuple(dict.fromkeys((*self.calendar, *of_teams)))


def themes_problem(scenario: Scenario) -> tuple[tuple[str | int, ...], str] | None:
    """Say where below ``brand`` a theme is not there, or a team, and what; None if nothing is."""
    themes = scenario.brand.themes
    for silo in themes.teams if themes is not None else ():
        if silo not in scenario.silos:
            hint = nearest(silo, scenario.silos) or f"; there are {', '.join(scenario.silos)}"
            return ("themes", "teams", silo), f"unknown silo {silo!r}{hint}"
    for n, journey in enumerate(scenario.brand.journeys):
        for where, wrong in theme_problems(journey, themes):
            return ("journeys", n, *where), wrong
    return None


def theme_problems(
    journey: Journey, themes: Themes | None
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where in a journey a message's theme is none of the brand's, and what is wrong."""
    names: Sequence[str] = () if themes is None else themes.names
    for k, step in enumerate(journey.steps):
        theme = step.message.theme if step.message else None
        if theme is None or theme == NO_THEME or theme in names:
            continue
        more = nearest(theme, names) or f"; there are {', '.join(names)}"
        if not names:
            more = ": brand.themes names none; write brand.themes: {calendar: [" + theme + "]}"
        yield ("steps", k, "message", "theme"), f"unknown theme {theme!r}{more}"
