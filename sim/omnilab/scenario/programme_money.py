"""Money of the programme: auctions for reach, budgets, and what a strategy costs beside its sends.

A budget is given for each 1,000 people, so that results do not depend on how many are simulated.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from omnilab.parameters.declared import key
from omnilab.parameters.quantity import Amount, Duration, Name
from omnilab.scenario.part import Frozen

__all__ = ["MOST_BUDGETS", "Auction", "Budget", "Costs"]

MOST_BUDGETS = 16
MOST_BUDGET = 1e6  # for 1,000 people: a town's milli-cents times the hours of a day fit 64 bits
MOST_BID = 1e4

Price = Annotated[Amount, Field(ge=0, le=MOST_BID)]
Budgeted = Annotated[Amount, Field(ge=0, le=MOST_BUDGET)]


class Auction(Frozen):
    """A second-price auction for one chance to be shown: the highest bid wins and pays the next."""

    bid: Price = key(
        ...,
        "The most that the brand pays for one: an impression of an ad, a click on a search result. "
        "A strategy may bid otherwise.",
    )
    rivals: Price = key(
        ...,
        "Median of the highest bid of the others. It is lognormal, drawn anew each time.",
    )
    spread: Annotated[float, Field(ge=0, le=4)] = key(
        1.0,
        "Standard deviation of the logarithm of the highest bid of the others; 0 is one price for "
        "everybody.",
        unit="logarithm, no unit",
        kind="A",
        source="the lognormal form is that of CUI11 and OSTROVSKY23 (P); its spread differs by "
        "market",
        swept=("0.5", "2"),
    )

    @model_validator(mode="after")
    def _can_be_won(self) -> Self:
        if self.rivals == 0.0:
            raise ValueError(
                "rivals: 0 is no auction; leave `auction` out, and `cost` is the price of each"
            )
        if self.bid == 0.0:
            raise ValueError("bid: 0 wins nothing; leave the channel out, or bid more")
        return self


class Budget(Frozen):
    """What may be spent on sends and paid clicks, by day, in the whole window, or both."""

    name: Name
    channels: tuple[Name, ...] = key(
        (),
        "The channels whose sends and paid clicks it pays.",
        without="It pays those of all channels.",
    )
    journeys: tuple[Name, ...] = key(
        (),
        "The journeys (campaigns) whose sends it pays.",
        without="It pays those of all journeys, and clicks on paid search.",
    )
    per_day: Budgeted | None = key(
        None,
        "What it has for each local day and 1,000 people.",
        without="Its days are not limited.",
    )
    total: Budgeted | None = key(
        None,
        "What it has for the measured window and 1,000 people. The burn-in is not charged to it.",
        without="The window is not limited.",
    )
    pacing: Literal["even", "asap"] = key(
        "even",
        "How a day's money is let out, and how the window's.",
        kind="A",
        values={
            "even": "A 24th with each hour of the day, and an equal part with each day of the "
            "window; what is left over stays for later",
            "asap": "All at once: as demand comes, until it is gone",
        },
    )
    waits: Duration = key(
        0,
        "How long a message waits for money before its channel is passed over; 0 passes it over "
        "at once.",
        kind="A",
    )

    @model_validator(mode="after")
    def _has_money(self) -> Self:
        for name in ("per_day", "total"):
            if getattr(self, name) == 0.0:
                raise ValueError(
                    f"{name}: a budget of 0 pays nothing; leave its channels out of the journeys, "
                    f"or leave {name} out for no limit"
                )
        if self.per_day is None and self.total is None:
            raise ValueError("a budget needs `per_day` or `total`")
        return self


class Costs(Frozen):
    """What a strategy costs beside its sends and clicks, for `brand.costs_for` customers."""

    once: Amount = key(0.0, "What is paid once, at the window's start: set-up, tools.", kind="A")
    monthly: Amount = key(0.0, "What is paid each month of the window: licences, agency.", kind="A")
    staff: Annotated[float, Field(ge=0, le=100_000)] = key(
        0.0, "People who work on it, in full-time places.", unit="full-time places", kind="A"
    )
    wage: Amount = key(0.0, "What one of them costs a month, all in.", kind="A")

    @model_validator(mode="after")
    def _staff_is_paid(self) -> Self:
        if self.staff > 0 and self.wage == 0.0:
            raise ValueError("staff: says how many, and wage is missing: what one costs a month")
        return self

    @property
    def of_month(self) -> float:
        """What a month costs, currency units."""
        return self.monthly + self.staff * self.wage
