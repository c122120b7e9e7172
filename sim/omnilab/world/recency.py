"""Recency and tenure: who bought lately, often, or for the first time answers more or less.

All of it is added to the logits of seeing and of clicking. The base rates of channels are means
over the population with it (engine/calibrate.py): the pilot's census notes what it adds to whom.

References
----------
Hillstrom (2008), the MineThatData e-mail challenge: visits by months since the last order; Bult and
Wansbeek (1995), "Optimal selection for direct mail", Marketing Science 14(4): recency, frequency
and spend foretell response.
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
from omnilab.parameters.quantity import Duration, Logit
from omnilab.world.lowered import ScenarioParts, Values, fills
from omnilab.world.taste import NEVER

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = ["LastOrder", "LoweredRecency", "Recency", "note_first_order", "past_order",
           "recency_effect"]  # fmt: skip

PAST_ORDER: Final = stream("PAST_ORDER", 245)  # when and in what a buyer before the start bought

LEAST_RATE: Final = 1e-9  # needs an hour, below which a rate is taken for this one
MOST_HOURS: Final = 1e6  # since the last order, 114 years
MONTH: Final = 2629800.0  # seconds, a twelfth of 365.25 days


class Recency(Parameters):
    """What the time since the last order, and tenure, do to seeing and clicking."""

    fades: Logit = key(
        0.0,
        "How much seeing and clicking fall with the time since the person's last order; below 0 "
        "they rise. What two e-mails added to visits fell by .11 (standard error .11) in "
        "HILLSTROM.",
        unit="logit per log of (1 + months)",
        kind="A",
        swept=("0", "0.4"),
        came_later=True,
    )
    never: Logit = key(
        0.0,
        "What it adds that the person has never bought, where others have just bought.",
        unit="logit",
        kind="A",
        swept=("-1", "0"),
        came_later=True,
    )
    orders: Logit = key(
        0.0,
        "What earlier orders add.",
        unit="logit per log of (1 + orders so far)",
        kind="A",
        swept=("0", "0.5"),
        came_later=True,
    )
    young: Logit = key(
        0.0,
        "What it adds that the person has just bought for the first time, or entered with a "
        "cohort. Who bought before the start is not young, and who has never bought is not yet.",
        unit="logit",
        kind="A",
        swept=("0", "1"),
    )
    settles: Annotated[Duration, Field(gt=0)] = key(
        60 * 86400, "Time in which being young fades to 1/e.", kind="A", swept=("30d", "180d")
    )


class LoweredRecency(Record):
    """What the rules read of `Recency`."""

    on: i8  # 1 where any of it moves anything
    fades: f8
    never: f8
    orders: f8
    young: f8
    settles: f8  # seconds


@fills(LoweredRecency)
def _lower(scenario: ScenarioParts) -> Values:
    r = scenario.world.recency
    return {"on": int(any(x != 0.0 for x in (r.fades, r.never, r.orders, r.young)))}


class LastOrder(Record):
    """When a person bought last."""

    last_order: i8 = NEVER


@inner
def recency_effect(model: Model, person: Person, t: int) -> float:
    """Return what the person's recency and tenure add to a logit at ``t``.

    - fades ln(1 + months since the last order), or `never` of who has not bought; plus
    orders ln(1 + orders so far); plus young exp(-(time since the first order) / settles) of who
    has bought, but not before the start. The members of a cohort begin with that order.
    """
    if model.recency.on == 0:
        return 0.0
    x = model.recency.never
    if person.purchases > 0:
        x = -model.recency.fades * math.log(1.0 + (t - person.last_order) / MONTH)
    x += model.recency.orders * math.log(1.0 + person.purchases)
    if model.birth.entry_over > 0 or (person.prior == 0 and person.purchases > 0):
        x += model.recency.young * math.exp((person.entry - t) / model.recency.settles)
    return x


@inner
def note_first_order(model: Model, person: Person, t: int) -> None:
    """Note, before an order is counted, since when the person is a customer."""
    if person.purchases == 0 and model.birth.entry_over == 0:
        person.entry = t


@inner
def past_order(cell: WorldCell, model: Model, who: int) -> None:
    """Give a buyer before the start a last order: when it was, and in which category.

    Its age is exponential, with the mean gap between any two of the person's needs, on the clock;
    its category is one of the person's in proportion to how often it is needed.
    """
    person = cell.person[who]
    if person.prior == 0 or (model.recency.on == 0 and model.taste.on == 0):
        return
    n = len(model.cat)
    total = 0.0
    for c in range(n):
        total += cell.rate[who, c]
    age, which, _, _ = draw4(model.key.k0, model.key.k1, PAST_ORDER, person.entity, 0)
    hours = -math.log(age) / max(total, LEAST_RATE)
    person.last_order = -int(min(hours, MOST_HOURS) * 3600.0)
    x = which * total
    category = n - 1
    for c in range(n):
        x -= cell.rate[who, c]
        if x < 0.0:
            category = c
            break
    cell.theme[who, category].bought_t = person.last_order
