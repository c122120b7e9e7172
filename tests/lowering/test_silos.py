"""A plan that writes from some silos writes from no other, however its copies are shared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from omnilab.strategy.loading import load_strategy
from omnilab.strategy.plan import Sharing
from tests.verification.worlds import frame, run, world


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
@pytest.mark.parametrize("value", ["silo", "handoff", "all"])
def test_messages_leave_from_the_plans_silos_only(value: str, engine: str) -> None:
    scenario = world(population={"customers": 40})
    loaded = load_strategy("omnichannel", scenario)
    writing = sorted({c.silo for c in scenario.channels if c.message})
    assert len(writing) > 1
    wrote = 0
    for silo in writing:
        sharing = Sharing.every(value)  # type: ignore[arg-type]
        plan = replace(loaded.plan, sharing=sharing, silos=(silo,))
        table = frame(run(scenario, [replace(loaded, plan=plan)], engine=engine), loaded.name)
        own = table[table["time"] >= scenario.time.burn_in]  # before, the status quo writes
        sent = own[own["kind"].isin(["sent", "skipped", "held"])]
        assert {scenario.silos[i] for i in sent["silo"].unique()} <= {silo}
        wrote += len(sent) > 0
    assert wrote > 1
