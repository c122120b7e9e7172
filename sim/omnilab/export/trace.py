"""Read a cell's log as what the two cores take: sightings of identifiers, messages, receipts.

The log has most of it. Some of what the brand took in has no row: addresses handed over before the
start or with a permission, and the identifiers of a service contact. These are a pure function of
person and time, so the world's own functions draw them here again. The cookie of a service contact
is left out, because it depends on all earlier visits.

What concerns messages is in `omnilab.export.trace_messages`.
"""

from __future__ import annotations

from typing import Any

from omnilab.draws.philox import permute64
from omnilab.draws.streams import VISIT_SERVICE
from omnilab.export.trace_counts import (
    COPIES,
    LAST_SENT,
    NO_SLOT,
    OPEN,
    SHOWN,
    SIGHTINGS,
    STARTED,
)
from omnilab.export.trace_messages import (
    enter,
    final,
    leave,
    merge,
    message_row,
    profile_of,
    stop_all,
)
from omnilab.kernels.compiling import inner, kernel
from omnilab.log import rows
from omnilab.world.identifiers import COOKIE, address_code, packed, show, type_of
from omnilab.world.population import born

__all__ = ["trace"]

ENTRY_ORDINAL = 1 << 24


@kernel
def trace(
    T: Any, C: Any, M: Any, P: Any, cell: int, first: int, household: int, switch: int, per: int
) -> None:
    """Read the rows ``T.edge[per]`` to ``T.edge[per + 1]``, one cell's in the order it wrote them.

    Parameters
    ----------
    T
        Rows, and tables to add to (see `omnilab.export.streams`).
    C
        A cell's memory, to work in.
    M, P
        The model and the strategy's plan.
    cell, first, household
        Numbers of the cell, of its first person and of its first household.
    switch
        When the strategy took over from the status quo, seconds.
    per
        Place of the cell in ``T.edge`` and of its households in ``T.size``.
    """
    _people(T, C, M, household, per)
    for i in range(len(T.known)):
        T.known[i] = -1
        T.started[i] = 0
    T.count[COPIES] = 0
    T.count[OPEN] = 0
    T.count[SHOWN] = 0
    T.count[STARTED] = 0
    T.count[LAST_SENT] = -1
    pending = False
    visit = -1  # row of the last visit
    last_message, last_profile = -1, -1
    before = -1  # the highest message id of the burn-in
    for i in range(T.edge[per], T.edge[per + 1]):
        x = T.row[i]
        kind, t = int(x.kind), int(x.time)
        who = int(x.person) - first
        if pending and kind != rows.IDENTIFIER:
            _visit(T, visit)
            pending = False
        # Who enters with a first order gives earlier permissions right after it.
        settled = kind == rows.VISIT and int(x.a) != ENTRY_ORDINAL
        _starts(T, C, M, cell, first, t if settled else t - 1)
        if kind == rows.VISIT:
            visit = i
            T.count[SHOWN] = 0
        elif kind == rows.IDENTIFIER:
            _show(T, int(x.a), int(x.b))
            pending = True
        elif kind == rows.OPT_IN:
            if visit < 0 or int(T.row[visit].time) != t or T.row[visit].person != x.person:
                T.count[SHOWN] = 0
            c = int(x.channel)
            seen_on = int(T.row[visit].channel) if T.count[SHOWN] > 0 else c
            code = address_code(M, C.person[who], who, int(M.ch[c].address), t)
            shown = permute64(packed(cell, code), M.k[2])
            _sighting(T, int(x.person), t, seen_on, shown, type_of(code))
        elif kind == rows.SERVICE:
            _service(T, C, M, cell, who, t, int(x.channel), int(x.a), int(x.person))
        elif t < switch:
            if rows.SENT <= kind <= rows.FINAL:
                before = max(before, int(x.a))
        elif kind == rows.ENTER:
            enter(T, who, x)
        elif kind == rows.EXIT:
            leave(T, int(x.a))
        elif kind == rows.MERGE:
            merge(T, int(x.a), int(x.b))
        elif rows.SENT <= kind <= rows.FINAL and int(x.a) > before:
            if kind == rows.FINAL:
                last_message = int(x.a)
                last_profile = final(T, P, i, int(T.edge[per + 1]), cell, first)
            elif kind == rows.STOP_ALL:
                profile = profile_of(T, int(x.a), cell, who)
                if int(x.a) == last_message:
                    profile = last_profile
                stop_all(T, P, t, profile, int(x.silo))
            else:
                message_row(T, who, x)
    if pending:
        _visit(T, visit)
    _starts(T, C, M, cell, first, 1 << 60)


@inner
def _visit(T: Any, visit: int) -> None:
    """Write down what the visit in row ``visit`` has shown so far."""
    x = T.row[visit]
    _sighting(T, int(x.person), int(x.time), int(x.channel), 0, 0)


@inner
def _people(T: Any, C: Any, M: Any, household: int, per: int) -> None:
    """Let the cell's people be born, as they were."""
    index = 0
    for h in range(T.house[per + 1] - T.house[per]):
        start = index
        for place in range(T.size[T.house[per] + h]):
            born(C, M, index, household + h, h, place, start)
            index += 1
    C.meta[0].persons = index


@inner
def _starts(T: Any, C: Any, M: Any, cell: int, first: int, until: int) -> None:
    """Hand over the addresses of those who had given permission before they began by ``until``."""
    if T.count[STARTED] >= C.meta[0].persons:
        return
    for who in range(C.meta[0].persons):
        person = C.person[who]
        if T.started[who] == 1 or person.entry > until:
            continue
        T.started[who] = 1
        T.count[STARTED] += 1
        T.count[SHOWN] = 0
        t = int(person.entry)
        for c in range(len(M.ch)):
            if (person.consent >> c) & 1 == 0 or M.ch[c].address == COOKIE:
                continue
            code = address_code(M, person, who, int(M.ch[c].address), t)
            shown = permute64(packed(cell, code), M.k[2])
            _sighting(T, first + who, t, c, shown, type_of(code))


@inner
def _service(
    T: Any, C: Any, M: Any, cell: int, who: int, t: int, c: int, ordinal: int, person: int
) -> None:
    """Show again what a service contact showed; the cookie is not known here."""
    n = show(C, M, who, c, True, t, VISIT_SERVICE, ordinal, 0, 0)
    T.count[SHOWN] = 0
    for k in range(n):
        kind = type_of(C.code[k])
        if kind != COOKIE:
            _show(T, permute64(packed(cell, C.code[k]), M.k[2]), kind)
    if T.count[SHOWN] > 0:
        _sighting(T, person, t, c, 0, 0)


@inner
def _show(T: Any, shown: int, kind: int) -> None:
    n = T.count[SHOWN]
    T.shown[n] = shown
    T.shown_kind[n] = kind
    T.count[SHOWN] = n + 1


@inner
def _sighting(T: Any, person: int, t: int, c: int, extra: int, extra_kind: int) -> None:
    """Write down that all shown, and one more unless it is 0, were seen together."""
    i = T.count[SIGHTINGS]
    T.count[SIGHTINGS] = i + 1
    T.sight_time[i] = t
    T.sight_person[i] = person
    T.sight_channel[i] = c
    for k in range(T.sight_code.shape[1]):
        T.sight_code[i, k] = 0
    for k in range(T.count[SHOWN]):
        _put(T, i, int(T.shown[k]), int(T.shown_kind[k]))
    if extra != 0:
        _put(T, i, extra, extra_kind)


@inner
def _put(T: Any, i: int, shown: int, kind: int) -> None:
    """Put an identifier into the first free slot of its type, where it is not there already."""
    for k in range(T.slot[kind], T.slot[kind + 1]):
        if T.sight_code[i, k] == shown:
            return
        if T.sight_code[i, k] == 0:
            T.sight_code[i, k] = shown
            return
    T.count[NO_SLOT] += 1
