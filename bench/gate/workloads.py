"""The gate's workloads: short, seeded, the same on both sides, by public names alone.

Each takes a tenth to half a second of processor time. The code here is head's on both sides, the
library that it calls is the side's own, so a workload asks for nothing that an older base lacks.
Input is read in `prepare`; the function that it returns is what is timed. It returns its counters:
how much work there was, by which a change of behaviour shows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.gate.inputs import cascade_input, columns, string_columns

__all__ = ["WORKLOADS", "Counters", "Run", "Workload"]

Counters = Mapping[str, int | str]
Run = Callable[[], Counters]

SHOP: Final = Path(__file__).with_name("shop.yaml")
TOWNS: Final = Path(__file__).with_name("towns.yaml")
SEED: Final = 1


@dataclass(frozen=True)
class Workload:
    """One benchmark of the gate.

    Parameters
    ----------
    title
        What it does, for the table's reader.
    prepare
        Reads the input out of a folder and returns the function to be timed.
    """

    title: str
    prepare: Callable[[Path], Run]


def identity_links(folder: Path) -> Run:
    """Join households' links in random time order, integer codes, no rules."""
    from omnilab.identity import IdentityGraph

    stream = columns(folder, "links")

    def run() -> Counters:
        graph = IdentityGraph()
        graph.observe((stream["a"], stream["b"]), returning=False)
        profiles = graph.resolve()
        return graph.counts | {"profiles": _checksum(profiles)}

    return run


def identity_rules(folder: Path) -> Run:
    """Join typed links with unique types, fan-out and time-to-live."""
    from omnilab.identity import IdentityGraph, IdentityPolicy

    stream = columns(folder, "typed")
    policy = IdentityPolicy(
        ("email", "cookie"),
        unique=("email",),
        fan_out={"cookie": 20},
        time_to_live={"cookie": 250},
        # Older trees, which this one is compared with, know no other way.
        **({"undo_shared": False} if hasattr(IdentityPolicy, "undoes") else {}),
    )
    batch = {"email": stream["email"], "cookie": stream["cookie"]}

    def run() -> Counters:
        graph = IdentityGraph(policy)
        graph.observe(batch, time=stream["time"], returning=False)
        profiles = graph.resolve()
        return graph.counts | {"profiles": _checksum(profiles)}

    return run


def identity_strings(folder: Path) -> Run:
    """Join e-mail addresses and cookies from Arrow arrays."""
    from omnilab.identity import IdentityGraph, IdentityPolicy

    batch = string_columns(folder)

    def run() -> Counters:
        graph = IdentityGraph(IdentityPolicy(("email", "cookie")))
        profiles = graph.observe(batch)
        return graph.counts | {"profiles": _checksum(profiles)}

    return run


def identity_stream(folder: Path) -> Run:
    """Feed batches of 100 links into a graph that fills up."""
    from omnilab.identity import IdentityGraph

    size, n = 100, 10_000
    a, b = columns(folder, "links").values()
    batches = [(a[i : i + size].copy(), b[i : i + size].copy()) for i in range(0, size * n, size)]

    def run() -> Counters:
        graph = IdentityGraph()
        observe = graph.observe
        for batch in batches:
            observe(batch)
        profiles = graph.resolve()
        return graph.counts | {"profiles": _checksum(profiles)}

    return run


def cascade(folder: Path) -> Run:
    """Decide 100,000 messages with full semantics from starts, receipts and signals."""
    from bench.cascade_stream import PLANS, POLICY
    from omnilab.cascade import CascadeEngine

    *tables, control = cascade_input(folder)

    def run() -> Counters:
        engine = CascadeEngine(PLANS, POLICY, control=control)
        answer = engine.feed(*tables, until=1 << 40).in_time_order()
        finals = answer.finals
        return answer.work | {
            "decisions": answer.decisions,
            "answers": _checksum(answer.sends.at, answer.sends.message, finals.at, finals.status),
        }

    return run


def simulation_compiled(_folder: Path) -> Run:
    """Simulate customers under omnichannel on the compiled engine."""
    return _simulation("compiled", 5_000)


def simulation_towns(_folder: Path) -> Run:
    """Simulate customers in towns under omnichannel on the compiled engine."""
    return _simulation("compiled", 2_000, TOWNS)


def simulation_simpy(_folder: Path) -> Run:
    """Simulate customers under omnichannel on the SimPy engine."""
    return _simulation("simpy", 200)


def _simulation(engine: str, customers: int, shop: Path = SHOP) -> Run:
    from omnilab.experiment.compare import compare
    from omnilab.scenario import load_scenario

    try:
        from omnilab.strategy.loading import load_strategy
    except ModuleNotFoundError:  # a base from before strategies had a package of their own
        load_strategy = import_module("omnilab.brand.loading").load_strategy

    scenario = load_scenario(str(shop)).with_customers(customers)
    strategy = load_strategy("omnichannel", scenario)

    def run() -> Counters:
        (got,) = compare(scenario, [strategy], seed=SEED, engine=engine).strategies
        return {"events": got.events, "log": got.log_digest}

    return run


def _checksum(*arrays: Any) -> str:
    """Return a checksum of integer arrays, independent of their width."""
    value = 0
    for array in arrays:
        value = zlib.crc32(np.asarray(array, dtype=np.int64).tobytes(), value)
    return f"{value:08x}"


#: By the names that the table and the allowed changes use.
WORKLOADS: Final[dict[str, Workload]] = {
    "identity-links": Workload("2M links of households", identity_links),
    "identity-rules": Workload("500k typed links, all rules", identity_rules),
    "identity-strings": Workload("300k pairs of strings", identity_strings),
    "identity-stream": Workload("10k batches of 100 links", identity_stream),
    "cascade-100k": Workload("100k messages, full semantics", cascade),
    "simulation-compiled": Workload("5,000 customers, omnichannel", simulation_compiled),
    "simulation-towns": Workload("2,000 customers in towns, omnichannel", simulation_towns),
    "simulation-simpy": Workload("200 customers, omnichannel", simulation_simpy),
}
