"""Plan the live test that would confirm a difference, from Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from omnilab._arguments import choice, known_arguments, python_words, text, whole
from omnilab.api.experiments import loaded_strategy
from omnilab.api.observations import frame_of
from omnilab.api.scenarios import sized_scenario
from omnilab.api.settings import settings
from omnilab.errors import OptionError
from omnilab.experiment.live.planned import UNITS, Wanted, plan_test
from omnilab.report.live import live_data

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.live.planned import LivePlan
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["PlanResult", "plan"]


class PlanResult:
    """The result of `plan`."""

    def __init__(self, found: LivePlan, scenario: Scenario) -> None:
        self._found, self._scenario = found, scenario

    def __repr__(self) -> str:
        """Return what the test takes."""
        return (
            f"<omnilab plan: {self._found.strategy} against {self._found.reference}, "
            f"{self.customers:,} customers for {self.days} days>"
        )

    @property
    def customers(self) -> int:
        """How many customers the test needs."""
        return self._found.arms.customers

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return self._found.arms.days

    @property
    def difference(self) -> float:
        """The difference that it is to find, in the measure's unit."""
        return self._found.arms.difference

    @property
    def brand_reads(self) -> float | None:
        """The brand's own difference as a share of the true one; None where towns are drawn."""
        return None if self._found.view is None else self._found.view.kept

    def curve(self) -> pd.DataFrame:
        """Return other sizes: their power, the chance that the worse arm looks better."""
        return frame_of(self._found.curve)

    def data(self) -> dict[str, Any]:
        """Return all of it, as ``--json`` writes it."""
        return live_data(self._found, self._scenario)


@known_arguments
def plan(
    scenario: str | PathLike[str] | Scenario,
    strategy: str | Strategy = "omnichannel",
    *,
    against: str | Strategy | None = None,
    measure: str = "ltv",
    difference: float | None = None,
    unit: str = "customer",
    power: float = 0.8,
    level: float = 0.05,
    share: float = 0.5,
    days: Sequence[int] = (),
    reach: int | None = None,
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> PlanResult:
    """Plan the live test that would confirm what a strategy is worth, as ``omnilab plan`` does.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    strategy, against
        The two arms: names, or objects of your own classes; ``against`` is the status quo by
        default.
    measure
        A mean over customers, such as ``ltv`` or ``purchase_rate``.
    difference
        The smallest that matters, in the measure's unit; the simulated one by default.
    unit
        What is drawn for an arm: ``"customer"`` or ``"town"``.
    power, level, share
        The chance to find the difference, the level of the two-sided test, and the share of
        customers under the strategy, 0..1.
    days
        How long it lasts; several to hold durations beside each other, the planned one last.
    reach
        How many customers there are for it.
    customers, replications, seed, engine, threads, progress
        As `compare` takes them, of the simulation.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line: also a difference that is 0, or may be.
    """
    world = sized_scenario(scenario, customers)
    shares: dict[str, Any] = {"power": power, "level": level, "share": share}
    for name, given in shares.items():
        if not isinstance(given, float) or not 0.0 < given < 1.0:
            raise OptionError(f"{name}: {given!r} is no share between 0 and 1")
    lasting = tuple(whole("days", d, 1, 3650) for d in days)
    wanted = Wanted(
        str(text("measure", measure)), choice("unit", unit, UNITS), power, level, share, difference,
        lasting, None if reach is None else whole("reach", reach, 4, 10**12),
    )  # fmt: skip
    other: Any = world.brand.status_quo if against is None else against
    arms = loaded_strategy("strategy", strategy, world), loaded_strategy("against", other, world)
    with python_words():
        found = plan_test(
            wanted, world, *arms, **settings(replications, seed, engine, threads, progress),
        )  # fmt: skip
    return PlanResult(found, world)
