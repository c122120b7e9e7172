"""A search for a need that finds an article of the brand among the unpaid results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell.emit import writer
from omnilab.interaction.knowing import BY_CONTENT, hear_name
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.choice import can_go
from omnilab.world.content import best_article, read_draws
from omnilab.world.intent import stimulate
from omnilab.world.preference import move_preference

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = ["FROM_RESULT", "read_for_need", "write_read"]

FROM_RESULT: Final = 1  # where a visit comes from, as the log says it

write_read = writer(rows.READ, placed=False)


@inner
def read_for_need(cell: Cell, model: Model, t: int, visit: Visit, i: int) -> None:
    """Let an attempt of need ``i`` begin with a search that finds an article, or not.

    Who reads it knows more, and may go on to the goods: then the visit has its channel.
    """
    who = int(visit.who)
    person, need = cell.person[who], cell.need[i]
    searches, click, moves, _ = read_draws(
        model, int(person.entity), int(visit.family), int(visit.occasion)
    )
    if searches >= model.content.searches:
        return
    k = best_article(model, int(need.category), t)
    if k < 0 or click >= model.article[k].click:
        return
    part = model.content
    hear_name(cell, model, t, who, BY_CONTENT)
    if part.image > 0.0 and model.preference.on == 1:
        move_preference(model, person, t, 1.0, part.image)
    if part.informs > 0.0:
        stimulate(model, need, t, part.informs)
    c = int(model.article[k].channel)
    goes = moves < part.moves and can_go(model, person, c, t)
    write_read(cell, t, who, article=k, need=int(need.ordinal), moves=1 if goes else 0)
    if goes:
        visit.channel = c
        visit.source = FROM_RESULT
