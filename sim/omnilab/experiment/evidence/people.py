"""What files of evidence say of persons: which rows of the log count, and what must hold."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from omnilab.experiment.evidence.fields import Count, Part, Words, exactly_one
from omnilab.parameters.quantity import Duration, Name, Share

__all__ = ["WITH_AMOUNTS", "Condition", "Did", "Group", "Only", "When", "Who"]

#: What a person does or has done to them, counted in the log by these names.
Did = Literal[
    "need", "visit", "view", "cart", "cart_left", "give_up", "order", "return", "need_lost",
    "service", "bad_experience", "left", "tip", "opt_in", "sent", "delivered", "bounce", "open",
    "click", "unsubscribe", "spamreport", "stop_all", "rival_visit", "warning", "review",
    "review_read", "referral", "referred", "at_place", "passed", "position", "target_set",
    "target_reached", "target_missed", "tier_shown", "apology", "failure_noted", "top_up",
    "reply", "accept",
]  # fmt: skip
When = Literal["before", "window", "run_out", "test"]
#: What has an amount of money -> the field of its rows that holds it.
WITH_AMOUNTS: Final = {"order": "paid", "cart": "amount", "return": "refund", "need": "value"}


class Only(Part):
    """What of the log counts; rows that are of no channel, category or journey always do."""

    channel: Words | None = Field(None, description="Visits, orders, sends ... on these channels.")
    category: Words | None = Field(None, description="Of needs of these categories.")
    not_category: Words | None = Field(None, description="Of needs of all other categories.")
    journey: Words | None = Field(None, description="Messages of these journeys.")
    offer: Literal["used", "not_used"] | None = Field(
        None, description="Orders with a discount, or without."
    )
    led: bool | None = Field(
        None, description="Visits, and orders after one, to which a message led; false: all others."
    )
    paid: bool | None = Field(
        None, description="The same of visits to which a paid click led; false: all others."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.category and self.not_category:
            raise ValueError("not_category: give category or not_category, not both")
        return self


class Condition(Part):
    """One thing that must hold of a person; exactly one of did, persona, reachable, cart, any_of.

    ``did`` counts rows of the log, or adds up what was paid, over a time.
    """

    did: Did | None = Field(None, description="What is counted.")
    persona: Words | None = Field(None, description="One of these personas.")
    reachable: Words | None = Field(
        None, description="The brand has an address with permission on one of these at the start."
    )
    cart: Literal["open"] | None = Field(
        None, description="A cart was left and its need is neither bought nor lost at the start."
    )
    group: Name | None = Field(None, description="In that group.")
    any_of: tuple[Condition, ...] | None = Field(None, description="One of these at least holds.")
    within: Duration | None = Field(
        None, description="Of `did`, `cart`: at most so long before the start; else ever."
    )
    when: When = Field(
        "before",
        description="Of `did`: before the test, in its window, in its run-out, or in both.",
    )
    under: Name | None = Field(
        None, description="Arm under which it is counted after the start; the control by default."
    )
    only: Only = Only()
    at_least: Count | None = Field(None, description="Of `did`; 1 by default.")
    at_most: Count | None = Field(None, description="Of `did`; 0 is never.")
    channels: Count | None = Field(
        None, description="Of `did`: on so many different channels at least."
    )
    top: Share | None = Field(
        None,
        description="Of `did`: the share with the highest counts, of those for whom the conditions "
        "before this one hold.",
    )
    bottom: Share | None = Field(None, description="The same with the lowest counts.")
    amount: bool = Field(
        False,
        description="Of `did: order`, `cart`, `return` or `need`: rank or bound by the money, in "
        "the currency, not by how many there are.",
    )
    negate: bool = Field(False, description="It must not hold.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("did", "persona", "reachable", "cart", "group", "any_of")
        exactly_one(self, kinds, "a condition", "this")
        counted = ("at_least", "at_most", "channels", "top", "bottom")
        used = [k for k in counted if getattr(self, k) is not None]
        if used and self.did is None:
            raise ValueError(f"{used[0]}: only goes with `did`")
        if self.top is not None and self.bottom is not None:
            raise ValueError("bottom: give top or bottom, not both")
        if self.amount and self.did not in WITH_AMOUNTS:
            raise ValueError(f"amount: only goes with `did` {', '.join(WITH_AMOUNTS)}")
        if self.within is not None and self.when != "before":
            raise ValueError("within: only goes with `when: before`")
        if self.under is not None and self.when == "before":
            raise ValueError("under: before the test nobody is under an arm; give `when` too")
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            raise ValueError(f"at_most: {high} is below at_least, {low}")
        return self


class Who(Part):
    """Who takes part: those for whom all of ``where`` holds, of them a share at random."""

    share: Annotated[Share, Field(gt=0)] = Field(1.0, description="Of those, at random.")
    where: tuple[Condition, ...] = Field((), description="All of these hold when it starts.")


class Group(Part):
    """Some of those who take part; all conditions hold."""

    name: Name
    where: Annotated[tuple[Condition, ...], Field(min_length=1)]


Condition.model_rebuild()
