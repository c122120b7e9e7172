"""Add the rows of one cell under one strategy into integer sums and tables, in one pass.

Both engines call `tally` on blocks of rows in their order, then `omnilab.measure.customers.close`
once. Kinds of rows are asked for in the order of how many a log has of them. Arrays that each row
needs are taken out of the bundle once, since compiled code looks a bundle's array up each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.brand.node_index import SCANNED
from omnilab.kernels.compiling import inner, kernel
from omnilab.kernels.prefetch import prefetch_part
from omnilab.kernels.prefetch import prefetch_to_write as prefetch
from omnilab.log import fields
from omnilab.log.rows import (
    ACCEPT,
    ACCOUNT_MEMBER,
    ACCOUNT_ORDER,
    ACT,
    ANSWER,
    AWARE,
    BAD,
    BAD_SPAM,
    BAD_STOP,
    CART_LEFT,
    CONTACT,
    ENTER,
    EXIT,
    FINAL,
    GIVE_UP,
    HANDED_OVER,
    IDENTIFIER,
    KNOWS,
    LEFT,
    LINE,
    LINE_LEFT,
    MEDIA_CONTACT,
    MERGE,
    NEED,
    NEED_LOST,
    ORDER,
    PASSED,
    PERSON,
    POST_SEEN,
    READ,
    REDEEMED,
    REPLY,
    RETURN,
    SENT,
    SERVED,
    SERVICE,
    VIEW,
    VISIT,
)
from omnilab.measure.due import due_slots
from omnilab.measure.knowing import count_view, follow_contact, follow_knowing
from omnilab.measure.layout import (
    DAY_S,
    MESSAGE_SLOTS,
    NEED_CART_LEFT,
    NEED_PAID,
    NEED_SOURCED,
    PEOPLE,
    SEARCH,
    WINDOW_END,
    WINDOW_START,
)
from omnilab.measure.memory import (
    enter,
    message_slot,
    need_slot,
    on_device,
    open_need,
    or_last,
    step,
)
from omnilab.measure.messages import count_message
from omnilab.measure.observed import DUE_SLOTS
from omnilab.measure.sales import count_lost, count_order, count_return
from omnilab.measure.worth import earn
from omnilab.world.accounts import USER
from omnilab.world.device import PHONE, TABLET

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["tally"]

#: Rows by which the sums of a row's person are fetched ahead.
AHEAD: Final = 8
#: Where fields of a person's record begin, in bytes.
_FIELDS: Any = PEOPLE.fields
_MESSAGE, _MESSAGE_FLAGS, _NEED = (
    int(_FIELDS[name][1]) for name in ("message", "message_flags", "need")
)
#: Frequent kinds of rows that are counted and nothing more, a bit each.
_ONLY_COUNTED: Final = (1 << VIEW) | (1 << IDENTIFIER) | (1 << EXIT) | (1 << MERGE)


@kernel
def tally(
    rows: Any, n: int, first_person: int, place: int, persons: int, o: Observed, k: int
) -> None:
    """Add ``n`` rows of one cell under one strategy to the tables.

    Parameters
    ----------
    rows
        Log rows (dtype ``ROW``) in the log's order; a cell's log may come in blocks.
    n
        Rows that are valid, from the first.
    first_person
        Global id of the cell's first person; ids within a cell are contiguous.
    place, persons
        Where the cell's persons begin in ``o.people`` and ``o.own``, and how many they are. A
        PERSON row resets their records, so these need no clearing between cells.
    o
        The strategy's tables.
    k
        The cell's row of ``o.by_week``.
    """
    start, end = o.clock[WINDOW_START], o.clock[WINDOW_END]
    own, people, place_of_first = o.own, o.people, place - first_person
    search = _search_channel(o)
    first_due, size = place * DUE_SLOTS, due_slots(persons)
    fetches = persons > SCANNED  # a town's people are more than fit into the nearest cache
    for i in range(n):
        row = rows[i]
        if fetches and i + AHEAD < n:
            _fetch(rows[i + AHEAD], place_of_first, first_due, size, o)
        kind = int(row["kind"])
        time = row["time"]
        inside = start <= time < end
        p = place_of_first + row["person"]
        sums = own[p]
        if inside:
            sums["rows"][kind] += 1
        if kind <= MERGE and (_ONLY_COUNTED >> kind) & 1 == 1:
            continue
        one = people[p]
        if SENT <= kind <= FINAL:
            count_message(row, kind, one, sums, inside, first_due, size, o, k)
        elif kind == VISIT:
            _visit(row, one, sums, search, inside, o, k)
        elif kind == ENTER:
            if inside:
                o.by_journey[fields.enter_journey(row)]["entered"] += 1
        elif kind == NEED:
            open_need(one, fields.need_need(row))
            if inside:
                sums["need_value"] += fields.need_value(row)
        elif kind == NEED_LOST:
            count_lost(row, one, sums, inside, o)
        elif kind == ORDER:
            count_order(row, one, sums, inside, o, k)
        elif kind == PERSON:
            persona, prior = fields.person_persona(row), fields.person_prior(row)
            enter(one, persona, prior, fields.person_entry(row), row["channel"])
            for j in range(o.own_flat.shape[1]):
                o.own_flat[p, j] = 0
            sums["persons"] = 1
        elif kind == RETURN:
            count_return(row, one, sums, inside, o, k)
        elif kind == PASSED:
            _passed(row, one, sums, inside, o, k)
        elif kind == MEDIA_CONTACT:
            cost = fields.media_contact_cost(row)
            follow_contact(cost, row, one, sums, inside, o, k)
        elif kind == POST_SEEN:
            cost = fields.post_seen_cost(row)
            follow_contact(cost, row, one, sums, inside, o, k)
            if inside:
                count_view(row, sums)
        elif kind == ACCOUNT_MEMBER:
            sums["accounts"] += fields.account_member_roles(row) & USER
        elif kind == KNOWS:
            follow_knowing(row, one, sums, o)
        elif kind == BAD:
            one["last_bad"] = fields.bad_why(row)
            if inside:
                sums["bad"][fields.bad_why(row) - 1] += 1
        elif kind == ANSWER:
            _answer(row, one, sums, inside, o, k)
        elif kind == ACT:
            _act(row, one, sums, inside, o, k)
        elif kind == REPLY:
            _pay(fields.replied_cost(row), row, one, sums, inside, o, k)
        elif kind == ACCEPT:
            _pay(fields.accepted_cost(row), row, one, sums, inside, o, k)
        elif inside:
            _other(row, kind, one, sums, o)


@inner
def _fetch(row: np.void, place_of_first: int, first_due: int, size: int, o: Observed) -> None:
    """Fetch ahead what a later row adds to: its kind's sum, and the message or needs it is of."""
    q, kind = int(place_of_first + row["person"]), int(row["kind"])
    prefetch(o.own_flat, q * o.own_flat.shape[1] + kind)
    if SENT <= kind <= FINAL:
        message = int(fields.message_id(row))
        slot = message & (MESSAGE_SLOTS - 1)
        prefetch_part(o.people, q, _MESSAGE + 8 * slot)
        prefetch_part(o.people, q, _MESSAGE_FLAGS + 4 * slot)
        prefetch(o.due, first_due + (message & (size - 1)))
    else:
        prefetch_part(o.people, q, _NEED)


@inner
def _passed(row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int) -> None:
    """Follow a place that was noticed: a board's contact costs as an ad's impression does."""
    cost = fields.passed_cost(row)
    if cost == 0:
        return
    earn(one, -cost, row["time"], o, k)
    if inside:
        o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]["cost"] += cost
        sums["send_cost"] += cost


@inner
def _act(row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int) -> None:
    """Follow an act, and what its incentive cost."""
    _pay(fields.act_cost(row), row, one, sums, inside, o, k)
    if inside:
        sums["acts"][fields.act_act(row)] += 1


@inner
def _pay(
    cost: int, row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int
) -> None:
    """Book the incentive of an act, or of an answer, milli-cents."""
    time = row["time"]
    if cost > 0:
        earn(one, -cost, time, o, k)
    if inside:
        o.by_day[(time - o.clock[WINDOW_START]) // DAY_S]["cost"] += cost
        o.by_channel[or_last(row["channel"], o.by_channel.shape[0] - 1)]["cost"] += cost
        sums["act_cost"] += cost


@inner
def _search_channel(o: Observed) -> int:
    """Return the channel whose clicks are bought, or -1."""
    search = -1
    for c in range(o.transitions.shape[0] - 1):
        if o.ad[c] & SEARCH:
            search = c
    return search


@inner
def _visit(
    row: np.void, one: np.void, sums: np.void, search: int, inside: bool, o: Observed, k: int
) -> None:
    """Follow a visit, and its cost where the click was bought."""
    channel, time = int(row["channel"]), row["time"]
    paid, cause, need = fields.visit_cost(row), fields.visit_cause(row), fields.visit_need(row)
    message = message_slot(one, cause)
    if paid > 0:
        earn(one, -paid, time, o, k)
    if inside:
        day = o.by_day[(time - o.clock[WINDOW_START]) // DAY_S]
        day["visits"] += 1
        here = o.by_channel[channel]
        here["visits"] += 1
        if need >= 0 and fields.visit_returning(row) == 0:
            sums["first_visits"] += 1
        if o.devices[channel] == 1:
            sums["device_visits"][fields.visit_on_device(row)] += 1
        if cause >= 0:
            sums["led_visits"] += 1
        if paid != 0:
            day["cost"] += paid
            bought = o.by_channel[search] if search >= 0 and paid > 0 else here
            bought["cost"] += paid
            bought["led_visits"] += 1
            sums["click_cost"] += paid
            sums["paid_visits"] += 1
        if fields.visit_source(row) > 0:
            sums["sourced_visits"][fields.visit_source(row) - 1] += 1
        if fields.visit_carry_needed(row) == 1:
            sums["switches"] += 1
            sums["carried"] += fields.visit_carried(row)
        if message >= 0:
            o.by_channel[one["message_channel"][message]]["led_visits"] += 1
            o.by_journey[one["message_journey"][message]]["led_visits"] += 1
    elif time < o.clock[WINDOW_START]:
        _visit_before(row, one, channel, o)
    if need >= 0:
        most = int(o.path_base[1])
        slot = step(one, need, channel, cause, message, int(o.path_base[0]), most)
        if cause >= 0 or (search >= 0 and paid > 0):
            one["need_led_time"][slot] = time
        if search >= 0 and paid > 0:
            one["need_flags"][slot] |= NEED_PAID
            one["need_led_channel"][slot] = search
        if fields.visit_source(row) > 0:
            one["need_flags"][slot] |= NEED_SOURCED << (fields.visit_source(row) - 1)
        if o.devices[channel] == 1:
            on_device(one, slot, fields.visit_on_device(row))
        if inside:
            one["channels"] |= 1 << channel
            before = one["need_previous"][slot]
            o.transitions[or_last(before, o.transitions.shape[0] - 1), channel] += 1


@inner
def _visit_before(row: np.void, one: np.void, channel: int, o: Observed) -> None:
    """Keep where a person was first, and on which device, before the window."""
    if one["first_channel"] < 0:
        one["first_channel"] = channel
    device = fields.visit_on_device(row)
    if device == PHONE:
        one["on_phone"] += 1
    elif device == TABLET:
        one["on_tablet"] += 1
    elif o.devices[channel] == 1:
        one["on_computer"] += 1


@inner
def _answer(row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int) -> None:
    """Follow an answer to a question, and what the agent's time cost."""
    cost, time = fields.answer_cost(row), row["time"]
    if cost > 0:
        earn(one, -cost, time, o, k)
    if not inside:
        return
    o.by_day[(time - o.clock[WINDOW_START]) // DAY_S]["cost"] += cost
    o.by_channel[or_last(row["channel"], o.by_channel.shape[0] - 1)]["cost"] += cost
    sums["agent_cost"] += cost
    solved, by_agent = fields.answer_solved(row), fields.answer_by(row) > 0
    sums["answered"] += solved
    sums["answered_first"] += solved if fields.answer_attempt(row) == 0 else 0
    if by_agent:
        sums["agent_answers"] += 1
        sums["agent_wait"] += fields.answer_wait(row)
        sums["agent_time"] += fields.answer_length(row)
    else:
        sums["answered_page"] += solved


@inner
def _other(row: np.void, kind: int, one: np.void, sums: np.void, o: Observed) -> None:
    """Count one of the world's rarer rows in the window."""
    if kind == AWARE:
        cause = fields.aware_cause(row)
        sums["aware_message"] += 1 if cause == 1 else 0
        sums["aware_tip"] += 1 if cause == 2 else 0
    elif kind == CART_LEFT:
        o.by_channel[or_last(row["channel"], o.by_channel.shape[0] - 1)]["carts_left"] += 1
        slot = need_slot(one, fields.cart_left_need(row))
        if slot >= 0:
            one["need_flags"][slot] |= NEED_CART_LEFT
    elif kind == GIVE_UP:
        sums["repeated_steps"] += fields.give_up_steps(row)
        slot = need_slot(one, fields.give_up_need(row))
        before = one["need_previous"][slot] if slot >= 0 else -1
        o.gave_up[or_last(before, o.gave_up.shape[0] - 1), row["channel"]] += 1
    elif kind == ACCOUNT_ORDER:
        sums["account_cycle"] += row["time"] - fields.account_order_opened(row)
    elif kind == READ:
        sums["reads_moved"] += fields.read_moves(row)
    elif kind == SERVED:
        sums["waited"] += fields.served_wait(row)
    elif kind == LINE_LEFT:
        sums["waited"] += fields.line_left_wait(row)
    elif kind == HANDED_OVER:
        sums["delivered_late"] += 1 if fields.handed_over_late(row) > 0 else 0
    elif kind == LINE:
        sums["line_value"] += fields.line_price(row)
        sums["first_lines"] += fields.line_is_first(row)
        sums["lines_told"] += fields.line_told(row)
        sums["traded_down"] += 1 if fields.line_moved(row) < 0 else 0
        sums["traded_up"] += 1 if fields.line_moved(row) > 0 else 0
    elif kind == REDEEMED:
        sums["offer_cost"] += fields.redeemed_off(row) + fields.redeemed_gift_cost(row)
    elif kind == CONTACT:
        sums["contacts_known"] += fields.contact_known(row)
    elif kind == SERVICE:
        sums["service_known"] += fields.service_known(row)
    elif kind == LEFT:
        left = fields.left_why(row)
        why = one["last_bad"] if left == 2 else 0
        cause = 0
        if left == 3:  # woken by a message: the last of the causes
            why, cause = o.left.shape[0] - 1, 2
        elif left == 4:  # of itself: the one before it
            why = o.left.shape[0] - 2
        elif why > 0:
            cause = 2 if why in (BAD_SPAM, BAD_STOP) else 1
        o.left[why] += 1
        sums["left_why"][cause] += 1
