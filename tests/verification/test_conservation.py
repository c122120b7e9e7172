"""Conservation: needs, messages and money are conserved; counted anew with pandas."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.verification.worlds import BUILT_IN, DAY, frame, load, run, world

FINAL_REACHED, FINAL_EXHAUSTED, FINAL_OPEN = 1, 2, 8
CART_LEFT = 1 << 62


@cache
def _logs():
    scenario = world(population={"customers": 120})
    result = run(scenario, load(scenario))
    return scenario, result, {name: frame(result, name) for name in BUILT_IN}


@pytest.fixture(params=BUILT_IN)
def named(request):
    scenario, result, tables = _logs()
    return scenario, result, request.param, tables[request.param]


def _has(table: pd.DataFrame, *kinds: str) -> pd.DataFrame:
    return table[table["kind"].isin(kinds)]


def test_the_rows_of_a_person_are_numbered_without_gap_and_go_forward_in_time(named):
    *_, table = named
    for _, rows in table.groupby("person"):
        assert rows["seq"].tolist() == list(range(len(rows)))
        assert (np.diff(rows["time"]) >= 0).all()


def test_every_order_and_every_loss_closes_one_open_need_of_the_person(named):
    *_, name, table = named
    ends = 0
    for person, rows in _has(
        table, "need", "order", "need_lost", "aware", "visit", "view", "cart", "cart_left",
        "give_up",
    ).groupby("person"):  # fmt: skip
        opened: set[int] = set()
        still: set[int] = set()
        for kind, need in zip(rows["kind"], rows["a"], strict=True):
            if kind == "need":
                assert need not in opened, (name, person, need)
                opened.add(need)
                still.add(need)
            elif need >= 0:  # visits and views without a need have none
                assert need in still, (name, person, kind, need)
                if kind in ("order", "need_lost"):
                    still.remove(need)
                    ends += 1
    assert ends > 500


def test_an_order_is_paid_at_the_needs_value(named):
    *_, table = named
    needs = _has(table, "need").set_index(["person", "a"])["c"]
    bought = _has(table, "order")
    value = needs.loc[list(zip(bought["person"], bought["a"], strict=True))].to_numpy()
    discount = bought["d"].to_numpy() & (CART_LEFT - 1)
    assert (bought["b"].to_numpy() + discount == value).all()
    assert (discount >= 0).all()
    assert (bought["b"] >= 0).all()
    left = _has(table, "cart_left").groupby(["person", "a"])["seq"].min()
    for row in bought.itertuples():
        assert bool(row.d & CART_LEFT) == ((row.person, row.a) in left.index), row


def test_nobody_buys_or_needs_after_leaving(named):
    *_, table = named
    end = _has(table, "left").groupby("person")["time"].min()
    assert len(end) > 0
    for kind in ("order", "need", "visit"):
        rows = _has(table, kind)
        rows = rows[rows["person"].isin(end.index)]
        # An idle click after leaving is a visit without a need; needs and orders there are none.
        rows = rows[rows["a"] >= 0] if kind == "visit" else rows
        assert (rows["time"].to_numpy() <= end.loc[rows["person"]].to_numpy()).all(), kind


def test_a_return_gives_back_its_order(named):
    *_, table = named
    bought = _has(table, "order").set_index(["person", "a"])
    back = _has(table, "return")
    assert not back.duplicated(["person", "a"]).any()
    for row in back.itertuples():
        order = bought.loc[(row.person, row.a)]
        assert (row.b, row.c) == (order["b"], order["c"])
        assert row.time >= order["time"]


MESSAGES = ("sent", "delivered", "bounce", "open", "click", "unsubscribe", "spamreport",
            "stop_all", "skipped", "held")  # fmt: skip


def _in_log_order(table: pd.DataFrame) -> pd.DataFrame:
    """Return rows in the order in which a message lives them (its persons may be two)."""
    return table.sort_values(["time", "priority", "person", "seq"], kind="stable")


def test_every_message_ends_in_exactly_one_final_status(named):
    *_, name, table = named
    seen = set(_has(table, *MESSAGES)["a"]) | set(_has(table, "visit").query("b >= 0")["b"])
    final = _has(table, "final")
    assert not final["a"].duplicated().any(), name
    assert seen <= set(final["a"]), name
    assert final["c"].between(1, 9).all()
    sends = _has(table, "sent").groupby("a").size()
    assert (final["d"] == final["a"].map(sends).fillna(0)).all(), name
    if name != "no_contact":
        assert len(final) > 300


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_messages_that_the_runs_end_finds_under_way_end_with_it(engine):
    """Without a run-out there is no timer left that would end them."""
    scenario = world(time={"run_out": "0d"}, population={"customers": 60})
    table = frame(run(scenario, load(scenario, "multichannel"), engine=engine), "multichannel")
    final = _has(table, "final")
    assert not final["a"].duplicated().any()
    assert set(_has(table, "sent")["a"]) <= set(final["a"])
    last = final[final["time"] == scenario.time.burn_in + scenario.time.window]
    assert (last["c"] == FINAL_OPEN).any()


def test_a_send_is_delivered_or_bounces_and_nothing_comes_of_a_bounce(named):
    *_, table = named
    sent = _has(table, "sent").groupby(["a", "channel"]).size()
    arrived = _has(table, "delivered", "bounce").groupby(["a", "channel"]).size()
    assert (sent == 1).all()
    pd.testing.assert_series_equal(sent, arrived)
    delivered = set(_has(table, "delivered")[["a", "channel"]].itertuples(index=False, name=None))
    opened = _has(table, "open")[["a", "channel"]]
    clicked = _has(table, "click")[["a", "channel"]]
    assert not opened.duplicated().any()
    assert not clicked.duplicated().any()
    pairs = set(opened.itertuples(index=False, name=None))
    assert pairs <= delivered
    assert set(clicked.itertuples(index=False, name=None)) <= pairs


def _success(scenario, strategy, tag: int) -> tuple[str, ...]:
    step = strategy.plan.journeys[tag // 256].steps[tag % 256].message
    return {"sent": ("sent",), "delivered": ("delivered", "open", "click"),
            "opened": ("open", "click"), "clicked": ("click",)}[step.success]  # fmt: skip


def test_a_message_has_reached_its_success_status_if_and_only_if_a_receipt_of_it_says_so(named):
    """Not by the receipt of another message of the same journey."""
    scenario, _, name, table = named
    (strategy,) = load(scenario, name)
    receipts = _has(table, "sent", "delivered", "open", "click")
    first = receipts.groupby(["a", "kind"])["time"].min()
    switch = scenario.time.burn_in
    wrong = []
    for row in _has(table, "final").itertuples():
        if row.time <= switch:
            continue  # sent under the status quo, whose receipts the new strategy doesn't await
        times = [first.get((row.a, k), math.inf) for k in _success(scenario, strategy, row.b)]
        came = min(times) <= row.time
        if (row.c == FINAL_REACHED) != came and (row.c == FINAL_REACHED or min(times) < row.time):
            wrong.append((row.a, row.time, "reached" if row.c == FINAL_REACHED else row.c))
    assert not wrong, f"{name}: {len(wrong)} of them, such as {wrong[:3]}"


def test_no_fallback_is_sent_once_the_success_status_has_come(named):
    scenario, _, name, table = named
    (strategy,) = load(scenario, name)
    receipts = _has(table, "delivered", "open", "click")
    first = receipts.groupby(["a", "kind"])["time"].min()
    wrong = []
    sent = _in_log_order(_has(table, "sent"))
    for row in sent[sent["a"].duplicated()].itertuples():  # sends after a message's first
        if row.time <= scenario.time.burn_in:
            continue
        times = [first.get((row.a, k), math.inf) for k in _success(scenario, strategy, row.b)]
        if min(times) < row.time:
            wrong.append((row.a, row.time - min(times)))
    assert not wrong, f"{name}: {len(wrong)} of them, (message, seconds late) such as {wrong[:3]}"


def test_money_in_the_log_adds_up_to_the_measures(named):
    scenario, result, name, table = named
    start = scenario.time.burn_in
    end = start + scenario.time.window
    persons = scenario.population.customers
    inside = table[(table["time"] >= start) & (table["time"] < end)]
    bought, back = _has(inside, "order"), _has(inside, "return")

    def value(measure: str):
        return result.moments.estimate(measure, name).value

    def money(cents: float) -> float:
        return cents / 100.0 / persons

    assert value("orders_per_customer") == pytest.approx(len(bought) / persons, rel=1e-12)
    assert value("purchase_rate") == pytest.approx(bought["person"].nunique() / persons, rel=1e-12)
    assert value("revenue") == pytest.approx(money(bought["b"].sum() - back["b"].sum()), rel=1e-12)
    assert value("margin") == pytest.approx(money(bought["c"].sum() - back["c"].sum()), rel=1e-12)
    assert value("aov") == pytest.approx(bought["b"].sum() / 100.0 / len(bought), rel=1e-12)
    discount = (bought["d"] & (CART_LEFT - 1)).sum()
    assert value("discount") == pytest.approx(money(discount), rel=1e-12)
    sends, clicks = _has(inside, "sent")["c"].sum(), _has(inside, "visit")["d"].sum()
    assert value("contact_cost") == pytest.approx(money((sends + clicks) / 1000.0), rel=1e-12)
    assert value("messages_per_customer") == pytest.approx(len(_has(inside, "sent")) / persons)


def test_the_cost_of_a_send_is_its_channels_and_of_a_paid_click_the_searchs(named):
    scenario, _, _, table = named
    cost = {
        n: round(c.message.cost * 100_000) for n, c in enumerate(scenario.channels) if c.message
    }
    sent = _has(table, "sent")
    assert (sent["c"] == sent["channel"].map(cost)).all()
    search = next(c.search for c in scenario.channels if c.search)
    paid = _has(table, "visit").query("d > 0")
    assert (paid["d"] == round(search.cost * 100_000)).all()
    assert ((paid["c"] & 4) > 0).all()


def test_margin_is_that_of_the_category_less_discount_and_commission(named):
    scenario, _, _, table = named
    needs = _has(table, "need").set_index(["person", "a"])["b"]
    for row in _has(table, "order").itertuples():
        channel, discount = scenario.channels[row.channel], row.d & (CART_LEFT - 1)
        value = row.b + discount
        share = scenario.categories[needs.loc[(row.person, row.a)]].margin
        expected = value * share - discount - row.b * channel.visit.commission
        assert abs(row.c - expected) <= 1.0 + 1e-9, row


def test_ltv_is_the_discounted_margin_less_contact_cost(named):
    scenario, result, name, table = named
    start = scenario.time.burn_in
    stop = start + scenario.time.window + scenario.time.run_out
    rows = table[(table["time"] >= start) & (table["time"] < stop)]
    rate = math.log(1.0 + scenario.discount_rate) / 365.0
    factor = np.exp(-rate * ((rows["time"] - start) // DAY))
    gain = np.zeros(len(rows))
    for kind, column, scale in (("order", "c", 1e-2), ("return", "c", -1e-2),
                                ("sent", "c", -1e-5), ("visit", "d", -1e-5)):  # fmt: skip
        gain += np.where(rows["kind"] == kind, rows[column] * scale, 0.0)
    expected = float((gain * factor).sum()) / scenario.population.customers
    assert result.moments.estimate("ltv", name).value == pytest.approx(expected, rel=1e-5)
