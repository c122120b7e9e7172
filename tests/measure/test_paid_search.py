"""Paid search: cost, visits and orders of its clicks stand under the channel that was paid."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.log import rows
from omnilab.log.layout import fields_of, words_of_kind
from omnilab.log.rows import ROW
from omnilab.measure.layout import AD, CHANNEL_SUMS, SEARCH
from omnilab.measure.tally import tally
from tests.measure.worlds import CLOCK, DISCOUNT, FIRST_PERSON, named, tables
from tests.verification.worlds import load, run, world

WEB, EMAIL, SEARCHED = 0, 1, 2


def row(kind: int, channel: int, **values: int) -> Any:
    made = np.zeros(1, ROW)
    made["kind"], made["channel"] = kind, channel
    made["time"] = 0 if kind == rows.PERSON else int(CLOCK[0]) + 1
    words = words_of_kind(rows.KINDS[kind])
    names = fields_of(rows.KINDS[kind])
    said = getattr(words, "py_func", words)(**{n: values.get(n, 0) for n in names})
    for place, word in zip("abcd", said, strict=True):
        made[place] = word
    return made


def test_a_paid_click_is_the_search_channels() -> None:
    log = np.concatenate([
        row(rows.PERSON, -1),
        row(rows.NEED, -1, need=1, value=900),
        row(rows.SENT, EMAIL, message=5, cost=10),
        row(rows.VISIT, WEB, need=1, cause=5),
        row(rows.VISIT, WEB, need=1, cause=-1, cost=269_000),
        row(rows.ORDER, WEB, need=1, paid=900, margin=400),
    ])  # fmt: skip
    o = tables(1, CLOCK, DISCOUNT, [0, 0, SEARCH, 0], channels=3)
    log["person"] += FIRST_PERSON
    tally(log.view(np.recarray), len(log), FIRST_PERSON, 0, 1, o, 0)
    by_channel, by_journey, sums = o.by_channel, o.by_journey, o.own
    web, email, search, _ = named(by_channel)
    assert (search["cost"], search["led_visits"], search["led_orders"]) == (269_000, 1, 1)
    assert (web["cost"], web["visits"], web["orders"]) == (0, 2, 1)  # the visit was there
    assert (email["cost"], email["led_visits"], email["led_orders"]) == (10, 1, 0)
    assert search["led_revenue"] == 900
    assert named(by_journey)[0]["led_orders"] == 1  # of messages, the last one's journey
    assert named(sums)[0]["led_orders"] == 1
    assert named(sums)[0]["click_cost"] == 269_000
    assert AD & SEARCH == 0


def test_the_books_know_the_search_channel() -> None:
    scenario = world(
        population={"customers": 20, "personas": [{"name": "all", "share": 1.0}]},
        time={"burn_in": 0, "window": "60d", "run_out": 0},
        channels=["web", {"preset": "search_ad", "search": {"searches": 1.0, "click": 0.5}}],
        brand={"journeys": []},
    )  # fmt: skip
    result = run(scenario, load(scenario, "omnichannel"), pilot=2, keep=False)
    web, search, _ = named(np.asarray(result.by_channel["omnichannel"]).view(CHANNEL_SUMS).ravel())
    assert web["cost"] == 0
    assert search["cost"] > 0
    assert search["led_visits"] > 5
    assert 0 < search["led_orders"] <= web["orders"]
