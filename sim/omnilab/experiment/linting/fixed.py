"""What a strategy's journeys can't do, or do for ever, seen from their plan alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from omnilab.brand.sharing import without_identity
from omnilab.parameters.quantity import DAY, format_duration
from omnilab.scenario.effect.known import walk
from omnilab.scenario.effect.look import Look, listed
from omnilab.scenario.programme import tiers_of
from omnilab.scenario.tree import from_plain
from omnilab.scenario.wiring import wiring_of

if TYPE_CHECKING:
    from omnilab.scenario.model import Journey, Scenario
    from omnilab.strategy.plan import Plan

__all__ = ["RULES", "Rule", "Warned", "fixed_findings"]

Rule = Literal[
    "never_starts", "never_reached", "never_passed", "too_late", "no_exit", "stop_unseen",
    "after_purchase", "no_message", "silent_silo", "unlinked", "not_started", "not_sent",
    "sent_after_purchase",
]  # fmt: skip

#: Rule -> what it says; the last three are seen in a run.
RULES: Final[dict[str, str]] = {
    "never_starts": "no silo of the journey sees its trigger",
    "never_reached": "no customer gets to the step",
    "never_passed": "no customer who gets to the branch passes it",
    "too_late": "the step comes after messages end",
    "no_exit": "nothing that a customer does ends the journey",
    "stop_unseen": "no silo of the journey sees what should end it",
    "after_purchase": "messages go on after the purchase",
    "no_message": "the journey has no message",
    "silent_silo": "the journey's channels are in silos that the strategy leaves silent",
    "unlinked": "sharing says what silos tell each other of customers whom they do not link",
    "not_started": "nobody entered the journey in the run",
    "not_sent": "the step's message was sent to nobody in the run",
    "sent_after_purchase": "messages were sent after the purchase in the run",
}
#: Triggers that end with a purchase: what comes after it is about what is bought already.
_BEFORE_A_PURCHASE: Final = ("browse", "cart", "restock")


@dataclass(frozen=True)
class Warned:
    """One finding.

    Attributes
    ----------
    rule
        Of `RULES`.
    journey
        Name; ``sharing`` where it is about what silos share.
    step
        Number from 1, 0 where it is about the whole journey.
    said
        What is wrong, and the nearest right thing.
    """

    rule: Rule
    journey: str
    step: int
    said: str

    def __str__(self) -> str:
        """Return it in a line."""
        where = f", step {self.step}" if self.step else ""
        return f"{self.journey}{where}: {self.said} [{self.rule}]"


def fixed_findings(plan: Plan, scenario: Scenario) -> list[Warned]:
    """Return what is wrong with a plan's journeys in a scenario, without any run.

    Parameters
    ----------
    plan
        Complete and checked.
    scenario
        Where it is to run.
    """
    changes = {"journeys": plan.journeys}
    if plan.wiring is not None:
        changes["wiring"] = wiring_of(plan.wiring)  # type: ignore[assignment]
    world = scenario.model_copy(update={"brand": scenario.brand.model_copy(update=changes)})
    look = Look(world, from_plain({}))
    idle = plan.sharing.idle()
    found = [Warned("unlinked", "sharing", 0, without_identity(idle))] if idle else []
    for journey in plan.journeys:
        found += _starts(look, plan, journey)
        found += _steps(look, journey)
        found += _ends(look, plan, journey)
    return found


def _silos(look: Look, plan: Plan, journey: Journey) -> set[str]:
    """Return the silos that a journey can look at: its sequence and its senders."""
    senders = {look.silo_of[c] for s in journey.steps if s.message for c in s.message.channels}
    own = {*journey.sequence, *senders}
    return own if plan.silos is None else own & set(plan.silos)


def _starts(look: Look, plan: Plan, journey: Journey) -> Iterator[Warned]:
    if plan.silos is not None and not _silos(look, plan, journey):
        yield Warned(
            "silent_silo", journey.name, 0,
            f"its silos are not among those that send ({listed(list(plan.silos))}): add one",
        )  # fmt: skip
        return
    if journey.trigger in ("weekly", "once"):
        return
    sees, own = look.sees[journey.trigger], _silos(look, plan, journey)
    if not sees:
        said = f"no silo sees its trigger {journey.trigger!r}: it never starts"
    elif plan.sharing.triggers != "all" and not sees & own:
        said = (
            f"none of its silos ({listed(own)}) sees its trigger {journey.trigger!r}, which "
            f"{listed(sees)} can see: set sharing.triggers to all, or add one to its sequence"
        )
    else:
        return
    yield Warned("never_starts", journey.name, 0, said)


def reached(journey: Journey, tiers: Sequence[str] = ()) -> frozenset[int]:
    """Return the steps, from 0, that some way through a journey leads to.

    Parameters
    ----------
    journey
        Of the plan.
    tiers
        Names of the programme's tiers, the lowest first.
    """
    return walk(journey, tiers).reached


def _earliest(journey: Journey) -> dict[int, int]:
    """Return the seconds after the entry at which each step that is reached comes at the soonest.

    A wait may end at once, and a step may be skipped, so only delays on every way count.
    """
    soonest = {0: 0}
    for k, step in enumerate(journey.steps):
        if k not in soonest:
            continue
        at = soonest[k] + (0 if step.arm else step.delay or 0)  # another arm passes it over
        if (step.exit or step.cohort == 0) and step.arm is None:
            continue
        ways = [k + 1]
        if step.split is not None and step.split.otherwise == "skip":
            ways.append(k + 1 + step.split.skip)
        for way in ways:
            soonest[way] = min(at, soonest.get(way, at))
    return soonest


def _steps(look: Look, journey: Journey) -> Iterator[Warned]:
    if not any(step.message for step in journey.steps):
        yield Warned("no_message", journey.name, 0, "it has no message: it sends nothing")
    walked, soonest = walk(journey, tiers_of(look.scenario)), _earliest(journey)
    time = look.scenario.time
    last = time.burn_in + time.window
    if journey.trigger == "once":
        last = time.window - journey.day * DAY
    for k, why in walked.blocked.items():
        split = journey.steps[k].split
        assert split is not None
        yield Warned(
            "never_passed", journey.name, k + 1,
            f"nobody passes it: who gets here {why}, and `{split.has}` contradicts that: take "
            "one of the two out",
        )  # fmt: skip
    for k, step in enumerate(journey.steps):
        if k not in walked.reached:
            if any(branch < k for branch in walked.blocked):
                continue  # what is wrong is said of the branch
            yield Warned(
                "never_reached", journey.name, k + 1,
                "nobody gets here: a step before ends the journey for all: move it up, or take "
                "it out",
            )  # fmt: skip
        elif step.message and soonest[k] >= last:
            yield Warned(
                "too_late", journey.name, k + 1,
                f"it comes {format_duration(soonest[k])} after the entry at the earliest, and "
                f"messages end after {format_duration(last)}: shorten the delays before it",
            )  # fmt: skip


def _ends(look: Look, plan: Plan, journey: Journey) -> Iterator[Warned]:
    """Find journeys that a customer can't end, and those that go on after the purchase."""
    there = reached(journey, tiers_of(look.scenario))
    messages = [k for k, s in enumerate(journey.steps) if s.message and k in there]
    own = _silos(look, plan, journey)
    unseen = [
        e for e in journey.until if plan.sharing.stop != "all" and not look.sees[e] & own
    ]  # fmt: skip
    for event in unseen:
        yield Warned(
            "stop_unseen", journey.name, 0,
            f"none of its silos ({listed(own)}) sees {event!r}, which should end it: set "
            "sharing.stop to all, or end it by what they see",
        )  # fmt: skip
    ends = set(journey.until) - set(unseen)
    asks = any(s.split or (s.wait_for and s.wait_for.otherwise == "exit") for s in journey.steps)
    if len(messages) > 1 and not ends and not asks:
        yield Warned(
            "no_exit", journey.name, 0,
            f"nothing that the customer does ends it, so all its {len(messages)} messages go "
            "out: give it until, such as [order]",
        )  # fmt: skip
    if journey.trigger not in _BEFORE_A_PURCHASE or "order" in ends:
        return
    for k in messages:
        message = journey.steps[k].message
        assert message is not None
        split = any(
            s.split is not None and s.split.has in ("no_order", "cart")
            for s in journey.steps[:k]
        )  # fmt: skip
        if not message.not_after_order and not split:
            yield Warned(
                "after_purchase", journey.name, k + 1,
                "it goes out after the purchase too: give the journey until: [order], or the "
                "message not_after_order",
            )  # fmt: skip
            return
