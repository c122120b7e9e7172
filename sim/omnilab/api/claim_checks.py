"""Check a study's claims under what must not matter, from Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any

from omnilab._arguments import choice, known_arguments, texts
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, threads_of
from omnilab.api.observations import frame_of
from omnilab.errors import OptionError, nearest
from omnilab.experiment.conclusion.declared import read_study
from omnilab.experiment.conclusion.running import CHECKS, check_study
from omnilab.report.conclusion import conclusion_data, headlines
from omnilab.strategy.loading import LoadedStrategy, loaded_object

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.conclusion.declared import Loader, Study
    from omnilab.experiment.conclusion.running import Checked
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.protocol import Strategy

__all__ = ["ClaimChecks", "check_claims"]


class ClaimChecks:
    """What became of a study's claims."""

    def __init__(self, study: Study, found: Sequence[Checked]) -> None:
        self._study, self._found = study, tuple(found)

    @property
    def kept(self) -> bool:
        """Whether every claim holds and goes on to hold."""
        return all(c.is_kept for c in self._found)

    @property
    def table(self) -> pd.DataFrame:
        """A row a claim, scenario and check: verdict, whether it is a fault, value and reason."""
        return frame_of(
            [
                {
                    "scenario": c.scenario, "claim": c.claim.text, "check": f.check,
                    "verdict": f.verdict, "fault": f.is_fault,
                    "value": None if f.seen is None else f.seen.value,
                    "half_width": None if f.seen is None else f.seen.half, "reason": f.reason,
                }
                for c in self._found
                for f in c.findings
            ]
        )  # fmt: skip

    @property
    def data(self) -> dict[str, Any]:
        """All of it, as ``--json`` writes it."""
        return conclusion_data(self._study, self._found)

    def __repr__(self) -> str:
        """Return the headline."""
        return f"<ClaimChecks {headlines(self._study, self._found)[0]}>"


@known_arguments
def check_claims(
    file: str | PathLike[str],
    *,
    strategies: Sequence[Strategy] = (),
    only: str | Sequence[str] | None = None,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> ClaimChecks:
    """Run the claims of a study again under what must not matter.

    Parameters
    ----------
    file
        The claims, with their scenario and strategies.
    strategies
        Objects of your own classes, or the classes, beside those that the file names. Each run
        has a copy of an object as it is now.
    only
        Checks that are made beside the study's own run; all by default.
    engine
        ``auto``, ``compiled`` or ``simpy``, of the runs whose claims must hold.
    threads
        Threads of the compiled engine; one a core by default.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OptionError, ScenarioError, StrategyError
        What is wrong, in one line.
    """
    checks = CHECKS if only is None else ((only,) if isinstance(only, str) else texts("only", only))
    for name in checks:
        if name not in CHECKS:
            hint = nearest(name, CHECKS) or f"; there are {', '.join(CHECKS)}"
            raise OptionError(f"only: there is no check {name!r}{hint}")
    if not isinstance(file, str | PathLike):
        raise OptionError(f"file: {file!r} is no path")
    engine, told = choice("engine", engine, ENGINES), callback("progress", progress)
    study = read_study(fsdecode(file), strategies=[(s.name, _loader(s)) for s in strategies])
    found = check_study(
        study, checks=checks, engine=engine, threads=threads_of(threads), progress=told
    )
    return ClaimChecks(study, found)


def _loader(strategy: Strategy) -> Loader:
    def load(scenario: Scenario) -> LoadedStrategy:
        return loaded_object(deepcopy(strategy), scenario)

    return load
