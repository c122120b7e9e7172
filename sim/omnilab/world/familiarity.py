"""Familiarity: a channel that a person has not tried is an effort, which falls with each visit.

The utility of going to a channel where the person has been k times is lower by

    effort * (1 + k)^-b,   b = -log2(1 - learns)

the power law of practice: each doubling of the visits takes the share ``learns`` off the effort. So
the first visits teach most. Who has one channel keeps to it, and who was once led to another, by a
message, a search or because the own one was closed, goes there more readily from then on. After a
stage of trials the efforts of all channels that are used are about alike, and tastes decide.

All visits count, those without a need, too. Who bought before the start has been in one channel
``before`` times, drawn as one chooses; nobody else has been anywhere.

References
----------
Johnson, Bellman and Lohse (2003), "Cognitive lock-in and the power law of practice", Journal of
Marketing 67(2): the time of a visit falls by 19% with each doubling of visits; Valentini,
Montaguti and Neslin (2011), "Decision process evolution in customer channel choice", Journal of
Marketing 75(6): new customers go through a stage of trials, after which they choose otherwise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit, Share
from omnilab.world.choice import MOST, pick_by_weight
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import WorldCell

__all__ = [
    "Familiarity",
    "LoweredFamiliarity",
    "count_visit",
    "ease_channels",
    "effort_in",
    "first_familiarity",
]

USUAL_CHANNEL: Final = stream("USUAL_CHANNEL", 211)  # where who bought before has been: person

MOST_VISITS: Final = 127  # that are counted, a byte a channel


class Familiarity(Parameters):
    """What it takes to go where one has not been, and how that is learnt."""

    effort: Logit = key(
        0.0,
        "What the utility of a channel is lower by where the person has never been; 1 is the "
        "default of `Choice.inertia`.",
        unit="logit",
        kind="A",
        source="off by default; form of JOHNSON03",
        swept=("0", "2"),
    )
    learns: Annotated[Share, Field(lt=1)] = key(
        0.19,
        "Share of that effort that each doubling of the visits there takes away; of the time of a "
        "visit to a web site, 19%.",
        kind="P",
        source="JOHNSON03",
        swept=("10%", "30%"),
    )
    before: Annotated[int, Field(ge=0, le=MOST_VISITS)] = key(
        10,
        "How often a person who bought before the start has been in the one channel that it knows.",
        unit="visits",
        kind="A",
        swept=("1", "50"),
    )


class LoweredFamiliarity(Record):
    """What the rules read of `Familiarity`."""

    on: i8  # 1 where channels must be learnt
    effort: f8
    power: f8  # of the number of visits
    before: i8


@fills(LoweredFamiliarity)
def _lower(scenario: ScenarioParts) -> Values:
    familiarity = scenario.world.familiarity
    return {
        "on": int(familiarity.effort != 0.0),
        "power": -math.log2(1.0 - familiarity.learns),
    }


@inner
def effort_in(cell: WorldCell, model: Model, who: int, c: int) -> float:
    """Return the effort of the person's next visit to channel ``c``, logit."""
    familiarity = model.familiarity
    if familiarity.on == 0:
        return 0.0
    return familiarity.effort * math.exp(-familiarity.power * math.log(1.0 + cell.been[who, c]))


@inner
def ease_channels(cell: WorldCell, model: Model, who: int) -> None:
    """Multiply what draws the person to each channel, ``cell.pull``, by exp(-effort)."""
    for c in range(len(model.ch)):
        if model.places.on == 0:
            cell.pull[c] = 1.0
        cell.pull[c] *= math.exp(-effort_in(cell, model, who, c))


@inner
def count_visit(cell: WorldCell, model: Model, who: int, c: int) -> None:
    """Let a person learn from a visit to channel ``c``."""
    if model.familiarity.on == 1 and cell.been[who, c] < MOST_VISITS:
        cell.been[who, c] += 1


@inner
def first_familiarity(cell: WorldCell, model: Model, who: int) -> None:
    """Begin with no channel, or with one of who bought before the start."""
    if model.familiarity.on == 0:
        return
    person, n = cell.person[who], len(model.ch)
    prefers, total = model.prefers[person.persona], 0.0
    for c in range(n):
        cell.been[who, c] = 0
        cell.weight[c] = 0.0
        if model.ch[c].visits == 1 and (person.reach >> c) & 1 == 1:
            cell.weight[c] = math.exp(min(model.ch[c].utility + prefers[c], MOST))
        total += cell.weight[c]
    if person.prior == 0:
        return
    u, _, _, _ = draw4(model.key.k0, model.key.k1, USUAL_CHANNEL, person.entity, 0)
    usual = pick_by_weight(cell.weight, n, total, u)
    if usual >= 0:
        cell.been[who, usual] = model.familiarity.before
