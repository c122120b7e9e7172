"""A split test beside the truth, from Python."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import TYPE_CHECKING, Any

from omnilab._arguments import flag, known_arguments, python_words
from omnilab._arguments import text as a_text
from omnilab.api.experiments import loaded_strategy
from omnilab.api.observations import frame_of
from omnilab.api.scenarios import sized_scenario
from omnilab.api.settings import settings
from omnilab.experiment.arm_data import arm_rows, arms_data
from omnilab.experiment.arm_tests import WITHIN, chosen_test, run_test, within_of
from omnilab.report.arms import arms_document

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.arm_tests import ArmTest
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["ArmsResult", "arms"]


class ArmsResult:
    """A split test as the brand's tool reads it, beside what its arms truly do.

    Parameters
    ----------
    found
        What came out.
    """

    def __init__(self, found: ArmTest) -> None:
        self._found = found

    def __repr__(self) -> str:
        """Return what was tested, and the headline."""
        document = arms_document(self._found)
        return f"<ArmsResult {' '.join((document.title + '.', *document.headlines[:1]))}>"

    @property
    def table(self) -> pd.DataFrame:
        """A row an arm and unit (``profile`` or ``person``): counts, orders, revenue."""
        rows = arm_rows(self._found)
        return frame_of([{k: v for k, v in r.items() if not isinstance(v, dict)} for r in rows])

    @property
    def truth(self) -> pd.DataFrame:
        """A row an arm but the first and measure: all customers in it less all in the first."""
        return frame_of(self.data["truth"])

    @property
    def contamination(self) -> float | None:
        """Share of persons in the test who are in two arms or more; None where nobody is in it."""
        share: float | None = self.data["contamination"]
        return share

    @property
    def data(self) -> dict[str, Any]:
        """All of it, as ``--json`` writes it."""
        return arms_data(self._found)


@known_arguments
def arms(
    scenario: str | PathLike[str] | Scenario,
    strategy: str | Strategy = "multichannel",
    *,
    test: str | None = None,
    within: str = WITHIN,
    quick: bool = False,
    customers: int | None = None,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ArmsResult:
    """Read a split test as an A/B tool does, beside what its arms truly do.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or what `load_scenario` returned.
    strategy
        Who runs the test: its name, or an object of your own class.
    test
        Which test of ``brand.tests``; the only one by default.
    within
        How long after a profile fell into an arm its orders count, such as ``"7d"``.
    quick
        Leave out the runs in which all are in one arm; there is no truth then.
    customers, replications, seed, engine, threads, progress
        As `compare` takes them.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line.
    """
    sized = sized_scenario(scenario, customers)
    loaded = loaded_strategy("strategy", strategy, sized)
    with python_words():
        chosen = chosen_test(sized, loaded, None if test is None else a_text("test", test))
        seconds = within_of(a_text("within", within) or WITHIN)
    return ArmsResult(
        run_test(
            sized, loaded, chosen, within=seconds, twins=not flag("quick", quick),
            **settings(replications, seed, engine, threads, progress),
        )
    )  # fmt: skip
