"""Who is simulated, and what they need: personas, households, categories.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from omnilab.parameters.declared import Few, Times, key
from omnilab.parameters.quantity import Amount, Duration, Index, Logit, Name, Shape, Share
from omnilab.scenario.goods import Good
from omnilab.scenario.part import Frozen, adds_up, known, unique
from omnilab.scenario.stock import Aspect, variants_of
from omnilab.world.goods import MOST_LINES

__all__ = [
    "MAX_CLASSES",
    "MAX_PERSONAS",
    "Category",
    "ClassSpend",
    "CustomerClass",
    "Dropout",
    "EarlyRepeats",
    "Entry",
    "History",
    "Persona",
    "Population",
    "Spend",
]

MAX_PERSONAS = 16
MAX_CLASSES = 8
MOST_OF_A_TOWN = 10_000  # persons; a cell has places for some more (omnilab.cell.keys)

Factor = Annotated[float, Field(gt=0, le=10_000)]
Correlation = Annotated[float, Field(ge=-0.99, le=0.99)]


class EarlyRepeats(Frozen):
    """Needs that come on top in the weeks after a cohort member's first order."""

    share: Share = key(
        0.0, "Share of a cohort's members who have them; 0 is none.", kind="A",
        source="to be fitted", swept=("20%", "60%"),
    )  # fmt: skip
    times: Times = key(
        2.0,
        "What they add to the rate of needs right after the first order, as a multiple of the "
        "customer's own rate.",
        unit="factor, no unit",
        kind="A",
        source="to be fitted; form of HUANG04, where early repeat rates are above later ones",
        swept=("0.5", "5"),
    )
    half_life: Annotated[Duration, Field(gt=0)] = key(
        28 * 86400,
        "Time in which what they add falls to a half, on the category's need clock.",
        kind="A",
        source="to be fitted",
        swept=("14d", "91d"),
    )


class Entry(Frozen):
    """Customers who are not there from the start.

    Without ``by`` a cohort that arrives with its first order, as in a log cut by first purchase;
    with it newcomers who come to know the brand by a channel.
    """

    over: Annotated[Duration, Field(gt=0)]
    by_week: Annotated[
        tuple[Annotated[float, Field(ge=0, le=1e12)], ...], Field(max_length=5_300)
    ] = ()
    early: EarlyRepeats = key(
        EarlyRepeats(),
        "A burst of needs after the first order, which decays.",
        came_later=True,
    )

    by: dict[Name, Share] = key(
        {},
        "The channels by which people who do not know the brand come to know it, each with its "
        "share of them. They enter by a first visit there, for a need. A channel with `search` is "
        "entered by a click on its paid result.",
        without="Everybody enters by a first order.",
        came_later=True,
    )
    share: Share = key(
        1.0,
        "With `by`, the share of customers who enter so; the others are there from the start.",
        kind="A",
        source="1: all, as without the key",
        came_later=True,
        swept=("10%", "100%"),
    )
    after: Duration = key(
        0,
        "With `by`, the time from the start of the run, burn-in included, until people begin to "
        "enter.",
        kind="A",
        came_later=True,
    )

    @model_validator(mode="after")
    def _one_way_or_the_other(self) -> Self:
        if self.by:
            adds_up(tuple(self.by.values()), "by: the shares")
            if self.early.share > 0:
                raise ValueError(
                    "early: it follows a first order, which who enters by a channel need not make;"
                    " leave out `early`, or `by`"
                )
            return self
        for name in ("share", "after"):
            if getattr(self, name) != type(self).model_fields[name].default:
                raise ValueError(
                    f"{name}: it is of who enters by a channel; set `by`, such as {{web: 100%}}, or"
                    f" leave {name} out"
                )
        return self

    @field_validator("by_week")
    @classmethod
    def _somebody_enters(cls, by_week: tuple[float, ...]) -> tuple[float, ...]:
        if by_week and not sum(by_week) > 0:
            raise ValueError("nobody enters in any week: one number at least must be above 0")
        return by_week


class Dropout(Frozen):
    """Leaving after an order by itself: one chance a person, Beta(a, b) over persons."""

    a: Annotated[float, Field(gt=0, le=1e9)] = 0.793  # CDNOW, Fader, Hardie & Lee 2005 (P)
    b: Annotated[float, Field(gt=0, le=1e9)] = 2.426  # CDNOW (P)


class Persona(Frozen):
    """A latent class of customers: how often they need, where they like to go, what they allow."""

    name: Name
    share: Share
    needs: Annotated[float, Field(gt=0, le=100)] = 1.0
    phone: Share = 0.55  # share of web visits on the phone (A)
    tablet: Share = key(
        0.0,
        "Share of this persona's web visits that are made on a tablet; with `phone` at most 100%.",
        kind="A",
        source="off by default",
        came_later=True,
    )
    prefers: dict[Name, Logit] = Field(default={})
    opt_in: dict[Name, Share] = Field(default={})
    reach: dict[Name, Share] = Field(default={})

    @model_validator(mode="after")
    def _devices(self) -> Self:
        if self.phone + self.tablet > 1 + 1e-12:
            raise ValueError(
                "phone and tablet are shares of the same visits and can't add up to more than 100%"
            )
        return self


Law = Literal["gamma", "lognormal"]
_LAWS = {
    "gamma": "Gamma-Gamma, by `p` and `q`",
    "lognormal": "with heavier tails, by `order_sd` and `customer_sd`",
}


class ClassSpend(Frozen):
    """What an order of a class of customers costs, where it is not as the category says."""

    times: Factor = key(
        1.0, "Factor on the category's mean price of an order.", unit="factor, no unit", kind="A"
    )
    law: Law | None = key(
        None, "Law of the amounts.", values=_LAWS, without="The category's own holds."
    )
    p: Shape | None = key(
        None, "As in `Spend`.", unit="shape, no unit", without="The category's own holds."
    )
    q: Annotated[Shape, Field(gt=1)] | None = key(
        None, "As in `Spend`.", unit="shape, no unit", without="The category's own holds."
    )
    order_sd: Few | None = key(
        None, "As in `Spend`.", unit="logarithms", without="The category's own holds."
    )
    customer_sd: Few | None = key(
        None, "As in `Spend`.", unit="logarithms", without="The category's own holds."
    )
    with_rate: Correlation | None = key(
        None, "As in `Spend`.", unit="correlation", without="The category's own holds."
    )


class CustomerClass(Frozen):
    """A hidden class of customers, such as households, heavy buyers and wholesalers.

    Personas say where people go and what they allow; classes how often they buy, for how much and
    for how long. The two are independent.
    """

    name: Name = key(..., "The class's name.")
    share: Share = key(..., "Share of all customers.")
    needs: Factor = key(
        1.0, "Factor on how often the class needs anything.", unit="factor, no unit", kind="A"
    )
    shape: Shape | None = key(
        None,
        "Gamma shape of need rates over the customers of the class, in all categories.",
        unit="shape, no unit",
        without="The category's own holds.",
    )
    spend: ClassSpend = key(ClassSpend(), "What an order of the class costs.")
    dropout: Dropout | None = key(
        None,
        "Leaving for good after an order, without a reason.",
        without="The population's own holds.",
    )


class History(Frozen):
    """Customers with the same purchase history: where it leaves them, as `fit --forecast` says it.

    Rates and chances to leave are of those who are still customers; they stand in the place of
    the population's laws, and the categories' spread of spend.
    """

    share: Annotated[float, Field(gt=0, le=1e9)]  # of all customers, or any weight
    alive: Share  # chance to be a customer still when the scenario starts
    orders: Annotated[int, Field(ge=1, le=10**6)]  # so far
    every: Annotated[Duration, Field(gt=0)]  # between needs, at the mean rate
    shape: Shape  # gamma heterogeneity of rates in the group
    dropout: Dropout
    spend: Annotated[Amount, Field(gt=0)]  # mean of an order
    q: Annotated[Shape, Field(gt=1)]  # spread of the mean over the group, as of `Spend`
    member_of: Name | None = key(
        None,
        "The class of `classes` whose orders vary as these do.",
        without="The first class, where there are some.",
        came_later=True,
    )


class Population(Frozen):
    """Who is simulated: households of persons, in cells that may share identifiers.

    A town is a cell of many households: what its people share (stock, agents, budgets, friends)
    is its own, and towns never meet.
    """

    customers: Annotated[int, Field(ge=1, le=10**9)] = 10_000
    households_per_cell: Annotated[int, Field(ge=1, le=16)] = 2
    town: Annotated[int, Field(ge=1, le=MOST_OF_A_TOWN)] | None = key(
        None,
        "People a town, about: households are whole. Towns share nothing with each other, and are "
        "the clusters of the statistics.",
        unit="persons",
        without="Customers share nothing but what the households of a cell share.",
        came_later=True,
    )
    household_sizes: tuple[Share, ...] = (0.37, 0.33, 0.13, 0.11, 0.06)  # Eurostat-like (A)
    prior_buyers: Share = 0.5  # (A)
    dropout: Dropout = Dropout()
    entry: Entry | None = None
    histories: Annotated[tuple[History, ...], Field(max_length=1000)] = ()
    classes: Annotated[tuple[CustomerClass, ...], Field(max_length=MAX_CLASSES)] = key(
        (),
        "Hidden classes of customers, who differ in how often they buy, for how much and for how "
        "long; their shares add up to 100%. Whoever fits a log may write them.",
        without="All customers have the laws of the categories and of the population.",
        came_later=True,
    )
    personas: Annotated[tuple[Persona, ...], Field(min_length=1, max_length=MAX_PERSONAS)]

    @property
    def per_cell(self) -> int:
        """Households of a cell: of a town, where there are towns."""
        if self.town is None:
            return self.households_per_cell
        mean = sum(size * share for size, share in enumerate(self.household_sizes, 1))
        return max(1, round(self.town / mean))

    @property
    def most_of_a_cell(self) -> int:
        """Persons of a cell at most."""
        return self.per_cell * len(self.household_sizes)

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        adds_up(self.household_sizes, "household_sizes: the shares")
        if not 1 <= len(self.household_sizes) <= 8:
            raise ValueError("household_sizes: 1 to 8 sizes")
        if self.town is not None and self.town < len(self.household_sizes):
            largest = len(self.household_sizes)
            raise ValueError(
                f"town: {self.town} people are fewer than the {largest} of the largest household"
                f" (household_sizes): at least {largest}"
            )
        adds_up([p.share for p in self.personas], "the shares of personas")
        unique([p.name for p in self.personas], "persona")
        names = [c.name for c in self.classes]
        unique(names, "class")
        if self.classes:
            adds_up([c.share for c in self.classes], "the shares of classes")
        for number, history in enumerate(self.histories):
            if history.member_of is not None:
                known(history.member_of, names, f"histories.{number}.member_of")
        if self.histories and self.entry is not None:
            raise ValueError("histories are of customers who are there: without `entry`")
        return self

    @model_serializer(mode="wrap")
    def _without_no_histories(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what was not there before, so that other scenarios keep their digests."""
        data: dict[str, Any] = write(self)
        if not self.histories:
            data.pop("histories", None)
        if self.town is None:
            data.pop("town", None)
        return data


class Spend(Frozen):
    """What an order costs: its law, and how it goes with how often a customer buys.

    Gamma-Gamma: an order is Gamma(p, nu), a person's nu is Gamma(q, gamma). Lognormal: the
    logarithm of an order is normal around the customer's own, which is normal over customers.
    """

    mean: Annotated[Amount, Field(gt=0, le=1e8)]
    p: Shape = 6.25  # CDNOW, Fader & Hardie 2013 (P)
    q: Annotated[float, Field(gt=1, le=1e9)] = 3.74  # CDNOW (P)
    law: Law = key("gamma", "Law of the amounts.", kind="A", values=_LAWS, came_later=True)
    order_sd: Few = key(
        0.7,
        "With `law: lognormal`, the standard deviation of the logarithm of an order, given the "
        "customer.",
        unit="logarithms",
        kind="D",
        source="RETAIL10",
        came_later=True,
    )
    customer_sd: Few = key(
        0.6,
        "With `law: lognormal`, the standard deviation of the logarithm over customers.",
        unit="logarithms",
        kind="D",
        source="RETAIL10",
        came_later=True,
    )
    with_rate: Correlation = key(
        0.0,
        "Correlation over customers between what an order costs and how often they need the "
        "category: of the normal scores of both (a Gaussian copula).",
        unit="correlation",
        kind="A",
        source="off by default; GLADY09 finds amounts and frequency correlated",
        came_later=True,
        swept=("0", "0.4"),
    )


class Category(Frozen):
    """What customers need: how often, for how much, and how long they wait for it."""

    name: Name
    every: Annotated[Duration, Field(gt=0)]
    shape: Shape = 1.0  # gamma heterogeneity of rates over persons
    regularity: Annotated[int, Field(ge=1, le=8)] = 1  # Erlang-k gaps; 2 is grocery (BTYDplus, I)
    order_regularity: Annotated[float, Field(ge=0, le=50)] = key(
        0.0,
        "Regularity that the orders have, before any message: the gamma shape of the gaps of a "
        "customer. That of the needs is solved from it, by how many of them become orders and how "
        "late. In place of `regularity`; 0 leaves that.",
        unit="shape, no unit",
        kind="A",
        source="off by default; PLATZER16 finds 1 to 4 in logs of orders",
        came_later=True,
        swept=("1", "3"),
    )
    spend: Spend
    margin: Share = 0.40  # (A)
    returns: Share = 0.05  # (A)
    latent: Duration = 3 * 86400  # mean time until the person notices the need (A)
    patience: Annotated[Duration, Field(gt=0)] = 21 * 86400  # mean time until it is gone (A)
    rival: Share = 0.5  # of needs gone, those bought elsewhere (A)
    season: tuple[Index, ...] = (1.0,) * 12
    variants: tuple[Aspect, ...] = key(
        (),
        "Aspects in which the category's goods differ, such as size and colour. A need wants one "
        "value of each.",
        without="All goods of the category are alike.",
        came_later=True,
    )
    goods: tuple[Good, ...] = key(
        (),
        "The goods to choose from, each with its price. What a need is worth is then what the "
        "goods that are chosen cost, and `spend.mean` is the usual price.",
        without="There is nothing to choose: what a need is worth is drawn from `spend`.",
        came_later=True,
    )
    lines: Annotated[float, Field(ge=1, le=MOST_LINES)] = key(
        1.0,
        "Mean lines of an order of the category: 1 and a geometric number of further goods, as "
        "far as there are goods in sight; at most 8.",
        unit="lines",
        kind="A",
        source="off by default",
        came_later=True,
        swept=("1", "4"),
    )

    @property
    def n_variants(self) -> int:
        """How many variants there are: all combinations of the aspects' values."""
        return len(variants_of(self))

    @field_validator("season")
    @classmethod
    def _twelve(cls, season: tuple[float, ...]) -> tuple[float, ...]:
        if len(season) != 12:
            raise ValueError("season needs 12 monthly indices")
        return season
