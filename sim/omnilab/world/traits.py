"""The draws of all that a person is born with, made side by side.

Their addresses differ only in stream, entity and occasion, so a processor makes eight of them
about as fast as one. Which place a draw has among the others is nobody's business but this
module's and `omnilab.world.population`'s: a draw is what it is by its address.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.draws.philox import MASK, philox4x32, unit
from omnilab.draws.streams import (
    COOKIE_RESET,
    HOUSEHOLD,
    PERSON,
    PERSON_OPT_IN,
    PERSON_RATES,
    PERSON_REACH,
    PERSON_START,
)
from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "COOKIES",
    "HOME",
    "NATURE",
    "RATES",
    "START",
    "draw_traits",
    "drawn",
    "trait_addresses",
    "trait_places",
]

# Places of the draws. From RATES on there is one a category, then two a channel.
NATURE: Final = 0  # and the one behind it
START: Final = 2
HOME: Final = 3
COOKIES: Final = 4  # of the phone, and of the computer behind it
RATES: Final = 6

_ABREAST: Final = 8  # padded to a multiple of 8; padding is unused
_STREAM, _OCCASION, _BY_PERSON, _BY_HOUSEHOLD, _MORE = range(5)


def trait_addresses(categories: int, silo_leads: Sequence[int]) -> Any:
    """Return the draws' addresses.

    Parameters
    ----------
    categories
        How many there are.
    silo_leads
        By channel, the first channel of its silo: they share the draw of whom they reach.

    Returns
    -------
    numpy.ndarray
        int64, shape ``(5, n)``, ``n`` a multiple of eight: each draw's stream (in the uppermost 8
        of 32 bits), its occasion, and its entity as a sum of the person's times the third, the
        household's times the fourth, and the fifth.
    """
    draws = [(PERSON, 0, 1, 0, 0), (PERSON, 1, 1, 0, 0), (PERSON_START, 0, 1, 0, 0)]
    draws += [(HOUSEHOLD, 0, 0, 1, 0), (COOKIE_RESET, 0, 2, 0, 0), (COOKIE_RESET, 0, 2, 0, 1)]
    draws += [(PERSON_RATES, c, 1, 0, 0) for c in range(categories)]
    for c, lead in enumerate(silo_leads):
        draws += [(PERSON_REACH, lead, 1, 0, 0), (PERSON_OPT_IN, c, 1, 0, 0)]
    places = -(-len(draws) // _ABREAST) * _ABREAST
    table = np.zeros((5, places), np.int64)
    table[:, : len(draws)] = np.array(draws, dtype=np.int64).T
    table[_STREAM] <<= 24
    return table


def trait_places(categories: int, channels: int) -> int:
    """Return how many places the draws of a person take."""
    return int(trait_addresses(categories, range(channels)).shape[1])


@inner
def draw_traits(cell: WorldCell, model: Model, entity: int, household: int) -> None:
    """Make a person's draws: four uniforms in (0, 1) each, in the columns of ``cell.trait``."""
    address, u = model.trait, cell.trait
    k0, k1 = model.key.k0, model.key.k1
    for i in range(address.shape[1]):
        whose = entity * address[_BY_PERSON, i] + household * address[_BY_HOUSEHOLD, i]
        whose += address[_MORE, i]
        high = ((whose >> 32) & 0xFFFFFF) | address[_STREAM, i]
        a, b, c, d = philox4x32(address[_OCCASION, i], 0, whose & MASK, high, k0, k1)
        u[0, i] = unit(a)
        u[1, i] = unit(b)
        u[2, i] = unit(c)
        u[3, i] = unit(d)


@inner
def drawn(cell: WorldCell, place: int) -> tuple[float, float, float, float]:
    """Return the four uniforms of one of the person's draws."""
    u = cell.trait
    return u[0, place], u[1, place], u[2, place], u[3, place]
