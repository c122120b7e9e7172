"""What a comparison is asked for, besides scenario and strategies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.experiment.match import Beside
    from omnilab.experiment.until import Until
    from omnilab.lowering.cells import Population
    from omnilab.world.model import Model

__all__ = ["Customers", "PartWriter", "Recorder", "Request", "Say", "silent"]

#: Told what is being done, and how much of it is, 0 to 1.
Say = Callable[[str, float], None]


def silent(_what: str, _share: float) -> None:
    """Be told, and say nothing."""


class Customers(Protocol):
    """Takes the rows of customers while a comparison goes on."""

    def add(self, replication: int, first: int, rows: dict[str, Any]) -> None:
        """Take the rows of the customers from ``first`` on, for each strategy."""


class Recorder(Protocol):
    """Takes the log of a run of one strategy while it goes on."""

    def begin(self, model: Model, plan: LoweredPlan, population: Population) -> None:
        """Take what the run is made of."""

    def add(self, log: Any) -> None:
        """Take the rows of some whole cells, each cell's in the order in which it wrote them."""


class PartWriter(Protocol):
    """Makes a file of the log of each range of customers where that is run, and writes it here."""

    def open(self) -> Any:
        """Begin a file: it has ``add(rows)`` and ``close()``, which returns its bytes."""

    def write(self, number: int, text: bytes) -> None:
        """Write the file with this number."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for, by keyword; the defaults are those of a plain comparison.

    Attributes
    ----------
    replications
        Independent populations, >= 1.
    seed
        0 <= seed < 2**63.
    engine
        ``auto``, ``compiled`` or ``simpy``; the logs are equal.
    keep_events
        Keep the rows of the log.
    threads
        Threads of the compiled engine, >= 1; the results do not depend on it.
    tables
        Keep all tables of the strategies; else the moments, and the breakdowns by channel, journey
        and persona alone.
    chunk
        Cells that a thread takes at once, >= 1; a number that suits the engine by default.
    say
        Told what is being done.
    recorder
        Given the log's rows chunk by chunk, for a run of one strategy and one replication.
    parts
        Given the log as files, one for each range of customers; as `recorder` for one strategy
        and one replication, and not beside it.
    until
        Go on, after ``replications``, until the differences' intervals are so narrow.
    against
        The strategy that these are taken against, and that customers are held against one by
        one; None for the usual one.
    customers
        Given the customers' rows chunk by chunk; no checkpoint is kept then.
    quick
        Whether what nobody asked for was left out; it is only said.
    beside
        What runs beside, from `omnilab.experiment.equal_volume.beside_of`.
    """

    replications: int = 1
    seed: int = 1
    engine: str = "auto"
    keep_events: bool = False
    tables: bool = True
    threads: int = 1
    chunk: int | None = None
    say: Say = silent
    recorder: Recorder | None = None
    parts: PartWriter | None = None
    until: Until | None = None
    against: str | None = None
    customers: Customers | None = None
    beside: Beside | None = None
    quick: bool = False
