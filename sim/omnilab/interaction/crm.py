"""The records that the brand has of a person before the start: it is told of them at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import writer
from omnilab.interaction.identifiers import shown_code
from omnilab.interaction.wall import tell_record
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.crm import copies_of, fill_record, permits
from omnilab.world.identifiers import COMPANY, MISTYPED, company_of, owner_of, type_of

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["load_records"]

write_record = writer(rows.RECORD, placed=True)

RIGHT, NOBODYS, ANOTHERS = 0, 1, 2  # what a record's identifier is


@inner
def load_records(cell: Cell, model: Model, plan: LoweredPlan, t: int, who: int) -> None:
    """Let the brand have what its records say of a person."""
    person = cell.person[who]
    for k in range(len(model.upload)):
        upload = model.upload[k]
        copies = copies_of(model, person, k)
        if copies > 0 and permits(model, person, k):
            person.consent |= upload.allows & person.reach
        for copy in range(copies):
            n = fill_record(cell, model, who, k, copy, t)
            for i in range(n):
                code = int(cell.code[i])
                write_record(
                    cell, t, who, int(upload.channel), int(upload.silo),
                    code=shown_code(cell, model, code), type=type_of(code), upload=k,
                    duplicate=copy, first=1 if i == 0 else 0, is_wrong=_what_it_is(cell, code, who),
                )  # fmt: skip
            if n > 0:
                tell_record(cell, plan, t, int(upload.silo), n)


@inner
def _what_it_is(cell: Cell, code: int, who: int) -> int:
    owner = company_of(cell.person[who], who) if type_of(code) == COMPANY else who
    if owner_of(code) != owner:
        return ANOTHERS
    return NOBODYS if (code & 0xFFFFFFFF) >= MISTYPED else RIGHT
