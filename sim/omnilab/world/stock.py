"""Goods with variants, what a person wants of them, and what a person does who finds none.

Every need wants one variant of its category, drawn by popularity at the need's own address. An
aspect of it (the size of a shoe) may be the person's for good. Who finds that the place is out of
it chooses as in a multinomial logit. With v the worth of meeting the need over leaving it unmet:

    substitute j   v + ln(popularity of j among the others) - what differs
    here, shipped  v - waiting * delivery / patience left      (where the place may order it)
    another place  v - effort + taste for that channel + ln(belief that it is there)
    wait           v - effort - waiting * time until one looks again / patience left
    a rival        v - effort - attachment to the brand + ln(share of rivals)
    nothing        0

No share of what people do is written anywhere. The patience left is the need's own, the taste that
of the choice of channel, the rivals' share that of the category.

References
----------
Corsten and Gruen (2004), "Stock-outs cause walkouts", for the kinds of answers. Campo, Gijsbrechts
and Nisol (2000), "Towards understanding consumer response to stock-outs", for what they hang on:
the loss of a substitute, the cost of a trip, and the cost of time. McFadden (1974) for the logit.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i4, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.kernels.record import Floats
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "ASPECTS",
    "Aspect",
    "Kept",
    "LoweredStock",
    "Shelf",
    "Stock",
    "StockPlace",
    "Supply",
    "Variant",
    "bound_shelf",
    "effort_of",
    "options_of",
    "pick_option",
    "shelf_of",
    "variant_wanted",
    "weigh_substitutes",
    "weigh_without",
]

VARIANT: Final = stream("VARIANT", 110)  # which variant: person and need, or person and category

#: Aspects in which the variants of a category may differ.
ASPECTS: Final = 3
#: Variants of all categories together.
MOST_VARIANTS: Final = 128

FOR_GOOD: Final = 1 << 40  # in a draw's occasion: the aspect is the person's, not the need's


class Stock(Parameters):
    """What a person does without the good."""

    worth: Stimulus = key(
        2.2,
        "What meeting a need with the good that was wanted is worth over leaving it unmet.",
        unit="logit",
        kind="A",
        source="terms of CAMPO00",
        swept=("1", "3.5"),
    )
    differs: Stimulus = key(
        0.6,
        "What one aspect of a variant costs where it is not the one that was wanted, unless the "
        "aspect says so itself.",
        unit="logit",
        kind="A",
        source="terms of CAMPO00",
        swept=("0.2", "2"),
    )
    effort: Stimulus = key(
        1.0,
        "What going to another place, or once more to this one, costs.",
        unit="logit",
        kind="A",
        source="as `world.choice.inertia`: what another channel costs against the last one",
        swept=("0.5", "2"),
    )
    screen: Share = key(
        0.5,
        "Part of that effort where the other place is on a screen.",
        kind="A",
        swept=("10%", "100%"),
    )
    attached: Stimulus = key(
        0.5,
        "What a rival is worth less than the brand.",
        unit="logit",
        kind="A",
        source="terms of CAMPO00",
        swept=("0", "2"),
    )
    waiting: Stimulus = key(
        1.0,
        "What it costs to wait as long as the need would still have lasted.",
        unit="logit",
        kind="A",
        source="terms of CAMPO00",
        swept=("0.3", "3"),
    )
    belief: Share = key(
        0.5,
        "How likely people think it that another place has what is out here, where nobody "
        "can tell.",
        kind="A",
        swept=("20%", "80%"),
    )
    asks: Share = key(
        0.5,
        "Share of those without the good who have somebody ask at the other places, where the "
        "brand does that on asking only.",
        kind="A",
        swept=("20%", "80%"),
    )
    looks_again: Duration = key(
        7 * 86400,
        "Mean time after which a person who waits looks again. 0 is a second.",
        kind="A",
        source="a week's shopping trip",
        swept=("2d", "14d"),
    )
    way: Duration = key(
        86400,
        "Mean time until a person who goes to another place is there; on a screen a minute.",
        kind="A",
        swept=("1h", "3d"),
    )
    looks_up: Share = key(
        0.0,
        "Chance that a person who sets out for a need looks up first which places have the good, "
        "where the brand shows that, and leaves out those that don't.",
        kind="A",
        source="off by default; 41% look at goods online before they buy in a store, GFK14 (S)",
        swept=("0%", "40%"),
    )
    annoys: Share = key(
        0.3,
        "Chance that being without the good is a bad experience, where the visit neither ends with "
        "a substitute nor with the good from elsewhere.",
        kind="A",
        swept=("0%", "100%"),
    )


class LoweredStock(Record):
    """What the rules read of `Stock`, and of the scenario's `stock`."""

    on: i8  # 1 where some place holds units
    variants: i8  # of all categories
    places: i8
    most: i8  # variants of the category with most
    worth: f8
    differs: f8
    effort: f8
    screen: f8
    attached: f8
    waiting: f8
    belief: f8
    asks: f8
    looks_again: f8  # seconds
    way: f8
    looks_up: f8
    annoys: f8
    keeps: i8  # seconds that a unit is kept for somebody
    feed: i8  # seconds between two readings of what is there


@fills(LoweredStock)
def _lower(scenario: ScenarioParts) -> Values:
    stock = scenario.stock
    counts = [c.n_variants for c in scenario.categories]
    return {
        "on": int(stock.holds_units),
        "variants": sum(counts) if stock.holds_units else 0,
        "places": len(stock.places),
        "most": max(counts),
        "keeps": stock.keeps,
        "feed": stock.feed,
    }


class Variant(Record):
    """One variant of a category: a value of each aspect."""

    popularity: f8
    value: i8  # number of the value of each aspect, `ASPECTS` digits of 8 bits


class Aspect(Record):
    """An aspect of a category's variants; `ASPECTS` of them stand in a row for each category."""

    values: i8  # 0: there is no such aspect
    stride: i8  # between variants that differ by one value
    first: i8  # of `Model.popular`: the values' popularity, added up
    personal: i8  # 1: a person wants the same always
    ordered: i8  # 1: what differs counts for each step between two values
    differs: f8


class StockPlace(Record):
    """A place that holds units."""

    ships: i8  # seconds until what is ordered from elsewhere is delivered; -1 it does not ship
    seller: i8  # the channel in which one goes there
    silos: i8  # of its channels, a bit each


class Supply(Record):
    """How one place is supplied with one variant."""

    level: i8  # units at the start, and after each order; -1 as many as are asked for
    order_point: i8  # units at which an order is placed; -1 by review
    lot: i8  # units of an order; 0 up to the level
    review: i8  # seconds between reviews; 0 none
    lead: i8  # seconds
    life: i8  # seconds until a unit is spoiled; 0 never


class Kept(Record):
    """The unit that is kept for a person: one at a time."""

    kept_shelf: i4 = -1
    kept_need: i4 = -1


class Shelf(Record):
    """Units of one variant at one place."""

    free: i4  # there, and for anybody
    held: i4  # there, and kept for somebody
    coming: i4  # ordered, on the way
    said: i4  # what the feed's last reading said
    said_t: i8  # and when that was
    ordered: i8  # from the supplier so far, and delivered
    came: i8
    sold: i8
    back: i8  # sent back by customers
    spoiled: i8
    gone: i8  # left the shelf so far: with `held` in it
    due: i8  # when the last order is here, -1 none


@inner
def variant_wanted(model: Model, person: Person, category: int, ordinal: int) -> int:
    """Return which variant of a category a need wants, 0 where there is one only.

    Aspect by aspect, by popularity, each with a uniform of its own.
    """
    first = category * ASPECTS
    if model.aspect[first].values == 0:
        return 0
    entity = person.entity
    k0, k1 = model.key.k0, model.key.k1
    a, b, c, _ = draw4(k0, k1, VARIANT, entity, ordinal)
    p, q, r, _ = draw4(k0, k1, VARIANT, entity, FOR_GOOD | category)
    variant = _value(model, first, a, p)
    variant += _value(model, first + 1, b, q)
    return variant + _value(model, first + 2, c, r)


@inner
def _value(model: Model, i: int, of_need: float, for_good: float) -> int:
    """Return what the value of an aspect adds to a variant's number."""
    x = model.aspect[i]
    if x.values == 0:
        return 0
    u = for_good if x.personal == 1 else of_need
    k = 0
    while k < x.values - 1 and u >= model.popular[x.first + k]:
        k += 1
    return int(k * x.stride)


@inner
def bound_shelf(model: Model, place: int, category: int, variant: int) -> int:
    """Return the shelf of a variant at a place, -1 where it has as many as are asked for."""
    if place < 0:
        return -1
    shelf = place * model.stock.variants + model.first_variant[category] + variant
    return int(shelf) if model.supply[shelf].level >= 0 else -1


@inner
def shelf_of(model: Model, channel: int, category: int, variant: int) -> int:
    """Return the shelf from which a channel takes a variant, -1 where there is always enough."""
    return bound_shelf(model, int(model.stock_at[channel]), category, variant)


@inner
def loss(model: Model, category: int, wanted: int, other: int) -> float:
    """Return what another variant is worth less than the one that was wanted."""
    x = 0.0
    for k in range(ASPECTS):
        aspect = model.aspect[category * ASPECTS + k]
        if aspect.values > 0:
            a = wanted // aspect.stride % aspect.values
            b = other // aspect.stride % aspect.values
            steps = a - b if a > b else b - a
            if steps > 1 and aspect.ordered == 0:
                steps = 1
            x += aspect.differs * steps
    return x


@inner
def weigh_substitutes(
    cell: WorldCell, model: Model, place: int, category: int, wanted: int, first: int,
    option: Floats,
) -> None:  # fmt: skip
    """Write the weights of the variants that the place has, from ``option[first]`` on.

    The eye falls on the others by popularity, so the weight is exp(worth - loss) times the
    popularity among the others: to part one variant in two alike ones moves nothing.
    """
    column = int(model.first_variant[category])
    others = 1.0 - model.variant[column + wanted].popularity
    for j in range(model.stock.most):
        option[first + j] = 0.0
        if j == wanted or j >= model.n_variants[category] or others <= 0.0:
            continue
        shelf = bound_shelf(model, place, category, j)
        if shelf >= 0 and cell.shelf[shelf].free <= 0:
            continue
        popular = model.variant[column + j].popularity / others
        x = model.stock.worth - loss(model, category, wanted, j)
        option[first + j] = popular * math.exp(x)


@inner
def effort_of(model: Model, channel: int) -> float:
    """Return what it costs to go to a channel: on a screen less."""
    part = model.stock.screen if model.ch[channel].devices == 1 else 1.0
    return float(model.stock.effort * part)


@inner
def weigh_without(
    model: Model, category: int, channel: int, left: float, first: int, option: Floats
) -> None:
    """Write the weights of waiting, a rival and nothing, from ``option[first]`` on.

    Parameters
    ----------
    channel
        Where the person is.
    left
        Seconds for which the need still lasts.
    """
    s = model.stock
    effort = effort_of(model, channel)
    waits = s.waiting * s.looks_again / left
    option[first] = math.exp(s.worth - effort - waits)
    option[first + 1] = model.cat[category].rival * math.exp(s.worth - effort - s.attached)
    option[first + 2] = 1.0


@inner
def pick_option(option: Floats, n: int, u: float) -> int:
    """Return one of ``n`` options in proportion to their weights, by uniform ``u``."""
    total = 0.0
    for k in range(n):
        total += option[k]
    x = u * total
    last = n - 1
    for k in range(n):
        if option[k] > 0.0:
            last = k
            x -= option[k]
            if x < 0.0:
                return k
    return last


def options_of(model: Model) -> int:
    """Return how many things a person may do without a good, where anything can run out."""
    s = model.stock
    return len(model.ch) + int(s.places) + int(s.most) + 3 if s.on == 1 else 0
