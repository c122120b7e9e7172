"""Logs built by hand: what the brand's tools join, and what was true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from omnilab.attribution.log_facts import facts_of
from omnilab.attribution.measuring import Measuring
from omnilab.attribution.shop import shop_of
from omnilab.attribution.sightings import brand_paths, buyers_of, contacts_of, true_paths
from omnilab.log import rows
from omnilab.log.identifier_types import number_of
from tests.log.building import log_of
from tests.worlds import corner

DAY = 86400
START = 30 * DAY
KEY = (3, 4)
WEB, APP, EMAIL, AD, SEARCH, CALL, BLOG = range(7)
_MESSAGE = {"delivered": 1.0, "open": 0.5, "click": 0.1, "opt_out": 0.0, "cost": 0.01}
SHOP = shop_of(
    corner(
        channels=[
            {"name": "web", "silo": "web", "visit": {
                "completes": 0.4, "identifiers": [{"type": "cookie", "share": 1.0}]}},
            {"name": "app", "silo": "app", "visit": {
                "completes": 0.4, "identifiers": [{"type": "login", "share": 1.0}]}},
            {"name": "email", "silo": "email", "message": {
                **_MESSAGE, "address": "email", "landing": "web"}},
            {"name": "ad", "silo": "web", "message": {
                **_MESSAGE, "address": "cookie", "landing": "web", "ad": True}},
            {"name": "search", "silo": "web", "search": {
                "searches": 0.3, "click": 0.1, "cost": 1.0, "landing": "web"}},
            {"name": "call", "silo": "call",
             "visit": {"completes": 0.5, "identifiers": [{"type": "phone", "share": 1.0}]},
             "message": {**_MESSAGE, "address": "phone", "landing": "call"}},
            {"name": "blog", "silo": "web", "visit": {"completes": 0.0}},
        ],
        brand={"journeys": []},
    )
)  # fmt: skip


class Log:
    """A log of one cell, written a row after the other."""

    def __init__(self) -> None:
        self.rows: list[dict[str, int]] = []

    def add(self, kind: int, day: float, person: int = 0, **fields: int) -> None:
        self.rows.append(
            {"kind": kind, "time": START + round(day * DAY), "person": person, **fields}
        )

    def visit(self, day: float, channel: int, *, person: int = 0, profile: int = -1,
              shows: str = "cookie", **fields: int) -> None:  # fmt: skip
        fields = {"cause": -1, "need": -1, **fields}
        self.add(rows.VISIT, day, person, channel=channel, **fields)
        if profile >= 0:
            self.add(rows.IDENTIFIER, day, person, channel=channel, profile=profile,
                     type=number_of(shows))  # fmt: skip

    def order(self, day: float, channel: int, *, person: int = 0, paid: int = 1000) -> None:
        self.add(rows.ORDER, day, person, channel=channel, paid=paid, margin=paid // 2)

    def send(
        self, day: float, channel: int, message: int, *, person: int = 0, profile: int = 0,
        click: float = -1.0, receipt: int = 0, lands: int = WEB, to: int = -1,
    ) -> None:  # fmt: skip
        self.add(rows.SENT, day, person, channel=channel, message=message, profile=profile,
                 cost=1000)  # fmt: skip
        if click >= 0.0:
            self.add(rows.CLICK, click, person, channel=channel, message=message, receipt=receipt)
            self.visit(click, lands, person=person, profile=to, cause=message)

    def facts(self) -> Any:
        log = log_of(self.rows)
        window = (START, START + 100 * DAY)
        return facts_of(log, np.zeros(len(log), np.int64), window, SHOP.uploads, SHOP.search)


def seen(log: Log, lookback: int = 30 * DAY, **measuring: Any) -> list[tuple[str, ...]]:
    """Return the sources of the paths that end in an order, as the brand sees them."""
    paths = brand_paths(log.facts(), SHOP, lookback, Measuring(**measuring), KEY)
    return [p.sources for p in paths if p.orders]


def true(log: Log, lookback: int = 30 * DAY) -> list[tuple[str, ...]]:
    return [p.sources for p in true_paths(log.facts(), SHOP, lookback) if p.orders]


def test_tags_tell_what_led_to_a_visit_and_without_them_it_is_direct():
    log = Log()
    log.visit(1, WEB, profile=7, cost=100)  # a paid click
    log.send(2, AD, 5, profile=7, click=3, to=7)
    log.visit(4, BLOG, profile=7)
    log.visit(5, WEB, profile=7)
    log.order(5, WEB)
    assert seen(log) == true(log) == [("search", "ad", "blog", "web")]
    assert seen(log, utm=False) == [("web", "web", "blog", "web")]
    direct = brand_paths(log.facts(), SHOP, DAY * 30, Measuring(), KEY)[0].touches
    assert [t.direct for t in direct] == [False, False, False, True]


def test_unpaid_results_and_posts_are_sources_of_their_own():
    """To the brand a search of its name is a search; truly a medium led to it."""
    log = Log()
    for day, source in ((1, 1), (2, 2), (3, 3), (4, 0)):
        log.visit(day, WEB, profile=7, source=source)
    log.order(4, WEB)
    assert seen(log) == [("unpaid_search", "unpaid_search", "posts", "web")]
    assert seen(log, utm=False) == [("unpaid_search", "unpaid_search", "web", "web")]
    assert true(log) == [("unpaid_search", "media", "posts", "web")]


def test_a_click_is_the_mail_tools_too_where_identity_joins_it():
    """The mail's profile is another than the shop's, until they merge."""
    for merges in (False, True):
        log = Log()
        log.send(2, EMAIL, 5, profile=3, click=3, to=7)
        log.visit(5, WEB, profile=7)
        log.order(5, WEB)
        if merges:
            log.add(rows.MERGE, 6, survivor=3, absorbed=7)
        assert true(log) == [("email", "web")]
        assert seen(log) == [("email", "web")]  # the tag is enough
        if merges:  # the tool's own report, and the visit that it does not know to be the same
            assert seen(log, utm=False) == [("email", "web", "web")]
        else:
            assert seen(log, utm=False) == [("web", "web")]


def test_clicks_that_do_not_come_back_and_scanners_are_seen_as_they_are():
    log = Log()
    log.send(1, EMAIL, 5, profile=7)
    log.add(rows.SCANNER_CLICK, 1.1, channel=EMAIL, message=5)
    log.visit(2, WEB, profile=7)
    log.order(2, WEB)
    assert true(log) == [("web",)]
    assert seen(log) == [("email", "web")]
    log = Log()
    log.send(1, EMAIL, 5, profile=7, click=1.5, receipt=1, to=7)
    log.visit(2, WEB, profile=7)
    log.order(2, WEB)
    assert seen(log, utm=False) == [("web", "web")]  # nothing of the click came back


def test_an_order_that_nobody_is_known_behind_comes_from_nowhere():
    log = Log()
    log.send(1, EMAIL, 5, profile=7, click=1.5, to=7)
    log.visit(2, APP)
    log.order(2, APP)
    assert seen(log) == [()]
    assert true(log) == [("email", "app")]


def test_two_persons_of_one_profile_are_one_to_the_brand():
    log = Log()
    log.visit(1, WEB, person=0, profile=7, cost=5)
    log.visit(2, WEB, person=1, profile=7)
    log.order(2, WEB, person=1)
    assert seen(log) == [("search", "web")]
    assert true(log) == [("web",)]


def test_what_an_order_shows_is_the_visits():
    """The address to confirm to says whose order it was."""
    log = Log()
    log.visit(1, APP, profile=9, shows="login", cost=0)
    log.visit(2, WEB)
    log.order(2, WEB)
    log.add(rows.IDENTIFIER, 2, channel=WEB, profile=9, type=number_of("email"))
    log.visit(3, WEB, profile=1)
    assert seen(log) == [("app", "web")]


def test_a_call_has_a_source_only_with_tracking():
    log = Log()
    log.visit(1, WEB, profile=7, cost=5, need=1)
    log.visit(2, CALL, profile=8, need=1, shows="phone")
    log.order(2, CALL)
    assert seen(log) == true(log) == [("search", "call")]
    assert seen(log, call_tracking=False) == [()]
    assert seen(log, lookback=DAY // 2) == [("call",)]  # the number was shown too long ago


def test_an_order_in_a_call_of_the_brands_own_is_the_calls():
    log = Log()
    log.send(2, CALL, 5, profile=8, click=2, lands=CALL, to=8)
    log.order(2, CALL)
    assert seen(log, call_tracking=False) == [("call",)]


def test_of_who_does_not_agree_there_is_the_order_alone():
    log = Log()
    log.visit(1, WEB, profile=7, cost=5)
    log.order(1, WEB)
    assert seen(log, consent=0.0) == [()]
    log = Log()
    for person in range(400):
        log.visit(1, WEB, person=person, profile=person)
        log.order(1, WEB, person=person)
    assert 90 < sum(bool(p) for p in seen(log, consent=0.3)) < 150


def test_opens_are_touches_where_they_are_asked_for_and_come_back():
    log = Log()
    log.send(1, EMAIL, 5, profile=7)
    log.add(rows.OPEN, 1.2, channel=EMAIL, message=5, receipt=0)
    log.visit(2, WEB, profile=7)
    log.order(2, WEB)
    assert seen(log) == [("web",)]
    assert seen(log, views=True) == [("email", "web")]


def test_who_comes_by_for_what_was_only_seen_is_direct_to_the_brand():
    log = Log()
    log.send(1, AD, 5, profile=7)
    log.visit(2, WEB, profile=7, cause=5)
    log.order(2, WEB)
    assert seen(log) == [("web",)]
    assert true(log) == [("ad",)]


def test_the_burn_in_and_what_comes_after_the_window_do_not_count():
    log = Log()
    log.visit(-1, WEB, profile=7, cost=5)
    log.order(-1, WEB)
    log.visit(1, WEB, profile=7)
    log.order(1, WEB)
    log.visit(100, WEB, profile=7)
    log.order(100, WEB)
    assert seen(log) == true(log) == [("web",)]


def test_costs_are_those_of_sends_and_of_paid_clicks():
    log = Log()
    log.send(1, EMAIL, 5)
    log.send(2, AD, 6)
    log.send(2, AD, 7)
    log.visit(3, WEB, cost=250)
    facts = log.facts()
    assert facts.costs.tolist() == [0, 0, 1000, 2000, 250, 0, 0]
    assert facts.sends.tolist() == [0, 0, 1, 2, 0, 0, 0]


def test_buyers_are_uploaded_whose_profile_has_an_address():
    log = Log()
    log.visit(1, WEB, person=0, profile=7, shows="email")
    log.order(1, WEB, person=0)
    log.visit(2, WEB, person=1, profile=8)  # a cookie alone
    log.order(2, WEB, person=1)
    log.send(2, EMAIL, 5, person=2, profile=9)
    log.visit(3, WEB, person=2, profile=4)
    log.order(3, WEB, person=2)
    log.add(rows.MERGE, 4, survivor=9, absorbed=4)
    assert [b.has_address for b in buyers_of(log.facts())] == [True, False, True]


def test_contacts_are_of_one_channels_ads():
    log = Log()
    log.send(1, AD, 5, person=3, click=2)
    log.add(rows.DELIVERED, 1, 3, channel=AD, message=5)
    log.add(rows.DELIVERED, 1, 4, channel=EMAIL, message=6)
    found = contacts_of(log.facts(), AD)
    assert list(found) == [3]
    assert found[3].shown == [START + DAY]
    assert found[3].clicked == [START + 2 * DAY]


@pytest.mark.parametrize("lookback", [DAY, 30 * DAY])
def test_each_touch_is_in_one_path(lookback: int):
    log = Log()
    for day in (1, 4, 9, 40, 41):
        log.visit(day, WEB, profile=7)
        if day in (4, 41):
            log.order(day, WEB)
    paths = brand_paths(log.facts(), SHOP, lookback, Measuring(), KEY)
    assert sum(len(p.touches) for p in paths) == 5
    assert sum(p.orders for p in paths) == 2
