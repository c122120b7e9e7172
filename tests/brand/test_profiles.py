"""Linking, merging and forgetting, against the same written with dictionaries."""

from __future__ import annotations

from itertools import count, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omnilab.brand import instances, profiles
from omnilab.brand.codes import EXIT_FORGOTTEN, EXIT_MERGED
from omnilab.brand.context import context_of
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.interaction import wall
from omnilab.kernels.compiling import kernel
from omnilab.world.identifiers import code_of
from tests.plain import plain
from tests.worlds import cell_of, plan_of, said, shown

RULES = (
    "brand/state.py", "brand/instances.py", "brand/outbox.py", "brand/context.py",
    "interaction/wall.py",
)  # fmt: skip
COOKIE, LOGIN, EMAIL, LOYALTY = 0, 2, 3, 7
UNIQUE = (LOGIN, LOYALTY)
TTL = 20
code = plain(code_of)
CODES = [code(kind, owner, 1) for kind in (COOKIE, LOGIN, EMAIL, LOYALTY) for owner in (0, 1, 2)]
PLANS = {
    value: plan_of(rules={"identity": value, "cookie_ttl": TTL}) for value in (SILO, HANDOFF, ALL)
}

sightings = st.lists(
    st.tuples(st.sampled_from(CODES), st.integers(-1, 3)), min_size=1, max_size=3,
    unique_by=lambda x: x[0],
)  # fmt: skip
steps = st.tuples(st.integers(0, 9), st.integers(0, 3), sightings, st.booleans())


class Naive:
    """Profiles in dictionaries."""

    def __init__(self, identity: int) -> None:
        self.identity = identity
        self.nodes: dict[tuple[int, int], dict[str, Any]] = {}
        self.profiles: dict[int, dict[str, Any]] = {}
        self.serials = count()

    def link(self, t: int, silo: int, codes: list[tuple[int, int]]) -> int:
        own = -1 if self.identity == ALL else silo
        here = [self.nodes[own, c]["profile"] for c, _ in codes if (own, c) in self.nodes]
        sure = [
            self.nodes[own, c]["profile"]
            for c, _ in codes
            if (own, c) in self.nodes and (c >> 48) - 1 in UNIQUE
        ]
        session = (sure or here or [-1])[0]
        others = [c for c, _ in codes if not sure and here and self.is_not(session, own, c)]
        if others:  # the cookie is known, but somebody else is there
            session = self.attach(t, others[0], own, silo, -1)
        for c, carried in codes:
            session = self.attach(t, c, own, silo, session)
            if self.identity == HANDOFF and carried not in (-1, silo):
                session = self.attach(t, c, carried, carried, session)
        self.profiles[session]["last_seen"] = t
        return session

    def is_not(self, profile: int, own: int, c: int) -> bool:
        """Tell whether a new identifier says that a profile is not here."""
        kind = (c >> 48) - 1
        held = self.profiles[profile]["unique"]
        return kind in UNIQUE and (own, c) not in self.nodes and held.get(kind, c) != c

    def attach(self, t: int, c: int, own: int, silo: int, session: int) -> int:
        kind = (c >> 48) - 1
        node = self.nodes.get((own, c))
        if node is not None:
            node["last_seen"] = t
            node["seen_in"] |= 1 << silo
            other = node["profile"]
            if session in (-1, other):
                return int(other)
            one, two = self.profiles[session]["unique"], self.profiles[other]["unique"]
            if any(one.get(k, v) != v for k, v in two.items()):
                return session
            return self.merge(session, other)
        target = session
        if session < 0 or (kind in UNIQUE and self.profiles[session]["unique"].get(kind, c) != c):
            target = next(self.serials)
            self.profiles[target] = {"first_seen": t, "last_seen": t, "key": c, "unique": {}}
        self.nodes[own, c] = {
            "profile": target,
            "first_seen": t,
            "last_seen": t,
            "seen_in": 1 << silo,
        }
        if kind in UNIQUE:
            self.profiles[target]["unique"][kind] = c
        return session if session >= 0 else target

    def merge(self, a: int, b: int) -> int:
        a, b = sorted((a, b), key=lambda p: (self.profiles[p]["first_seen"], p))
        gone = self.profiles.pop(b)
        for node in self.nodes.values():
            node["profile"] = a if node["profile"] == b else node["profile"]
        self.profiles[a]["unique"] = gone["unique"] | self.profiles[a]["unique"]
        self.profiles[a]["last_seen"] = max(self.profiles[a]["last_seen"], gone["last_seen"])
        return a

    def forget(self, t: int) -> None:
        for (own, c), node in list(self.nodes.items()):
            if (c >> 48) - 1 == COOKIE and t - node["last_seen"] > TTL:
                del self.nodes[own, c]
        held = {node["profile"] for node in self.nodes.values()}
        self.profiles = {p: x for p, x in self.profiles.items() if p in held}


def read(cell: Any) -> tuple[Any, Any]:
    """Return the nodes and the profiles of a cell in the naive model's form."""
    nodes = {}
    for x in cell.node[: cell.meta.nodes]:
        if x.code != 0:
            assert x.type == (x.code >> 48) - 1
            nodes[int(x.silo), int(x.code)] = {
                "profile": int(cell.profile[x.profile].serial), "first_seen": int(x.first_seen),
                "last_seen": int(x.last_seen), "seen_in": int(x.seen_in),
            }  # fmt: skip
    found, p, older = {}, int(cell.meta.first_profile), -1
    while p >= 0:
        x = cell.profile[p]
        assert (x.used, x.older) == (1, older)
        unique = {k: int(x.unique[k]) for k in range(9) if x.unique[k] != 0}
        found[int(x.serial)] = {
            "first_seen": int(x.first_seen), "last_seen": int(x.last_seen), "key": int(x.key),
            "unique": unique,
        }  # fmt: skip
        own = [n for n in nodes.values() if n["profile"] == x.serial]
        assert x.nodes == len(own) == len(listed(cell, p))
        older, p = p, int(x.newer)
    assert cell.meta.last_profile == older
    assert list(found) == sorted(found), "oldest first"
    return nodes, found


def listed(cell: Any, profile: int) -> list[int]:
    """Return the nodes on a profile's list."""
    found, i = [], int(cell.profile[profile].first_node)
    while i >= 0:
        assert cell.node[i].profile == profile
        found.append(i)
        i = int(cell.node[i].next)
    return found


def fresh(plan: Any) -> Any:
    return cell_of(8, plan=plan)


@settings(max_examples=20)
@pytest.mark.parametrize("identity", [SILO, HANDOFF, ALL])
@given(story=st.lists(steps, max_size=14))
def test_linking_and_forgetting(identity: int, story: Any) -> None:
    cell, plan, naive, t = fresh(PLANS[identity]), PLANS[identity], Naive(identity), 0
    for step, silo, codes, forgets in story:
        t += step
        n = shown(cell, *(c for c, _ in codes), carry=[s for _, s in codes])
        profile = plain(profiles.link_visit)(cell, plan, t, silo, n)
        session = naive.link(t, silo, codes)
        assert cell.profile[profile].serial == session
        if forgets:
            plain(profiles.forget)(cell, plan, t)
            naive.forget(t)
        nodes, found = read(cell)
        assert nodes == naive.nodes
        assert found == naive.profiles
        for c in CODES:
            own = -1 if identity == ALL else silo
            wanted = naive.nodes.get((own, c), {"profile": -1})["profile"]
            p = plain(profiles.known)(cell, plan, c, silo)
            assert (int(cell.profile[p].serial) if p >= 0 else -1) == wanted


def linked(cell: Any, plan: Any, t: int, silo: int, *codes: int) -> int:
    return int(plain(profiles.link_visit)(cell, plan, t, silo, shown(cell, *codes)))


def test_a_new_login_on_a_known_cookie_is_somebody_else() -> None:
    """The first visit is the newcomer's already, whatever place the identifiers stand at."""
    plan = PLANS[ALL]
    cookie, mine, theirs, mail = (
        code(COOKIE, 0, 1), code(LOGIN, 0, 1), code(LOGIN, 1, 1), code(EMAIL, 1, 1),
    )  # fmt: skip
    for shown_now in permutations((cookie, theirs, mail)):
        cell = fresh(plan)
        owner = linked(cell, plan, 10, 0, cookie, mine)
        guest = linked(cell, plan, 20, 0, *shown_now)
        assert guest != owner
        assert linked(cell, plan, 21, 0, theirs) == guest
        assert linked(cell, plan, 22, 0, mail) == guest
        assert linked(cell, plan, 23, 0, cookie) == owner  # the browser stays its owner's
        assert linked(cell, plan, 24, 0, mine) == owner
        assert cell.profile[owner].unique[LOGIN] == mine


def test_a_new_login_on_a_nameless_cookie_joins_it() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    p = linked(cell, plan, 10, 0, code(COOKIE, 0, 1))
    assert linked(cell, plan, 20, 0, code(COOKIE, 0, 1), code(LOGIN, 0, 1)) == p


def test_a_known_login_outweighs_a_new_card() -> None:
    """Whoever logs in is who they were; the card that is not theirs is kept out."""
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    login, card, other = code(LOGIN, 0, 1), code(LOYALTY, 0, 1), code(LOYALTY, 1, 1)
    p = linked(cell, plan, 10, 0, login, card)
    assert linked(cell, plan, 20, 0, other, login) == p
    assert plain(profiles.known)(cell, plan, other, 0) not in (p, -1)


def test_cookies_live_exactly_their_time_and_others_for_ever() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    cookie, mail = code(COOKIE, 0, 1), code(EMAIL, 1, 0)
    linked(cell, plan, 100, 0, cookie)
    linked(cell, plan, 100, 0, mail)
    plain(profiles.forget)(cell, plan, 100 + TTL)
    assert plain(profiles.known)(cell, plan, cookie, 0) >= 0
    assert cell.meta.stale == 100 + TTL
    plain(profiles.forget)(cell, plan, 100 + TTL + 1)
    assert plain(profiles.known)(cell, plan, cookie, 0) == -1
    plain(profiles.forget)(cell, plan, 100 + 999 * TTL)
    assert plain(profiles.known)(cell, plan, mail, 0) >= 0
    assert cell.meta.stale == 100 + 999 * TTL + TTL


def test_before_anything_can_expire_nothing_is_looked_for() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    linked(cell, plan, 0, 0, code(COOKIE, 0, 1))
    cell.meta.stale = 50
    plain(profiles.forget)(cell, plan, 49)
    assert cell.meta.stale == 50
    plain(profiles.forget)(cell, plan, 50)
    assert cell.meta.stale == 70


def test_an_identifier_in_a_dead_ones_slot_is_alive() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    linked(cell, plan, 0, 0, code(COOKIE, 0, 1))
    cell.node[0].dead = 1
    plain(wall.forget_cookies)(cell, plan, TTL)
    assert plain(profiles.known)(cell, plan, code(COOKIE, 0, 1), 0) == 0
    soonest = plain(wall.forget_cookies)(cell, plan, TTL + 1)
    assert soonest == cell.meta.stale == TTL + 1 + TTL
    assert plain(profiles.known)(cell, plan, code(COOKIE, 0, 1), 0) == -1
    p = linked(cell, plan, TTL + 2, 0, code(EMAIL, 0, 1))
    assert plain(profiles.find_address)(cell, p, EMAIL, 0) == 0


def test_without_a_time_to_live_cookies_stay() -> None:
    plan = plan_of(rules={"identity": ALL, "cookie_ttl": 0})
    cell = fresh(plan)
    linked(cell, plan, 0, 0, code(COOKIE, 0, 1))
    plain(profiles.forget)(cell, plan, 1 << 30)
    assert plain(profiles.known)(cell, plan, code(COOKIE, 0, 1), 0) >= 0
    assert cell.meta.stale > 1 << 35


def test_the_latest_address_is_written_to() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    old, new, other = (code(EMAIL, 0, k) for k in (3, 2, 1))
    p = linked(cell, plan, 10, 0, old, code(LOGIN, 0, 0))
    linked(cell, plan, 11, 0, new, code(LOGIN, 0, 0))

    def best(kind: int = EMAIL, silo: int = 0) -> int:
        i = plain(profiles.find_address)(cell, p, kind, silo)
        return int(cell.node[i].code) if i >= 0 else -1

    assert best() == new
    linked(cell, plan, 20, 0, old, new)  # both were seen last: the one known longest
    assert best() == old
    linked(cell, plan, 30, 0, other, code(LOGIN, 0, 0))
    assert best() == other
    linked(cell, plan, 40, 0, other, old)
    assert best() == old
    cell.node[plain(profiles.find_node)(cell, old, -1)].dead = 1
    assert best() == other
    assert best(kind=5) == -1


def test_of_addresses_seen_at_once_the_smallest_code_is_taken() -> None:
    plan = PLANS[ALL]
    for order in ((1, 2), (2, 1)):
        cell = fresh(plan)
        p = linked(cell, plan, 10, 0, *(code(EMAIL, 0, k) for k in order))
        i = plain(profiles.find_address)(cell, p, EMAIL, 0)
        assert cell.node[i].code == code(EMAIL, 0, 1)


def test_neither_slot_nor_place_in_the_list_decides_on_the_address() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    p = linked(cell, plan, 10, 0, *(code(EMAIL, 0, k) for k in range(3)))
    for line in permutations(range(3)):
        cell.profile[p].first_node = line[0]
        for i, after in zip(line, (*line[1:], -1), strict=True):
            cell.node[i].next = after
        for latest in range(3):
            for i in range(3):
                cell.node[i].last_seen = 20 + (i == latest)
            assert plain(profiles.find_address)(cell, p, EMAIL, 0) == latest


def test_a_silo_writes_to_its_own_addresses_only() -> None:
    plan, cell = PLANS[SILO], fresh(PLANS[SILO])
    for silo, other in ((2, 1), (0, 1)):
        p = linked(cell, plan, 10, silo, code(EMAIL, 0, 1))
        assert plain(profiles.find_address)(cell, p, EMAIL, silo) >= 0
        assert plain(profiles.find_address)(cell, p, EMAIL, other) == -1


def with_copy(cell: Any, profile: int, journey: int, silo: int = -1) -> int:
    i = plain(instances.take_copy)(cell)
    plain(instances.start_copy)(cell.copy[i])
    copy = cell.copy[i]
    copy.journey, copy.silo, copy.serial = journey, silo, i
    plain(instances.hook)(cell, i, profile)
    return int(i)


def test_a_merge_hands_over_the_copy_in_the_first_slot_too() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    younger = linked(cell, plan, 10, 0, code(EMAIL, 0, 1))
    older = linked(cell, plan, 5, 0, code(EMAIL, 0, 2))
    assert with_copy(cell, younger, 0) == 0
    assert plain(profiles.merge)(cell, plan, younger, older) == older
    assert (cell.copy[0].profile, cell.profile[older].first_copy) == (older, 0)


@pytest.mark.parametrize("first", [0, 1])
def test_a_merge_adds_up_what_two_profiles_did(first: int) -> None:
    """Whichever way round: the older profile stays."""
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    a = linked(cell, plan, 10, 0, code(COOKIE, 0, 1))
    b = linked(cell, plan, 20, 1, code(EMAIL, 0, 1))
    cell.received[a], cell.received[b] = 3, np.arange(6)
    cell.answered[a], cell.answered[b] = 1, 2
    cell.entered[a, :2], cell.entered[b, :2] = [50, 10], [40, 60]
    cell.profile[a].stopped, cell.profile[b].stopped = 0b001, 0b100
    cell.profile[a].last_channel, cell.profile[b].last_channel = 1, 2
    cell.profile[a].brought, cell.profile[b].brought = 2, 5
    kept, doubled = with_copy(cell, a, 0), with_copy(cell, b, 0)
    moved = with_copy(cell, b, 1)
    order = (a, b) if first == 0 else (b, a)
    assert plain(profiles.merge)(cell, plan, *order) == a
    assert cell.received[a].tolist() == [3, 4, 5, 6, 7, 8]
    assert cell.answered[a].tolist() == [3] * 6
    assert cell.entered[a, :2].tolist() == [50, 60]
    x = cell.profile[a]
    assert (x.stopped, x.last_seen, x.last_channel, x.nodes) == (0b101, 20, 2, 2)
    assert x.brought == 7
    assert [cell.copy[i].state for i in (kept, doubled, moved)] == [1, 0, 1]
    assert cell.copy[moved].profile == a
    assert plain(instances.has_copy)(cell, a, 1, -1) == moved
    ended, merged = said(cell)
    assert (ended["kind"], ended["copy_serial"], ended["reason"]) == ("exit", doubled, EXIT_MERGED)
    assert (merged["kind"], merged["survivor"], merged["absorbed"]) == ("merge", x.serial, 1)
    assert merged["code"] == code(COOKIE, 0, 1)


def test_living_profiles_are_a_line_whatever_their_slots() -> None:
    plan, cell = PLANS[SILO], fresh(PLANS[SILO])
    line = [linked(cell, plan, t, 0, code(EMAIL, t, 1)) for t in range(3)]
    for t, gone in enumerate((0, 1, 0, 2, 1), start=3):
        plain(profiles._free_profile)(cell, line.pop(gone % len(line)))
        line.append(linked(cell, plan, t, 0, code(EMAIL, t, 1)))
        forth, back = [int(cell.meta.first_profile)], [int(cell.meta.last_profile)]
        while cell.profile[forth[-1]].newer >= 0:
            forth.append(int(cell.profile[forth[-1]].newer))
        while cell.profile[back[-1]].older >= 0:
            back.append(int(cell.profile[back[-1]].older))
        assert forth == line == back[::-1]


def test_a_merge_takes_all_identifiers_along_whatever_their_slots() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    younger = linked(cell, plan, 10, 0, code(EMAIL, 0, 1), code(COOKIE, 0, 1))
    assert cell.node[0].profile == cell.node[1].profile == younger
    older = linked(cell, plan, 5, 0, code(EMAIL, 0, 2), code(COOKIE, 0, 2))
    assert plain(profiles.merge)(cell, plan, younger, older) == older
    assert [int(cell.node[i].profile) for i in range(4)] == [older] * 4
    i, found = int(cell.profile[older].first_node), []
    while i >= 0:
        found.append(i)
        i = int(cell.node[i].next)
    assert sorted(found) == [0, 1, 2, 3]
    assert cell.profile[older].nodes == 4


def test_a_merge_with_one_that_was_seen_earlier_keeps_its_own_last_place() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    a = linked(cell, plan, 10, 0, code(COOKIE, 0, 1))
    b = linked(cell, plan, 20, 1, code(EMAIL, 0, 1))
    cell.profile[a].last_seen, cell.profile[a].last_channel = 30, 1
    cell.profile[b].last_channel = 2
    plain(profiles.merge)(cell, plan, a, b)
    assert (cell.profile[a].last_seen, cell.profile[a].last_channel) == (30, 1)


def test_who_is_forgotten_is_left_with_nothing() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    a = linked(cell, plan, 10, 0, code(COOKIE, 0, 1))
    context = plain(context_of)(cell, a, 2)
    i, k = with_copy(cell, a, 0), with_copy(cell, a, 1)
    plain(profiles.forget)(cell, plan, 10 + TTL + 1)
    assert [cell.copy[n].state for n in (i, k)] == [0, 0]
    assert {x["reason"] for x in said(cell, "exit")} == {EXIT_FORGOTTEN}
    assert cell.meta.free_context == context
    b = linked(cell, plan, 99, 0, code(COOKIE, 1, 1))
    assert b == a, "the slot is used again"
    assert cell.profile[b].serial == 1
    assert cell.context_of[b].tolist() == [-1] * 4
    assert set(cell.entered[b].tolist()) == {-1}
    assert not cell.received[b].any()
    assert not cell.answered[b].any()
    x = cell.profile[b]
    assert (x.last_channel, x.first_copy, x.stopped, x.newer) == (-1, -1, 0, -1)


def test_of_expired_cookies_the_first_seen_goes_first() -> None:
    """The order of the log's rows must not hang on slots."""
    plan, sights = PLANS[SILO], [(3, 1, 2), (1, 0, 5), (3, 0, 2), (3, 0, 1)]
    for first in range(4):
        cell = fresh(plan)
        for t, silo, owner in (*sights[first:], *sights[:first]):
            p = linked(cell, plan, t, silo, code(COOKIE, owner, 1))
            cell.copy[with_copy(cell, p, 0)].last_silo = silo
        plain(profiles.forget)(cell, plan, 3 + TTL + 1)
        gone = [(x["code"], x["silo"]) for x in said(cell, "exit")]
        wanted = ((5, 0), (1, 0), (2, 0), (2, 1))
        assert gone == [(code(COOKIE, owner, 1), silo) for owner, silo in wanted]


def test_more_profiles_than_can_be_numbered_end_the_run() -> None:
    assert 10**6 < profiles.MOST_PROFILES < 1 << 24  # bits of a profile in the streams
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    for serial, over in ((profiles.MOST_PROFILES - profiles.SPARE_PROFILES - 1, 0), (None, 3)):
        if serial is not None:
            cell.meta.profile_serial = serial
        cell.meta.grown = 0
        linked(cell, plan, 0, 0, code(COOKIE, over, 1))
        assert cell.meta.over == over
    assert cell.meta.grown == 1


@kernel
def look_up(cell: Any, codes: Any, out: Any) -> None:
    for k in range(len(codes)):
        out[k, 0] = profiles.find_node(cell, codes[k], -1)
        out[k, 1] = profiles.find_address(cell, out[k, 0] % 3, EMAIL, 0)


def test_compiled_and_plain_are_equal() -> None:
    plan, cell = PLANS[ALL], fresh(PLANS[ALL])
    for t, c in enumerate(CODES):
        linked(cell, plan, t, 0, c)
    found = [np.zeros((len(CODES), 2), np.int64), np.zeros((len(CODES), 2), np.int64)]
    look_up(cell, np.array(CODES), found[0])
    plain(look_up)(cell, np.array(CODES), found[1])
    assert found[0].tolist() == found[1].tolist()
    assert found[0][:, 0].tolist() == list(range(len(CODES)))
