"""Permissions at visits: each visit asks, the chance is the form's, and none is the default."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.experiment.compare import compare
from omnilab.log import rows
from omnilab.scenario import scenario_to_yaml
from omnilab.strategy.loading import load_strategy
from tests.worlds import corner


def shop(chance: float) -> Any:
    plain = corner(population={"customers": 120})
    channels = [c.model_dump() for c in plain.channels]
    for channel in channels:
        if channel["name"] == "email":
            channel["message"] |= {"opt_in": 0.0, "signs_up": 0.0, "signs_up_visit": chance}
    return plain.changed({"channels": channels})


def log_of(scenario: Any, engine: str = "auto") -> tuple[str, Any]:
    result = compare(
        scenario, [load_strategy("omnichannel", scenario)], engine=engine, keep_events=True
    )
    return result.strategies[0].log_digest, np.concatenate(result.events["omnichannel"])


def test_each_visit_asks_and_the_chance_is_the_forms() -> None:
    scenario = shop(0.1)
    email = [c.name for c in scenario.channels].index("email")
    _, log = log_of(scenario)
    given = rows.of_kind(log, rows.OPT_IN)
    given = given[given.channel == email]
    visits = rows.of_kind(log, rows.VISIT)
    first = {int(row.person): int(row.time) for row in given[::-1]}
    left = {int(row.person) for row in rows.of_kind(log, rows.LEFT)}
    stays = [p for p in range(120) if p not in left]
    asked = sum(
        int((visits.time[visits.person == p] <= first.get(p, 1 << 60)).sum()) for p in stays
    )
    said = sum(p in first for p in stays)
    assert asked > 300
    assert abs(said / asked - 0.1) < 3.7 * np.sqrt(0.1 * 0.9 / asked)


def test_who_permits_is_written_to_from_then_on() -> None:
    scenario = shop(0.3)
    email = [c.name for c in scenario.channels].index("email")
    _, log = log_of(scenario)
    given = rows.of_kind(log, rows.OPT_IN)
    first: dict[int, int] = {}
    for row in given[given.channel == email]:
        first.setdefault(int(row.person), int(row.time))
    sent = rows.of_kind(log, rows.SENT)
    sent = sent[sent.channel == email]
    assert len(sent) > 100
    assert all(int(row.time) >= first[int(row.person)] for row in sent)


def test_both_engines_have_the_same_log() -> None:
    scenario = shop(0.2).with_customers(30)
    assert log_of(scenario, "compiled")[0] == log_of(scenario, "simpy")[0]


def test_off_nobody_permits_by_visiting() -> None:
    scenario = shop(0.0)
    email = [c.name for c in scenario.channels].index("email")
    given = rows.of_kind(log_of(scenario)[1], rows.OPT_IN)
    assert not (given.channel == email).any()
    assert "signs_up_visit" not in scenario_to_yaml(corner())
