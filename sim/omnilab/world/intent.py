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

from omnilab.draws.inverse import normal
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8
from omnilab.parameters.declared import Parameters, Times, key
from omnilab.parameters.quantity import Duration, Logit, Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.needs import LATENT, Need
from omnilab.world.stage import meets_at_stage

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = [
    "Intent",
    "LoweredIntent",
    "delay_to_next",
    "is_ready",
    "logistic",
    "logit",
    "match",
    "stimulate",
    "threshold_of",
]


class Intent(Parameters):
    """How a need ripens: a stimulus stock against a personal threshold (Moe & Fader 2004)."""

    decay_per_day: Times = key(
        0.36,
        "How fast a need's stock of stimuli fades; its half-life is 1.9 days.",
        unit="per day",
        kind="P/D",
        source="SAHNI",
    )
    visit_gain: Stimulus = key(0.6, "What a visit adds to the stock.", unit="stimuli", kind="A")
    message_gain: Stimulus = key(
        0.4, "What a message adds that is seen and shows the need.", unit="stimuli", kind="A"
    )
    tip_gain: Stimulus = key(0.8, "What a friend's tip adds.", unit="stimuli", kind="A")
    threshold: Logit = key(
        1.2,
        "The stock at which a person is as likely to choose as to keep looking, mean over "
        "persons; form of MOEFADER.",
        unit="stimuli",
        kind="A",
        swept=("0.6", "1.8"),
    )
    threshold_sd: Stimulus = key(
        0.6, "Standard deviation of that threshold over persons.", unit="stimuli", kind="A"
    )
    slope: Stimulus = key(
        2.0,
        "How sharply readiness rises with the stock above the threshold.",
        unit="logit per stimulus",
        kind="A",
    )
    quick_share: Share = key(
        0.40, "Share of next visits that come quickly.", kind="P", source="CHAPELLE"
    )
    quick: Duration = key(
        1800,
        "Mean delay of the quick ones, on the activity clock.",
        kind="P/D",
        source="CHAPELLE: 35% within 1 h, 50% within 24 h",
    )
    slow: Duration = key(
        475200,
        "Mean delay of the others, 5.5 days, on the activity clock.",
        kind="P/D",
        source="CHAPELLE",
    )
    returns_by_itself: Share = key(
        0.31,
        "Chance that a person comes again without being asked: 69% of visits stay single, 17% "
        "return the same day, 14% later.",
        kind="V",
        source="HARVEST",
    )


class LoweredIntent(Record):
    """What the rules read of `Intent`."""

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


@fills(LoweredIntent)
def _lower(scenario: ScenarioParts) -> Values:
    intent = scenario.world.intent
    return {"decay": intent.decay_per_day / 86400.0, "returns": intent.returns_by_itself}


@inner
def logistic(x: float) -> float:
    """Return 1 / (1 + exp(-x)), without overflow."""
    if x < -700.0:
        return 0.0
    return 1.0 / (1.0 + math.exp(-x))


def logit(p: float) -> float:
    """Return the inverse of `logistic`, of chances at least 1e-9 from 0 and from 1."""
    p = min(max(p, 1e-9), 1.0 - 1e-9)
    return math.log(p / (1.0 - p))


@inner
def threshold_of(model: Model, u: float) -> float:
    """Return a person's threshold of readiness, normal over persons."""
    return model.intent.threshold + model.intent.threshold_sd * normal(u)


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
def match(cell: WorldCell, model: Model, person: Person, category: int, specific: bool) -> float:
    """Return how well a message that shows ``category`` (-1 everything) meets a present need.

    1 for a need the person knows of, .5 for one not noticed yet, times what the stage of the need
    makes of it (`omnilab.world.stage`): where that does not count, the generic share for a message
    that shows everything. 0 without an open need.

    Parameters
    ----------
    specific
        The message shows the very good of the category.
    """
    best = 0.0
    i = person.first_need
    while i >= 0:
        need = cell.need[i]
        if category < 0 or need.category == category:
            x = 0.5 if need.stage == LATENT else 1.0
            x *= meets_at_stage(model, need, category, specific)
            if x > best:
                best = x
        i = need.next
    return best
