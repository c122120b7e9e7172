"""Arms of a split test: which of them a copy belongs to, by whose draw.

A tool divides what it knows: profiles, or the addresses that it writes to. A person who is two of
them may fall into two arms, and the tool can't see it. The draw hangs on the test and on the
identifier alone, so all steps and journeys of one test agree, and a copy that comes again falls
into the same arm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.limits import MOST_ARMS
from omnilab.brand.outbox import note_arm
from omnilab.brand.profiles import find_address
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Floats, Ints, Record, f8, i1, i8, several

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan, Step
    from omnilab.brand.state import BrandCell

__all__ = ["BY_ADDRESS", "LoweredTest", "arm_noted", "draw_entity", "is_in_arm"]

BRAND_ARMS: Final = stream("BRAND_ARMS", 254)  # the cell and an identifier, test
BY_ADDRESS: Final = 1


class LoweredTest(Record):
    """One test."""

    by: i8  # 0 the profile, BY_ADDRESS
    n: i8  # arms
    upto: Floats = several(MOST_ARMS, f8)  # shares added up
    n_channels: i8
    channels: Ints = several(8, i1)  # that its messages use, in their order


@inner
def is_in_arm(cell: BrandCell, plan: LoweredPlan, i: int, step: Step) -> bool:
    """Tell whether copy ``i`` walks a step of a test; note its arm where it first meets it."""
    copy = cell.copy[i]
    n = int(step.test) - 1
    arm = _arm_of(cell, plan, i, n)
    if (copy.tests >> n) & 1 == 0:
        copy.tests |= 1 << n
        note_arm(cell, copy, n, arm)
    return arm == step.arm


@inner
def arm_noted(cell: BrandCell, plan: LoweredPlan, i: int, n: int) -> int:
    """Return the arm of test ``n`` that copy ``i`` has met, from 0; -1 where it met none yet."""
    if (cell.copy[i].tests >> n) & 1 == 0:
        return -1
    return _arm_of(cell, plan, i, n)


@inner
def _arm_of(cell: BrandCell, plan: LoweredPlan, i: int, n: int) -> int:
    test = plan.test[n]
    entity = draw_entity(cell, int(cell.profile[int(cell.copy[i].profile)].key))
    if test.by == BY_ADDRESS:
        entity = _entity_of_address(cell, plan, i, n, entity)
    u, _, _, _ = draw4(plan.rules.key0, plan.rules.key1, BRAND_ARMS, entity, n)
    arm = 0
    while arm < test.n - 1 and u >= test.upto[arm]:
        arm += 1
    return arm


@inner
def _entity_of_address(cell: BrandCell, plan: LoweredPlan, i: int, n: int, without: int) -> int:
    """Return the entity of the first address that the test's messages can go to."""
    copy, test = cell.copy[i], plan.test[n]
    for k in range(test.n_channels):
        c = int(test.channels[k])
        if copy.silo >= 0 and plan.sender[c] != copy.silo:
            continue
        node = find_address(cell, int(copy.profile), int(plan.address[c]), int(plan.sender[c]))
        if node >= 0:
            return draw_entity(cell, int(cell.node[node].code))
    return without


@inner
def draw_entity(cell: BrandCell, code: int) -> int:
    """Return the entity of the brand's draws about an identifier: the cell, and its code."""
    return ((int(cell.meta.number) << 25) ^ (code * 40503)) & 0xFFFFFFFFFFFFFF
