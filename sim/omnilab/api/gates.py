"""Decide whether a strategy is safe to ship, from Python."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike, fsdecode
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import known_arguments, python_words, shown, whole
from omnilab.api.experiments import check_strategy, loaded_strategy
from omnilab.api.observations import frame_of
from omnilab.api.scenarios import assumed_in, scenario_of, sized_scenario
from omnilab.api.settings import settings
from omnilab.errors import OptionError
from omnilab.experiment.gate.declared import read_gate
from omnilab.experiment.gate.running import FAIL_ON, FailOn, check_gate
from omnilab.experiment.plausible.compared import MOST_WORLDS
from omnilab.experiment.plausible.file import find_worlds, read_worlds
from omnilab.report.gate import gate_data, gate_junit, gate_markdown, gate_reasons, headline

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.gate.running import Checked
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["GateResult", "check"]


class GateResult:
    """The result of `check`.

    Parameters
    ----------
    checked
        The verdict, and the comparison that it stands on.
    """

    def __init__(self, checked: Checked) -> None:
        self._checked = checked

    def __repr__(self) -> str:
        """Return the headline."""
        return f"<omnilab gate: {headline(self._checked.verdict)}>"

    @property
    def verdict(self) -> str:
        """``"ship"``, ``"discuss"`` or ``"do not"``."""
        return self._checked.verdict.verdict

    @property
    def may_ship(self) -> bool:
        """Whether it is safe to ship."""
        return self._checked.verdict.may_ship

    @property
    def failed(self) -> bool:
        """Whether the check fails, as its exit code says it: by ``fail_on``."""
        return self._checked.failed

    @property
    def reasons(self) -> list[str]:
        """Why it is not safe to ship: a line for each guard that does not pass."""
        return gate_reasons(self._checked)

    def table(self) -> pd.DataFrame:
        """Return the guards: a row each, the goal first."""
        return frame_of(gate_data(self._checked)["guards"])

    def data(self) -> dict[str, Any]:
        """Return all of it, as ``--json`` writes it."""
        return gate_data(self._checked)

    def junit(self) -> str:
        """Return it as JUnit XML, as ``--junit`` writes it."""
        return gate_junit(self._checked)

    def markdown(self) -> str:
        """Return it as Markdown, as ``--github-summary`` adds it."""
        return gate_markdown(self._checked)


@known_arguments
def check(
    scenario: str | PathLike[str] | Scenario,
    gate: str | PathLike[str],
    strategy: str | Strategy,
    *,
    against: str | Strategy | None = None,
    plausible: str | PathLike[str] | None = None,
    worlds: int = MOST_WORLDS,
    fail_on: FailOn = "discuss",
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> GateResult:
    """Say whether a strategy is safe to ship, as ``omnilab check`` does.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    gate
        The file with the goal, the guardrails and their margins.
    strategy
        What may be shipped: its name, or an object of your own class.
    against
        The present strategy; the scenario's status quo by default.
    plausible
        The set of plausible worlds of a guardrail on worlds, or ``"auto"`` for the one beside the
        scenario; without it small worlds are run in which the scenario's assumptions move.
    worlds
        With ``plausible``: how many of its worlds are run, 2 to 10,000.
    fail_on
        From which verdict on `GateResult.failed` is true: ``"discuss"`` or ``"do not"``.
    customers, replications, seed, engine, threads, progress
        As `compare` takes them.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line: also a gate's file with a measure that there is not, or a
        margin of the wrong sign.
    """
    loaded = scenario_of(scenario)
    sized = sized_scenario(loaded, customers)
    given_gate: Any = gate
    if not isinstance(given_gate, str | PathLike):
        raise OptionError(f"gate: {shown(gate)} is no path")
    asked = read_gate(fsdecode(given_gate), currency=sized.currency)
    if fail_on not in FAIL_ON:
        raise OptionError(f"fail_on: {shown(fail_on)} is not one of {', '.join(FAIL_ON)}")
    present: Any = sized.brand.status_quo if against is None else against
    check_strategy("strategy", strategy)
    check_strategy("against", present)
    some = None
    if plausible is not None:
        with python_words():
            label = fsdecode(scenario) if isinstance(scenario, str | PathLike) else sized.id
            file = find_worlds(fsdecode(plausible), Path(label))
            most = whole("worlds", worlds, 2, 10_000)
            some = read_worlds(file, loaded).fewer(most)
    return GateResult(
        check_gate(
            asked, sized, loaded_strategy("strategy", strategy, sized),
            loaded_strategy("against", present, sized),
            assumptions=assumed_in(scenario), worlds=some,
            given=[present, strategy], fail_on=fail_on,
            **settings(replications, seed, engine, threads, progress),
        )
    )  # fmt: skip
