"""Records that the brand has of persons before the start: who stands in them, and what is wrong.

An upload of `brand.crm` has a record of a share of persons, some of them twice. Each identifier of
a record is there with a chance of its own, and some are wrong: nobody's, or somebody else's with
the chance of `Identifiers.typo_hits`. Which are wrong the brand does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Ints, Record, f8, i8, several
from omnilab.world.acts import lacks_type
from omnilab.world.identifiers import address_code, wrong_code

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person, WorldCell

__all__ = ["MOST_OF_RECORD", "LoweredUpload", "copies_of", "fill_record", "permits"]

RECORDED: Final = stream("RECORDED", 159)  # who stands in an upload, and what: person, place in it
MOST_OF_RECORD: Final = 4  # identifiers


class LoweredUpload(Record):
    """One upload of records."""

    silo: i8
    channel: i8  # the silo's first, for the log
    allows: i8  # channels, a bit each
    n: i8  # types of identifiers
    kind: Ints = several(MOST_OF_RECORD, i8)
    has: Floats = several(MOST_OF_RECORD, f8)
    share: f8
    duplicates: f8
    wrong: f8
    allowed: f8


@inner
def copies_of(model: Model, person: Person, k: int) -> int:
    """Return how many records of a person upload ``k`` has: none, one, or two."""
    u, v, _, _ = draw4(model.key.k0, model.key.k1, RECORDED, person.entity, k << 8)
    upload = model.upload[k]
    if u >= upload.share:
        return 0
    return 2 if v < upload.duplicates else 1


@inner
def permits(model: Model, person: Person, k: int) -> bool:
    """Tell whether a person who stands in upload ``k`` has allowed its channels."""
    _, _, u, _ = draw4(model.key.k0, model.key.k1, RECORDED, person.entity, k << 8)
    return u < model.upload[k].allowed


@inner
def fill_record(cell: WorldCell, model: Model, who: int, k: int, copy: int, t: int) -> int:
    """Write the identifiers of a record into ``cell.code``; return how many they are.

    Parameters
    ----------
    copy
        0 for the first record of the person in upload ``k``, 1 for the second.
    """
    person, upload = cell.person[who], model.upload[k]
    n = 0
    for i in range(upload.n):
        at = (k << 8) | (copy << 4) | (i + 1)
        has, wrong, hits, whose = draw4(model.key.k0, model.key.k1, RECORDED, person.entity, at)
        if has >= upload.has[i]:
            continue
        kind = int(upload.kind[i])
        if lacks_type(model, person, kind):
            continue
        code = address_code(model, person, who, kind, t)
        if wrong < upload.wrong:
            code = wrong_code(cell, model, kind, who, t, hits, whose)
        cell.code[n] = code
        cell.carry[n] = -1
        n += 1
    return n
