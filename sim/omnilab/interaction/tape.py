"""The burn-in's tape: what the brand took in, so that each strategy can take it in again."""

from __future__ import annotations

from typing import Any, Final

from omnilab.brand.observe import (
    see_bounce,
    see_opt_in,
    see_outcome,
    see_points,
    see_receipt,
    see_send,
    see_stop_all,
    see_visit,
)
from omnilab.kernels.compiling import inner

__all__ = [
    "replay",
    "tape_bounce",
    "tape_opt_in",
    "tape_outcome",
    "tape_points",
    "tape_receipt",
    "tape_send",
    "tape_stop_all",
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


@inner
def tape_visit(C: Any, t: int, channel: int, n: int) -> None:
    """Record a visit and the ``n`` identifiers in ``C.code``."""
    if C.meta[0].taping == 0:
        return
    x = _next(C, t, VISIT, channel, -1)
    _codes(C, x, n)


@inner
def tape_outcome(
    C: Any, t: int, silo: int, what: int, token: int, category: int, cents: int
) -> None:
    """Record what the last visit came to."""
    if C.meta[0].taping == 0:
        return
    x = _next(C, t, OUTCOME, -1, silo)
    x.n = what
    x.token = token
    x.category = category
    x.cents = cents


@inner
def tape_points(C: Any, t: int, silo: int, points: int) -> None:
    """Record loyalty points booked at the last visit."""
    if C.meta[0].taping == 0:
        return
    x = _next(C, t, POINTS, -1, silo)
    x.cents = points


@inner
def tape_opt_in(C: Any, t: int, channel: int, silo: int, code: int, n: int) -> None:
    """Record a permission, with the visit's ``n`` identifiers where it was given in one."""
    if C.meta[0].taping == 0:
        return
    x = _next(C, t, OPT_IN, channel, silo)
    _codes(C, x, n)
    x.cents = code


@inner
def tape_send(C: Any, t: int, channel: int, code: int) -> None:
    """Record a send."""
    if C.meta[0].taping == 0:
        return
    x = _next(C, t, SEND, channel, -1)
    x.cents = code


@inner
def tape_receipt(C: Any, t: int, channel: int, code: int, status: int) -> None:
    """Record an open or a click."""
    if C.meta[0].taping == 0:
        return
    x = _next(C, t, RECEIPT, channel, -1)
    x.n = status
    x.cents = code


@inner
def tape_stop_all(C: Any, t: int, channel: int, code: int) -> None:
    """Record a wish for no messages at all."""
    if C.meta[0].taping == 0:
        return
    x = _next(C, t, STOP_ALL, channel, -1)
    x.cents = code


@inner
def tape_bounce(C: Any, t: int, channel: int, code: int) -> None:
    """Record that an address bounced for good."""
    if C.meta[0].taping == 0:
        return
    x = _next(C, t, BOUNCE, channel, -1)
    x.cents = code


@inner
def _next(C: Any, t: int, kind: int, channel: int, silo: int) -> Any:
    i = C.meta[0].tape
    C.meta[0].tape = i + 1
    C.meta[0].grown = 1
    x = C.tape[i]
    x.time = t
    x.kind = kind
    x.channel = channel
    x.silo = silo
    x.n = 0
    x.category = -1
    x.token = -1
    x.cents = 0
    return x


@inner
def _codes(C: Any, x: Any, n: int) -> None:
    x.n = n
    for k in range(n):
        x.code[k] = C.code[k]
        x.carry[k] = C.carry[k]


@inner
def goes_on(S: Any, i: int) -> bool:
    """Tell whether an entry belongs to the visit before it: what came of it."""
    x = S.tape[i]
    return x.kind == OUTCOME or x.kind == POINTS or (x.kind == OPT_IN and x.silo >= 0)


@inner
def replay(C: Any, S: Any, P: Any, i: int, session: int) -> int:
    """Let the brand of ``C`` take in entry ``i`` of the tape of ``S``.

    Return the session's profile from now on.
    """
    x = S.tape[i]
    t, kind = int(x.time), int(x.kind)
    for k in range(x.n if kind == VISIT or kind == OPT_IN else 0):
        C.code[k] = x.code[k]
        C.carry[k] = x.carry[k]
    if kind == VISIT:
        return see_visit(C, P, t, int(x.channel), int(x.n))
    if kind == OUTCOME and session >= 0:
        see_outcome(
            C, P, t, session, int(x.silo), int(x.n), int(x.token), int(x.category), int(x.cents)
        )
    elif kind == POINTS and session >= 0:
        see_points(C, session, int(x.silo), int(x.cents))
    elif kind == OPT_IN:
        see_opt_in(C, P, t, int(x.channel), int(x.silo), int(x.cents), int(x.n))
        if x.silo >= 0:  # the form may have merged the session's profile into an older one
            return session if session >= 0 and C.profile[session].used == 1 else -1
    elif kind == SEND:
        see_send(C, P, t, int(x.channel), int(x.cents))
    elif kind == RECEIPT:
        see_receipt(C, P, t, int(x.channel), int(x.cents), int(x.n), -1, 0, -1)
    elif kind == STOP_ALL:
        see_stop_all(C, P, int(x.channel), int(x.cents))
    elif kind == BOUNCE:
        see_bounce(C, P, int(x.channel), int(x.cents))
    return session
