"""Lay out the nodes of a graph with rules: a row of int32 each.

Parent as in `_links`; then in one number, from its lowest bit on, the type, a bit for each unique
type that the profile holds (true at roots), and the fan-out; where a type has a time-to-live, when
it was last seen. So what a link must know of a node lies together. `_forgotten` says what becomes
of the row of an identifier that was forgotten.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from omnilab.kernels.compiling import inner
from omnilab.kernels.unchecked import load, store

__all__ = ["fan_out", "root_of"]

Ints = NDArray[np.int32]

PARENT, INFO, SEEN = range(3)
#: Of a type in `rules`: fan-out limit, time-to-live, bit in INFO if unique, 1 if unique with a
#: time-to-live.
LIMIT, LIFE, BIT, AGAIN = range(4)
#: In the last row of `rules`: masks of the type and the unique bits in INFO, first bit of fan-out;
#: under AGAIN whether any type is unique with a time-to-live.
KINDS, BITS, SHIFT = range(3)
UNSIGNED = (1 << 31) - 1


@inner
def fan_out(info: int, shift: int) -> int:
    """Return the fan-out in a node's INFO, whose sign means something else."""
    return (info & UNSIGNED) >> shift


@inner
def root_of(nodes: Ints, node: int) -> int:
    """Return the root of a node's profile, halving the path on the way."""
    width = nodes.shape[1]
    up = load(nodes, node * width)
    while up > 0:
        above = load(nodes, (up - 1) * width)
        if above > 0:
            store(nodes, node * width, above)
        node = up - 1
        up = above
    return node
