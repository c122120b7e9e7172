"""Ablation: what each switch of a strategy or a world is worth, with intervals that add up.

All sets of switches are run on the same customers where that is affordable. What a switch is worth
alone, last, or by Shapley's value is then a weighted sum over the sets, and has the paired interval
of one. Shapley values add up to the whole exactly: they are fractions, rounded when they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, Final

from omnilab.errors import OptionError, nearest
from omnilab.experiment import shapley
from omnilab.experiment.differences import ALPHA
from omnilab.experiment.statistics import LEVEL, Estimate, holm
from omnilab.experiment.switches import Switch, switched_scenario, switched_strategy
from omnilab.experiment.together import Together, World, run_together
from omnilab.measure.catalogue import MEASURES
from omnilab.strategy.maps import map_of

if TYPE_CHECKING:
    from omnilab.experiment.checkpoint import Checkpoint
    from omnilab.measure.ratio import Measure
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.wiring import Wiring
    from omnilab.strategy.loading import LoadedStrategy

__all__ = [
    "ALL",
    "KINDS",
    "MEASURED",
    "MOST_COMBINATIONS",
    "MOST_SWITCHES",
    "NONE",
    "Ablation",
    "Design",
    "Effect",
    "ablate",
    "design",
    "measures_of",
]

#: Measures of an ablation if none is asked for; the waterfall is of the first.
MEASURED: Final = ("ltv", "purchase_rate", "orders_per_customer", "messages_per_customer")
MOST_COMBINATIONS: Final = 64  # all sets of six switches
MOST_SWITCHES: Final = 32
NONE, ALL = "none", "all"  # how the first and the last set are called
WHOLE, ALONE, LAST, SHAPLEY, INTERACTION = "whole", "alone", "last", "shapley", "interaction"
KINDS: Final = (WHOLE, ALONE, LAST, SHAPLEY, INTERACTION)
#: An interaction is big if it is hardly chance and at least so much of the whole's size.
BIG: Final = 0.1


@dataclass(frozen=True)
class Design:
    """Which sets of switches are run, and what they make of scenario and strategy.

    Attributes
    ----------
    scenario, strategy
        The scenario with nothing switched on, and the strategy's name.
    switches
        In the order of the bits of a set.
    sets
        Those that are run, in rising order.
    orders
        Orders in which switches come on, where not all sets are run; else empty.
    worlds
        What is run. Sets of switches that make the same plan share one strategy.
    column
        The name of each set's strategy in `worlds`.
    wiring
        The silo map of the strategy's plan.
    """

    scenario: Scenario
    strategy: str
    switches: tuple[Switch, ...]
    sets: tuple[int, ...]
    orders: tuple[tuple[int, ...], ...]
    worlds: tuple[World, ...]
    column: Mapping[int, str]
    wiring: Wiring

    def label(self, on: int) -> str:
        """Return how a set is called: the names of what is on, ``none`` or ``all``."""
        if on == 0:
            return NONE
        if on == (1 << len(self.switches)) - 1:
            return ALL
        return " + ".join(s.name for i, s in enumerate(self.switches) if on >> i & 1)


@dataclass(frozen=True)
class Effect:
    """What a switch, two together or all of them change in a measure.

    Attributes
    ----------
    kind
        Of `KINDS`.
    switches
        Names: none for the whole, two for an interaction.
    measure
        What is changed.
    estimate
        With its 95% interval; all None where a set of switches that it needs has failed.
    exact
        The value as a fraction.
    p_adjusted
        Holm's, among the effects of this kind and measure.
    share
        The value as a share of the whole; None where the whole is 0.
    """

    kind: str
    switches: tuple[str, ...]
    measure: Measure
    estimate: Estimate
    exact: Fraction | None
    p_adjusted: float | None = None
    share: float | None = None

    @property
    def hardly_chance(self) -> bool | None:
        """Whether the adjusted p-value is below 0.05; None without one."""
        return None if self.p_adjusted is None else self.p_adjusted < ALPHA

    @property
    def big(self) -> bool:
        """Whether it is hardly chance and at least a tenth of the whole."""
        return bool(self.hardly_chance) and self.share is not None and abs(self.share) >= BIG


@dataclass(frozen=True)
class Ablation:
    """What came out; every number is a function of scenario, switches, seed and strategy."""

    design: Design
    measures: Mapping[str, Measure]
    seed: int
    customers: int
    replications: int
    together: Together

    def effects(self) -> list[Effect]:
        """Return all effects: by measure, then by `KINDS`, then in the order of the switches."""
        return [effect for name in self.measures for effect in self._of_measure(name)]

    def value(self, measure: str, on: int) -> Estimate:
        """Return a measure with a set of switches on; all None where that has failed."""
        return self._sum(measure, {on: Fraction(1)})[0]._replace(p_value=None)

    def above_none(self, measure: str, on: int) -> Estimate:
        """Return a measure with a set of switches on less the same with none, paired."""
        return self._sum(measure, _added([{on: Fraction(1)}, {0: Fraction(-1)}]))[0]

    def _of_measure(self, name: str) -> list[Effect]:
        whole = self._sum(name, shapley.whole(len(self.design.switches)))
        found = []
        for kind in KINDS:
            effects = [
                Effect(kind, names, self.measures[name], *self._found(name, weights, kind, names))
                for names, weights in self._weights(kind)
            ]
            adjusted = holm([e.estimate.p_value for e in effects])
            found += [
                replace(e, p_adjusted=p, share=_share(e.exact, whole[1]))
                for e, p in zip(effects, adjusted, strict=True)
            ]
        return found

    def _weights(self, kind: str) -> Iterator[tuple[tuple[str, ...], shapley.Weights]]:
        """Yield the effects of a kind with their weights."""
        switches, orders = self.design.switches, self.design.orders
        n = len(switches)
        if kind == WHOLE:
            yield (), shapley.whole(n)
        elif kind == INTERACTION:
            for i in range(n):
                for j in range(i + 1, n if not orders else 0):
                    yield (switches[i].name, switches[j].name), shapley.interaction(i, j, n)
        for i, switch in enumerate(switches):
            if kind == ALONE:
                yield (switch.name,), shapley.alone(i)
            elif kind == LAST:
                yield (switch.name,), shapley.last(i, n)
            elif kind == SHAPLEY and not orders:
                yield (switch.name,), shapley.shapley(i, n)
            elif kind == SHAPLEY:
                gains = [shapley.along(i, order) for order in orders]
                yield (switch.name,), _added(gains, Fraction(1, len(orders)))

    def _found(
        self, measure: str, weights: shapley.Weights, kind: str, names: tuple[str, ...]
    ) -> tuple[Estimate, Fraction | None]:
        estimate, exact = self._sum(measure, weights)
        if kind == SHAPLEY and self.design.orders and estimate.value is not None:
            estimate = self._of_orders(measure, names[0], estimate)
        return estimate, exact

    def _of_orders(self, measure: str, name: str, found: Estimate) -> Estimate:
        """Return a sampled Shapley value whose interval holds the choice of orders too."""
        from scipy.special import stdtrit

        orders = self.design.orders
        i = [s.name for s in self.design.switches].index(name)
        halves = Fraction(1, 2)
        pairs = [
            self._sum(measure, _added([shapley.along(i, a), shapley.along(i, b)], halves))[0].value
            for a, b in zip(orders[::2], orders[1::2], strict=True)
        ]
        gains = [gain for gain in pairs if gain is not None]
        if len(gains) < 2 or found.value is None or found.error is None or found.high is None:
            return Estimate(found.value, None, None)
        mean, m = sum(gains) / len(gains), len(gains)
        spread = sqrt(sum((gain - mean) ** 2 for gain in gains) / (m - 1) / m)
        of_orders = float(stdtrit(m - 1, (1.0 + LEVEL) / 2.0)) * spread
        half = sqrt((found.high - found.value) ** 2 + of_orders**2)
        error = sqrt(found.error**2 + spread**2)
        return Estimate(found.value, found.value - half, found.value + half, error)

    def _sum(self, measure: str, weights: shapley.Weights) -> tuple[Estimate, Fraction | None]:
        """Return a weighted sum over sets with its interval, and its exact value."""
        moments, column = self.together.moments, self.design.column
        named = [(column[on], weight) for on, weight in weights.items()]
        if any(name not in moments.strategies for name, _ in named):
            return Estimate(None, None, None), None
        return moments.contrast(measure, named), moments.exact(measure, named)


def measures_of(names: Sequence[str], option: str = "--measure") -> dict[str, Measure]:
    """Return measures by their names.

    Raises
    ------
    OptionError
        If there is no such measure, or one that needs another strategy beside.
    """
    found = {}
    for name in names or MEASURED:
        if name not in MEASURES:
            raise OptionError(f"{option}: there is no measure {name!r}{nearest(name, MEASURES)}")
        if MEASURES[name].above_baseline:
            raise OptionError(
                f"{option} {name}: is held against another strategy; take margin or contact_cost"
            )
        found[name] = MEASURES[name]
    return found


def design(
    scenario: Scenario,
    load: Callable[[Scenario], LoadedStrategy],
    switches: Sequence[Switch],
    *,
    most: int = MOST_COMBINATIONS,
    seed: int = 1,
) -> Design:
    """Say what is to be run, and find all that is wrong with it.

    Parameters
    ----------
    scenario
        With the customers of the run.
    load
        Loads the strategy for a scenario.
    switches
        From `omnilab.experiment.switches.parse_switches`.
    most
        Sets of switches that may be run. All are, if there are no more; else each switch alone,
        each last, and those along some orders, which are drawn with the seed.
    seed
        Of the run.

    Raises
    ------
    OptionError, StrategyError
        If a switch leads nowhere, or a set of them can't be run.
    """
    switches = _of_effect(scenario, switches)
    n = len(switches)
    if n > MOST_SWITCHES:
        raise OptionError(f"--over: {n} switches, at most {MOST_SWITCHES} are taken")
    made = _Made(scenario, load, tuple(switches))
    for i in range(n):  # each by itself first: an error then names one switch
        made.column(1 << i)
    made = _Made(scenario, load, tuple(switches))
    orders = () if 1 << n <= most else _orders(n, most, seed)
    sets = range(1 << n) if not orders else sorted(_needed(n, orders))
    column = {on: made.column(on) for on in sets}
    return Design(
        scenario,
        made.strategy,
        tuple(switches),
        tuple(sets),
        orders,
        made.worlds(),
        column,
        made.wiring,
    )


def ablate(
    designed: Design,
    measures: Mapping[str, Measure],
    *,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int = 1,
    chunk: int | None = None,
    progress: Callable[[str, float], None] | None = None,
    checkpoint: Checkpoint | None = None,
) -> Ablation:
    """Run a design.

    Parameters
    ----------
    designed
        From `design`, with the same seed.
    measures
        From `measures_of`.
    replications, seed, engine, threads, chunk, progress, checkpoint
        As `omnilab.experiment.together.run_together` takes them.

    Raises
    ------
    StrategyError
        If the strategy failed with every set of switches; where it failed with some, only the
        effects that need them have no value.
    """
    together = run_together(
        designed.worlds, measures, replications=replications, seed=seed, engine=engine,
        threads=threads, chunk=chunk, progress=progress, checkpoint=checkpoint,
    )  # fmt: skip
    customers = designed.scenario.population.customers
    return Ablation(designed, measures, seed, customers, replications, together)


class _Made:
    """Makes scenarios and strategies of sets of switches, each once."""

    def __init__(
        self,
        scenario: Scenario,
        load: Callable[[Scenario], LoadedStrategy],
        switches: tuple[Switch, ...],
    ) -> None:
        self.load, self.switches = load, switches
        self._of_world = sum(1 << i for i, s in enumerate(switches) if not s.in_plan)
        self._scenarios = {0: scenario}
        self._loaded = {0: load(scenario)}
        self._kept: dict[int, list[LoadedStrategy]] = {}
        self.strategy = self._loaded[0].name
        self.wiring = map_of(self._loaded[0].plan, scenario)

    def column(self, on: int) -> str:
        """Return the name of a set's strategy, which is new if no other has its plan."""
        world = on & self._of_world
        scenario, loaded = self._world(world)
        ons, offs = self._parts(on)
        made = switched_strategy(loaded, ons, offs, scenario)
        kept = self._kept.setdefault(world, [])
        for other in kept:
            if _acts_alike(made, other):
                return other.name
        names = "+".join(s.name for s in ons) or NONE
        kept.append(replace(made, name=f"{self.strategy}[{names}]"))
        return kept[-1].name

    def worlds(self) -> tuple[World, ...]:
        """Return all that was made."""
        pairs = self._kept.items()
        return tuple(World(self._scenarios[world], tuple(made)) for world, made in pairs)

    def _world(self, world: int) -> tuple[Scenario, LoadedStrategy]:
        if world not in self._scenarios:
            self._scenarios[world] = switched_scenario(self._scenarios[0], self._parts(world)[0])
            self._loaded[world] = self.load(self._scenarios[world])
        return self._scenarios[world], self._loaded[world]

    def _parts(self, on: int) -> tuple[list[Switch], list[Switch]]:
        """Return the switches that are on, and the others."""
        ons = [s for i, s in enumerate(self.switches) if on >> i & 1]
        return ons, [s for i, s in enumerate(self.switches) if not on >> i & 1]


def _of_effect(scenario: Scenario, switches: Sequence[Switch]) -> Sequence[Switch]:
    """Leave out who sees which units, unless alone, where no place holds any."""
    if scenario.stock.holds_units or len(switches) == 1:
        return switches
    return [s for s in switches if not (s.is_choice and s.path[-1] == "stock")]


def _acts_alike(a: LoadedStrategy, b: LoadedStrategy) -> bool:
    """Tell whether two plans of one strategy give the same log: with identity apart all is."""
    plans = [replace(s.plan, sharing=s.plan.sharing.effective()) for s in (a, b)]
    return plans[0] == plans[1]


def _needed(n: int, orders: Sequence[Sequence[int]]) -> set[int]:
    """Return the sets along orders, and those of each switch alone and last."""
    every = (1 << n) - 1
    found = {0, every}
    for i in range(n):
        found |= {1 << i, every ^ (1 << i)}
    for order in orders:
        on = 0
        for i in order:
            on |= 1 << i
            found.add(on)
    return found


def _orders(n: int, most: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Return as many orders, in pairs, as their sets are allowed; one pair at least."""
    many = shapley.permutations(n, max(1, most), seed)
    taken = 2
    while taken + 2 <= len(many) and len(_needed(n, many[: taken + 2])) <= most:
        taken += 2
    return tuple(many[:taken])


def _added(parts: Sequence[shapley.Weights], factor: Fraction = Fraction(1)) -> shapley.Weights:
    total: shapley.Weights = {}
    for part in parts:
        for on, weight in part.items():
            total[on] = total.get(on, Fraction(0)) + factor * weight
    return {on: weight for on, weight in total.items() if weight}


def _share(value: Fraction | None, whole: Fraction | None) -> float | None:
    return None if value is None or not whole else float(value / whole)
