"""Programmes in whole runs: what changes nothing, what both engines say, where the money is."""

from __future__ import annotations

from typing import Any

from omnilab.log import rows
from tests.verification.worlds import digests, load, log, merged, run, same_rows
from tests.worlds import corner

SMALL: dict[str, Any] = {
    "time": {"burn_in": "10d", "window": "60d", "run_out": "10d"},
    "population": {"customers": 8},
    "world": {"continuity": {"annoys": 0.8}},
}
ON: dict[str, Any] = {
    "world": {
        "rivals": {"number": 1},
        "preference": {"pull": 1.0},
        "goal": {"gradient": 0.5},
        "rewarding": {"draws": 0.5, "loads": 0.5},
        "recovery": {"complains": 0.9},
    },
    "changes": [
        {"name": "shut", "from_day": 30, "over": "5d", "share": 0.8, "channels": {"web": 1.0},
         "closed": ["store"], "needs": 0.8},
    ],
    "brand": {
        "programme": {
            "targets": [{"name": "two", "purchases": 2, "to_day": 40, "reward": "five"}],
            "tiers": [{"name": "silver", "spend": 20.0, "off": 0.05},
                      {"name": "gold", "spend": 60.0, "points": 2.0}],
            "period": "20d",
            "balance": {"top_up": 30.0, "auto_below": 10.0},
        },
        "offers": [{"name": "five", "amount": 5.0}],
        "notes_failures": True,
        "cap": None,
        "journeys": [
            {"name": "promo", "trigger": "once", "day": 1, "sequence": ["email"],
             "steps": [{"message": {"channels": ["email", "push"], "promises": "two"}}]},
            {"name": "sorry", "trigger": "bad_experience", "sequence": ["web", "email", "app"],
             "steps": [{"message": {"channels": ["email", "push"], "apologises": True,
                                    "offer": 0.2}}]},
            {"name": "up", "trigger": "tier", "sequence": ["web", "email", "app", "store"],
             "steps": [{"split": {"has": "tier", "tier": "gold", "otherwise": "skip"}},
                       {"message": {"channels": ["email", "push"]}},
                       {"split": {"has": "value", "at_least": 30}},
                       {"message": {"channels": ["email", "push"]}}]},
        ],
    },
}  # fmt: skip


def test_both_engines_say_the_same_and_no_money_is_made() -> None:
    scenario = corner(**merged(SMALL, ON))
    compared = load(scenario, "multichannel", "omnichannel")
    fast = run(scenario, compared, seed=3, engine="compiled")
    slow = run(scenario, compared, seed=3, engine="simpy")
    assert digests(fast) == digests(slow)
    for strategy in compared:
        same_rows(log(fast, strategy.name), log(slow, strategy.name))
        seen = log(fast, strategy.name)
        loaded = rows.of_kind(seen, rows.TOP_UP)["amount"].sum()
        paid = rows.of_kind(seen, rows.PAID_FROM)["amount"].sum()
        assert 0 <= paid <= loaded
        assert loaded > 0


def test_a_programme_that_promises_nothing_changes_nothing() -> None:
    plain = corner(**SMALL)
    empty = corner(**merged(SMALL, {"brand": {"programme": {"period": "30d"}}}))
    both = [run(s, load(s, "omnichannel"), seed=4, engine="compiled") for s in (plain, empty)]
    assert digests(both[0]) == digests(both[1])


def test_a_target_that_nobody_can_reach_or_feel_changes_nothing() -> None:
    found = []
    for part in (0.0, 0.9):
        said = merged(merged(SMALL, ON), {
            "world": {"preference": {"pull": 0.0}, "goal": {"gradient": 0.0},
                      "rewarding": {"draws": 0.0, "reached": part, "missed": part}},
            "brand": {"programme": {"targets": [
                {"name": "two", "purchases": 999, "to_day": 40, "reward": "five"}]}},
        })  # fmt: skip
        scenario = corner(**said)
        found.append(digests(run(scenario, load(scenario, "omnichannel"), seed=3)))
    assert found[0] == found[1]
