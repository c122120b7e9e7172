"""Places: homes, workplaces, stores, rivals' stores and boards on a plane, and what distance does.

A town is a plane with clusters of homes, the first of them its centre. Where everything stands is
drawn by town and place, and by household and person, so that one household more moves nothing. A
visit to a channel whose visits happen at places goes to one of them by Huff's shares, and the sum
of what draws the person there is a factor on the channel's weight in the choice of channels: the
logsum of a nested logit. It is 1 for one store at the usual way.

References
----------
Huff (1964), "Defining and estimating a trading area": the share of a place is its attraction over
a power of the time that the way takes. Thomas (1949): clusters whose members lie around a centre.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i4, i8, starter
from omnilab.log.identifier_types import number_of
from omnilab.parameters.declared import Few, Parameters, key
from omnilab.parameters.quantity import Clock, Duration, Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "BOARD",
    "RIVAL",
    "STORE",
    "Beside",
    "LoweredPlaces",
    "Places",
    "Site",
    "SiteKind",
    "Spot",
    "distance",
    "end_point",
    "fill_pull",
    "find_ways",
    "found_town",
    "has_places",
    "is_nowhere",
    "is_there_at",
    "near_cluster",
    "near_distance",
    "nothing_noticed",
    "passing_distance",
    "pick_site",
    "pull_of",
    "rivals_pull",
    "settle_person",
    "time_inside",
]

TOWN: Final = stream("TOWN", 103)  # town and place: where a store or a cluster's centre is
PLACE_HOME: Final = stream("PLACE_HOME", 104)  # household: where it lives
PLACE_WORK: Final = stream("PLACE_WORK", 105)  # person: work, what its phone tells, ends
WHICH_PLACE: Final = stream("WHICH_PLACE", 109)  # person and visit: which of several stores

# What a place is
STORE: Final = 0
RIVAL: Final = 1
BOARD: Final = 2

CLUSTER: Final = 0x80000  # the place numbers from here on are centres of clusters

Metres = Annotated[float, Field(ge=0, le=1e6)]
Outings = Annotated[float, Field(ge=0, le=200)]


class Places(Parameters):
    """The town's plane, the ways of its people, and what they do as they pass a place."""

    size_km: Annotated[float, Field(gt=0, le=1_000)] = key(
        6.0,
        "Side of the square in which the centres of clusters lie; the first is in its middle.",
        unit="kilometres",
        kind="A",
        swept=("3", "12"),
    )
    clusters: Annotated[int, Field(ge=1, le=32)] = key(
        4, "Clusters of homes in a town.", unit="clusters", kind="A"
    )
    spread_m: Metres = key(
        800.0,
        "Standard deviation of a home, a workplace or a store around the centre of its cluster, in "
        "each of the two directions.",
        unit="metres",
        kind="A",
        swept=("400", "1600"),
    )
    works: Share = key(0.55, "Share of persons who go to work.", kind="A")
    central: Share = key(0.5, "Share of workplaces that lie in the first cluster.", kind="A")
    presence: Share = key(
        0.8, "Chance that a person goes to work on a day from Monday to Friday.", kind="A"
    )
    errands: Outings = key(
        6.3,
        "Other outings in a week that begin and end at one place: four trips a day, 45% of them "
        "for family and personal business, two trips an outing. Those that would fall between "
        "`out_to` and `out_from` are not made.",
        unit="outings a week",
        kind="D",
        source="NHTS01",
    )
    local: Share = key(
        0.6, "Share of ends within the own cluster; the others lie in any.", kind="A"
    )
    ends: Annotated[int, Field(ge=1, le=60)] = key(
        23,
        "Places to which a person's errands lead, beside home and work. People have about 25 "
        "familiar places at any time.",
        unit="places",
        kind="D",
        source="ALESSANDRETTI18",
        swept=("5", "60"),
    )
    ranks: Few = key(
        1.2,
        "How much fewer errands lead to less usual ends: as the end's rank to this power, home and "
        "work being the first two.",
        unit="power, no unit",
        kind="P",
        source="SONG10",
        swept=("0.8", "1.6"),
    )
    stay: Duration = key(
        2400, "Mean time that an errand keeps a person at its end; exponential.", kind="A"
    )
    out_from: Clock = key(25200, "Errands are made from this hour on.", kind="A")
    out_to: Clock = key(79200, "And until this hour.", kind="A")
    pace: Annotated[Duration, Field(gt=0)] = key(
        180,
        "Time that a kilometre takes: a car in a town, with its lights and detours. All driving "
        "of NHTS01, on country roads too, is at 71 s; a walk takes 12 minutes.",
        kind="A",
        swept=("72s", "12min"),
    )
    access: Annotated[Duration, Field(gt=0)] = key(
        300, "Time that any way takes beside that: parking, walking in.", kind="A"
    )
    usual: Annotated[Duration, Field(gt=0)] = key(
        900,
        "A way of this time to a single store leaves its channel's utility as it is; a longer one "
        "lowers it, a shorter one raises it.",
        kind="A",
        swept=("10min", "20min"),
    )
    power: Few = key(
        2.0,
        "Huff's exponent: the weight of a place falls as the time of the way to this power. "
        "Published ones are between 1 and 3.",
        unit="power, no unit",
        kind="P",
        source="HUFF",
        swept=("1", "3"),
    )
    notices: Share = key(
        0.46,
        "Chance that a passer-by notices a place: 46% say that they read a board each time or "
        "mostly.",
        kind="S",
        source="OAAA13",
        swept=("20%", "80%"),
    )
    stirs: Stimulus = key(
        0.1,
        "What a place that is noticed adds to the stock of the open need that it shows: a quarter "
        "of a message's.",
        unit="stimuli",
        kind="A",
        swept=("0", "0.4"),
    )
    reveals: Share = key(
        0.02,
        "Chance that a noticed board or store of the brand makes a person notice a latent need.",
        kind="A",
        swept=("0%", "10%"),
    )
    brings: Share = key(
        0.01,
        "Chance that a noticed board brings a person by later for an open need that it shows; a "
        "message that is seen has 5%.",
        kind="A",
        swept=("0%", "5%"),
    )
    calls_in: Share = key(
        0.1,
        "Chance that who notices an open store, and has a need that is noticed, goes in for it.",
        kind="A",
        swept=("0%", "30%"),
    )
    drops_in: Share = key(
        0.01, "The same without a need, to look around.", kind="A", swept=("0%", "3%")
    )
    tempts: Share = key(
        0.05,
        "Chance that who notices a rival's store, and has a need that is noticed, meets it there.",
        kind="A",
        swept=("0%", "15%"),
    )


class LoweredPlaces(Record):
    """What the rules read of `Places`."""

    on: i8  # 1 where the scenario has places
    sites: i8  # of a town
    tells_by: i8  # channel whose app tells where its people are, -1
    tells_type: i8  # identifier that it tells with
    side_m: f8  # of the square
    clusters: i8
    spread_m: f8
    works: f8
    central: f8
    presence: f8
    gap: f8  # mean hours of activity between errands, 0 without any
    ends: i8
    local: f8
    stay: f8  # seconds
    out_from: i8
    out_to: i8
    pace: f8  # seconds a metre
    access: f8  # seconds
    usual: f8  # seconds
    power: f8
    notices: f8
    stirs: f8
    reveals: f8
    brings: f8
    calls_in: f8
    drops_in: f8
    tempts: f8


@fills(LoweredPlaces)
def _lower(scenario: ScenarioParts) -> Values:
    part = scenario.world.places
    tells = [n for n, c in enumerate(scenario.channels) if c.visit and c.visit.tells_position > 0]
    count = sum(kind.count for kind in scenario.places)
    return {
        "on": int(count > 0),
        "sites": count,
        "tells_by": tells[0] if tells else -1,
        "tells_type": _told_with(scenario.channels[tells[0]]) if tells else -1,
        "side_m": part.size_km * 1000.0,
        "gap": 168.0 / part.errands if part.errands > 0.0 else 0.0,
        "pace": part.pace / 1000.0,
    }


def _told_with(channel: Any) -> int:
    """Return the type of the identifier with which a channel's app tells a position."""
    shown = [i for i in channel.visit.identifiers if i.type != "cookie" and i.share > 0]
    return number_of(shown[0].type)


class SiteKind(Record):
    """The places of one name: what they are, and how many a town has."""

    role: i8  # `STORE`, `RIVAL` or `BOARD`
    channel: i8  # a store's; of a board the channel that it names, -1
    count: i8
    first: i8  # number of the first of them in a town
    around: i8  # number of the kind around whose places these stand, -1
    within_m: f8
    central: f8  # share in the first cluster
    attraction: f8
    sight_m: f8  # from so far it is seen by who passes
    opens_on: i8  # seconds; before it the place is not there
    closes_on: i8  # seconds; from then on it is not there any more
    category: i8  # that it shows, -1 everything
    cost: i8  # milli-cents for each who notices it


class Site(Record):
    """Where a place of the town stands, metres from its centre."""

    x: f8
    y: f8
    kind: i4  # number of its `SiteKind`


class Spot(Record):
    """Where a person lives and works, and which errands lead past something."""

    home_x: f8
    home_y: f8
    work_x: f8
    work_y: f8
    passes: i8 = 0  # places seen on the way to work, a bit each
    matters: f8 = 0.0  # chance that a workday has a way to work or back that matters
    often: f8 = 0.0  # share of errands that matter (`omnilab.world.errands`)
    errand_t: i8 = 0  # when the last of them was
    errand: i8 = 0  # and its number
    besides: i8 = 0  # ends to which errands lead that matter
    cluster: i1 = 0  # of the home
    works: i1 = 0
    tells: i1 = 0  # 1: the app may tell where the person is


class Beside(Record):
    """An end of a person's errands that errands lead to which matter."""

    share: f8  # of the errands that matter to this end and to those before it, of all errands
    from_home: i8  # places beside the way from home, a bit each
    from_work: i8
    end: i8  # its number among the person's ends


start_spot = starter(Spot)


@inner
def found_town(cell: WorldCell, model: Model) -> None:
    """Set the places of a cell's town where they stand."""
    for k in range(len(model.sites)):
        kind = model.sites[k]
        for n in range(kind.count):
            _place(cell, model, k, int(kind.first) + n, n)


@inner
def _place(cell: WorldCell, model: Model, k: int, number: int, n: int) -> None:
    """Set place ``number`` of the town, the ``n``-th of its kind: in a cluster or around another.

    Around another it is anywhere within a circle, as likely at each point of it.
    """
    kind, site = model.sites[k], cell.site[number]
    entity = (int(cell.meta.number) << 20) | number
    which, u, v, w = draw4(model.key.k0, model.key.k1, TOWN, entity, 0)
    site.kind = k
    if kind.around >= 0:
        other = model.sites[kind.around]
        middle = cell.site[int(other.first) + n % int(other.count)]
        dx, dy = normal(v), normal(w)
        length = math.sqrt(dx * dx + dy * dy)
        r = kind.within_m * math.sqrt(u) / max(length, 1e-9)
        site.x = middle.x + dx * r
        site.y = middle.y + dy * r
        return
    cluster = 0 if which < kind.central else int(u * model.places.clusters)
    x, y = _centre(cell, model, cluster)
    site.x = x + normal(v) * model.places.spread_m
    site.y = y + normal(w) * model.places.spread_m


@inner
def _centre(cell: WorldCell, model: Model, cluster: int) -> tuple[float, float]:
    """Return the centre of a cluster of the town: the first in the middle, others anywhere."""
    if cluster == 0:
        return 0.0, 0.0
    entity = (int(cell.meta.number) << 20) | CLUSTER | cluster
    u, v, _, _ = draw4(model.key.k0, model.key.k1, TOWN, entity, 0)
    side = float(model.places.side_m)
    return (u - 0.5) * side, (v - 0.5) * side


@inner
def near_cluster(
    cell: WorldCell, model: Model, cluster: int, u: float, v: float
) -> tuple[float, float]:
    """Return a point around the centre of a cluster, by two uniforms."""
    x, y = _centre(cell, model, cluster)
    spread = float(model.places.spread_m)
    return x + normal(u) * spread, y + normal(v) * spread


@inner
def settle_person(cell: WorldCell, model: Model, who: int) -> None:
    """Give a person a home, shared by the household, maybe a workplace, and the app's permission.

    What is seen on the ways that the person makes is found once.
    """
    person, spot = cell.person[who], cell.spot[who]
    start_spot(spot)
    entity = int(person.entity)
    u, v, w, _ = draw4(model.key.k0, model.key.k1, PLACE_HOME, entity >> 3, 0)
    spot.cluster = int(u * model.places.clusters)
    spot.home_x, spot.home_y = near_cluster(cell, model, int(spot.cluster), v, w)
    has, u, v, w = draw4(model.key.k0, model.key.k1, PLACE_WORK, entity, 0)
    tells, central, _, _ = draw4(model.key.k0, model.key.k1, PLACE_WORK, entity, 1)
    spot.works = 1 if has < model.places.works and model.places.presence > 0.0 else 0
    cluster = 0 if central < model.places.central else int(u * model.places.clusters)
    spot.work_x, spot.work_y = near_cluster(cell, model, cluster, v, w)
    c = int(model.places.tells_by)
    spot.tells = 0
    if c >= 0 and (person.reach >> c) & 1 == 1 and tells < model.ch[c].tells_position:
        spot.tells = 1
    find_ways(cell, model, who)


@inner
def find_ways(cell: WorldCell, model: Model, who: int) -> None:
    """Find what is seen on the way to work, and on the ways to the ends of errands."""
    spot = cell.spot[who]
    home, work = (float(spot.home_x), float(spot.home_y)), (float(spot.work_x), float(spot.work_y))
    spot.passes, spot.matters = 0, 0.0
    if spot.works == 1:
        spot.passes = _seen(cell, model, (home[0], home[1], work[0], work[1]))
        none = nothing_noticed(model, int(spot.passes))
        some = 1.0 if spot.tells == 1 else 1.0 - none * none
        spot.matters = model.places.presence * some
    spot.often, spot.besides = 0.0, 0
    if model.places.gap <= 0.0:
        return
    before = 0.0
    for h in range(model.places.ends):
        x, y = end_point(cell, model, who, h)
        from_home, from_work = _seen(cell, model, (home[0], home[1], x, y)), 0
        if spot.works == 1:
            from_work = _seen(cell, model, (work[0], work[1], x, y))
        some = 1.0
        if spot.tells == 0:
            some = 1.0 - nothing_noticed(model, from_home | from_work)
        if some > 0.0:
            spot.often += some * (model.end_cum[h] - before)
            beside = cell.beside[who, int(spot.besides)]
            beside.share, beside.end = spot.often, h
            beside.from_home, beside.from_work = from_home, from_work
            spot.besides += 1
        before = model.end_cum[h]


@inner
def nothing_noticed(model: Model, places: int) -> float:
    """Return the chance that none of these places is noticed, a bit each."""
    none = 1.0
    while places != 0:
        none *= 1.0 - model.places.notices
        places &= places - 1
    return none


@inner
def end_point(cell: WorldCell, model: Model, who: int, h: int) -> tuple[float, float]:
    """Return where a person's end of errands ``h`` is: in the own cluster, or in any."""
    entity, own = int(cell.person[who].entity), float(model.places.local)
    which, u, v, _ = draw4(model.key.k0, model.key.k1, PLACE_WORK, entity, 2 + h)
    cluster = int(cell.spot[who].cluster)
    if which >= own:
        cluster = int((which - own) / (1.0 - own) * model.places.clusters)
    return near_cluster(cell, model, cluster, u, v)


@inner
def _seen(cell: WorldCell, model: Model, ends: tuple[float, float, float, float]) -> int:
    """Return which places are seen from a way, a bit each."""
    way, seen = heading(ends), 0
    for number in range(model.places.sites):
        sight = model.sites[int(cell.site[number].kind)].sight_m
        far = _is_far(cell, number, ends, way, sight)
        if not far and passing_distance(cell, number, ends) <= sight:
            seen |= 1 << number
    return seen


@inner
def distance(ax: float, ay: float, bx: float, by: float) -> float:
    """Return the metres between two points."""
    dx, dy = bx - ax, by - ay
    return math.sqrt(dx * dx + dy * dy)


@inner
def passing_distance(
    cell: WorldCell, number: int, ends: tuple[float, float, float, float]
) -> float:
    """Return how near a straight way comes to a place, metres."""
    along, aside, length = _beside(cell, number, ends, heading(ends))
    if along < 0.0:
        return math.sqrt(aside * aside + along * along)
    beyond = along - length
    return math.sqrt(aside * aside + beyond * beyond) if beyond > 0.0 else aside


@inner
def _is_far(
    cell: WorldCell,
    number: int,
    ends: tuple[float, float, float, float],
    way: tuple[float, float, float],
    sight: float,
) -> bool:
    """Tell whether a way stays farther from a place than ``sight``, as far as its line says it.

    ``way`` is the way's `heading`. Most places are far from most ways, and this takes no root.
    """
    along, aside, length = _beside(cell, number, ends, way)
    return aside > sight or along < -sight or along > length + sight


@inner
def time_inside(
    cell: WorldCell,
    model: Model,
    number: int,
    ends: tuple[float, float, float, float],
    radius: float,
) -> float:
    """Return for how many seconds a straight way is within a radius of a place."""
    along, aside, length = _beside(cell, number, ends, heading(ends))
    if aside >= radius:
        return 0.0
    half = math.sqrt(radius * radius - aside * aside)
    inside = min(length, along + half) - max(0.0, along - half)
    return max(inside, 0.0) * model.places.pace


@inner
def heading(ends: tuple[float, float, float, float]) -> tuple[float, float, float]:
    """Return a way's direction, of length 1, and its length, metres; no direction where it is 0."""
    ax, ay, bx, by = ends
    length = distance(ax, ay, bx, by)
    if length < 1e-9:
        return 0.0, 0.0, 0.0
    return (bx - ax) / length, (by - ay) / length, length


@inner
def _beside(
    cell: WorldCell,
    number: int,
    ends: tuple[float, float, float, float],
    way: tuple[float, float, float],
) -> tuple[float, float, float]:
    """Return where along a way's line a place lies, how far aside, and the way's length."""
    ux, uy, length = way
    site = cell.site[number]
    px, py = site.x - ends[0], site.y - ends[1]
    if length == 0.0:
        return 0.0, math.sqrt(px * px + py * py), 0.0
    return px * ux + py * uy, abs(px * uy - py * ux), length


@inner
def near_distance(cell: WorldCell, number: int, x: float, y: float) -> float:
    """Return the metres from a point to a place."""
    return distance(x, y, float(cell.site[number].x), float(cell.site[number].y))


@inner
def is_there_at(kind: SiteKind, t: int) -> bool:
    """Tell whether the places of a kind are there on the day of ``t``."""
    return kind.opens_on <= t < kind.closes_on


@inner
def has_places(model: Model, c: int) -> bool:
    """Tell whether visits of a channel happen at places."""
    for k in range(len(model.sites)):
        if model.sites[k].role == STORE and model.sites[k].channel == c:
            return True
    return False


@inner
def is_nowhere(model: Model, c: int, t: int) -> bool:
    """Tell whether a channel has places, none of which is there on the day of ``t``."""
    nowhere = False
    for k in range(len(model.sites)):
        kind = model.sites[k]
        if kind.role == STORE and kind.channel == c:
            if is_there_at(kind, t):
                return False
            nowhere = True
    return nowhere


@inner
def pull_of(model: Model, attraction: float, metres: float) -> float:
    """Return what draws a person to a place so far away: attraction * (usual / time) ** power."""
    takes = model.places.access + metres * model.places.pace
    return attraction * math.exp(model.places.power * math.log(model.places.usual / takes))


@inner
def fill_pull(
    cell: WorldCell, model: Model, t: int, x: float, y: float, drawn: int, times: float
) -> None:
    """Write by channel what draws a person at a point there, into ``cell.pull``.

    1 for a channel without places, 0 for one whose places are all closed for good or not open yet.

    Parameters
    ----------
    drawn, times
        Kinds of places to which an offer draws, a bit each, and by which factor.
    """
    for c in range(len(model.ch)):
        cell.pull[c] = 1.0
    for k in range(len(model.sites)):
        if model.sites[k].role == STORE:
            cell.pull[int(model.sites[k].channel)] = 0.0
    for k in range(len(model.sites)):
        kind = model.sites[k]
        if kind.role != STORE or not is_there_at(kind, t):
            continue
        attraction = _attraction(kind, (drawn >> k) & 1, times)
        for number in range(int(kind.first), int(kind.first + kind.count)):
            metres = near_distance(cell, number, x, y)
            cell.pull[int(kind.channel)] += pull_of(model, attraction, metres)


@inner
def _attraction(kind: SiteKind, drawn: int, times: float) -> float:
    """Return the attraction of the places of a kind, to which an offer may draw (1)."""
    return float(kind.attraction) * times if drawn == 1 else float(kind.attraction)


@inner
def rivals_pull(cell: WorldCell, model: Model, t: int, x: float, y: float) -> float:
    """Return the mean of what draws a person at a point to rivals' places, 1 without any."""
    total, n = 0.0, 0
    for k in range(len(model.sites)):
        kind = model.sites[k]
        if kind.role != RIVAL or not is_there_at(kind, t):
            continue
        for number in range(int(kind.first), int(kind.first + kind.count)):
            total += pull_of(model, float(kind.attraction), near_distance(cell, number, x, y))
            n += 1
    return total / n if n > 0 else 1.0


@inner
def pick_site(
    cell: WorldCell, model: Model, c: int, t: int, x: float, y: float, u: float, drawn: int,
    times: float,
) -> int:  # fmt: skip
    """Return the place of a channel to which a person at a point goes, by Huff's shares; -1 none.

    Parameters
    ----------
    u
        Uniform in (0, 1).
    drawn, times
        As for `fill_pull`.
    """
    total = 0.0
    chosen = -1
    for turn in range(2):
        left = u * total
        for k in range(len(model.sites)):
            kind = model.sites[k]
            if kind.role != STORE or kind.channel != c or not is_there_at(kind, t):
                continue
            attraction = _attraction(kind, (drawn >> k) & 1, times)
            for number in range(int(kind.first), int(kind.first + kind.count)):
                pull = pull_of(model, attraction, near_distance(cell, number, x, y))
                if turn == 0:
                    total += pull
                elif left >= 0.0:
                    chosen = number
                    left -= pull
    return chosen
