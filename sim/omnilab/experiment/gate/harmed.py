"""The share of customers whom a strategy harms: their LTV is lower than under the reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.lowering.cells import lay_out
from omnilab.lowering.model import build_model, with_key
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.observed import COLUMNS, VALUES

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["HarmCount", "Share"]

_LTV = VALUES + COLUMNS.index("ltv")
_UNITS = MEASURES["ltv"].denominator[0][1]  # milli-cents to one of the currency


@dataclass(frozen=True)
class Share:
    """A share of customers with its standard error; None with fewer than two clusters."""

    value: float
    error: float | None


class HarmCount:
    """Counts harmed and gained customers, cluster by cluster, while a comparison goes on.

    Parameters
    ----------
    scenario, seed
        Of the comparison.
    strategy, reference
        Names.
    by
        The loss, or gain, from which on a customer counts, in the scenario's currency, >= 0.
    """

    def __init__(
        self, scenario: Scenario, seed: int, strategy: str, reference: str, by: float
    ) -> None:
        self.strategy, self.reference = strategy, reference
        self._scenario, self._seed = scenario, seed
        self._least = round(by * _UNITS)
        self._cells: dict[int, Any] = {}
        self._sums: dict[int, Any] = {}

    @cached_property
    def _model(self) -> Any:
        return build_model(self._scenario, self._seed)

    def add(self, replication: int, first: int, rows: dict[str, Any]) -> None:
        """Take the rows of a chunk's customers under each strategy."""
        if self.strategy not in rows or self.reference not in rows:
            return  # one has failed: the comparison says so
        lost = rows[self.reference][:, _LTV] - rows[self.strategy][:, _LTV]
        harmed = (lost > 0) & (lost >= self._least)
        gained = (lost < 0) & (-lost >= self._least)
        self.count(replication, self._of(replication, first, len(lost)), harmed, gained)

    def count(self, replication: int, cells: Any, harmed: Any, gained: Any) -> None:
        """Add customers.

        Parameters
        ----------
        replication
            From 0.
        cells
            Each customer's cell in the replication, shape ``(n,)``.
        harmed, gained
            Whether each is.
        """
        n = int(cells.max()) + 1
        new = np.stack(
            [np.bincount(cells, w, n) for w in (np.ones(len(cells)), harmed, gained)]
        ).astype(np.int64)
        old = self._sums.get(replication, np.zeros((3, 0), np.int64))
        wide = np.zeros((3, max(n, old.shape[1])), np.int64)
        wide[:, : old.shape[1]] += old
        wide[:, :n] += new
        self._sums[replication] = wide

    @property
    def clusters(self) -> int:
        """Number of clusters with a customer."""
        return self._table.shape[1]

    @property
    def harmed(self) -> Share:
        """The share of customers who are harmed."""
        return self._share(self._table[1])

    @property
    def gained(self) -> Share:
        """The share of customers who gain."""
        return self._share(self._table[2])

    @property
    def net(self) -> Share:
        """The share harmed less the share that gains."""
        return self._share(self._table[1] - self._table[2])

    @property
    def _table(self) -> Any:
        """Persons, harmed, gained of each cluster, shape ``(3, n_clusters)``."""
        parts = [self._sums[r] for r in sorted(self._sums)]
        table = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0), np.int64)
        return table[:, table[0] > 0]

    def _share(self, counts: Any) -> Share:
        """Return a ratio of sums with the error of the delta method, as `statistics` has it."""
        persons, n = self._table[0], self._table.shape[1]
        total = persons.sum()
        value = float(counts.sum() / total)
        if n < 2:
            return Share(value, None)
        z = (counts - value * persons) / total
        return Share(value, sqrt(n / (n - 1) * float((z**2).sum())))

    def _of(self, replication: int, first: int, n: int) -> Any:
        """Return the cell of each of ``n`` customers."""
        if replication not in self._cells:
            population = self._scenario.population
            model = with_key(self._model, self._seed, replication)
            self._cells[replication] = lay_out(model, population.customers, population.per_cell)
        edges = self._cells[replication].first
        return np.searchsorted(edges, np.arange(first, first + n), side="right") - 1
