"""Add the rows of one cell under one strategy into integer sums, in one pass.

Both engines call `tally` on blocks of rows in their order, then `close` once. Helpers take records
and scalars only: a compiled call pays some 3 ns for each array that it is handed (counted
references), and nothing for a record.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from omnilab.kernels.compiling import kernel
from omnilab.log import fields
from omnilab.log.rows import (
    AWARE,
    BAD,
    CART_LEFT,
    CLICK,
    DELIVERED,
    ENTER,
    EXIT,
    FINAL,
    FINAL_REACHED,
    GIVE_UP,
    HELD,
    IDENTIFIER,
    LEFT,
    MACHINE_OPEN,
    MERGE,
    NEED,
    NEED_LOST,
    OPEN,
    ORDER,
    PERSON,
    RETURN,
    SCANNER_CLICK,
    SENT,
    SERVICE,
    SKIPPED,
    SPAMREPORT,
    VIEW,
    VISIT,
)
from omnilab.measure.layout import (
    AD,
    MESSAGE_CLICKED,
    MESSAGE_DELIVERED,
    MESSAGE_OPENED,
    NEED_CART_LEFT,
    NEED_CROSSED,
    NEED_LED,
    NEED_PAID,
    SEARCH,
    WINDOW_END,
    WINDOW_MID,
    WINDOW_START,
)
from omnilab.measure.memory import (
    end_need,
    enter,
    mark,
    message_slot,
    need_slot,
    open_need,
    remember,
    step,
)
from omnilab.measure.worth import add_value, rounded_value, worth

__all__ = ["close", "or_last", "tally"]

Ints = Any  # int64 arrays; kernels also give the arrays of their bundles
Records = Any  # arrays of records

_MILLI: Final = 1000  # milli-cents in a cent
#: Frequent kinds of rows that are counted and nothing more, a bit each.
_ONLY_COUNTED: Final = (1 << VIEW) | (1 << IDENTIFIER) | (1 << HELD) | (1 << EXIT) | (1 << MERGE)


@kernel
def tally(
    rows: Records,
    n: int,
    first_person: int,
    people: Records,
    own: Records,
    own_flat: Ints,
    by_channel: Records,
    by_journey: Records,
    transitions: Ints,
    ad: Ints,
    clock: Ints,
    discount: Ints,
) -> None:
    """Add ``n`` rows of one cell under one strategy to the sums.

    Parameters
    ----------
    rows
        Log rows (dtype ``ROW``) in the log's order; a cell's log may come in blocks.
    n
        Rows that are valid, from the first.
    first_person
        Global id of the cell's first person; ids within a cell are contiguous.
    people
        Memory of the cell's persons (dtype `PEOPLE`), index ``person - first_person``. A PERSON
        row resets its record, so the array needs no clearing between cells.
    own, own_flat
        `SUMS` of each of these persons, and the same memory as integers, shape
        ``(n_persons, N_SUMS)``. A PERSON row resets them too.
    by_channel, by_journey
        `CHANNEL_SUMS`, shape ``(n_channels + 1,)``; `JOURNEY_SUMS`, shape ``(n_journeys + 1,)``.
    transitions
        Shape ``(n_channels + 1, n_channels + 2)``: moves within a need in the window. Row ``c`` is
        the last visited channel, the last row the start; column ``c`` is the next visit's channel,
        column ``n_channels`` an order, column ``n_channels + 1`` a lost need.
    ad
        What each channel is, shape ``(n_channels + 1,)``: `AD` where it shows ads, 0 where it
        writes to an address, `SEARCH` added where its clicks are bought (one channel at most);
        the last, for rows without a channel, 0.
    clock, discount
        As made by `make_clock` and `discount_factors`.
    """
    start = clock[WINDOW_START]
    end = clock[WINDOW_END]
    n_channels = transitions.shape[0] - 1
    n_journeys = by_journey.shape[0] - 1
    search = -1
    for c in range(n_channels):
        if ad[c] & SEARCH:
            search = c
    for i in range(n):
        row = rows[i]
        kind = int(row["kind"])
        time = row["time"]
        channel = row["channel"]
        inside = start <= time < end
        place = row["person"] - first_person
        sums = own[place]
        if inside:
            sums["rows"][kind] += 1
        if (_ONLY_COUNTED >> kind) & 1 == 1:
            continue
        one = people[place]
        place = or_last(channel, n_channels)
        if SENT <= kind <= FINAL:
            journey = by_journey[fields.message_journey(row)]
            if kind == SENT and fields.sent_cost(row) != 0:
                add_value(one, -fields.sent_cost(row), worth(time, clock, discount))
            _message(row, one, sums, by_channel[place], journey, ad[place] & AD, inside)
        elif kind == VISIT:
            if fields.visit_cost(row) > 0:
                add_value(one, -fields.visit_cost(row), worth(time, clock, discount))
            bought = search if search >= 0 and fields.visit_cost(row) > 0 else place
            _visit(row, sums, by_channel[place], by_channel[bought], inside)
            message = message_slot(one, fields.visit_cause(row))
            if inside and message >= 0:
                by_channel[one["message_channel"][message]]["led_visits"] += 1
                by_journey[one["message_journey"][message]]["led_visits"] += 1
            need = fields.visit_need(row)
            if need >= 0:
                before = step(one, need, channel, fields.visit_cause(row), message)
                if search >= 0 and fields.visit_cost(row) > 0:
                    slot = need_slot(one, need)
                    one["need_flags"][slot] |= NEED_PAID
                    one["need_led_channel"][slot] = search
                if inside:
                    transitions[or_last(before, n_channels), channel] += 1
        elif kind == ORDER:
            factor = worth(time, clock, discount)
            add_value(one, fields.order_margin(row) * _MILLI, factor)
            _order(row, one, sums, by_channel[place], clock[WINDOW_MID], inside)
            if time >= end and factor > 0:
                sums["runout_orders"] += 1
            elif time < start:
                one["prior"] = 1
            need = need_slot(one, fields.order_need(row))
            if inside and need >= 0:
                transitions[or_last(one["need_channel"][need], n_channels), n_channels] += 1
                led_channel = by_channel[or_last(one["need_led_channel"][need], n_channels)]
                led_journey = by_journey[or_last(one["need_led_journey"][need], n_journeys)]
                _path(row, one, need, sums, led_channel, led_journey)
            end_need(one, need)
        elif kind == NEED:
            open_need(one, fields.need_need(row))
            if inside:
                sums["need_value"] += fields.need_value(row)
        elif kind == PERSON:
            enter(one, fields.person_persona(row), fields.person_prior(row))
            for k in range(own_flat.shape[1]):
                own_flat[row["person"] - first_person, k] = 0
            sums["persons"] = 1
        elif kind == RETURN:
            add_value(one, -fields.return_margin(row) * _MILLI, worth(time, clock, discount))
            _return(row, sums, inside)
        elif kind == ENTER:
            if inside:
                by_journey[fields.enter_journey(row)]["entered"] += 1
        elif kind == NEED_LOST:
            need = need_slot(one, fields.need_lost_need(row))
            if inside:
                sums["lost"][fields.need_lost_fate(row) - 1] += 1
            if inside and need >= 0:
                transitions[or_last(one["need_channel"][need], n_channels), n_channels + 1] += 1
            end_need(one, need)
        elif inside:
            _other(row, one, sums, by_channel[place])


@kernel
def or_last(index: int, last: int) -> int:
    """Return ``index``, or ``last`` where there is none (-1): the entry for what has no place."""
    return index if index >= 0 else last


@kernel
def close(
    people: Records, own: Records, own_flat: Ints, n_people: int, total: Ints, by_persona: Records
) -> None:
    """Finish each person's sums and add them up, once a cell and strategy, after the last row.

    Parameters
    ----------
    people, own, own_flat
        The cell's persons after the last `tally`, and their sums, which are completed by what is
        only known at the end.
    n_people
        Persons in the cell, from the first.
    total
        The cell's record of `SUMS` as integers, shape ``(N_SUMS,)``.
    by_persona
        `PERSONA_SUMS`, shape ``(n_personas,)``.
    """
    for p in range(n_people):
        _finish(people[p], own[p])
        for k in range(total.shape[0]):
            total[k] += own_flat[p, k]
        _add_to_persona(own[p], by_persona[people[p]["persona"]])


@kernel
def _finish(one: np.void, sums: np.void) -> None:
    """Complete a person's sums."""
    sums["ltv"] = rounded_value(one)
    first, second = one["orders_first"], one["orders_second"]
    sums["buyers"] = 1 if first + second > 0 else 0
    sums["new_buyers"] = sums["buyers"] if one["prior"] == 0 else 0
    sums["repeat_buyers"] = 1 if first + second > 1 else 0
    sums["buyers_first_half"] = 1 if first > 0 else 0
    sums["retained"] = 1 if first > 0 and second > 0 else 0


@kernel
def _add_to_persona(sums: np.void, group: np.void) -> None:
    group["persons"] += 1
    group["buyers"] += sums["buyers"]
    group["new_buyers"] += sums["new_buyers"]
    group["orders"] += sums["rows"][ORDER]
    group["revenue"] += sums["revenue"] - sums["refunds"]
    group["margin"] += sums["margin"] - sums["margin_lost"]
    group["cost"] += sums["send_cost"] + sums["click_cost"]
    group["ltv"] += sums["ltv"]
    group["sent"] += sums["rows"][SENT]
    group["visits"] += sums["rows"][VISIT]


@kernel
def _visit(row: np.void, sums: np.void, place: np.void, bought: np.void, inside: bool) -> None:
    """Count a visit, and its cost where the click was ``bought``."""
    if not inside:
        return
    # Most visits only look around: none of what follows is counted then.
    place["visits"] += 1
    if fields.visit_need(row) >= 0 and fields.visit_returning(row) == 0:
        sums["first_visits"] += 1
    if fields.visit_cause(row) >= 0:
        sums["led_visits"] += 1
    paid = fields.visit_cost(row)
    if paid != 0:
        bought["cost"] += paid
        bought["led_visits"] += 1
        sums["click_cost"] += paid
        sums["paid_visits"] += 1
    if fields.visit_carry_needed(row) == 1:
        sums["switches"] += 1
        sums["carried"] += fields.visit_carried(row)


@kernel
def _order(
    row: np.void, one: np.void, sums: np.void, place: np.void, mid: int, inside: bool
) -> None:
    """Count an order and its money."""
    paid = fields.order_paid(row)
    margin = fields.order_margin(row)
    if inside:
        one["orders_first"] += 1 if row["time"] < mid else 0
        one["orders_second"] += 0 if row["time"] < mid else 1
        sums["revenue"] += paid
        sums["margin"] += margin
        sums["discount"] += fields.order_discount(row)
        place["orders"] += 1
        place["revenue"] += paid
        place["margin"] += margin


@kernel
def _path(
    row: np.void, one: np.void, slot: int, sums: np.void, led_channel: np.void, led_journey: np.void
) -> None:
    """Count the path that ended in an order, and the last message or paid click on it."""
    flags = one["need_flags"][slot]
    sums["path_orders"] += 1
    sums["path_visits"] += one["need_visits"][slot]
    sums["cross_orders"] += 1 if flags & NEED_CROSSED else 0
    sums["carts_recovered"] += 1 if flags & NEED_CART_LEFT else 0
    if flags & NEED_LED:
        sums["led_orders"] += 1
        led_journey["led_orders"] += 1
        led_journey["led_revenue"] += fields.order_paid(row)
        led_journey["led_margin"] += fields.order_margin(row)
    if flags & (NEED_LED | NEED_PAID):
        led_channel["led_orders"] += 1
        led_channel["led_revenue"] += fields.order_paid(row)
        led_channel["led_margin"] += fields.order_margin(row)


@kernel
def _return(row: np.void, sums: np.void, inside: bool) -> None:
    """Take a return's money back."""
    if inside:
        refund, margin = fields.return_refund(row), fields.return_margin(row)
        sums["refunds"] += refund
        sums["margin_lost"] += margin


@kernel
def _other(row: np.void, one: np.void, sums: np.void, place: np.void) -> None:
    """Count one of the world's rarer rows in the window."""
    kind = row["kind"]
    if kind == CART_LEFT:
        place["carts_left"] += 1
        slot = need_slot(one, fields.cart_left_need(row))
        if slot >= 0:
            one["need_flags"][slot] |= NEED_CART_LEFT
    elif kind == AWARE:
        cause = fields.aware_cause(row)
        sums["aware_message"] += 1 if cause == 1 else 0
        sums["aware_tip"] += 1 if cause == 2 else 0
    elif kind == GIVE_UP:
        sums["repeated_steps"] += fields.give_up_steps(row)
    elif kind == SERVICE:
        sums["service_known"] += fields.service_known(row)
    elif kind == BAD:
        sums["bad"][fields.bad_why(row) - 1] += 1
    elif kind == LEFT:
        sums["left_bad"] += 1 if fields.left_why(row) == 2 else 0


@kernel
def _message(
    row: np.void,
    one: np.void,
    sums: np.void,
    place: np.void,
    journey: np.void,
    ad: int,
    inside: bool,
) -> None:
    """Count a row of a message; an ad is shown and may be clicked, but there is none to open."""
    kind = row["kind"]
    if kind == SENT:
        remember(one, fields.message_id(row), row["channel"], fields.message_journey(row))
        cost = fields.sent_cost(row)
        if inside and cost != 0:
            sums["send_cost"] += cost
            place["cost"] += cost
            journey["cost"] += cost
    elif ad == 0:
        _engaged(row, one, sums, inside)
    if not inside:
        return
    if ad == 0 and (kind == OPEN or kind == MACHINE_OPEN) and fields.response_receipt(row) == 0:
        sums["seen_opens"] += 1
        place["seen_opens"] += 1
        journey["seen_opens"] += 1
    if ad == 0 and (kind == CLICK or kind == SCANNER_CLICK) and fields.response_receipt(row) == 0:
        sums["seen_clicks"] += 1
        place["seen_clicks"] += 1
        journey["seen_clicks"] += 1
    if kind <= SPAMREPORT:
        place["message"][kind - SENT] += 1
        journey["message"][kind - SENT] += 1
        if ad == 1:
            sums["ad"][kind - SENT] += 1
            place["ad"][kind - SENT] += 1
            journey["ad"][kind - SENT] += 1
    elif kind == SKIPPED:
        reason = fields.skipped_reason(row) - 1
        sums["skipped"][reason] += 1
        place["skipped"][reason] += 1
    elif kind == FINAL:
        _final(fields.final_status(row), fields.final_sends(row), sums, journey)


@kernel
def _engaged(row: np.void, one: np.void, sums: np.void, inside: bool) -> None:
    """Mark a message's first delivery, open and click, and count what is in the window."""
    kind = row["kind"]
    if kind == DELIVERED:
        first = mark(one, fields.message_id(row), MESSAGE_DELIVERED)
        sums["delivered_messages"] += 1 if inside and first >= 0 else 0
    elif kind == OPEN:
        first = mark(one, fields.message_id(row), MESSAGE_OPENED)
        sums["opened_messages"] += 1 if inside and first >= 0 else 0
        sums["engaged_messages"] += 1 if inside and first == 0 else 0
    elif kind == CLICK:
        first = mark(one, fields.message_id(row), MESSAGE_CLICKED)
        sums["clicked_messages"] += 1 if inside and first >= 0 else 0
        sums["engaged_messages"] += 1 if inside and first == 0 else 0


@kernel
def _final(status: int, sends: int, sums: np.void, journey: np.void) -> None:
    """Count how a message ended, and at which step of its cascade."""
    sums["final"][status - 1] += 1
    journey["final"][status - 1] += 1
    if sends > 1:
        sums["fallbacks"] += sends - 1
    if status == FINAL_REACHED:
        send = min(max(sends, 1), 4) - 1
        sums["reached"][send] += 1
        journey["reached"][send] += 1
