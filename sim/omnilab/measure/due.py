"""Where each due message ends: followed from row to row, and counted in the funnel at one stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from omnilab.kernels.compiling import inner
from omnilab.log import fields
from omnilab.log.rows import (
    FINAL_BUYER,
    FINAL_CAPPED,
    FINAL_CONTROL,
    FINAL_CONVERTED,
    FINAL_DECLINED,
    FINAL_SKIPPED,
    FINAL_SUPPRESSED,
    FINAL_UNFUNDED,
    FINAL_UNSHOWN,
)
from omnilab.measure.keys import segment_of
from omnilab.measure.memory import or_last
from omnilab.measure.observed import (
    BOUGHT_LATELY,
    BOUNCED,
    CAPPED,
    CONTROL,
    CONVERTED,
    DECLINED,
    DUE_HELD,
    DUE_NO_CONSENT,
    DUE_SLOTS,
    HELD_TO_THE_END,
    NO_ADDRESS,
    NO_CONSENT,
    NO_MONEY,
    NOT_SHOWN,
    SUPPRESSED,
)

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = [
    "advance_due",
    "due_message",
    "due_slots",
    "hold_due",
    "refuse_due",
    "send_due",
    "skip_due",
    "take_due",
]

_NO_CONSENT: Final = 2  # the reason of a skipped row


@inner
def due_slots(persons: int) -> int:
    """Return how many messages a cell of so many persons follows at once: a power of two."""
    size = DUE_SLOTS
    while 2 * size <= persons * DUE_SLOTS:
        size *= 2
    return size


@inner
def due_message(message: int, first: int, size: int, begins: bool, o: Observed) -> int:
    """Return where a due message is followed; where it is not, begin it if it ``begins``, or -1.

    A message that shares its slot with a later one is counted as far as it has come.
    """
    at = first + (message & (size - 1))
    due = o.due[at]
    if due["message"] == message + 1:
        return int(at)
    if not begins:
        return -1
    take_due(due, o)
    due["message"] = message + 1
    due["stage"] = -1
    due["journey"] = -1
    due["channel"] = -1
    due["segment"] = 0
    due["flags"] = 0
    return int(at)


@inner
def take_due(due: np.void, o: Observed) -> None:
    """Count a message where it has ended, and follow it no more; an open one is not counted."""
    if due["message"] == 0:
        return
    if due["stage"] >= 0:
        n_segments, n_channels = 4, o.mix.shape[0]
        n_journeys = o.funnel.shape[0] - n_channels - n_segments - 4
        funnel, stage = o.funnel, int(due["stage"])
        funnel[or_last(int(due["journey"]), n_journeys), stage] += 1
        at = n_journeys + 1
        funnel[at + or_last(int(due["channel"]), n_channels), stage] += 1
        at += n_channels + 1
        funnel[at + int(due["segment"]), stage] += 1
        at += n_segments
        funnel[at + (1 if due["flags"] & DUE_HELD else 0), stage] += 1
    due["message"] = 0


@inner
def advance_due(due: np.void, stage: int) -> None:
    """Let a message come as far as this stage, if it was not farther."""
    if due["stage"] < stage:
        due["stage"] = stage


@inner
def send_due(row: np.void, one: np.void, due: np.void, inside: bool) -> None:
    """Let a message be sent; one that was sent before goes on."""
    if due["stage"] < 0:
        _describe(row, one, due)
        if inside:
            due["stage"] = BOUNCED


@inner
def hold_due(row: np.void, one: np.void, due: np.void) -> None:
    """Hold a message."""
    if due["stage"] < 0:
        _describe(row, one, due)
        due["flags"] |= DUE_HELD


@inner
def skip_due(row: np.void, one: np.void, due: np.void) -> None:
    """Skip a channel of a message."""
    if due["stage"] < 0:
        _describe(row, one, due)
        if fields.skipped_reason(row) == _NO_CONSENT:
            due["flags"] |= DUE_NO_CONSENT


@inner
def refuse_due(row: np.void, one: np.void, due: np.void, o: Observed) -> None:
    """End a message that was not sent."""
    if due["stage"] < 0:
        _describe(row, one, due)
        due["stage"] = _refused(fields.final_status(row), due["flags"])
        if due["channel"] < 0 and due["stage"] != CONTROL:
            due["channel"] = o.only_channel[row["silo"]]


@inner
def _describe(row: np.void, one: np.void, due: np.void) -> None:
    due["journey"] = fields.message_journey(row)
    due["segment"] = segment_of(one)
    if row["channel"] >= 0:
        due["channel"] = row["channel"]


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
    if status == FINAL_UNFUNDED:
        return NO_MONEY
    if status == FINAL_UNSHOWN:
        return NOT_SHOWN
    if status == FINAL_BUYER:
        return BOUGHT_LATELY
    if status == FINAL_DECLINED:
        return DECLINED
    return CONTROL if status == FINAL_CONTROL else HELD_TO_THE_END
