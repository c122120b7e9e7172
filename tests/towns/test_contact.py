"""Both engines write the same log where agents are busy, call back and survey."""

from __future__ import annotations

import pytest

from tests.verification.worlds import digests, load, log, run, same_rows, sums, world

SORRY = {
    "name": "sorry", "trigger": "bad_survey", "sequence": ["call", "store", "web"],
    "steps": [{"message": {"channels": ["email", "call", "push", "social_ad"], "offer": 0.1}}],
}  # fmt: skip


@pytest.mark.parametrize("call_back", [False, True])
def test_the_engines_agree_where_agents_are_busy(call_back: bool) -> None:
    agents = {"channels": ["web", "store", "call", "app"], "number": 1}
    scenario = world(
        population={"customers": 16, "town": 8},
        time={"burn_in": "4d", "window": "9d", "run_out": "1d"},
        categories=[{"name": "beans", "every": "2d", "spend": {"mean": 20.0}, "latent": 0}],
        world={
            "continuity": {"service": 0.9, "service_after": "6h"},
            "intent": {"threshold": 0.2},
            "questions": {"before": 1.0, "hard": 1.0, "length": "5h", "patience": "1h",
                          "again": 0.8, "ask_after": "10min"},
        },
        brand={
            "contact": {"agents": [agents], "call_back": call_back, "survey": {"unhappy": 1.0}},
            "journeys": [{"preset": "cart"}, SORRY],
        },
    )  # fmt: skip
    strategies = load(scenario, "multichannel", "omnichannel")
    fast, slow = (run(scenario, strategies, seed=5, engine=e) for e in ("compiled", "simpy"))
    assert not fast.failures
    assert not slow.failures
    for strategy in strategies:
        same_rows(log(fast, strategy.name), log(slow, strategy.name))
    assert digests(fast) == digests(slow)
    assert sums(fast) == sums(slow)
    counted = sums(fast)["omnichannel"]
    assert counted["n_question"] > 10
    assert counted["n_line_left"] > 0
    assert counted["n_call_back"] == (counted["n_line_left"] if call_back else 0)
