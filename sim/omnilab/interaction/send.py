"""A copy's message is due: the engine checks everything that no strategy may break, then sends."""

from __future__ import annotations

from typing import Any

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

__all__ = ["allowed_channels", "send", "usable_channels"]


@inner
def send(C: Any, M: Any, P: Any, t: int, i: int) -> None:
    """Act on the running message of copy ``i``: skip, hold, abort, ask the strategy, or send."""
    copy = C.copy[i]
    profile = int(copy.profile)
    journey = int(copy.journey)
    who = owner_of(C.profile[profile].key)
    if copy.message < 0:
        copy.message = (C.meta[0].cell << 24) | C.meta[0].message_serial
        C.meta[0].message_serial += 1
        if C.meta[0].message_serial == MOST_MESSAGES:
            C.meta[0].over = TOO_MANY_MESSAGES
            C.meta[0].grown = 1
    if t >= M.clock[1]:  # the run-out is without sends
        finish(C, P, t, i, rows.FINAL_OPEN)
        return
    if copy.sends > 0 and reached(int(copy.status), int(copy.success)):
        finish(C, P, t, i, rows.FINAL_REACHED)  # it came while the fallback was held
        return
    if _is_control(C, P, profile):
        finish(C, P, t, i, rows.FINAL_CONTROL)
        return
    usable = usable_channels(C, P, i)
    at = next_channel(copy.order, int(copy.length), int(copy.at), usable)
    tag = journey * 256 + int(copy.step)
    for k in range(int(copy.at), at):
        c = int(copy.order[k])
        emit(
            C, t, who, rows.SKIPPED, c, int(P.silo[c]), int(copy.message), tag, _why(C, P, i, c), 0
        )
    copy.at = at
    if at >= copy.length:
        finish(C, P, t, i, rows.FINAL_EXHAUSTED if copy.sends > 0 else rows.FINAL_SKIPPED)
        return
    c = int(copy.order[at])
    silo = int(P.silo[c])
    copy.last_silo = silo
    if P.plan[0].quiet_to != P.plan[0].quiet_from and M.ch[c].ad == 0:
        free = allowed_at(
            t, P.plan[0].quiet_from, P.plan[0].quiet_to, M.tz_at, M.tz_offset, len(M.tz_at)
        )
        if free > t:
            emit(C, t, who, rows.HELD, c, silo, int(copy.message), tag, free - t, 0)
            hold(C, P, i, free)
            return
    if P.plan[0].decides == 1 and copy.decided == 0:
        copy.usable = allowed_channels(C, P, i, t)
        copy.decided = -1
        copy.answer = 1
        copy.choice = -1
        C.meta[0].pending += 1
        C.meta[0].now = t
        return
    if copy.decided == 2:
        finish(C, P, t, i, rows.FINAL_DECLINED)
    elif is_suppressed(C, P, profile, journey, silo):
        finish(C, P, t, i, rows.FINAL_SUPPRESSED)
    elif not may_send(C, P, profile, journey, silo, t):
        finish(C, P, t, i, rows.FINAL_CAPPED)
    else:
        _send_on(C, M, P, t, i, c)


@inner
def _send_on(C: Any, M: Any, P: Any, t: int, i: int, c: int) -> None:
    """Send the message over channel ``c``, showing what that channel's silo can show."""
    copy = C.copy[i]
    journey, number = int(copy.journey), int(copy.step)
    step = P.step[journey, number]
    silo = int(P.silo[c])
    category, token = -1, -1
    if step.shows != SHOW_GENERIC:
        category, token = any_category(C, P, int(copy.profile), silo, int(step.shows))
    node = int(C.address[c])  # found when `_why` was asked
    serial = int(copy.serial)
    copy.sends += 1
    if copy.status < 1:
        copy.status = 1
    await_success(C, P, i, t)
    deliver(
        C, M, P, t, c, node, category, token, float(step.offer),
        float(step.quality), int(step.creative), int(copy.message), journey * 256 + number, i,
        serial,
    )  # fmt: skip


@inner
def usable_channels(C: Any, P: Any, i: int) -> int:
    """Return the mask of the copy's channels with an address whose owner has given permission."""
    copy = C.copy[i]
    mask = 0
    for k in range(copy.length):
        c = int(copy.order[k])
        if _why(C, P, i, c) == 0:
            mask |= 1 << c
    return mask


@inner
def allowed_channels(C: Any, P: Any, i: int, t: int) -> int:
    """Return the mask of usable channels that caps and a known "stop all" leave."""
    copy = C.copy[i]
    mask = 0
    for k in range(copy.length):
        c = int(copy.order[k])
        silo = int(P.silo[c])
        if _why(C, P, i, c) != 0 or is_suppressed(C, P, int(copy.profile), int(copy.journey), silo):
            continue
        if may_send(C, P, int(copy.profile), int(copy.journey), silo, t):
            mask |= 1 << c
    return mask


@inlined
def _why(C: Any, P: Any, i: int, c: int) -> int:
    """Return why a channel can't be used: 0 it can, 1 no address, 2 no consent.

    The address is left in ``C.address``.
    """
    node = find_address(C, int(C.copy[i].profile), int(P.address[c]), int(P.silo[c]))
    C.address[c] = node
    if node < 0:
        return 1
    # Consent belongs to (identifier, channel) and is kept here, whatever a strategy believes.
    who = owner_of(C.node[node].code)
    return 0 if (C.person[who].consent >> c) & 1 == 1 else 2


@inner
def _is_control(C: Any, P: Any, profile: int) -> bool:
    if P.plan[0].control <= 0.0:
        return False
    u, _, _, _ = draw4(P.plan[0].key0, P.plan[0].key1, BRAND_CONTROL, draw_entity(C, profile), 0)
    return u < P.plan[0].control
