"""Look at a strategy before it runs on everybody, from Python."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING

from omnilab._arguments import choice, known_arguments, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, loaded_strategy, threads_of
from omnilab.api.observations import frame_of
from omnilab.api.scenarios import scenario_of, sized_scenario
from omnilab.api.settings import settings
from omnilab.experiment.linting.preview import preview as _preview
from omnilab.experiment.linting.seen import SMALL
from omnilab.experiment.linting.seen import lint as _lint
from omnilab.report.linting import lint_data, preview_data

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.linting.preview import Previewed
    from omnilab.experiment.linting.seen import Linted
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["LintResult", "PreviewResult", "lint", "preview"]


class LintResult:
    """The result of `lint`."""

    def __init__(self, linted: Linted, scenario: Scenario) -> None:
        self._linted, self._scenario = linted, scenario

    def __repr__(self) -> str:
        """Return how many findings there are."""
        n = len(self._linted.findings)
        return f"<omnilab lint: {self._linted.strategy}, {n} finding{'' if n == 1 else 's'}>"

    @property
    def findings(self) -> list[str]:
        """What was found, a line each with its rule."""
        return [str(f) for f in self._linted.findings]

    def table(self) -> pd.DataFrame:
        """Return the findings: ``rule``, ``journey``, ``step`` (0 the whole journey), ``said``."""
        columns = ["rule", "journey", "step", "said"]
        return frame_of(lint_data(self._linted, self._scenario)["findings"], columns=columns)

    def steps(self) -> pd.DataFrame:
        """Return what each message step did in the small run; empty without one."""
        columns = ["journey", "step", "entered", "sent", "after_order"]
        return frame_of(self._linted.steps, columns=columns)


class PreviewResult:
    """The result of `preview`."""

    def __init__(self, seen: Previewed, scenario: Scenario) -> None:
        self._seen, self._scenario = seen, scenario

    def __repr__(self) -> str:
        """Return the strategy and its rules."""
        rules = ", ".join(self._seen.costs) or "none but consent"
        return f"<omnilab preview: {self._seen.strategy}, rules {rules}>"

    def stopped(self) -> pd.DataFrame:
        """Return the messages that each rule keeps back: a row a segment and rule."""
        return frame_of(preview_data(self._seen, self._scenario)["stopped"])

    def costs(self) -> pd.DataFrame:
        """Return LTV and messages with each rule less without it: a row a rule and measure."""
        columns = ["rule", "measure", "value", "low", "high", "p_value"]
        return frame_of(preview_data(self._seen, self._scenario)["costs"], columns=columns)


@known_arguments
def lint(
    scenario: str | PathLike[str] | Scenario,
    strategy: str | Strategy = "omnichannel",
    *,
    customers: int = SMALL,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> LintResult:
    """Find what a strategy's journeys can't do, or do for ever, as ``omnilab lint`` does.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    strategy
        Its name, or an object of your own class.
    customers
        Of the small run; 0 looks at the plan alone.
    seed, engine, threads, progress
        As `compare` takes them.
    """
    world = scenario_of(scenario)
    found = _lint(
        world, loaded_strategy("strategy", strategy, world),
        customers=whole("customers", customers, 0, 100_000),
        seed=whole("seed", seed, 0, 2**63 - 1), engine=choice("engine", engine, ENGINES),
        threads=threads_of(threads), progress=callback("progress", progress),
    )  # fmt: skip
    return LintResult(found, world)


@known_arguments
def preview(
    scenario: str | PathLike[str] | Scenario,
    strategy: str | Strategy = "omnichannel",
    *,
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> PreviewResult:
    """Show whom rules of contact keep from a message, and what it costs, as ``omnilab preview``.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    strategy
        Its name, or an object of your own class.
    customers, replications, seed, engine, threads, progress
        As `compare` takes them.
    """
    world = sized_scenario(scenario, customers)
    seen = _preview(
        world, loaded_strategy("strategy", strategy, world),
        **settings(replications, seed, engine, threads, progress),
    )  # fmt: skip
    return PreviewResult(seen, world)
