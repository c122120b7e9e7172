"""What the app of who allows it finds out: where its person is, and what a near place has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.interaction.wall import ask_app, ask_sought, tell_where
from omnilab.kernels.compiling import inner
from omnilab.world.identifiers import owner_of
from omnilab.world.shelf import feed_says
from omnilab.world.stock import shelf_of, variant_wanted
from omnilab.world.whereabouts import UNKNOWN, whereabouts

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["find_out_where", "place_has"]


@inner
def find_out_where(cell: Cell, model: Model, plan: LoweredPlan, t: int, i: int) -> None:
    """Let the app tell where the person of copy ``i`` is, before the strategy decides about it.

    It is the person whose phone has the app, whoever gets the message.
    """
    silo = int(model.ch[int(model.places.tells_by)].silo)
    code = ask_app(cell, plan, i, int(model.places.tells_type), silo)
    where = UNKNOWN
    if code != 0:
        who = owner_of(code)
        if cell.spot[who].tells == 1 and cell.person[who].left == 0:
            where = whereabouts(cell, model, who, t)
    tell_where(cell, i, where)


@inner
def place_has(
    cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int, j: int, c: int, code: int
) -> bool:
    """Tell whether a place of channel ``c`` is known to have what journey ``j`` asks for.

    It is what the holder of ``code`` put in the cart or looked at last, as the app's team knows it:
    the variant, where that was for a need; any variant of the category, where not. A place that
    has as many as are asked for has it. Nothing is known of units that the team does not see, nor
    by a reading that is too old.
    """
    app = int(model.ch[int(model.places.tells_by)].silo)
    journey = plan.journey[j]
    category, ordinal, sees = ask_sought(cell, plan, app, code, int(journey.has))
    if category < 0 or c < 0:
        return False
    if model.stock.on == 0 or shelf_of(model, c, category, 0) < 0:
        return True
    every = int(model.stock.feed)
    if sees == 0 or (journey.fresh > 0 and every > 0 and t % every > journey.fresh):
        return False
    if ordinal >= 0:
        wanted = variant_wanted(model, cell.person[who], category, ordinal)
        return feed_says(cell, model, shelf_of(model, c, category, wanted), t) > 0
    for variant in range(int(model.n_variants[category])):
        if feed_says(cell, model, shelf_of(model, c, category, variant), t) > 0:
            return True
    return False
