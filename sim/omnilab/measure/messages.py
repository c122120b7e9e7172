"""Count the rows of messages: sends, answers, how they ended, and where each due message ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
from omnilab.measure.due import due_message, move_due
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
from omnilab.measure.worth import earn

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = ["count_message"]

#: Rows from which a due message is followed; the others say nothing of where it ends.
_DUE: Final = (
    (1 << SENT) | (1 << DELIVERED) | (1 << OPEN) | (1 << CLICK) | (1 << SKIPPED) | (1 << HELD)
    | (1 << FINAL)
)  # fmt: skip


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
    channel = row["channel"]
    ad = o.ad[or_last(channel, o.ad.shape[0] - 1)] & AD
    if kind == SENT:
        _send(row, one, sums, inside, o, k)
    elif ad == 0:
        _engaged(row, kind, one, sums, inside)
    if inside:
        if kind <= SPAMREPORT:
            _event(row, kind, sums, ad, o)
        elif kind == FINAL:
            _final(fields.final_status(row), fields.final_sends(row), sums,
                   o.by_journey[fields.message_journey(row)])  # fmt: skip
        elif kind == SKIPPED:
            reason = fields.skipped_reason(row) - 1
            sums["skipped"][reason] += 1
            place = o.by_channel[or_last(channel, o.by_channel.shape[0] - 1)]
            place["skipped"][reason] += 1
        if ad == 0 and OPEN <= kind <= SCANNER_CLICK:
            _seen(row, kind, sums, o)
        if UNSUBSCRIBE <= kind <= STOP_ALL:
            o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]["opt_outs"] += 1
            o.opted_out[kind - UNSUBSCRIBE, fields.message_journey(row)] += 1
    if (_DUE >> kind) & 1 == 1 and row["time"] >= o.clock[WINDOW_START]:
        # From the first row in the window on; the run-out may end what it began.
        begins = inside and (kind == SENT or kind == HELD or kind == SKIPPED)
        if inside and kind == FINAL:  # nothing came before where the message was refused at once
            begins = fields.final_sends(row) == 0
        at = due_message(fields.message_id(row), first_due, size, begins, o)
        if at >= 0:
            move_due(row, kind, one, o.due[at], inside, ad, o)


@inner
def _send(row: np.void, one: np.void, sums: np.void, inside: bool, o: Observed, k: int) -> None:
    """Remember a message that was sent, and count what it cost."""
    journey, cost = fields.message_journey(row), fields.sent_cost(row)
    remember(one, fields.message_id(row), row["channel"], journey)
    if inside and 0 <= journey < MOST_JOURNEYS:
        one["journeys"] |= 1 << journey
    if cost == 0:
        return
    earn(one, -cost, row["time"], o, k)
    if inside:
        sums["send_cost"] += cost
        o.by_channel[row["channel"]]["cost"] += cost
        o.by_journey[journey]["cost"] += cost
        o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]["cost"] += cost


@inner
def _engaged(row: np.void, kind: int, one: np.void, sums: np.void, inside: bool) -> None:
    """Mark a message's first delivery, open and click, and count what is in the window."""
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


@inner
def _event(row: np.void, kind: int, sums: np.void, ad: int, o: Observed) -> None:
    """Count a send or what became of it, in the window."""
    place = o.by_channel[row["channel"]]
    journey = o.by_journey[fields.message_journey(row)]
    place["message"][kind - SENT] += 1
    journey["message"][kind - SENT] += 1
    if ad == 1:
        sums["ad"][kind - SENT] += 1
        place["ad"][kind - SENT] += 1
        journey["ad"][kind - SENT] += 1
    if kind == SENT:
        o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]["sent"] += 1
    elif ad == 0 and (kind == DELIVERED or kind == OPEN or kind == CLICK):
        day = o.by_day[(row["time"] - o.clock[WINDOW_START]) // DAY_S]
        if kind == DELIVERED:
            day["delivered"] += 1
        elif kind == OPEN:
            day["opens"] += 1
        else:
            day["clicks"] += 1


@inner
def _seen(row: np.void, kind: int, sums: np.void, o: Observed) -> None:
    """Count the first receipt of an open or click that the brand sees, machines' too."""
    opened = kind == OPEN or kind == MACHINE_OPEN
    if not (opened or kind == CLICK or kind == SCANNER_CLICK) or fields.response_receipt(row) != 0:
        return
    place = o.by_channel[row["channel"]]
    journey = o.by_journey[fields.message_journey(row)]
    if opened:
        sums["seen_opens"] += 1
        place["seen_opens"] += 1
        journey["seen_opens"] += 1
    else:
        sums["seen_clicks"] += 1
        place["seen_clicks"] += 1
        journey["seen_clicks"] += 1


@inner
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
