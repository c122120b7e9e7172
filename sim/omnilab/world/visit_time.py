"""Visits that take time: looking, choosing and buying each take a lognormal time.

A visit has three steps. Who has looked for a while decides to choose or leaves; who has chosen has
a cart; who has paid has ordered. So a visit that ends in an order is the longest. Without these
times all steps of a visit are in the second in which it begins.

A person is at one place at a time (`omnilab.interaction.stay`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Few, Parameters, Times, key
from omnilab.parameters.quantity import DAY, Duration
from omnilab.world.device import PHONE, TABLET
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.channel import Channel
    from omnilab.world.model import Model

__all__ = [
    "BUYS",
    "CHOOSES",
    "LOOKS",
    "LoweredVisitTime",
    "VisitTime",
    "pace_at",
    "step_time",
]

STEP_TIME: Final = stream("STEP_TIME", 179)  # of a visit's steps: person and family, occasion

# The steps of a visit
LOOKS: Final = 0
CHOOSES: Final = 1
BUYS: Final = 2


class VisitTime(Parameters):
    """How long the steps of a visit take."""

    looking: Duration = key(
        0,
        "Median time from the arrival until a person has looked, on a computer. Half of all visits "
        "to shops last less than 127 s.",
        kind="A",
        source="off by default; 127 s is of all visits, CONTENTSQUARE24 (V)",
        came_later=True,
        swept=("0s", "5min"),
    )
    choosing: Duration = key(
        0,
        "Median time from then until what is needed is in the cart.",
        kind="A",
        source="off by default; visits last 9.4 min on average, DEMANDWARE16 (V)",
        came_later=True,
        swept=("0s", "15min"),
    )
    buying: Duration = key(
        0,
        "Median time from the cart until it is bought or left.",
        kind="A",
        source="off by default; as above",
        came_later=True,
        swept=("0s", "30min"),
    )
    spread: Few = key(
        0.76,
        "Lognormal sigma of each of these times: a quarter of visits last less than 75 s and a "
        "quarter more than 210.",
        unit="of the natural logarithm",
        kind="V/D",
        source="CONTENTSQUARE24: ln(210 / 75) / 1.349",
        came_later=True,
    )
    phone: Times = key(
        0.8,
        "Factor on these times on the phone: 7.5 minutes against 9.4.",
        unit="factor, no unit",
        kind="V/D",
        source="DEMANDWARE16",
        came_later=True,
    )
    tablet: Times = key(
        1.05,
        "Factor on these times on a tablet: 9.9 minutes against 9.4.",
        unit="factor, no unit",
        kind="V/D",
        source="DEMANDWARE16",
        came_later=True,
    )
    elsewhere: Times = key(
        2.8,
        "Factor on these times where no device is used, as in a store: 26 minutes against 9.4.",
        unit="factor, no unit",
        kind="V/D",
        source="EUCLID15, DEMANDWARE16",
        came_later=True,
    )


class LoweredVisitTime(Record):
    """What the rules read of `VisitTime`."""

    on: i8  # 1 where some step takes time
    asides: i8  # 1 where visits are put aside: for their steps, or in a line
    looking: f8  # seconds
    choosing: f8
    buying: f8
    spread: f8
    phone: f8
    tablet: f8
    elsewhere: f8


@fills(LoweredVisitTime)
def _lower(scenario: ScenarioParts) -> Values:
    times = scenario.world.visit_time
    on = int(times.looking + times.choosing + times.buying > 0)
    lines = any(c.till or any(w.desk for w in c.delivery) for c in scenario.channels)
    return {"on": on, "asides": int(on == 1 or lines)}


@inner
def pace_at(model: Model, channel: Channel, device: int) -> float:
    """Return the factor on the times of a visit's steps at a place, on a device."""
    if channel.devices == 0:
        return float(model.visit_time.elsewhere)
    if device == PHONE:
        return float(model.visit_time.phone)
    return float(model.visit_time.tablet) if device == TABLET else 1.0


@inner
def step_time(model: Model, entity: int, family: int, occasion: int, step: int, pace: float) -> int:
    """Return how many seconds a step of a visit takes, at most a day.

    pace * median * exp(spread * z), z normal, each step with a draw of its own.

    Parameters
    ----------
    entity
        Of the person.
    family, occasion
        The address of the visit's draws.
    step
        `LOOKS`, `CHOOSES` or `BUYS`.
    pace
        Of `pace_at`.
    """
    median = model.visit_time.looking
    if step == CHOOSES:
        median = model.visit_time.choosing
    elif step == BUYS:
        median = model.visit_time.buying
    if median <= 0.0:
        return 0
    u, v, w, _ = draw4(model.key.k0, model.key.k1, STEP_TIME, (family << 40) | entity, occasion)
    if step == CHOOSES:
        u = v
    elif step == BUYS:
        u = w
    x = math.exp(model.visit_time.spread * normal(u))
    return int(min(pace * median * x + 0.5, float(DAY)))
