"""The log's rows of identifiers: codes under a keyed permutation that names nobody."""

from __future__ import annotations

from typing import Any

from omnilab.cell.emit import emit
from omnilab.draws.philox import permute64
from omnilab.kernels.compiling import inner
from omnilab.log import rows
from omnilab.world.identifiers import packed, type_of

__all__ = ["log_identifiers"]


@inner
def log_identifiers(
    C: Any, M: Any, t: int, who: int, c: int, first: int, n: int, serial: int
) -> None:
    """Write a row for each of the identifiers ``first`` to ``n`` in ``C.code``."""
    silo = int(M.ch[c].silo)
    cell = int(C.meta[0].cell)
    for i in range(first, n):
        shown = permute64(packed(cell, int(C.code[i])), M.k[2])
        emit(C, t, who, rows.IDENTIFIER, c, silo, shown, type_of(C.code[i]), serial, C.carry[i])
