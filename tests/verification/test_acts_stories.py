"""Two stories of acts: a code for followers who leave an address, and joining for a free drink."""

from __future__ import annotations

from functools import cache
from typing import Any

from omnilab.log import rows
from omnilab.log.act_kinds import FOLLOW, INSTALL, JOIN, LEAVE_ADDRESS
from omnilab.scenario import load_scenario
from tests.verification.worlds import load, log, run


@cache
def life(name: str, customers: int, **patch: Any) -> Any:
    scenario = load_scenario(name).with_customers(customers)
    return log(run(scenario, load(scenario, "omnichannel"), pilot=100), "omnichannel")


def acts(events: Any) -> Any:
    return rows.of_kind(events, rows.ACT)


def test_posts_bring_followers_to_leave_an_address_and_mails_follow() -> None:
    events = life("instagram-code-v1", 1500)
    done = acts(events)
    left = done[done.act == LEAVE_ADDRESS]
    assert (done.act == FOLLOW).sum() > 20
    assert left.asked.sum() > 0  # by a post
    scenario = load_scenario("instagram-code-v1")
    email = [c.name for c in scenario.channels].index("email")
    sent = rows.of_kind(events, rows.SENT)
    written = set(sent.person[sent.channel == email].tolist())
    assert len(set(left.person.tolist()) & written) > 10


def test_who_joins_gets_the_drink_and_some_install_the_app_and_order_there() -> None:
    events = life("coffee-rewards-v1", 600)
    done = acts(events)
    joins = done[done.act == JOIN]
    assert len(joins) > 50
    assert (joins.points == 100).all()
    installed = set(done.person[done.act == INSTALL].tolist())
    scenario = load_scenario("coffee-rewards-v1")
    app = [c.name for c in scenario.channels].index("app")
    orders = rows.of_kind(events, rows.ORDER)
    assert installed & set(orders.person[orders.channel == app].tolist())
    full = round(scenario.brand.loyalty.worth * 100)
    joined = set(joins.person.tolist())
    drinks = orders[orders.discount >= full]
    assert set(drinks.person.tolist()) & joined
