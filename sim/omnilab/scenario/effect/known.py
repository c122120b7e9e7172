"""What is known of a profile at each step of a journey: by the branches that it has passed.

A branch asks for one thing, above or below a level: a tier or a higher one, so much paid, an answer
so recent. Who has passed it, or has failed it and was led past some steps, is known to be above or
below. Every way through the journey is walked with what is known on it. Between two branches
nothing happens. A wait forgets all but what can't be undone: an order, and what came back of the
message before. A message forgets everything, since another team may look from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Journey, Split, Step

__all__ = ["Known", "Walked", "contradicts", "walk"]

#: Once true of a copy it stays so while it waits.
_LASTING: Final = ("order", "opened", "clicked", "replied", "accepted")
#: Most ways that are told apart at one step; of more, only what all of them know is kept.
_MOST_WAYS: Final = 256


@dataclass(frozen=True)
class Known:
    """One thing that is known of a profile.

    Attributes
    ----------
    of
        What it is about, such as ``tier``.
    level
        What it must reach: rank of a tier, money, points, or seconds negated, so that more is
        always less likely; 0 where there are no levels.
    holds
        Whether it reaches the level.
    said
        The branch in words, such as ``tier gold``.
    step
        Number of that branch, from 1.
    failed
        Whether the profile failed that branch, and did not pass it.
    """

    of: str
    level: float
    holds: bool
    said: str
    step: int
    failed: bool = False

    def opposite(self) -> Known:
        """Return what is known of who failed the branch."""
        return Known(self.of, self.level, not self.holds, self.said, self.step, failed=True)

    def excludes(self, other: Known) -> bool:
        """Tell whether no profile is both."""
        if self.of != other.of or self.holds == other.holds:
            return False
        yes, no = (self, other) if self.holds else (other, self)
        return yes.level >= no.level

    def __str__(self) -> str:
        """Return it as ``has passed `tier gold` (step 1)``."""
        return f"has {'failed' if self.failed else 'passed'} `{self.said}` (step {self.step})"


def _asked(split: Split, step: int, tiers: Sequence[str]) -> Known:
    """Return what is known of who passes a branch."""
    of = "order" if split.has == "no_order" else split.has.removeprefix("not_")
    said: str = split.has
    level = 0.0
    if of == "tier" and split.tier is not None:
        level = float(tiers.index(split.tier)) if split.tier in tiers else 0.0
        said += f" {split.tier}"
    elif of == "value":
        level, said = split.at_least, f"{said} {split.at_least:g}"
    elif of == "score":
        level, said = float(split.score or 0.0), f"{said} {split.score:g}"
    elif of in ("answered", "bad_survey"):
        level = -float(split.within)
    return Known(of, level, not split.has.startswith(("no_", "not_")), said, step)


def contradicts(before: Split, then: Split, tiers: Sequence[str] = ()) -> bool:
    """Tell whether nobody who has passed the first of two branches passes the second.

    Nothing happens between the two, so a profile is the same at both.

    Parameters
    ----------
    before, then
        The branches.
    tiers
        Names of the programme's tiers, the lowest first.
    """
    return _asked(before, 1, tiers).excludes(_asked(then, 2, tiers))


@dataclass(frozen=True)
class Walked:
    """What was found on all ways through a journey.

    Attributes
    ----------
    reached
        Steps, from 0, that some way leads to.
    blocked
        Branch, from 0, that is reached and that nobody passes -> what is known there that
        contradicts it, on one of the ways.
    """

    reached: frozenset[int]
    blocked: dict[int, Known]


_Way = tuple[frozenset[Known], frozenset[tuple[str, str, bool]]]


def walk(journey: Journey, tiers: Sequence[str] = ()) -> Walked:
    """Walk every way through a journey.

    Parameters
    ----------
    journey
        One of the scenario's, or of a plan's.
    tiers
        Names of the programme's tiers, the lowest first.
    """
    steps = journey.steps
    ways: list[set[_Way]] = [set() for _ in range(len(steps) + 1)]
    ways[0].add((frozenset(), frozenset()))
    blocked: dict[int, Known] = {}
    for k, step in enumerate(steps):
        ways[k] = _few(ways[k])
        asked = None if step.split is None else _asked(step.split, k + 1, tiers)
        passed = False
        for way in ways[k]:
            for goes_on, to in _onward(step, asked, k, way):
                passed |= asked in goes_on[0]
                ways[min(to, len(steps))].add(goes_on)
        if asked is not None and not passed:
            against = [fact for known, _ in ways[k] for fact in known if fact.excludes(asked)]
            if against:  # else nobody gets here, or only arms that pass it over
                blocked[k] = max(against, key=lambda fact: (fact.step, fact.level))
    return Walked(frozenset(k for k in range(len(steps)) if ways[k]), blocked)


def _few(ways: set[_Way]) -> set[_Way]:
    """Return the ways, or where they are too many the one that knows what all of them know."""
    if len(ways) <= _MOST_WAYS:
        return ways
    return {
        (
            frozenset.intersection(*(known for known, _ in ways)),
            frozenset.intersection(*(arms for _, arms in ways)),
        )
    }


def _onward(step: Step, asked: Known | None, k: int, way: _Way) -> Iterator[tuple[_Way, int]]:
    """Yield the ways on from a step, each with the step that it leads to.

    ``asked`` is what is known of who passes it, where it is a branch.
    """
    known, arms = way
    if step.arm is not None:
        mine, other = (step.arm.test, step.arm.name, True), (step.arm.test, step.arm.name, False)
        elsewhere = any(t == mine[0] and a != mine[1] and within for t, a, within in arms)
        if mine not in arms:
            yield (known, arms | {other}), k + 1
        if other in arms or elsewhere:
            return
        arms |= {mine}
    if step.exit or step.cohort == 0:
        return
    if step.split is not None and asked is not None:
        failed = asked.opposite()
        if not any(fact.excludes(asked) for fact in known):
            yield (known | {asked}, arms), k + 1
        fails = not any(fact.excludes(failed) for fact in known)
        if step.split.otherwise == "skip" and fails:
            yield (known | {failed}, arms), k + 1 + step.split.skip
        return
    if step.message is not None:
        known, arms = frozenset(), frozenset()
    elif step.delay or step.wait_for:  # whose draw decides may be known by another name since
        known = frozenset(fact for fact in known if fact.of in _LASTING and fact.holds)
        arms = frozenset()
    yield (known, arms), k + 1
