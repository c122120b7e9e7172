"""How fast a strategy is: what its hooks take, and what simulating it takes.

The strategy's methods are wrapped from outside, so that what is measured is what every run does.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from time import perf_counter, process_time
from typing import Any, Final, Self

from omnilab.experiment.compare import compare
from omnilab.experiment.estimate import peak_memory
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import LoadedStrategy, call_hook
from omnilab.strategy.protocol import Brand

__all__ = ["HOOKS", "HookTime", "Speed", "measure_speed"]

HOOKS: Final = ("plan", "decide", "learn")
#: Customers of the first, unmeasured run, which compiles the kernels and loads what hooks import.
WARM_UP: Final = 50


@dataclass
class HookTime:
    """What one hook took.

    Attributes
    ----------
    calls
        How often it was called.
    rows
        Rows that it was given in all; 0 for ``plan``.
    seconds
        In all, by the clock: waiting counts too.
    """

    calls: int = 0
    rows: int = 0
    seconds: float = 0.0

    @property
    def ms_per_call(self) -> float | None:
        """Mean time of a call; None if there was none."""
        return 1e3 * self.seconds / self.calls if self.calls else None

    @property
    def us_per_row(self) -> float | None:
        """Mean time of a row, microseconds; None if there was none."""
        return 1e6 * self.seconds / self.rows if self.rows else None

    @property
    def rows_per_s(self) -> float | None:
        """Rows a second; None if there was none."""
        return self.rows / self.seconds if self.rows and self.seconds else None


@dataclass(frozen=True)
class Speed:
    """What was measured of one strategy.

    Attributes
    ----------
    strategy, scenario, customers, seed, engine
        What was run.
    runs_s, cpu_s
        Each run's time by the clock and of the processor, setting up included, shape (repeats,).
    events
        Rows of one run's log.
    hooks
        By hook, over all runs (``plan``: the one call before them); only those that there are.
    peak_mb
        The process's peak memory, MB of 2**20 bytes.
    grown_mb
        By how much the measured runs raised that peak above the warm-up's.
    """

    strategy: str
    scenario: str
    customers: int
    seed: int
    engine: str
    runs_s: tuple[float, ...]
    cpu_s: tuple[float, ...]
    events: int
    hooks: Mapping[str, HookTime]
    peak_mb: float
    grown_mb: float

    @property
    def ms_per_1000(self) -> float:
        """Milliseconds per 1,000 simulated customers, of the fastest run.

        Other work on the machine only makes a run longer, so the fastest is nearest to the truth.
        """
        return 1e6 * min(self.runs_s) / self.customers

    @property
    def decisions_per_s(self) -> float | None:
        """Rows a second that ``decide`` answers; None where it does not decide."""
        return self.hooks["decide"].rows_per_s if "decide" in self.hooks else None

    def share(self, hook: str) -> float | None:
        """Return the share of the runs' time spent in a hook; None for ``plan``, called before."""
        return None if hook == "plan" else self.hooks[hook].seconds / sum(self.runs_s)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as what JSON can hold."""
        hooks = {
            name: {
                **asdict(hook), "ms_per_call": hook.ms_per_call, "us_per_row": hook.us_per_row,
                "share": self.share(name),
            }
            for name, hook in self.hooks.items()
        }  # fmt: skip
        return {
            **asdict(self), "hooks": hooks, "ms_per_1000": self.ms_per_1000,
            "decisions_per_s": self.decisions_per_s,
        }  # fmt: skip


def measure_speed(
    scenario: Scenario,
    loaded: LoadedStrategy,
    *,
    repeats: int = 3,
    seed: int = 1,
    engine: str = "auto",
    progress: Callable[[str, float], None] | None = None,
) -> Speed:
    """Run a strategy several times and measure it and its hooks.

    Parameters
    ----------
    scenario
        Validated; its ``population.customers`` is the size of each run.
    loaded
        From `load_strategy`.
    repeats
        Measured runs, >= 1, after one small run that is not measured.
    seed
        0 <= seed < 2**63.
    engine
        ``auto``, ``compiled`` or ``simpy``.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    StrategyError
        If one of its hooks fails.
    """
    say = progress or (lambda _what, _share: None)
    say("compiling kernels (once a version)", 0.0)
    compare(scenario.with_customers(WARM_UP), [loaded.copy()], seed=seed, engine=engine)
    timed = _Timed(loaded.strategy)
    call_hook(loaded.name, "plan", None, timed.plan, Brand.of(scenario))
    measured = replace(loaded, strategy=timed)
    runs_s, cpu_s = [], []
    before = peak_memory() / 2**20
    for number in range(repeats):
        say("measuring", number / repeats)
        gc.collect()
        wall, cpu = perf_counter(), process_time()
        result = compare(scenario, [measured], seed=seed, engine=engine)
        runs_s.append(perf_counter() - wall)
        cpu_s.append(process_time() - cpu)
    peak = peak_memory() / 2**20
    has = {"plan": True, "decide": loaded.decides, "learn": loaded.learns}
    return Speed(
        strategy=loaded.name,
        scenario=scenario.id,
        customers=scenario.population.customers,
        seed=seed,
        engine=result.engine,
        runs_s=tuple(runs_s),
        cpu_s=tuple(cpu_s),
        events=result.strategies[0].events,
        hooks={name: timed.times[name] for name in HOOKS if has[name]},
        peak_mb=peak,
        grown_mb=peak - before,
    )


@dataclass
class _Timed:
    """A strategy whose hooks are timed; all else is its own.

    A run works on a copy of the strategy. The copies of one add to the same times.
    """

    strategy: Any
    times: dict[str, HookTime] = field(default_factory=lambda: {h: HookTime() for h in HOOKS})

    @property
    def name(self) -> str:
        return str(self.strategy.name)

    def plan(self, brand: Brand) -> Any:
        return self._call("plan", 0, brand)

    def decide(self, pending: Any) -> Any:
        return self._call("decide", len(pending), pending)

    def learn(self, observed: Any) -> Any:
        return self._call("learn", len(observed), observed)

    def _call(self, hook: str, rows: int, argument: Any) -> Any:
        function, time = getattr(self.strategy, hook), self.times[hook]
        begin = perf_counter()
        try:
            return function(argument)
        finally:
            time.seconds += perf_counter() - begin
            time.calls += 1
            time.rows += rows

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self)(deepcopy(self.strategy, memo), self.times)
