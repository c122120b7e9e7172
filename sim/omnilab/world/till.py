"""Tills: how long a customer takes there, waits at most, and how a long wait is taken.

The time at the till is lognormal, patience is exponential:

    service = median * exp(spread * z),  patience = -mean * ln(1 - u)

with draws at the visit's own address, so that who else is there changes no draw.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.quantity import DAY
from omnilab.world.lines import exponential

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["Till", "at_till", "minds_wait"]

AT_TILL: Final = stream("AT_TILL", 122)  # person and family, occasion: service, patience
MINDS_WAIT: Final = stream("MINDS_WAIT", 123)  # the same: minded, leaves


class Till(Record):
    """What the rules read of a channel's till (`omnilab.scenario.fulfilment.TillSide`)."""

    line: i8  # in ``Model.line``, -1: the place has no till
    service: f8  # seconds, median
    spread: f8
    patience: f8  # seconds, mean
    too_long: i8  # seconds
    annoys: f8


@inner
def at_till(model: Model, c: int, entity: int, family: int, occasion: int) -> tuple[int, int]:
    """Return a visit's (service, patience) at the till of channel ``c``, in seconds."""
    till = model.till[c]
    z, u, _, _ = draw4(model.key.k0, model.key.k1, AT_TILL, (family << 40) | entity, occasion)
    service = till.service * math.exp(till.spread * normal(z))
    return int(min(max(service + 0.5, 1.0), float(DAY))), exponential(till.patience, u)


@inner
def minds_wait(model: Model, c: int, entity: int, family: int, occasion: int) -> tuple[bool, float]:
    """Tell whether a long wait at channel ``c`` is taken badly, and give a uniform for leaving."""
    u, leaves, _, _ = draw4(
        model.key.k0, model.key.k1, MINDS_WAIT, (family << 40) | entity, occasion
    )
    return u < model.till[c].annoys, leaves
