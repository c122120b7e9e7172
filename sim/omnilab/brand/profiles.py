"""From identifiers to profiles: linking under an identity choice, merging, forgetting.

Under `silo` and `handoff` an identifier's key is (silo, type, value), under `all` (type, value).
The rules of who survives, what blocks a merge and what expires are those of omnilab.identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from omnilab.brand.codes import EXIT_FORGOTTEN, EXIT_MERGED
from omnilab.brand.context import drop_contexts, merge_contexts
from omnilab.brand.instances import free_copy, has_copy, hook, unhook
from omnilab.brand.node_index import add_to_index, find_node, take_from_index
from omnilab.brand.outbox import note_merge
from omnilab.brand.sharing import ALL, HANDOFF
from omnilab.brand.state import MOST_PROFILES, TOO_MANY_PROFILES, Node, Profile
from omnilab.identity.rules import conflict, expired, survives
from omnilab.kernels.compiling import inner
from omnilab.kernels.free_list import free_list
from omnilab.kernels.record import starter
from omnilab.log.identifier_types import N_TYPES

if TYPE_CHECKING:
    from omnilab.brand.plan import LoweredPlan
    from omnilab.brand.state import BrandCell

__all__ = [
    "add_known",
    "find_address",
    "key_of",
    "known",
    "link_visit",
    "session_of",
]

COOKIE: Final = 0
FOREVER: Final = 1 << 40  # seconds
SPARE_PROFILES: Final = 1 << 10  # more than one event makes

take_node, give_node = free_list("node", "nodes")
take_profile, give_profile = free_list("profile", "profiles")
start_profile = starter(Profile)


@inner
def key_of(plan: LoweredPlan, silo: int) -> int:
    """Return by which silo identifiers of a silo are keyed: that of its team; -1 under `all`."""
    return -1 if plan.rules.identity == ALL else int(plan.team[silo])


@inner
def known(cell: BrandCell, plan: LoweredPlan, code: int, silo: int) -> int:
    """Return the profile that the brand links to an identifier seen in a silo, or -1."""
    i = find_node(cell, code, key_of(plan, silo))
    return -1 if i < 0 else int(cell.node[i].profile)


@inner
def add_known(cell: BrandCell, plan: LoweredPlan, t: int, code: int, silo: int) -> int:
    """Let a silo take up an identifier that it does not hold; return its new profile."""
    return _attach(cell, plan, t, code, key_of(plan, silo), silo, -1, -1)


@inner
def find_address(cell: BrandCell, profile: int, kind: int, silo: int) -> int:
    """Return the node of the profile's latest identifier of a type that a team may use, or -1.

    ``silo`` is the one that stands for the team (``plan.team``).
    Of those seen last at the same moment the one known longest is taken, then the smallest code:
    never the slot, which neighbours in the cell have a part in.
    """
    best = -1
    i = int(cell.profile[profile].first_node)
    while i >= 0:
        node = cell.node[i]
        fits = node.type == kind and node.dead == 0 and (node.silo < 0 or node.silo == silo)
        if fits and (best < 0 or _is_later(node, cell.node[best])):
            best = i
        i = int(node.next)
    return best


@inner
def _is_later(a: Node, b: Node) -> bool:
    """Tell whether an identifier comes before another of its type as an address."""
    if a.last_seen != b.last_seen:
        return a.last_seen > b.last_seen
    if a.first_seen != b.first_seen:
        return a.first_seen < b.first_seen
    return a.code < b.code


@inner
def link_visit(cell: BrandCell, plan: LoweredPlan, t: int, silo: int, n: int) -> int:
    """Link ``n`` identifiers in ``cell.code`` seen together in a silo; return the profile or -1.

    Unique types decide first, then what is known; new identifiers join the session's profile.
    Where that is known by other types alone, such as a browser's cookie, and a new identifier of a
    unique type is not the profile's own, somebody else is there: a new profile is the session's.
    An identifier with a carried silo (``cell.carry``) is also linked there under `handoff`.
    """
    key = key_of(plan, silo)
    session = _session(cell, plan, n, key)
    if session >= 0:
        other = _somebody_else(cell, plan, n, session)
        if other >= 0:
            session = _attach(cell, plan, t, cell.code[other], key, silo, -1, -1)
    for i in range(n):
        session = _attach(cell, plan, t, cell.code[i], key, silo, session, int(cell.found[i]))
        carry = int(cell.carry[i])
        if plan.rules.identity == HANDOFF and carry >= 0 and key_of(plan, carry) != key:
            to = key_of(plan, carry)
            session = _attach(cell, plan, t, cell.code[i], to, carry, session, -1)
    if session >= 0:
        cell.profile[session].last_seen = t
    return session


@inner
def session_of(cell: BrandCell, plan: LoweredPlan, silo: int, n: int) -> int:
    """Return the profile that ``n`` identifiers in ``cell.code`` name in a silo, or -1."""
    return _session(cell, plan, n, key_of(plan, silo))


@inner
def _session(cell: BrandCell, plan: LoweredPlan, n: int, key: int) -> int:
    """Return the profile that the strongest known identifier names: unique types come first.

    Where each identifier is held is left in ``cell.found``.
    """
    weak = -1
    strong = -1
    for i in range(n):
        j = find_node(cell, cell.code[i], key)
        cell.found[i] = j
        if j < 0 or strong >= 0:
            continue
        if plan.unique[cell.node[j].type] == 1:
            strong = int(cell.node[j].profile)
        elif weak < 0:
            weak = int(cell.node[j].profile)
    return strong if strong >= 0 else weak


@inner
def _somebody_else(cell: BrandCell, plan: LoweredPlan, n: int, profile: int) -> int:
    """Return the place of the first identifier that says that ``profile`` is not here, or -1.

    It is new, of a unique type, and not the profile's own of that type. A known one of a unique
    type outweighs it: then it is the new one that is kept out of the profile. ``cell.found`` has
    the known ones.
    """
    found = -1
    for i in range(n):
        code = cell.code[i]
        kind = (code >> 48) - 1
        if plan.unique[kind] == 0:
            continue
        if cell.found[i] >= 0:
            return -1
        held = cell.profile[profile].unique[kind]
        if found < 0 and held != 0 and held != code:
            found = i
    return found


@inner
def _attach(
    cell: BrandCell,
    plan: LoweredPlan,
    t: int,
    code: int,
    key: int,
    silo: int,
    session: int,
    found: int,
) -> int:
    """Bring one identifier to the session's profile, by merge or as new; return the session.

    ``found`` is the node that holds it; -1 where that is not known, or there is none.
    """
    j = found if found >= 0 else find_node(cell, code, key)
    if j >= 0:
        cell.node[j].last_seen = t
        if cell.node[j].type == COOKIE:
            cell.cookie_seen[j] = t
        cell.node[j].seen_in |= 1 << silo
        other = int(cell.node[j].profile)
        if session < 0 or other == session:
            return other
        if conflict(cell.profile[session].unique, cell.profile[other].unique, N_TYPES):
            return session
        return merge(cell, plan, session, other)
    kind = (code >> 48) - 1
    target = session
    if session >= 0 and plan.unique[kind] == 1:
        held = cell.profile[session].unique[kind]
        if held != 0 and held != code:
            target = -1
    if target < 0:
        target = _new_profile(cell, t, code)
    _new_node(cell, t, code, kind, key, silo, target)
    if plan.unique[kind] == 1:
        cell.profile[target].unique[kind] = code
    return session if session >= 0 else target


@inner
def merge(cell: BrandCell, plan: LoweredPlan, a: int, b: int) -> int:
    """Merge two profiles into the older one and return it; the other's slot is freed."""
    pa, pb = cell.profile[a], cell.profile[b]
    if not survives(pa.first_seen, pa.serial, pb.first_seen, pb.serial):
        a, b = b, a
        pa, pb = cell.profile[a], cell.profile[b]
    i = int(pb.first_node)
    while i >= 0:
        node = cell.node[i]
        node.profile = a
        i = int(node.next)
        if i < 0:
            node.next = pa.first_node
            pa.first_node = pb.first_node
    pa.nodes += pb.nodes
    pa.stopped |= pb.stopped
    pa.brought += pb.brought
    if pb.last_seen > pa.last_seen:
        pa.last_seen = pb.last_seen
        pa.last_channel = pb.last_channel
        pa.last_device = pb.last_device if pb.last_device >= 0 else pa.last_device
    for k in range(N_TYPES):
        if pa.unique[k] == 0:
            pa.unique[k] = pb.unique[k]
    for k in range(cell.received.shape[1]):
        cell.received[a, k] += cell.received[b, k]
        cell.answered[a, k] += cell.answered[b, k]
    for k in range(cell.entered.shape[1]):
        if cell.entered[b, k] > cell.entered[a, k]:
            cell.entered[a, k] = cell.entered[b, k]
    merge_contexts(cell, plan, a, b)
    _move_copies(cell, a, b)
    note_merge(cell, pa, pb)
    _free_profile(cell, b)
    return a


@inner
def forget(cell: BrandCell, plan: LoweredPlan, t: int) -> None:
    """Drop cookies past their time to live, and profiles that have no identifier left."""
    if t < cell.meta.stale:
        return
    time_to_live = int(plan.rules.cookie_ttl)
    i, oldest = _expired(cell, t, time_to_live)
    while i >= 0:
        node = cell.node[i]
        profile, following = int(node.profile), int(node.chain)
        _unlink_node(cell, i)
        node.code = 0
        cell.cookie_seen[i] = FOREVER
        give_node(cell, i)
        cell.profile[profile].nodes -= 1
        if cell.profile[profile].nodes == 0:
            _forget_profile(cell, profile)
        i = following
    cell.meta.stale = oldest + time_to_live if time_to_live > 0 else t + FOREVER


@inner
def _unlink_node(cell: BrandCell, index: int) -> None:
    """Take an identifier off its profile's list."""
    p = cell.profile[int(cell.node[index].profile)]
    i = int(p.first_node)
    if i == index:
        p.first_node = cell.node[index].next
        return
    while cell.node[i].next != index:
        i = int(cell.node[i].next)
    cell.node[i].next = cell.node[index].next


@inner
def _expired(cell: BrandCell, t: int, time_to_live: int) -> tuple[int, int]:
    """Return the expired cookie first seen, or -1, and when the others were last seen at first.

    Each expired one's ``chain`` leads to the next. Of those first seen at one moment the smallest
    code comes first, then the smallest silo. They are out of their buckets. Without others the
    moment is ``t``.
    """
    first, oldest = -1, t
    for i in range(cell.meta.nodes):
        seen = int(cell.cookie_seen[i])
        if not expired(seen, t, time_to_live):
            oldest = min(oldest, seen)
            continue
        x = cell.node[i]
        take_from_index(cell, i)
        before, after = -1, first
        while after >= 0 and _is_older(cell.node[after], x):
            before, after = after, int(cell.node[after].chain)
        x.chain = after
        if before < 0:
            first = i
        else:
            cell.node[before].chain = i
    return first, oldest


@inner
def _is_older(a: Node, b: Node) -> bool:
    """Tell whether a cookie is forgotten before another."""
    if a.first_seen != b.first_seen:
        return a.first_seen < b.first_seen
    if a.code != b.code:
        return a.code < b.code
    return a.silo < b.silo


@inner
def _forget_profile(cell: BrandCell, index: int) -> None:
    p = cell.profile[index]
    i = int(p.first_copy)
    while i >= 0:
        following = int(cell.copy[i].next)
        free_copy(cell, i, EXIT_FORGOTTEN)
        i = following
    drop_contexts(cell, index)
    _free_profile(cell, index)


@inner
def _free_profile(cell: BrandCell, index: int) -> None:
    """Take a profile out of the list of living ones and give its slot back."""
    m = cell.meta
    p = cell.profile[index]
    older, newer = int(p.older), int(p.newer)
    if older >= 0:
        cell.profile[older].newer = newer
    else:
        m.first_profile = newer
    if newer >= 0:
        cell.profile[newer].older = older
    else:
        m.last_profile = older
    p.used = 0
    give_profile(cell, index)


@inner
def _new_profile(cell: BrandCell, t: int, code: int) -> int:
    i = take_profile(cell)
    p = cell.profile[i]
    start_profile(p)
    p.older = cell.meta.last_profile
    if p.older >= 0:
        cell.profile[int(p.older)].newer = i
    else:
        cell.meta.first_profile = i
    cell.meta.last_profile = i
    p.serial = cell.meta.profile_serial
    cell.meta.profile_serial += 1
    if p.serial == MOST_PROFILES - SPARE_PROFILES:
        cell.meta.over = TOO_MANY_PROFILES
        cell.meta.grown = 1
    p.first_seen = t
    p.last_seen = t
    p.key = code
    for k in range(cell.context_of.shape[1]):
        cell.context_of[i, k] = -1
    for k in range(cell.received.shape[1]):
        cell.received[i, k] = 0
        cell.answered[i, k] = 0
    for k in range(cell.entered.shape[1]):
        cell.entered[i, k] = -1
    return i


@inner
def _new_node(
    cell: BrandCell, t: int, code: int, kind: int, key: int, silo: int, profile: int
) -> None:
    i = take_node(cell)
    node = cell.node[i]
    node.code = code
    node.first_seen = t
    node.last_seen = t
    node.seen_in = 1 << silo
    node.profile = profile
    node.next = cell.profile[profile].first_node
    cell.profile[profile].first_node = i
    node.silo = key
    node.type = kind
    node.dead = 0
    cell.cookie_seen[i] = t if kind == COOKIE else FOREVER
    add_to_index(cell, i)
    cell.profile[profile].nodes += 1


@inner
def _move_copies(cell: BrandCell, a: int, b: int) -> None:
    """Hand the copies of ``b`` to ``a``; where both run one journey, the newcomer's copy ends."""
    i = int(cell.profile[b].first_copy)
    while i >= 0:
        following = int(cell.copy[i].next)
        if has_copy(cell, a, int(cell.copy[i].journey), int(cell.copy[i].silo)) >= 0:
            free_copy(cell, i, EXIT_MERGED)
        else:
            unhook(cell, i)
            hook(cell, i, a)
        i = following
