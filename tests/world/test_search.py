"""Search: who clicks an ad, who comes anyway, who does not come, and what it is worth."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.experiment.compare import Comparison
from omnilab.log import rows
from omnilab.strategy.loading import load_strategy
from omnilab.world import search
from omnilab.world.search import COMES, PAID, PAID_BRAND, RIVALS, STAYS_AWAY
from tests.plain import plain
from tests.verification.worlds import load, log, run, same_rows, world
from tests.worlds import APP, WEB, eager, model_of

RULES = ("world/choice.py",)
#: All searches, all on: half name the brand.
ON = {
    "landing": WEB, "searches": 1.0, "click": 0.2, "brand_click": 0.6, "cost": 200_000,
    "brand_cost": 30_000, "on": 1, "brand": 0.5, "brand_comes": 0.9, "other_comes": 0.3,
    "rival": 0.4, "log_lost": math.log(0.5),
}  # fmt: skip


def leads_to(n: int = 4000, *, clicks: float = 0.99, drawn: float = 0.5, pays: bool = True,
             been: bool = False, purchases: int = 0, **changes: Any) -> np.ndarray:  # fmt: skip
    """Return where the same person's searches lead, each with draws of its own."""
    model = model_of(search=ON | changes)
    person = eager(model).person[0]
    person.purchases = purchases
    return np.array([
        plain(search.search_leads_to)(
            model, person, 43200, 40, k, drawn, clicks, pays, been
        )
        for k in range(n)
    ])  # fmt: skip


def share(found: np.ndarray, *codes: int) -> float:
    return float(np.isin(found, codes).mean())


def test_without_a_click_each_comes_stays_away_or_goes_to_a_rival_by_its_share() -> None:
    found = leads_to()
    comes = 0.5 * 0.9 + 0.5 * 0.3
    assert share(found, COMES) == pytest.approx(comes, abs=0.025)
    assert share(found, RIVALS) == pytest.approx((1 - comes) * 0.4, abs=0.025)
    assert share(found, STAYS_AWAY) == pytest.approx((1 - comes) * 0.6, abs=0.025)


def test_who_clicks_comes_by_the_ad_whatever_else_would_have_been() -> None:
    found = leads_to(400, clicks=0.1)
    assert share(found, PAID, PAID_BRAND) == 1.0
    assert share(found, PAID_BRAND) == pytest.approx(0.5, abs=0.08)
    between = leads_to(clicks=0.4)  # above the others' rate of clicks, below that of brand queries
    assert share(between, PAID) == 0.0
    assert share(between, PAID_BRAND) == pytest.approx(0.5, abs=0.025)
    unpaid = leads_to(clicks=0.1, pays=False)
    assert share(unpaid, PAID, PAID_BRAND) == 0.0
    assert np.array_equal(unpaid, leads_to())  # nobody is moved by an ad that is not there


def test_who_has_bought_or_been_here_for_the_need_comes_anyway() -> None:
    assert share(leads_to(been=True), COMES) == 1.0
    for orders in (1, 3):
        left = 0.5**orders
        expected = 1 - left * (0.5 * 0.1 + 0.5 * 0.7)
        assert share(leads_to(purchases=orders), COMES) == pytest.approx(expected, abs=0.025)


def test_who_does_not_search_comes() -> None:
    nobody = {"brand_comes": 0.0, "other_comes": 0.0, "rival": 1.0}
    assert share(leads_to(200, drawn=0.7, searches=0.6, **nobody), COMES) == 1.0
    assert share(leads_to(200, drawn=0.5, searches=0.6, **nobody), RIVALS) == 1.0


def test_off_everybody_comes_and_no_search_channel_is_off() -> None:
    off = {"on": 0, "brand": 0.0, "brand_comes": 1.0, "other_comes": 1.0}
    assert share(leads_to(200, **off), COMES) == 1.0
    assert share(leads_to(200, landing=-1, clicks=0.01), COMES) == 1.0


def test_a_click_needs_a_place_that_can_be_reached() -> None:
    model = model_of(search=ON | {"landing": APP})
    person = eager(model).person[0]
    person.reach = 1 << WEB
    found = plain(search.search_leads_to)(model, person, 43200, 40, 1, 0.5, 0.01, True, True)
    assert found == COMES


def test_what_a_click_costs() -> None:
    model = model_of(search=ON)
    cost = {code: plain(search.click_cost)(model, code) for code in range(5)}
    assert cost == {COMES: 0, PAID: 200_000, PAID_BRAND: 30_000, STAYS_AWAY: 0, RIVALS: 0}


def searching(**part: Any) -> Any:
    ad = {"preset": "search_ad", "search": {"searches": 0.8, "click": 0.5, "cost": 0.5}}
    channels = ["web", "app", "push", "store", "email", "sms", "messenger", "social", "social_ad",
                ad, "call", "mail", "marketplace"]  # fmt: skip
    return world(channels=channels, population={"customers": 60}, world={"search": part})


EFFECT = {"brand": 0.5, "brand_comes": 0.95, "other_comes": 0.2, "knows": 0.3, "rival": 0.5}


@cache
def paid_and_not(engine: str = "compiled") -> Comparison:
    scenario = searching(**EFFECT)
    return run(scenario, load(scenario, "no_contact", "search_only"), engine=engine, pilot=20)


def test_paid_search_earns_orders_where_people_would_not_come() -> None:
    moments = paid_and_not().moments
    assert moments.difference("orders_per_customer", "search_only", "no_contact").low > 0
    assert moments.estimate("search_cost", "search_only").value > 0
    assert moments.estimate("search_cost", "no_contact").value == 0
    assert moments.estimate("message_roi", "search_only").value is None  # it sends nothing


def test_both_engines_search_alike() -> None:
    for name in ("no_contact", "search_only"):
        same_rows(log(paid_and_not(), name), log(paid_and_not("simpy"), name))


def test_off_paid_search_moves_no_need_of_nobody() -> None:
    """At the off value the log is what it is without the mechanism, with and without ads."""
    scenario = searching()
    half = searching(knows=0.9, rival=0.7)  # of nobody who stays away
    names = ("no_contact", "search_only")
    off = run(scenario, load(scenario, *names), pilot=20)
    still = run(half, load(half, *names), pilot=20)
    for name in names:
        same_rows(log(off, name), log(still, name))


def test_twins_have_the_same_needs_whatever_is_searched() -> None:
    """But for those whom an order or a bad experience made leave: they have no more."""
    found = []
    for strategy in ("no_contact", "search_only"):
        needs = rows.of_kind(log(paid_and_not(), strategy), rows.NEED)
        found.append({(int(r.person), int(r.need)): (int(r.time), int(r.value)) for r in needs})
    both = found[0].keys() & found[1].keys()
    assert len(both) > 0.8 * max(map(len, found))
    assert all(found[0][need] == found[1][need] for need in both)


def test_roi_of_messages_is_above_the_same_search() -> None:
    scenario = searching(**EFFECT)
    found = run(scenario, load(scenario, "no_contact", "search_only", "multichannel"), pilot=20)
    moments = found.moments
    gain = moments.difference("margin", "multichannel", "search_only").value
    spent = (moments.estimate("contact_cost", "multichannel").value
             - moments.estimate("search_cost", "multichannel").value)  # fmt: skip
    assert moments.estimate("message_roi", "multichannel").value == pytest.approx(gain / spent)


def test_search_only_is_multichannel_without_journeys() -> None:
    scenario = searching()
    plans = [load_strategy(name, scenario).plan for name in ("search_only", "multichannel")]
    assert plans[0] == replace(plans[1], journeys=())
