"""Read a cell's log as what the two cores take: sightings of identifiers, messages, receipts.

Most of it stands in the log. What the brand took in without a row of its own is a pure function of
the person and the time, and is drawn here again by the world's own functions: addresses handed
over before the start or with a permission, and what a service contact shows (but its cookie, which
hangs on all visits before).

A message's row does not say whose profile it went to: the copy of a journey does, which its `enter`
row names. Copies of one journey by one person take their messages in the order in which they
moved; the row after a copy's last message, its `exit`, names it outright.
"""

from __future__ import annotations

from typing import Any

from omnilab import rows
from omnilab._jit import inner, kernel
from omnilab.brand.choices import ALL, SILO
from omnilab.cascade.codes import CONVERTED, STOP_ALL, WITHDRAW
from omnilab.cascade.codes import RECEIPTS as WORDS
from omnilab.draws.philox import permute64
from omnilab.draws.streams import VISIT_SERVICE
from omnilab.world.identifiers import COOKIE, address_code, packed, show, type_of
from omnilab.world.population import born

__all__ = ["trace"]

ENTRY_ORDINAL = 1 << 24
UNKNOWN_PROFILE = 1 << 23  # plus the person in the cell: serials stay far below
#: Words of `Trace.count`: rows written to each table, and slots that were too few.
SIGHTINGS, MESSAGES, RECEIPTS, SIGNALS, NO_SLOT, COPIES, OPEN, SHOWN, STARTED, LAST_SENT = range(10)
#: Receipts as the cascade core counts them.
TAKEN, ARRIVED, SEEN, CLICKED, BOUNCED = (
    WORDS.index(word) for word in ("processed", "delivered", "open", "click", "bounce")
)


@kernel
def trace(
    T: Any, C: Any, M: Any, P: Any, cell: int, first: int, household: int, switch: int, per: int
) -> None:
    """Read the rows ``T.edge[per]`` to ``T.edge[per + 1]``, one cell's in the order it wrote them.

    Parameters
    ----------
    T
        Rows, and tables to add to (see `omnilab.experiment.streams`).
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
            _sighting(T, int(T.row[visit].person), t, int(T.row[visit].channel), 0, 0)
            pending = False
        if kind != rows.NEED or int(x.a) != ENTRY_ORDINAL:
            entering = visit >= 0 and int(T.row[visit].a) == ENTRY_ORDINAL
            _starts(T, C, M, cell, first, t if kind == rows.VISIT and not entering else t - 1)
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
            _enter(T, who, x)
        elif kind == rows.EXIT:
            _leave(T, int(x.a))
        elif kind == rows.MERGE:
            _merge(T, int(x.a), int(x.b))
        elif rows.SENT <= kind <= rows.FINAL and int(x.a) > before:
            if kind == rows.FINAL:
                last_message = int(x.a)
                last_profile = _final(T, P, i, int(T.edge[per + 1]), cell, first)
            elif kind == rows.STOP_ALL:
                profile = _profile_of(T, int(x.a), cell, who)
                if int(x.a) == last_message:
                    profile = last_profile
                _stop_all(T, P, t, profile, int(x.silo))
            else:
                _message(T, who, x)
    if pending:
        _sighting(T, int(T.row[visit].person), int(T.row[visit].time),
                  int(T.row[visit].channel), 0, 0)  # fmt: skip
    _starts(T, C, M, cell, first, 1 << 60)


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


@inner
def _enter(T: Any, who: int, x: Any) -> None:
    i = T.count[COPIES]
    T.count[COPIES] = i + 1
    T.copy_serial[i] = x.a
    T.copy_journey[i] = x.b
    T.copy_profile[i] = x.c
    T.copy_silo[i] = x.silo
    T.copy_who[i] = who
    T.copy_message[i] = -1
    T.copy_step[i] = -1
    T.copy_moved[i] = x.time
    T.known[who] = x.c


@inner
def _copy_at(T: Any, serial: int) -> int:
    for i in range(T.count[COPIES]):
        if T.copy_serial[i] == serial:
            return i
    return -1


@inner
def _leave(T: Any, serial: int) -> None:
    """Forget a copy; the last one takes its place."""
    i = _copy_at(T, serial)
    if i < 0:
        return
    k = T.count[COPIES] - 1
    T.count[COPIES] = k
    T.copy_serial[i] = T.copy_serial[k]
    T.copy_journey[i] = T.copy_journey[k]
    T.copy_profile[i] = T.copy_profile[k]
    T.copy_silo[i] = T.copy_silo[k]
    T.copy_who[i] = T.copy_who[k]
    T.copy_message[i] = T.copy_message[k]
    T.copy_step[i] = T.copy_step[k]
    T.copy_moved[i] = T.copy_moved[k]


@inner
def _merge(T: Any, survivor: int, absorbed: int) -> None:
    for i in range(T.count[COPIES]):
        if T.copy_profile[i] == absorbed:
            T.copy_profile[i] = survivor
    for who in range(len(T.known)):
        if T.known[who] == absorbed:
            T.known[who] = survivor


@inner
def _next_copy(T: Any, who: int, journey: int, step: int, silo: int, own: bool) -> int:
    """Return the copy whose turn it is to send a journey's step: the first to have moved, or -1.

    ``own``: its profile is named after this person (as the row's person mostly is).
    """
    best = -1
    for i in range(T.count[COPIES]):
        if T.copy_journey[i] != journey or T.copy_message[i] >= 0 or T.copy_step[i] >= step:
            continue
        if silo >= 0 and T.copy_silo[i] != silo:
            continue
        if own and T.copy_who[i] != who:
            continue
        if best >= 0:
            if T.copy_moved[i] > T.copy_moved[best]:
                continue
            if T.copy_moved[i] == T.copy_moved[best] and T.copy_serial[i] > T.copy_serial[best]:
                continue
        best = i
    return best


@inner
def _open_at(T: Any, message: int) -> int:
    for i in range(T.count[OPEN]):
        if T.open_message[i] == message:
            return i
    return -1


@inner
def _opened(T: Any, who: int, x: Any) -> int:
    """Return the place of the row's message among those under way, begun now if it is not there."""
    i = _open_at(T, int(x.a))
    if i >= 0:
        return i
    i = T.count[OPEN]
    T.count[OPEN] = i + 1
    T.open_message[i] = x.a
    T.open_time[i] = x.time
    T.open_order[i] = 0
    T.open_length[i] = 0
    T.open_skipped[i] = 0
    T.open_held[i] = -1
    T.open_copy[i] = -1
    journey, step = int(x.b) >> 8, int(x.b) & 255
    silo = int(x.silo) if T.by_silo[0] == 1 else -1
    k = _next_copy(T, who, journey, step, silo, True)
    if k < 0:
        k = _next_copy(T, who, journey, step, silo, False)
    if k >= 0:
        T.open_copy[i] = T.copy_serial[k]
        T.copy_message[k] = x.a
    return i


@inner
def _message(T: Any, who: int, x: Any) -> None:
    """Take in a row of a message that is not its final status."""
    kind, c, t, message = int(x.kind), int(x.channel), int(x.time), int(x.a)
    if kind == rows.SKIPPED or kind == rows.HELD or kind == rows.SENT:
        i = _opened(T, who, x)
        if kind == rows.HELD:
            T.open_held[i] = c
        else:
            _attempted(T, i, c)
            if kind == rows.SKIPPED:
                T.open_skipped[i] |= 1 << c
    if kind == rows.SENT:
        T.count[LAST_SENT] = t
    # A second later: in one second the core takes receipts before it sends.
    later = t + 1 if T.count[LAST_SENT] == t else t
    if kind == rows.SENT:
        _receipt(T, later, message, c, TAKEN)
    elif kind == rows.DELIVERED:
        _receipt(T, later, message, c, ARRIVED)
    elif kind == rows.OPEN:
        _receipt(T, later, message, c, SEEN)
    elif kind == rows.CLICK:
        _receipt(T, later, message, c, CLICKED)
    elif kind == rows.BOUNCE:
        _receipt(T, later, message, c, BOUNCED)


@inner
def _attempted(T: Any, i: int, c: int) -> None:
    """Put a channel at the end of the order in which the message came to them."""
    for k in range(T.open_length[i]):
        if (T.open_order[i] >> (4 * k)) & 15 == c:
            return
    T.open_order[i] |= c << (4 * T.open_length[i])
    T.open_length[i] += 1


@inner
def _receipt(T: Any, t: int, message: int, c: int, event: int) -> None:
    i = T.count[RECEIPTS]
    T.count[RECEIPTS] = i + 1
    T.receipt_time[i] = t
    T.receipt_message[i] = message
    T.receipt_channel[i] = c
    T.receipt_event[i] = event


@inner
def _signal(T: Any, t: int, profile: int, event: int, c: int) -> None:
    i = T.count[SIGNALS]
    T.count[SIGNALS] = i + 1
    T.signal_time[i] = t
    T.signal_profile[i] = profile
    T.signal_event[i] = event
    T.signal_channel[i] = c


@inner
def _global(T: Any, cell: int, copy: int, who: int) -> int:
    """Return the id over all cells of a copy's profile; unknown, of the person's last one."""
    profile = int(T.copy_profile[copy]) if copy >= 0 else int(T.known[who])
    if profile < 0:
        profile = UNKNOWN_PROFILE | who
    return (cell << 24) | profile


@inner
def _profile_of(T: Any, message: int, cell: int, who: int) -> int:
    i = _open_at(T, message)
    return _global(T, cell, _copy_at(T, int(T.open_copy[i])) if i >= 0 else -1, who)


@inner
def _final(T: Any, P: Any, at: int, end: int, cell: int, first: int) -> int:
    """Write down a message that has got its final status; return its profile."""
    x = T.row[at]
    who = int(x.person) - first
    i = _opened(T, who, x)
    copy = _copy_at(T, int(T.open_copy[i]))
    if at + 1 < end and T.row[at + 1].kind == rows.EXIT and T.row[at + 1].b == int(x.b) >> 8:
        exact = _copy_at(T, int(T.row[at + 1].a))
        if exact >= 0 and exact != copy:
            if copy >= 0:  # they were taken for each other
                T.copy_message[copy] = T.copy_message[exact]
                other = _open_at(T, int(T.copy_message[copy]))
                if other >= 0:
                    T.open_copy[other] = T.copy_serial[copy]
            copy = exact
    profile = _global(T, cell, copy, who)
    if copy >= 0:
        T.copy_message[copy] = -1
        T.copy_step[copy] = int(x.b) & 255
        T.copy_moved[copy] = x.time
    final = int(x.c)
    never = final == rows.FINAL_CONTROL or final == rows.FINAL_DECLINED
    if not never and (final != rows.FINAL_OPEN or x.d > 0):
        _write_message(T, P, i, x, profile)
    if final == rows.FINAL_CONVERTED:
        _signal(T, int(x.time), profile, CONVERTED, -1)
    k = T.count[OPEN] - 1
    T.count[OPEN] = k
    T.open_message[i] = T.open_message[k]
    T.open_time[i] = T.open_time[k]
    T.open_order[i] = T.open_order[k]
    T.open_length[i] = T.open_length[k]
    T.open_skipped[i] = T.open_skipped[k]
    T.open_held[i] = T.open_held[k]
    T.open_copy[i] = T.open_copy[k]
    return profile


@inner
def _write_message(T: Any, P: Any, i: int, x: Any, profile: int) -> None:
    """Write a message: the channels it came to in their order, then the others as declared."""
    if T.open_length[i] == 0 and T.open_held[i] >= 0:
        _attempted(T, i, int(T.open_held[i]))
    journey, number = int(x.b) >> 8, int(x.b) & 255
    step = P.step[journey, number]
    for k in range(step.n_channels):
        c = int(step.channels[k])
        silo = int(P.silo[c])
        if (P.plan[0].silos >> silo) & 1 == 0:
            continue
        if P.plan[0].channel == SILO and silo != x.silo:
            continue
        _attempted(T, i, c)
    skipped = int(T.open_skipped[i])
    if T.open_length[i] == 0:  # none that the strategy writes over
        for k in range(step.n_channels):
            _attempted(T, i, int(step.channels[k]))
            skipped |= 1 << int(step.channels[k])
    n = T.count[MESSAGES]
    T.count[MESSAGES] = n + 1
    T.message_time[n] = T.open_time[i]
    T.message_id[n] = x.a
    T.message_profile[n] = profile
    T.message_person[n] = x.person
    T.message_plan[n] = (int(x.b) << 36) | (int(T.open_length[i]) << 32) | int(T.open_order[i])
    T.message_skipped[n] = skipped


@inner
def _stop_all(T: Any, P: Any, t: int, profile: int, silo: int) -> None:
    """Tell who learns of a "stop all": the profile, or its silo's channels where that is all."""
    if P.plan[0].contact_policy == ALL:
        _signal(T, t, profile, STOP_ALL, -1)
        return
    for c in range(len(P.silo)):
        if P.silo[c] == silo and P.address[c] >= 0:
            _signal(T, t, profile, WITHDRAW, c)
