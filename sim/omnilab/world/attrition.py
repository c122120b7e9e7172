"""Attrition: customers of a running relation leave without the brand's fault, some sooner.

A customer may leave because it moves, has no more use for the goods, or finds something else.
Such moments are a Poisson process of the customer's own. With tenure a, which counts from the
first order, their expected number until then is

    L(a) = G * (-ln(1 - yearly)) * (a / year)^ageing,    G ~ gamma of mean 1 and shape `shape`

So of customers who are all alike and whom nothing holds the share ``yearly`` leaves in the first
year. G tells who leaves easily from who stays: those leave first, and a cohort's rate falls with
its tenure though nobody's own does (`ageing` 1). Who bought before the start has been a customer
for a time that is exponential with mean ``before``, and is one still: G of such a one is gamma of
the same shape, over shape + L(a) / G in place of shape.

At such a moment the customer leaves with chance

    exp(-member * M - stake * ln(1 + w)) * (1 - answers * (1 - exp(-care * exp(-age / lasts))))

| M | 1 for a member of the programme: of the brand's with the act `join` who has done it, without |
|   | that act everybody                                                                           |
| w | what would be lost, in units of currency: the points by the own count, at their worth, and   |
|   | the balance that was seen last                                                               |
| age | time since the last message that `retains` was seen                                        |

So leaving is a proportional hazard, thinned. Membership and what is at stake are costs of
switching, whatever the reason. A contact that asks for the reason and answers it helps where there
is something to answer, in the share ``answers``; in time: who has left does not hear it, and it
fades. How often a customer comes by, or thinks of the brand, is something else
(`omnilab.world.waking`); what the brand did wrong is, too (`omnilab.world.satisfaction`); so is the
chance to drop out after an order (`Population.dropout`), which needs an order.

References
----------
Schweidel, Fader and Bradlow (2008), "Understanding service retention within and across cohorts
using limited information", Journal of Marketing 72(1): a hazard with duration dependence,
differences between customers, and covariates. Fader and Hardie (2007), "How to project customer
retention", Journal of Interactive Marketing 21(1): retention that rises with tenure, by who is
left. Bhattacharya (1998), "When customers are members", Journal of the Academy of Marketing Science
26(1). Verhoef (2003), "Understanding the effect of customer relationship management efforts on
customer retention and customer share development", Journal of Marketing 67(4): affective commitment
and loyalty programmes with economic incentives hold customers. Burnham, Frels and Mahajan (2003),
"Consumer switching costs", Journal of the Academy of Marketing Science 31(2): benefits that are
lost and relations that end are costs of switching. Cox (1972), "Regression models and life-tables",
Journal of the Royal Statistical Society B 34(2): the proportional hazard.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import exponential, from_table
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i4, i8
from omnilab.log.act_kinds import JOIN
from omnilab.parameters.declared import Few, Parameters, key
from omnilab.parameters.quantity import Duration, Shape, Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "Attrition",
    "LoweredAttrition",
    "Tenure",
    "begins_relation",
    "counts_points",
    "first_tenure",
    "hears_out",
    "hold_at",
    "next_moment",
    "sees_balance",
    "stays_through",
]

MOMENT: Final = stream("MOMENT", 114)  # a moment to leave: person, its number
TENURE: Final = stream("TENURE", 115)  # who leaves easily, and since when a customer: person

YEAR: Final = 365 * 86400  # seconds
NEVER_HEARD: Final = -(1 << 40)  # seconds

NO_PROGRAMME: Final = 0  # what makes a member
ALL_ARE: Final = 1
WHO_JOINED: Final = 2


class Attrition(Parameters):
    """Leaving without a cause of the brand's, and what lowers it."""

    yearly: Annotated[Share, Field(le=0.99)] = key(
        0.0,
        "Share of new customers that would leave in the first year, without a cause of the "
        "brand's, if all were alike and nothing held them.",
        kind="A",
        source="off by default; 37% and 13% of customers left in the first year in FADER07 (from "
        "memory)",
        came_later=True,
        swept=("5%", "40%"),
    )
    shape: Shape = key(
        0.7,
        "Gamma shape, over customers, of how easily one leaves: small means that few leave soon "
        "and most stay for long.",
        unit="shape, no unit",
        kind="A",
        source="order of the first parameters of the beta laws in FADER07, .67 and .70 (from "
        "memory)",
        swept=("0.3", "5"),
    )
    ageing: Annotated[Few, Field(ge=0.2)] = key(
        1.0,
        "Power of tenure in the expected number of moments to leave: below 1 a customer's own rate "
        "falls with its tenure, above 1 it rises.",
        unit="exponent, no unit",
        kind="A",
        source="1 is none; form of SCHWEIDEL08",
        swept=("0.6", "1.5"),
    )
    before: Annotated[Duration, Field(gt=0)] = key(
        730 * 86400,
        "Mean time for which who bought before the start has been a customer then.",
        kind="A",
        swept=("90d", "1825d"),
    )
    member: Stimulus = key(
        0.3,
        "What membership of the programme takes off the logarithm of the rate of leaving.",
        unit="log of the rate",
        kind="A",
        source="sign of VERHOEF03 and BHATTACHARYA98",
        swept=("0", "1"),
    )
    stake: Stimulus = key(
        0.1,
        "What is at stake takes off it: points by their worth, and the balance. 10 euros take off "
        "ln 11 = 2.4 times this.",
        unit="log of the rate per log of units of currency",
        kind="A",
        source="sign of BURNHAM03",
        swept=("0", "0.4"),
    )
    care: Stimulus = key(
        0.7,
        "What a message that `retains`, just seen, takes off it where the reason can be answered.",
        unit="log of the rate",
        kind="A",
        source="counts only where a message `retains`; sign of VERHOEF03, relations of BURNHAM03",
        swept=("0", "2"),
    )
    lasts: Annotated[Duration, Field(gt=0)] = key(
        90 * 86400,
        "Time in which that fades to 1/e.",
        kind="A",
        swept=("14d", "365d"),
    )
    answers: Share = key(
        0.5,
        "Share of moments to leave whose reason a contact can answer; the others, such as a move "
        "or no more use, nobody can.",
        kind="A",
        swept=("20%", "90%"),
    )


class LoweredAttrition(Record):
    """What the rules read of `Attrition`."""

    on: i8  # 1 where customers leave of themselves
    rate: f8  # expected moments in the first year
    gamma: f8  # `shape`
    table: i8  # number of the table of gamma(`shape`)
    ageing: f8
    before: f8  # seconds
    member: f8
    members: i8  # `NO_PROGRAMME`, `ALL_ARE`, or `WHO_JOINED`
    stake: f8
    point: f8  # worth of a point, units of currency
    care: f8
    lasts: f8  # seconds
    answers: f8


@fills(LoweredAttrition)
def _lower(scenario: ScenarioParts) -> Values:
    brand, world = scenario.brand, scenario.world
    has_programme = brand.loyalty.card > 0 or brand.programme is not None
    joins = any(act.act == "join" for channel in scenario.channels for act in channel.acts)
    return {
        "on": int(world.attrition.yearly > 0.0),
        "gamma": world.attrition.shape,
        "rate": -math.log(1.0 - world.attrition.yearly),
        # Its table comes after that of visits without a need (omnilab.lowering.laws).
        "table": int(world.interest.shape > 0.0),
        "members": (WHO_JOINED if joins else ALL_ARE) if has_programme else NO_PROGRAMME,
        "point": brand.loyalty.worth / brand.loyalty.card if brand.loyalty.card > 0 else 0.0,
    }


class Tenure(Record):
    """What a person keeps of its relation with the brand."""

    leave_moments: i4 = 0  # to leave, so far
    leave_ease: f8 = 0.0  # of leaving: G
    customer_since: i8 = 0  # when the relation began
    leave_hazard: f8 = 0.0  # expected moments until the next one
    retained_t: i8 = NEVER_HEARD  # when the last message that retains was seen
    own_points: i8 = 0  # by the own count
    own_balance: i8 = 0  # cents, as seen last


@inner
def _hazard_at(model: Model, age: float) -> float:
    """Return the expected number of moments in so many seconds of tenure, of who has G = 1."""
    if age <= 0.0:
        return 0.0
    return model.attrition.rate * math.exp(model.attrition.ageing * math.log(age / YEAR))


@inner
def first_tenure(model: Model, person: Person) -> int:
    """Begin the relation of who bought before the start; return when its first moment is, or -1."""
    if model.attrition.on == 0 or person.purchases == 0 or person.left == 1:
        return -1
    u, v, _, _ = draw4(model.key.k0, model.key.k1, TENURE, person.entity, 0)
    age = exponential(v) * model.attrition.before
    return _begin(model, person, -int(age), 0, u)


@inner
def begins_relation(model: Model, person: Person, t: int) -> int:
    """Begin the relation of who orders for the first time; return when its first moment is."""
    u, _, _, _ = draw4(model.key.k0, model.key.k1, TENURE, person.entity, 0)
    return _begin(model, person, t, t, u)


@inner
def _begin(model: Model, person: Person, since: int, t: int, u: float) -> int:
    part = model.attrition
    had = _hazard_at(model, float(t - since))
    person.customer_since = since
    person.leave_ease = from_table(model.table[int(part.table)], u) / (part.gamma + had)
    person.leave_hazard = person.leave_ease * had
    person.leave_moments = -1
    return next_moment(model, person, t)


@inner
def next_moment(model: Model, person: Person, t: int) -> int:
    """Return when the customer's next moment to leave is after the one at ``t``."""
    person.leave_moments += 1
    u, _, _, _ = draw4(model.key.k0, model.key.k1, MOMENT, person.entity, int(person.leave_moments))
    person.leave_hazard += exponential(u)
    never = int(model.clock.run_end) + 1
    rate = person.leave_ease * model.attrition.rate
    if rate <= 1e-12:
        return never
    years = math.exp(math.log(person.leave_hazard / rate) / model.attrition.ageing)
    if years * YEAR >= float(never - person.customer_since):
        return never
    return max(int(person.customer_since) + int(years * YEAR), t + 1)


@inner
def hold_at(model: Model, person: Person) -> float:
    """Return what costs of switching take off the log of the rate: membership, and the stake."""
    part = model.attrition
    joined = (int(person.acts) >> JOIN) & 1
    x = 0.0
    if part.members == ALL_ARE or (part.members == WHO_JOINED and joined == 1):
        x = float(part.member)
    worth = (
        max(float(person.own_points), 0.0) * part.point
        + max(float(person.own_balance), 0.0) / 100.0
    )
    return x + part.stake * math.log(1.0 + worth)


@inner
def stays_through(model: Model, person: Person, t: int) -> bool:
    """Tell whether a customer stays at the moment to leave whose number it is at."""
    _, reason, leaves, _ = draw4(
        model.key.k0, model.key.k1, MOMENT, person.entity, int(person.leave_moments)
    )
    x = hold_at(model, person)
    if person.retained_t > NEVER_HEARD and reason < model.attrition.answers:
        x += model.attrition.care * math.exp((person.retained_t - t) / model.attrition.lasts)
    return leaves >= math.exp(-x)


@inner
def hears_out(model: Model, person: Person, t: int) -> None:
    """Note that a customer sees a message that asks for its reasons to leave and answers them."""
    if model.attrition.on == 1:
        person.retained_t = t


@inner
def counts_points(model: Model, person: Person, points: int) -> None:
    """Let a person count points that it was given, or spent where negative."""
    if model.attrition.on == 1:
        person.own_points += points


@inner
def sees_balance(model: Model, person: Person, cents: int) -> None:
    """Let a person see the balance of its card."""
    if model.attrition.on == 1:
        person.own_balance = cents
