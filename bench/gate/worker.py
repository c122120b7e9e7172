"""One side's process: prepares workloads and runs them when it is told to.

It reads commands and writes answers as lines of JSON over its standard streams:

``{"prepare": NAME}`` reads the input and runs the workload until it is warm; ``{"run": NAME}`` runs
it once and answers ``cpu_s``, ``wall_s`` and ``counters``. What goes wrong is answered as
``{"error": TEXT}``.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.gate.workloads import WORKLOADS, Run

__all__ = ["main"]

#: The first run loads (or compiles) the kernels, the second finds no memory to take again yet.
WARM_UPS = 2


def main(argv: list[str] | None = None) -> int:
    """Serve until the commands end."""
    options = _options(argv)
    commands, answers = _private_streams()
    if options.core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {options.core})
    ready: dict[str, Run] = {}
    for line in commands:
        try:
            answer = _answer(json.loads(line), ready, options)
        except Exception as error:  # told to the parent, which knows what the other side did
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.gate.worker")
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--tree", type=Path, required=True, help="where omnilab must come from")
    parser.add_argument("--core", type=int, default=None)
    parser.add_argument("--slow", action="append", default=[], help="NAME:FACTOR")
    return parser.parse_args(argv)


def _private_streams() -> tuple[Any, Any]:
    """Take the pipes for ourselves, so that nothing that prints can come between."""
    commands, answers = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return os.fdopen(commands), os.fdopen(answers, "w")


def _answer(
    command: Mapping[str, str], ready: dict[str, Run], options: argparse.Namespace
) -> dict[str, Any]:
    if "prepare" in command:
        name = command["prepare"]
        run = WORKLOADS[name].prepare(options.inputs)
        _check_library(options.tree)
        for _ in range(WARM_UPS):
            run()
        ready[name] = run
        gc.collect()
        gc.freeze()  # what is there now need not be looked through before every run
        return {}
    name = command["run"]
    return _timed(ready[name], _factor(name, options.slow))


def _check_library(wanted: Path) -> None:
    """Refuse to time another omnilab than the side's own."""
    import omnilab

    found = Path(str(omnilab.__file__)).resolve()
    if not found.is_relative_to(wanted.resolve()):
        raise RuntimeError(f"omnilab was imported from {found}, not from {wanted}")


def _timed(run: Run, factor: float) -> dict[str, Any]:
    """Run once without the collector of cycles, whose turns depend on what was run before."""
    gc.collect()
    gc.disable()
    try:
        wall, cpu = perf_counter(), process_time()
        counters = run()
        if factor > 1:
            _burn(cpu, factor)
        cpu, wall = process_time() - cpu, perf_counter() - wall
    finally:
        gc.enable()
    return {"cpu_s": cpu, "wall_s": wall, "counters": dict(counters)}


def _factor(name: str, slow: list[str]) -> float:
    """Return by how much a workload is to be slowed down, 1 if not at all."""
    for entry in slow:
        workload, _, factor = entry.rpartition(":")
        if workload == name:
            return float(factor)
    return 1.0


def _burn(since: float, factor: float) -> None:
    """Compute for a while, so that the time since ``since`` becomes ``factor`` times as long."""
    until = since + (process_time() - since) * factor
    while process_time() < until:
        pass


if __name__ == "__main__":
    sys.exit(main())
