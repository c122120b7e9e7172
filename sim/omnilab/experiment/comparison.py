"""What a comparison found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omnilab.errors import StrategyError
    from omnilab.experiment.match import EqualVolume
    from omnilab.experiment.notable import Notable
    from omnilab.experiment.statistics import Moments
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.wiring import Wiring

__all__ = ["Comparison", "StrategyRun"]


@dataclass(frozen=True)
class StrategyRun:
    """One strategy's log in numbers: its digest, its rows, and a remark.

    ``wiring`` is the silo map that it ran on, None where a map can change nothing. ``costs`` is
    what it costs a customer beside sends and clicks, milli-cents: once, and each day of the window.
    """

    name: str
    log_digest: str
    events: int
    note: str = ""
    wiring: Wiring | None = None
    costs: tuple[float, float] = (0.0, 0.0)


@dataclass
class Comparison:
    """What came out; every number is a function of scenario, seed and strategies."""

    scenario: Scenario
    engine: str
    engine_note: str
    seed: int
    customers: int
    replications: int
    strategies: list[StrategyRun]
    moments: Moments
    failures: dict[str, StrategyError]
    elapsed_s: float  # all of it
    compile_s: float = 0.0  # of that, compiling kernels: once a version
    by_channel: dict[str, Any] = field(default_factory=dict)
    by_journey: dict[str, Any] = field(default_factory=dict)
    by_persona: dict[str, Any] = field(default_factory=dict)
    events: dict[str, list[Any]] = field(default_factory=dict)
    observed: dict[str, dict[str, Any]] = field(default_factory=dict)  # table, strategy
    notable: dict[str, list[Notable]] = field(default_factory=dict)
    held_against: str = ""  # the strategy that the observed differences are against
    until: dict[str, Any] | None = None  # how `--until` ended, as result.json has it
    equal: EqualVolume | None = None  # None where there are no two, or it was left out
    worlds: dict[str, Any] | None = None  # what the small worlds beside it say, if there are some
    quick: bool = False  # what nobody asked for was left out
    tests: Any = field(default_factory=list)  # rows of `tests_beside.split_rows`
