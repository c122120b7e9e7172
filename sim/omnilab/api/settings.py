"""How a caller wants it run: the arguments that most functions of the API take, checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from omnilab._arguments import choice, progress, whole
from omnilab.api.experiments import ENGINES, threads_of

__all__ = ["Settings", "settings"]


class Settings(TypedDict):
    """What `settings` has checked, under the names that the experiments take."""

    replications: int
    seed: int
    engine: str
    threads: int
    progress: Callable[[str, float], None] | None


def settings(replications: Any, seed: Any, engine: Any, threads: Any, told: Any) -> Settings:
    """Return a caller's arguments, as `omnilab.compare` takes them.

    Raises
    ------
    OptionError
        At the first that is out of its range.
    """
    return {
        "replications": whole("replications", replications, 1, 100_000),
        "seed": whole("seed", seed, 0, 2**63 - 1),
        "engine": choice("engine", engine, ENGINES),
        "threads": threads_of(threads),
        "progress": progress("progress", told),
    }
