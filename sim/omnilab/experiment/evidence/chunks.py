"""Simulate customers under arms of one scenario, chunk by chunk, with their whole logs."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.job import Job
from omnilab.experiment.request import Request
from omnilab.experiment.sweep.points import Point
from omnilab.experiment.sweep.sharing import Models, groups_of
from omnilab.lowering.model import with_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.experiment.evidence.arms import ReadyArm
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Chunk", "chunks_of"]

#: Calibrated models, which studies of one base and steps towards one base rate have in common.
_MODELS: Final = Models()


@dataclass
class Chunk:
    """Some whole cells under arms of one scenario.

    Attributes
    ----------
    first, persons
        The first person's id, and how many there are.
    share
        What share of the replication is done with it.
    cell
        Of each person, shape (persons,).
    logs
        Rows under each arm, each person's in the order of time, the warm-up too.
    before
        Names of the journeys of the warm-up's strategy, in their plan's order.
    has_mailshots
        Whether mailshots have an effect on seeing that customers share.
    """

    first: int
    persons: int
    share: float
    cell: NDArray[np.int64]
    logs: list[Any]
    before: list[str]
    has_mailshots: bool


class _Job(Job):
    """A comparison whose burn-in runs under a strategy that is given."""

    def __init__(self, arms: Sequence[ReadyArm], model: Any, seed: int, before: Any) -> None:
        strategies: list[LoadedStrategy] = [arm.strategy for arm in arms]
        super().__init__(
            arms[0].scenario, strategies, model,
            Request(seed=seed, keep_events=True, tables=False, against=strategies[0].name),
        )  # fmt: skip
        if before is not None:
            self.__dict__["status_quo"] = before


def chunks_of(
    arms: Sequence[ReadyArm], before: LoadedStrategy | None, seed: int, replication: int, cells: int
) -> Generator[Chunk, None, None]:
    """Yield the customers of one replication under arms of one scenario, chunk by chunk."""
    point = Point(
        0, {}, {}, arms[0].scenario, tuple(arm.strategy for arm in arms), arms[0].strategy
    )
    (group,) = groups_of([point])
    model = with_key(_MODELS.of(group), seed, replication)
    job = _Job(arms, model, seed, before)
    population = job.population(model)
    setups = [job.setup(s.copy(), model, replication) for s in job.strategies]
    journeys = [j.name for j in job.status_quo.plan.journeys]
    mailshots = bool(model.mailshot.sd > 0.0)
    for result in job.runner(model, setups, population, replication).run(cells):
        edges = population.first[result.low : result.high + 1]
        yield Chunk(
            int(edges[0]), int(edges[-1] - edges[0]), result.high / population.n_cells,
            np.repeat(np.arange(result.low, result.high), np.diff(edges)),
            [np.concatenate(rows) for rows in result.rows], journeys, mailshots,
        )  # fmt: skip
