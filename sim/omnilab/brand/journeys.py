"""Journeys: entering, walking the steps, leaving. Triggers and stops by the sharing choices."""

from __future__ import annotations

from typing import Any

from omnilab.brand.channel_order import has_address, line_up
from omnilab.brand.codes import (
    ALL,
    EXIT_DONE,
    EXIT_UNTIL,
    HANDOFF,
    OP_COHORT,
    OP_DELAY,
    OP_EXIT,
    OP_MESSAGE,
    OP_WAIT,
    SILO,
    T_COPY,
    T_SEND,
)
from omnilab.brand.context import any_category, history_at_hand
from omnilab.brand.outbox import note, wake
from omnilab.brand.policy import scope
from omnilab.brand.profiles import free_copy, has_copy, hook
from omnilab.brand.state import CASCADING, DECIDING, DELAYED, WAITING
from omnilab.cascade.rules import reached
from omnilab.draws.philox import draw4
from omnilab.draws.streams import BRAND_COHORT
from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inlined, inner

__all__ = ["finish", "is_live", "run", "see_event", "tick_after", "time_out", "timer_of"]

ENTER = 40
FINAL = 32
EXHAUSTED = 2  # final status: no channel is left


@inner
def see_event(
    C: Any, P: Any, t: int, profile: int, silo: int, event: int, token: int, category: int
) -> None:
    """Let an event seen in a silo stop, continue and start copies of the profile's journeys."""
    i = int(C.profile[profile].first_copy)
    while i >= 0:
        following = int(C.copy[i].next)
        _stop_or_continue(C, P, t, i, silo, event)
        i = following
    for j in range(len(P.journey)):
        if P.journey[j].trigger == event:
            enter(C, P, t, profile, j, silo, token, category)


@inner
def _stop_or_continue(C: Any, P: Any, t: int, i: int, silo: int, event: int) -> None:
    copy = C.copy[i]
    j = int(copy.journey)
    own = int(copy.silo) if copy.silo >= 0 else int(copy.last_silo)
    if (scope(P, j, own, P.plan[0].stop) >> silo) & 1 == 0:
        return
    if P.journey[j].until & event:
        free_copy(C, i, EXIT_UNTIL)
    elif copy.state == WAITING and P.step[j, int(copy.step)].event & event:
        copy.step += 1
        run(C, P, t, i)


@inner
def enter(
    C: Any, P: Any, t: int, profile: int, j: int, silo: int, token: int, category: int
) -> None:
    """Start the copies of journey ``j`` that an event in ``silo`` may start."""
    journey = P.journey[j]
    last = C.profile[profile].entered[j]
    if last >= 0 and t - last < journey.cooldown:
        return
    if P.plan[0].channel == SILO:
        for s in range(P.plan[0].n_silos):
            if (journey.silos >> s) & 1 and _may_trigger(P, j, silo, s):
                _start(C, P, t, profile, j, s, token, category, s)
    else:
        _start(C, P, t, profile, j, -1, token, category, silo)


@inner
def _may_trigger(P: Any, j: int, event_silo: int, sender: int) -> bool:
    choice = P.plan[0].triggers
    if choice == ALL or event_silo < 0:
        return True
    if choice == HANDOFF:
        return (P.journey[j].sequence >> event_silo) & 1 == 1
    return event_silo == sender


@inlined
def _start(
    C: Any,
    P: Any,
    t: int,
    profile: int,
    j: int,
    silo: int,
    token: int,
    category: int,
    event_silo: int,
) -> None:
    if has_copy(C, profile, j, silo) >= 0 or not _can_reach(C, P, profile, j, silo):
        return
    i = int(C.meta[0].free_copy)
    if i >= 0:
        C.meta[0].free_copy = C.copy[i].next
    else:
        i = int(C.meta[0].copies)
        C.meta[0].copies = i + 1
        C.meta[0].grown = 1
    copy = C.copy[i]
    copy.state = DELAYED
    copy.journey = j
    copy.silo = silo
    copy.step = 0
    copy.category = category
    copy.length = 0
    copy.at = 0
    copy.sends = 0
    copy.status = 0
    copy.success = 0
    copy.decided = 0
    copy.usable = 0
    copy.last_silo = silo
    copy.serial = C.meta[0].copy_serial
    C.meta[0].copy_serial += 1
    copy.timer = 0
    copy.token = token
    copy.message = -1
    hook(C, i, profile)
    if silo < 0:
        _first_in_line(C, P, i, t)
        if not _may_trigger(P, j, event_silo, int(copy.last_silo)):
            free_quietly(C, i)
            return
    C.profile[profile].entered[j] = t
    p = C.profile[profile]
    note(C, ENTER, -1, int(copy.last_silo), p.key, copy.serial, j, p.serial, 0)
    run(C, P, t, i)


@inner
def _first_in_line(C: Any, P: Any, i: int, t: int) -> None:
    """Find the silo that would send first, for the `silo` values of triggers and stop.

    Where the journey begins with a message its line of channels is kept.
    """
    copy = C.copy[i]
    first = int(P.journey[int(copy.journey)].first_message)
    if first < 0:
        return
    copy.step = first
    line_up(C, P, i, t)
    if first > 0:
        copy.length = 0  # by then the line may be another
    copy.step = 0


@inner
def free_quietly(C: Any, i: int) -> None:
    """Take back a copy that never started: no row, no serial kept."""
    copy = C.copy[i]
    profile = int(copy.profile)
    C.profile[profile].first_copy = copy.next
    if copy.next >= 0:
        C.copy[int(copy.next)].previous = -1
    copy.state = 0
    copy.next = C.meta[0].free_copy
    C.meta[0].free_copy = i
    C.meta[0].copy_serial -= 1


@inner
def _can_reach(C: Any, P: Any, profile: int, j: int, silo: int) -> bool:
    """Tell whether any channel of the journey has an address of the profile."""
    for c in range(len(P.silo)):
        if (P.journey[j].channels >> c) & 1 == 0:
            continue
        if silo >= 0 and P.silo[c] != silo:
            continue
        if has_address(C, P, profile, c):
            return True
    return False


@inner
def run(C: Any, P: Any, t: int, i: int) -> None:
    """Walk the copy's steps from the present one until it has to wait or ends."""
    copy = C.copy[i]
    j = int(copy.journey)
    while copy.step < P.journey[j].n_steps:
        step = P.step[j, int(copy.step)]
        if step.op == OP_DELAY:
            copy.state = DELAYED
            copy.step += 1
            _set_timer(C, P, i, t + step.seconds, T_COPY)
            return
        if step.op == OP_WAIT:
            copy.state = WAITING
            _set_timer(C, P, i, t + step.seconds, T_COPY)
            return
        if step.op == OP_MESSAGE:
            copy.state = DECIDING
            copy.decided = 0
            copy.sends = 0
            copy.status = 0
            copy.success = step.success
            if copy.length == 0:
                line_up(C, P, i, t)
            _set_timer(C, P, i, t, T_SEND)
            return
        if step.op == OP_EXIT:
            break
        if not _passes(C, P, i, step):
            if step.op == OP_COHORT or step.skip == 0:
                break
            copy.step += step.skip
        copy.step += 1
    free_copy(C, i, EXIT_DONE)


@inner
def _passes(C: Any, P: Any, i: int, step: Any) -> bool:
    copy = C.copy[i]
    profile = int(copy.profile)
    if step.op == OP_COHORT:
        key = (int(copy.journey) << 8) | int(copy.step)
        u, _, _, _ = draw4(
            P.plan[0].key0, P.plan[0].key1, BRAND_COHORT, draw_entity(C, profile), key
        )
        return u < step.share
    silo = int(copy.silo) if copy.silo >= 0 else int(copy.last_silo)
    if step.has == 1 or step.has == 2:
        category, _ = any_category(C, P, profile, silo, int(step.has))
        return category >= 0
    bought = history_at_hand(C, P, profile, silo)
    return bought if step.has == 3 else not bought


@inner
def draw_entity(C: Any, profile: int) -> int:
    """Return the entity of the profile's draws: the cell and its first-seen identifier."""
    return ((int(C.meta[0].cell) << 25) ^ (int(C.profile[profile].key) * 40503)) & 0xFFFFFFFFFFFFFF


@inner
def tick_after(P: Any, t: int) -> int:
    """Return the first tick at or after ``t``: all strategies send on the same ticks."""
    tick = int(P.plan[0].tick)
    return quotient(t + tick - 1, tick) * tick


@inner
def timer_of(copy: Any) -> int:
    """Return the number that a timer must carry to count.

    A copy asks to be woken at most once a tick, so no copy has 2**24 timers: a tick is a minute or
    longer and a run at most thirty years.
    """
    return (int(copy.serial) << 24) | int(copy.timer)


@inner
def is_live(C: Any, i: int, number: int) -> bool:
    """Tell whether a timer still counts: the same copy, and no later timer."""
    return C.copy[i].state != 0 and timer_of(C.copy[i]) == number


@inner
def _set_timer(C: Any, P: Any, i: int, at: int, kind: int) -> None:
    C.copy[i].timer += 1
    wake(C, tick_after(P, at), kind, i, timer_of(C.copy[i]))


@inner
def hold(C: Any, P: Any, i: int, until: int) -> None:
    """Try the copy's message again at ``until``."""
    _set_timer(C, P, i, until, T_SEND)


@inner
def await_success(C: Any, P: Any, i: int, t: int) -> None:
    """After a send: wait for the success status, at most the step's fallback time."""
    copy = C.copy[i]
    copy.state = CASCADING
    _set_timer(C, P, i, t + P.step[int(copy.journey), int(copy.step)].seconds, T_COPY)


@inlined
def finish(C: Any, P: Any, t: int, i: int, final: int) -> None:
    """Give the copy's message its final status and walk on."""
    copy = C.copy[i]
    if copy.message >= 0:
        p = C.profile[int(copy.profile)]
        tag = int(copy.journey) * 256 + int(copy.step)
        note(C, FINAL, -1, int(copy.last_silo), p.key, copy.message, tag, final, int(copy.sends))
    copy.message = -1
    copy.length = 0
    copy.step += 1
    run(C, P, t, i)


@inner
def time_out(C: Any, P: Any, t: int, i: int) -> None:
    """Act on the copy's timer: a delay is over, an event did not come, a fallback is due."""
    copy = C.copy[i]
    if copy.state == WAITING:
        if P.step[int(copy.journey), int(copy.step)].skip == 0:
            copy.step += 1
            run(C, P, t, i)
        else:
            free_copy(C, i, EXIT_DONE)
    elif copy.state == CASCADING:
        copy.at += 1
        if copy.at >= copy.length:
            finish(C, P, t, i, EXHAUSTED)
            return
        copy.state = DECIDING
        _set_timer(C, P, i, t, T_SEND)
    else:
        run(C, P, t, i)


@inner
def see_receipt(C: Any, P: Any, t: int, i: int, message: int, status: int) -> None:
    """Raise the running message's status; its success ends the cascade.

    A late receipt, of a message that has got its final status, changes nothing.
    """
    copy = C.copy[i]
    if copy.message != message:
        return
    if status > copy.status:
        copy.status = status
    if copy.state == CASCADING and reached(int(copy.status), int(copy.success)):
        finish(C, P, t, i, 1)
