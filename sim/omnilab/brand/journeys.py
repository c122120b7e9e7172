"""Journeys: entering, walking the steps, leaving. Triggers and stops by the sharing choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.brand.arms import draw_entity as entity_of
from omnilab.brand.arms import is_in_arm
from omnilab.brand.at_hand import (
    any_category,
    history_at_hand,
    last_answer,
    last_unhappy,
    paid_at_hand,
    tier_at_hand,
)
from omnilab.brand.channel_order import has_address, line_up
from omnilab.brand.codes import (
    ANSWERED,
    EXIT_DONE,
    EXIT_UNTIL,
    HAS_SCORE,
    HAS_TIER,
    HAS_VALUE,
    OP_COHORT,
    OP_DELAY,
    OP_EXIT,
    OP_MESSAGE,
    OP_WAIT,
    T_COPY,
    T_SEND,
    UNHAPPY,
    WAS_ACCEPTED,
    WAS_CLICKED,
    WAS_OPENED,
    WAS_REPLIED,
)
from omnilab.brand.instances import begin_copy, drop_copy, free_copy, has_copy, hook, take_copy
from omnilab.brand.leeway import as_planned
from omnilab.brand.outbox import note_enter, note_final, wake
from omnilab.brand.policy import scope
from omnilab.brand.scoring import score_at_hand
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.brand.state import CASCADING, DECIDING, DELAYED, WAITING
from omnilab.cascade.rules import CLICKED, OPENED, reached
from omnilab.draws.philox import draw4
from omnilab.draws.streams import BRAND_COHORT
from omnilab.draws.whole import quotient
from omnilab.kernels.compiling import inlined, inner
from omnilab.kernels.prefetch import prefetch_part as fetch_part
from omnilab.log import rows

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan, Step
    from omnilab.brand.state import BrandCell, Copy

__all__ = [
    "await_success",
    "draw_entity",
    "enter",
    "finish",
    "hold",
    "is_live",
    "run",
    "see_event",
    "see_receipt",
    "tick_after",
    "time_out",
    "timer_of",
    "wait_unshown",
]


@inner
def see_event(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    profile: int,
    seen: int,
    event: int,
    token: int,
    category: int,
) -> None:
    """Let an event stop, continue and start copies of the profile's journeys.

    ``seen`` has a bit for each silo that sees it.
    """
    i = int(cell.profile[profile].first_copy)
    while i >= 0:
        following = int(cell.copy[i].next)
        _stop_or_continue(cell, plan, t, i, seen, event)
        i = following
    if plan.rules.starts & event == 0:
        return
    for j in range(len(plan.journey)):
        if plan.journey[j].trigger == event:
            enter(cell, plan, t, profile, j, seen, token, category)


@inner
def _stop_or_continue(
    cell: BrandCell, plan: LoweredPlan, t: int, i: int, seen: int, event: int
) -> None:
    copy = cell.copy[i]
    j = int(copy.journey)
    own = int(copy.silo) if copy.silo >= 0 else int(copy.last_silo)
    if scope(plan, j, own, plan.rules.stop) & seen == 0:
        return
    if plan.journey[j].until & event:
        free_copy(cell, i, EXIT_UNTIL)
    elif copy.state == WAITING and plan.step[j, int(copy.step)].event & event:
        copy.step += 1
        run(cell, plan, t, i)


@inner
def enter(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    profile: int,
    j: int,
    seen: int,
    token: int,
    category: int,
) -> None:
    """Start the copies of journey ``j`` that an event may start.

    ``seen`` has a bit for each silo that sees it, and is -1 for what nobody sees: a day of the
    week.
    """
    journey = plan.journey[j]
    if not journey.from_t <= t <= journey.to_t:
        return
    if plan.rules.channel == SILO:
        for s in range(plan.rules.n_silos):
            if (journey.silos >> s) & 1 and _may_trigger(plan, j, seen, s):
                _start(cell, plan, t, profile, j, s, token, category, seen)
    else:
        _start(cell, plan, t, profile, j, -1, token, category, seen)


@inner
def _may_trigger(plan: LoweredPlan, j: int, seen: int, sender: int) -> bool:
    choice = plan.rules.triggers
    if choice == ALL or seen < 0:
        return True
    if choice == HANDOFF:
        return plan.journey[j].sequence & seen != 0
    return (seen >> sender) & 1 == 1


@inlined
def _start(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    profile: int,
    j: int,
    silo: int,
    token: int,
    category: int,
    seen: int,
) -> None:
    entry = _entry(plan, j, silo)
    last = cell.entered[profile, entry]
    if last >= 0 and t - last < plan.journey[j].cooldown:
        return
    if has_copy(cell, profile, j, silo) >= 0 or not _can_reach(cell, plan, profile, j, silo):
        return
    i = take_copy(cell)
    fetch_part(cell.copy, int(cell.meta.free_copy), 0)  # for the one that is taken next
    copy = cell.copy[i]
    begin_copy(cell, i)
    copy.journey = j
    copy.silo = silo
    copy.category = category
    copy.seen = max(seen, 0)
    copy.last_silo = silo
    copy.token = token
    copy.goods = cell.meta.goods
    hook(cell, i, profile)
    if silo < 0:
        _first_in_line(cell, plan, i, t)
        if not _may_trigger(plan, j, seen, int(copy.last_silo)):
            drop_copy(cell, i)  # it never started: no row, no serial kept
            cell.meta.copy_serial -= 1
            return
    cell.entered[profile, entry] = t
    note_enter(cell, copy)
    run(cell, plan, t, i)


@inner
def _entry(plan: LoweredPlan, j: int, silo: int) -> int:
    """Return where the last entry into a journey is kept: one place, or one for each team's copy.

    Who runs a copy of its own has a cooldown of its own, also on a profile that several share.
    """
    places = int(plan.rules.places)
    return j * places + (silo if places > 1 and silo > 0 else 0)


@inner
def _first_in_line(cell: BrandCell, plan: LoweredPlan, i: int, t: int) -> None:
    """Find the silo that would send first, for the `silo` values of triggers and stop.

    Where the journey begins with a message its line of channels is kept.
    """
    copy = cell.copy[i]
    first = int(plan.journey[int(copy.journey)].first_message)
    if first < 0:
        return
    copy.step = first
    line_up(cell, plan, i, t)
    if first > 0:
        copy.length = 0  # by then the line may be another
    copy.step = 0


@inner
def _can_reach(cell: BrandCell, plan: LoweredPlan, profile: int, j: int, silo: int) -> bool:
    """Tell whether any channel of the journey has an address of the profile."""
    for c in range(len(plan.silo)):
        if (plan.journey[j].channels >> c) & 1 == 0:
            continue
        if silo >= 0 and plan.sender[c] != silo:
            continue
        if has_address(cell, plan, profile, c):
            return True
    return False


@inner
def run(cell: BrandCell, plan: LoweredPlan, t: int, i: int) -> None:
    """Walk the copy's steps from the present one until it has to wait or ends."""
    copy = cell.copy[i]
    j = int(copy.journey)
    while copy.step < plan.journey[j].n_steps:
        step = plan.step[j, int(copy.step)]
        if step.test > 0 and not is_in_arm(cell, plan, i, step):
            copy.length = 0  # what was lined up was for this step
            copy.step += 1
            continue
        if step.op == OP_DELAY:
            copy.state = DELAYED
            copy.step += 1
            _set_timer(cell, plan, i, t + step.seconds, T_COPY)
            return
        if step.op == OP_WAIT:
            copy.state = WAITING
            _set_timer(cell, plan, i, t + step.seconds, T_COPY)
            return
        if step.op == OP_MESSAGE:
            copy.state = DECIDING
            copy.decided = 0
            as_planned(copy)
            copy.short = -1
            copy.sends = 0
            copy.status = 0
            copy.success = step.success
            if copy.length == 0:
                line_up(cell, plan, i, t)
            _set_timer(cell, plan, i, t, T_SEND)
            return
        if step.op == OP_EXIT:
            break
        if not _passes(cell, plan, i, step, t):
            if step.op == OP_COHORT or step.skip == 0:
                break
            copy.step += step.skip
        copy.step += 1
    free_copy(cell, i, EXIT_DONE)


@inner
def _passes(cell: BrandCell, plan: LoweredPlan, i: int, step: Step, t: int) -> bool:
    copy = cell.copy[i]
    profile = int(copy.profile)
    if step.op == OP_COHORT:
        key = (int(copy.journey) << 8) | int(copy.step)
        u, _, _, _ = draw4(
            plan.rules.key0, plan.rules.key1, BRAND_COHORT, draw_entity(cell, profile), key
        )
        return u < step.share
    silo = int(copy.silo) if copy.silo >= 0 else int(copy.last_silo)
    if step.has == 1 or step.has == 2:
        category, _ = any_category(cell, plan, profile, silo, int(step.has))
        return category >= 0
    if step.has >= HAS_SCORE:
        high = score_at_hand(cell, plan, t, profile, silo) >= step.threshold
        return high if step.has == HAS_SCORE else not high
    if step.has >= WAS_REPLIED:
        was = copy.last_message >= 0 and copy.answers_to == copy.last_message
        return was if step.has == WAS_REPLIED or step.has == WAS_ACCEPTED else not was
    if step.has >= HAS_VALUE:
        enough = paid_at_hand(cell, plan, profile, silo) >= step.least
        return enough if step.has == HAS_VALUE else not enough
    if step.has >= HAS_TIER:
        member = tier_at_hand(cell, plan, t, profile, silo) >= step.least
        return member if step.has == HAS_TIER else not member
    if step.has >= WAS_OPENED:
        status = CLICKED if step.has >= WAS_CLICKED else OPENED
        came = reached(int(copy.last_status), status)
        return came if step.has in (WAS_OPENED, WAS_CLICKED) else not came
    if step.has == UNHAPPY:
        last = last_unhappy(cell, plan, profile, silo)
        return last >= 0 and t - last <= step.seconds
    if step.has >= ANSWERED:
        last = last_answer(cell, plan, profile, silo)
        recent = last >= 0 and t - last <= step.seconds
        return recent if step.has == ANSWERED else not recent
    bought = history_at_hand(cell, plan, profile, silo)
    return bought if step.has == 3 else not bought


@inner
def draw_entity(cell: BrandCell, profile: int) -> int:
    """Return the entity of the profile's draws: the cell and its first-seen identifier."""
    return entity_of(cell, int(cell.profile[profile].key))


@inner
def tick_after(plan: LoweredPlan, t: int) -> int:
    """Return the first tick at or after ``t``: all strategies send on the same ticks."""
    tick = int(plan.rules.tick)
    return quotient(t + tick - 1, tick) * tick


@inner
def timer_of(copy: Copy) -> int:
    """Return the number that a timer must carry to count.

    A copy asks to be woken at most once a tick, so no copy has 2**24 timers: a tick is a minute or
    longer and a run at most thirty years.
    """
    return (int(copy.serial) << 24) | int(copy.timer)


@inner
def is_live(cell: BrandCell, i: int, number: int) -> bool:
    """Tell whether a timer still counts: the same copy, and no later timer."""
    return cell.copy[i].state != 0 and timer_of(cell.copy[i]) == number


@inner
def _set_timer(cell: BrandCell, plan: LoweredPlan, i: int, at: int, kind: int) -> None:
    cell.copy[i].timer += 1
    cell.copy[i].due = tick_after(plan, at)
    wake(cell, int(cell.copy[i].due), kind, i, timer_of(cell.copy[i]))


@inner
def hold(cell: BrandCell, plan: LoweredPlan, i: int, until: int) -> None:
    """Try the copy's message again at ``until``."""
    _set_timer(cell, plan, i, until, T_SEND)


@inner
def await_success(cell: BrandCell, plan: LoweredPlan, i: int, t: int) -> None:
    """Count a send, and wait for its success status, at most the step's fallback time."""
    copy = cell.copy[i]
    copy.sends += 1
    copy.short = -1
    if copy.status < 1:
        copy.status = 1
    copy.state = CASCADING
    _set_timer(cell, plan, i, t + plan.step[int(copy.journey), int(copy.step)].seconds, T_COPY)


@inner
def wait_unshown(cell: BrandCell, plan: LoweredPlan, i: int, t: int) -> None:
    """Wait as after a send: the brand learns of an ad that was not shown when its time is over."""
    cell.copy[i].state = CASCADING
    cell.copy[i].short = -1
    step = plan.step[int(cell.copy[i].journey), int(cell.copy[i].step)]
    _set_timer(cell, plan, i, t + step.seconds, T_COPY)


@inlined
def finish(cell: BrandCell, plan: LoweredPlan, t: int, i: int, final: int) -> None:
    """Give the copy's message its final status and walk on."""
    copy = cell.copy[i]
    if copy.message >= 0:
        note_final(cell, copy, final)
        copy.last_message = copy.message
        copy.last_status = copy.status
    copy.message = -1
    copy.length = 0
    copy.step += 1
    run(cell, plan, t, i)


@inner
def time_out(cell: BrandCell, plan: LoweredPlan, t: int, i: int) -> None:
    """Act on the copy's timer: a delay is over, an event did not come, a fallback is due."""
    copy = cell.copy[i]
    if copy.state == WAITING:
        if plan.step[int(copy.journey), int(copy.step)].skip == 0:
            copy.step += 1
            run(cell, plan, t, i)
        else:
            free_copy(cell, i, EXIT_DONE)
    elif copy.state == CASCADING:
        copy.at += 1
        if copy.at >= copy.length:
            unshown = copy.sends == 0
            finish(cell, plan, t, i, rows.FINAL_UNSHOWN if unshown else rows.FINAL_EXHAUSTED)
            return
        copy.state = DECIDING
        _set_timer(cell, plan, i, t, T_SEND)
    else:
        run(cell, plan, t, i)


@inner
def see_receipt(
    cell: BrandCell, plan: LoweredPlan, t: int, i: int, message: int, status: int
) -> None:
    """Raise the running message's status; its success ends the cascade.

    A late receipt, of a message that has got its final status, ends nothing any more: it only
    counts for a branch on that message, the last one before.
    """
    copy = cell.copy[i]
    if copy.message != message:
        if copy.last_message == message and status > copy.last_status:
            copy.last_status = status
        return
    if status > copy.status:
        copy.status = status
    if copy.state == CASCADING and reached(int(copy.status), int(copy.success)):
        finish(cell, plan, t, i, rows.FINAL_REACHED)
