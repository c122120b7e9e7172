"""The clock of every shipped scenario: `omnilab compare ID` with five strategies, one by one.

    python -m bench.stories               # all, as shipped, --quick
    python -m bench.stories boots-v2 --full

For who asks whether a story is ready while they wait: each must take under a minute on two quiet
cores. Kernels are compiled before the first is timed. A comparison runs in a process of its own;
its start, report and tables are in the time. `--full` leaves `--quick` out, so that equal volume,
worlds over what is assumed and the reading of split tests are in it too.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from omnilab.scenario import list_scenarios

STRATEGIES = ("no_contact", "single_channel", "multichannel", "cross_channel", "omnichannel")
BAR_SECONDS = 60


def seconds_of(scenario: str, full: bool, out: Path) -> tuple[float, float]:
    """How long a comparison takes, in seconds: by the clock, and of the processor."""
    command = [sys.executable, "-m", "omnilab", "compare", scenario, "--quiet", "--out", str(out)]
    command += [part for name in STRATEGIES for part in ("-s", name)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command if full else [*command, "--quick"], check=True, capture_output=True)
    clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", help="ids; all that are shipped if none is given")
    parser.add_argument("--full", action="store_true", help="without --quick")
    chosen = parser.parse_args()
    slow = []
    with tempfile.TemporaryDirectory() as scratch:
        seconds_of("mapples-coffee-v1", False, Path(scratch, "warm-up"))
        for scenario in chosen.scenarios or [each.id for each in list_scenarios()]:
            clock, processor = seconds_of(scenario, chosen.full, Path(scratch, scenario))
            print(f"| `{scenario}` | {clock:.1f} | {processor:.1f} |", flush=True)
            if clock > BAR_SECONDS:
                slow.append(scenario)
    if slow:
        sys.exit(f"over {BAR_SECONDS} s: {', '.join(slow)}")


if __name__ == "__main__":
    main()
