"""Count the rows of messages: sends, answers, how they ended, and where each due message ends.

One function a kind, so that a row is asked once what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omnilab.kernels.compiling import inner
from omnilab.log import fields
from omnilab.log.rows import (
    CLICK,
    DELIVERED,
    FINAL,
    FINAL_REACHED,
    HELD,
    MACHINE_OPEN,
    OPEN,
    SCANNER_CLICK,
    SENT,
    SKIPPED,
    SPAMREPORT,
    STOP_ALL,
    UNSUBSCRIBE,
)
from omnilab.measure.due import (
    advance_due,
    due_message,
    hold_due,
    refuse_due,
    send_due,
    skip_due,
)
from omnilab.measure.groups import MOST_JOURNEYS
from omnilab.measure.layout import (
    AD,
    DAY_S,
    MESSAGE_CLICKED,
    MESSAGE_DELIVERED,
    MESSAGE_OPENED,
    WINDOW_START,
)
from omnilab.measure.memory import mark, or_last, remember
from omnilab.measure.observed import CLICKED_STAGE, NOT_OPENED, OPENED_STAGE
from omnilab.measure.worth import earn

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["count_message"]


@inner
def count_message(
    row: np.void, kind: int, one: np.void, sums: np.void, inside: bool, first_due: int, size: int,
    o: Observed, k: int,
) -> None:  # fmt: skip
    """Count a row of a message; an ad is shown and may be clicked, but there is none to open.

    Parameters
    ----------
    row, kind
        The row.
    one, sums
        The person's record of `PEOPLE` and of `SUMS`.
    inside
        Whether it is in the window.
    first_due, size
        Where the cell's due messages begin, and how many are followed at once.
    o, k
        As `omnilab.measure.tally.tally` takes them.
    """
    # Due messages are followed from the window's start on; the run-out may end what it began.
    since = row["time"] - o.clock[WINDOW_START] if o.tables[0] == 1 else -1
    if kind == SENT:
        _send(row, one, sums, inside, o, k)
        if since >= 0:
            at = due_message(fields.message_id(row), first_due, size, inside, o)
            if at >= 0:
                send_due(row, one, o.due[at], inside)
    elif kind == DELIVERED:
        _deliver(row, one, sums, inside, o)
        if since >= 0:
            at = due_message(fields.message_id(row), first_due, size, False, o)
            if at >= 0:
                advance_due(o.due[at], NOT_OPENED)
    elif kind == FINAL:
        refused = fields.final_sends(row) == 0
        if inside:
            _final(row, sums, o)
        if since >= 0 and (refused or not inside):  # what was sent in the window has its stage
            # Nothing came before where the message was refused at once.
            begins = inside and refused
            at = due_message(fields.message_id(row), first_due, size, begins, o)
            if at >= 0:
                refuse_due(row, one, o.due[at], o)
    elif kind == SKIPPED:
        if inside:
            reason = fields.skipped_reason(row) - 1
            sums["skipped"][reason] += 1
            place = o.by_channel[or_last(row["channel"], o.by_channel.shape[0] - 1)]
            place["skipped"][reason] += 1
        if since >= 0:
            at = due_message(fields.message_id(row), first_due, size, inside, o)
            if at >= 0:
                skip_due(row, one, o.due[at])
    elif OPEN <= kind <= CLICK:
        stage = _answer(row, kind, one, sums, inside, o)
        if since >= 0 and stage >= 0:
            at = due_message(fields.message_id(row), first_due, size, False, o)
            if at >= 0:
                advance_due(o.due[at], stage)
    elif kind == HELD:
        if since >= 0:
            at = due_message(fields.message_id(row), first_due, size, inside, o)
            if at >= 0:
                hold_due(row, one, o.due[at])
    elif inside:
        _other(row, kind, sums, o)


@inner
def _send(row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int) -> None:
    """Remember a message that was sent, and count it with its cost."""
    number, cost = fields.message_journey(row), fields.sent_cost(row)
    remember(one, fields.message_id(row), row["channel"], number)
    if cost != 0:
        earn(one, -cost, row["time"], o, k)
    if not inside:
        return
    if 0 <= number < MOST_JOURNEYS:
        one["journeys"] |= 1 << number
    place, journey = o.by_channel[row["channel"]], o.by_journey[number]
    day = o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]
    sums["send_cost"] += cost
    place["cost"] += cost
    journey["cost"] += cost
    day["cost"] += cost
    day["sent"] += 1
    if o.ad[row["channel"]] & AD and sums["ad"][0] == 0:
        sums["ad_persons"] = 1
    _event(row, SENT, sums, place, journey, o.ad[row["channel"]] & AD)


@inner
def _event(
    row: np.void, kind: int, sums: np.void, place: np.void, journey: np.void, ad: int
) -> None:
    """Count a send or what became of it, in the window."""
    place["message"][kind - SENT] += 1
    journey["message"][kind - SENT] += 1
    if ad == 1:
        sums["ad"][kind - SENT] += 1
        place["ad"][kind - SENT] += 1
        journey["ad"][kind - SENT] += 1


@inner
def _deliver(row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed) -> None:
    """Count a delivery, and a message's first."""
    ad = o.ad[row["channel"]] & AD
    first = mark(one, fields.message_id(row), MESSAGE_DELIVERED) if ad == 0 else -1
    if not inside:
        return
    if ad == 0:
        o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]["delivered"] += 1
        sums["delivered_messages"] += 1 if first >= 0 else 0
    place, journey = o.by_channel[row["channel"]], o.by_journey[fields.message_journey(row)]
    _event(row, DELIVERED, sums, place, journey, ad)


@inner
def _answer(row: np.void, kind: int, one: np.void, sums: np.void, inside: bool, o: Observed) -> int:
    """Count an open or a click, and a message's first; return the stage of it, -1 if of none."""
    ad = o.ad[row["channel"]] & AD
    opened = kind == OPEN
    first = -1
    if ad == 0:
        bit = MESSAGE_OPENED if opened else MESSAGE_CLICKED
        first = mark(one, fields.message_id(row), bit)
    if inside:
        place, journey = o.by_channel[row["channel"]], o.by_journey[fields.message_journey(row)]
        _event(row, kind, sums, place, journey, ad)
        if ad == 0:
            sums["engaged_messages"] += 1 if first == 0 else 0
            day = o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]
            if opened:
                day["opens"] += 1
                sums["opened_messages"] += 1 if first >= 0 else 0
            else:
                day["clicks"] += 1
                sums["clicked_messages"] += 1 if first >= 0 else 0
            if fields.response_receipt(row) == 0:
                _seen(opened, sums, place, journey)
    if opened:
        return OPENED_STAGE if ad == 0 else -1
    return CLICKED_STAGE


@inner
def _seen(opened: bool, sums: np.void, place: np.void, journey: np.void) -> None:
    """Count the first receipt of an open or click that the brand sees, machines' too."""
    if opened:
        sums["seen_opens"] += 1
        place["seen_opens"] += 1
        journey["seen_opens"] += 1
    else:
        sums["seen_clicks"] += 1
        place["seen_clicks"] += 1
        journey["seen_clicks"] += 1


@inner
def _final(row: np.void, sums: np.void, o: Observed) -> None:
    """Count how a message ended, and at which step of its cascade."""
    status, sends = fields.final_status(row), fields.final_sends(row)
    journey = o.by_journey[fields.message_journey(row)]
    sums["final"][status - 1] += 1
    journey["final"][status - 1] += 1
    if sends > 1:
        sums["fallbacks"] += sends - 1
    if status == FINAL_REACHED:
        send = min(max(sends, 1), 4) - 1
        sums["reached"][send] += 1
        journey["reached"][send] += 1


@inner
def _other(row: np.void, kind: int, sums: np.void, o: Observed) -> None:
    """Count a bounce, an opt-out, or a machine's open or click, in the window."""
    number, n = fields.message_journey(row), o.by_channel.shape[0] - 1
    place, journey = o.by_channel[or_last(row["channel"], n)], o.by_journey[number]
    ad = o.ad[or_last(row["channel"], n)] & AD
    if kind <= SPAMREPORT:
        _event(row, kind, sums, place, journey, ad)
    if UNSUBSCRIBE <= kind <= STOP_ALL:
        o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]["opt_outs"] += 1
        o.opted_out[kind - UNSUBSCRIBE, number] += 1
    elif (
        (kind == MACHINE_OPEN or kind == SCANNER_CLICK)
        and ad == 0
        and fields.response_receipt(row) == 0
    ):
        _seen(kind == MACHINE_OPEN, sums, place, journey)
