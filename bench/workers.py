"""Workers beside each other: how much faster two are than one, and what memory each takes.

    python -m bench.workers ratio             # two local workers over one, by the clock
    python -m bench.workers memory 200000 1000000

`ratio` runs the same comparison on one worker and on two, in turns, and prints the ratio of the
smallest times; starting the workers is timed apart. `memory` runs one strategy without a log at
each size, with workers of its own, and prints each process's peak.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Sequence

from omnilab.experiment.compare import compare
from omnilab.experiment.workers import work_on
from omnilab.experiment.workers.cluster import Workers, dask_workers
from omnilab.scenario.load import load_scenario
from omnilab.strategy.loading import load_strategy

SCENARIO = "mapples-coffee-v1"


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def once(executor: Workers, customers: int, names: Sequence[str]) -> tuple[float, list[str]]:
    scenario = load_scenario(SCENARIO).with_customers(customers)
    strategies = [load_strategy(name, scenario) for name in names]
    with work_on(executor):
        started = time.perf_counter()
        found = compare(scenario, strategies)
        took = time.perf_counter() - started
    return took, [run.log_digest for run in found.strategies]


def ratio(customers: int, rounds: int) -> None:
    names = ["no_contact", "multichannel", "omnichannel"]
    started = time.perf_counter()
    with dask_workers(1) as one:
        print(f"one worker started in {time.perf_counter() - started:.1f} s")
        with dask_workers(2) as two:
            sides = {"one": one, "two": two}
            times: dict[str, list[float]] = {name: [] for name in sides}
            digests = set()
            for side in sides.values():
                once(side, 2000, names)  # each worker reads its kernels once
            for _ in range(rounds):
                for name, side in sides.items():
                    took, found = once(side, customers, names)
                    times[name].append(took)
                    digests.add(tuple(found))
    best = {name: min(taken) for name, taken in times.items()}
    print({name: [round(t, 2) for t in taken] for name, taken in times.items()})
    print(f"{customers:,} customers: one worker {best['one']:.2f} s, two {best['two']:.2f} s")
    print(f"two are {best['one'] / best['two']:.2f} times one; the same bytes: {len(digests) == 1}")


def memory(sizes: Sequence[int]) -> None:
    for customers in sizes:
        with dask_workers(2) as two:
            took, _ = once(two, customers, ["omnichannel"])
            peaks = sorted(two.client.run(peak_mb).values())
            each = ", ".join(f"{p:.0f}" for p in peaks)
            print(
                f"{customers:>12,} customers: workers {each} MB, the command {peak_mb():.0f} MB,"
                f" {took:.1f} s",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["ratio", "memory"])
    parser.add_argument("sizes", nargs="*", type=lambda text: int(float(text)))
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if asked.what == "ratio":
        ratio(asked.sizes[0] if asked.sizes else 200_000, asked.rounds)
    else:
        memory(asked.sizes or [200_000, 1_000_000])


if __name__ == "__main__":
    main()
