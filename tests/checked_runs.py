"""Small runs of everything compiled, whose results are printed: for the debug build.

Every shipped scenario and a hostile one under every built-in strategy and one that decides and
learns; both cores on small streams. `tests/test_checked.py` runs it with every index checked and
without, and compares.
"""

from __future__ import annotations

import json
import sys
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from bench.cascade_stream import PLANS, POLICY, make_stream
from omnilab.cascade import CascadeEngine
from omnilab.identity import IdentityGraph, IdentityPolicy
from omnilab.scenario import find_scenario, list_scenarios, load_scenario
from omnilab.scenario.model import Scenario
from omnilab.strategy.loading import LoadedStrategy
from tests.experiment.streamed import FILES, record
from tests.property.hostile import busy, hostile_scenarios
from tests.property.random_worlds import Swayed
from tests.verification.worlds import digests, load, run, sums, world

CUSTOMERS = 60


def simulations() -> dict[str, Any]:
    """Return digests and sums of the runs, by scenario."""
    scenarios: dict[str, Scenario] = {
        one.id: load_scenario(find_scenario(one.id)).with_customers(CUSTOMERS)
        for one in list_scenarios()
    }
    scenarios["busy"] = busy()
    for n, seed in enumerate((3, 5)):
        scenarios[f"hostile-{n}"] = drawn(seed)
    return {name: results(scenario) for name, scenario in scenarios.items()}


def drawn(seed: int) -> Scenario:
    """Return a hostile scenario, always the same."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    found: list[Scenario] = []

    @settings(
        max_examples=seed, derandomize=True, database=None, deadline=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def draw(data: Any) -> None:
        found.append(data.draw(hostile_scenarios(("5min", "2h"), days=6, most=40)))

    draw()
    return found[-1]


def results(scenario: Scenario) -> dict[str, Any]:
    """Return each strategy's digest and number of rows; the sums go into one more number."""
    strategies = load(scenario)
    learner = replace(strategies[-1], name="swayed", strategy=Swayed(), decides=True, learns=True)
    compared: list[LoadedStrategy] = [*strategies, learner]
    done = run(scenario, compared, keep=False)
    assert not done.failures, done.failures
    out: dict[str, Any] = dict(digests(done))
    text = json.dumps(sums(done), sort_keys=True, default=int)
    out["sums"] = [f"{zlib.crc32(text.encode()):08x}", 1]
    return out


def graph() -> list[Any]:
    """Return what the identity core makes of integers and of strings."""
    draw = np.random.default_rng(1)
    policy = IdentityPolicy(
        types=("email", "device", "cookie"), unique=("email",), fan_out={"device": 3},
        time_to_live={"cookie": 500},
    )  # fmt: skip
    out: list[Any] = []
    for rules in (None, policy):
        for text in (False, True):
            one = IdentityGraph(rules)
            for k in range(6):
                codes = draw.integers(-1, 400, (700, 3)) + np.array([0, 1000, 2000])
                codes[codes % 1000 == 999] = -1
                columns = [
                    [None if c < 0 else f"id-{'x' * int(c % 9)}{c}" for c in column]
                    if text else np.ascontiguousarray(column)
                    for column in codes.T
                ]  # fmt: skip
                types = ("email", "device", "cookie")
                given = dict(zip(types, columns, strict=True)) if rules else columns
                found = one.observe(given, time=np.full(700, 100 * k))
                out.append(zlib.crc32(np.ascontiguousarray(found)))
            out.append(sorted((k, int(v)) for k, v in one.counts.items()))
    return out


def cascades() -> list[Any]:
    """Return what the cascade core makes of a stream."""
    stream = make_stream(3000)
    engine = CascadeEngine(PLANS, POLICY, control=stream.control)
    first = engine.feed(stream.starts, stream.receipts, stream.signals, until=stream.until)
    answers = [first, engine.finish()]
    return [
        [zlib.crc32(a.in_time_order().sends.to_frame(list("abcdefgh")).to_csv().encode()),
         zlib.crc32(a.in_time_order().finals.to_frame().to_csv().encode()), len(a.sends)]
        for a in answers
    ]  # fmt: skip


def streams() -> list[int]:
    """Return what a recorded run's files hold, by a checksum each."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = world(population={"customers": 20})
        record(Path(folder) / "run", scenario, load(scenario, "omnichannel")[0])
        files = [pq.read_table(Path(folder) / "run" / name) for name in FILES]
    return [zlib.crc32(table.to_pandas().to_csv().encode()) for table in files]


def main() -> None:
    """Print all results."""
    told = {"runs": simulations(), "streams": streams(), "graph": graph(), "cascades": cascades()}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
