"""The log's rows of identifiers: codes under a keyed permutation that names nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cell.emit import write_identifier
from omnilab.draws.philox import permute64
from omnilab.kernels.compiling import inner
from omnilab.world.identifiers import packed, type_of

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["log_identifiers", "shown_code"]


@inner
def shown_code(cell: Cell, model: Model, code: int) -> int:
    """Return the brand's code of an identifier: a keyed permutation that names nobody."""
    return permute64(packed(int(cell.meta.number), code), model.key.mask)


@inner
def log_identifiers(
    cell: Cell, model: Model, t: int, who: int, c: int, first: int, n: int, serial: int
) -> None:
    """Write a row for each of the identifiers ``first`` to ``n`` in ``cell.code``."""
    silo = int(model.ch[c].silo)
    for i in range(first, n):
        code = int(cell.code[i])
        write_identifier(
            cell, t, who, c, silo, code=shown_code(cell, model, code), type=type_of(code),
            profile=serial, carried_from=cell.carry[i],
        )  # fmt: skip
