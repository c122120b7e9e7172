"""Ask the same thing in each world of a set, some of them side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

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
        Given the scenario of a world and the world's number, from 0.
    threads
        Worlds that are asked side by side.
    progress
        Told how many are done, and what share that is.

    Raises
    ------
    OmnilabError
        If the scenario refuses a world, or whatever ``ask`` raises.
    """
    lock, done = Lock(), 0

    def one(number: int) -> T:
        nonlocal done
        answer = ask(worlds.world(scenario, number), number)
        with lock:
            done += 1
            if progress is not None:
                progress(f"{done} of {worlds.n} worlds", done / worlds.n)
        return answer

    with ThreadPoolExecutor(max(1, threads)) as pool:
        return list(pool.map(one, range(worlds.n)))
