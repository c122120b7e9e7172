"""Waiting for a place that is closed: who waits, when they go, and what it does to a log."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from omnilab.draws.streams import VISIT_NEED
from omnilab.world.clock import to_activity
from omnilab.world.opening import waits_until
from tests.plain import plain
from tests.verification.worlds import frame, load, run, world
from tests.world.test_choice import SHUT, someone
from tests.worlds import model_of

DAY = 86400
SHOP = 1  # open from 09:00 to 18:00, as is the web by day and night


def model(waits: float) -> Any:
    return model_of(SHUT.changed({"world": {"choice": {"waits": waits}}}))


def when(model: Any, t: int, occasion: int, where: float) -> int:
    weight = np.zeros(len(model.ch))
    # Reach 3: the web and the shop, of one utility, so above a half of `where` is the shop's.
    person = someone(reach=3, persona=0)
    return plain(waits_until)(model, person, t, VISIT_NEED, occasion, 0.0, where, weight, weight)


def test_nobody_waits_for_what_is_open_or_not_wanted() -> None:
    m = model(1.0)
    night, noon = 10 * DAY + 20 * 3600, 10 * DAY + 12 * 3600
    assert when(m, noon, 1, 0.9) == noon
    assert when(m, night, 1, 0.1) == night  # the web
    assert when(m, night, 1, 0.9) > night


def test_who_waits_goes_on_the_next_opening_day_evenly_over_its_activity() -> None:
    m = model(1.0)
    for hour, day in ((20, 11), (3, 10)):
        t = 10 * DAY + hour * 3600
        at = np.array([when(m, t, occasion, 0.9) for occasion in range(3000)])
        opens, closes = day * DAY + 9 * 3600, day * DAY + 18 * 3600
        assert opens <= at.min()
        assert at.max() < closes
        first, last = (plain(to_activity)(m, x) for x in (opens, closes))
        place = (np.array([plain(to_activity)(m, int(x)) for x in at]) - first) / (last - first)
        assert abs(place.mean() - 0.5) < 4 * 0.2887 / np.sqrt(3000)
        assert abs(place.var() - 1 / 12) < 0.006


def test_a_share_waits() -> None:
    m = model(0.3)
    t = 10 * DAY + 20 * 3600
    waited = np.mean([when(m, t, occasion, 0.9) > t for occasion in range(3000)])
    assert abs(waited - 0.3) < 4 * np.sqrt(0.21 / 3000)


def test_the_web_shop_no_longer_takes_the_stores_evenings() -> None:
    """Visits for needs, a mean hour after closing over one at noon, online: nearer to activity."""

    def evening(waits: float) -> float:
        scenario = world(
            population={"customers": 150}, world={"choice": {"waits": waits}},
            brand={"journeys": []},
        )  # fmt: skip
        table: pd.DataFrame = frame(run(scenario, load(scenario, "multichannel")), "multichannel")
        visits = table[(table["kind"] == "visit") & (table["need"] >= 0) & (table["channel"] == 0)]
        hour = (visits["time"] + 3600) % DAY // 3600  # winter and summer time apart by an hour
        late, noon = ((hour >= 22) & (hour < 24)).sum(), ((hour >= 13) & (hour < 15)).sum()
        return float(late / noon)

    assert evening(1.0) < 0.8 * evening(0.0)
