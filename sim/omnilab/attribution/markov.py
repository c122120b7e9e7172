"""Credit by removal: what a chain of touches would lose without one of its sources.

All paths together are a Markov chain of first order. It begins at *start*, goes from a touch's
source to the next touch's source, and ends in an order or in nothing. The chances of the moves are
their shares in the paths. The removal effect of a source is the part of all orders that is lost
where every move to it ends in nothing instead:

    effect = 1 - P(order, without the source) / P(order).

Credit is in proportion to it. P(order) is exact: with ``Q`` the chances of moves between sources
and ``r`` those of an order after each, ``(I - Q) x = r``.

References
----------
Anderl, E., Becker, I., von Wangenheim, F. and Schumann, J. H. (2016). Mapping the customer journey:
lessons learned from graph-based online attribution modeling. International Journal of Research in
Marketing 33, 457-474.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from omnilab.attribution.paths import Path

__all__ = ["removal_effects"]


def removal_effects(paths: Iterable[Path]) -> dict[str, float]:
    """Return the removal effect of each source, 0 to 1; of paths without an order all are 0.

    Parameters
    ----------
    paths
        Those that led nowhere too. Paths without touches say nothing of sources and are left out.
    """
    known = [path for path in paths if path.touches]
    names = sorted({source for path in known for source in path.sources})
    moves, ordered = _moves(known, names)
    whole = _chance(moves, ordered)
    if whole == 0.0:
        return dict.fromkeys(names, 0.0)
    return {name: 1.0 - _chance(moves, ordered, i) / whole for i, name in enumerate(names)}


def _moves(paths: list[Path], names: list[str]) -> tuple[Any, Any]:
    """Return the chances of moves between sources, and of an order; start is the last row."""
    n = len(names)
    place = {name: i for i, name in enumerate(names)}
    moves, ends = np.zeros((n + 1, n)), np.zeros((n + 1, 2))
    for path in paths:
        at = n
        for source in path.sources:
            moves[at, place[source]] += 1
            at = place[source]
        ends[at, 0 if path.orders else 1] += 1
    whole = np.maximum(moves.sum(axis=1) + ends.sum(axis=1), 1.0)
    return moves / whole[:, None], ends[:, 0] / whole


def _chance(moves: Any, ordered: Any, without: int = -1) -> float:
    """Return the chance that a path ends in an order, moves to one source ending in nothing."""
    n = len(ordered) - 1
    kept = [i for i in range(n) if i != without]
    inner = moves[np.ix_(kept, kept)]
    solved = np.linalg.solve(np.eye(len(kept)) - inner, ordered[kept])
    return float(ordered[n] + moves[n, kept] @ solved)
