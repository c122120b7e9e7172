"""Take a strategy apart, from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from omnilab._arguments import choice, known_arguments, python_words, texts, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, check_strategy, loaded_strategy, threads_of
from omnilab.api.observations import frame_of
from omnilab.api.over_worlds import AblatedWorlds, chosen_worlds, one_world_only
from omnilab.api.scenarios import scenario_of, sized_scenario
from omnilab.experiment.ablation import MEASURED, MOST_COMBINATIONS, design, measures_of
from omnilab.experiment.ablation import ablate as _ablate
from omnilab.experiment.ablation_tables import (
    ablation_notes,
    ablation_of,
    combination_rows,
    effect_rows,
)
from omnilab.experiment.plausible.ablated import ablate_worlds
from omnilab.experiment.switches import parse_switches
from omnilab.scenario.wiring import MAPS
from omnilab.scenario.write import scenario_digest
from omnilab.strategy.loading import LoadedStrategy, under_map

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from omnilab.errors import StrategyError
    from omnilab.experiment.ablation import Ablation
    from omnilab.report.source import Source
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["AblationResult", "ablate"]


@overload
def ablate(
    scenario: str | PathLike[str] | Scenario, strategy: str | Strategy = ..., *,
    plausible: None = None, worlds: None = None, over: Sequence[str] = ...,
    measures: Sequence[str] = ..., wiring: str | None = None, most_combinations: int = ...,
    customers: int | None = None, replications: int = 1, seed: int = 1, engine: str = "auto",
    threads: int | None = None, progress: Callable[[str, float], None] | None = None,
) -> AblationResult: ...  # fmt: skip


@overload
def ablate(
    scenario: str | PathLike[str] | Scenario, strategy: str | Strategy = ..., *,
    plausible: str | PathLike[str], worlds: int | None = None, over: Sequence[str] = ...,
    measures: Sequence[str] = ..., wiring: str | None = None, most_combinations: int = ...,
    customers: int | None = None, replications: int = 1, seed: int = 1, engine: str = "auto",
    threads: int | None = None, progress: Callable[[str, float], None] | None = None,
) -> AblatedWorlds: ...  # fmt: skip


@known_arguments
def ablate(
    scenario: str | PathLike[str] | Scenario,
    strategy: str | Strategy = "omnichannel",
    *,
    plausible: str | PathLike[str] | None = None,
    worlds: int | None = None,
    over: Sequence[str] = ("sharing",),
    measures: Sequence[str] = MEASURED,
    wiring: str | None = None,
    most_combinations: int = MOST_COMBINATIONS,
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> AblationResult | AblatedWorlds:
    """Say what each switch of a strategy is worth, as ``omnilab ablate`` does.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    strategy
        The strategy to take apart: its name, or an object of your own class.
    plausible
        A set of worlds, as `compare_plausible` takes it: the strategy is taken apart in each of
        them, with 2,000 customers at most by default, and the result is an `AblatedWorlds`.
    worlds
        With ``plausible``: how many of its worlds are run, 2 to 10,000; 100 by default.
    over
        What is switched on and off: ``"sharing"`` for all sharing choices, the name of one, or
        ``"PATH=VALUE"`` for any key of the plan or the scenario.
    measures
        Names of measures.
    wiring
        The silo map under which to take it apart: ``"tools_apart"``, ``"typical"`` or
        ``"one_suite"``; the plan's own, or the scenario's, by default.
    most_combinations
        Combinations that may be run, 4 to 4096; if there are more, orders are sampled.
    customers, replications, seed, engine, threads, progress
        As `compare` takes them.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line. A combination that fails while it runs costs the effects that
        need it; it is named in the result's ``failures``.
    """
    some, loaded = None, scenario_of(scenario)
    if one_world_only(plausible, worlds):
        sized = sized_scenario(loaded, customers)
    else:
        _, sized, some = chosen_worlds(scenario, loaded, plausible, worlds, customers)
    check_strategy("strategy", strategy)

    if wiring is not None:
        choice("wiring", wiring, MAPS)

    def load(world: Scenario) -> LoadedStrategy:
        found = loaded_strategy("strategy", strategy, world)
        return found if wiring is None else under_map(found, wiring, world)

    seed = whole("seed", seed, 0, 2**63 - 1)
    many = whole("replications", replications, 1, 100_000)
    engine, threads = choice("engine", engine, ENGINES), threads_of(threads)
    told = callback("progress", progress)
    with python_words():
        switches = parse_switches(texts("over", over))
        wanted = measures_of(texts("measures", measures), "measures")
        most = whole("most_combinations", most_combinations, 4, 4096)
        if some is not None:
            found = ablate_worlds(
                sized, some, load, switches, wanted, most=most, replications=many, seed=seed,
                engine=engine, threads=threads, progress=told,
            )  # fmt: skip
            return AblatedWorlds(found, scenario_digest(loaded))
        designed = design(sized, load, switches, most=most, seed=seed)
    return AblationResult(
        _ablate(
            designed,
            wanted,
            replications=many,
            seed=seed,
            engine=engine,
            threads=threads,
            progress=told,
        )
    )


class AblationResult:
    """The result of `ablate`.

    Parameters
    ----------
    ablation
        What was found.
    """

    def __init__(self, ablation: Ablation) -> None:
        self._ablation = ablation

    def __repr__(self) -> str:
        """Return the scenario, the strategy and the switches in one line."""
        designed = self._ablation.design
        return (
            f"<omnilab ablation: {designed.scenario.id}, {designed.strategy} over "
            f"{', '.join(self.switches)}, {self._ablation.customers:,} customers>"
        )

    @property
    def switches(self) -> list[str]:
        """Names of the switches."""
        return [switch.name for switch in self._ablation.design.switches]

    @property
    def failures(self) -> dict[str, StrategyError]:
        """Combinations that failed while they ran, with their errors."""
        return dict(self._ablation.together.failures)

    @property
    def notes(self) -> list[str]:
        """What to know of the numbers."""
        return ablation_notes(self._ablation)

    def table(self) -> pd.DataFrame:
        """Return all effects: a row a kind, switch and measure.

        The columns are those of ``effects.parquet``.
        """
        return frame_of(effect_rows(self._ablation))

    def combinations(self) -> pd.DataFrame:
        """Return each measure with each set of switches on, as ``combinations.parquet`` has it."""
        return frame_of(combination_rows(self._ablation))

    @known_arguments
    def shapley(self, measure: str | None = None) -> pd.DataFrame:
        """Return Shapley values of a measure: a row a switch, in the measure's unit.

        The last row, ``whole``, is what they add up to.

        Parameters
        ----------
        measure
            Its name; the first of the result if not given.
        """
        rows = self._rows(measure, ("shapley", "whole"))
        return frame_of(
            {"switch": row["switch"] or "whole", **_numbers(row)}
            for row in sorted(rows, key=lambda row: row["kind"] == "whole")
        ).set_index("switch")

    @known_arguments
    def interactions(self, measure: str | None = None) -> pd.DataFrame:
        """Return what two switches give together beyond each by itself: a row a pair.

        Empty where not all combinations were run.

        Parameters
        ----------
        measure
            Its name; the first of the result if not given.
        """
        rows = self._rows(measure, ("interaction",))
        found = [
            {"switch": row["switch"], "and_switch": row["and_switch"], **_numbers(row)}
            for row in rows
        ]
        columns = None if found else ["switch", "and_switch", "value", "low", "high"]
        return frame_of(found, columns=columns).set_index(["switch", "and_switch"])

    def _report_source(self) -> Source:
        """Return what the report's figures are made of."""
        from omnilab.report.experiments import source_of

        data = ablation_of(self._ablation, digest="")
        tables = {"effects": effect_rows(self._ablation)}
        return source_of(self._ablation.design.scenario, data, tables)

    def _rows(self, measure: str | None, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
        names = tuple(self._ablation.measures)
        name = names[0] if measure is None else choice("measure", measure, names)
        rows = effect_rows(self._ablation)
        return [row for row in rows if row["measure"] == name and row["kind"] in kinds]


def _numbers(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("value", "low", "high", "unit", "p_adjusted", "hardly_chance", "share_of_whole")
    return {name: row[name] for name in kept}
