"""A day's number of errands, mostly without the exponential.

Most uniforms are far from where one number ends and the next begins, and a few terms of the
exponential's series tell so: its sums lie in turn below and above it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.kernels.compiling import inner
from omnilab.world import errands as plain
from omnilab.world.fast import twin_of

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["number_of_errands"]

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
