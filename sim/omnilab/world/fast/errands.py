"""How many errands there are on a day: 32 days drawn side by side, mostly without exponentials.

The draws of eight times four days differ only in the occasion, so a processor makes them about as
fast as one. Most uniforms are far from where one number of errands ends and the next begins, and a
few terms of the exponential's series tell so: its sums lie in turn below and above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import MASK, philox4x32, unit
from omnilab.kernels.compiling import inner
from omnilab.world import errands as plain
from omnilab.world.errands import ERRAND, QUARTERS
from omnilab.world.fast import twin_of

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["draw_counts", "number_of_errands"]

CLOSE: Final = 1e-12  # more than rounding moves any of these sums


@twin_of(plain.number_of_errands)
@inner
def number_of_errands(model: Model, day: int, rate: float, u: float) -> int:
    """Return a day's number of errands; see `omnilab.world.errands.number_of_errands`."""
    mean = rate * model.outing[day].errands_hours
    below = 1.0 - mean
    if u < below:
        return 0
    above = below + 0.5 * mean * mean
    below = above - mean * mean * mean * (1.0 / 6.0)
    if u < below - CLOSE:
        return 0
    if above + CLOSE <= u < below * (1.0 + mean) - CLOSE:
        return 1
    return plain.number_of_errands(model, day, rate, u)


@twin_of(plain.draw_counts)
@inner
def draw_counts(cell: WorldCell, model: Model, entity: int, day: int, seen: int) -> None:
    """Draw the numbers of errands ahead; see `omnilab.world.errands.draw_counts`."""
    k0, k1 = model.key.k0, model.key.k1
    low = entity & MASK
    high = ((entity >> 32) & 0xFFFFFF) | (ERRAND << 24)
    first = (day >> 2) << 2 | seen << 1
    for q in range(QUARTERS):
        a, b, c, d = philox4x32((first + 4 * q) & MASK, 0, low, high, k0, k1)
        cell.errands[0, q] = unit(a)
        cell.errands[1, q] = unit(b)
        cell.errands[2, q] = unit(c)
        cell.errands[3, q] = unit(d)
