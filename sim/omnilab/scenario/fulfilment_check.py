"""Checks of tills, desks and slots that look at more than one part of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from omnilab.errors import nearest
from omnilab.parameters.quantity import DAY
from omnilab.scenario.fulfilment import MOST_WAYS, DeliveryWay, Slots, TillSide
from omnilab.scenario.part import unique
from omnilab.scenario.problem import FieldError

if TYPE_CHECKING:
    from omnilab.scenario.channels import Channel
    from omnilab.scenario.customers import Population

__all__ = ["check_fulfilment"]


def check_fulfilment(channels: Sequence[Channel], people: Population) -> None:
    """Refuse places that are not there or never open, and more servers than people.

    Raises
    ------
    FieldError
        With the key.
    """
    ways = [w.name for c in channels for w in c.delivery]
    if len(ways) > MOST_WAYS:
        raise FieldError(f"at most {MOST_WAYS} ways of delivery, these are {len(ways)}", "channels")
    for n, channel in enumerate(channels):
        unique([w.name for w in channel.delivery], "delivery way")
        for k, way in enumerate(channel.delivery):
            _check_way(way, channels, ("channels", n, "delivery", k))
    for side, path in _shared(channels):
        if people.town is None:
            raise FieldError(
                "what people share is a town's: say population.town, such as 1000", *path
            )
        if isinstance(side, TillSide) and isinstance(side.servers, int):
            most = people.town
            if side.servers > most:
                raise FieldError(
                    f"{side.servers} for a town of {most} people: at most one each, or `none`"
                    " for as many as are needed",
                    *path,
                    "servers",
                )


def _check_way(way: DeliveryWay, channels: Sequence[Channel], path: tuple[Any, ...]) -> None:
    if way.at is None:
        return
    places = {c.name: c.visit for c in channels if c.visit}
    if way.at not in places:
        raise FieldError(
            f"unknown {way.at!r}{nearest(way.at, list(places))}: one collects where one can go, in"
            f" {', '.join(places)}",
            *path,
            "at",
        )
    place = places[way.at]
    closes = place.closes if place.closes > place.opens else DAY
    if way.slots and (way.slots.closes <= place.opens or closes <= way.slots.opens):
        raise FieldError(
            f"no slot is while {way.at!r} is open: from {_clock(place.opens)} to {_clock(closes)}",
            *path,
            "slots",
        )


def _shared(channels: Sequence[Channel]) -> Iterator[tuple[TillSide | Slots, tuple[Any, ...]]]:
    """Yield all that people share, with the path of its key."""
    for n, channel in enumerate(channels):
        if channel.till is not None and channel.till.servers != "none":
            yield channel.till, ("channels", n, "till")
        for k, way in enumerate(channel.delivery):
            path = ("channels", n, "delivery", k)
            if way.desk is not None and way.desk.servers != "none":
                yield way.desk, (*path, "desk")
            if way.slots is not None:
                yield way.slots, (*path, "slots")


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second % 3600 // 60:02d}"
