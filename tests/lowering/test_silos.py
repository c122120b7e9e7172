"""A plan that writes from some silos writes from no other, however its copies are shared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from omnilab.strategy.loading import load_strategy
from omnilab.strategy.plan import Sharing
from tests.verification.worlds import log, of_kinds, run, world


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
@pytest.mark.parametrize("value", ["silo", "handoff", "all"])
def test_messages_leave_from_the_plans_silos_only(value: str, engine: str) -> None:
    scenario = world(
        population={"customers": 12}, time={"burn_in": "2d", "window": "16d", "run_out": "0d"}
    )
    loaded = load_strategy("omnichannel", scenario)
    writing = sorted({c.silo for c in scenario.channels if c.message})
    assert len(writing) > 1
    sharing = Sharing.every(value)  # type: ignore[arg-type]
    one_each = [
        replace(loaded, name=silo, plan=replace(loaded.plan, sharing=sharing, silos=(silo,)))
        for silo in writing
    ]
    found = run(scenario, one_each, engine=engine, pilot=4)
    wrote = 0
    for silo in writing:
        table = of_kinds(log(found, silo), "sent", "skipped", "held")
        own = table[table["time"] >= scenario.time.burn_in]  # before, the status quo writes
        assert {scenario.silos[i] for i in own["silo"]} <= {silo}
        wrote += len(own) > 0
    assert wrote > 1
