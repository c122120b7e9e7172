"""Ask the same thing in each world of a set, some of them side by side, here or on workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from omnilab.experiment.workers.executor import Beat, executor_of_worlds

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.scenario.model import Scenario

__all__ = ["in_each_world"]

T = TypeVar("T")


def in_each_world(
    scenario: Scenario, worlds: WorldSet, ask: Callable[[Scenario, int], T], *, threads: int = 1,
    progress: Callable[[str, float], None] | None = None,
) -> list[T]:  # fmt: skip
    """Return what is answered in each world, in their order.

    Parameters
    ----------
    scenario
        With the customers of each world.
    worlds
        All of them are asked.
    ask
        Given the scenario of a world and the world's number, from 0. It may be called on a worker,
        and so changes nothing here.
    threads
        Worlds that are asked side by side.
    progress
        Told how many are done, and what share that is.

    Raises
    ------
    OmnilabError
        If the scenario refuses a world, or whatever ``ask`` raises.
    """

    def tell(shares: Mapping[int, float]) -> None:
        if progress is not None:
            done = sum(share >= 1.0 for share in shares.values())
            progress(f"{done} of {worlds.n} worlds", done / worlds.n)

    executor = executor_of_worlds([scenario.brand.status_quo], threads)
    common = (scenario, worlds, ask)
    found = dict(executor.as_done(_one, range(worlds.n), common, tell))
    return [found[number] for number in range(worlds.n)]


def _one(
    common: tuple[Scenario, WorldSet, Callable[[Scenario, int], T]], number: int, _beat: Beat
) -> T:
    scenario, worlds, ask = common
    return ask(worlds.world(scenario, number), number)
