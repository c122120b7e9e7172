"""The journey of a need: a decaying stimulus stock against a personal threshold.

Visits, messages seen and friends' tips add to the stock; a logit of stock less threshold decides
whether the person is ready at a visit. Persons skip stages, fall back, give up and come again.

References
----------
Moe and Fader (2004), "Dynamic conversion behavior at e-commerce sites"; decay after Sahni,
Narayanan and Kalyanam (2019); delays between visits after Chapelle (2014).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.world.needs import LATENT, Need

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = ["LoweredIntent", "delay_to_next", "is_ready", "logistic", "match", "stimulate"]


class LoweredIntent(Record):
    """The parameters: those of `scenario.behaviour.Intent`."""

    decay: f8  # a second
    visit_gain: f8
    message_gain: f8
    tip_gain: f8
    threshold: f8
    threshold_sd: f8
    slope: f8
    quick_share: f8
    quick: f8  # seconds of activity
    slow: f8  # seconds of activity
    returns: f8


@inner
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)), without overflow."""
    if x < -700.0:
        return 0.0
    return 1.0 / (1.0 + math.exp(-x))


@inner
def stimulate(model: Model, need: Need, t: int, gain: float) -> float:
    """Decay the need's stock to ``t``, add a stimulus, and return the stock."""
    age = t - need.stock_t
    if age > 0:
        need.stock = need.stock * math.exp(-model.intent.decay * age)
    need.stock_t = t
    need.stock = need.stock + gain
    return need.stock


@inner
def is_ready(model: Model, person: Person, stock: float, u: float) -> bool:
    """Tell whether the person goes from looking to choosing at this visit."""
    return u < logistic(model.intent.slope * (stock - person.threshold))


@inner
def delay_to_next(model: Model, u: float, v: float) -> float:
    """Return the seconds of activity to the next visit: .40 Exp(0.5 h) + .60 Exp(5.5 d)."""
    mean = model.intent.quick if u < model.intent.quick_share else model.intent.slow
    return -math.log(v) * mean


@inner
def match(cell: WorldCell, model: Model, person: Person, category: int) -> float:
    """Return how well a message that shows ``category`` (-1 everything) meets a present need.

    1 for a need the person knows of, .5 for one not noticed yet, times the generic share where
    the message shows everything; 0 without an open need.
    """
    best = 0.0
    i = person.first_need
    while i >= 0:
        need = cell.need[i]
        if category < 0 or need.category == category:
            x = 0.5 if need.stage == LATENT else 1.0
            if x > best:
                best = x
        i = need.next
    return best if category >= 0 else best * model.response.generic
