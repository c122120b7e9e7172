"""Sweeps as a report sees them, made without a simulation: a grid, and points that are spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from omnilab.report.source import Source
from tests.report.sources import NAMES, source_by_hand

GIVE_UP = ("0%", "10%", "20%")
CAPS = (1, 3, 7)
MEASURES = (("ltv", "EUR"), ("purchase_rate", "share"))


def truth(measure: str, strategy: int, u: Sequence[float]) -> float:
    """Return a curved surface over the unit square, another one for each strategy."""
    x, y = u[0], u[1]
    height = (
        48.1234567 + 3.1415927 * strategy - 9.0 * x + 4.0 * y * (1.0 - y) - 2.5 * strategy * x * y
    )
    return height if measure == "ltv" else height / 100.0


def swept(points: Sequence[tuple[dict[str, Any], Sequence[float]]]) -> Source:
    """Return a source with a sweep of some points, each with its values and its place."""
    rows, found = [], []
    for n, (values, u) in enumerate(points):
        found += [{"point": n, "path": p, "text": t, "number": x, "run": 0}
                  for p, (t, x) in values.items()]  # fmt: skip
        for (measure, unit), (k, name) in product(MEASURES, enumerate(NAMES)):
            value, base = truth(measure, k, u), truth(measure, 1, u)
            half = 0.0213 * value  # nothing ends in a 5
            other = name != "multichannel"
            rows.append({
                "point": n, "seed": 1, "strategy": name, "measure": measure, "unit": unit,
                "value": value, "low": value - half, "high": value + half, "clusters": 99,
                "reference": "multichannel" if other else None,
                "difference": value - base if other else None,
                "difference_low": value - base - half / 2 if other else None,
                "difference_high": value - base + half / 2 if other else None,
            })  # fmt: skip
    source = source_by_hand(full=False)
    return replace(source, tables={**source.tables, "points": found, "sweep": rows})


def grid() -> Source:
    """Return three shares by three caps."""
    return swept([
        ({"world.continuity.give_up": (g, 0.1 * i),
          "strategies.*.cap.messages": (str(c), float(c))},
         (i / 2, (c - 1) / 6))
        for i, g in enumerate(GIVE_UP) for c in CAPS
    ])  # fmt: skip


def spread(n: int, worth: Callable[[float], float] = lambda x: x) -> Source:
    """Return so many points of a Latin hypercube over two ranges."""
    draws = np.random.default_rng(5)
    u = np.column_stack([(draws.permutation(n) + 0.5) / n for _ in range(2)])
    return swept([
        ({"world.continuity.give_up": (f"{20 * x:.6g}%", float(f"{20 * x:.6g}") / 100),
          "world.response.view_through": (f"{worth(y):.6g}", float(f"{worth(y):.6g}"))}, (x, y))
        for x, y in u.tolist()
    ])  # fmt: skip
