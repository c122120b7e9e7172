"""A sweep's points: changed scenarios with strategies ready to run, or why one is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OmnilabError, OptionError, nearest
from omnilab.experiment.paths import changed_at, changed_plan, number_at, value_of
from omnilab.experiment.sweep.vary import Given, Vary
from omnilab.lowering.digests import digest_of
from omnilab.lowering.plan import lower_plan
from omnilab.strategy.declared import DeclaredStrategy
from omnilab.strategy.loading import (
    LoadedStrategy,
    call_hook,
    check_plan,
    load_strategy,
    loaded_object,
)
from omnilab.strategy.naming import parsed_name
from omnilab.strategy.protocol import Brand

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["SCENARIO", "Maker", "Point"]

STRATEGIES: Final = "strategies"
SCENARIO: Final = "scenario"  # the path that stands for the scenario itself
OPTIONS: Final = "options"
EACH: Final = "*"


@dataclass(frozen=True)
class Point:
    """One combination of what a sweep varies.

    Attributes
    ----------
    number
        From 0, in the design's order.
    values
        Path -> the value there.
    numbers
        Path -> the same as a plain number, shares 0..1, durations in seconds; None for others.
    scenario, strategies, status_quo
        What is simulated there; none where it is refused.
    refused
        Why the point can't be simulated, "" if it can.
    """

    number: int
    values: Mapping[str, Given]
    numbers: Mapping[str, float | None]
    scenario: Scenario | None = None
    strategies: tuple[LoadedStrategy, ...] = ()
    status_quo: LoadedStrategy | None = None
    refused: str = ""

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Digests of all that its strategies are in a run: equal ones have equal results."""
        assert self.scenario is not None
        return tuple(_plan_key(s, self.scenario) for s in self.strategies)


class Maker:
    """Makes points: loads each strategy once, so that plug-ins' processes are shared.

    Parameters
    ----------
    scenarios
        Label -> the scenarios that are changed, with their customers; the first is the one that
        paths are looked up in.
    strategies
        Names as the command line takes them, or objects; None for each scenario's own.
    """

    def __init__(self, scenarios: Mapping[str, Scenario], strategies: Sequence[Any] | None) -> None:
        self.scenarios = dict(scenarios)
        self.base = next(iter(self.scenarios.values()))
        self.named = None if strategies is None else list(strategies)
        self._loaded: dict[Any, LoadedStrategy] = {}
        self.strategies = self._strategies(self.base)

    @property
    def loads(self) -> list[str | None] | None:
        """How each strategy is loaded again, None for an object; None for the scenario's own."""
        if self.named is None:
            return None
        return [given if isinstance(given, str) else None for given in self.named]

    def loaded(self) -> list[LoadedStrategy]:
        """Return all strategies that were loaded so far, those of the burn-in too."""
        return list(self._loaded.values())

    def check(self, vary: Vary) -> Vary:
        """Return what varies with its kind of number; refuse a path that is not there.

        Raises
        ------
        OptionError
            With the nearest right path, or why a range can't be taken.
        """
        target, key = self._target(vary.path)
        if target is None:
            if vary.is_range:
                raise OptionError(f"--vary {vary.path}: is no number: list values")
            return vary
        try:
            value_of(target, key)
        except OptionError as error:
            if self._is_new_name(target, key):
                return vary
            raise OptionError(f"--vary {vary.path}: {error}") from None
        number = number_at(target, key)
        if vary.is_range and number is None:
            now = value_of(target, key)
            raise OptionError(
                f"--vary {vary.path}: is no number ({_brief(now)} now): list values, such as"
                f" {vary.path}=a,b"
            )
        if vary.quantity == "number" and isinstance(number, int):
            return replace(vary, quantity="whole")
        return vary

    def number_now(self, path: str) -> float:
        """Return the number that is under a path before anything varies.

        Raises
        ------
        OptionError
            If there is none, or the strategies that a path with ``*`` means have different ones.
        """
        if not _is_plan(path):
            found = {number_at(self.base, path)}
        else:
            found = {
                number_at(strategy.plan, key)
                for strategy in self.strategies
                if (key := _key(path, strategy.name)) and _is_meant(path, key, strategy)
            }
        number = found.pop() if len(found) == 1 else None
        if number is None:
            raise OptionError(f"--vary {path}: is not one number now: name one strategy, not *")
        return number

    def make(self, number: int, varies: Sequence[Vary], row: Sequence[Given]) -> Point:
        """Return the point at a row of the design, refused or not."""
        values = {v.path: given for v, given in zip(varies, row, strict=True)}
        seconds = {v.path for v in varies if v.seconds}
        try:
            scenario = self._scenario(values, seconds)
            strategies = tuple(self._strategies(scenario, values, seconds))
            status_quo = self._load(scenario.brand.status_quo, scenario)
        except OmnilabError as error:
            none = {path: _plain_number(given.value) for path, given in values.items()}
            return Point(number, values, none, refused=str(error))
        numbers = {
            path: self._number(path, scenario, strategies, given.value)
            for path, given in values.items()
        }
        return Point(number, values, numbers, scenario, strategies, status_quo)

    def _scenario(self, values: Mapping[str, Given], seconds: set[str]) -> Scenario:
        scenario = self.base
        if SCENARIO in values:
            scenario = self.scenarios[values[SCENARIO].text]
        changes = {p: g.value for p, g in values.items() if p != SCENARIO and not _is_plan(p)}
        for is_seconds in (False, True):
            part = {p: v for p, v in changes.items() if (p in seconds) == is_seconds}
            if part:
                scenario = changed_at(
                    scenario, part, currency=scenario.currency, seconds=is_seconds
                )
        return scenario

    def _strategies(
        self, scenario: Scenario, values: Mapping[str, Given] | None = None,
        seconds: set[str] | None = None,
    ) -> list[LoadedStrategy]:  # fmt: skip
        named = list(scenario.strategies) if self.named is None else self.named
        changes = {p: g.value for p, g in (values or {}).items() if _is_plan(p)}
        loaded = []
        for given in named:
            name = self._load(given, scenario).name
            own = {(p, _key(p, name)): v for p, v in changes.items() if _key(p, name)}
            options = {k.partition(".")[2]: v for (_, k), v in own.items() if _is_option(k)}
            strategy = self._load(given, scenario, options)
            keys = {
                k: v for (p, k), v in own.items() if not _is_option(k) and _is_meant(p, k, strategy)
            }
            if keys:
                is_seconds = any(p in (seconds or ()) for p in changes)
                plan = changed_plan(
                    strategy.plan, keys, scenario, seconds=is_seconds, strategy=name
                )
                strategy = replace(strategy, plan=check_plan(plan, scenario, strategy=name))
            loaded.append(replace(strategy, name=name))
        names = [s.name for s in loaded]
        for name in names:
            if names.count(name) > 1:
                raise OptionError(f"two strategies are named {name!r}")
        return loaded

    def _load(
        self, given: Any, scenario: Scenario, options: Mapping[str, Any] | None = None
    ) -> LoadedStrategy:
        """Return a strategy with its plan for a scenario; code is loaded once."""
        if options:
            what, before, _ = parsed_name(str(given))
            inside = ", ".join(f"{k}={_brief(v)}" for k, v in (before | dict(options)).items())
            given = f"{what}({inside})"
        key = given if isinstance(given, str) else id(given)
        first = self._loaded.get(key)
        if first is None or isinstance(first.strategy, DeclaredStrategy):
            is_name = isinstance(given, str)
            new = load_strategy(given, scenario) if is_name else loaded_object(given, scenario)
            self._loaded.setdefault(key, new)
            return new
        made = first.copy().strategy
        plan = call_hook(first.name, "plan", None, made.plan, Brand.of(scenario))
        # With the object that was asked, since it may remember what it was told of the brand.
        return replace(first, strategy=made, plan=check_plan(plan, scenario, strategy=first.name))

    def _target(self, path: str) -> tuple[Any, str]:
        """Return what a path is looked up in and the key there; None for what has no value yet."""
        if path == SCENARIO:
            return None, ""
        if not _is_plan(path):
            if path == STRATEGIES or path.startswith(f"{STRATEGIES}["):
                raise OptionError(
                    f"--vary {path}: which strategies run can't vary: name a key of one, such as"
                    f" {STRATEGIES}.{self.strategies[0].name}.sharing.identity"
                )
            return self.base, path
        found: tuple[Any, str] | None = None
        for strategy in self.strategies:
            key = _key(path, strategy.name)
            if key and _is_option(key):
                return None, ""
            if key and (found is None or _is_meant(path, key, strategy)):
                found = strategy.plan, key
        if found:
            return found
        names = [s.name for s in self.strategies]
        given = path.split(".")[1]
        hint = nearest(given, names) or f"; there are {', '.join(names)}"
        raise OptionError(f"--vary {path}: no strategy {given!r} runs{hint}")

    def _is_new_name(self, target: Any, key: str) -> bool:
        """Tell whether only the last step is missing, in a mapping of names."""
        above, _, _ = key.rpartition(".")
        try:
            return bool(above) and isinstance(value_of(target, above), dict)
        except OptionError:
            return False

    def _number(
        self, path: str, scenario: Scenario, strategies: Sequence[LoadedStrategy], given: Any
    ) -> float | None:
        if path == SCENARIO:
            return None
        if not _is_plan(path):
            return number_at(scenario, path)
        for strategy in strategies:
            key = _key(path, strategy.name)
            if key and not _is_option(key) and _is_meant(path, key, strategy):
                return number_at(strategy.plan, key)
        return _plain_number(given)


def _is_plan(path: str) -> bool:
    return path.startswith(f"{STRATEGIES}.")


def _is_option(key: str) -> bool:
    return key.startswith(f"{OPTIONS}.")


def _key(path: str, name: str) -> str:
    """Return the key of a strategy's plan that a path means; "" if it is another strategy's."""
    for called in (name, EACH):
        start = f"{STRATEGIES}.{called}."
        if path.startswith(start):
            return path.removeprefix(start)
    return ""


def _is_meant(path: str, key: str, strategy: LoadedStrategy) -> bool:
    """Tell whether a strategy has the key; of all strategies, those without it are left alone."""
    if not path.startswith(f"{STRATEGIES}.{EACH}."):
        return True
    try:
        value_of(strategy.plan, key)
    except OptionError:
        return False
    return True


def _plain_number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else None


def _brief(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _plan_key(strategy: LoadedStrategy, scenario: Scenario) -> str:
    """Return a digest of all that a strategy is in a run: equal ones have equal results."""
    lowered = lower_plan(strategy.plan, scenario, decides=strategy.decides)
    parts = [digest_of(lowered.arrays()), repr(scenario.discount_rate)]
    if strategy.decides or strategy.learns:
        parts += [strategy.name, strategy.source, repr(Brand.of(scenario))]
        parts += [journey.name for journey in strategy.plan.journeys]
    return "|".join(parts)
