"""Coming to know the brand, and saying so in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.cell.emit import writer
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.awareness import hear_of_brand, knows_brand
from omnilab.world.preference import comes_to_know

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.cell.visit import Visit
    from omnilab.world.model import Model

__all__ = [
    "BY_CONTENT",
    "BY_MEDIUM",
    "BY_PAID_SEARCH",
    "BY_POST",
    "BY_TIP",
    "BY_VISIT",
    "hear_name",
    "learn_at_visit",
    "learn_for_good",
    "write_first",
]

# How a person comes to know the brand, as the log says it; 0 is how it was at the start
BY_VISIT: Final = 1
BY_TIP: Final = 2
BY_MEDIUM: Final = 3
BY_POST: Final = 4
BY_CONTENT: Final = 5
BY_PAID_SEARCH: Final = 6

write_knows = writer(rows.KNOWS, placed=False)


@inner
def write_first(cell: Cell, model: Model, who: int) -> None:
    """Say at the start whether a person knows the brand."""
    until = int(model.clock.run_end) + 1 if cell.person[who].knows == 1 else 0
    write_knows(cell, 0, who, by=0, new=0, until=until)


@inner
def learn_for_good(cell: Cell, model: Model, t: int, who: int, by: int) -> None:
    """Let a person know the brand from now on."""
    person = cell.person[who]
    if model.awareness.on == 1 and person.knows == 0:
        new = 0 if knows_brand(person, t) else 1
        write_knows(cell, t, who, by=by, new=new, until=int(model.clock.run_end) + 1)
    comes_to_know(person)


@inner
def learn_at_visit(cell: Cell, model: Model, t: int, visit: Visit) -> None:
    """Let who visits the brand know it from now on."""
    by, source = BY_VISIT, int(visit.source)
    if visit.cost > 0:
        by = BY_PAID_SEARCH
    elif source > 0:
        by = BY_CONTENT if source == 1 else BY_MEDIUM if source == 2 else BY_POST
    learn_for_good(cell, model, t, int(visit.who), by)


@inner
def hear_name(cell: Cell, model: Model, t: int, who: int, by: int) -> None:
    """Count a contact with the brand's name, by which a person may come to know it for a time."""
    if model.awareness.on == 0:
        return
    person = cell.person[who]
    until = int(person.known_until)
    new = hear_of_brand(model, person, t)
    if person.known_until != until:
        write_knows(cell, t, who, by=by, new=1 if new else 0, until=int(person.known_until))
