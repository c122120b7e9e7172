"""Consistency: the same theme on another channel adds to a message, another theme takes from it.

A person keeps, of the last few themes and the channels on which they were seen, when that was last.
A message whose theme the person has seen on other channels is more readily seen and clicked; one
with another theme than what was seen lately, on whatever channel, less. Both fade with the days,
and both grow by the logarithm of how much there is of it, as repetition does.

Only messages with a theme count (`Message.theme`, `brand.themes`). The person does not know who
planned them: what a team's own calendar does against one that all teams share follows from what
comes together.

References
----------
Form and sign of the gain: repetition from several media beats as much of it from one, Chang and
Thorson (2004), "Television and web advertising synergies", Journal of Advertising 33(2); Dijkstra,
Buijtels and van Raaij (2005) do not find it everywhere. The cost has no number in any source.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i1, i2, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Stimulus
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = ["Consistency", "Heard", "LoweredConsistency", "agrees", "forget_themes", "hear_theme"]

KEPT: Final = 6  # pairs of a theme and a channel that a person remembers
NO_THEME: Final = -1


class Consistency(Parameters):
    """What it does to a message that others with its theme, or with another one, were seen."""

    echo: Stimulus = key(
        0.0,
        "What seeing and clicking gain by the same theme on other channels.",
        unit="logit per log of (1 + channels, each faded)",
        kind="A",
        came_later=True,
        swept=("0", "0.5"),
    )
    clash: Stimulus = key(
        0.0,
        "What they lose by other themes.",
        unit="logit per log of (1 + themes by channel, each faded)",
        kind="A",
        came_later=True,
        swept=("0", "0.5"),
    )
    memory: Annotated[Duration, Field(gt=0)] = key(
        7 * 86400,
        "Time in which a theme that was seen fades to 1/e.",
        kind="A",
        swept=("2d", "30d"),
    )


class LoweredConsistency(Record):
    """What the rules read of `Consistency`."""

    on: i8
    echo: f8
    clash: f8
    memory: f8  # seconds


@fills(LoweredConsistency)
def _lower(scenario: ScenarioParts) -> Values:
    consistency = scenario.world.consistency
    return {"on": int(consistency.echo > 0.0 or consistency.clash > 0.0)}


class Heard(Record):
    """A theme on a channel that a person remembers."""

    theme: i2 = -1  # `NO_THEME` where the place is free
    channel: i1 = -1
    t: i8 = 0


@inner
def forget_themes(cell: WorldCell, model: Model, who: int) -> None:
    """Begin without having seen any."""
    if model.consistency.on == 1:
        for i in range(KEPT):
            cell.heard[who, i].theme = NO_THEME
            cell.heard[who, i].channel = -1
            cell.heard[who, i].t = 0


@inner
def agrees(cell: WorldCell, model: Model, who: int, theme: int, channel: int, t: int) -> float:
    """Return what the themes that the person has seen add to the logits of a message's.

    echo ln(1 + E) - clash ln(1 + C): E counts the same theme on other channels, C other themes on
    any channel, each of them exp(-its age / memory).
    """
    if model.consistency.on == 0 or theme == NO_THEME:
        return 0.0
    same, other = 0.0, 0.0
    for i in range(KEPT):
        kept = cell.heard[who, i]
        if kept.theme == NO_THEME:
            continue
        left = math.exp((kept.t - t) / model.consistency.memory)
        if kept.theme != theme:
            other += left
        elif kept.channel != channel:
            same += left
    return model.consistency.echo * math.log(1.0 + same) - model.consistency.clash * math.log(
        1.0 + other
    )


@inner
def hear_theme(cell: WorldCell, model: Model, who: int, theme: int, channel: int, t: int) -> None:
    """Remember that the person sees a theme on a channel; the oldest pair makes place for it."""
    if model.consistency.on == 0 or theme == NO_THEME:
        return
    place = 0
    for i in range(KEPT):
        kept = cell.heard[who, i]
        if kept.theme == theme and kept.channel == channel:
            place = i
            break
        oldest = cell.heard[who, place]
        free = kept.theme == NO_THEME and oldest.theme != NO_THEME
        if free or (oldest.theme != NO_THEME and kept.t < oldest.t):
            place = i
    kept = cell.heard[who, place]
    kept.theme = theme
    kept.channel = channel
    kept.t = t
