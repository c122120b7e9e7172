"""The story of the sneakers: seen, an ad days later, the cart, a reminder; and learnt hours."""

from __future__ import annotations

from functools import cache
from typing import Any

from omnilab.log import rows
from omnilab.scenario import load_scenario
from tests.verification.worlds import digests, load, log, run

DAY = 86400
PAIRS = load_scenario("sneakers-cart-v1").categories[0].model_dump()
SCENARIO = load_scenario("sneakers-cart-v1").with_customers(50).changed(
    {"time": {"burn_in": "20d", "window": "70d", "run_out": 0},
     "categories": [PAIRS | {"every": 30 * DAY}],
     "brand": {"cap": None}}
)  # fmt: skip
CHANNELS = [c.name for c in SCENARIO.channels]
JOURNEYS = [j.name for j in SCENARIO.brand.journeys]


@cache
def life(name: str = "omnichannel") -> Any:
    return log(run(SCENARIO, load(SCENARIO, name)), name)


def test_the_ad_comes_days_after_the_look() -> None:
    sent = rows.of_kind(life(), rows.SENT)
    views = rows.of_kind(life(), rows.VIEW)
    ads = sent[sent["channel"] == CHANNELS.index("social_ad")]
    assert len(ads) > 0
    own = 0
    for ad in ads:
        seen = views["time"][views["person"] == ad["person"]]
        own += int(((seen <= ad["time"] - 3 * DAY) & (seen > ad["time"] - 4 * DAY)).any())
    assert own > 0.6 * len(ads)  # others follow a housemate's look at the shared computer


def test_a_handle_left_at_the_site_lets_the_messenger_remind() -> None:
    acts = rows.of_kind(life(), rows.ACT)
    allowed = rows.of_kind(life(), rows.OPT_IN)
    assert len(acts) > 0
    messenger = CHANNELS.index("messenger")
    given = allowed[allowed["channel"] == messenger]
    assert set(acts["person"].tolist()) & set(given["person"].tolist())
    sent = rows.of_kind(life(), rows.SENT)
    reminders = sent[sent["journey"] == JOURNEYS.index("reminder")]
    assert len(reminders) > 0
    assert (reminders["shows"] == 1).all()


def test_learnt_hours_move_the_weekly_messages_alone() -> None:
    sent = rows.of_kind(life("own_hours"), rows.SENT)
    drops = sent["journey"] == JOURNEYS.index("drops")
    hours = set((sent["time"][drops] // 3600 % 24).tolist())
    assert len(hours) > 3  # under omnichannel 17:00, and its fallbacks
    usual = rows.of_kind(life(), rows.SENT)
    usual = usual[usual["journey"] == JOURNEYS.index("drops")]
    assert set((usual["time"] // 3600 % 24).tolist()) == {17}


def test_a_learner_writes_the_same_log_on_both_engines() -> None:
    few = SCENARIO.with_customers(12)
    both = [run(few, load(few, "own_hours"), engine=e, keep=False) for e in ("compiled", "simpy")]
    assert not both[0].failures
    assert digests(both[0]) == digests(both[1])
