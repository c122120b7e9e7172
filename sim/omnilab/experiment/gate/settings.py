"""The settings of a search: how each becomes a strategy, and what it came to in which round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from omnilab.errors import OmnilabError
from omnilab.experiment.compare import compare
from omnilab.experiment.gate.decide import decide
from omnilab.experiment.paths import changed_plan
from omnilab.strategy.declared import DeclaredStrategy
from omnilab.strategy.loading import check_plan, loaded_object

if TYPE_CHECKING:
    from omnilab.experiment.gate.decide import Verdict
    from omnilab.experiment.gate.declared import Gate
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.experiment.request import Say
    from omnilab.experiment.sweep.vary import Given, Vary
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Candidates", "Rounds", "Tried"]

_FIRST: Final = 4  # the first round has a fourth of the customers


@dataclass(frozen=True)
class Tried:
    """One set of settings.

    Attributes
    ----------
    name
        As a strategy; "" where it could not be tried.
    settings
        Path -> value, as a reader sees it.
    gain
        The goal's measure less that of the shipped settings in the last round it was in, in the
        good direction; None where it could not be tried.
    rounds
        How many of the search's two rounds it was in.
    breaks
        Guardrails whose bound the estimate is beyond.
    refused
        Why it could not be tried.
    proposed
        Whether earlier settings led to it; else it was spread.
    first
        The gain of the first round.
    beyond
        Guardrail -> how far the last round's estimate is beyond its bound, in standard errors
        where there are some; below 0 within it.
    """

    name: str
    settings: dict[str, str]
    gain: float | None = None
    rounds: int = 0
    breaks: tuple[str, ...] = ()
    refused: str = ""
    proposed: bool = False
    first: float | None = None
    beyond: dict[str, float] = field(default_factory=dict)

    @property
    def place(self) -> tuple[int, bool, bool, float, int]:
        """What settings are sorted by, the best first: those of the last round before others."""
        number = int(self.name.rpartition("-")[2] or 0)
        return (-self.rounds, self.gain is None, bool(self.breaks), -(self.gain or 0.0), number)


class Candidates:
    """Settings that are tried, each once, with the strategies that have them.

    Parameters
    ----------
    scenario
        That they run in.
    shipped
        The strategy whose plan is varied.
    varies
        Keys of its plan.
    """

    def __init__(self, scenario: Scenario, shipped: LoadedStrategy, varies: Sequence[Vary]) -> None:
        self.scenario, self.shipped, self.varies = scenario, shipped, list(varies)
        self._made: dict[tuple[str, ...], Tried] = {}
        self.ready: dict[str, LoadedStrategy] = {}

    @property
    def tried(self) -> list[Tried]:
        """All, in the order in which they were added."""
        return list(self._made.values())

    def add(self, given: Sequence[Given], *, proposed: bool = False) -> tuple[str, bool]:
        """Return the name of some settings, "" where they can't be tried, and whether it is new."""
        key = tuple(g.text for g in given)
        if key in self._made:
            return self._made[key].name, False
        settings = {vary.path: g.text for vary, g in zip(self.varies, given, strict=True)}
        changes = {vary.path: g.value for vary, g in zip(self.varies, given, strict=True)}
        shipped = self.shipped
        name = f"{shipped.name}-{len(self._made) + 1}"
        is_seconds = any(vary.seconds for vary in self.varies)
        try:
            plan = changed_plan(
                shipped.plan, changes, self.scenario, seconds=is_seconds, strategy=shipped.name
            )
            plan = check_plan(plan, self.scenario, strategy=shipped.name)
        except OmnilabError as error:
            self._made[key] = Tried("", settings, refused=str(error), proposed=proposed)
            return "", True
        self._made[key] = Tried(name, settings, proposed=proposed)
        self.ready[name] = replace(shipped, name=name, plan=plan)
        return name, True

    def one(self, name: str) -> Tried:
        """Return settings by their name."""
        return next(t for t in self._made.values() if t.name == name)

    def strategy(self, one: Tried) -> LoadedStrategy:
        """Return the strategy that has some settings."""
        return self.ready[one.name]

    def put(self, one: Tried) -> None:
        """Keep what settings came to."""
        key = next(k for k, t in self._made.items() if t.name == one.name)
        self._made[key] = one

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return names, each once, the best settings first."""
        return sorted(dict.fromkeys(names), key=lambda name: self.one(name).place)

    def kept(self) -> list[str]:
        """Return the settings within all guardrails by what they gained on few, the best first."""
        within = [t for t in self._made.values() if t.name and t.first is not None and not t.breaks]
        return [t.name for t in sorted(within, key=lambda t: -(t.first or 0.0))]

    def sorted(self) -> tuple[Tried, ...]:
        """Return all settings, the best first, those that could not be tried last."""
        return tuple(sorted(self._made.values(), key=lambda t: (not t.name, t.place)))


class Rounds:
    """Runs settings beside the shipped ones on the same customers.

    Parameters
    ----------
    gate
        Its goal, and guardrails on measures.
    scenario
        With the customers of the second round.
    shipped
        The strategy with the settings that it has.
    worlds
        A set, a number and a weight each: where the second round runs in place of the scenario.
    seed
        Of the first round; the next ones are the second's.
    engine, threads, progress
        As `compare` takes them.
    """

    def __init__(
        self, gate: Gate, scenario: Scenario, shipped: LoadedStrategy,
        worlds: Sequence[tuple[WorldSet, int, float]], *, seed: int, engine: str, threads: int,
        progress: Say | None,
    ) -> None:  # fmt: skip
        guards = tuple(g for g in gate.guardrails if g.kind == "measure")
        self.gate = replace(gate, guardrails=guards)
        self.scenario, self.shipped, self.worlds = scenario, shipped, worlds
        self.seed, self.engine, self.threads, self.progress = seed, engine, threads, progress

    def few(self, candidates: Candidates, names: Sequence[str]) -> list[str]:
        """Run settings on a fourth of the customers; return their names, the best first."""
        size = max(1, self.scenario.population.customers // _FIRST)
        places = [(self.scenario.with_customers(size), 1.0)]
        return self._run(candidates, names, places, self.seed, 1)

    def all(self, candidates: Candidates, names: Sequence[str]) -> list[str]:
        """Run settings on all customers, in each world a part; return names, the best first."""
        places = [(self.scenario, 1.0)]
        if self.worlds:
            size = max(1, self.scenario.population.customers // len(self.worlds))
            places = [
                (some.world(self.scenario, n).with_customers(size), weight)
                for some, n, weight in self.worlds
            ]
        return self._run(candidates, names, places, self.seed + 1, 2)

    def _run(
        self, candidates: Candidates, names: Sequence[str],
        places: Sequence[tuple[Scenario, float]], seed: int, done: int,
    ) -> list[str]:  # fmt: skip
        if not names:
            return []
        gains = dict.fromkeys(names, 0.0)
        beyond: dict[str, dict[str, float]] = {name: {} for name in names}
        refused: dict[str, str] = {}
        for n, (scenario, weight) in enumerate(places):
            for name, verdict in self._verdicts(candidates, names, scenario, seed + n).items():
                if isinstance(verdict, str):
                    refused[name] = verdict
                    continue
                gain, over = _came_to(self.gate, verdict)
                if gain is None:
                    refused[name] = f"{self.gate.goal.measure} has no value"
                    continue
                gains[name] += weight * gain
                for guard, far in over.items():
                    beyond[name][guard] = beyond[name].get(guard, 0.0) + weight * far
        for name in names:
            one = replace(candidates.one(name), rounds=done)
            if name in refused:
                candidates.put(replace(one, gain=None, refused=refused[name]))
                continue
            broken = tuple(guard for guard, far in beyond[name].items() if far > 0.0)
            first = gains[name] if done == 1 else one.first
            candidates.put(
                replace(one, gain=gains[name], first=first, breaks=broken, beyond=beyond[name])
            )
        return candidates.in_order(names)

    def _verdicts(
        self, candidates: Candidates, names: Sequence[str], scenario: Scenario, seed: int
    ) -> dict[str, Verdict | str]:
        """Return what the gate says of each set of settings in a place, or why it has nothing."""
        loaded = [self.shipped, *(candidates.ready[name] for name in names)]
        if self.worlds:
            loaded = [self._there(strategy, scenario) for strategy in loaded]
        found = compare(
            scenario, loaded, seed=seed, engine=self.engine, threads=self.threads,
            progress=self.progress, against=self.shipped.name, quick=True,
        )  # fmt: skip
        if self.shipped.name in found.failures:
            raise found.failures[self.shipped.name]
        return {
            name: str(found.failures[name])
            if name in found.failures
            else decide(self.gate, found.moments, name, self.shipped.name)
            for name in names
        }

    def _there(self, strategy: LoadedStrategy, scenario: Scenario) -> LoadedStrategy:
        """Return a strategy without hooks as it is in another world."""
        if strategy.decides or strategy.learns:
            return strategy
        return loaded_object(DeclaredStrategy(strategy.name, strategy.plan), scenario)


def _came_to(gate: Gate, verdict: Verdict) -> tuple[float | None, dict[str, float]]:
    """Return the gain, and how far each guardrail's estimate is beyond its bound."""
    goal, *guards = verdict.judged
    sign = 1.0 if gate.goal.higher else -1.0
    gain = None if goal.estimate.value is None else sign * goal.estimate.value
    beyond = {
        g.guard.name: -g.excess / (g.error or 1.0) for g in guards if g.excess is not None
    }  # fmt: skip
    return gain, beyond
