"""Look for better settings of a strategy's plan, from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import choice, known_arguments, path, python_words, shown, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, loaded_strategy, threads_of
from omnilab.api.gates import GateResult
from omnilab.api.observations import frame_of
from omnilab.api.scenarios import assumed_in, scenario_of
from omnilab.errors import OptionError
from omnilab.experiment.gate.best import SEARCHES
from omnilab.experiment.gate.best import optimize as look
from omnilab.experiment.gate.declared import read_gate
from omnilab.experiment.plausible.compared import MOST_WORLDS
from omnilab.experiment.plausible.file import find_worlds, read_worlds
from omnilab.experiment.sweep import vary_of
from omnilab.report.optimum import optimum_data, optimum_headline, tried_rows

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.gate.best import Optimum
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["OptimizeResult", "optimize"]


class OptimizeResult:
    """The result of `optimize`.

    Parameters
    ----------
    found
        What the search came to.
    scenario
        That it was in.
    """

    def __init__(self, found: Optimum, scenario: Scenario) -> None:
        self._found, self._scenario = found, scenario

    def __repr__(self) -> str:
        """Return the headline."""
        return f"<omnilab optimize: {optimum_headline(self._found)}>"

    @property
    def is_better(self) -> bool:
        """Whether the best settings beat the shipped ones on fresh customers, by the gate."""
        return self._found.is_better

    @property
    def best(self) -> dict[str, str] | None:
        """The best settings of the search, path -> value; None where it found nothing better."""
        return None if self._found.best is None else dict(self._found.best.settings)

    @property
    def fresh(self) -> GateResult | None:
        """What the gate says of the best on fresh customers; None where there is none."""
        return None if self._found.checked is None else GateResult(self._found.checked)

    def table(self) -> pd.DataFrame:
        """Return the settings that were tried: a row each, the best first."""
        rows = [
            {**{k: v for k, v in row.items() if k != "settings"}, **row["settings"]}
            for row in tried_rows(self._found)
        ]
        return frame_of(rows)

    def data(self) -> dict[str, Any]:
        """Return all of it, as ``--json`` writes it."""
        return optimum_data(self._found, self._scenario)


@known_arguments
def optimize(
    scenario: str | PathLike[str] | Scenario,
    gate: str | PathLike[str],
    vary: Mapping[str, Any],
    strategy: str | Strategy = "omnichannel",
    *,
    points: int = 16,
    search: str = "tpe",
    plausible: str | PathLike[str] | None = None,
    customers: int | None = None,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> OptimizeResult:
    """Look for better settings of a strategy's plan, as ``omnilab optimize`` does.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    gate
        The file with the goal, and the guardrails that the settings must keep.
    vary
        Key of the plan -> a list of values, or a range as text, such as ``{"cap.messages":
        "1..4", "cap.per": ["7d", "14d"]}``.
    strategy
        Whose plan is varied: its name, or an object of your own class.
    points
        How many settings are tried, 4 to 256.
    search
        ``tpe``: half of them spread, the others proposed by Optuna, which ``pip install
        'omnilab[optimize]'`` brings; ``lhs``: all spread.
    plausible
        The set of plausible worlds of a guardrail on worlds, or ``"auto"``: of eight worlds or
        more four are for the search, the others for the winner.
    customers
        Of the last rounds; the scenario's by default.
    seed, engine, threads, progress
        As `compare` takes them.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line: also a key that the plan does not have, or Optuna that is not
        there.
    """
    loaded = sized = scenario_of(scenario)
    if customers is not None:
        sized = loaded.with_customers(whole("customers", customers, 1, 10**9))
    asked = read_gate(path("gate", gate), currency=sized.currency)
    varied: Any = vary
    if not isinstance(varied, Mapping) or not varied:
        raise OptionError(f"vary: {shown(vary)} is no mapping such as {{'cap.messages': '1..4'}}")
    with python_words():
        varies = [vary_of(key, values) for key, values in varied.items()]
        some = None
        if plausible is not None:
            if asked.of_kind("worlds") is None:
                raise OptionError("--plausible: the gate has no guardrail on worlds")
            label = fsdecode(scenario) if isinstance(scenario, str | PathLike) else sized.id
            file = find_worlds(fsdecode(plausible), Path(label))
            some = read_worlds(file, loaded).fewer(MOST_WORLDS)
        found = look(
            asked, sized, loaded_strategy("strategy", strategy, sized), varies,
            points=whole("points", points, 4, 256), search=choice("search", search, SEARCHES),
            seed=whole("seed", seed, 0, 2**63 - 1), engine=choice("engine", engine, ENGINES),
            threads=threads_of(threads), assumptions=assumed_in(scenario), worlds=some,
            progress=callback("progress", progress),
        )  # fmt: skip
    return OptimizeResult(found, sized)
