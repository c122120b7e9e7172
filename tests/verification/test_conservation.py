"""Conservation: needs, messages and money are conserved; counted anew with pandas."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.verification.worlds import BUILT_IN, DAY, frame, having, load, run, world

FINAL_REACHED, FINAL_EXHAUSTED, FINAL_OPEN = 1, 2, 8


@cache
def _logs():
    scenario = world(population={"customers": 70})
    result = run(scenario, load(scenario))
    return scenario, result, {name: frame(result, name) for name in BUILT_IN}


@pytest.fixture(params=BUILT_IN)
def named(request):
    scenario, result, tables = _logs()
    return scenario, result, request.param, tables[request.param]


def test_the_rows_of_a_person_are_numbered_without_gap_and_go_forward_in_time(named):
    *_, table = named
    for _, rows in table.groupby("person"):
        assert rows["seq"].tolist() == list(range(len(rows)))
        assert (np.diff(rows["time"]) >= 0).all()


def test_every_order_and_every_loss_closes_one_open_need_of_the_person(named):
    *_, name, table = named
    ends = 0
    for person, rows in having(
        table, "need", "order", "need_lost", "aware", "visit", "view", "cart", "cart_left",
        "give_up",
    ).groupby("person"):  # fmt: skip
        opened: set[int] = set()
        still: set[int] = set()
        for kind, need in zip(rows["kind"], rows["need"], strict=True):
            if kind == "need":
                assert need not in opened, (name, person, need)
                opened.add(need)
                still.add(need)
            elif need >= 0:  # visits and views without a need have none
                assert need in still, (name, person, kind, need)
                if kind in ("order", "need_lost"):
                    still.remove(need)
                    ends += 1
    assert ends > 300


def test_an_order_is_paid_at_the_needs_value(named):
    *_, table = named
    needs = having(table, "need").set_index(["person", "need"])["value"]
    bought = having(table, "order")
    value = needs.loc[list(zip(bought["person"], bought["need"], strict=True))].to_numpy()
    assert (bought["paid"].to_numpy() + bought["discount"].to_numpy() == value).all()
    assert (bought["discount"] >= 0).all()
    assert (bought["paid"] >= 0).all()


def test_an_order_says_whether_its_cart_had_been_left(named):
    *_, table = named
    left = having(table, "cart_left").groupby(["person", "need"])["seq"].min().to_dict()
    bought = having(table, "order")
    assert set(bought["cart_left"]) == {0, 1}
    for row in bought.itertuples():
        first = left.get((row.person, row.need))
        assert row.cart_left == (first is not None and first < row.seq), row


def test_a_visit_says_what_came_before_it_for_its_need(named):
    """A second visit is a returning one; something to carry is where the channel changed."""
    *_, table = named
    visits = having(table, "visit")
    assert (visits.loc[visits["need"] < 0, ["returning", "carry_needed", "carried"]] == 0).all(
        axis=None
    )
    mine = visits[visits["need"] >= 0]
    before = mine.groupby(["person", "need"])["channel"].shift()
    assert (mine["returning"] == before.notna()).all()
    switched = mine["carry_needed"] == 1
    assert switched.sum() > 60
    assert (before[switched] != mine.loc[switched, "channel"]).all()
    assert before[switched].notna().all()
    assert (mine["carried"] <= mine["carry_needed"]).all()


def test_only_a_place_with_a_phones_channel_is_visited_on_the_phone(named):
    scenario, _, _, table = named
    both = [n for n, c in enumerate(scenario.channels) if c.visit and c.visit.devices]
    visits = having(table, "visit")
    assert set(visits.loc[visits["channel"].isin(both), "on_device"]) == {0, 1}


def test_nobody_buys_or_needs_after_leaving(named):
    *_, table = named
    end = having(table, "left").groupby("person")["time"].min()
    assert len(end) > 0
    for kind in ("order", "need", "visit"):
        rows = having(table, kind)
        rows = rows[rows["person"].isin(end.index)]
        # An idle click after leaving is a visit without a need; needs and orders there are none.
        rows = rows[rows["need"] >= 0] if kind == "visit" else rows
        assert (rows["time"].to_numpy() <= end.loc[rows["person"]].to_numpy()).all(), kind


def test_a_return_gives_back_its_order(named):
    *_, table = named
    bought = {(row.person, row.need): row for row in having(table, "order").itertuples()}
    back = having(table, "return")
    assert not back.duplicated(["person", "need"]).any()
    for row in back.itertuples():
        order = bought[row.person, row.need]
        assert (row.refund, row.margin) == (order.paid, order.margin)
        assert row.time >= order.time


MESSAGES = ("sent", "delivered", "bounce", "open", "click", "unsubscribe", "spamreport",
            "stop_all", "skipped", "held")  # fmt: skip


def _in_log_order(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the order in which a message lives them (its persons may be two)."""
    return table.sort_values(["time", "priority", "person", "seq"], kind="stable")


def test_every_message_ends_in_exactly_one_final_status(named):
    *_, name, table = named
    seen = set(having(table, *MESSAGES)["message"])
    seen |= set(having(table, "visit").query("cause >= 0")["cause"])
    final = having(table, "final")
    assert not final["message"].duplicated().any(), name
    assert seen <= set(final["message"]), name
    assert final["status"].between(1, 9).all()
    sends = having(table, "sent").groupby("message").size()
    assert (final["sends"] == final["message"].map(sends).fillna(0)).all(), name
    if name != "no_contact":
        assert len(final) > 200


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_messages_that_the_runs_end_finds_under_way_end_with_it(engine):
    """Without a run-out there is no timer left that would end them."""
    scenario = world(time={"run_out": "0d"}, population={"customers": 60})
    table = frame(run(scenario, load(scenario, "multichannel"), engine=engine), "multichannel")
    final = having(table, "final")
    assert not final["message"].duplicated().any()
    assert set(having(table, "sent")["message"]) <= set(final["message"])
    last = final[final["time"] == scenario.time.burn_in + scenario.time.window]
    assert (last["status"] == FINAL_OPEN).any()


def test_a_send_is_delivered_or_bounces_and_nothing_comes_of_a_bounce(named):
    *_, table = named
    sent = having(table, "sent").groupby(["message", "channel"]).size()
    arrived = having(table, "delivered", "bounce").groupby(["message", "channel"]).size()
    assert (sent == 1).all()
    pd.testing.assert_series_equal(sent, arrived)
    delivered = set(
        having(table, "delivered")[["message", "channel"]].itertuples(index=False, name=None)
    )
    opened = having(table, "open")[["message", "channel"]]
    clicked = having(table, "click")[["message", "channel"]]
    assert not opened.duplicated().any()
    assert not clicked.duplicated().any()
    pairs = set(opened.itertuples(index=False, name=None))
    assert pairs <= delivered
    assert set(clicked.itertuples(index=False, name=None)) <= pairs


def _success(strategy, row) -> tuple[str, ...]:
    step = strategy.plan.journeys[row.journey].steps[row.step].message
    return {"sent": ("sent",), "delivered": ("delivered", "open", "click"),
            "opened": ("open", "click"), "clicked": ("click",)}[step.success]  # fmt: skip


def test_a_message_has_reached_its_success_status_if_and_only_if_a_receipt_of_it_says_so(named):
    """Not by the receipt of another message of the same journey."""
    scenario, _, name, table = named
    (strategy,) = load(scenario, name)
    receipts = having(table, "sent", "delivered", "open", "click")
    first = receipts.groupby(["message", "kind"])["time"].min().to_dict()
    switch = scenario.time.burn_in
    wrong = []
    for row in having(table, "final").itertuples():
        if row.time <= switch:
            continue  # sent under the status quo, whose receipts the new strategy doesn't await
        times = [first.get((row.message, k), math.inf) for k in _success(strategy, row)]
        came = min(times) <= row.time
        reached = row.status == FINAL_REACHED
        if reached != came and (reached or min(times) < row.time):
            wrong.append((row.message, row.time, "reached" if reached else row.status))
    assert not wrong, f"{name}: {len(wrong)} of them, such as {wrong[:3]}"


def test_no_fallback_is_sent_once_the_success_status_has_come(named):
    scenario, _, name, table = named
    (strategy,) = load(scenario, name)
    receipts = having(table, "delivered", "open", "click")
    first = receipts.groupby(["message", "kind"])["time"].min().to_dict()
    wrong = []
    sent = _in_log_order(having(table, "sent"))
    for row in sent[sent["message"].duplicated()].itertuples():  # sends after a message's first
        if row.time <= scenario.time.burn_in:
            continue
        times = [first.get((row.message, k), math.inf) for k in _success(strategy, row)]
        if min(times) < row.time:
            wrong.append((row.message, row.time - min(times)))
    assert not wrong, f"{name}: {len(wrong)} of them, (message, seconds late) such as {wrong[:3]}"


def test_money_in_the_log_adds_up_to_the_measures(named):
    scenario, result, name, table = named
    start = scenario.time.burn_in
    end = start + scenario.time.window
    persons = scenario.population.customers
    inside = table[(table["time"] >= start) & (table["time"] < end)]
    bought, back = having(inside, "order"), having(inside, "return")

    def value(measure: str):
        return result.moments.estimate(measure, name).value

    def money(cents: float) -> float:
        return cents / 100.0 / persons

    assert value("orders_per_customer") == pytest.approx(len(bought) / persons, rel=1e-12)
    assert value("purchase_rate") == pytest.approx(bought["person"].nunique() / persons, rel=1e-12)
    paid, margin = bought["paid"].sum(), bought["margin"].sum()
    assert value("revenue") == pytest.approx(money(paid - back["refund"].sum()), rel=1e-12)
    assert value("margin") == pytest.approx(money(margin - back["margin"].sum()), rel=1e-12)
    assert value("aov") == pytest.approx(paid / 100.0 / len(bought), rel=1e-12)
    assert value("discount") == pytest.approx(money(bought["discount"].sum()), rel=1e-12)
    sends = having(inside, "sent")["cost"].sum()
    clicks = having(inside, "visit")["cost"].sum()
    assert value("contact_cost") == pytest.approx(money((sends + clicks) / 1000.0), rel=1e-12)
    assert value("messages_per_customer") == pytest.approx(len(having(inside, "sent")) / persons)


def test_the_cost_of_a_send_is_its_channels_and_of_a_paid_click_the_searchs(named):
    scenario, _, _, table = named
    cost = {
        n: round(c.message.cost * 100_000) for n, c in enumerate(scenario.channels) if c.message
    }
    sent = having(table, "sent")
    assert (sent["cost"] == sent["channel"].map(cost)).all()
    search = next(c.search for c in scenario.channels if c.search)
    paid = having(table, "visit").query("cost > 0")
    assert len(paid) > 2
    assert (paid["cost"] == round(search.cost * 100_000)).all()


def test_margin_is_that_of_the_category_less_discount_and_commission(named):
    scenario, _, _, table = named
    needs = having(table, "need").set_index(["person", "need"])["category"].to_dict()
    for row in having(table, "order").itertuples():
        channel = scenario.channels[row.channel]
        value = row.paid + row.discount
        share = scenario.categories[needs[row.person, row.need]].margin
        expected = value * share - row.discount - row.paid * channel.visit.commission
        assert abs(row.margin - expected) <= 1.0 + 1e-9, row


def test_ltv_is_the_discounted_margin_less_contact_cost(named):
    scenario, result, name, table = named
    start = scenario.time.burn_in
    stop = start + scenario.time.window + scenario.time.run_out
    rows = table[(table["time"] >= start) & (table["time"] < stop)]
    rate = math.log(1.0 + scenario.discount_rate) / 365.0
    factor = np.exp(-rate * ((rows["time"] - start) // DAY))
    gain = np.zeros(len(rows))
    for kind, column, scale in (("order", "margin", 1e-2), ("return", "margin", -1e-2),
                                ("sent", "cost", -1e-5), ("visit", "cost", -1e-5)):  # fmt: skip
        gain += np.where(rows["kind"] == kind, rows[column] * scale, 0.0)
    expected = float((gain * factor).sum()) / scenario.population.customers
    assert result.moments.estimate("ltv", name).value == pytest.approx(expected, rel=1e-5)
