"""The brand's media plan: flights of radio, television and print, which have no address.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, field_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import DAY, Amount, Duration, Name, format_duration
from omnilab.scenario.part import Frozen, unique
from omnilab.scenario.reach import Curve, curve_problem
from omnilab.world.media import MEDIA

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["MOST_FLIGHTS", "MOST_GRP", "Flight", "landing_problem", "media_problem", "when_problem"]

MOST_FLIGHTS = 40
MOST_GRP = 5000.0

#: Words for what has an address, so that an error can say where to write it.
_ADDRESSED = ("email", "mail", "sms", "push", "messenger", "call", "social_ad", "ad")
Problem = tuple[tuple[str | int, ...], str] | None


class Flight(Frozen):
    """A flight: one medium, for some weeks, with so much weight."""

    name: Name = key(..., "The flight's name.")
    medium: str = key(
        ...,
        "Where it runs: radio, television or print (papers, and mailshots to all homes of an "
        "area). Boards are `places`.",
    )
    grp: Annotated[float, Field(gt=0, le=MOST_GRP)] = key(
        ...,
        "Weight: gross rating points a week, the contacts of 100 persons, heavy and light users "
        "of the medium together.",
        unit="contacts a week for 100 persons",
    )
    begins_on: Annotated[int, Field(ge=-3650, le=3650)] = key(
        0, "Day of the measured window on which it begins; below 0 before it.", unit="days",
        kind="A",
    )  # fmt: skip
    lasts: Duration = key(
        ...,
        "How long it runs.",
    )
    shows: Name = key(
        "generic", "What it is about: one of the categories, or generic for everything.", kind="A"
    )
    channel: Name | None = key(
        None,
        "The channel to which a search of the brand's name leads.",
        without="The first channel that can be visited.",
    )
    per_thousand: Annotated[Amount, Field(ge=0, le=1e6)] = key(
        0.0, "Price of a thousand contacts.", kind="A"
    )
    around: Name | None = key(
        None,
        "Of print: places of `places` around which it is handed out.",
        without="Everywhere.",
    )
    within_m: Annotated[float, Field(gt=0, le=100_000)] = key(
        2000.0, "How near to one of them a home must be.", unit="metres", kind="A"
    )

    curve: Curve = key(
        {},
        "Points of the medium's reach curve, as a planning tool has it: GRP in all and the share "
        "of people whom they reach, such as `{100: 38%, 200: 52%}`. It says how people's habits at "
        "the medium differ, and holds for all flights of the medium.",
        without="`world.media.shape` says it.",
        came_later=True,
    )

    @field_validator("medium")
    @classmethod
    def _has_no_address(cls, medium: str) -> str:
        if medium in MEDIA:
            return medium
        if medium in _ADDRESSED:
            raise ValueError(
                f"{medium!r} has an address, and a journey sends it: write it under"
                " brand.journeys; media without one are radio, television, print"
            )
        if medium in ("board", "boards", "outdoor"):
            raise ValueError("boards stand somewhere: write them under places, kind: board")
        raise ValueError(f"unknown medium {medium!r}{nearest(medium, MEDIA)}: one of "
                         f"{', '.join(MEDIA)}")  # fmt: skip

    @field_validator("lasts")
    @classmethod
    def _has_a_length(cls, lasts: int) -> int:
        if lasts < DAY:
            raise ValueError(
                f"a flight of {format_duration(lasts)} reaches nobody: write at least 1d"
            )
        return lasts


def media_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong with the media plan, or None."""
    plan = scenario.brand.media
    unique([flight.name for flight in plan], "flight")
    for n, flight in enumerate(plan):
        place = ("brand", "media", n)
        wrong = when_problem(scenario, flight.begins_on, flight.lasts, "flight")
        if wrong is None:
            wrong = landing_problem(scenario, flight.channel, flight.shows)
        if wrong is None:
            wrong = _area_problem(scenario, flight)
        if wrong is None and (why := curve_problem(flight, list(plan[:n]))):
            wrong = "curve", why
        if wrong is not None:
            return (*place, wrong[0]), wrong[1]
    return None


def when_problem(
    scenario: Scenario, begins_on: int, lasts: int, what: str
) -> tuple[str, str] | None:
    """Return what is wrong with a time: the key and a sentence."""
    time = scenario.time
    last, first = time.window // DAY, -(time.burn_in // DAY)
    if not first <= begins_on < last:
        return "begins_on", (
            f"day {begins_on} is outside the run, whose days are {first} to {last - 1}; day 0 is "
            "the first of the measured window"
        )
    if begins_on * DAY + lasts > time.window:
        most = format_duration((last - begins_on) * DAY)
        return "lasts", (
            f"{format_duration(lasts)} from day {begins_on} on is beyond the window, of {last} "
            f"days: write at most {most} for this {what}"
        )
    return None


def landing_problem(scenario: Scenario, channel: str | None, shows: str) -> tuple[str, str] | None:
    """Return what is wrong with where something leads and what it shows."""
    visits = [c.name for c in scenario.channels if c.visit]
    if channel is not None and channel not in visits:
        return "channel", f"unknown channel with a visit {channel!r}{nearest(channel, visits)}"
    kinds = ["generic", *(c.name for c in scenario.categories)]
    if shows not in kinds:
        return "shows", f"unknown {shows!r}{nearest(shows, kinds)}"
    return None


def _area_problem(scenario: Scenario, flight: Flight) -> tuple[str, str] | None:
    if flight.around is None:
        return None
    if flight.medium != "print":
        return "around", (
            f"{flight.medium} is heard everywhere; only print is handed out around places"
        )
    names = [p.name for p in scenario.places]
    if flight.around not in names:
        near = nearest(flight.around, names) if names else "; there are no `places`"
        return "around", f"unknown {flight.around!r}{near}"
    return None
