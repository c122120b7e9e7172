"""The draws of all that a person is born with.

Which place a draw has among the others is nobody's business but this module's and
`omnilab.world.population`'s: a draw is what it is by its address. `omnilab.world.fast.traits` makes
them side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.draws.philox import draw4
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
STREAM, OCCASION, BY_PERSON, BY_HOUSEHOLD, MORE = range(5)  # rows of `trait_addresses`


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
        int64, shape ``(5, n)``, ``n`` a multiple of eight: each draw's stream, its occasion, and
        its entity as a sum of the person's times the third, the household's times the fourth, and
        the fifth.
    """
    draws = [(PERSON, 0, 1, 0, 0), (PERSON, 1, 1, 0, 0), (PERSON_START, 0, 1, 0, 0)]
    draws += [(HOUSEHOLD, 0, 0, 1, 0), (COOKIE_RESET, 0, 2, 0, 0), (COOKIE_RESET, 0, 2, 0, 1)]
    draws += [(PERSON_RATES, c, 1, 0, 0) for c in range(categories)]
    for c, lead in enumerate(silo_leads):
        draws += [(PERSON_REACH, lead, 1, 0, 0), (PERSON_OPT_IN, c, 1, 0, 0)]
    places = -(-len(draws) // _ABREAST) * _ABREAST
    table = np.zeros((5, places), np.int64)
    table[:, : len(draws)] = np.array(draws, dtype=np.int64).T
    return table


def trait_places(categories: int, channels: int) -> int:
    """Return how many places the draws of a person take."""
    return int(trait_addresses(categories, range(channels)).shape[1])


@inner
def draw_traits(cell: WorldCell, model: Model, entity: int, household: int) -> None:
    """Make a person's draws: four uniforms in (0, 1) each, in the columns of ``cell.trait``."""
    address, u = model.trait, cell.trait
    for i in range(address.shape[1]):
        whose = entity * address[BY_PERSON, i] + household * address[BY_HOUSEHOLD, i]
        u[0, i], u[1, i], u[2, i], u[3, i] = draw4(
            model.key.k0,
            model.key.k1,
            address[STREAM, i],
            whose + address[MORE, i],
            address[OCCASION, i],
        )


@inner
def drawn(cell: WorldCell, place: int) -> tuple[float, float, float, float]:
    """Return the four uniforms of one of the person's draws."""
    u = cell.trait
    return u[0, place], u[1, place], u[2, place], u[3, place]
