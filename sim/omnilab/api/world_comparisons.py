"""Compare strategies over a set of plausible worlds, from Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

from omnilab._arguments import choice, known_arguments, python_words, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, check_strategies, threads_of
from omnilab.api.observations import frame_of
from omnilab.api.over_worlds import chosen_worlds
from omnilab.api.scenarios import scenario_of
from omnilab.api.sweeps import SweepResult
from omnilab.errors import OptionError
from omnilab.experiment.differences import COMPARED
from omnilab.experiment.plausible.compared import (
    MOST_WORLDS,
    plan_compared,
    plausible_data,
)
from omnilab.experiment.plausible.file import AUTO
from omnilab.experiment.sweep import Settings, run_sweep
from omnilab.report.worlds import worlds_document

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.sweep import Sweep
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["WorldsResult", "compare_plausible"]

_MEASURE: Final = COMPARED[0]


@known_arguments
def compare_plausible(
    scenario: str | PathLike[str] | Scenario,
    plausible: str | PathLike[str] = AUTO,
    strategies: Sequence[str | Strategy] | None = None,
    *,
    worlds: int = MOST_WORLDS,
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    against: str | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> WorldsResult:
    """Compare strategies over a set of worlds, as ``omnilab compare --plausible`` does.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    plausible
        The set's file: what ``omnilab fit --worlds`` or ``omnilab patterns --worlds`` wrote, draws,
        or a table of your own with a column a dotted key (shares 0 to 1, durations in seconds) and
        ``weight``. ``"auto"`` is the one beside the scenario.
    strategies, replications, seed, engine, threads, against
        As `compare` takes them; worlds run side by side, one a thread.
    worlds
        How many of the set's are run at most, drawn by weight, 2 to 10,000.
    customers
        Of each world; the scenario's by default, and no more than 2,000.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OptionError, DataError, ScenarioError, StrategyError
        What is wrong, in one line: also a set of another scenario or version.
    """
    loaded = scenario_of(scenario)
    label, sized, some = chosen_worlds(scenario, loaded, plausible, worlds, customers)
    named = None if strategies is None else check_strategies(strategies)
    settings = Settings(
        seeds=(whole("seed", seed, 0, 2**63 - 1),), engine=choice("engine", engine, ENGINES),
        replications=whole("replications", replications, 1, 100_000),
        threads=threads_of(threads), against=against,
    )  # fmt: skip
    told = callback("progress", progress)
    with python_words():
        planned = plan_compared(label, sized, some, named, settings)
    found = run_sweep(planned, None, told)
    return WorldsResult(found, plausible_data(planned, found, some, _MEASURE))


class WorldsResult:
    """The result of `compare_plausible`.

    Attributes
    ----------
    sweep
        Each world by itself: a point is a world.

    Parameters
    ----------
    found
        The sweep over the worlds.
    data
        What was made of it, None where fewer than two worlds have a value.
    """

    def __init__(self, found: Sweep, data: dict[str, Any] | None) -> None:
        self._sweep, self._data = found, data
        self.sweep = SweepResult(found)

    def __repr__(self) -> str:
        """Return the headline."""
        document = worlds_document(self._sweep.planned, self._sweep, self._data)
        return f"<omnilab worlds: {document.headlines[0]}>"

    def data(self) -> dict[str, Any]:
        """Return all of it as plain data, as ``plausible`` in ``sweep.json`` has it.

        Raises
        ------
        OptionError
            If fewer than two worlds have a value, or no strategy is left to compare with.
        """
        if self._data is None:
            raise OptionError("fewer than two worlds have a value: see the sweep's failures")
        return dict(self._data)

    def shares(self) -> pd.DataFrame:
        """Return in what share of the worlds each strategy wins, 0 to 1, with its 95% interval."""
        return frame_of(self.data()["shares"]).set_index("strategy")

    def differences(self) -> pd.DataFrame:
        """Return each strategy less the reference: by chance, by the worlds, and by both.

        The columns are those of ``world_differences.parquet``.
        """
        return frame_of(self.data()["world_differences"]).set_index("strategy")

    def information(self) -> pd.DataFrame:
        """Return what it would gain a customer to know each parameter, and all of them.

        The columns are those of ``information.parquet``; a missing ``path`` stands for all.
        """
        return frame_of(self.data()["information"])
