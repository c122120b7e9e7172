"""A copy's message is due: the engine checks everything that no strategy may break, then sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.codes import SHOW_GENERIC
from omnilab.brand.context import any_category
from omnilab.brand.journeys import await_success, draw_entity, finish, hold
from omnilab.brand.policy import is_suppressed, may_send
from omnilab.brand.profiles import find_address
from omnilab.cascade.rules import allowed_at, next_channel, reached
from omnilab.cell.emit import emit
from omnilab.cell.room import MOST_MESSAGES, TOO_MANY_MESSAGES
from omnilab.draws.philox import draw4
from omnilab.draws.streams import BRAND_CONTROL
from omnilab.interaction.message import deliver
from omnilab.kernels.compiling import inlined, inner
from omnilab.log import rows
from omnilab.world.identifiers import owner_of

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.cell.memory import Cell
    from omnilab.world.model import Model

__all__ = ["allowed_channels", "send", "usable_channels"]


@inner
def send(cell: Cell, model: Model, plan: LoweredPlan, t: int, i: int) -> None:
    """Act on the running message of copy ``i``: skip, hold, abort, ask the strategy, or send."""
    copy = cell.copy[i]
    profile = int(copy.profile)
    journey = int(copy.journey)
    who = owner_of(cell.profile[profile].key)
    if copy.message < 0:
        copy.message = (cell.meta.number << 24) | cell.meta.message_serial
        cell.meta.message_serial += 1
        if cell.meta.message_serial == MOST_MESSAGES:
            cell.meta.over = TOO_MANY_MESSAGES
            cell.meta.grown = 1
    if t >= model.clock.end:  # the run-out is without sends
        finish(cell, plan, t, i, rows.FINAL_OPEN)
        return
    if copy.sends > 0 and reached(int(copy.status), int(copy.success)):
        finish(cell, plan, t, i, rows.FINAL_REACHED)  # it came while the fallback was held
        return
    if _is_control(cell, plan, profile):
        finish(cell, plan, t, i, rows.FINAL_CONTROL)
        return
    usable = usable_channels(cell, plan, i)
    at = next_channel(copy.order, int(copy.length), int(copy.at), usable)
    tag = journey * 256 + int(copy.step)
    for k in range(int(copy.at), at):
        c = int(copy.order[k])
        emit(
            cell,
            t,
            who,
            rows.SKIPPED,
            c,
            int(plan.silo[c]),
            int(copy.message),
            tag,
            _why(cell, plan, i, c),
            0,
        )
    copy.at = at
    if at >= copy.length:
        finish(cell, plan, t, i, rows.FINAL_EXHAUSTED if copy.sends > 0 else rows.FINAL_SKIPPED)
        return
    c = int(copy.order[at])
    silo = int(plan.silo[c])
    copy.last_silo = silo
    if plan.rules.quiet_to != plan.rules.quiet_from and model.ch[c].ad == 0:
        free = allowed_at(
            t,
            plan.rules.quiet_from,
            plan.rules.quiet_to,
            model.tz_at,
            model.tz_offset,
            len(model.tz_at),
        )
        if free > t:
            emit(cell, t, who, rows.HELD, c, silo, int(copy.message), tag, free - t, 0)
            hold(cell, plan, i, free)
            return
    if plan.rules.decides == 1 and copy.decided == 0:
        copy.usable = allowed_channels(cell, plan, i, t)
        copy.decided = -1
        copy.answer = 1
        copy.choice = -1
        cell.meta.pending += 1
        cell.meta.now = t
        return
    if copy.decided == 2:
        finish(cell, plan, t, i, rows.FINAL_DECLINED)
    elif is_suppressed(cell, plan, profile, journey, silo):
        finish(cell, plan, t, i, rows.FINAL_SUPPRESSED)
    elif not may_send(cell, plan, profile, journey, silo, t):
        finish(cell, plan, t, i, rows.FINAL_CAPPED)
    else:
        _send_on(cell, model, plan, t, i, c)


@inner
def _send_on(cell: Cell, model: Model, plan: LoweredPlan, t: int, i: int, c: int) -> None:
    """Send the message over channel ``c``, showing what that channel's silo can show."""
    copy = cell.copy[i]
    journey, number = int(copy.journey), int(copy.step)
    step = plan.step[journey, number]
    silo = int(plan.silo[c])
    category, token = -1, -1
    if step.shows != SHOW_GENERIC:
        category, token = any_category(cell, plan, int(copy.profile), silo, int(step.shows))
    node = int(cell.address[c])  # found when `_why` was asked
    serial = int(copy.serial)
    copy.sends += 1
    if copy.status < 1:
        copy.status = 1
    await_success(cell, plan, i, t)
    deliver(
        cell, model, plan, t, c, node, category, token, float(step.offer),
        float(step.quality), int(step.creative), int(copy.message), journey * 256 + number, i,
        serial,
    )  # fmt: skip


@inner
def usable_channels(cell: Cell, plan: LoweredPlan, i: int) -> int:
    """Return the mask of the copy's channels with an address whose owner has given permission."""
    copy = cell.copy[i]
    mask = 0
    for k in range(copy.length):
        c = int(copy.order[k])
        if _why(cell, plan, i, c) == 0:
            mask |= 1 << c
    return mask


@inner
def allowed_channels(cell: Cell, plan: LoweredPlan, i: int, t: int) -> int:
    """Return the mask of usable channels that caps and a known "stop all" leave."""
    copy = cell.copy[i]
    mask = 0
    for k in range(copy.length):
        c = int(copy.order[k])
        silo = int(plan.silo[c])
        if _why(cell, plan, i, c) != 0 or is_suppressed(
            cell, plan, int(copy.profile), int(copy.journey), silo
        ):
            continue
        if may_send(cell, plan, int(copy.profile), int(copy.journey), silo, t):
            mask |= 1 << c
    return mask


@inlined
def _why(cell: Cell, plan: LoweredPlan, i: int, c: int) -> int:
    """Return why a channel can't be used: 0 it can, 1 no address, 2 no consent.

    The address is left in ``cell.address``.
    """
    node = find_address(cell, int(cell.copy[i].profile), int(plan.address[c]), int(plan.silo[c]))
    cell.address[c] = node
    if node < 0:
        return 1
    # Consent belongs to (identifier, channel) and is kept here, whatever a strategy believes.
    who = owner_of(cell.node[node].code)
    return 0 if (cell.person[who].consent >> c) & 1 == 1 else 2


@inner
def _is_control(cell: Cell, plan: LoweredPlan, profile: int) -> bool:
    if plan.rules.control <= 0.0:
        return False
    u, _, _, _ = draw4(
        plan.rules.key0, plan.rules.key1, BRAND_CONTROL, draw_entity(cell, profile), 0
    )
    return u < plan.rules.control
