"""What a newcomer keeps of its entry (`omnilab.world.inflow`), and who is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, i1, i2

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["Newcomer", "is_awaited", "is_newcomer"]


class Newcomer(Record):
    """By which way a person enters, and what for."""

    way_in: i1 = 0  # number of the way, from 1; of who is there from the start 0
    comes_for: i2 = 0  # category


@inner
def is_newcomer(person: Person) -> bool:
    """Tell whether a person is not there from the start, and does not enter by an order."""
    return bool(person.way_in > 0)


@inner
def is_awaited(model: Model, person: Person, t: int) -> bool:
    """Tell whether a newcomer has not come yet at ``t``: nothing reaches it until then."""
    return bool(model.inflow.on == 1 and t < person.entry and person.way_in > 0)
