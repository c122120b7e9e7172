"""The silo map: what a feed tells whom, and what a team shares, under each sharing choice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.brand import observe
from omnilab.brand.at_hand import history_at_hand
from omnilab.brand.context import context_of
from omnilab.brand.policy import may_send, scope
from omnilab.brand.profiles import known, link_visit
from omnilab.brand.sharing import ALL, HANDOFF, SILO
from omnilab.world.identifiers import code_of
from tests.plain import plain
from tests.worlds import (
    EMAIL,
    IN_APP,
    IN_EMAIL,
    IN_STORE,
    IN_WEB,
    WEB,
    cell_of,
    corner,
    plan_of,
    said,
    shown,
)

RULES = ("brand/wiring.py", "brand/observe.py", "brand/outbox.py", "brand/journeys.py")
COOKIE, LOGIN, MAIL = (plain(code_of)(kind, 0, 0) for kind in (0, 2, 3))
OTHER = plain(code_of)(3, 1, 0)
VIEWED, CARTED, ORDERED = 1, 2, 3
BY_EMAIL = {"source": "web", "target": "email", "by": "email"}
NOTHING = -1


class Brand:
    """An e-mail tool that holds an address, and a shop where somebody with a cookie is."""

    def __init__(self, wiring: Any, trigger: str = "cart", **rules: int) -> None:
        steps = [{"delay": "1h"}, {"message": {"shows": "cart", "channels": ["email"]}}]
        journey = {"name": "j", "trigger": trigger, "sequence": ["email"], "steps": steps,
                   "until": ["order"]}  # fmt: skip
        choices = dict.fromkeys(("identity", "context", "triggers", "channel", "stop",
                                 "contact_policy"), SILO)  # fmt: skip
        scenario = corner(brand={"journeys": [journey], "wiring": wiring})
        self.plan = plan_of(scenario, "multichannel", rules=choices | rules)
        self.cell = cell_of(2, plan=self.plan)
        shown(self.cell, MAIL)
        self.tool = int(plain(link_visit)(self.cell, self.plan, 0, IN_EMAIL, 1))

    def visit(self, *codes: int, silo: int = IN_WEB) -> int:
        n = shown(self.cell, *codes)
        return int(plain(link_visit)(self.cell, self.plan, 1, silo, n))

    def do(self, profile: int, what: int, silo: int = IN_WEB, t: int = 100, token: int = 7) -> None:
        plain(observe.see_outcome)(self.cell, self.plan, t, profile, silo, what, token, 1, 500)

    def context(self, profile: int, silo: int = IN_EMAIL) -> Any:
        return self.cell.context[plain(context_of)(self.cell, profile, silo)]

    def of_tool(self) -> int:
        return int(plain(known)(self.cell, self.plan, MAIL, IN_EMAIL))

    def kinds(self) -> list[tuple[str, int]]:
        return [(row["kind"], row["silo"]) for row in said(self.cell)]


def test_a_feed_tells_the_tool_of_a_cart_by_an_address_that_both_know() -> None:
    brand = Brand({"feeds": [BY_EMAIL]})
    shopper = brand.visit(COOKIE, MAIL)
    assert shopper != brand.tool
    brand.do(shopper, CARTED)
    x = brand.context(brand.tool)
    assert (x.cart_t, x.cart_token, x.cart_category, x.cart_cents) == (100, 7, 1, 500)
    assert brand.kinds() == [("enter", IN_EMAIL)]


@pytest.mark.parametrize("codes", [(COOKIE,), (COOKIE, OTHER), (LOGIN,)])
def test_a_feed_tells_nothing_of_visitors_whose_address_is_not_known_on_both_sides(
    codes: tuple[int, ...],
) -> None:
    brand = Brand({"feeds": [BY_EMAIL]})
    brand.do(brand.visit(*codes), CARTED)
    assert brand.context(brand.tool).cart_t == NOTHING
    assert brand.kinds() == []


def test_without_a_feed_the_tool_sees_nothing() -> None:
    brand = Brand("tools_apart")
    brand.do(brand.visit(COOKIE, MAIL), CARTED)
    assert brand.context(brand.tool).cart_t == NOTHING
    assert brand.kinds() == []


def test_a_feed_tells_of_its_events_from_its_source_only() -> None:
    brand = Brand({"feeds": [BY_EMAIL | {"events": ["order"]}]})
    shopper = brand.visit(COOKIE, MAIL)
    brand.do(shopper, CARTED)
    brand.do(shopper, VIEWED)
    assert (brand.context(brand.tool).cart_t, brand.context(brand.tool).view_t) == (-1, -1)
    brand.do(brand.visit(LOGIN, MAIL, silo=IN_APP), ORDERED, silo=IN_APP)
    assert not plain(history_at_hand)(brand.cell, brand.plan, brand.tool, IN_EMAIL)
    brand.do(shopper, ORDERED)
    assert plain(history_at_hand)(brand.cell, brand.plan, brand.tool, IN_EMAIL)


def test_an_order_that_is_told_ends_the_tools_copy_and_empties_its_cart() -> None:
    brand = Brand({"feeds": [BY_EMAIL]})
    shopper = brand.visit(COOKIE, MAIL)
    brand.do(shopper, CARTED)
    brand.do(shopper, ORDERED, t=200)
    assert [kind for kind, _ in brand.kinds()] == ["enter", "exit"]
    assert brand.context(brand.tool).cart_t == NOTHING
    assert brand.context(shopper, IN_WEB).cart_t == NOTHING


def test_a_visit_is_told_where_the_feed_has_visits() -> None:
    """A visit is told on arrival, so that a copy that waits for one goes on."""
    for events, told in ((["visit"], 1), (["cart"], 0)):
        brand = Brand({"feeds": [BY_EMAIL | {"events": events}]})
        brand.plan.journey[0].trigger = brand.plan.rules.starts = 4  # a visit
        n = shown(brand.cell, COOKIE, MAIL)
        plain(observe.see_visit)(brand.cell, brand.plan, 5, WEB, n, -1)
        assert len(brand.kinds()) == told


@pytest.mark.parametrize("choice", [SILO, HANDOFF])
def test_on_one_profile_a_feed_tells_the_tool_once(choice: int) -> None:
    """Under identity `all` shop and tool have one profile; the event is not a second one."""
    brand = Brand({"feeds": [BY_EMAIL]}, identity=ALL, context=choice, triggers=choice,
                  stop=choice)  # fmt: skip
    shopper = brand.visit(COOKIE, MAIL)
    assert shopper == brand.of_tool()
    brand.do(shopper, CARTED)
    assert brand.kinds() == [("enter", IN_EMAIL)]
    assert brand.context(shopper).cart_token == 7
    copy = brand.cell.copy[0]
    assert copy.seen == (1 << IN_WEB) | (1 << IN_EMAIL)
    brand.do(shopper, ORDERED)
    assert brand.context(shopper).cart_t == NOTHING
    assert brand.context(shopper).orders == 1
    assert [kind for kind, _ in brand.kinds()] == ["exit"]


def test_where_context_is_all_a_feed_keeps_no_second_copy() -> None:
    brand = Brand({"feeds": [BY_EMAIL]}, identity=ALL, context=ALL)
    shopper = brand.visit(COOKIE, MAIL)
    brand.do(shopper, CARTED)
    assert brand.context(shopper, IN_WEB).cart_t == 100
    assert brand.context(shopper).cart_t == NOTHING


def test_two_feeds_to_one_tool_tell_it_once() -> None:
    by_login = BY_EMAIL | {"by": "login"}
    brand = Brand({"feeds": [BY_EMAIL, by_login]})
    n = shown(brand.cell, MAIL, LOGIN)
    brand.tool = int(plain(link_visit)(brand.cell, brand.plan, 0, IN_EMAIL, n))
    brand.do(brand.visit(COOKIE, MAIL, LOGIN), ORDERED)
    assert brand.context(brand.tool).orders == 1


def test_a_pixel_takes_up_cookies_that_the_tool_does_not_hold() -> None:
    pixel = {"source": "web", "target": "store", "by": "cookie"}
    for adds, held in ((False, False), (True, True)):
        brand = Brand({"feeds": [pixel | {"adds": adds}]})
        brand.do(brand.visit(COOKIE), VIEWED)
        tool = int(plain(known)(brand.cell, brand.plan, COOKIE, IN_STORE))
        assert (tool >= 0) == held
        if held:
            assert brand.context(tool, IN_STORE).view_t == 100


def test_a_team_has_one_store() -> None:
    brand = Brand({"teams": [["web", "email"]]}, channel=SILO)
    shopper = brand.visit(COOKIE, MAIL)
    assert shopper == brand.tool
    brand.do(shopper, CARTED)
    assert brand.kinds() == [("enter", IN_WEB)]  # the first silo stands for the team
    assert brand.cell.copy[0].silo == IN_WEB
    assert plain(scope)(brand.plan, 0, IN_EMAIL, SILO) == (1 << IN_WEB) | (1 << IN_EMAIL)
    assert plain(scope)(brand.plan, 0, IN_STORE, SILO) == 1 << IN_STORE


def test_a_team_has_one_cap() -> None:
    for wiring, may in (("tools_apart", True), ({"teams": [["email", "web"]]}, False)):
        brand = Brand(wiring)
        brand.plan.rules.cap_messages = 1
        brand.plan.rules.cap_period = 1000
        shown(brand.cell, COOKIE)
        shopper = brand.visit(COOKIE, MAIL)
        plain(observe.see_send)(brand.cell, brand.plan, 10, EMAIL, MAIL, 0)
        assert plain(may_send)(brand.cell, brand.plan, shopper, 0, IN_WEB, 0, 20) == may


def test_a_feed_of_one_silo_is_its_teams() -> None:
    wiring = {"teams": [["web", "app"]], "feeds": [BY_EMAIL]}
    brand = Brand(wiring)
    brand.do(brand.visit(LOGIN, MAIL, silo=IN_APP), CARTED, silo=IN_APP)
    assert brand.context(brand.tool).cart_token == 7


def test_all_sharing_choices_reach_beyond_any_map() -> None:
    brand = Brand("tools_apart", identity=ALL, context=ALL, triggers=ALL, channel=ALL, stop=ALL)
    brand.do(brand.visit(COOKIE, MAIL), CARTED)
    assert [kind for kind, _ in brand.kinds()] == ["enter"]


def test_room_is_kept_for_each_profile_that_hears_of_an_event() -> None:
    several = [BY_EMAIL, {"source": ["web", "app"], "target": "store", "by": "email"}]
    assert int(Brand({"feeds": several}).plan.rules.told) == 3
    assert int(Brand("tools_apart").plan.rules.told) == 1
    assert int(Brand({"teams": [["web", "app"]], "feeds": several}).plan.rules.told) == 3
    assert np.array_equal(Brand("tools_apart").plan.team, range(4))
