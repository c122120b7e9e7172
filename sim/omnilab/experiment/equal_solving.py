"""Find a cap period, and shares of profiles, at which two strategies send as many messages.

Both searches have some guesses a round, and all of a round run as one on the pilot's customers.
How many messages a cap lets through falls with its period in steps: where most messages come with
a weekly newsletter, a period just below two weeks lets many more through than one just above. So
the search narrows a bracket, and does not rely on slopes; at its end it also tries caps of other
numbers of messages at about the same rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.job import Job
from omnilab.experiment.match import BY_CAP, BY_TYPE, VOLUME, Match
from omnilab.experiment.request import Request
from omnilab.measure.layout import JOURNEY_SUMS, as_integers, names_of
from omnilab.scenario.means import MOST_CAP
from omnilab.scenario.model import Cap, Journey, Step
from omnilab.strategy.plan_check import complete_plan

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy
    from omnilab.world.model import Model

__all__ = ["NEAR", "CapSearch", "Pilot", "Sent", "TypeSearch"]

#: Customers on whom the period and the shares are solved.
PILOT: Final = 1_000
#: Volumes that are so near are equal: then nothing is derived.
NEAR: Final = 0.005
#: Periods of the first guesses, in periods of the strategy's own cap.
_FIRST: Final = (2.0, 4.0, 16.0)
_GUESSES: Final = 3
_LONGEST: Final = 20.0  # the longest cap period, in windows
_MOST_STEPS: Final = 32
_HOUR: Final = 3600
_SENT: Final = names_of(JOURNEY_SUMS).index("sent")


@dataclass(frozen=True)
class Sent:
    """What a strategy sent to the pilot's customers: messages a customer, and of each journey."""

    volume: float
    journeys: Mapping[str, float]


@dataclass(frozen=True)
class Pilot:
    """A part of the customers, on whom strategies are tried."""

    scenario: Scenario
    model: Model
    seed: int
    threads: int

    def run(self, strategies: Sequence[LoadedStrategy]) -> dict[str, Sent]:
        """Run strategies; what they sent, by their names.

        Raises
        ------
        StrategyError
            If one of them fails.
        """
        customers = min(self.scenario.population.customers, PILOT)
        request = Request(seed=self.seed, threads=self.threads, tables=False)
        job = Job(self.scenario.with_customers(customers), strategies, self.model, request)
        job.run()
        found = {}
        for strategy, table in zip(strategies, job.tables["by_journey"], strict=True):
            sent = as_integers(table).reshape(-1, len(names_of(JOURNEY_SUMS)))[:, _SENT]
            names = [journey.name for journey in strategy.plan.journeys]
            found[strategy.name] = Sent(
                job.moments.estimate(VOLUME, strategy.name).value or 0.0,
                {name: int(n) / customers for name, n in zip(names, sent, strict=False)},
            )
        return found

    def changed(self, strategy: LoadedStrategy, name: str, **parts: Any) -> LoadedStrategy:
        """Return a strategy with another name and some parts of its plan changed."""
        plan = complete_plan(replace(strategy.plan, **parts), self.scenario)
        return replace(strategy, name=name, plan=plan)


class CapSearch:
    """Give the one that sends more a longer cap period.

    Parameters
    ----------
    pilot
        The customers.
    two
        The strategies.
    found
        What they sent.
    """

    def __init__(
        self, pilot: Pilot, two: Sequence[LoadedStrategy], found: Mapping[str, Sent]
    ) -> None:
        volumes = [found[s.name].volume for s in two]
        self.pilot, self.two = pilot, two
        self.more = 0 if volumes[0] > volumes[1] else 1
        self.target = min(volumes)
        self.strategy = two[self.more]
        self.base = self.strategy.plan.cap or Cap(messages=1, per=_HOUR)
        self.name = f"{self.strategy.name}@{two[1 - self.more].name} volume ({BY_CAP})"
        self.low = float(self.base.per)
        self.high = max(_LONGEST * pilot.scenario.time.window, 2 * self.low)
        self.best = (abs(max(volumes) - self.target), self.base)
        self.tried: dict[str, tuple[Cap, bool]] = {}

    def guesses(self, number: int) -> list[LoadedStrategy]:
        """Return strategies to try in a round, the first of which is 0."""
        if number == 0:
            periods = [min(self.low * x, self.high) for x in _FIRST]
        else:  # between the two, evenly on the scale of ratios
            ratio = self.high / self.low
            periods = [self.low * ratio ** (k / (_GUESSES + 1)) for k in range(1, _GUESSES + 1)]
        caps = [(self._cap(period), True) for period in periods]
        if number > 1:
            caps += [(cap, False) for cap in self._others()]
        self.tried = {f"{self.name} {number}.{k}": cap for k, cap in enumerate(caps)}
        return [
            self.pilot.changed(self.strategy, name, cap=cap)
            for name, (cap, _) in self.tried.items()
        ]

    def take(self, found: Mapping[str, Sent]) -> None:
        """Narrow the bracket by what a round's guesses sent."""
        for name, (cap, of_bracket) in self.tried.items():
            volume, period = found[name].volume, self._period(cap)
            off = abs(volume - self.target)
            if off < self.best[0]:
                self.best = (off, cap)
            if of_bracket and volume > self.target:
                self.low = max(self.low, period)
            elif of_bracket:
                self.high = min(self.high, period)
        self.high = max(self.high, self.low)  # it falls, but for a customer here and there

    def match(self) -> Match:
        """Return what came nearest."""
        cap = self.best[1]
        made = self.pilot.changed(self.strategy, self.name, cap=cap)
        several = "s" if cap.messages > 1 else ""
        how = (
            f"{self.strategy.name}'s cap is {cap.messages} message{several} in "
            f"{cap.per / 86400:.1f} days"
        )
        names = [self.two[0].name, self.two[1].name]
        equal = list(names)
        equal[self.more] = self.name
        return Match(BY_CAP, names[0], names[1], equal[0], equal[1], how, (made,))

    def _period(self, cap: Cap) -> float:
        """Return the period that a cap of as many messages as the base's would have."""
        return cap.per * self.base.messages / cap.messages

    def _cap(self, period: float) -> Cap:
        """Return a cap of as many messages as the base's in a period, or of one in a shorter."""
        messages = self.base.messages
        if period > self.pilot.scenario.time.window:
            period, messages = period / messages, 1
        return Cap(messages=messages, per=max(self.base.per, _HOUR * round(period / _HOUR)))

    def _others(self) -> list[Cap]:
        """Return caps of fewer messages, or of more, at about the rate of the best so far."""
        best = self.best[1]
        per = best.per / best.messages
        numbers = {max(1, best.messages // 2), min(MOST_CAP, best.messages + 1)}
        numbers -= {best.messages}
        return [
            Cap(messages=n, per=max(_HOUR, _HOUR * round(per * n / _HOUR))) for n in sorted(numbers)
        ]


class TypeSearch:
    """Leave each journey out for a share of the profiles of the one that sends more of it.

    Parameters
    ----------
    pilot, two, found
        As `CapSearch` takes them.
    """

    def __init__(
        self, pilot: Pilot, two: Sequence[LoadedStrategy], found: Mapping[str, Sent]
    ) -> None:
        self.pilot, self.two = pilot, two
        self.sent = [dict(found[s.name].journeys) for s in two]
        names = {*self.sent[0], *self.sent[1]}
        self.goal = {name: min(t.get(name, 0.0) for t in self.sent) for name in names}
        self.shares: list[dict[str, float]] = [
            {name: 1.0 for name in types if _above(types[name], self.goal[name])}
            for types in self.sent
        ]
        self.names = [f"{two[k].name}@{two[1 - k].name} volume ({BY_TYPE})" for k in (0, 1)]
        self.made = list(two)

    @property
    def apart(self) -> bool:
        """Whether one of them sends more of some type."""
        return any(self.shares)

    def guesses(self, number: int) -> list[LoadedStrategy]:
        """Return strategies to try in a round."""
        del number
        changed = [k for k in (0, 1) if self.shares[k]]
        for k in changed:
            for name, share in self.shares[k].items():
                # Too few now where it was too many before: a share may grow again, up to all.
                sent = self.sent[k].get(name, 0.0)
                ratio = self.goal[name] / sent if sent else 1.0
                self.shares[k][name] = min(1.0, share * ratio)
            journeys = _thinned(self.two[k].plan.journeys, self.shares[k])
            self.made[k] = self.pilot.changed(self.two[k], self.names[k], journeys=journeys)
        return [self.made[k] for k in changed]

    def take(self, found: Mapping[str, Sent]) -> None:
        """Take what a round's guesses sent."""
        for k in (0, 1):
            if self.shares[k]:
                self.sent[k] = dict(found[self.made[k].name].journeys)

    def match(self) -> Match:
        """Return what came of the last round."""
        changed = [k for k in (0, 1) if self.shares[k]]
        how = "; ".join(_say_shares(self.two[k].name, self.shares[k]) for k in changed)
        first, second = (self.made[k].name for k in (0, 1))
        derived = tuple(self.made[k] for k in changed)
        return Match(BY_TYPE, self.two[0].name, self.two[1].name, first, second, how, derived)


def _thinned(journeys: Sequence[Journey], shares: Mapping[str, float]) -> tuple[Journey, ...]:
    """Return journeys that only a share of the profiles goes through; none where that is 0."""
    found = []
    for journey in journeys:
        share = shares.get(journey.name, 1.0)
        if share <= 0.0:
            continue
        if share < 1.0 and len(journey.steps) < _MOST_STEPS:
            journey = journey.model_copy(update={"steps": (Step(cohort=share), *journey.steps)})
        found.append(journey)
    return tuple(found)


def _say_shares(strategy: str, shares: Mapping[str, float]) -> str:
    parts = [f"{name} for {share:.0%}" for name, share in sorted(shares.items())]
    return f"{strategy} sends {', '.join(parts)} of the profiles"


def _above(sent: float, goal: float) -> bool:
    return sent - goal > NEAR * sent
