"""What is remembered of a person between two rows: the latest needs and messages."""

from __future__ import annotations

import numpy as np

from omnilab.kernels.compiling import inner
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
    "on_device",
    "open_need",
    "or_last",
    "remember",
    "room_for_need",
    "step",
]


@inner
def enter(one: np.void, persona: int, prior: int, entry: int, channel: int) -> None:
    """Reset a person's record."""
    one["persona"] = persona
    one["prior"] = prior
    one["entry"] = entry
    one["entry_channel"] = channel
    one["before"] = 0
    one["first_order"] = -1
    one["first_channel"] = -1
    one["on_phone"] = 0
    one["on_computer"] = 0
    one["on_tablet"] = 0
    one["channels"] = 0
    one["journeys"] = 0
    one["known_by"] = 0
    one["known_from"] = 0
    one["known_until"] = 0
    one["last_bad"] = 0
    one["orders_first"] = 0
    one["orders_second"] = 0
    one["ltv"] = 0
    one["ltv_part"] = 0
    one["need_next"] = 0
    for k in range(NEED_SLOTS):
        one["need"][k] = -1
    for k in range(MESSAGE_SLOTS):
        one["message"][k] = -1


@inner
def or_last(index: int, last: int) -> int:
    """Return ``index``, or ``last`` where there is none (-1): the entry for what has no place."""
    return index if index >= 0 else last


@inner
def need_slot(one: np.void, need: int) -> int:
    """Return where a need is remembered, or -1."""
    if need >= 0:
        for slot in range(NEED_SLOTS):
            if one["need"][slot] == need:
                return slot
    return -1


@inner
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


@inner
def end_need(one: np.void, slot: int) -> None:
    """Let a need that has ended give way to others; it is remembered until then."""
    if slot >= 0:
        one["need_over"][slot] = 1


@inner
def message_slot(one: np.void, message: int) -> int:
    """Return where a message is remembered, or -1."""
    slot = message & (MESSAGE_SLOTS - 1)
    return slot if message >= 0 and one["message"][slot] == message else -1


@inner
def open_need(one: np.void, need: int) -> int:
    """Begin to remember a need; return where."""
    slot = room_for_need(one)
    one["need"][slot] = need
    one["need_visits"][slot] = 0
    one["need_channel"][slot] = -1
    one["need_previous"][slot] = -1
    one["need_devices"][slot] = 0
    one["need_device"][slot] = -1
    one["need_path"][slot] = 0
    one["need_length"][slot] = 0
    one["need_flags"][slot] = 0
    one["need_led_channel"][slot] = -1
    one["need_led_journey"][slot] = -1
    return slot


@inner
def step(
    one: np.void, need: int, channel: int, message: int, message_slot: int, base: int, most: int
) -> int:
    """Move a need on to a channel; return where it is remembered.

    Its path is a number to ``base``, with a digit for each change of channel, ``most`` of them.
    """
    slot = need_slot(one, need)
    if slot < 0:
        slot = open_need(one, need)
    before = one["need_channel"][slot]
    one["need_previous"][slot] = before
    one["need_visits"][slot] += 1
    if before != channel:
        if before >= 0:
            one["need_flags"][slot] |= NEED_CROSSED
        one["need_channel"][slot] = channel
        if one["need_length"][slot] < most:
            one["need_path"][slot] = one["need_path"][slot] * base + channel + 1
        one["need_length"][slot] += 1
    if message >= 0:
        one["need_flags"][slot] |= NEED_LED
        known = message_slot >= 0
        one["need_led_channel"][slot] = one["message_channel"][message_slot] if known else -1
        one["need_led_journey"][slot] = one["message_journey"][message_slot] if known else -1
    return slot


@inner
def on_device(one: np.void, slot: int, device: int) -> None:
    """Keep on which device a remembered need was visited."""
    if one["need_device"][slot] < 0:
        one["need_device"][slot] = device
    one["need_last_device"][slot] = device
    one["need_devices"][slot] |= 1 << device


@inner
def remember(one: np.void, message: int, channel: int, journey: int) -> None:
    """Remember a message, or the next channel of its cascade."""
    slot = message & (MESSAGE_SLOTS - 1)
    if one["message"][slot] != message:
        one["message"][slot] = message
        one["message_flags"][slot] = 0
        one["message_journey"][slot] = journey
    one["message_channel"][slot] = channel


@inner
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
