"""Rounds: a fresh process of each side, taking turns on one core.

The load of a shared machine changes within seconds, and where the system puts a process's code and
data changes its speed for its whole life. So the sides take turns at every single run, a few
hundredths of a second each, which meets the first; and each round starts both processes anew,
which meets the second. A round gives one pair a benchmark: log(head / base) of processor time.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

from bench.gate.errors import GateError
from bench.gate.sides import ROOT, Side

__all__ = ["REPEATS", "Measured", "cores", "pair_of", "play_round"]

#: Runs of a workload a side and round; benchmarks.md says what more or fewer would give.
REPEATS: Final = 6

Value = int | str


@dataclass
class Measured:
    """What was measured of one workload so far.

    Attributes
    ----------
    pairs
        log(head / base) of each round.
    base_s, head_s
        Median processor time of a run, one value a round.
    counters
        Of each side, by its name.
    failed
        Why it could not be run, by the side's name.
    """

    pairs: list[float] = field(default_factory=list)
    base_s: list[float] = field(default_factory=list)
    head_s: list[float] = field(default_factory=list)
    counters: dict[str, dict[str, Value]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def play_round(
    sides: tuple[Side, Side],
    measured: Mapping[str, Measured],
    *,
    inputs: Path,
    core: int | None,
    order: Random,
    slow: Sequence[str] = (),
    repeats: int = REPEATS,
    say: Callable[[str], None] = lambda _what: None,
) -> None:
    """Run each workload in ``measured`` and add a pair to it.

    Parameters
    ----------
    sides
        Base and head.
    measured
        By workload; filled.
    inputs
        Folder with the workloads' input.
    core
        Where both processes run, None where the system likes.
    order
        Settles who begins.
    slow
        ``side:workload:factor``, for trying the gate: that side's runs are made so much longer.
    repeats
        Runs of each side.
    say
        Told which workload is next.
    """
    names = list(measured)
    order.shuffle(names)
    with (
        _process(sides[0], inputs, core, slow) as base,
        _process(sides[1], inputs, core, slow) as head,
    ):
        for name in names:
            say(name)
            if not _prepared((base, head), name, measured[name]):
                continue
            times: tuple[list[float], list[float]] = ([], [])
            for turn in _turns(repeats, order):
                answer = (base, head)[turn].ask(run=name)
                times[turn].append(answer["cpu_s"])
                _keep_counters(measured[name], sides[turn].name, answer["counters"])
            measured[name].pairs.append(pair_of(*times))
            measured[name].base_s.append(median(times[0]))
            measured[name].head_s.append(median(times[1]))


def pair_of(base_s: Sequence[float], head_s: Sequence[float]) -> float:
    """Return log(head / base) of one round: the median over runs that followed each other.

    Not of each side's best run, which was twice as noisy here: the machine's speed itself changes
    within a round, and neighbours in time share it.
    """
    return median(math.log(h / b) for b, h in zip(base_s, head_s, strict=True))


def _turns(repeats: int, order: Random) -> Iterator[int]:
    """Yield whose turn it is, 0 base and 1 head: ABBA or BAAB by chance, again and again."""
    for _ in range(0, repeats, 2):
        first = order.randrange(2)
        yield from (first, 1 - first, 1 - first, first)


def _prepared(processes: tuple[_Process, _Process], name: str, measured: Measured) -> bool:
    """Prepare a workload on both sides; note where that fails."""
    for process in processes:
        answer = process.ask(prepare=name)
        if "error" in answer:
            measured.failed[process.side.name] = answer["error"]
    return not measured.failed


def _keep_counters(measured: Measured, side: str, counters: dict[str, Value]) -> None:
    known = measured.counters.setdefault(side, counters)
    if known != counters:
        differ = next(k for k in counters if counters[k] != known.get(k))
        measured.failed[side] = (
            f"counter {differ} differs from run to run: {known.get(differ)}, {counters[differ]}"
        )


class _Process:
    """A side's worker and the lines that go to and fro."""

    def __init__(self, side: Side, popen: subprocess.Popen[str]) -> None:
        self.side, self.popen = side, popen

    def ask(self, **command: str) -> dict[str, Any]:
        """Send a command and wait for its answer.

        Raises
        ------
        GateError
            If the process has ended, or a run (not a preparation) failed.
        """
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        try:
            self.popen.stdin.write(json.dumps(command) + "\n")
            self.popen.stdin.flush()
            line = self.popen.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            code = self.popen.wait()
            what = next(iter(command.values()))
            raise GateError(f"{self.side.name}'s process ended with {code} at {what}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer and "run" in command:
            raise GateError(f"{self.side.name}, {command['run']}: {answer['error']}")
        return answer


@contextmanager
def _process(side: Side, inputs: Path, core: int | None, slow: Sequence[str]) -> Iterator[_Process]:
    """Start a side's worker, and end it."""
    command = [str(side.python), "-m", "bench.gate.worker", "--inputs", str(inputs)]
    command += ["--tree", str(side.tree)]
    command += ["--core", str(core)] if core is not None else []
    for entry in slow:
        where, _, rest = entry.partition(":")
        command += ["--slow", rest] if where == side.name else []
    popen = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env=side.environment(),
    )  # fmt: skip
    try:
        yield _Process(side, popen)
        assert popen.stdin is not None
        popen.stdin.close()
        popen.wait(timeout=60)
    finally:
        if popen.poll() is None:
            popen.kill()
            popen.wait()


def cores() -> Sequence[int | None]:
    """Return the cores that rounds go round, or only None where a process can't choose."""
    if not hasattr(os, "sched_getaffinity"):
        return [None]
    return sorted(os.sched_getaffinity(0))
