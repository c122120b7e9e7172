"""The places of a town: a brand's stores, rivals' stores, and boards by the road.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Amount, Duration, Name, Share, format_clock, format_duration
from omnilab.scenario.part import Frozen, unique
from omnilab.world.outings import BACK_FROM, BACK_TO, OUT_FROM, OUT_TO

if TYPE_CHECKING:
    from omnilab.scenario.channels import Channel
    from omnilab.scenario.customers import Category
    from omnilab.world.mechanisms import World
    from omnilab.world.places import Places as Ways

__all__ = [
    "MOST_PLACES",
    "Near",
    "Place",
    "across_m",
    "hours_problem",
    "near_problem",
    "never_out",
    "places_problem",
    "teller_of",
    "teller_problem",
]

MOST_PLACES = 60  # of a town: as many bits as what one passes on the way to work has

Metres = Annotated[float, Field(gt=0, le=100_000)]
Problem = tuple[tuple[int | str, ...], str]


class Place(Frozen):
    """Places of one name, so many in each town."""

    name: Name = key(..., "The places' name.")
    kind: Literal["store", "rival", "board"] = key(
        "store",
        "What they are.",
        kind="A",
        values={
            "store": "The brand's own: visits of its channel happen there.",
            "rival": "Somebody else's, who gets needs of those who pass.",
            "board": "A board by the road, a medium without an address: it reaches who passes it, "
            "under strategies that pay for media.",
        },
    )
    channel: Name | None = key(
        None,
        "Of stores the channel whose visits happen there; of boards the one that they name, which "
        "gets the spill-over of a message.",
        without="A rival has none; a board names no channel.",
    )
    count: Annotated[int, Field(ge=0, le=MOST_PLACES)] = key(
        1, "How many a town has.", unit="places", kind="A"
    )
    central: Share = key(
        0.5, "Share of them in the town's first cluster; the others are in any.", kind="A"
    )
    attraction: Annotated[float, Field(gt=0, le=1_000)] = key(
        1.0, "Huff's attraction of each, such as its size against others'.",
        unit="factor, no unit", kind="A",
    )  # fmt: skip
    sight_m: Metres = key(
        100.0, "A way that comes so near passes by.", unit="metres", kind="A", swept=("50", "300")
    )
    around: Name | None = key(
        None,
        "They stand around the places of this name, one after the other.",
        without="They stand in clusters.",
    )
    within_m: Metres = key(
        800.0,
        "How far from those at most, as likely at each point: 800 m are ten minutes on foot.",
        unit="metres",
        kind="A",
    )
    opens_on: Annotated[int, Field(ge=0, le=3650)] | None = key(
        None,
        "Day of the measured window on which they open.",
        unit="day of the window",
        without="They are there from the start.",
    )
    closes_on: Annotated[int, Field(ge=0, le=3650)] | None = key(
        None,
        "Day of the measured window from which on they are closed for good.",
        unit="day of the window",
        without="They stay.",
    )
    shows: Name = key(
        "generic",
        "What a board or a store is seen to be about: one of the categories, or generic for "
        "everything.",
        kind="A",
    )
    cost: Annotated[Amount, Field(ge=0, le=1e6)] = key(
        0.0, "What a board costs for each who notices it.", kind="A"
    )

    @model_validator(mode="after")
    def _has_its_days(self) -> Self:
        opens = -1 if self.opens_on is None else self.opens_on
        if self.closes_on is not None and self.closes_on <= opens:
            raise ValueError(f"closes_on: day {self.closes_on} is not after opens_on, day {opens}")
        return self


class Near(Frozen):
    """What `trigger: near` waits for: a person whose app tells that a place is near."""

    place: Name = key(..., "The places' name, of `places`; boards have no position to be near to.")
    radius_m: Metres = key(..., "How near the person comes.", unit="metres")
    dwell: Duration = key(
        0, "For how long the person stays within that radius before it counts.", kind="A"
    )
    lead: Duration = key(
        0,
        "How long the place must still be open then, so that who gets the message can go there.",
        kind="A",
    )
    has: Literal["anything", "viewed", "cart"] = key(
        "anything",
        "What the place must have: `viewed`, what the profile looked at last, or `cart`, what is "
        "in its cart, each as far as the app's team sees it. It must see the place's units, too: "
        "under `stock: all`, by the feed.",
        kind="A",
        came_later=True,
    )
    fresh: Duration = key(
        0,
        "How old the feed's last reading may be that says so; 0 is any age.",
        kind="A",
        came_later=True,
    )


def places_problem(
    places: Sequence[Place],
    channels: Sequence[Channel],
    categories: Sequence[Category],
    world: World,
) -> Problem | None:
    """Return the first thing that is wrong with the places, and the path to its key; or None."""
    unique([p.name for p in places], "place")
    names = [p.name for p in places]
    visits = {c.name: c for c in channels if c.visit}
    for n, place in enumerate(places):
        if place.count == 0:
            return (n, "count"), (
                f"{place.kind}s without a place: {place.name!r} needs at least one a town; leave "
                "the entry out for none"
            )
        if place.kind == "store" and place.channel is None:
            return (n, "channel"), (
                f"store {place.name!r} needs the channel whose visits happen there: one of "
                f"{', '.join(visits)}"
            )
        if place.kind == "rival" and place.channel is not None:
            return (n, "channel"), "a rival's store has no channel of the brand; leave it out"
        if place.channel is not None and place.channel not in visits:
            return (n, "channel"), (
                f"unknown channel with a visit {place.channel!r}{nearest(place.channel, visits)}"
            )
        if place.around is not None:
            earlier = names[:n]
            if place.around not in earlier:
                return (n, "around"), (
                    f"unknown {place.around!r}{nearest(place.around, earlier)}; a place stands "
                    "around one that is listed before it"
                )
        kinds = ["generic", *(c.name for c in categories)]
        if place.shows not in kinds:
            return (n, "shows"), f"unknown {place.shows!r}{nearest(place.shows, kinds)}"
        if place.kind == "store" and (wrong := _never_met(visits[str(place.channel)], world)):
            return (n, "channel"), wrong
    if sum(p.count for p in places) > MOST_PLACES:
        return (), (
            f"a town has at most {MOST_PLACES} places, these are {sum(p.count for p in places)}"
        )
    return None


def _never_met(channel: Channel, world: World) -> str:
    """Say that a store is never open while people are out, "" where it is."""
    visit, part = channel.visit, world.places
    assert visit is not None
    opens, closes = visit.opens, visit.closes if visit.closes > visit.opens else 86400
    out = [(part.out_from, part.out_to)] if part.errands > 0 else []
    if part.works > 0 and part.presence > 0:
        out += [(OUT_FROM, OUT_TO), (BACK_FROM, BACK_TO)]
    if not out or any(opens < last and first < closes for first, last in out):
        return ""
    hours = " and ".join(f"{format_clock(a)} to {format_clock(b)}" for a, b in out)
    return (
        f"opening hours that never meet a way: {channel.name!r} is open from "
        f"{format_clock(opens)} to {format_clock(closes)} (channels.{channel.name}.visit), people "
        f"are out from {hours}"
    )


def never_out(part: Ways) -> bool:
    """Tell whether nobody goes anywhere: neither to work nor on errands."""
    return part.errands == 0 and (part.works == 0 or part.presence == 0)


def across_m(part: Ways) -> float:
    """Return about how far two people or places of a town are apart at most, metres.

    The centres of clusters lie in a square; nearly all stand within two standard deviations of
    theirs.
    """
    return 1000.0 * math.sqrt(2.0) * part.size_km + 4.0 * part.spread_m


def hours_problem(part: Ways) -> tuple[str, str] | None:
    """Return the key and the sentence of hours in which no errand could be made, or None."""
    if part.errands > 0 and part.out_to <= part.out_from:
        return "out_to", (
            f"{format_clock(part.out_to)} is not after out_from, {format_clock(part.out_from)}: no "
            "errand could be made; write errands: 0 for none"
        )
    return None


def near_problem(
    trigger: str,
    near: Near | None,
    places: Sequence[Place],
    channels: Sequence[Channel],
    part: Ways,
) -> Problem | None:
    """Return what is wrong with a journey's trigger `near`, and the key below the journey."""
    if trigger != "near":
        return None if near is None else (("near",), "only a journey with `trigger: near` has it")
    if near is None:
        return ("near",), "`trigger: near` needs `near: {place, radius_m}`"
    targets = [p.name for p in places if p.kind != "board"]
    if not targets:
        return ("trigger",), "`near` without places: the scenario has no stores in `places`"
    if near.place not in targets:
        hint = nearest(near.place, targets) or f"; there are {', '.join(targets)}"
        if any(p.name == near.place for p in places):
            return (
                "near",
                "place",
            ), f"{near.place!r} is a board, which nobody can be near to{hint}"
        return ("near", "place"), f"unknown {near.place!r}{hint}"
    if near.radius_m > across_m(part):
        return ("near", "radius_m"), (
            f"everybody is near always: all people and places of a town are within about "
            f"{across_m(part) / 1000:.3g} km (world.places.size_km)"
        )
    place = next(p for p in places if p.name == near.place)
    kind = place.kind
    if wrong := _closed_before(near, place, channels):
        return ("near", "lead"), wrong
    if near.has != "anything" and kind != "store":
        return (
            "near",
            "has",
        ), f"nobody sees what {near.place!r} has: it is a rival's; use anything"
    if near.fresh > 0 and near.has == "anything":
        return ("near", "fresh"), "it says how old the units of `has` may be: set has, or leave it"
    if teller_of(channels) is None:
        app = next((c.name for c in channels if c.visit and c.name == "app"), "an app")
        return ("trigger",), (
            "`near` without position: no channel tells where its people are; give "
            f"{app} a `visit.tells_position` above 0"
        )
    return None


def _closed_before(near: Near, place: Place, channels: Sequence[Channel]) -> str:
    """Say that a store is never open for so long as a message needs it to be, "" if it is."""
    visit = next((c.visit for c in channels if c.name == place.channel), None)
    if place.kind != "store" or visit is None:
        return ""
    closes = visit.closes if visit.closes > visit.opens else 86400
    if near.lead <= closes - visit.opens:
        return ""
    return (
        f"{place.name!r} is never open for {format_duration(near.lead)} more: from "
        f"{format_clock(visit.opens)} to {format_clock(closes)}"
    )


def teller_of(channels: Sequence[Channel]) -> Channel | None:
    """Return the channel whose app tells where its people are, if there is one."""
    return next((c for c in channels if c.visit and c.visit.tells_position > 0), None)


def teller_problem(channels: Sequence[Channel]) -> tuple[str, str] | None:
    """Return what is wrong with a channel that tells positions, and the channel's name first."""
    tellers = [c for c in channels if c.visit and c.visit.tells_position > 0]
    if len(tellers) > 1:
        return tellers[1].name, f"only one app tells positions, and {tellers[0].name!r} does"
    for channel in tellers:
        assert channel.visit is not None
        if not any(i.type != "cookie" and i.share > 0 for i in channel.visit.identifiers):
            return channel.name, (
                "nobody would know whose position it is: the channel needs an identifier other "
                "than a cookie"
            )
    return None
