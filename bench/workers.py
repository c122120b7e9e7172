"""Workers beside each other: how much faster two are than one, and what memory each takes.

    python -m bench.workers ratio             # two local workers over one, by the clock
    python -m bench.workers memory 200000 1000000
    python -m bench.workers memory 1e7 --days 14

`ratio` runs the same comparison on one worker and on two, in turns, and prints the ratio of the
smallest times; starting the workers is timed apart. On a machine that does other work, too, the
clock says little: a process then waits for a core that somebody else has. Linux counts for each
thread how long it ran and how long it waited so, and the second ratio leaves the waiting out: the
longest of the workers' clock times less their waits. It says what the clock would on quiet cores,
as far as what runs beside does not slow the running itself. `memory` runs one strategy without a
log at each size, with workers of its own, and prints each process's peak. Memory hangs on how
many customers there are and on how many are at work at once; `--days` shortens their lives.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omnilab.experiment.compare import compare
from omnilab.experiment.workers import work_on
from omnilab.experiment.workers.cluster import Workers, dask_workers
from omnilab.scenario.load import load_scenario
from omnilab.strategy.loading import load_strategy

SCENARIO = "mapples-coffee-v1"
DAY = 86_400


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ran_and_waited() -> tuple[float, float]:
    """Return this process's seconds on a core, and those of its busiest thread waiting for one."""
    ran = waited = most = 0.0
    for task in Path("/proc/self/task").iterdir():
        on_core, queued, _ = (task / "schedstat").read_text("utf-8").split()
        ran += int(on_core) / 1e9
        if int(on_core) > most:
            most, waited = float(on_core), int(queued) / 1e9
    return ran, waited


@dataclass(frozen=True)
class Took:
    """One comparison: seconds by the clock, and of each worker on a core and waiting for one."""

    clock: float
    ran: tuple[float, ...]
    waited: tuple[float, ...]

    @property
    def quiet(self) -> float:
        """Seconds by the clock without the waiting for cores."""
        return max(self.clock - w for w in self.waited)

    @property
    def said(self) -> str:
        """Who did how much, and how long each had nothing to do."""
        whole = sum(self.ran)
        parts = [
            f"{r:.1f} s on a core ({r / whole:.0%} of the work), waited {w:.1f} s for one, idle"
            f" {max(self.clock - r - w, 0.0) / self.clock:.0%}"
            for r, w in zip(self.ran, self.waited, strict=True)
        ]
        return f"{self.clock:.1f} s: " + "; ".join(parts)


def once(
    executor: Workers, customers: int, names: Sequence[str], days: int | None = None
) -> tuple[Took, list[str]]:
    before = executor.client.run(ran_and_waited)
    scenario = load_scenario(SCENARIO).with_customers(customers)
    if days is not None:
        scenario = scenario.changed({"time": {"burn_in": days * DAY, "window": days * DAY}})
    strategies = [load_strategy(name, scenario) for name in names]
    with work_on(executor):
        started = time.perf_counter()
        found = compare(scenario, strategies)
        clock = time.perf_counter() - started
    after = executor.client.run(ran_and_waited)
    spent = [(after[w][0] - before[w][0], after[w][1] - before[w][1]) for w in sorted(after)]
    ran, waited = zip(*spent, strict=True)
    return Took(clock, ran, waited), [run.log_digest for run in found.strategies]


def ratio(customers: int, rounds: int) -> None:
    names = ["no_contact", "multichannel", "omnichannel"]
    started = time.perf_counter()
    with dask_workers(1) as one:
        print(f"one worker started in {time.perf_counter() - started:.1f} s")
        with dask_workers(2) as two:
            sides = {"one": one, "two": two}
            times: dict[str, list[Took]] = {name: [] for name in sides}
            digests = set()
            for side in sides.values():
                once(side, max(customers // 20, 100), names)  # each worker reads its kernels once
            for _ in range(rounds):
                for name, side in sides.items():
                    took, found = once(side, customers, names)
                    times[name].append(took)
                    digests.add(tuple(found))
                    print(f"{name}: {took.said}", flush=True)
    clock = {name: min(t.clock for t in taken) for name, taken in times.items()}
    quiet = {name: min(t.quiet for t in taken) for name, taken in times.items()}
    print(f"{customers:,} customers; the same bytes: {len(digests) == 1}")
    for what, best in (("by the clock", clock), ("without the waiting for cores", quiet)):
        print(
            f"{what}: one worker {best['one']:.2f} s, two {best['two']:.2f} s, two are"
            f" {best['one'] / best['two']:.2f} times one"
        )


def memory(sizes: Sequence[int], days: int | None) -> None:
    for customers in sizes:
        with dask_workers(2) as two:
            took, _ = once(two, customers, ["omnichannel"], days)
            peaks = sorted(two.client.run(peak_mb).values())
            each = ", ".join(f"{p:.0f}" for p in peaks)
            print(
                f"{customers:>12,} customers: workers {each} MB, the command {peak_mb():.0f} MB,"
                f" {took.clock:.1f} s",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["ratio", "memory"])
    parser.add_argument("sizes", nargs="*", type=lambda text: int(float(text)))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--days", type=int, help="of burn-in and of the window, for `memory`")
    asked = parser.parse_args()
    if asked.what == "ratio":
        ratio(asked.sizes[0] if asked.sizes else 200_000, asked.rounds)
    else:
        memory(asked.sizes or [200_000, 1_000_000], asked.days)


if __name__ == "__main__":
    main()
