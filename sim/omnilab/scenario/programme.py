"""The brand's programme: targets with a date, tiers by what was spent, a balance of money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Self

from pydantic import Field, model_validator

from omnilab.errors import nearest
from omnilab.parameters.declared import key
from omnilab.parameters.quantity import DAY, Amount, Duration, Name, Share
from omnilab.scenario.calendar import MOST_DAYS
from omnilab.scenario.part import Frozen, unique
from omnilab.scenario.score import score_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omnilab.scenario.journeys import Journey
    from omnilab.scenario.model import Scenario

__all__ = [
    "MOST_TARGETS",
    "MOST_TIERS",
    "Balance",
    "MembersProgramme",
    "Target",
    "Tier",
    "programme_problem",
    "step_problem",
    "tiers_of",
    "unpromised",
]

MOST_TARGETS: Final = 4  # a context counts for each
MOST_TIERS: Final = 8

Place = tuple[str | int, ...]
Problem = tuple[Place, str] | None


class Target(Frozen):
    """A reward for so many purchases, or so much spent, between two days of the window."""

    name: Name
    purchases: Annotated[int, Field(ge=1, le=1000)] | None = key(
        None, "Purchases that it takes.", unit="purchases", without="It takes `spend`."
    )
    spend: Annotated[Amount, Field(gt=0)] | None = key(
        None, "What must be paid in all.", without="It takes `purchases`."
    )
    from_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] = key(
        0, "The first day of the window that counts.", unit="day of the window", kind="A",
        source="none",
    )  # fmt: skip
    to_day: Annotated[int, Field(ge=0, le=MOST_DAYS)] = key(
        ..., "The last day of the window that counts.", unit="day of the window"
    )
    reward: Name = key(..., "The offer of `brand.offers` that who reaches it gets.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.purchases is None) == (self.spend is None):
            raise ValueError(f"{self.name}: write one of `purchases` and `spend`")
        if self.to_day < self.from_day:
            raise ValueError(
                f"to_day: {self.to_day} is before from_day, {self.from_day}: it would never count"
            )
        return self


class Tier(Frozen):
    """A status that what was spent within a period brings, and what it is good for."""

    name: Name
    spend: Annotated[Amount, Field(gt=0)] = key(
        ..., "What must be paid within `brand.programme.period` to reach it."
    )
    off: Annotated[Share, Field(le=0.9)] = key(
        0.0, "Share that comes off its members' orders.", kind="A", source="none"
    )
    points: Annotated[float, Field(ge=1, le=100)] = key(
        1.0, "Points that its members earn for each one that others earn.", unit="factor, no unit",
        kind="A", source="none",
    )  # fmt: skip
    free_delivery: bool = key(
        False, "Whether its members pay no fee for delivery.", kind="A", source="none"
    )


class Balance(Frozen):
    """Money that customers load on the brand's card or account, and pay from."""

    top_up: Annotated[Amount, Field(gt=0)] = key(..., "What is loaded at a time.")
    auto_below: Annotated[Amount, Field(ge=0)] = key(
        0.0,
        "An order after which less than this is left loads again by itself, once the person has "
        "loaded before; 0 never does.",
        kind="A",
        source="none",
    )


class MembersProgramme(Frozen):
    """What the brand counts of its members, and what it promises for it."""

    targets: Annotated[tuple[Target, ...], Field(max_length=MOST_TARGETS)] = key(
        (),
        "Rewards for buying enough until a date. Who has seen a message that `promises` one takes "
        "part.",
        without="There are none.",
    )
    tiers: Annotated[tuple[Tier, ...], Field(max_length=MOST_TIERS)] = key(
        (),
        "Statuses, the lowest first. A tier that was reached in one period lasts to the end of the "
        "next.",
        without="All are alike.",
    )
    period: Annotated[Duration, Field(gt=0)] = key(
        365 * DAY,
        "The time within which spending counts for a tier; one period begins with the window.",
        kind="A",
        source="airlines' and hotels' programmes count by years",
    )

    balance: Balance | None = key(
        None, "Money that is loaded and paid from.", without="Nothing can be loaded."
    )

    @model_validator(mode="after")
    def _rises(self) -> Self:
        unique([target.name for target in self.targets], "target")
        unique([tier.name for tier in self.tiers], "tier")
        for below, above in zip(self.tiers, self.tiers[1:], strict=False):
            if above.spend <= below.spend:
                raise ValueError(
                    f"tiers: {above.name} takes {above.spend:g}, which is no more than"
                    f" {below.name} below it, {below.spend:g}: list the tiers from the lowest up"
                )
        return self


def programme_problem(scenario: Scenario) -> Problem:
    """Return the place and the sentence of what is wrong with the programme, or None."""
    programme = scenario.brand.programme
    if programme is not None and (wrong := _wrong_target(programme, scenario)):
        n, name, why = wrong
        return ("brand", "programme", "targets", n, name), why
    for n, journey in enumerate(scenario.brand.journeys):
        if found := step_problem(journey, scenario):
            return ("brand", "journeys", n, *found[0]), found[1]
    return None


def unpromised(scenario: Scenario) -> list[tuple[int, str]]:
    """Return number and name of targets that no message of a scenario's journey promises.

    The plan of a strategy may promise them still.
    """
    programme, promised = scenario.brand.programme, _promised(scenario)
    targets = programme.targets if programme else ()
    return [(n, target.name) for n, target in enumerate(targets) if target.name not in promised]


def tiers_of(scenario: Scenario) -> list[str]:
    """Return the names of the programme's tiers, the lowest first."""
    programme = scenario.brand.programme
    return [tier.name for tier in programme.tiers] if programme else []


def _promised(scenario: Scenario) -> set[str]:
    """Return the names of targets that some journey's message promises."""
    steps = (step for journey in scenario.brand.journeys for step in journey.steps)
    return {step.message.promises for step in steps if step.message and step.message.promises}


def _wrong_target(
    programme: MembersProgramme, scenario: Scenario
) -> tuple[int, str, str] | None:  # fmt: skip
    offers = {offer.name: offer for offer in scenario.brand.offers}
    days = scenario.time.window // DAY
    for n, target in enumerate(programme.targets):
        for name, day in (("from_day", target.from_day), ("to_day", target.to_day)):
            if day >= max(days, 1):
                return n, name, (
                    f"{day} is after the window, which has {days} days: 0 to {days - 1}"
                )  # fmt: skip
        if target.reward not in offers:
            there = nearest(target.reward, tuple(offers)) if offers else ": brand.offers is empty"
            return n, "reward", f"unknown offer {target.reward!r}{there}"
        if offers[target.reward].code:
            return n, "reward", (
                f"{target.reward!r} has a code, which only a message gives: leave `code` out, or"
                " give it by a message"
            )  # fmt: skip
    return None


def step_problem(journey: Journey, scenario: Scenario) -> Problem:
    """Return the place and the sentence of what a journey asks of a programme without it."""
    programme, notes = scenario.brand.programme, scenario.brand.notes_failures
    tiers = [tier.name for tier in programme.tiers] if programme else []
    targets = [target.name for target in programme.targets] if programme else []
    if journey.trigger == "tier" and not tiers:
        return ("trigger",), "there are no tiers to reach: set brand.programme.tiers"
    if journey.trigger == "bad_experience" and not notes:
        return ("trigger",), (
            "nobody notes what went wrong: set brand.notes_failures: true"
        )  # fmt: skip
    for k, step in enumerate(journey.steps):
        if step.message is not None and step.message.promises is not None:
            name = step.message.promises
            if name not in targets:
                there = nearest(name, targets) if targets else ": brand.programme.targets is empty"
                return ("steps", k, "message", "promises"), f"unknown target {name!r}{there}"
        if step.split is not None and (wrong := _wrong_split(step.split, tiers, programme)):
            return ("steps", k, "split", wrong[0]), wrong[1]
        if step.split is not None and (wrong := score_problem(step.split, scenario)):
            return ("steps", k, "split", wrong[0]), wrong[1]
    return None


def _wrong_split(
    split: object, tiers: Sequence[str], programme: MembersProgramme | None
) -> tuple[str, str] | None:
    has, tier = getattr(split, "has"), getattr(split, "tier")  # noqa: B009
    if has in ("tier", "not_tier"):
        if not tiers:
            return "has", "there are no tiers: set brand.programme.tiers"
        if tier is not None and tier not in tiers:
            hint = nearest(tier, tiers) or f"; there are {', '.join(tiers)}"
            return "tier", f"unknown tier {tier!r}{hint}"
    if has in ("value", "not_value") and programme is None:
        return "has", (
            "nobody adds up what a customer has paid: set brand.programme, such as {period: 365d}"
        )
    return None
