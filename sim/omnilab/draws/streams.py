"""The named decision points of chance, declared once.

Those that several files draw from stand here. A mechanism that has a stream to itself declares it
in its own file with `stream`, which sees to it that no two have one number.

A number, once given, is never given again: it is part of every draw's address.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ALL", "stream"]

# The person and household as they are born
HOUSEHOLD: Final = 1
PERSON: Final = 2
PERSON_RATES: Final = 3
PERSON_REACH: Final = 4
PERSON_OPT_IN: Final = 5
PERSON_START: Final = 6
# The natural part: goes on whatever any brand does
NEED_GAP: Final = 10
NEED: Final = 11
NEED_END: Final = 12
IDLE_GAP: Final = 13  # not drawn any more: a visit without a need draws the gap before it
COOKIE_RESET: Final = 14
ADDRESS_CHANGE: Final = 15
ENTRY: Final = 16
# What belongs to an order of a need
AFTER_ORDER: Final = 20
AFTER_ORDER_2: Final = 21
SIGN_UP: Final = 22
# A message and what it causes: addressed by (person, channel, slot, creative, ordinal)
MESSAGE: Final = 30
MESSAGE_2: Final = 31
MESSAGE_3: Final = 32
# Bad experiences
BAD: Final = 35
# Visits: a family of eight streams for each kind of parent (offsets below)
VISIT_NEED: Final = 40
VISIT_IDLE: Final = 48
VISIT_MESSAGE: Final = 56
VISIT_TIP: Final = 64
VISIT_ENTRY: Final = 72
VISIT_SERVICE: Final = 80
VISIT_RIVAL: Final = 88
VISIT_LOOK: Final = 184  # a visit without a need to which a visit or an order led
VISIT_BORN: Final = 192  # for a need in which a visit without one ended
# Offsets within a visit's family
V_COURSE: Final = 0  # channel, ready, complete, return by itself
V_GAP: Final = 1  # delay to the next attempt, search, search click
V_DEVICE: Final = 2  # device, give up, annoyed, leave
V_SHOWN: Final = 3  # identifiers 0..3
V_SHOWN_2: Final = 4  # identifiers 4..7
V_TYPO: Final = 5  # typing errors
V_FORM: Final = 6  # a form that asks for a permission, a need in which the visit ends
V_AGAIN: Final = 7  # a visit without a need to which this one leads
# The brand's own chances
BRAND_COHORT: Final = 120
BRAND_CONTROL: Final = 121

ALL: Final[dict[str, int]] = {
    name: value for name, value in globals().items() if name.isupper() and isinstance(value, int)
}


def stream(name: str, number: int) -> int:
    """Declare a mechanism's stream under the name that its file gives it; return its number.

    Parameters
    ----------
    name
        In capitals.
    number
        Any that is free, 0..255; the error for one that is taken names a free one.

    Raises
    ------
    ValueError
        If the number is another's, or doesn't fit in eight bits.
    """
    taken = {
        value + offset: other
        for other, value in ALL.items()
        if other != name and not other.startswith("V_")
        for offset in range(8 if other.startswith("VISIT_") else 1)
    }
    if number in taken or not 0 <= number < 256:
        owner = f"that of {taken[number]}" if number in taken else "not 0..255"
        free = next(n for n in range(100, 256) if n not in taken)
        raise ValueError(f"stream {name}: {number} is {owner}; {free} is free")
    ALL[name] = number
    return number
