"""What is followed of a person's needs and of a cell's due messages, from row to row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from omnilab.kernels.compiling import inner
from omnilab.measure.layout import NEED_SLOTS
from omnilab.measure.memory import need_slot, room_for_need
from omnilab.measure.observed import DUE_HELD, DUE_SLOTS

if TYPE_CHECKING:
    from omnilab.measure.observed import Observed

__all__ = [
    "add_step",
    "begin_need",
    "begin_person",
    "count_path",
    "due_message",
    "due_slots",
    "take_due",
]


@inner
def begin_person(one: np.void, persona: int, prior: int, entry: int) -> None:
    """Reset a person's record."""
    one["persona"] = persona
    one["prior"] = prior
    one["entry"] = entry
    one["before"] = 0
    one["first_order"] = -1
    one["first_channel"] = -1
    one["on_phone"] = 0
    one["on_computer"] = 0
    one["bought"] = 0
    one["channels"] = 0
    one["journeys"] = 0
    one["last_bad"] = 0
    one["ltv"] = 0
    one["ltv_part"] = 0
    one["need_next"] = 0
    for k in range(NEED_SLOTS):
        one["need"][k] = -1


@inner
def begin_need(one: np.void, need: int) -> int:
    """Begin to follow a need; return where."""
    slot = room_for_need(one)
    one["need"][slot] = need
    one["path"][slot] = 0
    one["length"][slot] = 0
    one["last"][slot] = -1
    one["previous"][slot] = -1
    return slot


@inner
def add_step(one: np.void, need: int, channel: int, base: int, most: int) -> None:
    """Add a visit to a need's path: a digit for each change of channel, ``most`` of them."""
    slot = need_slot(one, need)
    if slot < 0:
        slot = begin_need(one, need)
    before = one["last"][slot]
    one["previous"][slot] = before
    one["last"][slot] = channel
    if before != channel:
        if one["length"][slot] < most:
            one["path"][slot] = one["path"][slot] * base + channel + 1
        one["length"][slot] += 1


@inner
def count_path(one: np.void, slot: int, o: Observed) -> int:
    """Count a need that has ended on its path; return the path's number, -1 if unknown."""
    if slot < 0:
        return -1
    index = one["path"][slot]
    if one["length"][slot] > o.path_base[1]:
        index += o.by_path.shape[0] // 2
    o.by_path[index, 0] += 1
    return int(index)


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
        stage, journey, channel = due["stage"], due["journey"], due["channel"]
        o.funnel[journey if journey >= 0 else n_journeys, stage] += 1
        at = n_journeys + 1
        o.funnel[at + (channel if channel >= 0 else n_channels), stage] += 1
        at += n_channels + 1
        o.funnel[at + due["segment"], stage] += 1
        at += n_segments
        o.funnel[at + (1 if due["flags"] & DUE_HELD else 0), stage] += 1
    due["message"] = 0
