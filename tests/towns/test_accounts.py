"""Accounts in whole worlds: both engines, who orders and when, and that each key is felt."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from omnilab.log import rows
from omnilab.world.accounts import BUYER, DECIDER, USER
from tests.verification.worlds import digests, load, log, merged, run, same_rows, values, world

SHORT = {
    "share": 0.8, "deciders": 2, "shortlist": "2d", "decision": "3d", "ordering": "1d",
    "talks": 4.0, "passes": 0.6, "looks": 0.8,
}  # fmt: skip
OTHERS = {
    "tips": {"per_order": 0.6, "makes_need": 0.5, "warns": 0.3},
    "rivals": {"number": 2, "utility": -0.5}, "preference": {"pull": 1.0, "known": 0.7},
    "interest": {"readies": 0.3, "creates": 0.05}, "visit_time": {"looking": "20min"},
    "intent": {"threshold": 0.3, "decay_per_day": 0.1},
}  # fmt: skip


def firms(customers: int = 40, patch: Any = None, **part: Any) -> Any:
    """Return a small world of accounts, and persons who live alone."""
    return world(**merged(
        {
            "population": {
                "customers": customers, "household_sizes": [0.1, 0.2, 0.2, 0.2, 0.3],
            },
            "time": {"burn_in": "10d", "window": "60d", "run_out": "5d"},
            "world": {**OTHERS, "accounts": SHORT | part},
        },
        patch or {},
    ))  # fmt: skip


@cache
def life(customers: int = 40, engine: str = "compiled") -> Any:
    scenario = firms(customers)
    return run(scenario, load(scenario, "omnichannel"), engine=engine, pilot=2)


def written(*args: Any) -> np.ndarray:
    return log(life(*args), "omnichannel")


def by_need(found: Any, person: str = "person") -> dict[tuple[int, int], int]:
    """Return the time of each row by its person and need."""
    keys = zip(found[person].tolist(), found["need"].tolist(), strict=True)
    return dict(zip(keys, found["time"].tolist(), strict=True))


def test_both_engines_write_the_same_log_and_all_of_it_happens() -> None:
    same_rows(written(40, "compiled"), written(40, "simpy"))
    assert digests(life(40, "compiled")) == digests(life(40, "simpy"))
    assert values(life(), "omnichannel") == values(life(40, "simpy"), "omnichannel")
    seen = set(np.unique(written()["kind"]).tolist())
    assert {
        rows.ACCOUNT_MEMBER, rows.ACCOUNT_STEP, rows.ACCOUNT_TOLD, rows.ACCOUNT_TALK,
        rows.ACCOUNT_AGREES, rows.ACCOUNT_ORDER, rows.ORDER, rows.NEED_LOST, rows.TIP,
    } <= seen  # fmt: skip


def test_more_households_change_no_account() -> None:
    few, many = written(40), written(80)
    whole = rows.of_kind(few, rows.PERSON)["person"][:-12]  # the last cell is cut
    same_rows(*(x[np.isin(x["person"], whole)] for x in (few, many)))


def test_by_a_naive_reading_only_buyers_order_and_all_deciders_agreed_before() -> None:
    events = written(80)
    members = rows.of_kind(events, rows.ACCOUNT_MEMBER)
    roles = dict(zip(members["person"].tolist(), members["roles"].tolist(), strict=True))
    people = rows.of_kind(events, rows.PERSON)
    home = dict(zip(people["person"].tolist(), people["household"].tolist(), strict=True))
    needed = by_need(rows.of_kind(events, rows.NEED))
    ordered = rows.of_kind(events, rows.ORDER)
    of_account = rows.of_kind(events, rows.ACCOUNT_ORDER)
    agreed = rows.of_kind(events, rows.ACCOUNT_AGREES)
    assert len(of_account) > 5
    for p in ordered["person"].tolist():
        assert p not in roles or roles[p] & BUYER
    assert set(by_need(of_account)) == {k for k in by_need(ordered) if k[0] in roles}
    for row in of_account:
        user, need, t = int(row["user"]), int(row["need"]), int(row["time"])
        assert home[user] == home[int(row["person"])]
        assert roles[user] & USER
        assert needed[user, need] == row["opened"] <= t
        asked = {p for p in roles if home[p] == home[user] and roles[p] & DECIDER}
        mine = agreed[(agreed["need"] == need) & (agreed["user"] == user)]
        assert set(mine["person"].tolist()) == asked
        assert mine["time"].max() < t
    assert not {p for p, _ in needed} & {p for p in roles if not roles[p] & USER}


def test_the_measures_are_those_of_a_naive_count() -> None:
    events, found = written(), values(life(), "omnichannel")
    members = rows.of_kind(events, rows.ACCOUNT_MEMBER)
    users = int((members["roles"] & USER > 0).sum())
    ordered = rows.of_kind(events, rows.ACCOUNT_ORDER)
    time = ordered["time"]
    ordered = ordered[(time >= 10 * 86400) & (time < 70 * 86400)]
    assert found["account_orders"].value == pytest.approx(len(ordered) / users)
    days = (ordered["time"] - ordered["opened"]).mean() / 86400
    assert found["account_cycle"].value == pytest.approx(days)


@cache
def digest(name: str = "", value: Any = None) -> Any:
    scenario = firms(12, {}, **({name: value} if name else {}))
    return digests(run(scenario, load(scenario, "omnichannel"), pilot=2, keep=False))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("share", 0.0), ("deciders", 1), ("shortlist", "1d"), ("decision", "1d"),
        ("ordering", "6h"), ("talks", 0.5), ("passes", 0.1), ("looks", 0.1),
    ],
)  # fmt: skip
def test_each_key_is_felt(name: str, value: Any) -> None:
    assert digest(name, value) != digest()


def test_off_its_keys_do_nothing() -> None:
    scenarios = (firms(12, share=0.0), firms(12, share=0.0, talks=0.0, deciders=1, ordering="9d"))
    one, other = (run(s, load(s, "omnichannel"), pilot=2, keep=False) for s in scenarios)
    assert digests(one) == digests(other)
