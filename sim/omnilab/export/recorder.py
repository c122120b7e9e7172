"""What ``omnilab run --events`` keeps of a run as it goes on: the log and the cores' streams."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab.export.event_file import EventFile
from omnilab.export.streams import Streams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.brand.plan import LoweredPlan
    from omnilab.lowering.cells import Population
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy
    from omnilab.world.model import Model

__all__ = ["RunRecorder"]


class RunRecorder:
    """Writes ``events.parquet`` and the streams into a run's directory.

    Parameters
    ----------
    folder
        The run's directory.
    scenario, strategy
        What is run, once.
    """

    def __init__(self, folder: Path, scenario: Scenario, strategy: LoadedStrategy) -> None:
        self._events = EventFile(folder / "events.parquet", scenario, strategy.name)
        self._streams = Streams(folder, scenario, strategy.plan)

    def begin(self, model: Model, plan: LoweredPlan, population: Population) -> None:
        """Take what the run is made of."""
        self._streams.begin(model, plan, population)

    def add(self, log: NDArray[Any]) -> None:
        """Take the rows of some whole cells, each cell's in the order in which it wrote them."""
        self._events.add(log)
        self._streams.add(log)

    def finish(self) -> None:
        """Write what is left; only then are the files whole."""
        self._events.close()
        self._streams.finish()
