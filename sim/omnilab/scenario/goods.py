"""Goods within a category: what each costs and is worth, when it comes, and what it goes with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Amount, Logit, Name, Share
from omnilab.scenario.calendar import MOST_DAYS
from omnilab.scenario.part import Frozen
from omnilab.world.goods import MOST_GOODS

if TYPE_CHECKING:
    from omnilab.scenario.customers import Category
    from omnilab.scenario.model import Scenario

__all__ = ["Arrival", "Good", "arrivals_of", "goods_in", "goods_problem", "popularity_in"]

DAY: Final = 86400
SHARES_ADD_UP: Final = 1e-6

Problem = tuple[tuple[str | int, ...], str] | None


class Good(Frozen):
    """One good of a category."""

    name: Name = key(..., "What it is called: no other good of the scenario has this name.")
    price: Annotated[Amount, Field(gt=0)] = key(..., "What it costs.")
    quality: Logit = key(
        0.0,
        "What all persons like it more than another good at the same price.",
        unit="logit",
        kind="A",
        source="the scenario's own",
    )
    popularity: Share | None = key(
        None,
        "How often the eye falls on it: its share of the places of a page. Those of a category add "
        "up to 100%.",
        without="By its place in the list, with `world.goods.rank`; either all goods of a category "
        "say it, or none.",
    )
    group: Name | None = key(
        None,
        "Its author, brand or series. Persons have a taste for a group.",
        without="It belongs to none.",
    )
    arrives: Annotated[int, Field(ge=0, le=MOST_DAYS)] | None = key(
        None,
        "The day of the window at whose midnight it comes.",
        unit="day of the window",
        without="It is there from the start.",
    )
    goes_with: tuple[Name, ...] = key(
        (),
        "Other goods that go together with it, of any category; it holds for both.",
        without="It goes with none.",
    )


class Arrival(Frozen):
    """Which goods' arrival a journey waits for, and who is told."""

    group: Name | None = key(
        None, "Goods of this group only.", without="Goods of any group, or of none."
    )
    knows: Annotated[str, Field(pattern="^(bought|viewed|either)$")] = key(
        "either",
        "What of the same group the sender must have seen of a customer: `bought`, `viewed`, or "
        "`either`. Of a good without a group it is any good of its category.",
        kind="A",
    )


def goods_in(categories: Sequence[Category]) -> list[tuple[int, Good]]:
    """Return all goods, each with its category's number, in the order in which they are counted."""
    return [(n, good) for n, category in enumerate(categories) for good in category.goods]


def popularity_in(category: Category, rank: float) -> list[float]:
    """Return the popularity of a category's goods: as they say, or by their place in the list.

    Parameters
    ----------
    rank
        The n-th good of the list has n to the power of minus this, in proportion.
    """
    if category.goods and category.goods[0].popularity is not None:
        return [float(good.popularity or 0.0) for good in category.goods]
    weights = [(n + 1) ** -rank for n in range(len(category.goods))]
    return [w / sum(weights) for w in weights]


def arrivals_of(scenario: Scenario, group: str | None) -> list[tuple[int, list[int]]]:
    """Return the days of the window on which goods of a group come, each with their numbers.

    Goods of different groups and categories come apart, even on one day.
    """
    found: dict[tuple[int, str | None, int], list[int]] = {}
    for g, (n, good) in enumerate(goods_in(scenario.categories)):
        if good.arrives is not None and group in (None, good.group):
            found.setdefault((good.arrives, good.group, n), []).append(g)
    return sorted((day, goods) for (day, _, _), goods in found.items())


def goods_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong with goods, or None."""
    names = [good.name for _, good in goods_in(scenario.categories)]
    for n, category in enumerate(scenario.categories):
        if wrong := _wrong_category(category, scenario, names):
            below, why = wrong
            return ("categories", n, *below), why
    if len(names) > MOST_GOODS:
        return ("categories",), (
            f"{len(names)} goods over all categories, at most {MOST_GOODS}: leave out rare ones,"
            " or let one stand for several that are alike"
        )
    return _wrong_journeys(scenario)


def _wrong_category(category: Category, scenario: Scenario, names: list[str]) -> Problem:
    goods = category.goods
    if not goods:
        if category.lines != 1.0:
            return ("lines",), (
                f"{category.lines:g} goods an order need goods to choose from: add `goods`"
            )
        return None
    if category.variants:
        return ("goods",), (
            "a category has goods or variants, not both: let each good be one of `goods`, or each"
            " aspect one of `variants`"
        )
    if any(g.category == category.name for p in scenario.stock.places for g in p.goods):
        return ("goods",), (
            f"stock counts units of {category.name} without knowing its goods: leave it out of"
            " stock.places, or use `variants` in place of `goods`"
        )
    for k, good in enumerate(goods):
        if wrong := _wrong_good(good, scenario, names):
            field, why = wrong
            return ("goods", k, field), why
    if all(good.arrives is not None for good in goods):
        return ("goods",), "no good is there at the start: leave out `arrives` of one"
    return _wrong_shares(category)


def _wrong_good(good: Good, scenario: Scenario, names: list[str]) -> tuple[str, str] | None:
    if names.count(good.name) > 1:
        return "name", f"two goods are named {good.name!r}"
    for other in good.goes_with:
        if other == good.name:
            return "goes_with", f"{other!r} is the good itself: name others"
        if other not in names:
            return "goes_with", f"unknown good {other!r}{nearest(other, names)}"
    days = scenario.time.window // DAY
    if good.arrives is not None and good.arrives >= max(days, 1):
        return "arrives", (
            f"{good.arrives} is after the window, which has {days} days: 0 to {days - 1}"
        )
    return None


def _wrong_shares(category: Category) -> Problem:
    said = [good.popularity for good in category.goods]
    if all(share is None for share in said):
        return None
    if None in said:
        k = said.index(None)
        return ("goods", k, "popularity"), (
            f"{category.goods[k].name} has none and others have: give all goods one, or none"
        )
    total = sum(share or 0.0 for share in said)
    if abs(total - 1.0) > SHARES_ADD_UP:
        return ("goods",), f"the goods' popularity adds up to {total:.6g}, not to 1 (100%)"
    return None


def _wrong_journeys(scenario: Scenario) -> Problem:
    goods = [good for _, good in goods_in(scenario.categories)]
    groups = list(dict.fromkeys(good.group for good in goods if good.group))
    for n, journey in enumerate(scenario.brand.journeys):
        here = ("brand", "journeys", n)
        waits = journey.trigger == "arrival"
        if journey.arrival is not None and not waits:
            return (*here, "arrival"), f"the trigger is {journey.trigger}: write trigger: arrival"
        group = journey.arrival.group if journey.arrival else None
        if group is not None and group not in groups:
            there = nearest(group, groups) if groups else ": no good of categories has a group"
            return (*here, "arrival", "group"), f"unknown group {group!r}{there}"
        if waits and not arrivals_of(scenario, group):
            whose = f" of {group}" if group else ""
            return (*here, "trigger"), f"no good{whose} ever arrives: give one `arrives`, a day"
        for k, step in enumerate(journey.steps):
            if step.message is None or step.message.recommends is None:
                continue
            field = (*here, "steps", k, "message", "recommends")
            if not goods:
                return field, "there are no goods to recommend: give a category `goods`"
            if step.message.recommends == "arrived" and not waits:
                return field, f"nothing arrives with trigger {journey.trigger}: use trigger arrival"
    return None
