"""Goods with variants, and the places that hold units of them.

Each default names where it comes from: a key of the table of sources in ``parameters.md``,
with its kind: V vendor, S survey, I independent, P peer-reviewed, D derived, A assumption.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import DAY, Duration, Name, Share, Stimulus
from omnilab.scenario.part import Frozen, adds_up, unique
from omnilab.scenario.problem import FieldError
from omnilab.world.stock import ASPECTS, MOST_VARIANTS

if TYPE_CHECKING:
    from omnilab.scenario.customers import Category
    from omnilab.scenario.model import Scenario

__all__ = ["Aspect", "Goods", "StockPlace", "StockPlan", "check_stock"]

MOST_PLACES: Final = 16
MOST_UNITS: Final = 1_000_000
MOST_VALUES: Final = 64  # of one aspect

_VALUE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,31}")


def _parse_value(value: object) -> str:
    """Read the name of a value, such as ``black`` or ``42``."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _VALUE.fullmatch(text):
        raise ValueError(f"{value!r} names no value such as black, 42 or 8.5")
    return text


Value = Annotated[
    str,
    BeforeValidator(_parse_value),
    WithJsonSchema({"type": "string", "pattern": f"^(?:{_VALUE.pattern})$"}),
]


def _popular(shares: dict[str, float]) -> dict[str, float]:
    if not shares:
        raise ValueError("names no value: an aspect has 2 or more")
    for name, share in shares.items():
        if share <= 0.0:
            raise ValueError(f"the popularity of {name} is 0: leave it out, nobody wants it")
    adds_up(list(shares.values()), "the shares")
    return shares


class Aspect(Frozen):
    """An aspect in which the variants of a category differ, such as size or colour."""

    name: Name = key(..., "What the aspect is called.")
    popularity: Annotated[
        dict[Value, Share], AfterValidator(_popular), Field(max_length=MOST_VALUES)
    ] = key(..., "Its values, each with the share of needs that want it; they add up to 100%.")
    personal: bool = key(
        False,
        "A person wants the same value always, such as the size that fits.",
        kind="A",
    )
    ordered: bool = key(
        False,
        "The values are steps: what differs counts for each step between two of them.",
        kind="A",
    )
    differs: Stimulus | None = key(
        None,
        "What it costs a person to take another value than the one that was wanted (of `ordered` "
        "ones: a step). A shoe that does not fit costs much.",
        unit="logit",
        without="As `world.stock.differs`.",
    )


class Goods(Frozen):
    """The units of one category at a place, and how they are supplied."""

    category: Name = key(..., "The category.")
    units: Annotated[int, Field(ge=0, le=MOST_UNITS)] | None = key(
        None,
        "Units over all variants: at the start, and after each order from the supplier.",
        unit="units",
        without="There are as many as are asked for.",
    )
    split: dict[str, Share] = key(
        {},
        "Shares of the variants in the units, which add up to 100%. A variant is named by the "
        "values of the aspects in their order, such as `42` or `42/black`.",
        without="By popularity.",
    )
    review: Annotated[Duration, Field(le=3650 * DAY)] | None = key(
        None,
        "How often the place looks at its units and orders up to `units`.",
        without="No review: by `order_point`, or nothing is ordered ever.",
    )
    order_point: Annotated[int, Field(ge=0, le=MOST_UNITS)] | None = key(
        None,
        "Units over all variants, free or on the way, at which an order is placed. It is parted "
        "over the variants as `units` are.",
        unit="units",
        without="No order point: by `review`, or nothing is ordered ever.",
    )
    lot: Annotated[int, Field(ge=1, le=MOST_UNITS)] | None = key(
        None,
        "Units of one variant that an order by order point is of.",
        unit="units",
        without="Up to the variant's part of `units`.",
    )
    lead: Annotated[Duration, Field(le=3650 * DAY)] = key(
        3 * DAY, "Time from an order to the supplier until the units are there.", kind="A",
        swept=("1d", "21d"),
    )  # fmt: skip
    life: Annotated[Duration, Field(gt=0)] | None = key(
        None,
        "Time from the delivery until units are spoiled and thrown away; the oldest leave first.",
        without="Units do not spoil.",
    )

    @model_validator(mode="after")
    def _one_policy(self) -> Self:
        if self.review is not None and self.order_point is not None:
            raise ValueError("order_point: units are ordered by `review` or by `order_point`")
        if self.review == 0:
            raise ValueError(
                "review: a period of 0 has no end; write 1d for every day, or give an `order_point`"
            )
        if self.lot is not None and self.order_point is None:
            raise ValueError("lot: goes with an `order_point`; a `review` orders up to `units`")
        if self.units is None and (self.review or self.order_point is not None or self.split):
            raise ValueError("units: is missing; without it there are as many as are asked for")
        if self.units is not None and (self.order_point or 0) > self.units:
            raise ValueError(f"order_point: {self.order_point} is above `units`, {self.units}")
        if self.split:
            adds_up(list(self.split.values()), "split: the shares")
        return self


class StockPlace(Frozen):
    """A place that holds units: a store, or the warehouse of web and app."""

    name: Name = key(..., "What the place is called.")
    channels: Annotated[tuple[Name, ...], Field(min_length=1)] = key(
        ..., "Channels that sell from here: one for a store, several for a warehouse."
    )
    goods: tuple[Goods, ...] = key(
        ..., "What it holds. Of a category that is not named there are as many as are asked for."
    )
    ships: Duration | None = key(
        None,
        "Time in which the place delivers what was ordered elsewhere, or in its own web channel.",
        without="It does not ship what was ordered elsewhere.",
    )


class StockPlan(Frozen):
    """What the brand holds units of, and where."""

    places: Annotated[tuple[StockPlace, ...], Field(max_length=MOST_PLACES)] = key(
        (), "The places.", without="There is as much of everything as is asked for."
    )
    keeps: Annotated[Duration, Field(gt=0)] = key(
        3 * DAY, "How long a unit is kept for somebody who reserved it.", kind="A",
        swept=("1d", "7d"),
    )  # fmt: skip
    feed: Duration = key(
        0,
        "How often the places' units are read for other places to show. In between what they show "
        "is stale; 0 is never.",
        kind="A",
        swept=("0s", "1d"),
    )

    runs_out: bool = key(
        True,
        "Whether anything runs out. `false` is for ablations: there is as much as is asked for.",
        kind="A",
    )

    @property
    def holds_units(self) -> bool:
        """Whether anything can run out."""
        bound = any(g.units is not None for place in self.places for g in place.goods)
        return self.runs_out and bound


def variants_of(category: Category) -> list[tuple[str, float]]:
    """Return the variants of a category, each with its popularity; without aspects one alone.

    The last aspect's values change fastest.
    """
    found = [("", 1.0)]
    for aspect in category.variants:
        found = [
            (f"{name}/{value}" if name else value, share * popular)
            for name, share in found
            for value, popular in aspect.popularity.items()
        ]
    return found


def check_stock(scenario: Scenario) -> None:
    """Refuse places, goods and variants that do not fit the scenario or each other.

    Raises
    ------
    FieldError
        With the key, what is wrong and the nearest right thing.
    """
    _check_variants(scenario.categories)
    plan = scenario.stock
    unique([p.name for p in plan.places], "stock place")
    selling = [c.name for c in scenario.channels if c.visit and c.visit.completes > 0]
    categories = {c.name: c for c in scenario.categories}
    taken: dict[str, str] = {}
    for n, place in enumerate(plan.places):
        at = ("stock", "places", n)
        if not place.goods:
            raise FieldError(
                f"the place {place.name} holds no goods: name a category", *at, "goods"
            )
        for k, name in enumerate(place.channels):
            here = (*at, "channels", k)
            if name not in selling:
                more = nearest(name, selling) or f"; there are {', '.join(selling)}"
                raise FieldError(f"no channel {name!r} in which one can buy{more}", *here)
            if name in taken:
                raise FieldError(f"{name} sells from {taken[name]} already", *here)
            taken[name] = place.name
        for k, goods in enumerate(place.goods):
            _check_goods(goods, categories, (*at, "goods", k))
        unique([g.category for g in place.goods], f"category of the place {place.name}")
    if plan.holds_units and scenario.population.town is None:
        raise FieldError(
            "units are shared by the people of a town: give population.town, such as 1000",
            *("stock", "places"),
        )
    if not plan.places and any(c.variants for c in scenario.categories):
        number = next(i for i, c in enumerate(scenario.categories) if c.variants)
        raise FieldError(
            "variants are of no use without a place that holds units: add stock.places",
            *("categories", number, "variants"),
        )


def _check_variants(categories: Sequence[Category]) -> None:
    total = 0
    for n, category in enumerate(categories):
        here = ("categories", n, "variants")
        names = [a.name for a in category.variants]
        for name in names:
            if names.count(name) > 1:
                raise FieldError(f"two aspects are named {name!r}", *here)
        if len(names) > ASPECTS:
            raise FieldError(f"at most {ASPECTS} aspects, these are {len(names)}", *here)
        total += len(variants_of(category))
        if total > MOST_VARIANTS:
            raise FieldError(
                f"at most {MOST_VARIANTS} variants over all categories, up to here there are"
                f" {total}: leave out rare values",
                *here,
            )


def _check_goods(goods: Goods, categories: Mapping[str, Any], at: tuple[Any, ...]) -> None:
    if goods.category not in categories:
        hint = nearest(goods.category, categories) or f"; there are {', '.join(categories)}"
        raise FieldError(f"unknown category {goods.category!r}{hint}", *at, "category")
    names = [name for name, _ in variants_of(categories[goods.category])]
    for name in goods.split:
        if name not in names:
            hint = nearest(name, names) or f"; there are {', '.join(names)}"
            raise FieldError(f"unknown variant {name!r}{hint}", *at, "split")
