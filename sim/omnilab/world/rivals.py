"""Rivals as places: at each attempt of a need a person may go to a rival instead of the brand.

The rivals stand in the logit beside the brand's channels (`omnilab.world.choice`). The utility of
one is ``utility``, plus what a ripe need adds where one can complete, plus inertia for who was last
there, plus ``let_down`` for each visit in which the brand failed the person for this very need
(steps given up, goods out of stock), less what the preference for the brand pulls.

There the person looks and chooses as anywhere: the visit adds to the need's stock, the same
readiness decides, and ``completes`` says whether the rival sells at once. Who does not buy comes
back as after any visit, perhaps to the brand. Where no place of the brand is open, nobody goes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Record, f8, i1, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Logit, Share, Stimulus
from omnilab.world.awareness import knows_brand
from omnilab.world.choice import MOST
from omnilab.world.intent import is_ready, stimulate
from omnilab.world.preference import preference_at
from omnilab.world.programme import draw_of_target

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.needs import Need
    from omnilab.world.state import Person

__all__ = [
    "LastRival",
    "LoweredRivals",
    "Rivals",
    "buys_there",
    "let_down",
    "rival_chosen",
    "rival_draws",
    "rival_utility",
]

RIVAL: Final = stream("RIVAL", 149)  # which rival, ready, buys: person and family, occasion

MOST_RIVALS: Final = 8
MOST_LET_DOWN: Final = 100  # visits that are counted

_ENTITY_BITS: Final = 40


class Rivals(Parameters):
    """Rivals as places that a person may go to."""

    number: Annotated[int, Field(ge=0, le=MOST_RIVALS)] = key(
        0,
        "Rivals that a person may go to with a need, all alike; 0 is none.",
        unit="rivals",
        kind="A",
        source="off by default",
        swept=("1", "4"),
    )
    utility: Logit = key(
        0.0,
        "Utility of going to a rival, for each, on the scale of a channel's `utility`.",
        unit="logit",
        kind="A",
        swept=("-1", "1"),
    )
    completes: Share = key(
        0.5,
        "Chance that who has chosen at a rival buys there in that visit.",
        kind="A",
        swept=("20%", "90%"),
    )
    let_down: Stimulus = key(
        0.7,
        "What each visit in which the brand failed a person for a need adds to the rivals' utility "
        "for that need. A stock-out sends 21 to 43% elsewhere (OOS).",
        unit="logit",
        kind="A",
        source="OOS as a check, not met by it",
        swept=("0", "2"),
    )


class LoweredRivals(Record):
    """What the rules read of `Rivals`."""

    number: i8
    utility: f8
    completes: f8
    let_down: f8


class LastRival(Record):
    """Where a person was last, if not at the brand."""

    rival: i1 = -1  # counts while `LastPlace.last_channel` is -1


@inner
def let_down(need: Need) -> None:
    """Remember that the brand failed the person at a visit for this need."""
    if need.let_down < MOST_LET_DOWN:
        need.let_down += 1


@inner
def rival_draws(
    model: Model, person: Person, family: int, occasion: int
) -> tuple[float, float, float, float]:
    """Return the uniforms of an attempt: which rival, whether ready, whether one buys, a spare."""
    entity = (family << _ENTITY_BITS) | person.entity
    return draw4(model.key.k0, model.key.k1, RIVAL, entity, occasion)


@inner
def rival_utility(model: Model, person: Person, need: Need, t: int, stock: float) -> float:
    """Return the utility of going to a rival for a need, without inertia."""
    x = model.rivals.utility + model.rivals.let_down * need.let_down
    x += model.choice.closing * stock * (model.rivals.completes - 0.3)
    if model.preference.pull > 0.0:
        x -= model.preference.pull * preference_at(model, person, t)
    if model.rewarding.on == 1:
        x -= draw_of_target(model, person, t)
    return x


@inner
def rival_chosen(
    model: Model, person: Person, need: Need, t: int, stock: float, weight: Floats, u: float,
    pull: float = 1.0,
) -> int:  # fmt: skip
    """Return to which rival an attempt goes by uniform ``u``, or -1: to the brand, or nowhere.

    Parameters
    ----------
    weight
        What `choose` has left of the brand's channels: exp of their utilities, 0 where one can't
        go.
    pull
        What draws the person to a rival's place, as `omnilab.world.places.fill_pull` for the
        brand's; 1 where rivals have none.
    """
    n = int(model.rivals.number)
    if not knows_brand(person, t):
        return int(u * n)
    brand = 0.0
    for c in range(len(model.ch)):
        brand += weight[c]
    if brand <= 0.0:
        return -1
    x = rival_utility(model, person, need, t, stock)
    usual, again = math.exp(min(x, MOST)) * pull, 0.0
    last = int(person.rival) if person.last_channel < 0 else -1
    if last >= 0:
        again = math.exp(min(x + model.choice.inertia, MOST)) * pull - usual
    place = u * (brand + n * usual + again)
    for k in range(n):
        place -= usual + again if k == last else usual
        if place < 0.0:
            return k
    return -1


@inner
def buys_there(
    model: Model, person: Person, need: Need, t: int, rival: int, ready: float, complete: float
) -> bool:
    """Visit a rival for a need; tell by two uniforms whether the person is ready and buys."""
    person.last_channel = -1
    person.rival = rival
    stock = stimulate(model, need, t, model.intent.visit_gain)
    return is_ready(model, person, stock, ready) and complete < model.rivals.completes
