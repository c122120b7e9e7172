"""Wallets in whole worlds: a naive wallet over the log, the best offer, the same log twice."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import pytest

from omnilab.log import rows
from tests.towns.test_offers import JOURNEYS, OFFERS, facts, shop
from tests.verification.worlds import DAY, digests, load, log, run, same_rows

STORE, APP = 2, 1
MANY = [
    {"name": "blasts", "trigger": "weekly", "weekday": 2, "sequence": ["email"],
     "steps": [{"message": {"channels": ["email"], "offer": 0.1}}]},
    *JOURNEYS,
]  # fmt: skip


def holding(holds: int, **world: Any) -> Any:
    numbers = {"redeems": 1.0, "holds": holds, "pulls": 8.0}
    offers = [{**o, "code": False} for o in OFFERS]
    return shop(world={"offers": numbers, **world}, brand={"journeys": MANY, "offers": offers})


@cache
def life(holds: int) -> Any:
    scenario = holding(holds)
    return log(run(scenario, load(scenario, "omnichannel"), engine="simpy", pilot=2), "omnichannel")


def worth(offer: int, value: int, channel: int, t: int) -> float:
    """Return what an offer is worth at an order, cents, by what its file says."""
    if offer == 0:
        return 0.2 * value if channel == STORE else 0.0
    if offer == 1:
        return 500 if channel in (APP, STORE) and value >= 1000 else 0.0
    if offer == 2:
        return 400 if (12 + 2) * DAY <= t < (12 + 26) * DAY else 0.0
    return 0.1 * value


DEPTH = {-1: 0.1, 0: 0.2, 1: 5 / 32.25, 2: 4 / 32.25}  # of mean orders of 19.5 and 45


@pytest.mark.parametrize("holds", [2, 4])
def test_a_naive_wallet_has_every_offer_that_is_used_and_none_that_is_better(holds: int) -> None:
    wallets: dict[int, list[tuple[float, int, int]]] = defaultdict(list)
    given: dict[tuple[int, int], tuple[float, int, int]] = {}  # by person and message
    orders = {(o["person"], o["need"]): o for o in facts(life(holds), rows.ORDER)}
    counts = dict.fromkeys(("issued", "used", "ended", "dropped"), 0)
    several = 0
    seen = facts(life(holds), rows.OFFERED) + facts(life(holds), rows.REDEEMED)
    for e in sorted(seen, key=lambda e: (e["person"], e["seq"])):
        t, who = e["time"], e["person"]
        mine = [x for x in wallets[who] if x[1] >= t]
        counts["ended"] += len(wallets[who]) - len(mine)
        if e["kind"] == rows.OFFERED:
            counts["issued"] += 1
            if len(mine) == holds:
                counts["dropped"] += 1
                mine.remove(min(mine))
            given[who, e["message"]] = DEPTH[e["offer"]], t + e["lasts"], e["offer"]
            mine.append(given[who, e["message"]])
        else:
            order = orders[who, e["need"]]
            value, c = order["paid"] + order["discount"], order["channel"]
            used = given.pop((who, e["message"]))  # each is used once
            assert used[2] == e["offer"]
            best = max(worth(x[2], value, c, t) for x in mine)
            assert worth(used[2], value, c, t) == pytest.approx(best, abs=1.0)
            several += sum(worth(x[2], value, c, t) > 0 for x in mine) > 1
            mine.remove(used)  # of two that are alike in worth and end either may have been dropped
            counts["used"] += 1
        wallets[who] = mine
    held = sum(len(x) for x in wallets.values())
    assert counts["issued"] == counts["used"] + counts["ended"] + counts["dropped"] + held
    assert several > 3
    assert counts["used"] > 10


def test_who_holds_several_uses_more_of_them() -> None:
    used = [len(facts(life(holds), rows.REDEEMED)) for holds in (1, 2, 4)]
    assert used[0] < used[2]
    assert used[0] <= used[1] <= used[2]


def test_both_engines_write_the_same_log_with_a_wallet() -> None:
    scenario = holding(4)
    compiled = run(scenario, load(scenario, "omnichannel"), pilot=2)
    simpy = run(scenario, load(scenario, "omnichannel"), engine="simpy", pilot=2)
    same_rows(log(compiled, "omnichannel"), log(simpy, "omnichannel"))
    assert digests(compiled) == digests(simpy)
