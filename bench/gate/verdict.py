"""The gate itself: rounds until every benchmark is decided, then the verdicts."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

import numpy as np

from bench.gate.counters import Allowed, Change, changes
from bench.gate.rounds import Measured, cores, play_round
from bench.gate.sequential import RULES, Estimate, Rules, State, estimate, judge, p_above
from bench.gate.sides import Side

__all__ = ["Report", "Row", "row_of", "run_gate"]

#: Chance of error up to which a benchmark is called faster, which decides nothing: what the fewest
#: pairs can show.
FORMAT: Final = "omnilab-gate-v1"  # of the JSON
_FASTER_P: Final = 1 / 32


@dataclass(frozen=True)
class Row:
    """One benchmark's verdict.

    Attributes
    ----------
    name, verdict
        The verdict is ``slower``, ``work changed``, ``broken`` (these fail), ``faster``,
        ``not slower``, or ``new`` (base can't run it).
    pairs, base_s, head_s, estimate
        How many pairs, the median processor time of a run (s), and what the pairs say.
    changes
        Counters that differ.
    note
        What else is to be said.
    """

    name: str
    verdict: str
    pairs: int = 0
    base_s: float = 0.0
    head_s: float = 0.0
    estimate: Estimate | None = None
    changes: tuple[Change, ...] = ()
    note: str = ""

    @property
    def fails(self) -> bool:
        """Whether this fails the gate."""
        return self.verdict in ("slower", "broken", "work changed")


@dataclass(frozen=True)
class Report:
    """All verdicts of a gate run."""

    base: str
    head: str
    rows: tuple[Row, ...]
    rules: Rules
    rounds: int
    elapsed_s: float

    @property
    def passed(self) -> bool:
        """Whether no benchmark fails."""
        return not any(row.fails for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """Return the report as what JSON can hold."""
        from dataclasses import asdict

        return {"format": FORMAT} | asdict(self) | {"passed": self.passed}


@dataclass
class _Going:
    """Who is not decided yet."""

    measured: dict[str, Measured]
    states: dict[str, State] = field(default_factory=dict)

    def undecided(self) -> dict[str, Measured]:
        return {
            name: got
            for name, got in self.measured.items()
            if not got.failed and self.states.get(name, "undecided") == "undecided"
        }


def run_gate(
    sides: tuple[Side, Side],
    workloads: Sequence[str],
    *,
    inputs: Path,
    allowed: Sequence[Allowed] = (),
    rules: Rules = RULES,
    benchmarks: int | None = None,
    slow: Sequence[str] = (),
    seed: int | None = None,
    say: Callable[[str], None] = lambda _what: None,
) -> Report:
    """Compare two sides.

    Parameters
    ----------
    sides
        Base and head.
    workloads
        Names of what to run.
    inputs
        Folder with their input.
    allowed
        Changes of counters that are meant.
    rules
        When to look and what to find.
    benchmarks
        How many share the chance of a false alarm; as many as there are workloads if not given.
    slow
        ``side:workload:factor``, for trying the gate.
    seed
        Of who begins in each round; another one each time if not given.
    say
        Told what is being done.

    Raises
    ------
    GateError
        If a side's process ends, or a run fails that could be prepared.
    """
    started = time.perf_counter()
    going = _Going({name: Measured() for name in workloads})
    order, places = Random(seed), cores()
    rounds = 0
    share = benchmarks or len(workloads)
    while left := going.undecided():
        play_round(
            sides, left, inputs=inputs, core=places[rounds % len(places)], order=order, slow=slow,
            say=lambda what: say(f"round {rounds + 1}: {what}"),  # noqa: B023 - called at once
        )  # fmt: skip
        rounds += 1
        for name, got in left.items():
            if not got.failed:
                going.states[name] = judge(got.pairs, share, rules)
    rows = [
        row_of(name, got, going.states.get(name, "undecided"), allowed, rules)
        for name, got in going.measured.items()
    ]
    elapsed = time.perf_counter() - started
    return Report(sides[0].what, sides[1].what, tuple(rows), rules, rounds, elapsed)


def row_of(
    name: str, got: Measured, state: State, allowed: Sequence[Allowed], rules: Rules = RULES
) -> Row:
    """Return one benchmark's verdict."""
    if "head" in got.failed:
        return Row(name, "broken", note=f"head: {got.failed['head']}")
    if "base" in got.failed:
        return Row(name, "new", note=f"base can't run it: {got.failed['base']}")
    found = estimate(got.pairs, rules)
    differing = tuple(changes(name, got.counters["base"], got.counters["head"], allowed))
    note = ""
    if state == "slower":
        verdict = "slower"
    elif any(change.fails for change in differing):
        verdict = "work changed"
    elif p_above(-np.asarray(got.pairs), math.log1p(rules.tolerated)) <= _FASTER_P:
        verdict = "faster"
    else:
        verdict = "not slower"
        if len(got.pairs) == rules.looks[-1].pairs:
            note = f"{rules.noticed:.0%} could not be ruled out in {len(got.pairs)} pairs"
    return Row(
        name, verdict, len(got.pairs), median(got.base_s), median(got.head_s), found, differing,
        note,
    )  # fmt: skip
