"""Between a message that may be sent and its sending: money, and an ad platform."""

from __future__ import annotations

import math
from collections import Counter
from statistics import NormalDist
from typing import Any

import pytest

from omnilab.brand.budget import LoweredBudget
from omnilab.brand.journeys import timer_of
from omnilab.cell import queue
from omnilab.kernels.record import record_array
from omnilab.log import rows
from omnilab.world import advertising
from tests.interaction.test_message import Post, T
from tests.interaction.test_need import with_need
from tests.plain import plain
from tests.worlds import (
    AD,
    DAY,
    EMAIL,
    WEB,
    cell_of,
    changed,
    due,
    happen,
    logged,
    model_of,
    plan_of,
)

RULES = (
    "interaction/advertising.py", "interaction/send.py", "interaction/need.py",
    "interaction/wall.py", "brand/journeys.py", "brand/judge.py", "brand/context.py",
    "world/search.py",
)  # fmt: skip
HOUR = 3600


def budgeted(plan: Any, *budgets: Any) -> Any:
    """Return the plan with budgets over all channels and journeys."""
    made = record_array(LoweredBudget, len(budgets))
    for to, budget in zip(made, budgets, strict=True):
        base = {"channels": 63, "journeys": 1, "clicks": 1, "days": 100}
        for name, value in (base | budget).items():
            to[name] = value
    return changed(plan.replaced(budget=made))


class Bought(Post):
    """A person whose message is due, over channels that an ad platform or budgets stand before."""

    def __init__(self, *channels: str, budgets: Any = (), ad: Any = None, number: int = 0) -> None:
        super().__init__(*channels, number=number)
        ends = {"end": 1 << 40, "run_end": 1 << 40}
        self.model = changed(self.model, advertising={"on": 1, "frequency": 1}, clock=ends)
        for name, value in (ad or {}).items():
            self.model.ch[AD][name] = value
        self.plan = budgeted(self.plan, *budgets)
        bid = self.plan.bid.copy()
        bid[AD] = 900
        self.plan = self.plan.replaced(bid=bid)
        old = self.cell
        self.cell = cell_of(1, self.model, self.plan)
        for name, array in old.arrays().items():
            if len(array) == len(self.cell.arrays()[name]) and name != "purse":
                self.cell.arrays()[name][...] = array
        self.person = self.cell.person[0]

    def ring(self, t: int) -> list[str]:
        """Let the copy's timer ring at ``t``; return the kinds of rows that this makes."""
        self.cell.meta.rows = 0
        number = plain(timer_of)(self.cell.copy[0])
        happen(self.cell, self.model, self.plan, t, queue.COPY, queue.BRAND, 0, number)
        return self.kinds()

    def rows(self, kind: str) -> list[dict[str, Any]]:
        return logged(self.cell, kind)


MONEY = {"per_day": 200_000}  # 200 milli-cents a person: one e-mail


def test_a_send_is_paid_and_the_next_finds_no_money() -> None:
    post = Bought(budgets=[MONEY])
    assert post.send()
    assert (post.cell.purse[0].today, post.cell.purse[0].spent) == (200, 200)
    assert post.rows("sent")[0]["cost"] == 200
    post = Bought(budgets=[MONEY])
    post.cell.purse[0].day, post.cell.purse[0].today = T // DAY, 1
    post.send()
    (unfunded,) = post.rows("unfunded")
    (final,) = post.rows("final")
    assert (unfunded["budget"], unfunded["seconds"], unfunded["channel"]) == (0, 0, EMAIL)
    assert (final["status"], final["sends"]) == (rows.FINAL_UNFUNDED, 0)
    assert post.rows("sent") == []
    assert post.cell.purse[0].today == 1


def test_a_message_waits_for_money_as_long_as_the_budget_says() -> None:
    """It waits for the next part, an hour's; a part too late, and its channel is passed over."""
    post = Bought(budgets=[{"per_day": 2_400_000, "even": 1, "waits": 2 * HOUR}])
    post.cell.purse[0].day, post.cell.purse[0].today = T // DAY, 2_000
    for k in range(3):
        post.cell.meta.rows = 0
        post.send(T + k * HOUR)
        (unfunded,) = post.rows("unfunded")
        assert unfunded["seconds"] == (HOUR if k < 2 else 0)
        assert (post.rows("final") == []) == (k < 2)
        asked = due(post.cell, queue.SEND)
        assert [x[0] for x in asked] == ([T + (k + 1) * HOUR] if k < 2 else [])
    assert post.rows("final")[0]["status"] == rows.FINAL_UNFUNDED


def test_money_that_came_in_time_sends_the_message() -> None:
    post = Bought(budgets=[{"per_day": 2_400_000, "even": 1, "waits": 2 * HOUR}])
    post.cell.purse[0].day, post.cell.purse[0].today = T // DAY, 100  # of 100 in the first hour
    post.send()
    assert post.rows("sent") == []
    post.send(T + 2 * HOUR)  # after two hours more there are 300
    assert [x["cost"] for x in post.rows("sent")] == [200]
    assert post.cell.copy[0].short == -1


def test_a_channel_without_money_is_passed_over_for_the_next() -> None:
    """Only e-mail has a budget, and it is spent: the ad is shown in the same second."""
    post = Bought("email", "ad", budgets=[{"per_day": 1, "channels": 1 << EMAIL}])
    post.send()
    assert post.rows("final") == []
    assert post.cell.copy[0].short == -1  # the next channel waits for its own money
    assert [x[0] for x in due(post.cell, queue.SEND)] == [T]
    post.send()
    assert [x["channel"] for x in post.rows("sent")] == [AD]


def test_a_fallback_without_money_ends_the_message_as_tried() -> None:
    post = Bought("email", "ad", budgets=[{"per_day": 1, "channels": 1 << AD}])
    post.send()
    post.ring(T + 6 * HOUR)
    post.send(T + 6 * HOUR)
    (final,) = post.rows("final")
    assert (final["status"], final["sends"]) == (rows.FINAL_EXHAUSTED, 1)


def test_who_the_platform_does_not_find_costs_nothing_and_the_brand_waits() -> None:
    post = Bought("ad", "email", budgets=[MONEY], ad={"match": 0.0})
    post.send()
    (unshown,) = post.rows("not_shown")
    assert (unshown["reason"], unshown["rival"], unshown["channel"]) == (rows.UNMATCHED, 0, AD)
    assert post.cell.purse[0].today == 0
    assert [x[0] for x in due(post.cell, queue.COPY)] == [T + 6 * HOUR]
    post.ring(T + 6 * HOUR)
    post.send(T + 6 * HOUR)
    assert [x["channel"] for x in post.rows("sent")] == [EMAIL]


def test_an_ad_shown_nowhere_ends_so() -> None:
    post = Bought("ad", ad={"match": 0.0})
    post.send()
    post.ring(T + 6 * HOUR)
    (final,) = post.rows("final")
    assert (final["status"], final["sends"]) == (rows.FINAL_UNSHOWN, 0)


def test_who_wins_pays_the_highest_bid_of_the_others() -> None:
    """Over many persons reach and mean price are those of the closed form."""
    paid, ad = [], {"auction": 1, "rivals": 900.0, "spread": 0.8, "cost": 77}
    for number in range(120):
        post = Bought("ad", ad=ad, number=number, budgets=[{"per_day": 10**9}])
        post.send()
        rival = plain(advertising.rival_bid)(
            post.model, post.person, AD, T, int(post.plan.step[0, 0].creative)
        )
        if rival <= 900:
            assert [x["cost"] for x in post.rows("sent")] == [rival] == [post.cell.purse[0].today]
            paid.append(rival)
        else:
            (unshown,) = post.rows("not_shown")
            assert (unshown["reason"], unshown["rival"]) == (rows.OUTBID, rival)
            assert post.cell.purse[0].today == 0
    assert len(paid) == pytest.approx(60, abs=3 * math.sqrt(30))
    phi = NormalDist().cdf
    mean = 900 * math.exp(0.32) * phi(-0.8) / 0.5
    assert sum(paid) / len(paid) == pytest.approx(mean, rel=0.1)


def test_a_bid_needs_money_for_all_of_it() -> None:
    ad = {"auction": 1, "rivals": 1.0, "spread": 0.0}
    for money, sent in ((899_000, 0), (900_000, 1)):
        post = Bought("ad", budgets=[{"per_day": money}], ad=ad)
        post.send()
        assert len(post.rows("sent")) == sent
        assert post.cell.purse[0].today == sent


@pytest.mark.parametrize(("rivals", "sent"), [(900.0, 1), (900.5, 0)])
def test_who_bids_as_much_as_the_others_wins(rivals: float, sent: int) -> None:
    post = Bought("ad", ad={"auction": 1, "rivals": rivals, "spread": 0.0})
    post.send()
    assert [x["cost"] for x in post.rows("sent")] == [900] * sent


def test_frequency_is_binomial_up_to_the_cap() -> None:
    """Four chances a day, each won by one in two: shown are min(Binomial(4, 1/2), 2)."""
    ad = {"auction": 1, "rivals": 900.0, "spread": 0.8, "most_a_day": 2}
    post, shown, often = Bought("ad", ad=ad), Counter[int](), 0
    days = 240
    for day in range(days):
        n = 0
        for k in range(4):
            t = (41 + day) * DAY + k * 4 * HOUR
            post.cell.copy[0].state = 0  # another one is due
            post.cell.meta.rows = post.cell.meta.copies = post.cell.meta.notes = 0
            post.cell.meta.free_copy = post.cell.profile[post.profile].first_copy = -1
            post.cell.entered[...] = -1
            plain(queue.empty)(post.cell)
            post.cell.meta.messages, post.cell.meta.free_message = 0, -1
            post.send(t)
            n += len(post.rows("sent"))
            often += sum(x["reason"] == rows.OFTEN for x in post.rows("not_shown"))
        shown[n] += 1
    expected = {0: 1 / 16, 1: 4 / 16, 2: 11 / 16}
    assert set(shown) <= {0, 1, 2}
    for n, share in expected.items():
        sd = (share * (1 - share) / days) ** 0.5
        assert shown[n] / days == pytest.approx(share, abs=3.5 * sd)
    # A third chance after two wins in the first two or three: 2 with 1/4, 1 with 2 * 1/8.
    assert often / days == pytest.approx(2 / 4 + 1 / 4, abs=0.2)


class TestSearch:
    """Clicks on paid search, with a price and with a budget."""

    ON = {"searches": 1.0, "click": 1.0, "landing": WEB, "cost": 400, "brand_cost": 400,
          "channel": WEB}  # fmt: skip

    def costs(self, plan: Any, n: int = 1, **search: Any) -> list[int]:
        """Return what the first visits of so many needs cost."""
        found = []
        bids = search.pop("auction", {})
        model = model_of(search=self.ON | search, advertising=bids)
        cell = with_need(model)
        cell = plain_cell(cell, model, plan)
        for _ in range(n):
            happen(cell, model, plan, 2000, queue.NOTICE, 0, 0)
            found.append(logged(cell, "visit")[0]["cost"])
            cell.meta.rows = 0
            plain(queue.empty)(cell)
        return found

    def test_clicks_are_paid_until_the_money_is_gone(self) -> None:
        plan = budgeted(plan_of(rules={"paid": 1}), {"per_day": 450_000})  # for two: 900
        assert self.costs(plan, 4)[:3] == [400, 400, 0]

    def test_money_must_do_for_the_dearest_click(self) -> None:
        plan = budgeted(plan_of(rules={"paid": 1}), {"per_day": 450_000})
        assert self.costs(plan, brand_cost=901) == [0]
        assert self.costs(plan, brand_cost=900) == [400]

    def test_a_budget_of_journeys_pays_no_clicks(self) -> None:
        plan = budgeted(plan_of(rules={"paid": 1}), {"per_day": 1, "clicks": 0})
        assert self.costs(plan) == [400]

    def test_the_price_is_the_others_highest_bid(self) -> None:
        plan = plan_of(rules={"paid": 1})
        bid = plan.bid.copy()
        bid[WEB] = 300
        plan = plan.replaced(bid=bid)
        auction = {"search_auction": 1, "search_rivals": 299.5, "search_spread": 0.0}
        assert self.costs(plan, auction=auction) == [300]
        assert self.costs(plan, auction=auction | {"search_rivals": 300.5}) == [0]


def plain_cell(cell: Any, model: Any, plan: Any) -> Any:
    """Return a copy of a cell with purses for the plan's budgets."""
    made = cell_of(2, model, plan)
    for name, array in cell.arrays().items():
        if len(array) == len(made.arrays()[name]) and name != "purse":
            made.arrays()[name][...] = array
    return made
