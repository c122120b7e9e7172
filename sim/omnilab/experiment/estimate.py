"""What a run will take, before it is begun: a pilot's time, and the memory of what it must hold."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from omnilab.errors import CapacityError
from omnilab.kernels.compiling import watch_compiling
from omnilab.log.rows import ROW

__all__ = [
    "Estimate",
    "check_memory",
    "check_room",
    "estimate",
    "free_memory",
    "held_memory",
    "peak_memory",
    "say_size",
    "say_time",
]

#: Cells of the pilot by engine: enough to time, and over before anybody waits.
PILOT_CELLS = {"compiled": 48, "simpy": 6}
#: A share of the free memory is left to everybody else.
SHARE = 0.9


class Estimate(NamedTuple):
    """A run's time in seconds, its peak memory in bytes, and its rows of the log."""

    seconds: float
    memory: int
    rows: int


def estimate(
    runner: Any, *, engine: str, step: int, threads: int, replications: int, keep: bool,
    recorded: bool = False,
) -> Estimate:  # fmt: skip
    """Time a few cells and add up the memory of what the whole run holds at once.

    Parameters
    ----------
    runner
        Of the engine, for its own use: strategies with hooks get to see the pilot's cells.
    engine, step, threads, replications, keep
        As the run will have them.
    recorded
        A recorder takes the log chunk by chunk.

    Returns
    -------
    Estimate
        The time grows with the cells and shrinks with the threads; caches that fill and cores
        that others use are not in it. The memory is what is allocated, of which a part may never
        be touched, so it is on the high side.
    """
    n = runner.population.n_cells
    cells = min(PILOT_CELLS[engine], n)
    runner.warm_up()
    with watch_compiling(lambda: None) as compiling:  # some kernels wait for their first call
        started = time.perf_counter()
        (result,) = runner.run_cells([(0, cells)])
        took = time.perf_counter() - started - compiling.seconds
    rows = sum(result.events) * n // cells
    workers = threads if engine == "compiled" else 1
    # As many chunks are worked on as there are threads, and one more waits to be added up.
    at_once = n if runner.learns else min(n, step * (workers + (workers > 1)))
    fixed, each = runner.footprint()
    memory = held_memory() + fixed * max(1, at_once // step) + each * at_once
    memory += sum(s.hooks.nbytes for s in runner.strategies if s.hooks is not None) * n // cells
    if keep:
        memory += rows * ROW.itemsize
    if recorded:  # the rows of chunks, and of one four times: put in order and read into tables
        memory += (at_once + 4 * min(n, step)) * rows // n * ROW.itemsize
    return Estimate(took * n / cells / workers * replications, memory, rows * replications)


def check_memory(expected: Estimate) -> None:
    """Refuse a run that does not fit.

    Raises
    ------
    CapacityError
        With what would fit.
    """
    free = free_memory()
    if free is not None and expected.memory > SHARE * (free + held_memory()):
        raise CapacityError(
            f"this run needs about {say_size(expected.memory)} of memory and"
            f" {say_size(free)} are free: take fewer --customers, a smaller --chunk or fewer"
            " --threads, or leave out --events"
        )


def check_room(expected: Estimate, room: int | None) -> None:
    """Refuse a run of which a part does not fit a worker; without a known limit all do.

    Raises
    ------
    CapacityError
        With what would fit.
    """
    if room and expected.memory > SHARE * room:
        raise CapacityError(
            f"this run needs about {say_size(expected.memory)} of memory on each worker and the"
            f" smallest has {say_size(room)}: take a smaller --chunk or larger workers"
        )


def free_memory() -> int | None:
    """Return the bytes that this process may still take, None where the system does not say."""
    known = [n for n in (_of_system(), _of_group()) if n is not None]
    return min(known) if known else None


def say_size(n: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB"):
        if n < 1000:
            return f"{n:.0f} {unit}"
        n /= 1000
    return f"{n:.1f} GB"


def say_time(seconds: float) -> str:
    """Return a duration for people."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def held_memory() -> int:
    """Return the bytes that this process holds now: what compiling took is free again."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return peak_memory()


def peak_memory() -> int:
    """Return the bytes that this process has taken so far, at its peak."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _of_system() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None


def _of_group() -> int | None:
    """Return what a control group's limit leaves, where there is one."""
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = Path("/sys/fs/cgroup/memory.current").read_text().strip()
        return None if limit == "max" else int(limit) - int(used)
    except (OSError, ValueError):
        return None
