"""Search: a visit for a need may begin with a search, and with a click on a paid result.

Who clicks a paid result visits the brand, and the brand pays. What the brand gains by it is whoever
would not have come. With all else off that is nobody: who clicks no ad goes where the person would
have gone without a search. `Search` says how many would not: they come by themselves later, if at
all, or a rival meets the need.

Brand queries name the brand; its own page is then the first result below the ads, and most come
anyway. Who has bought here knows the way, and who has been here for the need comes back to it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share
from omnilab.world.choice import can_go
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "COMES",
    "PAID",
    "PAID_BRAND",
    "RIVALS",
    "STAYS_AWAY",
    "LoweredSearch",
    "Search",
    "click_cost",
    "dearest_click",
    "search_leads_to",
]

SEARCH: Final = stream("SEARCH", 220)  # what is asked, what follows: person and family, occasion

# Where a search, or none, leads
COMES: Final = 0  # as without a search
PAID: Final = 1  # by a paid result
PAID_BRAND: Final = 2  # by a paid result of a query that names the brand
STAYS_AWAY: Final = 3  # nowhere this time
RIVALS: Final = 4  # to a rival, who meets the need

_ENTITY_BITS: Final = 40  # bits of a person's number, below those of the visit's family


class Search(Parameters):
    """What a search for what one needs leads to where no paid result is clicked."""

    brand: Share = key(
        0.0,
        "Share of searches that name the brand.",
        kind="A",
        source="off by default; no published share of one brand was found",
        came_later=True,
        swept=("0%", "80%"),
    )
    brand_comes: Share = key(
        1.0,
        "Of searches that name the brand and click no ad, the share whose person comes to the "
        "brand all the same.",
        kind="A",
        source="off by default; EBAY15 (P) about all; SIMONOV18 (P) 96 to 99% where no rival "
        "bids on the name, 58 to 82% where rivals do; ADPAUSE12 (V) 50% with the first result",
        came_later=True,
        swept=("50%", "100%"),
    )
    other_comes: Share = key(
        1.0,
        "The same of searches that do not name it, for a person who never bought here.",
        kind="A",
        source="off by default; ADPAUSE11 (V) 11% of clicks over all queries, ADPAUSE12 (V) 4 to "
        "18% below the first result; EBAY15 (P) almost all but of new and rare buyers",
        came_later=True,
        swept=("5%", "100%"),
    )
    knows: Share = key(
        0.0,
        "Each order so far takes this part off the chance not to come: who has bought here knows "
        "the way.",
        kind="A",
        source="off by default; EBAY15 (P) has an effect on new and rare buyers and none on "
        "frequent ones",
        came_later=True,
        swept=("0%", "90%"),
    )
    rival: Share = key(
        0.0,
        "Of those who do not come, the share whose need a rival meets at once. The others may "
        "come by themselves later.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0%", "100%"),
    )


class LoweredSearch(Record):
    """The parameters: those of `Search`, and those of the channel that has `search`."""

    brand: f8
    brand_comes: f8
    other_comes: f8
    rival: f8
    log_lost: f8  # logarithm of 1 - knows
    on: i8  # 1 where queries differ or somebody may stay away
    searches: f8
    click: f8
    brand_click: f8
    channel: i8  # the one that has `search`, -1 without
    landing: i8  # channel, -1 without paid search
    cost: i8  # milli-cents a click
    brand_cost: i8
    first_visit: i8  # the first channel that can be visited


@inner
def search_leads_to(
    model: Model,
    person: Person,
    t: int,
    family: int,
    occasion: int,
    searches: float,
    clicks: float,
    pays: bool,
    been: bool,
) -> int:
    """Return where an attempt to go somewhere for a need leads, if it begins with a search.

    Parameters
    ----------
    family, occasion
        The address of the attempt's draws.
    searches, clicks
        Uniforms in (0, 1): whether the person searches, and clicks the paid result.
    pays
        Whether the brand pays for clicks at this moment.
    been
        Whether the person has been here for this need: who has comes back to it anyway.

    Returns
    -------
    int
        `COMES`, `PAID`, `PAID_BRAND`, `STAYS_AWAY` or `RIVALS`.
    """
    search = model.search
    if search.landing < 0 or searches >= search.searches:
        return COMES
    query, organic, other = 1.0, 0.0, 1.0
    if search.on == 1:
        entity = (family << _ENTITY_BITS) | person.entity
        query, organic, other, _ = draw4(model.key.k0, model.key.k1, SEARCH, entity, occasion)
    names_it = query < search.brand
    click = search.brand_click if names_it else search.click
    if pays and clicks < click and can_go(model, person, int(search.landing), t):
        return PAID_BRAND if names_it else PAID
    if been or organic < _comes(model, person, names_it):
        return COMES
    return RIVALS if other < search.rival else STAYS_AWAY


@inner
def _comes(model: Model, person: Person, names_it: bool) -> float:
    """Return the chance to come without an ad: 1 - (1 - share) (1 - knows)^orders."""
    share = model.search.brand_comes if names_it else model.search.other_comes
    return 1.0 - (1.0 - share) * math.exp(model.search.log_lost * person.purchases)


@inner
def click_cost(model: Model, leads_to: int) -> int:
    """Return what the click of a search costs, milli-cents; 0 where there is none."""
    if leads_to == PAID_BRAND:
        return int(model.search.brand_cost)
    return int(model.search.cost) if leads_to == PAID else 0


@inner
def dearest_click(model: Model) -> int:
    """Return what a click costs at most, milli-cents, before it is known what is asked for."""
    return max(int(model.search.cost), int(model.search.brand_cost))


@fills(LoweredSearch)
def _lower(scenario: ScenarioParts) -> Values:
    names = [c.name for c in scenario.channels]
    side = next((c.search for c in scenario.channels if c.search), None)
    part = scenario.world.search
    values = {
        "log_lost": math.log1p(-min(part.knows, 1.0 - 1e-12)),
        "on": int(part.brand > 0 or part.brand_comes < 1 or part.other_comes < 1),
        "channel": -1,
        "landing": -1,
        "first_visit": next(n for n, c in enumerate(scenario.channels) if c.visit),
    }
    none = dict.fromkeys(("searches", "click", "brand_click", "cost", "brand_cost"), 0)
    if side is None:
        return values | none
    brand_click = side.click if side.brand_click is None else side.brand_click
    brand_cost = side.cost if side.brand_cost is None else side.brand_cost
    return values | {
        "searches": side.searches,
        "click": side.click,
        "brand_click": brand_click,
        "channel": next(n for n, c in enumerate(scenario.channels) if c.search),
        "landing": names.index(side.landing),
        "cost": round(side.cost * 100_000),
        "brand_cost": round(brand_cost * 100_000),
    }
