"""Creatives: what a person has seen before is not new, and seen often it wears out.

A person keeps how often each of the last few creatives was seen, which fades over weeks. What that
adds to the logits of seeing and of clicking is 0 for a creative that is new to the person, since
base rates are of campaigns, each with a creative of its own. The first sight takes the novelty
away; each further one wears it out, by the logarithm of how often it was seen.

The memory has `KEPT` places. A creative that finds none takes that of the one seen least, by what
is left of it; who meets that again meets it as new.

References
----------
Form: Berlyne's two factors, habituation and tedium, as Pechmann and Stewart (1988), "Advertising
repetition: a critical review of wearin and wearout", put them. Defau and Zauner (2023), Marketing
Letters 34(4): a first name in the subject line, which had worked, did nothing any more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i4, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "Creatives",
    "LoweredCreatives",
    "Recalled",
    "forget_creatives",
    "see_creative",
    "worn",
]

KEPT: Final = 6  # creatives that a person remembers
ALWAYS_NEW: Final = 0  # number of a creative that is another one at each send


class Creatives(Parameters):
    """What it does that a person has seen a creative before."""

    novelty: Stimulus = key(
        0.0,
        "What seeing and clicking lose when a creative is no longer new to the person; of the "
        "whole the first sight takes 63%, the second 23%.",
        unit="logit",
        kind="A",
        came_later=True,
        swept=("0", "0.5"),
    )
    wear: Stimulus = key(
        0.0,
        "How much they fall with the times that the person has seen it.",
        unit="logit per log of (1 + times)",
        kind="A",
        came_later=True,
        swept=("0", "0.6"),
    )
    memory: Annotated[Duration, Field(gt=0)] = key(
        60 * 86400,
        "Time in which the times that it was seen fade to 1/e.",
        kind="A",
        swept=("14d", "180d"),
    )


class LoweredCreatives(Record):
    """What the rules read of `Creatives`."""

    on: i8
    novelty: f8
    wear: f8
    memory: f8  # seconds


@fills(LoweredCreatives)
def _lower(scenario: ScenarioParts) -> Values:
    creatives = scenario.world.creatives
    return {"on": int(creatives.novelty > 0.0 or creatives.wear > 0.0)}


class Recalled(Record):
    """One of the creatives that a person remembers."""

    creative: i4 = 0  # `ALWAYS_NEW` where the place is free
    seen: f8 = 0.0  # times, faded
    t: i8 = 0


@inner
def forget_creatives(cell: WorldCell, model: Model, who: int) -> None:
    """Begin without having seen any."""
    if model.creatives.on == 1:
        for i in range(KEPT):
            cell.recalled[who, i].creative = ALWAYS_NEW
            cell.recalled[who, i].seen = 0.0
            cell.recalled[who, i].t = 0


@inner
def _left(model: Model, kept: Recalled, t: int) -> float:
    """Return what is left at ``t`` of the times that a creative was seen."""
    return kept.seen * math.exp((kept.t - t) / model.creatives.memory)


@inner
def worn(cell: WorldCell, model: Model, who: int, creative: int, t: int) -> float:
    """Return what the person's having seen a creative adds to a logit: 0 if new, else below 0.

    - novelty (1 - exp(-times)) - wear ln(1 + times), with the times that are left at ``t``.
    """
    if model.creatives.on == 0 or creative == ALWAYS_NEW:
        return 0.0
    for i in range(KEPT):
        if cell.recalled[who, i].creative == creative:
            times = _left(model, cell.recalled[who, i], t)
            new = math.exp(-times) - 1.0
            return model.creatives.novelty * new - model.creatives.wear * math.log(1.0 + times)
    return 0.0


@inner
def see_creative(cell: WorldCell, model: Model, who: int, creative: int, t: int) -> None:
    """Count that the person sees a creative."""
    if model.creatives.on == 0 or creative == ALWAYS_NEW:
        return
    place, least = 0, math.inf
    for i in range(KEPT):
        kept = cell.recalled[who, i]
        if kept.creative == creative:
            kept.seen = _left(model, kept, t) + 1.0
            kept.t = t
            return
        left = _left(model, kept, t)
        if left < least:
            place, least = i, left
    kept = cell.recalled[who, place]
    kept.creative = creative
    kept.seen = 1.0
    kept.t = t
