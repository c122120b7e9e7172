"""Assumptions chosen one target each: for worlds where a target names the assumption it is of.

Where a log's rate of clicks is published and a scenario has a rate of clicks, no search over all
assumptions is needed: the one follows the other. In each round all assumptions are moved at once,
each by the factor that its own target misses to the power that the last two rounds tell of it (a
secant on logarithms), within bounds, since they touch each other a little.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import TYPE_CHECKING, Final

from omnilab.experiment.patterns.matching import changed_scenario
from omnilab.experiment.patterns.running import pattern_sums, pattern_values

if TYPE_CHECKING:
    from omnilab.experiment.patterns.declared import Assumed, Patterns
    from omnilab.scenario.model import Scenario

__all__ = ["Step", "match_in_rounds"]

#: By how many percent a target moves with a percent of its assumption, before two rounds tell.
FIRST: Final = 1.4
#: And at least and at most, whatever two rounds tell: they tell of the other assumptions, too.
LEAST: Final = 0.7
MOST: Final = 10.0
#: No assumption moves by more than this factor in a round, however far its target misses.
FARTHEST: Final = 2.0

Progress = Callable[[str, float], None]


def match_in_rounds(
    scenario: Scenario, patterns: Patterns, *, rounds: int = 6, seed: int = 1, threads: int = 1,
    progress: Progress | None = None,
) -> list[float]:  # fmt: skip
    """Return where in their ranges the assumptions are after some rounds, each place 0 to 1.

    Parameters
    ----------
    scenario
        Where to begin, with its own number of customers.
    patterns
        Assumptions with a target of their own move, the others stay.
    rounds
        Runs of the scenario, all with the same people.
    seed, threads
        As those of `omnilab.experiment.compare.compare`.
    progress
        Called with what is being done and how much of it is, 0 to 1.
    """
    places = [a.place(scenario) for a in patterns.assumptions]
    steps = [Step(a) for a in patterns.assumptions]
    for number in range(rounds):
        if progress is not None:
            progress(f"round {number + 1}", number / rounds)
        now = changed_scenario(scenario, patterns, places)
        sums = pattern_sums(now, patterns, seed=seed, threads=threads)
        found = {
            p.name: (value, p.published)
            for p, value in zip(patterns.patterns, pattern_values(patterns, sums), strict=True)
        }
        places = [
            step.after(u, *found[step.target]) if step.target else u
            for step, u in zip(steps, places, strict=True)
        ]
    return places


class Step:
    """Moves one assumption by its own target, round after round.

    Attributes
    ----------
    target
        The target's name; empty where the assumption has none, and stays.
    """

    def __init__(self, assumed: Assumed) -> None:
        self.target = assumed.by or assumed.against
        self._low, self._high = assumed.vary.low, assumed.vary.high
        self._sign = 1.0 if assumed.by else -1.0
        self._last: tuple[float, float] | None = None

    def after(self, place: float, found: float | None, published: float) -> float:
        """Return the next place, 0 to 1, where the target came out as `found` at `place`.

        An assumption at 0, or a target without a value or at 0, has no factor: it stays.
        """
        value = self._low + place * (self._high - self._low)
        if not found or not value:
            return place
        factor = (published / found) ** (self._sign / self._power(log(value), log(found)))
        self._last = log(value), log(found)
        value *= min(max(factor, 1.0 / FARTHEST), FARTHEST)
        return min(max((value - self._low) / (self._high - self._low), 0.0), 1.0)

    def _power(self, value: float, found: float) -> float:
        """Return by how many percent the target moves with a percent of the assumption."""
        if self._last is None or abs(value - self._last[0]) < 0.01:
            return FIRST
        power = self._sign * (found - self._last[1]) / (value - self._last[0])
        return min(max(power, LEAST), MOST)
