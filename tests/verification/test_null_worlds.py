"""Null worlds: worlds in which no strategy, or none but by identity, can win."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.measure import MEASURES
from omnilab.strategy.plan import Sharing
from tests.effort import random_worlds
from tests.verification.worlds import (
    build,
    digests,
    either_way,
    inert_world,
    load,
    log,
    mixture,
    orders,
    run,
    same_rows,
    sums,
)

CHOICE = st.sampled_from(("silo", "handoff", "all"))
SHARINGS = st.builds(Sharing, CHOICE, CHOICE, CHOICE, CHOICE, CHOICE, CHOICE)

SENDS = [
    {"message": {"shows": "cart", "channels": ["shop"], "offer": 0.1}},
    {"delay": "3d"},
    {"wait_for": {"event": "open", "up_to": "4d"}},
    {"message": {"shows": "viewed", "channels": ["shop"], "success": "clicked"}},
]
ONE_CHANNEL = {
    "id": "one-channel-v1",
    "time": {"burn_in": "40d", "window": "150d", "run_out": "20d"},
    "population": {
        "customers": 60,
        "household_sizes": [1.0],
        "personas": [{"name": "all", "share": 1.0}],
    },
    "categories": [{"name": "beans", "every": "10d", "spend": {"mean": 20.0}}],
    "channels": [
        {
            "name": "shop",
            "silo": "shop",
            "visit": {
                "idle": 0.5,
                "service": True,
                "identifiers": [{"type": "device", "share": 1.0}],
            },
            "message": {
                "address": "device", "delivered": 0.95, "open": 0.3, "click": 0.1,
                "opt_out": 0.005, "complaint": 0.001, "cost": 0.02, "landing": "shop",
                "opt_in": 0.8, "signs_up": 0.1,
            },
        }
    ],
    "brand": {
        "cap": None,
        "loyalty": {"card": 50, "worth": 5.0},
        "journeys": [
            {"name": "cart", "trigger": "cart", "sequence": ["shop"], "until": ["order"],
             "steps": [{"delay": "1h"}, *SENDS]},
            {"name": "browse", "trigger": "browse", "sequence": ["shop"], "until": ["cart"],
             "cooldown": "7d", "steps": [{"delay": "4h"}, *SENDS]},
            {"name": "order", "trigger": "order", "sequence": ["shop"], "until": ["visit"],
             "steps": [{"split": {"has": "order"}}, {"cohort": 0.6}, {"delay": "20d"}, *SENDS]},
            {"name": "news", "trigger": "weekly", "sequence": ["shop"],
             "steps": [{"message": {"channels": ["shop"]}}]},
        ],
    },
}  # fmt: skip
JOURNEYED = ("single_channel", "single_channel(silo=shop)", "multichannel", "cross_channel",
             "omnichannel")  # fmt: skip


@either_way
@pytest.mark.parametrize("status_quo", ["multichannel", "no_contact", "omnichannel"])
def test_a_with_one_channel_and_one_identifier_all_strategies_have_one_log(status_quo, mechanisms):
    tree = {**ONE_CHANNEL, "brand": {**ONE_CHANNEL["brand"], "status_quo": status_quo}}
    scenario = mechanisms(build(tree))
    result = run(scenario, load(scenario, *JOURNEYED))
    first = log(result, JOURNEYED[0])
    assert (first["kind"] == 20).sum() > 500  # it is not a world without messages
    for name in JOURNEYED[1:]:
        same_rows(first, log(result, name))
    assert len(set(digests(result).values())) == 1
    totals = list(sums(result).values())
    assert all(t == totals[0] for t in totals[1:])


@random_worlds(2, 12)
@either_way
@given(sharing=SHARINGS)
def test_a_holds_for_any_mixture(mechanisms, sharing):
    scenario = mechanisms(build(ONE_CHANNEL))
    result = run(scenario, [*load(scenario, "multichannel"), mixture(scenario, sharing)])
    same_rows(log(result, "multichannel"), log(result, "mixture"))


@either_way
def test_b_messages_without_effect_change_no_order(mechanisms):
    scenario = mechanisms(inert_world(population={"customers": 150}))
    strategies = load(scenario)
    result = run(scenario, strategies)
    expected = orders(result, "no_contact")
    assert len(expected) > 200
    for name in (s.name for s in strategies[1:]):
        assert orders(result, name) == expected, name
        assert (log(result, name)["kind"] == 20).sum() > 200, name


@either_way
def test_b_only_contact_cost_and_what_follows_from_it_differ(mechanisms):
    scenario = mechanisms(inert_world(population={"customers": 80}))
    result = run(scenario, load(scenario), keep=False)
    same = ("purchase_rate", "orders_per_customer", "aov", "revenue", "margin", "discount",
            "retention", "churn", "leave_rate", "runout_orders_per_customer", "repeat_rate",
            "visits_per_customer", "conversion_rate", "path_length", "give_ups_per_customer",
            "bad_experiences_per_customer", "lost_to_rival_rate", "cart_recovery_rate")  # fmt: skip
    for name in ("single_channel", "multichannel", "cross_channel", "omnichannel"):
        for measure in same:
            difference = result.moments.difference(measure, name, "no_contact")
            assert tuple(difference[:3]) in ((0.0, 0.0, 0.0), (None, None, None)), (name, measure)
        cost = result.moments.difference("contact_cost", name, "no_contact")
        assert cost.value is not None
        assert cost.value > 0
        # What is left of the LTV is the discounted cost of contact, to a rounding a person.
        mine, theirs = (result.moments.sums(s) for s in (name, "no_contact"))
        assert mine["send_cost"] - 80 >= theirs["ltv"] - mine["ltv"] > 0.9 * mine["send_cost"] - 80
    assert set(same) <= set(MEASURES)


@random_worlds(2, 12)
@either_way
@given(sharings=st.lists(SHARINGS, min_size=3, max_size=3, unique=True), seed=st.integers(0, 1000))
def test_b_holds_for_any_mixture(mechanisms, sharings, seed):
    scenario = mechanisms(inert_world(population={"customers": 25}))
    mixed = [mixture(scenario, s, f"mixture_{i}") for i, s in enumerate(sharings)]
    result = run(scenario, [*load(scenario, "no_contact"), *mixed], seed=seed)
    for strategy in mixed:
        assert orders(result, strategy.name) == orders(result, "no_contact"), strategy.plan.sharing


def repeating_costs(customers: int, give_up: float = 0.5):
    """The inert world in which a repeated step is given up half the time."""
    scenario = inert_world(
        population={"customers": customers},
        # Channels that are chosen anew at each visit, so that context has to be carried.
        world={
            "continuity": {"give_up": give_up},
            "choice": {"inertia": -1.0},
            "intent": {"returns_by_itself": 0.9, "threshold": 2.0},
        },
    )
    # A log-in on the web and a card at the till name the app's account: hand-offs without clicks.
    carried = {"web": ("login", 0.7), "store": ("loyalty", 0.9)}
    channels = []
    for channel in scenario.model_dump()["channels"]:
        if channel["name"] in carried:
            kind, share = carried[channel["name"]]
            shown = [x for x in channel["visit"]["identifiers"] if x["type"] != kind]
            channel["visit"]["identifiers"] = [
                *shown, {"type": kind, "share": share, "carries": "app"},
            ]  # fmt: skip
        channels.append(channel)
    return scenario.changed({"channels": channels})


@random_worlds(2, 12)
@either_way
@given(
    links=st.tuples(CHOICE, CHOICE),
    rest=st.lists(st.tuples(CHOICE, CHOICE, CHOICE, CHOICE), min_size=3, max_size=3, unique=True),
    seed=st.integers(0, 1000),
)
def test_c_triggers_channel_stop_and_contact_policy_make_no_difference(
    mechanisms, links, rest, seed
):
    scenario = mechanisms(repeating_costs(30))
    mixed = [mixture(scenario, Sharing(*links, *r), f"mixture_{i}") for i, r in enumerate(rest)]
    result = run(scenario, mixed, seed=seed)
    for strategy in mixed[1:]:
        assert orders(result, strategy.name) == orders(result, "mixture_0"), strategy.plan.sharing


@either_way
def test_c_nor_do_they_for_the_built_in_strategies_or_without_messages(mechanisms):
    scenario = mechanisms(repeating_costs(80))
    result = run(scenario, load(scenario))
    for name in ("single_channel", "multichannel"):  # identity by silo, as no_contact's
        assert orders(result, name) == orders(result, "no_contact"), name


@either_way
def test_c_identity_and_context_do_make_a_difference(mechanisms):
    scenario = mechanisms(repeating_costs(120))
    links = list(itertools.product(("handoff", "all"), ("silo", "handoff", "all")))
    mixed = [mixture(scenario, Sharing(identity=i, context=c), f"{i}_{c}") for i, c in links]
    result = run(scenario, [*load(scenario, "multichannel"), *mixed])
    count = {s.name: len(orders(result, s.name)) for s in result.strategies}
    assert count["all_all"] > count["all_silo"], count
    assert count["all_all"] > count["multichannel"], count
    assert count["handoff_handoff"] > count["handoff_silo"], count
