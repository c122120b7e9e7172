"""The log's rows of identifiers: codes under a keyed permutation that names nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import emit
from omnilab.draws.philox import permute64
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.identifiers import packed, type_of

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["log_identifiers"]


@inner
def log_identifiers(
    cell: Cell, model: Model, t: int, who: int, c: int, first: int, n: int, serial: int
) -> None:
    """Write a row for each of the identifiers ``first`` to ``n`` in ``cell.code``."""
    silo = int(model.ch[c].silo)
    number = int(cell.meta.number)
    for i in range(first, n):
        shown = permute64(packed(number, int(cell.code[i])), model.key.mask)
        emit(
            cell,
            t,
            who,
            rows.IDENTIFIER,
            c,
            silo,
            shown,
            type_of(cell.code[i]),
            serial,
            cell.carry[i],
        )
