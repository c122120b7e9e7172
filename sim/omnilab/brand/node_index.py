"""Where an identifier is held: found by a scan in a small cell, by buckets in a town.

A cell of a few households has some dozen identifiers, and a scan of them is the fastest. A town has
thousands: they lie in buckets, of which each is a list through the nodes. The buckets are as many
as the town's persons ask for, and never get more: ten identifiers a bucket cost less than growing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.kernels.compiling import inner
from omnilab.kernels.prefetch import prefetch_to_read as fetch

if TYPE_CHECKING:
    from omnilab.brand.state import BrandCell

__all__ = [
    "SCANNED",
    "add_to_index",
    "buckets_for",
    "clear_index",
    "fetch_bucket",
    "find_node",
    "take_from_index",
]

SCANNED: Final = 64  # persons of a cell in which nodes are scanned


def buckets_for(persons: int) -> int:
    """Return how many buckets a cell has: none where its nodes are scanned, else a power of two."""
    return 0 if persons <= SCANNED else 8 << (persons - 1).bit_length()


@inner
def find_node(cell: BrandCell, code: int, silo: int) -> int:
    """Return the index of the identifier (silo, code), or -1."""
    if len(cell.bucket) == 0:
        for i in range(cell.meta.nodes):
            if cell.node[i].code == code and cell.node[i].silo == silo:
                return i
        return -1
    j = int(cell.bucket[_bucket_of(cell, code, silo)])
    while j >= 0 and (cell.node[j].code != code or cell.node[j].silo != silo):
        j = int(cell.node[j].chain)
    return j


@inner
def fetch_bucket(cell: BrandCell, code: int, silo: int) -> None:
    """Fetch ahead the bucket of an identifier that will be looked for; none in a small cell."""
    if len(cell.bucket) > 0:
        fetch(cell.bucket, _bucket_of(cell, code, silo))


@inner
def add_to_index(cell: BrandCell, i: int) -> None:
    """Put a new node into its bucket."""
    if len(cell.bucket) == 0:
        return
    node = cell.node[i]
    at = _bucket_of(cell, int(node.code), int(node.silo))
    node.chain = cell.bucket[at]
    cell.bucket[at] = i


@inner
def take_from_index(cell: BrandCell, i: int) -> None:
    """Take a node that is dropped out of its bucket."""
    if len(cell.bucket) == 0:
        return
    node = cell.node[i]
    at = _bucket_of(cell, int(node.code), int(node.silo))
    j = int(cell.bucket[at])
    if j == i:
        cell.bucket[at] = node.chain
        return
    while cell.node[j].chain != i:
        j = int(cell.node[j].chain)
    cell.node[j].chain = node.chain


@inner
def clear_index(cell: BrandCell) -> None:
    """Empty all buckets."""
    for at in range(len(cell.bucket)):
        cell.bucket[at] = -1


@inner
def _bucket_of(cell: BrandCell, code: int, silo: int) -> int:
    """Return the bucket of an identifier.

    The parts of its code (`omnilab.world.identifiers.code_of`) are small numbers that differ by
    ones, so odd multiples of them spread, and no product comes near 63 bits.
    """
    kind, owner, epoch = code >> 48, (code >> 32) & 0xFFFF, code & 0xFFFFFFFF
    mixed = (
        owner * 61 + kind * 7919 + (epoch & 0xFFFFF) * 127 + (epoch >> 20) * 31 + int(silo) * 4001
    )
    return int(mixed & (len(cell.bucket) - 1))
