"""Interest without a need: who looks around, when again, and what looking does to needs.

Visits without a need (`omnilab.world.idle`) go on by themselves, at a rate that may differ by
person. On top of them come those that earlier visits and orders lead to, the more the fresher
these are: each is the offspring of its parent, as in the branching form of a Hawkes process, and
takes its address from it. So what a message leads to adds visits and moves none.

Looking at a category makes an open need in it riper; without one the next need in it begins with
what is left. And a visit may end in a need that was not there before.

References
----------
Moe and Fader (2004), "Capturing evolving visit behavior in clickstream data", Journal of
Interactive Marketing 18(1): gamma-mixed rates of visits; the same authors (2004), "Dynamic
conversion behavior at e-commerce sites": visits add up to readiness. Hawkes and Oakes (1974), "A
cluster process representation of a self-exciting process".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import exponential, from_table
from omnilab.draws.philox import draw4
from omnilab.draws.streams import V_AGAIN, V_FORM, VISIT_IDLE, VISIT_LOOK, stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Few, Many, Parameters, Part, key
from omnilab.parameters.quantity import Duration, Share, Stimulus
from omnilab.world.clock import later
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "BORN_ORDINAL",
    "Interest",
    "LooksAround",
    "LoweredInterest",
    "after_visit",
    "finds_need",
    "next_after_order",
    "stir",
    "take_interest",
    "times_of",
]

TIMES: Final = stream("TIMES", 177)  # how often a person looks around: person
AFTER_ORDER_LOOK: Final = stream("AFTER_ORDER_LOOK", 178)  # visits that an order leads to

BORN_ORDINAL: Final = 3 << 23  # needs that end a visit without one are numbered from here on
_FURTHER: Final = 1 << 22  # those of visits that others led to
MOST_AFTER: Final = 255  # visits that one order leads to: bits of their addresses


class Interest(Parameters):
    """Who looks around without a need, when again, and what comes of it."""

    shape: Many = key(
        0.0,
        "Gamma shape, over persons, of how often they visit without a need: small means that few "
        "come often and many rarely; 0 means that all are alike.",
        unit="shape, no unit",
        kind="A",
        source="off by default; the form is that of MOEFADER",
        came_later=True,
        swept=("0.5", "3"),
    )
    with_needs: Part = key(
        0.0,
        "Rank correlation of that with how often a person has needs: the share of persons in whom "
        "both have the same rank; it is divided among the categories. It needs `shape`.",
        unit="correlation",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0", "0.8"),
    )
    after_order: Few = key(
        0.0,
        "Visits without a need that an order leads to, on average.",
        unit="visits",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0", "3"),
    )
    after_visit: Annotated[Share, Field(le=0.9)] = key(
        0.0,
        "Chance that a visit leads to another one, without a need.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0%", "50%"),
    )
    fades: Duration = key(
        240000,
        "Mean time to those visits, on the activity clock: the interest fades with a half-life of "
        "1.9 days, as a need's stock of stimuli does.",
        kind="P/D",
        source="SAHNI",
        came_later=True,
    )
    readies: Stimulus = key(
        0.0,
        "What looking at a category without a need adds to the stock of the open need in it, or "
        "to that with which the next one begins.",
        unit="stimuli",
        kind="A",
        source="off by default; a visit for the need itself adds `Intent.visit_gain`",
        came_later=True,
        swept=("0", "0.6"),
    )
    creates: Share = key(
        0.0,
        "Chance that a visit without a need ends in one, in the category looked at. These needs "
        "come on top of those of `Category.every`.",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("0%", "2%"),
    )

    inertia: bool = key(
        True,
        "Visits without a need move the inertia of channel choice to their place; else only visits "
        "for needs do, and looking around draws no need away from where it was looked for.",
        kind="A",
        source="as it was; sweep both",
        came_later=True,
    )


class LoweredInterest(Record):
    """What the rules read of `Interest`."""

    inertia: i8
    with_needs: f8
    after_order: f8
    after_visit: f8
    fades: f8  # seconds of activity
    readies: f8
    creates: f8
    table: i8  # number of the table of gamma(`shape`), -1 where all are alike
    middle: f8  # its mean


@fills(LoweredInterest)
def _lower(scenario: ScenarioParts) -> Values:
    shape = scenario.world.interest.shape
    # Its table is the first of all (omnilab.lowering.laws).
    return {"table": 0 if shape > 0.0 else -1, "middle": shape}


class LooksAround(Record):
    """How often a person visits without a need, in times of the channels' rates."""

    times: f8 = 1.0


# Persons


@inner
def times_of(cell: WorldCell, model: Model, person: Person, rates: int) -> float:
    """Return a person's factor on the rates of visits without a need: gamma of mean 1.

    Parameters
    ----------
    rates
        Place of the draw behind the rate of needs in the first category (`omnilab.world.traits`).
        A share `Interest.with_needs` of persons takes its factor from the draw of a category,
        each as likely, and so has the same rank in both.
    """
    if model.interest.table < 0:
        return 1.0
    u, same, _, _ = draw4(model.key.k0, model.key.k1, TIMES, person.entity, 0)
    if same < model.interest.with_needs:
        u = cell.trait[0, rates + int(same / model.interest.with_needs * len(model.cat))]
    return from_table(model.table[int(model.interest.table)], u) / model.interest.middle


# Offspring


@inner
def _address(x: float, y: float) -> int:
    """Return an occasion of 56 bits from two uniforms of 32 bits."""
    return (int(x * (1 << 28)) << 28) | int(y * (1 << 28))


@inner
def after_visit(
    model: Model, person: Person, t: int, family: int, occasion: int
) -> tuple[int, int]:
    """Return when a visit leads to another one without a need, -1 if it does not, and its address.

    The delay is exponential on the activity clock.
    """
    whether, delay, x, y = draw4(
        model.key.k0, model.key.k1, family + V_AGAIN, person.entity, occasion
    )
    if whether >= model.interest.after_visit:
        return -1, 0
    return later(model, t, exponential(delay) * model.interest.fades), _address(x, y)


@inner
def next_after_order(
    model: Model, person: Person, t: int, ordinal: int, number: int
) -> tuple[int, int]:
    """Return when visit ``number`` that an order at ``t`` leads to is due, and its address.

    They are a Poisson process in activity a since the order, of the rate

        after_order / fades * exp(-a / fades)

    whose integral is inverted at the sums of unit exponentials. It is -1 where none is left.
    """
    total = 0.0
    x = 0.0
    y = 0.0
    for k in range(number + 1):
        gap, x, y, _ = draw4(
            model.key.k0, model.key.k1, AFTER_ORDER_LOOK, person.entity, (ordinal << 8) | k
        )
        total += exponential(gap)
    most = model.interest.after_order
    if total >= most or number >= MOST_AFTER:
        return -1, 0
    return later(model, t, -math.log(1.0 - total / most) * model.interest.fades), _address(x, y)


# What looking does to needs


@inner
def stir(cell: WorldCell, model: Model, who: int, category: int, t: int) -> None:
    """Leave interest in a category for the next need in it."""
    stir_by(cell, model, who, category, t, model.interest.readies)


@inner
def stir_by(cell: WorldCell, model: Model, who: int, category: int, t: int, stimuli: float) -> None:
    """Leave so many stimuli for the next need in a category."""
    cell.interest[who, category] = _left(cell, model, who, category, t) + stimuli
    cell.interest_t[who, category] = t


@inner
def take_interest(cell: WorldCell, model: Model, who: int, need: Need, t: int) -> None:
    """Let a new need begin with the interest that is left in its category."""
    category = int(need.category)
    need.stock = _left(cell, model, who, category, t)
    cell.interest[who, category] = 0.0


@inner
def _left(cell: WorldCell, model: Model, who: int, category: int, t: int) -> float:
    """Return what is left of the interest in a category: it fades as a need's stock does."""
    age = t - cell.interest_t[who, category]
    return cell.interest[who, category] * math.exp(-model.intent.decay * age)


@inner
def finds_need(model: Model, person: Person, family: int, occasion: int) -> int:
    """Return the ordinal of the need in which a visit without one ends, or -1.

    Visits to which a message led are no such visits: what a click makes is `Response.created`.
    """
    if model.interest.creates <= 0.0 or person.left == 1:
        return -1
    if family != VISIT_IDLE and family != VISIT_LOOK:
        return -1
    _, creates, _, _ = draw4(model.key.k0, model.key.k1, family + V_FORM, person.entity, occasion)
    if creates >= model.interest.creates:
        return -1
    further = _FURTHER if family == VISIT_LOOK else 0
    return BORN_ORDINAL | further | (occasion & (_FURTHER - 1))
