"""Move what a scenario assumes, from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import choice, flag, known_arguments, python_words, shown, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, check_strategies, threads_of
from omnilab.api.sweeps import SweepResult
from omnilab.errors import OptionError
from omnilab.experiment.sweep import Settings, run_sweep, vary_of
from omnilab.experiment.sweep.hangs import JOINT, MOST_USUAL, TORNADO, hangs_data, plan_hangs
from omnilab.experiment.sweep.tables import check_measures
from omnilab.scenario.load import read_scenario

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.sweep import Sweep
    from omnilab.report.source import Source
    from omnilab.strategy.protocol import Strategy

__all__ = ["HangsResult", "hangs"]


@known_arguments
def hangs(
    scenario: str | PathLike[str],
    strategies: Sequence[str | Strategy] | None = None,
    *,
    measure: str = "ltv",
    vary: Mapping[str, str] | None = None,
    everything: bool = False,
    worlds: int = JOINT,
    customers: int | None = None,
    seed: int = 1,
    design_seed: int = 1,
    against: str | None = None,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> HangsResult:
    """Move what a scenario assumes, and see what the answer hangs on, as ``omnilab hangs`` does.

    Parameters
    ----------
    scenario
        A shipped scenario's id, or a file: a loaded scenario no longer knows what it was given.
    strategies, customers, seed, against, engine, threads
        As `compare` takes them; at most 2,000 customers by default.
    measure
        What decides who wins.
    vary
        Other ranges of assumptions, or keys more: path -> ``"LOW..HIGH"``.
    everything
        Also assumptions without a range of their own: from half to double.
    worlds
        In which all assumptions move together.
    design_seed
        The same seed gives the same worlds.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line.
    """
    if not isinstance(scenario, str | PathLike):
        raise OptionError(f"scenario: {shown(scenario)}: give its id or its file")
    read = read_scenario(scenario if isinstance(scenario, str) else Path(fsdecode(scenario)))
    size = min(read.scenario.population.customers, MOST_USUAL)
    if customers is not None:
        size = whole("customers", customers, 1, 10**9)
    settings = Settings(
        seeds=(whole("seed", seed, 0, 2**63 - 1),), engine=choice("engine", engine, ENGINES),
        threads=threads_of(threads), against=against,
        design_seed=whole("design_seed", design_seed, 0, 2**63 - 1),
    )  # fmt: skip
    if vary is not None and not isinstance(vary, Mapping):
        raise OptionError(f"vary: {shown(vary)} is no mapping of paths to ranges, 'LOW..HIGH'")
    named = None if strategies is None else check_strategies(strategies)
    with python_words():
        (wanted,) = check_measures([measure])
    told = callback("progress", progress)
    with python_words():
        planned = plan_hangs(
            read.scenario.id, read.scenario.with_customers(size), read.assumptions(), named,
            settings, ranges=[vary_of(key, values) for key, values in (vary or {}).items()],
            joint=whole("worlds", worlds, 0, 10_000), everything=flag("everything", everything),
        )  # fmt: skip
    found = run_sweep(planned.planned, None, told)
    return HangsResult(found, hangs_data(planned, found, wanted))


class HangsResult:
    """The result of `hangs`.

    Parameters
    ----------
    found
        The sweep.
    data
        What was made of it.
    """

    def __init__(self, found: Sweep, data: dict[str, Any]) -> None:
        self._data = data
        self.sweep = SweepResult(found)

    def __repr__(self) -> str:
        """Return the measure and the number of worlds in one line."""
        return f"<omnilab hangs: {self._data['measure']}, {self._data['worlds']} worlds>"

    def data(self) -> dict[str, Any]:
        """Return all of it as plain data, as ``hangs`` in ``sweep.json`` has it."""
        return dict(self._data)

    def wins(self) -> pd.DataFrame:
        """Return in what share of the worlds each strategy wins, with its 95% interval."""
        import pandas as pd

        return pd.DataFrame(self._data["wins"]).set_index("strategy")

    def tornado(self) -> pd.DataFrame:
        """Return a row for each assumption and strategy: the difference at both ends of its range.

        The columns are those of ``tornado.parquet``.
        """
        import pandas as pd

        return pd.DataFrame(self._data["tornado"], columns=[c.name for c in TORNADO])

    def _report_source(self) -> Source:
        """Return what the report's figures are made of."""
        from dataclasses import replace

        source = self.sweep._report_source()
        result = {**source.result, "hangs": self._data}
        return replace(
            source, tables={**source.tables, "tornado": self._data["tornado"]}, result=result
        )
