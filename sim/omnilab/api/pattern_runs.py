"""Measure a scenario's patterns beside their published sizes, from Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any

from omnilab._arguments import choice, known_arguments, shown, whole
from omnilab._arguments import progress as callback
from omnilab.api.experiments import ENGINES, threads_of
from omnilab.api.observations import frame_of
from omnilab.api.scenarios import scenario_of
from omnilab.errors import OptionError
from omnilab.experiment.patterns import find_patterns, measure_patterns, read_patterns
from omnilab.experiment.patterns.matching import pins_of
from omnilab.report.patterns import patterns_data, patterns_document

if TYPE_CHECKING:
    import pandas as pd

    from omnilab.experiment.patterns.matching import Pins
    from omnilab.experiment.patterns.running import Measured
    from omnilab.scenario.model import Scenario

__all__ = ["PatternsResult", "patterns"]

_WORLD: int = 1000


class PatternsResult:
    """Patterns of a scenario, measured.

    Attributes
    ----------
    scenario
        What was run.
    """

    def __init__(self, measured: Measured, pins: Pins | None) -> None:
        self._measured, self._pins = measured, pins
        self.scenario = measured.scenario

    @property
    def table(self) -> pd.DataFrame:
        """A row a pattern: role, published size, tolerance, value over seeds, misfit, within."""
        return frame_of(self.data["patterns"])

    @property
    def pins(self) -> pd.DataFrame:
        """A row a pattern, a column an assumption: tolerances moved over the assumption's range.

        Raises
        ------
        OptionError
            If no worlds were asked for.
        """
        if self._pins is None:
            raise OptionError("pins: give worlds, such as worlds=128, to patterns()")
        rows = self.data["pins"]["patterns"]
        return frame_of([row["swing"] for row in rows], index=[row["name"] for row in rows])

    @property
    def data(self) -> dict[str, Any]:
        """All of it, as ``--json`` writes it."""
        return patterns_data(self._measured, self._pins)

    def __repr__(self) -> str:
        """Return the headline."""
        return f"<PatternsResult {patterns_document(self._measured).headlines[0]}>"


@known_arguments
def patterns(
    scenario: str | PathLike[str] | Scenario,
    file: str | PathLike[str] | None = None,
    *,
    seeds: int | Sequence[int] = (1, 2, 3, 4, 5),
    customers: int | None = None,
    worlds: int | None = None,
    worlds_customers: int = _WORLD,
    worlds_seed: int = 1,
    engine: str = "auto",
    threads: int | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> PatternsResult:
    """Measure a scenario's patterns beside their published sizes.

    Parameters
    ----------
    scenario
        A shipped scenario's id, a file, or one that is loaded.
    file
        The patterns; those that come with the scenario by default.
    seeds
        One population a seed; intervals are over them.
    customers
        Of each population; the scenario's by default.
    worlds
        Also say which pattern pins which assumption, over so many worlds, 8 or more.
    worlds_customers, worlds_seed
        Of each of these worlds; of the worlds and their customers.
    engine, threads, progress
        As those of `omnilab.compare`.

    Raises
    ------
    OptionError, ScenarioError
        What is wrong, in one line.
    """
    sized = scenario_of(scenario)
    given = read_patterns(fsdecode(file) if file is not None else find_patterns(sized.id), sized)
    if customers is not None:
        sized = sized.with_customers(whole("customers", customers, 1, 10**9))
    some, told, workers = _seeds(seeds), callback("progress", progress), threads_of(threads)
    measured = measure_patterns(
        sized, given, seeds=some, engine=choice("engine", engine, ENGINES), threads=workers,
        progress=told,
    )  # fmt: skip
    if worlds is None:
        return PatternsResult(measured, None)
    if not given.assumptions:
        raise OptionError(f"worlds: {given.path} has no assumptions to move")
    world = sized.with_customers(whole("worlds_customers", worlds_customers, 1, 10**9))
    pins = pins_of(
        world, given, worlds=whole("worlds", worlds, 8, 100_000),
        seed=whole("worlds_seed", worlds_seed, 0, 2**63 - 1), threads=workers, progress=told,
    )  # fmt: skip
    return PatternsResult(measured, pins)


def _seeds(given: Any) -> tuple[int, ...]:
    some = (given,) if isinstance(given, int) else given
    if isinstance(some, str) or not isinstance(some, Sequence) or not some:
        raise OptionError(f"seeds: give whole numbers, such as [1, 2, 3], not {shown(given)}")
    found = tuple(whole(f"seeds[{n}]", seed, 0, 2**63 - 1) for n, seed in enumerate(some))
    for seed in found:
        if found.count(seed) > 1:
            raise OptionError(f"seeds: {seed} is given twice")
    return found
