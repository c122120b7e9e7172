"""Saturation: the same content again and again is answered less, apart from contact pressure.

A person keeps a stock of the messages of each theme (a category, or everything) that came; it fades
over some weeks. What it adds to the logits of seeing and clicking is measured against the stock of
a weekly message, since that is what base rates are of: a theme that is new to the person does
better than its base rate, and one that comes more often than weekly does worse.

References
----------
Schmidt and Eisend (2015), "Advertising repetition: a meta-analysis", Journal of Advertising 44(4).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.newcomer import is_newcomer

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["LoweredSaturation", "Saturation", "Stock", "saturate", "start_saturation"]

WEEK = 604800.0


class Saturation(Parameters):
    """What repeated sends of the same theme do."""

    slope: Stimulus = key(
        0.0,
        "How much seeing and clicking fall with the messages of the same theme (a category, or "
        "everything) that came before.",
        unit="logit per log of (1 + messages)",
        kind="A",
        swept=("0.1", "0.6"),
        came_later=True,
    )
    memory: Annotated[Duration, Field(gt=0)] = key(
        56 * 86400,
        "Time in which the messages that came fade to 1/e.",
        kind="A",
        swept=("14d", "120d"),
    )


class LoweredSaturation(Record):
    """What the rules read of `Saturation`, and what follows from it."""

    slope: f8
    memory: f8  # seconds
    weekly: f8  # stock just before the next of weekly messages
    reference: f8  # its logarithm, that of 1 + weekly


@fills(LoweredSaturation)
def _lower(scenario: ScenarioParts) -> Values:
    weekly = 1.0 / math.expm1(WEEK / scenario.world.saturation.memory)
    return {"weekly": weekly, "reference": math.log1p(weekly)}


class Stock(Record):
    """What a person keeps of the messages of a theme."""

    stock: f8 = 0.0
    stock_t: i8 = 0


@inner
def start_saturation(cell: WorldCell, model: Model, who: int) -> None:
    """Let who is there from the start be as used to newsletters as base rates suppose."""
    if model.birth.entry_over == 0 and not is_newcomer(cell.person[who]):
        cell.theme[who, len(model.cat)].stock = model.saturation.weekly


@inner
def saturate(cell: WorldCell, model: Model, who: int, category: int, part: float, t: int) -> float:
    """Add ``part`` of a message of a theme (-1 everything); return what those before it add.

    -slope (ln(1 + stock) - ln(1 + stock of a weekly message)), a logit.
    """
    if model.saturation.slope <= 0.0:
        return 0.0
    kept = cell.theme[who, category if category >= 0 else len(model.cat)]
    stock = kept.stock * math.exp((kept.stock_t - t) / model.saturation.memory)
    kept.stock = stock + part
    kept.stock_t = t
    return model.saturation.slope * (model.saturation.reference - math.log(1.0 + stock))
