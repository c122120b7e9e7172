"""A newcomer enters: the first visit, by which the person comes to know the brand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.draws.streams import VISIT_ENTRY
from omnilab.interaction.advertising import NOT_NOW, buy_click, may_buy_click
from omnilab.interaction.need import BY_ONESELF, ENTRY_ORDINAL, add_need, aware, visit_for
from omnilab.interaction.visit import begin_visit
from omnilab.kernels.compiling import inner
from omnilab.world.inflow import way_of
from omnilab.world.search import PAID

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["enter_by_channel"]


@inner
def enter_by_channel(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int) -> None:
    """Come for a need that is noticed now, by the channel that the person was born to enter by.

    The visit goes on as any other: steps may follow, the person may buy, leave a cart, or come
    back. A paid result leads here at the price of a click if the strategy buys it, and else as an
    unpaid result does: that the person comes, and when, no strategy moves.
    """
    person = cell.person[who]
    way = way_of(model, person)
    add_need(cell, model, t, who, int(person.comes_for), ENTRY_ORDINAL)
    i = int(person.first_need)
    aware(cell, t, who, cell.need[i], BY_ONESELF)
    visit = begin_visit(cell, who, VISIT_ENTRY, 0)
    visit.channel = int(way.lands)
    if way.bought == 1:
        price = may_buy_click(cell, model, plan, t, person, VISIT_ENTRY, 0)
        if price != NOT_NOW:
            visit.cost = buy_click(cell, model, plan, t, PAID, price)
    visit_for(cell, model, plan, t, visit, i)
