"""Find customers of a comparison: by what a strategy does to them, their path, their outcome.

They are simulated again, chunk by chunk, until there are enough: the same customers with the same
numbers as in the comparison. Where a run has kept its customers they are read, unless a path is
wanted, of which that table knows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.errors import OptionError, nearest
from omnilab.experiment.customers import kept_customers
from omnilab.experiment.differences import reference_among
from omnilab.log.rows import VISIT, columns
from omnilab.lowering.cells import cells_at_once
from omnilab.measure.groups import PERSONA, Grouping
from omnilab.measure.observed import COLUMNS, VALUES

if TYPE_CHECKING:
    from pathlib import Path

    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Found", "Wanted", "find_customers"]

_MILLI: Final = 100_000  # milli-cents to one of the currency
_CHUNK: Final = 128  # cells at once: few are simulated in vain


@dataclass(frozen=True)
class Wanted:
    """Which customers are wanted; all that is given must hold.

    Attributes
    ----------
    won_by, lost_by
        Strategy under which the LTV is higher, or lower, than under the reference by ``least``.
    strategy
        Whose life the rest is about; the strategy above or the reference by default.
    path
        Names of channels, visited for one need in this order.
    bought, left
        Whether there is an order, or the customer left, in the window.
    persona
        Name.
    least
        In the scenario's currency, >= 0.
    """

    won_by: str | None = None
    lost_by: str | None = None
    strategy: str | None = None
    path: tuple[str, ...] = ()
    bought: bool | None = None
    left: bool | None = None
    persona: str | None = None
    least: float = 1.0


@dataclass(frozen=True)
class Found:
    """A customer who was found, and why.

    Attributes
    ----------
    replication, customer
        Numbers from 0.
    strategy, reference
        Whose LTVs the difference is of; no reference where nothing was compared.
    difference
        LTV under the strategy less that under the reference, in the currency.
    why
        What held, in words.
    """

    replication: int
    customer: int
    strategy: str
    reference: str | None
    difference: float | None
    why: str

    def row(self, currency: str) -> dict[str, Any]:
        """Return it as a row with the unit of the difference."""
        return {
            "replication": self.replication, "customer": self.customer, "strategy": self.strategy,
            "reference": self.reference, "unit": currency, "difference": self.difference,
            "why": self.why,
        }  # fmt: skip


def find_customers(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    wanted: Wanted,
    *,
    seed: int,
    replications: int = 1,
    against: str | None = None,
    limit: int = 10,
    kept: Path | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> list[Found]:
    """Return the first customers who meet all that is wanted, by replication and number.

    Parameters
    ----------
    scenario, strategies, seed, replications
        Of the comparison.
    wanted
        At least one condition.
    against
        The reference; None for the usual one.
    limit
        At most so many, >= 1.
    kept
        The comparison's table of customers, to be read instead where it says enough.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Raises
    ------
    OptionError
        If a name is not known, or nothing is asked for.
    DataError
        If the table can't be read.
    """
    from omnilab.experiment.singles import chunks_of

    plan = _Search(scenario, strategies, wanted, against)
    say = progress or (lambda _what, _share: None)
    found: list[Found] = []
    if kept is not None and not wanted.path:
        for replication, first, share, rows in kept_customers(kept, scenario, plan.names):
            say("reading", share)
            found += plan.matches(replication, first, rows)
            if len(found) >= limit:
                break
        return found[:limit]
    step = cells_at_once(_CHUNK, scenario.population.per_cell)
    for replication in range(replications):
        chunks = chunks_of(
            scenario, plan.strategies, seed=seed, replication=replication, step=step,
            keep=bool(wanted.path),
        )  # fmt: skip
        for first, share, chunk in chunks:
            say("searching", (replication + share) / replications)
            found += plan.matches(replication, first, chunk.customers, chunk.rows)
            if len(found) >= limit:
                chunks.close()
                return found[:limit]
    return found


class _Search:
    """What is wanted, with names as numbers."""

    def __init__(
        self, scenario: Scenario, strategies: Sequence[LoadedStrategy], wanted: Wanted,
        against: str | None,
    ) -> None:  # fmt: skip
        names = [s.name for s in strategies]
        usual = reference_among(names, scenario.brand.status_quo, against) or names[0]
        self.wanted = wanted
        if wanted.won_by is not None and wanted.lost_by is not None:
            raise OptionError("give --won-by or --lost-by, not both")
        compared = wanted.won_by or wanted.lost_by
        for name in (compared, wanted.strategy):
            _check(name, names, "strategy")
        self.reference = usual if compared is not None else None
        if compared == usual:
            raise OptionError(
                f"{compared!r} is the reference itself: compare --against another strategy first"
            )
        self.strategy = wanted.strategy or compared or usual
        self.compared = compared or self.strategy
        used = dict.fromkeys(n for n in (self.compared, self.strategy, self.reference) if n)
        self.names = list(used)
        self.strategies = [s for n in self.names for s in strategies if s.name == n]
        channels = [c.name for c in scenario.channels]
        visited = [c.name for c in scenario.channels if c.visit is not None]
        for name in wanted.path:
            _check(name, visited, "channel to visit")
        self.path = [channels.index(name) for name in wanted.path]
        personas = [p.name for p in scenario.population.personas]
        _check(wanted.persona, personas, "persona")
        self.persona = -1
        if wanted.persona is not None:
            first = Grouping(scenario, 0).first[PERSONA]
            self.persona = int(first) + personas.index(wanted.persona)
        if not math.isfinite(wanted.least) or wanted.least < 0:
            raise OptionError(f"the least difference is 0 or more, got {wanted.least}")
        asked = (compared, wanted.path, wanted.persona)
        if not any(asked) and wanted.bought is None and wanted.left is None:
            raise OptionError(
                "nothing is asked for: give a condition, such as --won-by omnichannel"
            )

    def matches(
        self, replication: int, first: int, customers: Sequence[Any], rows: Sequence[Any] = ()
    ) -> Iterator[Found]:
        """Yield the customers of a chunk who meet it, in order; a path needs the log's rows."""
        tables = dict(zip(self.names, customers, strict=True))
        life = tables[self.strategy]
        keep = np.ones(len(life), np.bool_)
        difference = None
        if self.reference is not None:
            ltv = VALUES + COLUMNS.index("ltv")
            difference = tables[self.compared][:, ltv] - tables[self.reference][:, ltv]
            signed = difference if self.wanted.won_by else -difference
            keep &= (signed > 0) & (signed >= self.wanted.least * _MILLI)
        wanted = self.wanted
        for flag, column in ((wanted.bought, "purchase_rate"), (wanted.left, "leave_rate")):
            if flag is not None:
                keep &= (life[:, VALUES + COLUMNS.index(column)] > 0) == flag
        if self.persona >= 0:
            keep &= life[:, PERSONA] == self.persona
        if self.path:
            log = np.concatenate(rows[self.names.index(self.strategy)])
            keep &= _on_path(log, first, len(life), self.path)
        for i in np.flatnonzero(keep).tolist():
            by = None if difference is None else int(difference[i]) / _MILLI
            yield Found(
                replication, first + i, self.compared, self.reference, by, self._why(life[i])
            )

    def _why(self, life: Any) -> str:
        wanted = self.wanted
        orders = int(life[VALUES + COLUMNS.index("orders_per_customer")])
        said = [f"{orders} order{'' if orders == 1 else 's'}"]
        said += [" > ".join(wanted.path)] if wanted.path else []
        said += [wanted.persona] if wanted.persona else []
        if life[VALUES + COLUMNS.index("leave_rate")]:
            said.append("left")
        return f"{', '.join(said)} under {self.strategy}"


def _on_path(log: Any, first: int, n: int, path: Sequence[int]) -> Any:
    """Return which customers visited these channels in this order for one need."""
    visits = columns(log[log["kind"] == VISIT], VISIT)
    visits = visits[visits["need"] >= 0]
    found = np.zeros(n, np.bool_)
    reached: dict[tuple[int, int], int] = {}
    for person, need, channel in zip(
        visits["person"].tolist(), visits["need"].tolist(), visits["channel"].tolist(), strict=True
    ):
        at = reached.get((person, need), 0)
        if at < len(path) and channel == path[at]:
            reached[person, need] = at + 1
            if at + 1 == len(path):
                found[person - first] = True
    return found


def _check(name: str | None, names: Sequence[str], what: str) -> None:
    if name is not None and name not in names:
        hint = nearest(name, names) or f"; there are {', '.join(names)}"
        raise OptionError(f"no {what} {name!r}{hint}")
