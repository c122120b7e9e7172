"""A stand-in for the simulation: results made of names and seeds, so that commands can be tried.

The numbers depend on scenario, strategy, seed and replication alone, as the real ones do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from omnilab.experiment.statistics import Moments
from omnilab.log import rows
from omnilab.lowering.cells import lay_out
from omnilab.lowering.model import build_model
from omnilab.lowering.plan import lower_plan
from omnilab.measure.groups import N_KEYS, Grouping
from omnilab.measure.layout import (
    CHANNEL_SUMS,
    JOURNEY_SUMS,
    N_SUMS,
    PERSONA_SUMS,
    SUMS,
    as_integers,
)
from omnilab.measure.observed import N_CUSTOMER
from tests.log.building import log_of

SHOP = """\
id: lab-v1
title: A shop
time: {burn_in: 30d, window: 60d, run_out: 10d}
population:
  customers: 200
  personas:
    - {name: keen, share: 60%, needs: 2.0}
    - {name: cool, share: 40%}
categories:
  - {name: beans, every: 30d, spend: {mean: 20 EUR}}
channels:
  - name: web
    silo: web
    visit: {}
  - name: email
    silo: email
    message:
      {address: email, delivered: 98%, open: 20%, click: 2%, opt_out: 0.2%, cost: 0.01 EUR,
       landing: web}
brand:
  journeys:
    - name: cart
      trigger: cart
      sequence: [web, email]
      steps:
        - message: {channels: [email]}
    - name: news
      trigger: weekly
      sequence: [email]
      steps:
        - message: {channels: [email]}
strategies: [no_contact, multichannel, omnichannel]
assumed: [world.intent.visit_gain, world.choice]
"""

CENTS = 2000


def number(*parts: object) -> int:
    """Return 128 bits made of the parts."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:16], "big")


def person_rows(
    scenario: Any, strategy: Any, customer: int, *, seed: int, replication: int = 0
) -> np.ndarray:
    """Return a need, a visit, a message where there are any, and an order."""
    switch = scenario.time.burn_in
    sent = strategy.name != "no_contact"
    gap = number(strategy.name, seed, replication, customer) % 1000
    # What each row says: its own fields, and where it happens.
    bought: dict[str, int] = {"need": 4, "paid": CENTS, "margin": 800, "cart_left": 1}
    facts: list[tuple[int, int, dict[str, int]]] = [
        (0, rows.PERSON, {"persona": customer % 2, "household": customer // 2, "channel": -1}),
        (switch - 3600, rows.SENT, {"message": 1, "journey": 1, "cost": 5, "channel": 1}),
        (switch + 60, rows.NEED, {"need": 4, "value": CENTS, "channel": -1}),
        (switch + 90, rows.VISIT, {"need": 4, "cause": -1}),
        (switch + 90, rows.CART, {"need": 4, "amount": CENTS}),
        (switch + 90, rows.CART_LEFT, {"need": 4}),
        *([(switch + 4000, rows.SENT, {"message": 2, "cost": 5, "channel": 1})] if sent else []),
        (switch + 9000 + gap * sent, rows.ORDER, bought),
    ]
    return log_of(
        {"time": time, "person": customer, "seq": i, "kind": kind,
         "silo": says.get("channel", 0), **says}
        for i, (time, kind, says) in enumerate(facts)
    )  # fmt: skip


def sums_of(scenario: Any, name: str, seed: int, replications: int) -> np.ndarray:
    """Return sums of each cell, shape (n_cells, N_SUMS), that add up as a log's do."""
    cells = max(2, scenario.population.customers // 4) * replications
    rng = np.random.default_rng(number(scenario.id, name, seed, replications))
    shared = np.random.default_rng(number(scenario.id, seed, replications))
    block = np.zeros(cells, SUMS)
    block["persons"] = 4
    block["buyers"] = shared.integers(0, 4, cells)
    lift = 0 if name == "no_contact" else rng.integers(0, 2, cells)
    block["rows"][:, rows.ORDER] = block["buyers"] + lift
    block["revenue"] = block["rows"][:, rows.ORDER] * CENTS
    block["margin"] = block["revenue"] // 2
    if name != "no_contact":
        block["rows"][:, rows.SENT] = rng.integers(10, 20, cells)
        block["rows"][:, rows.DELIVERED] = block["rows"][:, rows.SENT]
        block["send_cost"] = block["rows"][:, rows.SENT] * 1000
    block["ltv"] = block["margin"] * 1000 - block["send_cost"]
    return block.view(np.int64).reshape(cells, N_SUMS)


def compare(
    scenario: Any,
    strategies: Sequence[Any],
    *,
    replications: int = 1,
    seed: int = 1,
    engine: str = "auto",
    threads: int = 1,
    chunk: int | None = None,
    progress: Callable[[str, float], None] | None = None,
    checkpoint: object = None,
    recorder: Any = None,
    parts: Any = None,
    until: Any = None,
    against: str | None = None,
    customers: Any = None,
    equal: Any = None,
    quick: bool = False,
    standing: Any = None,
    tests: bool = False,
    failing: dict[str, Exception] | None = None,
) -> SimpleNamespace:
    """Stand in for `omnilab.experiment.compare.compare`."""
    failing = failing or {}
    names = [s.name for s in strategies if s.name not in failing]
    if not names:
        raise next(iter(failing.values()))
    runs = []
    for i, name in enumerate(names):
        if progress is not None:
            progress(name, (i + 1) / len(names))
        made_of = number(scenario.population.customers, name, seed, replications)
        digest, events = f"{made_of:032x}", made_of % 1000
        runs.append(
            SimpleNamespace(name=name, log_digest=digest, events=events, note="", wiring=None)
        )
    moments = Moments(names)
    blocks = [sums_of(scenario, name, seed, replications) for name in names]
    moments.add(np.stack(blocks, axis=1))
    if customers is not None:
        customers.add(0, 0, {name: customer_rows(scenario) for name in names})
    if recorder is not None:
        (strategy,) = strategies
        model = build_model(scenario, seed)
        people = lay_out(model, 3, scenario.population.households_per_cell)
        recorder.begin(model, lower_plan(strategy.plan, scenario), people)
        log = [person_rows(scenario, strategy, c, seed=seed) for c in range(3)]
        recorder.add(np.concatenate(log))
    return SimpleNamespace(
        scenario=scenario,
        engine="simpy" if engine == "auto" else engine,
        engine_note="chosen by auto" if engine == "auto" else "",
        seed=seed,
        customers=scenario.population.customers,
        replications=replications,
        strategies=runs,
        moments=moments,
        failures={n: e for n, e in failing.items() if n in {s.name for s in strategies}},
        until=None,
        equal=None,
        quick=quick,
        worlds=None,
        elapsed_s=1.25,
        compile_s=0.0,
        by_channel={
            n: as_integers(np.zeros(len(scenario.channels) + 1, CHANNEL_SUMS)) for n in names
        },
        by_journey={
            s.name: as_integers(np.zeros(len(s.plan.journeys) + 1, JOURNEY_SUMS))
            for s in strategies
            if s.name in names
        },
        by_persona={n: _personas(len(scenario.population.personas)) for n in names},
        observed={},
        notable={},
        held_against=against or names[0],
        tests=[],
    )


def customer_rows(scenario: Any) -> np.ndarray:
    """Return rows of three customers who are in the first group of each dimension."""
    rows_ = np.zeros((3, N_CUSTOMER), np.int64)
    rows_[:, :N_KEYS] = Grouping(scenario, 0).first[:N_KEYS]
    return rows_


def _personas(n: int) -> np.ndarray:
    """Return sums of the first persona; of the others there is nobody."""
    block = np.zeros(n, PERSONA_SUMS)
    block[0]["persons"], block[0]["buyers"], block[0]["ltv"] = 120, 30, 1_200_000
    return as_integers(block)
