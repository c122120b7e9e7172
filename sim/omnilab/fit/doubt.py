"""How far fitted needs may be off, as draws and ranges of the scenario's keys.

The doubt is that of the laws of purchase; each draw moves the adjusted needs by as much as it moves
the laws that they were started from. That of the world around them, of what a need takes to become
an order, is no part of it: no log of orders tells it.
"""

from __future__ import annotations

import numpy as np

from omnilab.fit.likely import LikelyLaws
from omnilab.fit.needs import Needs

__all__ = ["drawn_needs", "fitted_ranges"]

_DRAWS, _TAIL = 800, 0.025


def drawn_needs(
    likely: LikelyLaws, needs: Needs, category: str, number: int
) -> list[dict[str, float]]:
    """Return joint draws of the needs, as values of the scenario's keys; `every` is in days."""
    mode, mean = likely.laws, needs.a / (needs.a + needs.b)
    usual = mode.a / mode.b
    found = []
    for laws in likely.draws(number):
        odds = mean / (1 - mean) * (laws.a / laws.b) / usual
        alike = (needs.a + needs.b) * (laws.a + laws.b) / (mode.a + mode.b)
        values = {
            f"categories.{category}.every": needs.every * laws.alpha / laws.r * mode.r / mode.alpha,
            f"categories.{category}.shape": needs.shape * laws.r / mode.r,
            "population.dropout.a": max(odds / (1 + odds) * alike, 1e-6),
            "population.dropout.b": max(alike / (1 + odds), 1e-6),
        }
        if mode.burst:
            values["population.entry.early.times"] = needs.burst * laws.burst / mode.burst
        found.append({key: float(f"{value:.6g}") for key, value in values.items()})
    return found


def fitted_ranges(likely: LikelyLaws, needs: Needs, category: str) -> dict[str, list[str]]:
    """Return both ends of the 95% intervals of keys that may move one at a time.

    Of dropout it is ``a``, whose ends make those of the mean chance to leave with ``b`` as it is.
    """
    draws = drawn_needs(likely, needs, category, _DRAWS)
    every, shape = (f"categories.{category}.{name}" for name in ("every", "shape"))
    odds = [one["population.dropout.a"] / one["population.dropout.b"] for one in draws]
    ends = {
        every: [f"{value:.2f}d" for value in _ends([one[every] for one in draws])],
        shape: [f"{value:.4g}" for value in _ends([one[shape] for one in draws])],
        "population.dropout.a": [f"{needs.b * value:.4g}" for value in _ends(odds)],
    }
    return {key: value for key, value in ends.items() if value[0] != value[1]}


def _ends(values: list[float]) -> list[float]:
    return [float(v) for v in np.quantile(values, [_TAIL, 1 - _TAIL])]
