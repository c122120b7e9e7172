"""Both engines, plain Python and compiled code write the same log."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnilab.experiment import job as comparing
from omnilab.log import rows
from omnilab.measure import JOURNEY_SUMS, names_of
from omnilab.strategy.decisions import Choices
from omnilab.strategy.loading import LoadedStrategy
from omnilab.strategy.plan import Sharing
from tests.effort import random_worlds
from tests.property.random_worlds import Picky, Swayed, scenarios, strategies
from tests.towns.fulfilment import nothing_is_done_twice
from tests.verification.worlds import (
    digests,
    load,
    log,
    mixture,
    nothing_before_the_entry,
    run,
    same_rows,
    sums,
    values,
    world,
)


@random_worlds(4, 40)
@given(st.data())
def test_the_engines_agree_event_for_event_in_random_worlds(data):
    scenario = data.draw(scenarios())
    compared = data.draw(strategies(scenario))
    seed = data.draw(st.integers(0, 2**62))
    fast = run(scenario, compared, seed=seed, engine="compiled")
    other = run(
        scenario, compared[::-1], seed=seed, threads=data.draw(st.sampled_from((1, 3))),
        chunk=data.draw(st.sampled_from((1, 2, 7))), against=fast.held_against,
    )  # fmt: skip
    assert digests(fast) == digests(other)
    assert sums(fast) == sums(other)
    assert breakdowns(fast) == breakdowns(other)
    with patch.dict(comparing.CHUNK, simpy=data.draw(st.sampled_from((1, 5, 256)))):
        slow = run(scenario, compared, seed=seed, engine="simpy")
    assert not fast.failures
    assert not slow.failures
    for strategy in compared:
        same_rows(log(fast, strategy.name), log(slow, strategy.name))
        nothing_is_done_twice(log(fast, strategy.name))
        nothing_before_the_entry(log(fast, strategy.name))
        assert values(fast, strategy.name) == values(slow, strategy.name)
    assert digests(fast) == digests(slow)
    assert sums(fast) == sums(slow)
    assert breakdowns(fast) == breakdowns(slow)


class Counts(Swayed):
    """It writes while what came back from all customers is an even number."""

    def __init__(self):
        self.n = 0

    def learn(self, events):
        self.n += len(events.kind)

    def decide(self, pending):
        return Choices(np.full(len(pending), self.n % 2 == 0))


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_what_is_learned_does_not_hang_on_chunks(engine):
    scenario = world(
        population={"customers": 14}, time={"burn_in": "6d", "window": "20d", "run_out": "3d"}
    )
    plan = load(scenario, "omnichannel")[0].plan
    found = [
        run(scenario, [LoadedStrategy("counts", plan, Counts(), "", True, True)], engine=engine,
            chunk=chunk)
        for chunk in (1, 64)
    ]  # fmt: skip
    assert digests(found[0]) == digests(found[1])


def test_what_learn_is_told_does_not_hang_on_whether_the_log_is_kept():
    scenario = world()
    plan = load(scenario, "omnichannel")[0].plan
    told = {}
    for engine, keep in (("compiled", True), ("compiled", False), ("simpy", True)):
        swayed = Swayed()
        events = told[engine, keep] = []
        learn = swayed.learn

        def note(new, events=events, learn=learn):
            columns = (getattr(new, name).tolist() for name in new.columns)
            events.extend(zip(*columns, strict=True))
            learn(new)

        swayed.learn = note
        run(scenario, [LoadedStrategy("swayed", plan, swayed, "", True, True)], engine=engine,
            keep=keep)  # fmt: skip
    first = told["compiled", True]
    assert len(first) > 100
    assert min(time for time, *_ in first) >= scenario.time.burn_in
    assert told["compiled", False] == first
    assert told["simpy", True] == first


def breakdowns(comparison):
    """Return every breakdown of every strategy as plain numbers."""
    own = {name: getattr(comparison, name) for name in ("by_channel", "by_journey", "by_persona")}
    return {
        (name, strategy): np.asarray(table).tolist()
        for name, tables in (own | comparison.observed).items()
        for strategy, table in tables.items()
    }


def test_the_engines_breakdowns_agree_and_add_up():
    scenario = world()
    strategies_ = load(scenario, "multichannel", "omnichannel")
    fast, slow = (run(scenario, strategies_, engine=e) for e in ("compiled", "simpy"))
    assert breakdowns(fast) == breakdowns(slow)
    names = names_of(JOURNEY_SUMS)
    for name, total in sums(fast).items():
        table = np.asarray(fast.by_journey[name])
        finals = [i for i, n in enumerate(names) if n.startswith("final_")]
        assert len(finals) == len([n for n in vars(rows) if n.startswith("FINAL_")])
        assert int(table[:, finals].sum()) == total["n_final"], name


def test_the_engines_agree_where_a_decision_waits_and_another_journey_is_due():
    """What `decide` may use depends on what was sent a moment ago."""
    flows = [
        {"name": f"j{n}", "trigger": "weekly", "weekday": day, "at": "09:00", "sequence": ["email"],
         "steps": [{"message": {"channels": channels, "fallback_after": "30min"}}]}
        for n, (day, channels) in enumerate([
            (1, ["email", "sms", "push"]), (1, ["sms", "push", "email"]), (1, ["push", "email"]),
            (1, ["email"]),
        ])
    ]  # fmt: skip
    scenario = world(
        population={"customers": 30}, time={"burn_in": "10d", "window": "60d"},
        brand={"journeys": flows, "cap": {"messages": 2, "per": "7d"}},
    )  # fmt: skip
    plan = mixture(scenario, Sharing.every("all")).plan
    picky = LoadedStrategy("picky", plan, Picky(), "", True, False)  # type: ignore[arg-type]
    fast, slow = (run(scenario, [picky], engine=e) for e in ("compiled", "simpy"))
    same_rows(log(fast, "picky"), log(slow, "picky"))
    assert sums(fast) == sums(slow)


def small():
    """Return a world that plain Python can simulate in seconds."""
    return world(
        population={"customers": 6},
        time={"burn_in": "6d", "window": "16d", "run_out": "3d"},
        brand={"cap": {"messages": 3, "per": "3d"}},
    )


_PLAIN = """
import json
from tests.property.test_engines import small
from tests.verification.worlds import digests, load, run, sums
from omnilab.kernels.modes import is_plain
assert is_plain()
scenario = small()
result = run(scenario, load(scenario, "multichannel", "omnichannel"), pilot=2, keep=False)
print(json.dumps([digests(result), sums(result)]))
"""


def test_kernels_as_plain_python_write_the_same_log(root):
    scenario = small()
    compiled = run(scenario, load(scenario, "multichannel", "omnichannel"), pilot=2, keep=False)
    assert sum(s.events for s in compiled.strategies) > 500
    done = subprocess.run(
        [sys.executable, "-c", _PLAIN], cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, "OMNILAB_PLAIN": "1",
             "PYTHONPATH": os.pathsep.join(("sim", "strategies", "."))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    plain = json.loads(done.stdout.splitlines()[-1])
    assert plain == json.loads(json.dumps([digests(compiled), sums(compiled)]))
