"""What the rules promise, by simulation: ``python -m bench.gate.power``.

Rounds are drawn from three kinds of noise, and played to the end with the gate's own rules. The
spread of a real machine's pairs stands in docs/developers/benchmarks.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rich import box
from rich.console import Console
from rich.table import Table

from bench.gate.sequential import RULES, Rules, judge

__all__ = ["NOISES", "Outcome", "main", "simulate"]

Floats = npt.NDArray[np.float64]
#: Benchmarks among which the chance of a false alarm is shared.
BENCHMARKS: Final = 8


def _normal(rng: np.random.Generator, spread: float, n: int) -> Floats:
    return spread * rng.standard_normal(n)


def _heavy(rng: np.random.Generator, spread: float, n: int) -> Floats:
    """Student's t with three degrees of freedom, with this standard deviation."""
    return spread * rng.standard_t(3, n) / math.sqrt(3)


def _bursts(rng: np.random.Generator, spread: float, n: int) -> Floats:
    """Normal, but in one round of twenty one side is a third slower from beginning to end."""
    return _normal(rng, spread, n) + (rng.random(n) < 0.05) * rng.choice([-0.3, 0.3], n)


NOISES: Final[dict[str, Callable[[np.random.Generator, float, int], Floats]]] = {
    "normal": _normal,
    "heavy": _heavy,
    "bursts": _bursts,
}


class Outcome(NamedTuple):
    """Share of benchmarks called slower, and the mean number of pairs that it took."""

    slower: float
    pairs: float


def simulate(
    noise: str,
    spread: float,
    slowdown: float,
    *,
    repeats: int = 1000,
    seed: int = 1,
    rules: Rules = RULES,
    benchmarks: int = BENCHMARKS,
) -> Outcome:
    """Play many benchmarks to their end.

    Parameters
    ----------
    noise
        One of `NOISES`.
    spread
        Standard deviation of a pair, as a share of the time.
    slowdown
        True slowdown of head; 0.15 is 15%.
    """
    rng = np.random.default_rng(seed)
    slower = taken = 0
    for _ in range(repeats):
        pairs = math.log1p(slowdown) + NOISES[noise](rng, spread, rules.looks[-1].pairs)
        for look in rules.looks:
            state = judge(pairs[: look.pairs], benchmarks, rules)
            if state != "undecided":
                break
        slower += state == "slower"
        taken += look.pairs
    return Outcome(slower / repeats, taken / repeats)


def main() -> None:
    """Print the share called slower and the mean number of pairs, by noise and slowdown."""
    slowdowns = (0.0, 0.03, 0.05, 0.08, 0.10, 0.12, 0.15, 0.20)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("noise")
    for slowdown in slowdowns:
        table.add_column(f"{slowdown:.0%}", justify="right")
    for noise in NOISES:
        for spread in (0.03, 0.05, 0.08):
            found = [simulate(noise, spread, s) for s in slowdowns]
            cells = [f"{o.slower:.1%} ({o.pairs:.0f})" for o in found]
            table.add_row(f"{noise}, {spread:.0%}", *cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
