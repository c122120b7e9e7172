"""Taste: a person is drawn to some categories more than to others.

It moves seeing, clicking and coming to need by a message that shows one category; a message that
shows everything is nobody's in particular, so no channel's base rate depends on it. Affinity is
drawn at birth, beside how often the person needs the category and correlated with it. What was
bought adds to it and fades.

References
----------
Fong (2017), "How targeting affects customer search", Management Science 63(7): offers by e-mail in
the category of earlier purchases sell more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Logit, Share, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["Bought", "LoweredTaste", "Taste", "affinity_of", "taste_for"]

TASTE: Final = stream("TASTE", 240)  # a person's affinity: person, category

NEVER: Final = -(1 << 60)  # when the person last bought in a category: not yet


class Taste(Parameters):
    """A person's affinity to categories, and what it does with messages that show one."""

    spread: Stimulus = key(
        0.0,
        "Standard deviation over persons of what their affinity to a category adds to the logits "
        "of seeing and of clicking a message that shows it. That e-mail offers in the category of "
        "earlier purchases sell more: FONG17. 0 means that all are alike.",
        unit="logit",
        kind="A",
        swept=("0.3", "1.5"),
        came_later=True,
    )
    with_need: Share = key(
        0.5,
        "Correlation over persons between the affinity to a category and how often they need it "
        "(as a normal score).",
        kind="A",
        swept=("0%", "90%"),
    )
    bought: Logit = key(
        0.0,
        "What an order adds to both logits for messages that show its category, right after it.",
        unit="logit",
        kind="A",
        swept=("0.2", "1.2"),
        came_later=True,
    )
    memory: Annotated[Duration, Field(gt=0)] = key(
        365 * 86400, "Time in which what was bought fades to 1/e.", kind="A", swept=("90d", "730d")
    )


class LoweredTaste(Record):
    """What the rules read of `Taste`."""

    on: i8  # 1 where taste moves anything
    spread: f8
    with_need: f8
    alone: f8  # weight of what has nothing to do with needs
    bought: f8
    memory: f8  # seconds


@fills(LoweredTaste)
def _lower(scenario: ScenarioParts) -> Values:
    taste = scenario.world.taste
    return {
        "on": int(taste.spread > 0.0 or taste.bought != 0.0),
        "alone": math.sqrt(1.0 - taste.with_need * taste.with_need),
    }


class Bought(Record):
    """What a person keeps of a category."""

    affinity: f8 = 0.0  # N(0, 1) over persons; 0 where persons do not differ
    bought_t: i8 = NEVER  # the last order's time


@inner
def affinity_of(model: Model, entity: int, category: int, u: float) -> float:
    """Return a person's affinity to a category: normal(0, 1) over persons.

    with_need times the normal score of the need rate, plus sqrt(1 - with_need^2) times a score of
    its own.

    Parameters
    ----------
    u
        The uniform that the need rate is drawn by.
    """
    if model.taste.spread <= 0.0:
        return 0.0
    own, _, _, _ = draw4(model.key.k0, model.key.k1, TASTE, entity, category)
    return model.taste.with_need * normal(u) + model.taste.alone * normal(own)


@inner
def taste_for(cell: WorldCell, model: Model, who: int, category: int, t: int) -> float:
    """Return what taste for ``category`` (-1 everything, which is 0) adds to a logit at ``t``."""
    if model.taste.on == 0 or category < 0:
        return 0.0
    kept = cell.theme[who, category]
    x = model.taste.spread * kept.affinity
    if model.taste.bought != 0.0 and kept.bought_t > NEVER:
        x += model.taste.bought * math.exp((kept.bought_t - t) / model.taste.memory)
    return x
