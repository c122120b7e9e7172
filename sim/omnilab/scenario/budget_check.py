"""What is wrong with budgets and bids: names that aren't there, money that can't pay one send."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from omnilab.errors import nearest

if TYPE_CHECKING:
    from omnilab.scenario.channels import Channel
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.programme_money import Auction, Budget

__all__ = ["Wrong", "auction_of", "budget_problems", "most_of_one", "people_of_a_town"]

Wrong: TypeAlias = tuple[tuple[str | int, ...], str]
"""Where below the list of budgets, and what is wrong there."""


def budget_problems(
    budgets: Sequence[Budget],
    journeys: Sequence[str],
    scenario: Scenario,
    bids: dict[str, float] | None = None,
) -> Iterator[Wrong]:
    """Yield what is wrong with budgets in a scenario.

    Parameters
    ----------
    budgets
        The scenario's, or a plan's.
    journeys
        Names of the journeys that they may name.
    bids
        By channel, the bids that are not the scenario's own.
    """
    for number, budget in enumerate(budgets):
        yield from (((number, *where), why) for where, why in _names(budget, journeys, scenario))
        yield from (((number, *where), why) for where, why in _too_small(budget, scenario, bids))


def _names(budget: Budget, journeys: Sequence[str], scenario: Scenario) -> Iterator[Wrong]:
    channels = {c.name: c for c in scenario.channels}
    paid = [name for name, c in channels.items() if c.message or c.search]
    for name in budget.channels:
        if name not in channels:
            yield ("channels",), f"unknown channel {name!r}{nearest(name, paid)}"
        elif name not in paid:
            there = ", ".join(paid) or "none"
            message = f"nothing is sent or bought over channel {name!r}; that is over {there}"
            yield ("channels",), message
        elif budget.journeys and channels[name].message is None:
            message = (
                f"clicks on {name!r} belong to no journey; leave {name} out, or leave journeys out"
            )
            yield ("channels",), message
    for name in budget.journeys:
        if name not in journeys:
            yield ("journeys",), f"unknown journey {name!r}{nearest(name, journeys)}"


def _too_small(
    budget: Budget, scenario: Scenario, bids: dict[str, float] | None
) -> Iterator[Wrong]:
    """Yield a day or window for which a town's share can't pay one send or click."""
    people = people_of_a_town(scenario)
    prices = {
        c.name: most_of_one(c, (bids or {}).get(c.name))
        for c in scenario.channels
        if (not budget.channels or c.name in budget.channels)
        and (c.message is not None or not budget.journeys)
    }
    paid = {name: price for name, price in prices.items() if price > 0.0}
    if not paid:
        return
    # Of channels that it names a budget must be able to pay each; of all, one.
    name = max(paid, key=paid.__getitem__) if budget.channels else min(paid, key=paid.__getitem__)
    dearest = paid[name]
    for key in ("per_day", "total"):
        given = getattr(budget, key)
        if given is None or given * people / 1000 >= dearest:
            continue
        least = dearest * 1000 / people
        message = (
            f"{given:g} {scenario.currency} for 1,000 people are {given * people / 1000:.4g} for "
            f"the {people:,.0f} people of a town or cell, less than the {dearest:g} of one "
            f"{_what(scenario, name)}; at least {least:.4g}, or more people a town "
            "(population.town)"
        )
        yield (key,), message


def _what(scenario: Scenario, name: str) -> str:
    channel = next(c for c in scenario.channels if c.name == name)
    what = "click" if channel.message is None else "send"
    if auction_of(channel) is not None:
        return f"bid for {name}"
    return f"{what} over {name}"


def most_of_one(channel: Channel, bid: float | None = None) -> float:
    """Return what one send over a channel, or one click, costs at most, currency units."""
    auction = auction_of(channel)
    if auction is not None:
        return auction.bid if bid is None else bid
    if channel.message is not None:
        return channel.message.cost
    if channel.search is not None:
        return max(channel.search.cost, channel.search.brand_cost or 0.0)
    return 0.0


def auction_of(channel: Channel) -> Auction | None:
    """Return the auction in which a channel's impressions or clicks are sold, None without one."""
    if channel.message is not None and channel.message.auction is not None:
        return channel.message.auction
    return None if channel.search is None else channel.search.auction


def people_of_a_town(scenario: Scenario) -> float:
    """Return how many people share a budget: those of a town, or of a cell where there is none."""
    population = scenario.population
    if population.town is not None:
        return min(population.town, population.customers)
    sizes = population.household_sizes
    mean = sum(size * share for size, share in enumerate(sizes, 1))
    return min(population.households_per_cell * mean, population.customers)
