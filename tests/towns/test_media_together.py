"""Media, articles, posts and unaware customers together: the engines agree, and all is there."""

from __future__ import annotations

import copy
from typing import Any

from omnilab.log import rows
from omnilab.strategy.loading import load_strategy
from tests.verification.worlds import digests, log, run
from tests.worlds import WEB, corner


def together() -> Any:
    channels = copy.deepcopy(corner().model_dump(mode="json", context={"currency": "EUR"}))
    channels = channels["channels"]
    channels[WEB]["acts"] = [{"act": "follow", "base": 0.5, "allows": ["email"]}]
    return corner(
        time={"burn_in": "5d", "window": "14d", "run_out": "2d"},
        population={"customers": 8}, channels=channels,
        world={
            "rivals": {"number": 2}, "preference": {"known": 0.5, "pull": 1.0},
            "friends": {"each": 2},
            "media": {"makes": 0.02, "searches": 0.2, "looks": 0.1, "image": 0.1},
            "content": {"makes": 0.2, "every": "10d", "searches": 0.8, "image": 0.1},
            "posts": {"reach": 0.5, "likes": 0.3, "shares": 0.1, "clicks": 0.1, "image": 0.1},
        },
        brand={
            "media": [{"name": "r", "medium": "radio", "grp": 200, "lasts": "14d",
                       "per_thousand": 10, "shows": "beans"}],
            "content": [{"name": "a", "shows": "beans", "rank": 1, "begins_on": -5},
                        {"name": "b", "rank": 1}],
            "posts": [{"name": "p", "every": "24h", "boost": 0.2, "per_thousand": 5,
                       "begins_on": -4}],
        },
    )  # fmt: skip


def test_the_engines_agree_and_every_part_is_felt() -> None:
    scenario = together()
    strategies = [load_strategy(name, scenario) for name in ("omnichannel", "no_contact")]
    found = [run(scenario, strategies, engine=engine) for engine in ("compiled", "simpy")]
    assert digests(found[0]) == digests(found[1])
    kinds = {rows.KIND_NAMES[k] for k in log(found[0], "omnichannel")["kind"].tolist()}
    assert {"media_contact", "knows", "read", "post_seen"} <= kinds
    silent = log(found[0], "no_contact")
    unpaid = rows.of_kind(silent, rows.POST_SEEN)
    assert not (unpaid["how"][unpaid["time"] > 6 * 86400] == 1).any()  # what was shown is seen
    switch = 5 * 86400
    heard = rows.of_kind(silent, rows.MEDIA_CONTACT)
    assert not (heard["time"] >= switch).any()
