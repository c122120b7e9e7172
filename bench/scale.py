"""How time and memory grow with the population: `python -m bench.scale --help`.

Each size runs in a process of its own, so that its peak memory is its own. A large population is
laid out whole and run for a number of chunks; the rest of it would be more of the same.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

COLUMNS = "customers  simulated  threads    rows/s   ns/row  CPU ns/row  peak memory  whole run"


def measure(
    scenario_id: str, strategy: str, customers: int, chunks: int, threads: int
) -> dict[str, Any]:
    """Return the time and memory of a population's first chunks."""
    from omnilab.engine.calibrate import calibrated_model
    from omnilab.engine.compiled import CellRunner
    from omnilab.engine.result import StrategySetup
    from omnilab.experiment.estimate import peak_memory
    from omnilab.experiment.job import CHUNK
    from omnilab.experiment.statistics import Moments
    from omnilab.lowering.cells import lay_out
    from omnilab.lowering.model import with_key
    from omnilab.lowering.plan import lower_plan
    from omnilab.scenario import load_scenario
    from omnilab.strategy.loading import load_strategy

    scenario = load_scenario(scenario_id).with_customers(customers)
    model = with_key(calibrated_model(scenario), 1, 0)
    plans = [
        lower_plan(load_strategy(name, scenario).plan, scenario)
        for name in (scenario.brand.status_quo, strategy)
    ]
    began = time.perf_counter()
    population = lay_out(model, customers, scenario.population.households_per_cell)
    laid_out = time.perf_counter() - began
    runner = CellRunner(scenario, model, plans[0], [StrategySetup(strategy, plans[1])], population)
    runner.warm_up()
    step = CHUNK["compiled"]
    ranges = [(i, min(i + step, population.n_cells)) for i in range(0, population.n_cells, step)]
    moments = Moments([strategy])
    began, cpu = time.perf_counter(), time.process_time()
    rows = 0
    for result in runner.run_cells(ranges[:chunks], threads):
        moments.add(result.block)
        rows += result.events[0]
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    last = ranges[:chunks][-1][1]
    done = int(population.first[last])
    return {
        "customers": customers, "simulated": done, "threads": threads, "rows": rows,
        "seconds": took, "cpu_s": cpu,
        "peak": peak_memory(),
        "whole_s": laid_out + took * customers / done,
    }  # fmt: skip


def main() -> None:
    """Measure each size in a process of its own and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("customers", nargs="+", type=lambda text: int(float(text)))
    parser.add_argument("--scenario", default="mapples-coffee-v1")
    parser.add_argument("--strategy", default="omnichannel")
    parser.add_argument("--chunks", type=int, default=20, help="chunks to run of each size")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        (customers,) = options.customers
        found = measure(
            options.scenario, options.strategy, customers, options.chunks, options.threads
        )
        print(json.dumps(found))
        return
    print(COLUMNS)
    for customers in options.customers:
        command = [
            sys.executable, "-m", "bench.scale", str(customers), "--one",
            "--scenario", options.scenario, "--strategy", options.strategy,
            "--chunks", str(options.chunks), "--threads", str(options.threads),
        ]  # fmt: skip
        found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        rows, seconds = found["rows"], found["seconds"]
        print(
            f"{customers:9.0e} {found['simulated']:10,} {found['threads']:8} {rows / seconds:9,.0f}"
            f" {seconds / rows * 1e9:8.0f} {found['cpu_s'] / rows * 1e9:11.0f}"
            f" {found['peak'] / 1e6:9,.0f} MB {found['whole_s']:8,.0f} s"
        )


if __name__ == "__main__":
    main()
