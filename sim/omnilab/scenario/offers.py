"""Offers that the brand declares, and what a scenario needs of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Amount, Duration, Name, Share
from omnilab.scenario.calendar import MOST_DAYS
from omnilab.scenario.goods import goods_in
from omnilab.scenario.offer_bounds import goods_bound, wrong_bounds
from omnilab.scenario.part import Frozen

if TYPE_CHECKING:
    from omnilab.scenario.customers import Category
    from omnilab.scenario.journeys import Journey
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.programme import MembersProgramme

__all__ = ["MOST_OFFERS", "NO_OFFER", "Gift", "Offer", "given_by", "goods_of", "offers_problem"]

MOST_OFFERS: Final = 32  # a context has a bit for each
NO_OFFER: Final = "none"  # what `decide` answers for a message that brings no offer
DAY: Final = 86400

Problem = tuple[tuple[str | int, ...], str] | None


class Gift(Frozen):
    """Something that comes with an order."""

    worth: Annotated[Amount, Field(gt=0)] = key(..., "What it is worth to a person.")
    cost: Annotated[Amount, Field(ge=0)] = key(..., "What it costs the brand.")


class Offer(Frozen):
    """An offer that messages may hand out: a share off, an amount off, or a gift."""

    name: Name
    share: Annotated[Share, Field(le=1.0)] = key(
        0.0, "The share of the price that comes off.", kind="A", source="none"
    )
    amount: Annotated[Amount, Field(ge=0)] = key(
        0.0, "The money that comes off.", kind="A", source="none"
    )
    gift: Gift | None = key(None, "What comes with the order.", without="There is no gift.")
    minimum: Annotated[Amount, Field(ge=0)] = key(
        0.0, "The least that a basket must be worth.", kind="A", source="none"
    )
    category: Name | None = key(
        None, "The one category that it holds for.", without="It holds for all."
    )
    channels: tuple[Name, ...] = key(
        (), "The channels on which it must be used.", without="It holds on all."
    )
    goods: tuple[Name, ...] = key(
        (),
        "The goods that it is for, by name: it acts on an order with one of them in it, and takes "
        "off these alone. With `groups`, those and these.",
        without="It is for all goods.",
        came_later=True,
    )
    groups: tuple[Name, ...] = key(
        (),
        "Groups of goods that it is for, such as an author, a brand, or the variants of one good.",
        without="It is for all groups.",
        came_later=True,
    )
    price_from: Annotated[Amount, Field(ge=0)] = key(
        0.0,
        "The least price of the goods that it is for; above 0 it is for single goods, as `goods`.",
        kind="A",
        source="none",
        came_later=True,
    )
    price_to: Annotated[Amount, Field(gt=0)] | None = key(
        None,
        "The highest price of the goods that it is for.",
        without="There is no highest price.",
        came_later=True,
    )
    places: tuple[Name, ...] = key(
        (),
        "The stores of `places` at which it must be used, by name.",
        without="It holds at all.",
        came_later=True,
    )
    from_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] = key(
        0,
        "The first day of the window on which it holds; 0 is from the start, burn-in too.",
        unit="day of the window",
        kind="A",
        source="none",
    )
    to_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] | None = key(
        None,
        "The last day of the window on which it holds.",
        unit="day of the window",
        without="It has no last day.",
    )
    lasts: Duration = key(
        0,
        "How long it holds after its message was seen; 0 is as long as `Response.offer_lasts`.",
        kind="A",
        source="that of other offers",
    )
    code: bool = key(
        False,
        "Whether the place where it is used must know that it was given. A place whose silo does "
        "not know takes nothing off. Showing it there hands over the address that it was sent to.",
        kind="A",
        source="coupons that are checked where they are used",
    )
    decided: bool = key(
        False,
        "Whether a strategy alone may give it, by `decide` (`Choices.offer`) or by a journey of "
        "its plan, where no message of the scenario does.",
        kind="A",
        source="off by default",
        came_later=True,
    )

    @property
    def is_for_goods(self) -> bool:
        """Whether it is for some goods only."""
        band = self.price_from > 0 or self.price_to is not None
        return bool(self.goods or self.groups or band)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        given = [n for n in ("share", "amount", "gift") if getattr(self, n)]
        if len(given) != 1:
            what = f"has {' and '.join(given)}" if given else "gives nothing"
            raise ValueError(f"{self.name} {what}: write one of share, amount and gift")
        if self.price_to is not None and self.price_to < self.price_from:
            raise ValueError(
                f"price_to: {self.price_to:g} is below price_from, {self.price_from:g}: no good"
                " costs that"
            )
        if self.to_day is not None and self.to_day < self.from_day:
            raise ValueError(
                f"to_day: {self.to_day} is before from_day, {self.from_day}: it would never hold"
            )
        return self


def goods_of(offer: Offer, categories: Sequence[Category]) -> list[Category]:
    """Return the categories that an offer holds for."""
    return [c for c in categories if offer.category in (None, c.name)]


def given_by(journeys: Sequence[Journey], programme: MembersProgramme | None) -> set[str | None]:
    """Return the names of the offers that messages of journeys and a programme's targets give."""
    rewards = {target.reward for target in programme.targets} if programme else set()
    messages = [step.message for journey in journeys for step in journey.steps]
    return {*rewards, *(m.gives for m in messages if m is not None and m.gives is not None)}


def offers_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong with declared offers, or None."""
    offers = scenario.brand.offers
    names = [offer.name for offer in offers]
    for n, offer in enumerate(offers):
        if names.index(offer.name) != n:
            return ("brand", "offers", n, "name"), f"two offers are named {offer.name!r}"
        if offer.name == NO_OFFER:
            return ("brand", "offers", n, "name"), (
                f"{NO_OFFER!r} is what a strategy answers for no offer: name it else"
            )
        if wrong := _wrong(offer, scenario):
            field, why = wrong
            return ("brand", "offers", n, field), why
    given = given_by(scenario.brand.journeys, scenario.brand.programme)
    for n, journey in enumerate(scenario.brand.journeys):
        for k, step in enumerate(journey.steps):
            if step.message is None or step.message.gives is None:
                continue
            if step.message.gives not in names:
                there = (
                    f"{nearest(step.message.gives, names)}" if names else ": brand.offers is empty"
                )
                return (
                    ("brand", "journeys", n, "steps", k, "message", "gives"),
                    f"unknown offer {step.message.gives!r}{there}",
                )
    for n, name in enumerate(names):
        if name not in given and offers[n].decided:
            continue  # whether a strategy gives it, `check_given` looks (omnilab.strategy.offers)
        if name not in given:
            return ("brand", "offers", n, "name"), (
                f"nobody can get {name!r}: let a journey's message have `gives: {name}`, or write"
                " `decided: true` where a strategy gives it"
            )
        first, last = _first_given(name, scenario), offers[n].to_day
        if last is not None and first > last:
            return ("brand", "offers", n, "to_day"), (
                f"nobody can get {name!r} in time: it holds to day {last}, and the first journey"
                f" that gives it begins on day {first}"
            )
    return None


def _first_given(name: str, scenario: Scenario) -> int:
    """Return the first day of the window on which a journey that gives an offer begins.

    A reward of a target may be reached on the first.
    """
    programme = scenario.brand.programme
    if programme is not None and any(target.reward == name for target in programme.targets):
        return 0
    return min(
        journey.day if journey.trigger == "once" else journey.from_day
        for journey in scenario.brand.journeys
        if any(step.message and step.message.gives == name for step in journey.steps)
    )


def _wrong(offer: Offer, scenario: Scenario) -> tuple[str, str] | None:
    """Return the key and the sentence of what is wrong with one offer, or None."""
    categories = [c.name for c in scenario.categories]
    if offer.category is not None and offer.category not in categories:
        hint = nearest(offer.category, categories) or f"; there are {', '.join(categories)}"
        return "category", f"unknown {offer.category!r}{hint}"
    if wrong := _nowhere(offer, scenario):
        return "channels", wrong
    if found := wrong_bounds(offer, scenario):
        return found
    days = scenario.time.window // DAY
    for name, day in (("from_day", offer.from_day), ("to_day", offer.to_day)):
        if day is not None and day >= max(days, 1):
            return name, f"{day} is after the window, which has {days} days: 0 to {days - 1}"
    if offer.is_for_goods:
        return _above_price(offer, scenario)
    goods = goods_of(offer, scenario.categories)
    dearest = max(goods, key=lambda c: c.spend.mean)
    if offer.amount >= dearest.spend.mean:
        return "amount", (
            f"{offer.amount:g} {scenario.currency} off is more than a mean order of"
            f" {dearest.name}, {dearest.spend.mean:g} {scenario.currency}: write less than that"
        )
    return None


def _above_price(offer: Offer, scenario: Scenario) -> tuple[str, str] | None:
    """Return what is wrong with the money off the goods that an offer is for, or None."""
    named = [good for _, good in goods_in(scenario.categories)]
    dearest = max((named[g] for g in goods_bound(offer, scenario)), key=lambda good: good.price)
    if offer.amount < dearest.price:
        return None
    return "amount", (
        f"{offer.amount:g} {scenario.currency} off is no less than {dearest.name} costs, the"
        f" dearest good that it is for, {dearest.price:g} {scenario.currency}: write less than that"
    )


def _nowhere(offer: Offer, scenario: Scenario) -> str:
    """Say which channel of an offer can't be one where it is used, "" if all can."""
    sells = [c.name for c in scenario.channels if c.visit and c.visit.completes > 0]
    for name in offer.channels:
        if name not in sells:
            known = [c.name for c in scenario.channels]
            why = "nobody buys there" if name in known else f"unknown{nearest(name, sells)}"
            return f"{name!r}: {why}; people buy on {', '.join(sells)}"
    return ""
