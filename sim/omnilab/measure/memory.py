"""What is remembered of a person between two rows: the latest needs and messages."""

from __future__ import annotations

import numpy as np

from omnilab.kernels.compiling import kernel
from omnilab.measure.layout import (
    MESSAGE_CLICKED,
    MESSAGE_OPENED,
    MESSAGE_SLOTS,
    NEED_CROSSED,
    NEED_LED,
    NEED_SLOTS,
)

__all__ = [
    "end_need",
    "enter",
    "mark",
    "message_slot",
    "need_slot",
    "open_need",
    "remember",
    "room_for_need",
    "step",
]


@kernel
def enter(one: np.void, persona: int, prior: int) -> None:
    """Reset a person's record."""
    one["persona"] = persona
    one["prior"] = prior
    one["orders_first"] = 0
    one["orders_second"] = 0
    one["ltv"] = 0
    one["ltv_part"] = 0
    one["need_next"] = 0
    for k in range(NEED_SLOTS):
        one["need"][k] = -1
    for k in range(MESSAGE_SLOTS):
        one["message"][k] = -1


@kernel
def need_slot(one: np.void, need: int) -> int:
    """Return where a need is remembered, or -1."""
    if need >= 0:
        for slot in range(NEED_SLOTS):
            if one["need"][slot] == need:
                return slot
    return -1


@kernel
def room_for_need(one: np.void) -> int:
    """Return the slot for a new need: an empty one, that of one that has ended, or the oldest."""
    first = int(one["need_next"])
    slot = first
    for i in range(NEED_SLOTS):
        k = (first + i) & (NEED_SLOTS - 1)
        if one["need"][k] < 0 or one["need_over"][k] == 1:
            slot = k
            break
    one["need_over"][slot] = 0
    one["need_next"] = (slot + 1) & (NEED_SLOTS - 1)
    return slot


@kernel
def end_need(one: np.void, slot: int) -> None:
    """Let a need that has ended give way to others; it is remembered until then."""
    if slot >= 0:
        one["need_over"][slot] = 1


@kernel
def message_slot(one: np.void, message: int) -> int:
    """Return where a message is remembered, or -1."""
    slot = message & (MESSAGE_SLOTS - 1)
    return slot if message >= 0 and one["message"][slot] == message else -1


@kernel
def open_need(one: np.void, need: int) -> int:
    """Begin to remember a need; return where."""
    slot = room_for_need(one)
    one["need"][slot] = need
    one["need_visits"][slot] = 0
    one["need_channel"][slot] = -1
    one["need_flags"][slot] = 0
    one["need_led_channel"][slot] = -1
    one["need_led_journey"][slot] = -1
    return slot


@kernel
def step(one: np.void, need: int, channel: int, message: int, message_slot: int) -> int:
    """Move a need's path on to a channel; return the channel before, -1 at the start."""
    slot = need_slot(one, need)
    if slot < 0:
        slot = open_need(one, need)
    before = one["need_channel"][slot]
    if before >= 0 and before != channel:
        one["need_flags"][slot] |= NEED_CROSSED
    one["need_channel"][slot] = channel
    one["need_visits"][slot] += 1
    if message >= 0:
        one["need_flags"][slot] |= NEED_LED
        known = message_slot >= 0
        one["need_led_channel"][slot] = one["message_channel"][message_slot] if known else -1
        one["need_led_journey"][slot] = one["message_journey"][message_slot] if known else -1
    return int(before)


@kernel
def remember(one: np.void, message: int, channel: int, journey: int) -> None:
    """Remember a message, or the next channel of its cascade."""
    slot = message & (MESSAGE_SLOTS - 1)
    if one["message"][slot] != message:
        one["message"][slot] = message
        one["message_flags"][slot] = 0
        one["message_journey"][slot] = journey
    one["message_channel"][slot] = channel


@kernel
def mark(one: np.void, message: int, bit: int) -> int:
    """Mark what happened to a message, over all its sends.

    Returns -1 if it had happened before or the message is forgotten, else 1 if the message had been
    opened or clicked, else 0.
    """
    slot = message_slot(one, message)
    if slot < 0:
        return -1
    before = one["message_flags"][slot]
    if before & bit:
        return -1
    one["message_flags"][slot] = before | bit
    return 1 if before & (MESSAGE_OPENED | MESSAGE_CLICKED) else 0
