"""The burn-in's tape: what the brand was told, so that each strategy's brand can be told again.

`omnilab.interaction.wall` writes it and replays it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from omnilab.kernels.compiling import inner

if TYPE_CHECKING:
    from omnilab.cell.memory import Cell

__all__ = [
    "goes_on",
    "shown_again",
    "tape_act",
    "tape_balance",
    "tape_bounce",
    "tape_failure",
    "tape_opt_in",
    "tape_outcome",
    "tape_points",
    "tape_purchase",
    "tape_question",
    "tape_receipt",
    "tape_record",
    "tape_redemption",
    "tape_referral",
    "tape_reply",
    "tape_restock",
    "tape_review",
    "tape_search",
    "tape_send",
    "tape_stays",
    "tape_stop_all",
    "tape_survey",
    "tape_visit",
]

VISIT: Final = 1
OUTCOME: Final = 2
POINTS: Final = 3
OPT_IN: Final = 4
SEND: Final = 5
RECEIPT: Final = 6
STOP_ALL: Final = 7
BOUNCE: Final = 8
STAYS: Final = 9
RESTOCK: Final = 12
QUESTION: Final = 10
SURVEY: Final = 11
REFERRAL: Final = 13
REPLY: Final = 14
ACT: Final = 20
RECORD: Final = 21
SEARCHED: Final = 22
REVIEWED: Final = 23
PURCHASE: Final = 30
FAILURE: Final = 31
BALANCE: Final = 32
REDEMPTION: Final = 33


@inner
def tape_visit(cell: Cell, t: int, channel: int, n: int, device: int) -> None:
    """Record a visit, the ``n`` identifiers in ``cell.code``, and the device that is seen."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, VISIT, channel, -1)
    x.token = device
    _codes(cell, x, n)


@inner
def tape_stays(cell: Cell, t: int, channel: int, n: int) -> None:
    """Record that an earlier visit, with the ``n`` identifiers in ``cell.code``, goes on."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, STAYS, channel, -1)
    _codes(cell, x, n)


@inner
def tape_outcome(
    cell: Cell, t: int, silo: int, what: int, token: int, category: int, cents: int, goods: int
) -> None:
    """Record what the last visit came to."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, OUTCOME, -1, silo)
    x.n = what
    x.token = token
    x.category = category
    x.cents = cents
    x.goods = goods


@inner
def tape_points(cell: Cell, t: int, silo: int, points: int) -> None:
    """Record loyalty points booked at the last visit."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, POINTS, -1, silo)
    x.cents = points


@inner
def tape_purchase(cell: Cell, t: int, silo: int, cents: int) -> None:
    """Record what the order of the last visit counts for the programme."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, PURCHASE, -1, silo)
    x.cents = cents


@inner
def tape_redemption(cell: Cell, t: int, silo: int, number: int) -> None:
    """Record that the order of the last visit used declared offer ``number``, from 1."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, REDEMPTION, -1, silo)
    x.n = number


@inner
def tape_balance(cell: Cell, t: int, silo: int, cents: int) -> None:
    """Record money that was loaded at the last visit, or paid from, where negative."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, BALANCE, -1, silo)
    x.cents = cents


@inner
def tape_failure(cell: Cell, t: int, silo: int, code: int) -> None:
    """Record that something went wrong for who showed an identifier in a silo."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, FAILURE, -1, silo)
    x.cents = code


@inner
def tape_question(cell: Cell, t: int, silo: int, token: int) -> None:
    """Record that a question was asked in the last visit."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, QUESTION, -1, silo)
    x.token = token


@inner
def tape_search(cell: Cell, t: int, silo: int, category: int, goods: int) -> None:
    """Record what was typed into the search box in the last visit."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, SEARCHED, -1, silo)
    x.category = category
    x.goods = goods


@inner
def tape_review(cell: Cell, t: int, channel: int, code: int, stars: int) -> None:
    """Record a review that was left under an address."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, REVIEWED, channel, -1)
    x.n = stars
    x.cents = code


@inner
def tape_survey(cell: Cell, t: int, channel: int, code: int, unhappy: int) -> None:
    """Record a survey's answer."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, SURVEY, channel, -1)
    x.n = unhappy
    x.cents = code


@inner
def tape_opt_in(cell: Cell, t: int, channel: int, silo: int, code: int, n: int) -> None:
    """Record a permission, with the visit's ``n`` identifiers where it was given in one."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, OPT_IN, channel, silo)
    _codes(cell, x, n)
    x.cents = code


@inner
def tape_send(cell: Cell, t: int, channel: int, code: int, what: int) -> None:
    """Record a send, and what it is (`omnilab.interaction.wall.tell_send`)."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, SEND, channel, -1)
    x.n = what
    x.cents = code


@inner
def tape_receipt(cell: Cell, t: int, channel: int, code: int, status: int) -> None:
    """Record an open or a click."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, RECEIPT, channel, -1)
    x.n = status
    x.cents = code


@inner
def tape_reply(cell: Cell, t: int, channel: int, code: int, accepts: int) -> None:
    """Record a reply (0), or that an invitation is accepted (1)."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, REPLY, channel, -1)
    x.n = accepts
    x.cents = code


@inner
def tape_referral(cell: Cell, t: int, silo: int, code: int) -> None:
    """Record that an order came by a link, which names an identifier shown in a silo."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, REFERRAL, -1, silo)
    x.cents = code


@inner
def tape_act(cell: Cell, t: int, channel: int, kind: int, to: int, code: int, n: int) -> None:
    """Record an act, with the visit's ``n`` identifiers in ``cell.code``."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, ACT, channel, -1)
    _codes(cell, x, n)
    x.token = kind
    x.category = to
    x.cents = code


@inner
def tape_record(cell: Cell, t: int, silo: int, n: int) -> None:
    """Record what a record has: the ``n`` identifiers in ``cell.code``."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, RECORD, -1, silo)
    _codes(cell, x, n)


@inner
def tape_stop_all(cell: Cell, t: int, channel: int, code: int) -> None:
    """Record a wish for no messages at all."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, STOP_ALL, channel, -1)
    x.cents = code


@inner
def tape_bounce(cell: Cell, t: int, channel: int, code: int) -> None:
    """Record that an address bounced for good."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, BOUNCE, channel, -1)
    x.cents = code


@inner
def tape_restock(cell: Cell, t: int, silo: int, code: int, token: int, category: int) -> None:
    """Record that a good is there again for which somebody waits."""
    if cell.meta.taping == 0:
        return
    x = _next(cell, t, RESTOCK, -1, silo)
    x.cents = code
    x.token = token
    x.category = category


@inner
def _next(cell: Cell, t: int, kind: int, channel: int, silo: int) -> Any:
    i = cell.meta.tape
    cell.meta.tape = i + 1
    cell.meta.grown = 1
    x = cell.tape[i]
    x.time = t
    x.kind = kind
    x.channel = channel
    x.silo = silo
    x.n = 0
    x.category = -1
    x.token = -1
    x.cents = 0
    x.goods = 0
    return x


@inner
def _codes(cell: Cell, x: Any, n: int) -> None:
    x.n = n
    for k in range(n):
        x.code[k] = cell.code[k]
        x.carry[k] = cell.carry[k]


@inner
def goes_on(source: Cell, i: int) -> bool:
    """Tell whether an entry belongs to the visit before it: what came of it."""
    x = source.tape[i]
    if x.kind == QUESTION or x.kind == PURCHASE or x.kind == BALANCE or x.kind == SEARCHED:
        return True
    if x.kind == REDEMPTION:
        return True
    return x.kind == OUTCOME or x.kind == POINTS or (x.kind == OPT_IN and x.silo >= 0)


@inner
def shown_again(cell: Cell, source: Cell, i: int) -> None:
    """Put the identifiers of entry ``i`` of the tape of ``source`` into ``cell.code`` again."""
    x = source.tape[i]
    for k in range(x.n):
        cell.code[k] = x.code[k]
        cell.carry[k] = x.carry[k]
