"""The draws of all that a person is born with, made side by side.

Their addresses differ only in stream, entity and occasion, so a processor makes eight of them
about as fast as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.draws.philox import MASK, philox4x32, unit
from omnilab.kernels.compiling import inner
from omnilab.world import traits as plain
from omnilab.world.fast import twin_of
from omnilab.world.traits import BY_HOUSEHOLD, BY_PERSON, MORE, OCCASION, STREAM

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["draw_traits"]


@twin_of(plain.draw_traits)
@inner
def draw_traits(cell: WorldCell, model: Model, entity: int, household: int) -> None:
    """Make a person's draws; see `omnilab.world.traits.draw_traits`."""
    address, u = model.trait, cell.trait
    k0, k1 = model.key.k0, model.key.k1
    for i in range(address.shape[1]):
        whose = entity * address[BY_PERSON, i] + household * address[BY_HOUSEHOLD, i]
        whose += address[MORE, i]
        high = ((whose >> 32) & 0xFFFFFF) | (address[STREAM, i] << 24)
        a, b, c, d = philox4x32(address[OCCASION, i], 0, whose & MASK, high, k0, k1)
        u[0, i] = unit(a)
        u[1, i] = unit(b)
        u[2, i] = unit(c)
        u[3, i] = unit(d)
