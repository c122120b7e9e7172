"""Every shipped scenario runs, small, under every built-in strategy."""

from __future__ import annotations

import numpy as np
import pytest

from omnilab.errors import StrategyError
from omnilab.log import rows
from omnilab.scenario import list_scenarios, load_scenario
from omnilab_strategies import STRATEGIES
from tests.verification.worlds import load, log, run

CUSTOMERS = 60


@pytest.mark.parametrize("name", [one.id for one in list_scenarios()])
def test_a_scenario_runs_under_every_built_in_strategy(name: str) -> None:
    scenario = load_scenario(name).with_customers(CUSTOMERS)
    names = list(STRATEGIES)
    if not any(c.search for c in scenario.channels):
        names.remove("search_only")
        with pytest.raises(StrategyError, match="no channel here has paid search"):
            load(scenario, "search_only")
    done = run(scenario, load(scenario, *names))
    assert not done.failures
    assert [s.name for s in done.strategies] == names
    counts = {s: np.bincount(log(done, s)["kind"], minlength=rows.SENT + 1) for s in names}
    assert [s for s in names if not counts[s][rows.NEED]] == []
    assert [s for s in names if not counts[s][rows.VISIT]] == []
    assert counts["no_contact"][rows.SENT] <= min(c[rows.SENT] for c in counts.values())
    assert max(c[rows.SENT] for c in counts.values()) > 0
