"""Follow persons, needs and messages through the rows of one cell, into the tables of `Observed`.

A second pass over the rows that `omnilab.measure.tally` adds up. Kinds that nothing is followed of
are passed over first, since they are most of a log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.kernels.compiling import inner, kernel
from omnilab.log import fields
from omnilab.log.rows import (
    BAD,
    CLICK,
    DELIVERED,
    FINAL,
    FINAL_CAPPED,
    FINAL_CONTROL,
    FINAL_CONVERTED,
    FINAL_DECLINED,
    FINAL_SKIPPED,
    FINAL_SUPPRESSED,
    GIVE_UP,
    HELD,
    LEFT,
    NEED,
    NEED_LOST,
    OPEN,
    ORDER,
    PERSON,
    RETURN,
    SENT,
    SKIPPED,
    SPAMREPORT,
    STOP_ALL,
    UNSUBSCRIBE,
    VISIT,
)
from omnilab.measure.follow import (
    add_step,
    begin_need,
    begin_person,
    count_path,
    due_message,
    due_slots,
)
from omnilab.measure.groups import MOST_JOURNEYS
from omnilab.measure.keys import segment_of
from omnilab.measure.layout import DAY_S, WEEK_S, WINDOW_END, WINDOW_START
from omnilab.measure.memory import end_need, need_slot
from omnilab.measure.observed import (
    BOUNCED,
    CAPPED,
    CLICKED_STAGE,
    CONTROL,
    CONVERTED,
    DECLINED,
    DUE_HELD,
    DUE_NO_CONSENT,
    DUE_SLOTS,
    HELD_TO_THE_END,
    NO_ADDRESS,
    NO_CONSENT,
    NOT_OPENED,
    OPENED_STAGE,
    SUPPRESSED,
)
from omnilab.measure.worth import add_value, rounded_value, worth

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["observe"]

_MILLI: Final = 1000  # milli-cents in a cent
_NO_CONSENT: Final = 2  # the reason of a skipped row
_FOLLOWED: Final = (
    (1 << PERSON) | (1 << NEED) | (1 << VISIT) | (1 << ORDER) | (1 << RETURN) | (1 << NEED_LOST)
    | (1 << GIVE_UP) | (1 << BAD) | (1 << LEFT) | (1 << SENT) | (1 << DELIVERED) | (1 << OPEN)
    | (1 << CLICK) | (1 << UNSUBSCRIBE) | (1 << SPAMREPORT) | (1 << STOP_ALL) | (1 << SKIPPED)
    | (1 << HELD) | (1 << FINAL)
)  # fmt: skip
_OF_MESSAGES: Final = (
    (1 << SENT) | (1 << DELIVERED) | (1 << OPEN) | (1 << CLICK) | (1 << SKIPPED) | (1 << HELD)
    | (1 << FINAL)
)  # fmt: skip


@kernel
def observe(
    rows: Any, n: int, first_person: int, place: int, persons: int, o: Observed, k: int
) -> None:
    """Follow ``n`` rows of one cell under one strategy.

    Parameters
    ----------
    rows, n
        As `omnilab.measure.tally.tally` takes them.
    first_person
        Global id of the cell's first person.
    place, persons
        Where the cell's persons begin in ``o.followed``, and how many they are.
    o
        The strategy's tables.
    k
        The cell's row of ``o.by_week``.
    """
    start, end = o.clock[WINDOW_START], o.clock[WINDOW_END]
    first_due, size = place * DUE_SLOTS, due_slots(persons)
    for i in range(n):
        row = rows[i]
        kind = int(row["kind"])
        if (_FOLLOWED >> kind) & 1 == 0:
            continue
        time = row["time"]
        one = o.followed[place + row["person"] - first_person]
        inside = start <= time < end
        if (_OF_MESSAGES >> kind) & 1 == 1:
            if time >= start:
                _message(row, kind, one, inside, first_due, size, o, k)
        elif kind == VISIT:
            _visit(row, one, start, inside, o, k)
        elif kind == ORDER:
            _order(row, one, start, inside, o, k)
        elif kind == NEED:
            begin_need(one, fields.need_need(row))
        elif kind == PERSON:
            begin_person(
                one, fields.person_persona(row), fields.person_prior(row), fields.person_entry(row)
            )
        elif kind == RETURN:
            _earn(-fields.return_margin(row) * _MILLI, time, one, o, k)
            if inside:
                day = o.by_day[(time - start) // DAY_S]
                day["revenue"] -= fields.return_refund(row)
                day["margin"] -= fields.return_margin(row)
        elif kind == NEED_LOST:
            slot = need_slot(one, fields.need_lost_need(row))
            if inside:
                count_path(one, slot, o)
            end_need(one, slot)
        elif kind == BAD:
            one["last_bad"] = fields.bad_why(row)
        elif inside:
            _ending(row, kind, one, start, o)


@inner
def _earn(millicents: int, time: int, one: np.void, o: Observed, k: int) -> None:
    """Add money to the LTV of the person, and what that adds to the rounded LTV to day and week."""
    factor = worth(time, o.clock, o.discount)
    if factor == 0:
        return
    before = rounded_value(one)
    add_value(one, millicents, factor)
    gained = rounded_value(one) - before
    since = time - o.clock[WINDOW_START]
    o.by_day[since // DAY_S]["ltv"] += gained
    o.by_week[k, 3 * (since // WEEK_S)] += gained


@inner
def _visit(row: np.void, one: np.void, start: int, inside: bool, o: Observed, k: int) -> None:
    channel = int(row["channel"])
    cost = fields.visit_cost(row)
    if cost > 0:
        _earn(-cost, row["time"], one, o, k)
    if inside:
        day = o.by_day[(row["time"] - start) // DAY_S]
        day["visits"] += 1
        day["cost"] += cost
    elif row["time"] < start:
        if one["first_channel"] < 0:
            one["first_channel"] = channel
        if fields.visit_on_phone(row) == 1:
            one["on_phone"] += 1
        elif o.devices[channel] == 1:
            one["on_computer"] += 1
    need = fields.visit_need(row)
    if need >= 0:
        add_step(one, need, channel, int(o.path_base[0]), int(o.path_base[1]))
        if inside:
            one["channels"] |= 1 << channel


@inner
def _order(row: np.void, one: np.void, start: int, inside: bool, o: Observed, k: int) -> None:
    time, margin = row["time"], fields.order_margin(row)
    slot = need_slot(one, fields.order_need(row))
    _earn(margin * _MILLI, time, one, o, k)
    if time < start:
        if one["before"] == 0:
            one["first_order"] = time
        one["before"] += 1
    elif inside:
        since = time - start
        day = o.by_day[since // DAY_S]
        day["orders"] += 1
        day["revenue"] += fields.order_paid(row)
        day["margin"] += margin
        week = 3 * (since // WEEK_S)
        o.by_week[k, week + 1] += 1
        if one["bought"] == 0:
            day["new_buyers"] += 1
            o.by_week[k, week + 2] += 1
        one["bought"] += 1
        path = count_path(one, slot, o)
        if path >= 0:
            o.by_path[path, 1] += 1
            o.by_path[path, 2] += fields.order_paid(row)
    end_need(one, slot)


@inner
def _ending(row: np.void, kind: int, one: np.void, start: int, o: Observed) -> None:
    """Count what ended in the window, by its cause."""
    if kind == LEFT:
        o.left[one["last_bad"] if fields.left_why(row) == 2 else 0] += 1
    elif kind == GIVE_UP:
        slot = need_slot(one, fields.give_up_need(row))
        none = o.gave_up.shape[0] - 1
        before = one["previous"][slot] if slot >= 0 else -1
        o.gave_up[before if before >= 0 else none, row["channel"]] += 1
    elif UNSUBSCRIBE <= kind <= STOP_ALL:
        o.by_day[(row["time"] - start) // DAY_S]["opt_outs"] += 1
        o.opted_out[kind - UNSUBSCRIBE, fields.message_journey(row)] += 1


@inner
def _message(
    row: np.void, kind: int, one: np.void, inside: bool, first_due: int, size: int, o: Observed,
    k: int,
) -> None:  # fmt: skip
    """Follow a message from the first row in the window on; the run-out may end what it began."""
    ad = o.shows_ads[row["channel"]]
    if inside:
        day = o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]
        if kind == SENT:
            cost = fields.sent_cost(row)
            day["sent"] += 1
            day["cost"] += cost
            if fields.message_journey(row) < MOST_JOURNEYS:
                one["journeys"] |= 1 << fields.message_journey(row)
        elif ad == 0 and kind == DELIVERED:
            day["delivered"] += 1
        elif ad == 0 and kind == OPEN:
            day["opens"] += 1
        elif ad == 0 and kind == CLICK:
            day["clicks"] += 1
    if kind == SENT and fields.sent_cost(row) != 0:
        _earn(-fields.sent_cost(row), row["time"], one, o, k)
    begins = inside and (kind == SENT or kind == HELD or kind == SKIPPED)
    if inside and kind == FINAL:  # nothing came before it where the message was refused at once
        begins = fields.final_sends(row) == 0
    at = due_message(fields.message_id(row), first_due, size, begins, o)
    if at >= 0:
        _move(row, kind, one, o.due[at], inside, o)


@inner
def _move(row: np.void, kind: int, one: np.void, due: np.void, inside: bool, o: Observed) -> None:
    """Move a due message on by one row."""
    stage = due["stage"]
    if kind == DELIVERED:
        due["stage"] = max(stage, NOT_OPENED)
    elif kind == OPEN and o.shows_ads[row["channel"]] == 0:
        due["stage"] = max(stage, OPENED_STAGE)
    elif kind == CLICK:
        due["stage"] = max(stage, CLICKED_STAGE)
    elif stage < 0 and kind != OPEN:  # it was not sent before
        due["journey"] = fields.message_journey(row)
        due["segment"] = segment_of(one)
        if row["channel"] >= 0:
            due["channel"] = row["channel"]
        if kind == SENT and inside:
            due["stage"] = BOUNCED
        elif kind == HELD:
            due["flags"] |= DUE_HELD
        elif kind == SKIPPED:
            due["flags"] |= DUE_NO_CONSENT if fields.skipped_reason(row) == _NO_CONSENT else 0
        elif kind == FINAL:
            due["stage"] = _refused(fields.final_status(row), due["flags"])
            if due["channel"] < 0 and due["stage"] != CONTROL:
                due["channel"] = o.only_channel[row["silo"]]


@inner
def _refused(status: int, flags: int) -> int:
    """Return the stage of a message that got this final status without a send."""
    if status == FINAL_SKIPPED:
        return NO_CONSENT if flags & DUE_NO_CONSENT else NO_ADDRESS
    if status == FINAL_CAPPED:
        return CAPPED
    if status == FINAL_SUPPRESSED:
        return SUPPRESSED
    if status == FINAL_CONVERTED:
        return CONVERTED
    if status == FINAL_DECLINED:
        return DECLINED
    return CONTROL if status == FINAL_CONTROL else HELD_TO_THE_END
