"""What the brand takes in: each observation goes to its place, and starts what it may start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.brand import observe
from omnilab.brand.context import context_of
from omnilab.brand.profiles import known, link_visit
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.kernels.compiling import kernel
from omnilab.world.identifiers import code_of
from tests.plain import plain
from tests.worlds import (
    APP,
    EMAIL,
    IN_APP,
    IN_EMAIL,
    IN_STORE,
    IN_WEB,
    PUSH,
    STORE,
    WEB,
    cell_of,
    corner,
    plan_of,
    said,
    shown,
)

RULES = ("brand/outbox.py", "brand/journeys.py", "brand/points.py")
COOKIE, LOGIN, MAIL = (plain(code_of)(kind, 0, 0) for kind in (0, 2, 3))
VIEWED, CARTED, ORDERED = 1, 2, 3
STEPS = [{"delay": "1h"}, {"message": {"channels": ["email"]}}]


class Brand:
    """A brand with one journey that an event triggers, and a profile."""

    def __init__(self, trigger: str = "order", waits: str = "visit", **rules: int) -> None:
        wait = {"wait_for": {"event": waits, "up_to": "9d"}}
        journey = {"name": "j", "trigger": trigger, "sequence": ["email"], "steps": [wait, *STEPS]}
        choices = {"identity": ALL, "context": ALL, "triggers": ALL, "stop": ALL, **rules}
        self.plan = plan_of(corner(brand={"journeys": [journey]}), rules=choices)
        self.cell = cell_of(2, plan=self.plan)
        n = shown(self.cell, COOKIE, MAIL)
        self.p = int(plain(link_visit)(self.cell, self.plan, 0, IN_WEB, n))

    def do(self, name: str, *arguments: Any) -> Any:
        return plain(getattr(observe, name))(self.cell, self.plan, *arguments)

    def context(self, silo: int, p: int | None = None) -> Any:
        p = self.p if p is None else p
        return self.cell.context[plain(context_of)(self.cell, p, silo)]

    def started(self) -> bool:
        return "enter" in [x["kind"] for x in said(self.cell)]

    def went_on(self) -> bool:
        return bool(self.cell.copy[0].step > 0)


def test_a_visit_is_linked_and_remembered_as_the_last_place() -> None:
    brand = Brand()
    p = brand.do("see_visit", 50, STORE, shown(brand.cell, COOKIE), -1)
    assert p == brand.p
    assert (brand.cell.profile[p].last_channel, brand.cell.profile[p].last_seen) == (STORE, 50)
    assert brand.do("see_visit", 50, STORE, 0, -1) == -1


def test_a_visit_that_carries_an_identifier_is_a_hand_off() -> None:
    brand = Brand(context=HANDOFF)
    brand.context(IN_APP).points = 40
    brand.do("see_visit", 50, STORE, shown(brand.cell, COOKIE, carry=[IN_APP]), -1)
    assert (brand.context(IN_APP).points, brand.context(IN_STORE).points) == (0, 40)
    brand.context(IN_WEB).points = 7
    brand.do("see_visit", 60, STORE, shown(brand.cell, COOKIE), -1)
    assert brand.context(IN_WEB).points == 7
    brand.do("see_visit", 60, STORE, shown(brand.cell, COOKIE, carry=[IN_WEB]), -1)
    assert (brand.context(IN_WEB).points, brand.context(IN_STORE).points) == (0, 47)


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("browse", ("see_outcome", 9, 0, IN_WEB, VIEWED, 5, 1, 0)),
        ("cart", ("see_outcome", 9, 0, IN_WEB, CARTED, 5, 1, 700)),
        ("order", ("see_outcome", 9, 0, IN_WEB, ORDERED, 5, 1, 700)),
        ("signup", ("see_opt_in", 9, EMAIL, -1, MAIL, 0)),
        ("open", ("see_receipt", 9, EMAIL, MAIL, 3, -1, 0, -1)),
        ("click", ("see_receipt", 9, EMAIL, MAIL, 4, -1, 0, -1)),
        ("visit", ("see_visit", 9, WEB, 2, -1)),
    ],
)  # fmt: skip
def test_each_observation_is_the_event_of_its_name_and_of_no_other(
    event: str, arguments: Any
) -> None:
    triggers = ("browse", "cart", "order", "signup")
    for trigger in triggers:
        brand = Brand(trigger)
        brand.do(*arguments)
        assert brand.started() == (trigger == event)
    for waits in ("open", "click", "visit", "cart", "order"):
        brand = Brand("browse", waits)
        brand.do("see_outcome", 1, 0, IN_WEB, VIEWED, 5, 1, 0)
        brand.do(*arguments)
        assert brand.went_on() == (waits == event)


def test_what_was_looked_at_and_carted_is_kept_by_silo() -> None:
    brand = Brand()
    brand.do("see_outcome", 9, brand.p, IN_WEB, VIEWED, 5, 1, 0)
    brand.do("see_outcome", 11, brand.p, IN_WEB, CARTED, 6, 0, 700)
    x = brand.context(IN_WEB)
    assert (x.view_t, x.view_category, x.view_token) == (9, 1, 5)
    assert (x.cart_t, x.cart_category, x.cart_token, x.cart_cents) == (11, 0, 6, 700)
    assert (x.orders, x.order_t) == (0, -1)
    assert brand.context(IN_APP).cart_t == -1


@pytest.mark.parametrize("shared", [SILO, ALL])
@pytest.mark.parametrize("token", [6, 7])
def test_an_order_empties_its_cart_wherever_it_is_seen(shared: int, token: int) -> None:
    brand = Brand(context=shared)
    for silo in (IN_WEB, IN_APP):
        brand.do("see_outcome", 9, brand.p, silo, CARTED, 6, 0, 700)
    brand.do("see_outcome", 20, brand.p, IN_WEB, ORDERED, token, 1, 700)
    x = brand.context(IN_WEB)
    assert (x.order_t, x.order_category, x.orders) == (20, 1, 1)
    emptied = {IN_WEB: token == 6, IN_APP: token == 6 and shared == ALL}
    for silo, empty in emptied.items():
        x = brand.context(silo)
        assert (x.cart_t, x.cart_token) == ((-1, -1) if empty else (9, 6))


def test_points_and_sends_are_booked() -> None:
    brand = Brand()
    for points in (30, -10):
        brand.do("see_points", 20, brand.p, IN_APP, points)
    assert brand.context(IN_APP).points == 20
    brand.do("see_send", 77, EMAIL, MAIL, 0)
    assert brand.cell.received[brand.p].tolist() == [0, 0, 0, 1, 0, 0]
    ring = brand.cell.ring[brand.cell.context_of[brand.p, IN_EMAIL]]
    assert 77 in ring.tolist()
    brand.do("see_send", 78, EMAIL, LOGIN, 0)  # nobody's, as far as the brand knows
    assert brand.cell.received[brand.p, EMAIL] == 1


@pytest.mark.parametrize(("status", "answers"), [(-2, 0), (1, 0), (2, 0), (3, 1), (4, 1)])
def test_opens_and_clicks_are_answers(status: int, answers: int) -> None:
    brand = Brand()
    brand.do("see_receipt", 9, EMAIL, MAIL, status, -1, 0, -1)
    assert brand.cell.answered[brand.p].tolist() == [0, 0, 0, answers, 0, 0]
    brand.do("see_receipt", 9, EMAIL, LOGIN, status, -1, 0, -1)
    assert brand.cell.answered.sum() == answers


@pytest.mark.parametrize(("state", "serial", "heard"), [(4, 8, True), (4, 7, False), (0, 8, False)])
def test_a_receipt_is_told_to_the_copy_that_sent_if_it_still_runs(
    state: int, serial: int, heard: bool
) -> None:
    brand = Brand()
    copy = brand.cell.copy[0]
    copy.state, copy.serial, copy.message, copy.status, copy.success = state, 8, 55, 1, 4
    brand.do("see_receipt", 9, EMAIL, MAIL, 2, 0, serial, 55)
    assert copy.status == (2 if heard else 1)


@pytest.mark.parametrize("identity", [SILO, ALL])
def test_a_stop_is_noted_in_the_channels_silo(identity: int) -> None:
    brand = Brand(identity=identity)
    if identity == SILO:
        brand.p = int(
            plain(link_visit)(brand.cell, brand.plan, 0, IN_EMAIL, shown(brand.cell, MAIL))
        )
    brand.cell.profile[brand.p].stopped = 1
    brand.do("see_stop_all", EMAIL, MAIL)
    assert brand.cell.profile[brand.p].stopped == 1 | 1 << IN_EMAIL
    brand.do("see_stop_all", PUSH, LOGIN)
    assert sum(int(x.stopped) for x in brand.cell.profile[: brand.cell.meta.profiles]) == (
        1 | 1 << IN_EMAIL
    )


@pytest.mark.parametrize("identity", [SILO, ALL])
def test_a_dead_address_is_dead_in_the_channels_silo(identity: int) -> None:
    brand = Brand(identity=identity)
    plain(link_visit)(brand.cell, brand.plan, 0, IN_EMAIL, shown(brand.cell, MAIL))
    brand.do("see_bounce", EMAIL, MAIL)
    brand.do("see_bounce", PUSH, LOGIN)  # not known: nothing happens
    dead = [(int(x.silo), int(x.type)) for x in brand.cell.node[: brand.cell.meta.nodes] if x.dead]
    assert dead == [(-1 if identity == ALL else IN_EMAIL, 3)]


def test_a_permission_on_paper_is_an_address_of_its_own() -> None:
    brand = Brand()
    other = plain(code_of)(3, 1, 0)
    p = brand.do("see_opt_in", 30, EMAIL, -1, other, 0)
    assert p != brand.p
    assert plain(known)(brand.cell, brand.plan, other, IN_EMAIL) == p
    assert brand.do("see_opt_in", 40, EMAIL, -1, MAIL, 0) == brand.p


@pytest.mark.parametrize(("identity", "linked"), [(SILO, False), (HANDOFF, True), (ALL, True)])
def test_a_permission_given_at_a_visit_links_the_address_to_it(identity: int, linked: bool) -> None:
    brand = Brand(identity=identity, context=HANDOFF)
    n = shown(brand.cell, LOGIN)
    p = brand.do("see_visit", 30, APP, n, -1)
    brand.context(IN_APP, p).points = 9
    other = plain(code_of)(3, 1, 0)
    q = brand.do("see_opt_in", 31, EMAIL, IN_APP, other, n)
    assert (p == q) == linked
    assert (brand.cell.code[0], brand.cell.carry[0]) == (LOGIN, -1)  # the next form needs it
    silo = -1 if identity == ALL else IN_EMAIL
    found = {int(x.silo): int(x.profile) for x in brand.cell.node if x.code == other}
    assert found[silo] == q
    if linked:
        assert brand.context(IN_EMAIL, q).points == 9


def test_a_form_may_give_several_permissions() -> None:
    """What the visit showed is still there for the next one."""
    brand = Brand(identity=SILO)
    n = shown(brand.cell, LOGIN, carry=[IN_STORE])
    brand.do("see_visit", 30, APP, n, -1)
    brand.do("see_opt_in", 31, EMAIL, IN_APP, plain(code_of)(3, 1, 0), n)
    assert (brand.cell.code[0], brand.cell.carry[0]) == (LOGIN, IN_STORE)


@kernel
def look(cell: Any, plan: Any, out: Any) -> None:
    observe.see_points(cell, plan, 20, 0, 2, 15)
    observe.see_bounce(cell, plan, 3, out[0])
    out[0] = cell.context[cell.context_of[0, 2]].points


def test_compiled() -> None:
    brand, out = Brand(), np.array([MAIL])
    look(brand.cell, brand.plan, out)
    assert out[0] == 15
    assert [int(x.dead) for x in brand.cell.node[:2]] == [0, 1]


class Programme(Brand):
    """A brand that pays for friends, and thanks who brings one."""

    def __init__(self, **rules: int) -> None:
        journey = {"name": "j", "trigger": "referral", "sequence": ["web", "email"], "steps": STEPS}
        choices = {"identity": ALL, "context": ALL, "triggers": ALL, "stop": ALL, **rules}
        brand = {"journeys": [journey], "referral": {"reward": 5.0}}
        self.plan = plan_of(corner(brand=brand), rules=choices)
        self.cell = cell_of(2, plan=self.plan)
        n = shown(self.cell, COOKIE, MAIL)
        self.p = int(plain(link_visit)(self.cell, self.plan, 0, IN_WEB, n))


def test_a_referral_is_counted_for_who_passed_on_the_link_and_starts_a_journey() -> None:
    brand = Programme()
    brand.do("see_referral", 9000, MAIL, IN_WEB)
    assert brand.cell.profile[brand.p].brought == 1
    assert brand.started()


@pytest.mark.parametrize(("code", "silo"), [(LOGIN, IN_WEB), (MAIL, IN_STORE)])
def test_a_link_that_names_nobody_whom_the_brand_knows_there_is_nothing(
    code: int, silo: int
) -> None:
    """Under identity `silo` the same address in another silo is another."""
    brand = Programme(identity=SILO)
    brand.do("see_referral", 9000, code, silo)
    assert brand.cell.profile[brand.p].brought == 0
    assert not brand.started()
