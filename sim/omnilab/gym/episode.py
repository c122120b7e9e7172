"""One run of a scenario that stops wherever messages wait for `decide`, and goes on when told.

The compiled engine comes back to Python for each table of messages to ask about. Here that is where
a generator yields, so nothing runs beside the caller: an episode that is left is simply dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from omnilab.engine.chunk import Chunk
from omnilab.engine.compiled_loop import TOGETHER
from omnilab.log.digest import hex_digest
from omnilab.lowering.model import with_key
from omnilab.strategy.decisions import Choices, Decisions

if TYPE_CHECKING:
    from omnilab.engine.ask import Asked
    from omnilab.engine.compiled import CellRunner
    from omnilab.engine.result import ChunkResult
    from omnilab.experiment.job import Job

__all__ = ["MILLI_CENTS", "Episode", "Given"]

#: Units of the engine's books in a unit of the currency.
MILLI_CENTS: Final = 100_000


class Given:
    """Answers as it was told to: what stands for a strategy in the engine's hooks.

    Parameters
    ----------
    name, plan
        Of the strategy.
    """

    def __init__(self, name: str, plan: Any) -> None:
        self.name, self._plan = name, plan
        self.choices: Choices | None = None

    def plan(self, _brand: Any) -> Any:
        """Return the plan."""
        return self._plan

    def decide(self, _pending: Decisions) -> Choices:
        """Return the answers that are ready for this table."""
        assert self.choices is not None
        return self.choices


class Episode:
    """A run of one strategy, all cells side by side.

    Parameters
    ----------
    job
        The scenario with one strategy, which is a `Given`.
    seed
        Of the world, as ``--seed`` of `omnilab compare`.
    every_s
        Seconds after which all cells wait for each other, > 0.
    """

    def __init__(self, job: Job, seed: int, every_s: int) -> None:
        job.request = replace(job.request, seed=seed)  # the brand's own chances hang on it too
        model = with_key(job.model, seed, 0)
        (strategy,) = job.strategies
        # Who learns by reward discounts it too, so the books don't.
        setup = replace(job.setup(strategy, model, 0), discount_rate=0.0)
        people = job.population(model)
        runner = job.runner(model, [setup], people, 0)
        runner.warm_up()
        self._hooks = setup.hooks
        self._chunk = _Waiting(runner, 0, people.n_cells)
        switch, end, run_end = runner.times
        self._stops = sorted({*range(switch + every_s, run_end, every_s), end, run_end})
        self._result: ChunkResult | None = None

    def tables(self) -> Iterator[Asked]:
        """Run, and yield each table of messages that wait; by then `Given` needs their answers.

        Raises
        ------
        StrategyError
            If the answers are not allowed.
        """
        self._chunk.stream()
        assert self._hooks is not None
        for stop in self._stops:
            self._chunk.together(0, stop)
            for asked in self._chunk.waiting():
                yield asked
                self._hooks.answer(asked)
        self._result = self._chunk.result()

    @property
    def booked(self) -> int:
        """What the brand has earned since the switch, less what contacts cost, in milli-cents.

        Where cells are not side by side, some are ahead of others.
        """
        if self._chunk.books[0] is None:
            return 0
        return int(self._chunk.books[0].by_day["ltv"].sum())

    @property
    def digest(self) -> str:
        """Of the log; "" before the end."""
        return "" if self._result is None else hex_digest(self._result.digests[0])

    @property
    def events(self) -> int:
        """Rows of the log; 0 before the end."""
        return 0 if self._result is None else self._result.events[0]


class _Waiting(Chunk):
    """A chunk that hands over messages that wait, in place of asking a strategy itself."""

    def __init__(self, runner: CellRunner, low: int, high: int) -> None:
        super().__init__(runner, low, high)
        self._table: Asked | None = None

    def drive(self, asked: Asked, s: int) -> None:
        if self.work.w.mode == TOGETHER:
            self._table = asked
        else:  # the burn-in: nobody is asked
            super().drive(asked, s)

    def waiting(self) -> Iterator[Asked]:
        """Yield each table on the way to where `together` was asked to go."""
        assert self._table is not None
        yield from self.waits(self._table)
