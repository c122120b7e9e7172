"""Rivals, friends, reviews and referrals in both engines, and what a town more changes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from omnilab.log import rows
from tests.effort import random_worlds
from tests.towns.test_stock import scarce
from tests.towns.word import patches
from tests.verification.worlds import digests, load, log, merged, run, same_rows, world

ALL = {
    "rivals": {"number": 2, "utility": -0.5},
    "preference": {"pull": 1.0, "known": 0.6},
    "friends": {"each": 4, "rewired": 0.2},
    "tips": {
        "per_order": 0.8, "by_preference": 1.0, "warns": 0.5, "persuades": 0.1, "makes_need": 0.3,
    },
    "reviews": {"written": 0.8, "read": 0.8, "delay": "2d"},
    "referral": {"shares": 0.9, "eager": 0.5},
}  # fmt: skip


#: Who brought a friend hears of it.
THANKS = {
    "name": "thanks", "trigger": "referral", "sequence": ["web", "store", "email"],
    "until": ["visit"],
    "steps": [{"message": {"channels": ["email", "push"]}}, {"delay": "1d"}],
}  # fmt: skip


def small(patch: dict[str, Any], customers: int = 12, town: int = 6) -> Any:
    return world(
        **merged(
            {
                "population": {"customers": customers, "town": town},
                "time": {"burn_in": "6d", "window": "12d", "run_out": 0},
            },
            patch,
        )
    )


@random_worlds(2, 12)
@given(patches(town=6), st.integers(0, 2**40))
def test_both_engines_write_the_same_log(patch: dict[str, Any], seed: int) -> None:
    if patch["brand"]["referral"]["reward"] > 0:
        patch = merged(patch, {"brand": {"journeys": [THANKS, "cart", "newsletter"]}})
    scenario = small(patch)
    compared = load(scenario, "omnichannel")
    one, other = (
        run(scenario, compared, engine=engine, seed=seed, pilot=2)
        for engine in ("compiled", "simpy")
    )
    same_rows(log(one, "omnichannel"), log(other, "omnichannel"))
    assert digests(one) == digests(other)


BUSY = {
    "population": {"prior_buyers": 0.3},
    "world": {**ALL, "intent": {"threshold": -2.0}},
    "brand": {
        "referral": {"reward": 5.0, "friend": 3.0}, "journeys": [THANKS, "cart", "newsletter"],
    },
}  # fmt: skip


def busy(customers: int, engine: str) -> Any:
    scenario = small(BUSY, customers=customers, town=12)
    found = run(scenario, load(scenario, "omnichannel"), engine=engine, pilot=2)
    return log(found, "omnichannel")


def test_all_of_it_happens_in_both_engines_and_a_town_more_changes_nobody() -> None:
    """Of whole towns only: the last one is cut, and so has other friends."""
    few, many = busy(24, "simpy"), busy(48, "simpy")
    same_rows(few, busy(24, "compiled"))
    people = rows.of_kind(few, rows.PERSON)
    first = people["person"][people["household"] < small(BUSY, town=12).population.per_cell]
    mine = np.isin(few["person"], first), np.isin(many["person"], first)
    same_rows(few[mine[0]], many[mine[1]])
    seen = set(np.unique(many["kind"]).tolist())
    assert {
        rows.RIVAL_VISIT, rows.TIP, rows.REVIEW, rows.REVIEW_READ, rows.REFERRAL, rows.REFERRED,
    } <= seen  # fmt: skip


def test_rivals_count_the_visits_in_which_the_brand_failed_the_person_for_the_need() -> None:
    """By a naive count over the log: the size was not there, or steps were given up."""
    scenario = scarce(
        world={
            "rivals": {"number": 2, "utility": -0.5, "let_down": 3.0, "completes": 0.2},
            "intent": {"returns_by_itself": 1.0, "threshold": -1.0},
        }
    )
    written = log(
        run(scenario, load(scenario, "omnichannel"), engine="simpy", pilot=2), "omnichannel"
    )
    order = np.lexsort((written["seq"], written["person"], written["priority"], written["time"]))
    failures: Counter[tuple[int, int]] = Counter()
    counted = 0
    for row in rows.all_named(written[order]):
        key = (row["person"], row.get("need", -1))
        if row["kind"] == rows.GIVE_UP:
            failures[key] += 1
        elif row["kind"] == rows.STOCK_OUT:
            took_another = row["does"] in (rows.DOES_SUBSTITUTE, rows.DOES_SHIP)
            failures[key] += not (took_another and row["broken"] == 0)
        elif row["kind"] == rows.RIVAL_VISIT:
            assert row["let_down"] == failures[key]
            counted += row["let_down"] > 0
    assert counted > 0
