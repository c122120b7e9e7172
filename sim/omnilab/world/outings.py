"""When people go out on a day: the hours of commuting and of errands on the activity clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.world.clock import from_activity

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = [
    "BACK",
    "BACK_FROM",
    "BACK_TO",
    "DAY",
    "OUT",
    "OUT_FROM",
    "OUT_TO",
    "SLACK",
    "Outing",
    "moment",
]

DAY: Final = 86400
# When people go to work and come back (A): the usual hours of commuting.
OUT_FROM: Final = 6 * 3600
OUT_TO: Final = 10 * 3600
BACK_FROM: Final = 15 * 3600 + 1800
BACK_TO: Final = 19 * 3600 + 1800
SLACK: Final = 3600  # by which a clock that is changed moves the hours of a day
OUT: Final = 0
BACK: Final = 1


class Outing(Record):
    """A local day's hours on the activity clock: each part's first, and how many it has."""

    there_a: f8  # to work
    there_hours: f8
    back_a: f8  # and back
    back_hours: f8
    errands_a: f8
    errands_hours: f8


@inner
def moment(model: Model, day: int, which: int, u: float) -> int:
    """Return when on a day a way to work or back is made, by a uniform: evenly on the clock."""
    today = model.outing[day]
    if which == OUT:
        return from_activity(model, today.there_a + u * today.there_hours)
    return from_activity(model, today.back_a + u * today.back_hours)
