"""Equal volume: whether a win survives when both strategies send as many messages.

Of two strategies that differ in volume, derived ones are made that do not, in two ways:

- *by cap*: the one that sends more gets a longer cap period, so that what falls is what the cap
  drops: the messages that come last, of whatever journey (and of low priority, where journeys have
  priorities);
- *by type*: of each journey, the one that sends more of it leaves it out for a share of the
  profiles, so that both send as many messages of each type.

The period and the shares are solved on a part of the same customers, and the derived strategies
run beside the others, so that all differences are paired. How near the volumes came is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OptionError, nearest
from omnilab.experiment.compare import compare
from omnilab.experiment.differences import reference_among
from omnilab.experiment.match import BY_CAP, BY_TYPE, VOLUME, Match
from omnilab.measure.layout import JOURNEY_SUMS, as_integers, names_of
from omnilab.scenario.model import Cap, Journey, Scenario, Step
from omnilab.strategy.plan_check import complete_plan

if TYPE_CHECKING:
    from omnilab.experiment.comparison import Comparison
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["derive", "parse_pair"]

MAIN_PAIR: Final = "main"  # how a user calls the usual two
#: Customers on whom the period and the shares are solved.
PILOT: Final = 2_000
#: Volumes that are so near are equal: then nothing is derived.
NEAR: Final = 0.005
_ROUNDS: Final = 4  # of several guesses at once
_GUESSES: Final = 5
_LONGEST: Final = 20.0  # the longest cap period, in windows
_MOST_STEPS: Final = 32
_HOUR: Final = 3600
_SENT: Final = names_of(JOURNEY_SUMS).index("sent")

Say = Callable[[str, float], None]


def parse_pair(
    text: str, names: Sequence[str], scenario: Scenario, against: str | None = None
) -> tuple[str, str]:
    """Return the two strategies whose volumes are to be equal; the second is the reference.

    Parameters
    ----------
    text
        ``A,B``, or ``main`` for omnichannel, or the first other, and the reference.
    names
        Of the strategies that are compared.
    scenario, against
        As the reference is chosen.

    Raises
    ------
    OptionError
        If there are not two such strategies.
    """
    option = f"--equal-volume {text!r}"
    if text.strip() == MAIN_PAIR:
        reference = reference_among(names, scenario.brand.status_quo, against)
        if reference is None:
            raise OptionError(f"{option}: takes two strategies, and there is one")
        others = [n for n in names if n not in (reference, "no_contact")]
        others = sorted(others, key=lambda n: n != "omnichannel")
        if not others:
            raise OptionError(f"{option}: no_contact sends nothing; name two others")
        return others[0], reference
    pair = [part.strip() for part in text.split(",")]
    if len(pair) != 2 or pair[0] == pair[1]:
        raise OptionError(f"{option}: name two strategies, such as omnichannel,multichannel")
    for name in pair:
        if name not in names:
            hint = nearest(name, names) or f"; there are {', '.join(names)}"
            raise OptionError(f"{option}: no strategy {name!r} in this comparison{hint}")
    return pair[0], pair[1]


def derive(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    pair: tuple[str, str],
    *,
    seed: int = 1,
    engine: str = "auto",
    threads: int = 1,
    progress: Say | None = None,
) -> tuple[Match, ...]:
    """Make the strategies of equal volume, by cap and by type.

    Parameters
    ----------
    scenario
        With the customers of the run.
    strategies
        Those that are compared.
    pair
        From `parse_pair`.
    seed, engine, threads, progress
        Of the run. The same run gives the same matches.

    Raises
    ------
    StrategyError
        If one of the two fails on the pilot's customers.
    """
    say: Say = progress or (lambda _what, _share: None)
    say(f"equal volume: solving for {' and '.join(pair)}", 0.0)
    customers = min(scenario.population.customers, PILOT)
    pilot = _Pilot(scenario.with_customers(customers), seed, engine, threads)
    by_name = {s.name: s for s in strategies}
    two = [by_name[name] for name in pair]
    found = pilot.run(two)
    volumes = [_volume(found, name) for name in pair]
    matches = []
    if abs(volumes[0] - volumes[1]) > NEAR * max(volumes):
        matches.append(_by_cap(pilot, two, volumes))
    types = [_by_journey(found, s) for s in two]
    if any(_apart(types, name) for name in {*types[0], *types[1]}):
        matches.append(_by_type(pilot, two, types))
    return tuple(matches)


@dataclass(frozen=True)
class _Pilot:
    """A part of the customers, on whom strategies are tried."""

    scenario: Scenario
    seed: int
    engine: str
    threads: int

    def run(self, strategies: Sequence[LoadedStrategy]) -> Comparison:

        return compare(
            self.scenario, strategies, seed=self.seed, engine=self.engine, threads=self.threads
        )

    def changed(self, strategy: LoadedStrategy, name: str, **parts: Any) -> LoadedStrategy:
        """Return a strategy with another name and some parts of its plan changed."""
        plan = complete_plan(replace(strategy.plan, **parts), self.scenario)
        return replace(strategy, name=name, plan=plan)


def _by_cap(pilot: _Pilot, two: Sequence[LoadedStrategy], volumes: Sequence[float]) -> Match:
    """Give the one that sends more a longer cap period, by narrowing down several guesses."""
    more = 0 if volumes[0] > volumes[1] else 1
    strategy, other, target = two[more], two[1 - more], min(volumes)
    base = strategy.plan.cap or Cap(messages=1, per=3600)
    name = f"{strategy.name}@{other.name} volume ({BY_CAP})"
    low = float(base.per)
    high = max(_LONGEST * pilot.scenario.time.window, 2 * low)
    best = (abs(volumes[more] - target), base)
    for number in range(_ROUNDS):
        # Between the two periods, evenly on the scale of ratios: the volume falls with the period.
        steps = [low * (high / low) ** (k / (_GUESSES + 1)) for k in range(1, _GUESSES + 1)]
        caps = [_cap(base, period, pilot.scenario) for period in steps]
        tried = [
            pilot.changed(strategy, f"{name} {number}.{k}", cap=cap) for k, cap in enumerate(caps)
        ]
        found = pilot.run(tried)
        sent = [_volume(found, s.name) for s in tried]
        best = min([best, *((abs(v - target), c) for v, c in zip(sent, caps, strict=True))],
                   key=lambda pair: pair[0])  # fmt: skip
        above = [period for period, v in zip(steps, sent, strict=True) if v > target]
        below = [period for period, v in zip(steps, sent, strict=True) if v <= target]
        low, high = max(above, default=low), min(below, default=high)
    cap = best[1]
    made = pilot.changed(strategy, name, cap=cap)
    how = f"{strategy.name}'s cap is {cap.messages} messages in {cap.per / 86400:.1f} days"
    names = [two[0].name, two[1].name]
    names[more] = name
    return Match(BY_CAP, two[0].name, two[1].name, names[0], names[1], how, (made,))


def _cap(base: Cap, period: float, scenario: Scenario) -> Cap:
    """Return a cap of so many messages as the base's in a period, or of one in a shorter one."""
    if period > scenario.time.window and base.messages > 1:
        return Cap(messages=1, per=max(base.per, _HOUR * round(period / base.messages / _HOUR)))
    return Cap(messages=base.messages, per=max(base.per, _HOUR * round(period / _HOUR)))


def _by_type(
    pilot: _Pilot, two: Sequence[LoadedStrategy], types: Sequence[Mapping[str, float]]
) -> Match:
    """Leave each journey out for a share of the profiles of the one that sends more of it."""
    goal = {name: min(t.get(name, 0.0) for t in types) for name in {*types[0], *types[1]}}
    shares: list[dict[str, float]] = [
        {name: 1.0 for name in types[k] if _above(types[k][name], goal[name])} for k in (0, 1)
    ]
    sent = [dict(t) for t in types]
    names = [f"{two[k].name}@{two[1 - k].name} volume ({BY_TYPE})" for k in (0, 1)]
    made = [two[0], two[1]]
    for _ in range(_ROUNDS):
        for k in (0, 1):
            for name, share in shares[k].items():
                # Too few now where it was too many before: a share may grow again, up to all.
                ratio = goal[name] / sent[k][name] if sent[k][name] else 1.0
                shares[k][name] = min(1.0, share * ratio)
            if shares[k]:
                journeys = _thinned(two[k].plan.journeys, shares[k])
                made[k] = pilot.changed(two[k], names[k], journeys=journeys)
        found = pilot.run([m for m, kept in zip(made, shares, strict=True) if kept])
        for k in (0, 1):
            if shares[k]:
                sent[k] = _by_journey(found, made[k])
    how = "; ".join(_say_shares(two[k].name, shares[k]) for k in (0, 1) if shares[k])
    equal = [made[k].name for k in (0, 1)]
    derived = tuple(made[k] for k in (0, 1) if shares[k])
    return Match(BY_TYPE, two[0].name, two[1].name, equal[0], equal[1], how, derived)


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


def _volume(found: Comparison, strategy: str) -> float:
    return found.moments.estimate(VOLUME, strategy).value or 0.0


def _by_journey(found: Comparison, strategy: LoadedStrategy) -> dict[str, float]:
    """Return messages of each journey, for each customer."""
    table = as_integers(found.by_journey[strategy.name]).reshape(-1, len(names_of(JOURNEY_SUMS)))
    names = [journey.name for journey in strategy.plan.journeys]
    sent = dict(zip(names, (int(row[_SENT]) for row in table), strict=False))
    return {name: n / found.customers for name, n in sent.items()}


def _above(sent: float, goal: float) -> bool:
    return sent - goal > NEAR * sent


def _apart(types: Sequence[Mapping[str, float]], name: str) -> bool:
    a, b = (t.get(name, 0.0) for t in types)
    return abs(a - b) > NEAR * max(a, b)
