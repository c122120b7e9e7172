"""From identifiers to profiles: linking under an identity choice, merging, forgetting.

Under `silo` and `handoff` an identifier's key is (silo, type, value), under `all` (type, value).
The rules of who survives, what blocks a merge and what expires are those of omnilab.identity.
"""

from __future__ import annotations

from typing import Any, Final

from omnilab.brand.codes import ALL, EXIT_FORGOTTEN, EXIT_MERGED, HANDOFF
from omnilab.brand.context import drop_contexts, merge_contexts
from omnilab.brand.outbox import note
from omnilab.brand.state import (
    MAX_CHANNELS,
    MAX_JOURNEYS,
    MOST_PROFILES,
    N_TYPES,
    TOO_MANY_PROFILES,
)
from omnilab.identity.rules import conflict, expired, survives
from omnilab.kernels.compiling import inner

__all__ = ["find_address", "find_node", "known", "link_visit", "next_copy", "next_waiting"]

COOKIE: Final = 0
FOREVER: Final = 1 << 40  # seconds
SPARE_PROFILES: Final = 1 << 10  # more than one event makes
MERGE: Final = 42  # kind of the log's row
EXIT: Final = 41


@inner
def find_node(C: Any, code: int, silo: int) -> int:
    """Return the index of the identifier (silo, code), or -1."""
    for i in range(C.meta[0].nodes):
        if C.node[i].code == code and C.node[i].silo == silo:
            return i
    return -1


@inner
def known(C: Any, P: Any, code: int, silo: int) -> int:
    """Return the profile that the brand links to an identifier seen in a silo, or -1."""
    i = find_node(C, code, -1 if P.plan[0].identity == ALL else silo)
    return -1 if i < 0 else int(C.node[i].profile)


@inner
def find_address(C: Any, profile: int, kind: int, silo: int) -> int:
    """Return the node of the profile's latest identifier of a type that a silo may use, or -1.

    Of those seen last at the same moment the one known longest is taken, then the smallest code:
    never the slot, which neighbours in the cell have a part in.
    """
    best = -1
    i = int(C.profile[profile].first_node)
    while i >= 0:
        node = C.node[i]
        fits = node.type == kind and node.dead == 0 and (node.silo < 0 or node.silo == silo)
        if fits and (best < 0 or _is_later(node, C.node[best])):
            best = i
        i = int(node.next)
    return best


@inner
def _is_later(a: Any, b: Any) -> bool:
    """Tell whether an identifier comes before another of its type as an address."""
    if a.last_seen != b.last_seen:
        return a.last_seen > b.last_seen
    if a.first_seen != b.first_seen:
        return a.first_seen < b.first_seen
    return a.code < b.code


@inner
def next_copy(C: Any, after: int) -> int:
    """Return the running copy with the smallest serial above ``after``, or -1.

    Walking by serial, not by slot, keeps one person's rows in an order that no neighbour changes.
    """
    best = -1
    for i in range(C.meta[0].copies):
        x = C.copy[i]
        if x.state != 0 and x.serial > after and (best < 0 or x.serial < C.copy[best].serial):
            best = i
    return best


@inner
def next_waiting(C: Any, after: int) -> int:
    """Return the copy with the smallest serial above ``after`` that waits for `decide`, or -1."""
    best = -1
    for i in range(C.meta[0].copies):
        x = C.copy[i]
        waits = x.decided == -1 and x.state != 0 and x.serial > after
        if waits and (best < 0 or x.serial < C.copy[best].serial):
            best = i
    return best


@inner
def link_visit(C: Any, P: Any, t: int, silo: int, n: int) -> int:
    """Link the ``n`` identifiers in ``C.code`` seen together in a silo; return the profile or -1.

    Unique types decide first, then what is known; new identifiers join the session's profile.
    An identifier with a carried silo (``C.carry``) is also linked there under `handoff`.
    """
    shared = P.plan[0].identity == ALL
    key = -1 if shared else silo
    session = _session(C, P, n, key)
    for i in range(n):
        session = _attach(C, P, t, C.code[i], key, silo, session)
        if P.plan[0].identity == HANDOFF and C.carry[i] >= 0 and C.carry[i] != silo:
            session = _attach(C, P, t, C.code[i], int(C.carry[i]), int(C.carry[i]), session)
    if session >= 0:
        C.profile[session].last_seen = t
    return session


@inner
def _session(C: Any, P: Any, n: int, key: int) -> int:
    """Return the profile that the strongest known identifier names: unique types come first."""
    weak = -1
    for i in range(n):
        j = find_node(C, C.code[i], key)
        if j < 0:
            continue
        if P.unique[C.node[j].type] == 1:
            return int(C.node[j].profile)
        if weak < 0:
            weak = int(C.node[j].profile)
    return weak


@inner
def _attach(C: Any, P: Any, t: int, code: int, key: int, silo: int, session: int) -> int:
    """Bring one identifier to the session's profile, by merge or as new; return the session."""
    j = find_node(C, code, key)
    if j >= 0:
        C.node[j].last_seen = t
        C.node[j].seen_in |= 1 << silo
        other = int(C.node[j].profile)
        if session < 0 or other == session:
            return other
        if conflict(C.profile[session].unique, C.profile[other].unique, N_TYPES):
            return session
        return merge(C, P, session, other)
    kind = (code >> 48) - 1
    target = session
    if session >= 0 and P.unique[kind] == 1:
        held = C.profile[session].unique[kind]
        if held != 0 and held != code:
            target = -1
    if target < 0:
        target = _new_profile(C, t, code)
    _new_node(C, t, code, kind, key, silo, target)
    if P.unique[kind] == 1:
        C.profile[target].unique[kind] = code
    return session if session >= 0 else target


@inner
def merge(C: Any, P: Any, a: int, b: int) -> int:
    """Merge two profiles into the older one and return it; the other's slot is freed."""
    pa, pb = C.profile[a], C.profile[b]
    if not survives(pa.first_seen, pa.serial, pb.first_seen, pb.serial):
        a, b = b, a
        pa, pb = C.profile[a], C.profile[b]
    i = int(pb.first_node)
    while i >= 0:
        node = C.node[i]
        node.profile = a
        i = int(node.next)
        if i < 0:
            node.next = pa.first_node
            pa.first_node = pb.first_node
    pa.nodes += pb.nodes
    pa.stopped |= pb.stopped
    if pb.last_seen > pa.last_seen:
        pa.last_seen = pb.last_seen
        pa.last_channel = pb.last_channel
    for k in range(N_TYPES):
        if pa.unique[k] == 0:
            pa.unique[k] = pb.unique[k]
    for k in range(MAX_CHANNELS):
        pa.received[k] += pb.received[k]
        pa.answered[k] += pb.answered[k]
    for k in range(MAX_JOURNEYS):
        if pb.entered[k] > pa.entered[k]:
            pa.entered[k] = pb.entered[k]
    merge_contexts(C, P, a, b)
    _move_copies(C, a, b)
    note(C, MERGE, -1, -1, pa.key, pa.serial, pb.serial, 0, 0)
    _free_profile(C, b)
    return a


@inner
def forget(C: Any, P: Any, t: int) -> None:
    """Drop cookies past their time to live, and profiles that have no identifier left."""
    if t < C.meta[0].stale:
        return
    while True:
        i = _oldest_expired(C, t, P.plan[0].cookie_ttl)
        if i < 0:
            C.meta[0].stale = _first_expiry(C, t, P.plan[0].cookie_ttl)
            return
        node = C.node[i]
        profile = int(node.profile)
        _unlink_node(C, i)
        node.code = 0
        node.next = C.meta[0].free_node
        C.meta[0].free_node = i
        C.profile[profile].nodes -= 1
        if C.profile[profile].nodes == 0:
            _forget_profile(C, profile)


@inner
def _first_expiry(C: Any, t: int, time_to_live: int) -> int:
    """Return a moment before which no cookie can expire, if none has by ``t``."""
    if time_to_live <= 0:
        return t + FOREVER
    seen = t
    for i in range(C.meta[0].nodes):
        x = C.node[i]
        if x.code != 0 and x.type == COOKIE and x.last_seen < seen:
            seen = int(x.last_seen)
    return seen + time_to_live


@inner
def _unlink_node(C: Any, index: int) -> None:
    """Take an identifier off its profile's list."""
    p = C.profile[int(C.node[index].profile)]
    i = int(p.first_node)
    if i == index:
        p.first_node = C.node[index].next
        return
    while C.node[i].next != index:
        i = int(C.node[i].next)
    C.node[i].next = C.node[index].next


@inner
def _oldest_expired(C: Any, t: int, time_to_live: int) -> int:
    """Return the expired cookie first seen (of equals the smallest code and silo), or -1."""
    best = -1
    for i in range(C.meta[0].nodes):
        x = C.node[i]
        if x.code == 0 or x.type != COOKIE or not expired(x.last_seen, t, time_to_live):
            continue
        if best >= 0:
            y = C.node[best]
            if x.first_seen > y.first_seen:
                continue
            if x.first_seen == y.first_seen and x.code > y.code:
                continue
            if x.first_seen == y.first_seen and x.code == y.code and x.silo > y.silo:
                continue
        best = i
    return best


@inner
def _forget_profile(C: Any, index: int) -> None:
    p = C.profile[index]
    i = int(p.first_copy)
    while i >= 0:
        following = int(C.copy[i].next)
        free_copy(C, i, EXIT_FORGOTTEN)
        i = following
    drop_contexts(C, index)
    _free_profile(C, index)


@inner
def _free_profile(C: Any, index: int) -> None:
    """Take a profile out of the list of living ones and give its slot back."""
    m = C.meta[0]
    p = C.profile[index]
    older, newer = int(p.older), int(p.newer)
    if older >= 0:
        C.profile[older].newer = newer
    else:
        m.first_profile = newer
    if newer >= 0:
        C.profile[newer].older = older
    else:
        m.last_profile = older
    p.used = 0
    p.next = m.free_profile
    m.free_profile = index


@inner
def _new_profile(C: Any, t: int, code: int) -> int:
    i = int(C.meta[0].free_profile)
    if i >= 0:
        C.meta[0].free_profile = C.profile[i].next
    else:
        i = int(C.meta[0].profiles)
        C.meta[0].profiles = i + 1
        C.meta[0].grown = 1
    p = C.profile[i]
    p.used = 1
    p.last_channel = -1
    p.nodes = 0
    p.next = -1
    p.first_node = -1
    p.newer = -1
    p.older = C.meta[0].last_profile
    if p.older >= 0:
        C.profile[int(p.older)].newer = i
    else:
        C.meta[0].first_profile = i
    C.meta[0].last_profile = i
    p.first_copy = -1
    p.serial = C.meta[0].profile_serial
    C.meta[0].profile_serial += 1
    if p.serial == MOST_PROFILES - SPARE_PROFILES:
        C.meta[0].over = TOO_MANY_PROFILES
        C.meta[0].grown = 1
    p.stopped = 0
    p.first_seen = t
    p.last_seen = t
    p.key = code
    for k in range(N_TYPES):
        p.unique[k] = 0
    for k in range(len(p.context)):
        p.context[k] = -1
    for k in range(MAX_CHANNELS):
        p.received[k] = 0
        p.answered[k] = 0
    for k in range(MAX_JOURNEYS):
        p.entered[k] = -1
    return i


@inner
def _new_node(C: Any, t: int, code: int, kind: int, key: int, silo: int, profile: int) -> None:
    i = int(C.meta[0].free_node)
    if i >= 0:
        C.meta[0].free_node = C.node[i].next
    else:
        i = int(C.meta[0].nodes)
        C.meta[0].nodes = i + 1
        C.meta[0].grown = 1
    node = C.node[i]
    node.code = code
    node.first_seen = t
    node.last_seen = t
    node.seen_in = 1 << silo
    node.profile = profile
    node.next = C.profile[profile].first_node
    C.profile[profile].first_node = i
    node.silo = key
    node.type = kind
    node.dead = 0
    C.profile[profile].nodes += 1


@inner
def _move_copies(C: Any, a: int, b: int) -> None:
    """Hand the copies of ``b`` to ``a``; where both run one journey, the newcomer's copy ends."""
    i = int(C.profile[b].first_copy)
    while i >= 0:
        following = int(C.copy[i].next)
        if has_copy(C, a, int(C.copy[i].journey), int(C.copy[i].silo)) >= 0:
            free_copy(C, i, EXIT_MERGED)
        else:
            _unhook(C, i)
            hook(C, i, a)
        i = following


@inner
def has_copy(C: Any, profile: int, journey: int, silo: int) -> int:
    """Return the profile's running copy of a journey (for a silo; -1 the one copy), or -1."""
    i = int(C.profile[profile].first_copy)
    while i >= 0:
        if C.copy[i].journey == journey and C.copy[i].silo == silo:
            return i
        i = int(C.copy[i].next)
    return -1


@inner
def hook(C: Any, index: int, profile: int) -> None:
    """Put a copy on a profile's list."""
    head = int(C.profile[profile].first_copy)
    C.copy[index].profile = profile
    C.copy[index].previous = -1
    C.copy[index].next = head
    if head >= 0:
        C.copy[head].previous = index
    C.profile[profile].first_copy = index


@inner
def _unhook(C: Any, index: int) -> None:
    before, after = int(C.copy[index].previous), int(C.copy[index].next)
    if before >= 0:
        C.copy[before].next = after
    else:
        C.profile[int(C.copy[index].profile)].first_copy = after
    if after >= 0:
        C.copy[after].previous = before


@inner
def free_copy(C: Any, index: int, reason: int) -> None:
    """End a copy: its message, where one runs, gets its final status from the engine's note."""
    copy = C.copy[index]
    p = C.profile[int(copy.profile)]
    finish_message(C, index, reason)
    note(C, EXIT, -1, int(copy.last_silo), p.key, copy.serial, int(copy.journey), reason, 0)
    _unhook(C, index)
    copy.state = 0
    copy.next = C.meta[0].free_copy
    C.meta[0].free_copy = index


@inner
def finish_message(C: Any, index: int, reason: int) -> None:
    """Close the copy's running message as converted where the copy ends before its cascade."""
    copy = C.copy[index]
    if copy.message < 0:
        return
    p = C.profile[int(copy.profile)]
    final = 6  # converted: an until-condition ended it
    if reason != 1:
        final = 8
    if copy.sends > 0 and copy.status >= copy.success:
        final = 1
    note(
        C,
        32,
        -1,
        int(copy.last_silo),
        p.key,
        copy.message,
        int(copy.journey) * 256 + int(copy.step),
        final,
        copy.sends,
    )
    copy.message = -1
