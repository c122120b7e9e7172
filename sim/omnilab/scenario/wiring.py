"""The silo map (wiring): teams that run on one data store, and feeds that tell tools of events.

Channels say what tool each belongs to (`silo`). The map says which of these are one team, and what
the tools tell each other all the same: a mail tool that sees the carts of the web shop, say. It is
no strategy's merit: all strategies of a scenario have the same map, and what the sharing choices
add comes on top of it (`omnilab.brand.wiring` has the rules).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Name
from omnilab.scenario.channels import Channel, IdentifierType
from omnilab.scenario.part import Frozen

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = [
    "GROUPS",
    "MAPS",
    "MAX_FEEDS",
    "OWN",
    "WORDS",
    "Feed",
    "Wiring",
    "laid_wiring",
    "wiring_of",
    "wiring_problem",
    "wiring_words",
]

MAX_FEEDS: Final = 32

#: The maps that come with omnilab, whose data is presets/wiring.yaml.
MAPS: Final = ("tools_apart", "typical", "one_suite")
WiringName: TypeAlias = Literal["tools_apart", "typical", "one_suite"]
FedEvent: TypeAlias = Literal["visit", "browse", "cart", "order"]

OWN: Final = "own"  # how a map with teams or feeds of its own is called

#: What each preset is.
WORDS: Final = {
    "tools_apart": "Each tool sees its own channels alone.",
    "typical": "Mail and SMS tools see views, carts and orders in shops of the addresses that they "
    "hold; ad platforms see by pixel, and orders by uploaded address; tills are apart.",
    "one_suite": "All digital channels are one team on one data store; tills are apart.",
}


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[Name, ...], BeforeValidator(_several), Field(min_length=1)]


class Feed(Frozen):
    """What tools are told of the events of other silos, and by which identifier."""

    source: Names = key(
        ...,
        "Silos whose events are told: one or several, by name, or a group: shops, tills, tools, "
        "ads, digital.",
    )
    target: Names = key(
        ..., "Silos that are told: one or several, by name, or a group as for `source`."
    )
    by: IdentifierType = key(
        ...,
        "Type of the identifier by which the visitor is known again. An event is told where the "
        "source knows such an identifier of the visitor and the target holds the same.",
    )
    events: Annotated[tuple[FedEvent, ...], Field(min_length=1)] = key(
        ("browse", "cart", "order"), "Which events are told: visit, browse, cart, order.", kind="A"
    )
    adds: bool = key(
        False,
        "The target takes up identifiers that it does not hold yet, as the pixel of an ad "
        "platform does with cookies.",
        kind="A",
    )


class Wiring(Frozen):
    """A silo map: a preset, with more teams and feeds where there are any.

    A preset's name alone stands for the map: ``wiring: typical``.
    """

    preset: WiringName = key(
        "tools_apart", "The map that this one starts from.", kind="A", values=WORDS
    )
    teams: tuple[Names, ...] = key(
        (),
        "Silos that run on one data store. Each team is a list of silos or groups (see `Feed`). "
        "The silos of a team see everything of each other, run one copy of a journey, and share "
        'the frequency cap and a "stop all".',
        without="No more teams than the preset's",
    )
    feeds: Annotated[tuple[Feed, ...], Field(max_length=MAX_FEEDS)] = key(
        (),
        "What tools are told of the events of other silos.",
        without="No more feeds than the preset's",
    )

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any) -> Any:
        return {"preset": data} if isinstance(data, str) else data

    @model_serializer(mode="wrap")
    def _without_what_came_later(self, write: SerializerFunctionWrapHandler) -> Any:
        return write(self) if self.teams or self.feeds else self.preset

    @property
    def name(self) -> str:
        """What reports call it: the preset's name, or `own`."""
        return OWN if self.teams or self.feeds else self.preset


def _sells(channel: Channel) -> bool:
    return channel.visit is not None and channel.visit.completes > 0


def _shops(channels: list[Channel]) -> bool:
    return any(_sells(c) and c.visit and not c.visit.typed for c in channels)


def _tills(channels: list[Channel]) -> bool:
    return any(_sells(c) and c.visit and c.visit.typed for c in channels)


def _ads(channels: list[Channel]) -> bool:
    return any(c.message and c.message.ad for c in channels)


def _tools(channels: list[Channel]) -> bool:
    visited = any(c.visit for c in channels)
    return not visited and any(c.message and not c.message.ad for c in channels)


def _digital(channels: list[Channel]) -> bool:
    spoken = any(c.visit and c.visit.typed for c in channels)
    known = any(c.message or c.search or (c.visit and c.visit.identifiers) for c in channels)
    return known and not spoken


#: Groups of silos by what their channels are, for maps that fit any scenario.
GROUPS: Final[dict[str, Callable[[list[Channel]], bool]]] = {
    "shops": _shops,  # one can buy there, and nothing is spoken: web shop, app
    "tills": _tills,  # one can buy there, and identifiers are spoken: store, call centre
    "tools": _tools,  # they send messages and cannot be visited: e-mail, SMS
    "ads": _ads,
    "digital": _digital,  # all but those with a till, and those who keep customers to themselves
}


def wiring_of(named: str | Wiring) -> Wiring:
    """Return the map of a preset's name, or the map itself.

    Raises
    ------
    ValueError
        If there is no such preset; the message has the nearest one.
    """
    if isinstance(named, Wiring):
        return named
    if named not in MAPS:
        hint = nearest(named, MAPS) or f"; there are {_list(MAPS)}"
        raise ValueError(f"no silo map {named!r}{hint}")
    return Wiring.model_validate(named)


def laid_wiring(
    wiring: Wiring, scenario: Scenario
) -> tuple[tuple[tuple[str, ...], ...], tuple[Feed, ...]]:
    """Lay a map over a scenario's silos.

    Returns
    -------
    tuple
        The teams, which part the scenario's silos in its order; and the feeds between silos of
        different teams, each of one source's team, one target.
    """
    parts, own = _parts(wiring), scenario.silos
    joined: dict[str, set[str]] = {silo: {silo} for silo in own}
    for part in parts:
        for team in part.teams:
            silos = set().union(*(joined[s] for s in _silos(team, scenario)), set())
            for silo in silos:
                joined[silo] = silos
    teams = tuple(dict.fromkeys(tuple(s for s in own if s in joined[silo]) for silo in own))
    feeds = []
    for part in parts:
        for feed in part.feeds:
            sources = _silos(feed.source, scenario, partial(_knows, feed.by, scenario))
            for target in _silos(feed.target, scenario, partial(_holds, feed.by)):
                others = tuple(s for s in sources if s not in joined[target])
                if others:
                    feeds.append(feed.model_copy(update={"source": others, "target": (target,)}))
    return teams, tuple(feeds)


def wiring_words(wiring: Wiring, scenario: Scenario) -> str:
    """Return what a map is in a scenario, in a sentence or two without an end mark."""
    teams, feeds = laid_wiring(wiring, scenario)
    said = [f"{_list(team)} are one team" for team in teams if len(team) > 1]
    by_target: dict[str, list[str]] = {}
    for feed in feeds:
        events = _list(feed.events)
        sources = _list(feed.source)
        by_target.setdefault(feed.target[0], []).append(f"{events} in {sources} by {feed.by}")
    said += [f"{target} is told of {', of '.join(told)}" for target, told in by_target.items()]
    return "; ".join(said) or "each tool sees its own channels only"


def wiring_problem(wiring: Wiring, scenario: Scenario) -> tuple[tuple[str | int, ...], str] | None:
    """Say where in a map something is wrong in a scenario, and what; None if nothing is."""
    names: list[tuple[tuple[str | int, ...], str]] = []
    for n, team in enumerate(wiring.teams):
        names += [(("teams", n), s) for s in team]
    for n, feed in enumerate(wiring.feeds):
        names += [(("feeds", n, "source"), s) for s in feed.source]
        names += [(("feeds", n, "target"), s) for s in feed.target]
    known = (*scenario.silos, *GROUPS)
    for where, name in names:
        if name not in known:
            hint = nearest(name, known) or f"; there are {_list(scenario.silos)}"
            return where, f"unknown silo {name!r}{hint}"
    _, feeds = laid_wiring(wiring, scenario)
    if len(feeds) > MAX_FEEDS:
        return ("feeds",), f"at most {MAX_FEEDS} from silo to silo, these make {len(feeds)}"
    return None


def _parts(wiring: Wiring) -> tuple[Wiring, Wiring]:
    return _preset(wiring.preset), wiring


def _silos(
    names: Iterable[str], scenario: Scenario, fits: Callable[[list[Channel]], bool] | None = None
) -> list[str]:
    """Return the silos that names and groups stand for; of a group only those that fit.

    A silo of a group's name goes first.
    """
    found: list[str] = []
    by_silo: dict[str, list[Channel]] = {}
    for channel in scenario.channels:
        by_silo.setdefault(channel.silo, []).append(channel)
    for name in names:
        if name in by_silo:
            found.append(name)
            continue
        belongs = GROUPS[name]
        for silo, channels in by_silo.items():
            if belongs(channels) and (fits is None or fits(channels)):
                found.append(silo)
    return list(dict.fromkeys(found))


def _shown(channels: list[Channel]) -> set[str]:
    return {i.type for c in channels if c.visit for i in c.visit.identifiers}


def _holds(kind: str, channels: list[Channel]) -> bool:
    """Tell whether a silo can hold identifiers of a type: addresses, or what visits show."""
    return kind in _shown(channels) | {c.message.address for c in channels if c.message}


def _knows(kind: str, scenario: Scenario, channels: list[Channel]) -> bool:
    """Tell whether a place can know them: they are shown there, or given there by a form or click.

    A place without identifiers keeps its customers to itself.
    """
    shown = _shown(channels)
    given = {c.message.address for c in scenario.channels if c.message and not c.message.ad}
    return kind in shown or (bool(shown) and kind in given)


@cache
def _preset(name: str) -> Wiring:
    """Return what a preset stands for; its own key ``preset`` says nothing more."""
    from omnilab.scenario.preset import preset_data

    return Wiring.model_validate(preset_data("wiring", name))


def _list(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
