"""Repetition of ads: each adds less than the one before it, none adds nothing, and spacing counts.

What n ads at once do together is concave in n and has no end: half ln(1 + n / half) times what the
first alone would do. So an ad that meets E earlier ones in the person's memory is worth

    1 / (1 + E / half)

of the first, the slope of that curve: half of it after `half` of them, a third after twice as many,
and never 0. It takes the place of `Fatigue.wear_out`, by which ads end at twice its number. E
counts the ads that were shown, each of which fades over `memory`: an ad that pauses is restored.

Beside that an ad right after another one adds little, since the first is still before one's eyes:

    1 - massed exp(-(time since the last ad) / apart)

of what it would add by itself. So the same ads do more spread over weeks than in one day.

References
----------
Sahni (2015), "Effect of temporal spacing between advertising exposures: evidence from online field
experiments", Quantitative Marketing and Economics 13(3): ads spread apart sell more than the same
ads bunched together. Johnson, Lewis and Reiley (2017), "When less is more: data and power in
advertising experiments", Marketing Science 36(1): 34 ads in two weeks do about twice what 17 do.
Naik, Mantrala and Sawyer (1998), "Planning media schedules in the presence of dynamic advertising
quality", Marketing Science 17(3): an ad's quality wears out and is restored while it pauses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Many, Parameters, key
from omnilab.parameters.quantity import Duration, Share
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["LoweredRepetition", "Repeated", "Repetition", "repeat_ad"]


class Repetition(Parameters):
    """What an ad adds to the ads that a person has been shown."""

    half: Many = key(
        0.0,
        "Ads in the person's memory after which one more is worth half of the first; 0 means that "
        "`Fatigue.wear_out` says what it is worth.",
        unit="exposures",
        kind="A",
        source="off by default; form and order of magnitude of JOHNSON17",
        came_later=True,
        swept=("10", "300"),
    )
    memory: Annotated[Duration, Field(gt=0)] = key(
        14 * 86400,
        "Time in which the ads that were shown fade to 1/e.",
        kind="A",
        came_later=True,
        swept=("3d", "60d"),
    )
    massed: Share = key(
        0.0,
        "Part of its worth that an ad lacks which is shown at the moment of the last one.",
        kind="A",
        source="off by default; sign of SAHNI15",
        came_later=True,
        swept=("0%", "90%"),
    )
    apart: Annotated[Duration, Field(gt=0)] = key(
        2 * 86400,
        "Time between two ads in which that fades to 1/e.",
        kind="A",
        came_later=True,
        swept=("6h", "7d"),
    )


class LoweredRepetition(Record):
    """What the rules read of `Repetition`."""

    on: i8  # 1 where any of it changes what an ad is worth
    half: f8  # exposures
    memory: f8  # seconds
    massed: f8
    apart: f8  # seconds


@fills(LoweredRepetition)
def _lower(scenario: ScenarioParts) -> Values:
    repetition = scenario.world.repetition
    return {"on": int(repetition.half > 0.0 or repetition.massed > 0.0)}


class Repeated(Record):
    """What a person keeps of the ads that were shown to it."""

    ads: f8 = 0.0  # faded
    ads_t: i8 = 0


@inner
def repeat_ad(model: Model, person: Repeated, t: int, worn: float) -> float:
    """Count an ad that is shown; return its worth, as a part of that of the first, 0 to 1.

    Parameters
    ----------
    worn
        What `omnilab.world.fatigue.wear_out` leaves of it, which holds where ``half`` is 0.
    """
    rule, before, gap = model.repetition, person.ads, t - person.ads_t
    met = before * math.exp(-gap / rule.memory)
    person.ads = met + 1.0
    person.ads_t = t
    worth = worn
    if rule.half > 0.0:
        worth = 1.0 / (1.0 + met / rule.half)
    if before > 0.0:
        worth *= 1.0 - rule.massed * math.exp(-gap / rule.apart)
    return worth
