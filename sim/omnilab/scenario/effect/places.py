"""Towns, places and units: what is never passed, never opens, or never comes within the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from omnilab.parameters.quantity import format_duration
from omnilab.scenario.places import across_m, never_out

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.effect.look import Look, Path
    from omnilab.scenario.places import Place
    from omnilab.scenario.stock import Goods

__all__ = ["place_findings"]

DAY = 86400


def place_findings(look: Look) -> Iterator[ScenarioError]:
    """Yield what has no effect in ``places``, ``stock``, ways of delivery and towns."""
    yield from _town(look)
    yield from _passed(look)
    for n, place in enumerate(look.scenario.places):
        yield from _place(look, ("places", n), place)
    for n, channel in enumerate(look.scenario.channels):
        for k, way in enumerate(channel.delivery):
            at: Path = ("channels", n, "delivery", k, "promised")
            if way.promised >= _length(look):
                yield look.at(at, f"what is ordered never comes: {_beyond(look)}")
    yield from _stock(look)


def _length(look: Look) -> int:
    """Return how long all that is simulated lasts, seconds."""
    time = look.scenario.time
    return time.burn_in + time.window + time.run_out


def _beyond(look: Look) -> str:
    return f"all that is simulated are {format_duration(_length(look))} (time)"


def _town(look: Look) -> Iterator[ScenarioError]:
    """Find towns that there are not enough people for, and places without a town."""
    people = look.scenario.population
    if people.town is None:
        if look.scenario.world.friends.each > 0:
            yield look.at(
                ("population", "town")
                if look.own(("population", "town"))
                else ("world", "friends", "each"),
                "there are no towns, so friends are those of a cell of a few households: set "
                "population.town, such as 1000",
            )
        if look.scenario.places:
            yield look.at(
                ("population", "town") if look.own(("population", "town")) else ("places",),
                "there are no towns, so each cell of a few households has places of its own: set "
                "population.town, such as 1000",
            )
        return
    if people.customers < people.town:
        own = look.own(("population", "town"))
        yield look.at(
            ("population", "town" if own else "customers"),
            f"{people.customers:,} customers fill no town of {people.town:,} people: there is one "
            "smaller town, and nothing says how towns differ by chance; write a smaller town, or "
            "more customers",
        )


def _passed(look: Look) -> Iterator[ScenarioError]:
    """Find rivals' stores and boards, which act on who passes them, where nobody passes any."""
    names = [place.name for place in look.scenario.places if place.kind != "store"]
    if names and never_out(look.scenario.world.places):
        path: Path = ("world", "places", "errands")
        yield look.at(
            path if look.wrote(path) else ("places",),
            f"nobody passes {' and '.join(names)}, for nobody is ever out: world.places has "
            "neither `errands` nor people who go to work (`works`, `presence`)",
        )


def _place(look: Look, at: Path, place: Place) -> Iterator[ScenarioError]:
    days = look.scenario.time.window // DAY
    world = look.scenario.world.places
    if place.opens_on is not None and place.opens_on >= days:
        yield look.at((*at, "opens_on"), f"never opens: the window has {days} days")
    if place.kind != "board" and place.cost > 0:
        yield look.at((*at, "cost"), "only a board costs something for each who notices it")
    if place.around is None and look.wrote((*at, "within_m")):
        yield look.at((*at, "within_m"), "it stands around nothing: `around` is not given")
    if place.sight_m > across_m(world):
        yield look.at(
            (*at, "sight_m"),
            f"every way passes it: all people and places are within about "
            f"{across_m(world) / 1000:.3g} km (world.places.size_km)",
        )


def _stock(look: Look) -> Iterator[ScenarioError]:
    length = _length(look)
    stock = look.scenario.stock
    if stock.feed >= length:
        yield look.at(("stock", "feed"), f"never read: {_beyond(look)}")
    for n, place in enumerate(stock.places):
        at: Path = ("stock", "places", n)
        if place.ships is not None and place.ships >= length:
            yield look.at((*at, "ships"), f"what it ships never comes: {_beyond(look)}")
        for k, goods in enumerate(place.goods):
            yield from _goods(look, (*at, "goods", k), goods)


def _goods(look: Look, at: Path, goods: Goods) -> Iterator[ScenarioError]:
    """Find supply that never comes, and numbers of a supply that there is not."""
    length = _length(look)
    if goods.units is None:
        for name in ("lead", "life"):
            if look.wrote((*at, name)):
                text = "there are as many units as are asked for: `units` is not given"
                yield look.at((*at, name), text)
        return
    if goods.review is None and goods.order_point is None:
        if look.wrote((*at, "lead")):
            text = "nothing is ordered from a supplier: give `review` or `order_point`"
            yield look.at((*at, "lead"), text)
    elif goods.lead >= length:
        yield look.at((*at, "lead"), f"what is ordered never comes: {_beyond(look)}")
    if goods.review is not None and goods.review >= length:
        yield look.at((*at, "review"), f"it never looks at its units: {_beyond(look)}")
