"""An attempt of a need that goes to a rival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import writer
from omnilab.interaction.leaving import lose_need
from omnilab.interaction.places import pull_of_rivals
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.rivals import buys_there, rival_chosen, rival_draws

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["BRAND", "BUYS", "COMES_BACK", "try_rivals"]

# Where an attempt ends
BRAND = 0  # with the brand, or nowhere
BUYS = 1  # with a rival, who meets the need
COMES_BACK = 2  # with a rival, and the need is still open

write_rival = writer(rows.RIVAL_VISIT, placed=False)


@inner
def try_rivals(cell: Cell, model: Model, t: int, visit: Visit, i: int, stock: float) -> int:
    """Let an attempt of need ``i`` go to a rival, or not; return where it ends.

    `choose` has just chosen the brand's channel and left the weights of all in ``cell.weight``.
    """
    who = int(visit.who)
    person, need = cell.person[who], cell.need[i]
    where, ready, complete, _ = rival_draws(model, person, int(visit.family), int(visit.occasion))
    pull = pull_of_rivals(cell, model, t, who) if model.places.on == 1 else 1.0
    rival = rival_chosen(model, person, need, t, stock, cell.weight, where, pull)
    if rival < 0:
        return BRAND
    visit.channel = -1
    bought = buys_there(model, person, need, t, rival, ready, complete)
    write_rival(
        cell, t, who, need=int(need.ordinal), rival=rival, bought=1 if bought else 0,
        let_down=int(need.let_down),
    )  # fmt: skip
    if not bought:
        return COMES_BACK
    lose_need(cell, t, who, i, rows.FATE_RIVAL)
    return BUYS
