"""The way from a scenario to single customers: their chunks, and their timelines."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from omnilab.engine.calibrate import calibrated_model
from omnilab.experiment.job import Job
from omnilab.experiment.request import Request
from omnilab.lowering.model import with_key

if TYPE_CHECKING:
    from omnilab.engine.result import ChunkResult
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy
    from omnilab.world.model import Model

__all__ = ["chunks_of", "person_rows", "twin_rows"]


def chunks_of(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    *,
    seed: int,
    replication: int = 0,
    step: int = 128,
    keep: bool = False,
) -> Generator[tuple[int, float, ChunkResult], None, None]:
    """Yield the customers of one replication chunk by chunk: first customer, share done, chunk.

    Parameters
    ----------
    scenario, strategies, seed, replication
        Of a comparison.
    step
        Cells of a chunk.
    keep
        Keep the rows of the log too.
    """
    model = with_key(calibrated_model(scenario), seed, replication)
    job = Job(scenario, strategies, model, Request(seed=seed, keep_events=keep))
    job.keep_customers = True
    population = job.population(model)
    setups = [job.setup(s.copy(), model, replication) for s in strategies]
    for result in job.runner(model, setups, population, replication).run(step):
        share = result.high / population.n_cells
        yield int(population.first[result.low]), share, result


def person_rows(
    scenario: Scenario,
    strategy: LoadedStrategy,
    customer: int,
    *,
    seed: int,
    replication: int = 0,
) -> Any:
    """Return one customer's whole timeline under a strategy: rows of the log, burn-in included.

    Only the customer's cell is simulated, since no other can change it (strategies that learn
    from the whole population need the whole run).
    """
    (rows,) = twin_rows(scenario, [strategy], customer, seed=seed, replication=replication)
    return rows


def twin_rows(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    customer: int,
    *,
    seed: int,
    replication: int = 0,
    calibrated: Model | None = None,
) -> list[Any]:
    """Return one customer's timeline under each strategy, as `person_rows` does.

    Parameters
    ----------
    scenario, strategies, customer, seed, replication
        As those of `person_rows`.
    calibrated
        The scenario's model from `calibrated_model`, where it is made already.
    """
    model = with_key(calibrated or calibrated_model(scenario), seed, replication)
    job = Job(scenario, strategies, model, Request(seed=seed, keep_events=True))
    population = job.population(model)
    setups = [job.setup(strategy.copy(), model, replication) for strategy in strategies]
    cell = population.cell_of(customer)
    runner = job.runner(model, setups, population, replication)
    (result,) = runner.run_cells([(cell, cell + 1)])
    found = [np.concatenate(rows).view(np.recarray) for rows in result.rows]
    return [rows[rows.person == customer] for rows in found]
