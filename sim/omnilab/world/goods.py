"""Goods within a category: what persons see of them, like, choose, and put into one basket.

A visit shows a page of a few goods, the recommended ones first and others by popularity. What a
person has seen for a need makes up its consideration set. Of it the person takes the good with the
highest utility, a multinomial logit over what was seen:

    U = quality + taste for the good + taste for its group
        - sensitivity ln(price / the category's usual price) + Gumbel

Tastes and sensitivity are the person's for good, the Gumbel term is the person's, the need's and
the good's: seen twice, a good is liked as much as before, and every strategy meets the same
liking. So trading up and down follow from what was seen, and nothing but that is what a
recommendation changes. Where `leaves` is above 0 the set has one more member, to take none of them.

An order of a category may have several lines. How many the person wants is geometric; the next line
is the good with the next highest utility, to which one adds that goes together with the first.

References
----------
McFadden (1974) for the logit; Luce (1959) and Plackett (1975) for choosing one after the other.
Hauser and Wernerfelt (1990), "An evaluation cost model of consideration sets". Bijmolt, van Heerde
and Pieters (2005), "New empirical generalizations on the determinants of price elasticity".
Brynjolfsson, Hu and Smith (2003), "Consumer surplus in the digital economy", for sales by rank.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.offer_bounds import price_with_offer

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person

__all__ = [
    "MOST_GOODS",
    "MOST_LINES",
    "MOST_SHOWN",
    "Consideration",
    "Good",
    "LoweredGoods",
    "best_liked",
    "chooses",
    "good_liking",
    "goods_page",
    "goods_there",
    "lines_wanted",
    "margin_of_lines",
    "opinion",
    "pick_good",
]

GOODS_PAGE: Final = stream("GOODS_PAGE", 163)  # places of a page: person and family, occasion
GOOD_TASTE: Final = stream("GOOD_TASTE", 164)  # person, four goods at a time
GROUP_TASTE: Final = stream("GROUP_TASTE", 165)  # person, four groups at a time
GOODS_LIKING: Final = stream("GOODS_LIKING", 166)  # person, need and four goods at a time
PRICE_SENSITIVITY: Final = stream("PRICE_SENSITIVITY", 167)  # person
ORDER_LINES: Final = stream("ORDER_LINES", 168)  # person, need

#: Goods of all categories together: a set of them is one number, a bit each.
MOST_GOODS: Final = 60
#: Lines of one order.
MOST_LINES: Final = 8
#: Goods that one message shows.
MOST_SHOWN: Final = 4
#: Places of a page.
MOST_PLACES: Final = 8

OUTSIDE: Final = 63  # in the address of a liking: that of taking none


class Consideration(Parameters):
    """How persons choose among the goods of a category."""

    page: Annotated[int, Field(ge=1, le=MOST_PLACES)] = key(
        5,
        "Goods that a visit shows, as far as there are so many.",
        unit="goods",
        kind="A",
        source="sets of a few goods: HAUSER90",
        swept=("2", "8"),
    )
    taste: Stimulus = key(
        1.0,
        "Standard deviation over persons of how much they like one good more than another.",
        unit="logit",
        kind="A",
        swept=("0", "2"),
    )
    group: Stimulus = key(
        1.0,
        "Standard deviation over persons of how much they like one group, such as an author, more "
        "than another.",
        unit="logit",
        kind="A",
        swept=("0", "2"),
    )
    price: Stimulus = key(
        2.62,
        "What a price e times as high takes from a good, in the mean over persons: the mean of "
        "published elasticities of one brand's sales, to which it comes near where the good has a "
        "small share.",
        unit="logit",
        kind="P",
        source="BIJMOLT05",
        swept=("1", "4"),
    )
    price_spread: Stimulus = key(
        0.5,
        "Standard deviation over persons of the logarithm of that sensitivity.",
        unit="logarithms",
        kind="A",
        swept=("0", "1"),
    )
    leaves: Annotated[Share, Field(le=0.95)] = key(
        0.0,
        "Chance that a person who is ready to choose, and has seen a single good of quality 0 at "
        "the usual price, whom taste does not move, takes none; 0: always one.",
        kind="A",
        source="off by default",
        swept=("0%", "60%"),
    )
    together: Stimulus = key(
        1.0,
        "What a good gains as a further line if it goes together with the first.",
        unit="logit",
        kind="A",
        swept=("0", "3"),
    )
    rank: Stimulus = key(
        0.87,
        "How steeply popularity falls with the place in the list: the n-th good has n to the power "
        "of minus this. Of books it is .871 in sales by rank.",
        unit="exponent, no unit",
        kind="P",
        source="BRYNJOLFSSON03",
        swept=("0", "1.5"),
    )


class LoweredGoods(Record):
    """What the rules read of `Consideration`."""

    on: i8  # 1 where some category has goods
    page: i8
    taste: f8
    group: f8
    price: f8
    price_spread: f8
    outside: f8  # utility of none, logit
    may_leave: i8  # 1 where none can be taken
    together: f8


@fills(LoweredGoods)
def _lower(scenario: ScenarioParts) -> Values:
    leaves = scenario.world.goods.leaves
    return {
        "on": int(any(category.goods for category in scenario.categories)),
        "outside": math.log(leaves / (1.0 - leaves)) if leaves > 0.0 else 0.0,
        "may_leave": int(leaves > 0.0),
    }


class Good(Record):
    """One good; goods are counted over all categories."""

    category: i8
    price: i8  # cents
    dear: f8  # logarithm of the price over the category's usual one
    quality: f8
    popularity: f8
    group: i8  # -1 none
    arrives: i8  # seconds; 0 there from the start
    goes_with: i8  # goods, a bit each


@inner
def goods_there(model: Model, t: int, goods: int) -> int:
    """Return those of a set of goods that have arrived."""
    there = 0
    for g in range(len(model.good)):
        if (goods >> g) & 1 == 1 and model.good[g].arrives <= t:
            there |= 1 << g
    return there


@inner
def goods_page(
    model: Model, person: Person, category: int, t: int, family: int, occasion: int, first: int
) -> int:
    """Return the goods that a visit shows, a bit each.

    Place k has a uniform of its own, so that a recommendation moves no other place.

    Parameters
    ----------
    family, occasion
        Address of the visit's draws.
    first
        Goods that take the first places, whatever their category.
    """
    places, shown, n = int(model.goods.page), 0, 0
    start = int(model.first_good[category])
    end = start + int(model.n_goods[category])
    for g in range(len(model.good)):
        if n < places and (first >> g) & 1 == 1 and model.good[g].arrives <= t:
            shown |= 1 << g
            n += 1
    left = 0.0
    for g in range(start, end):
        if (shown >> g) & 1 == 0 and model.good[g].arrives <= t:
            left += model.good[g].popularity
    k0, k1, family = model.key.k0, model.key.k1, family * 2
    a = draw4(k0, k1, GOODS_PAGE, (family << 40) | int(person.entity), occasion)
    b = a
    if places > 4:
        b = draw4(k0, k1, GOODS_PAGE, ((family + 1) << 40) | int(person.entity), occasion)
    while n < places:
        u = a[n] if n < 4 else b[n - 4]
        g = _next_on_page(model, start, end, t, shown, u * left)
        if g < 0:
            break
        shown |= 1 << g
        left -= model.good[g].popularity
        n += 1
    return shown


@inner
def _next_on_page(model: Model, start: int, end: int, t: int, shown: int, x: float) -> int:
    """Return the good at ``x`` of the popularity of those that are not shown yet, -1 if all are."""
    last = -1
    for g in range(start, end):
        good = model.good[g]
        if (shown >> g) & 1 == 1 or good.arrives > t or good.popularity <= 0.0:
            continue
        last = g
        x -= good.popularity
        if x < 0.0:
            return g
    return last


@inner
def sensitivity_to_price(model: Model, person: Person) -> float:
    """Return a person's sensitivity to the logarithm of prices: lognormal, with the mean given."""
    spread = model.goods.price_spread
    if spread <= 0.0:
        return float(model.goods.price)
    u, _, _, _ = draw4(model.key.k0, model.key.k1, PRICE_SENSITIVITY, person.entity, 0)
    return float(model.goods.price * math.exp(spread * normal(u) - 0.5 * spread * spread))


@inner
def opinion(model: Model, person: Person, g: int, sensitivity: float) -> float:
    """Return a person's lasting utility of a good: quality, tastes and price."""
    good = model.good[g]
    k0, k1, entity = model.key.k0, model.key.k1, person.entity
    x = good.quality - sensitivity * good.dear
    if model.goods.taste > 0.0:
        x += model.goods.taste * normal(draw4(k0, k1, GOOD_TASTE, entity, g >> 2)[g & 3])
    if model.goods.group > 0.0 and good.group >= 0:
        group = int(good.group)
        x += model.goods.group * normal(draw4(k0, k1, GROUP_TASTE, entity, group >> 2)[group & 3])
    return float(x)


@inner
def good_liking(model: Model, person: Person, ordinal: int, g: int) -> float:
    """Return what a person likes a good more for one need than ever: standard Gumbel."""
    address = (ordinal << 8) | (g >> 2)
    u = draw4(model.key.k0, model.key.k1, GOODS_LIKING, person.entity, address)[g & 3]
    return -math.log(-math.log(u))


@inner
def pick_good(
    model: Model, person: Person, ordinal: int, among: int, first: int, offered: int
) -> tuple[int, float]:
    """Return the good with the highest utility, and that; -1 where there is none to choose from.

    Parameters
    ----------
    ordinal
        The need's; -1 without one, where lasting opinions alone count.
    among
        The goods to choose from, a bit each.
    first
        The first line, where it is a further one; -1.
    offered
        The goods for which the person counts on the offer in hand, a bit each.
    """
    best, most = -1, 0.0
    sensitivity = sensitivity_to_price(model, person)
    goes_with = int(model.good[first].goes_with) if first >= 0 else 0
    for g in range(len(model.good)):
        if (among >> g) & 1 == 0:
            continue
        x = opinion(model, person, g, sensitivity)
        if ordinal >= 0:
            x += good_liking(model, person, ordinal, g)
        if (goes_with >> g) & 1 == 1:
            x += model.goods.together
        if (offered >> g) & 1 == 1:
            x -= sensitivity * math.log(price_with_offer(model, person, g))
        if best < 0 or x > most:
            best, most = g, x
    return best, most


@inner
def best_liked(model: Model, person: Person, category: int, t: int, number: int) -> int:
    """Return the goods of a category that a person truly likes best, a bit each.

    Parameters
    ----------
    category
        -1: of all categories.
    number
        How many.
    """
    among = 0
    for g in range(len(model.good)):
        if (category < 0 or model.good[g].category == category) and model.good[g].arrives <= t:
            among |= 1 << g
    found = 0
    for _ in range(number):
        g, _ = pick_good(model, person, -1, among & ~found, -1, 0)
        if g >= 0:
            found |= 1 << g
    return found


@inner
def lines_wanted(model: Model, person: Person, category: int, ordinal: int) -> int:
    """Return how many lines a person wants in one order: 1 and a geometric number, at most 8."""
    more = model.more_lines[category]
    if more <= 0.0:
        return 1
    u, _, _, _ = draw4(model.key.k0, model.key.k1, ORDER_LINES, person.entity, ordinal)
    further = int(math.log(u) / math.log(more / (1.0 + more)))
    return min(1 + further, MOST_LINES)


@inner
def chooses(model: Model, person: Person, need: Need, t: int, sure: bool, offered: int) -> bool:
    """Let a person fill the cart with what it has seen for a need; tell whether it takes anything.

    The need's value is then what the goods in the cart cost.

    Parameters
    ----------
    sure
        The person takes one whatever it is (a cohort's first order).
    offered
        The goods for which the person counts on the offer in hand, a bit each.
    """
    ordinal, category = int(need.ordinal), int(need.category)
    none = 0.0
    if model.goods.may_leave == 1:
        none = model.goods.outside + good_liking(model, person, ordinal, OUTSIDE)
    may_leave = model.goods.may_leave == 1 and not sure
    seen = int(need.goods_seen)
    own = seen & _of_category(model, category)
    first, likes = pick_good(model, person, ordinal, own, -1, offered)
    if first < 0 or (may_leave and likes < none):
        return False
    cart = 1 << first
    value = int(model.good[first].price)
    wanted = lines_wanted(model, person, category, ordinal)
    if wanted > 1:
        seen |= goods_there(model, t, int(model.good[first].goes_with))
    for _ in range(wanted - 1):
        g, likes = pick_good(model, person, ordinal, seen & ~cart, first, offered)
        if g < 0 or (model.goods.may_leave == 1 and likes < none):
            break
        cart |= 1 << g
        value += int(model.good[g].price)
    need.goods_seen = seen
    need.good = first
    need.goods_lines = cart
    need.value = value
    return True


@inner
def _of_category(model: Model, category: int) -> int:
    """Return the goods of a category, a bit each."""
    return ((1 << int(model.n_goods[category])) - 1) << int(model.first_good[category])


@inner
def margin_of_lines(model: Model, category: int, lines: int) -> float:
    """Return the margin of an order: that of its lines' categories, by what they cost."""
    total = 0
    margin = 0.0
    for g in range(len(model.good)):
        if (lines >> g) & 1 == 1:
            good = model.good[g]
            total += int(good.price)
            margin += good.price * model.cat[int(good.category)].margin
    return float(margin / total) if total > 0 else float(model.cat[category].margin)
