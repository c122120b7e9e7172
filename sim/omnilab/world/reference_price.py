"""What a promotion teaches: a price is held against the price that the person is used to.

A person keeps a reference price r: the share of the usual price that it has paid or seen lately.
Where it looks at what it needs it knows the price p at hand, and the stock of stimuli of that visit
gets

    s * gain * (r - p)               where p is lower, a gain
    - s * gain * aversion * (p - r)  where it is higher, a loss

with ``s`` the person's sensitivity to prices (`omnilab.world.offers`). Then r goes a part of the
way to p: ``1 - keeps`` of it with an order, and ``seen`` of that with a price that is only seen, at
a visit or in a message. So a discount brings orders forward, and who has bought with one is less
ready at the full price, and readier where the next offer holds. Before anything is learnt r is 1.

Who has put something into a cart was ready at the price of then. At a higher one such a person
holds back in the share in which somebody with that stock would (`omnilab.world.interruption`).

References
----------
Kalyanaram and Winer (1995), "Empirical generalizations from reference price research", Marketing
Science 14(3); Hardie, Johnson and Fader (1993), "Modeling loss aversion and reference dependence
effects on brand choice", Marketing Science 12(4); Mazumdar, Raj and Sinha (2005), "Reference price
research: review and propositions", Journal of Marketing 69(4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Few, Parameters, key
from omnilab.parameters.quantity import Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.offers import sensitivity_of

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "LoweredReferencePrice",
    "PriceInMind",
    "ReferencePrice",
    "feels_price",
    "pays_price",
    "sees_price",
]


class ReferencePrice(Parameters):
    """The price that a person is used to, and what others do."""

    gain: Stimulus = key(
        0.0,
        "What a price that is lower than the one in mind by a whole usual price adds to the stock "
        "at that visit. As much as money off weighs at the cart is `Response.offer` / "
        "`Intent.slope`, 2.5 as both stand.",
        unit="stimuli per usual price",
        kind="A",
        source="off by default; form of KALYANARAM95",
        swept=("0", "2.5"),
    )
    aversion: Few = key(
        2.0,
        "How much more a price counts that is higher than the one in mind.",
        unit="factor, no unit",
        kind="P",
        source="HARDIE93: losses weigh about twice as much as gains",
        swept=("1", "3"),
    )
    keeps: Share = key(
        0.7,
        "Part of the price in mind that an order leaves; the rest is what was paid. Between .6 and "
        ".85 a purchase in the studies that MAZUMDAR05 reviews.",
        kind="P",
        source="MAZUMDAR05",
        swept=("60%", "85%"),
    )
    seen: Share = key(
        0.2,
        "What a price counts that is only seen, at a visit or in a message, of one that is paid.",
        kind="A",
        source="what is paid weighs more: no size is published",
        swept=("0%", "100%"),
    )


class LoweredReferencePrice(Record):
    """What the rules read of `ReferencePrice`."""

    on: i8  # 1 where prices are compared
    gain: f8
    aversion: f8
    learns: f8  # part of the way that an order takes the price in mind
    glances: f8  # and a price that is seen


@fills(LoweredReferencePrice)
def _lower(scenario: ScenarioParts) -> Values:
    mind = scenario.world.reference_price
    learns = 1.0 - mind.keeps
    return {"on": int(mind.gain > 0.0), "learns": learns, "glances": learns * mind.seen}


class PriceInMind(Record):
    """What a person is used to pay."""

    reference: f8 = 1.0  # share of the usual price


@inner
def feels_price(model: Model, person: Person, price: float) -> float:
    """Return what a price adds to the stock at a visit, and see it; a share of the usual price."""
    x = person.reference - price
    if x < 0.0:
        x *= model.reference_price.aversion
    sees_price(model, person, price)
    return model.reference_price.gain * sensitivity_of(model, person) * x


@inner
def sees_price(model: Model, person: Person, price: float) -> None:
    """Let a person see a price, as a share of the usual one."""
    person.reference += model.reference_price.glances * (price - person.reference)


@inner
def pays_price(model: Model, person: Person, price: float) -> None:
    """Let a person pay a price, as a share of the usual one."""
    person.reference += model.reference_price.learns * (price - person.reference)
