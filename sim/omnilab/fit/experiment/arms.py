"""Simulate a test: the same customers under each arm, and what each of them then did.

Twins: the burn-in is one, and what would have happened anyway is the same under all arms. An arm
is run in several copies, whose messages have the same content and draws of their own, so that the
chance in single answers is averaged over more draws than there are customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from omnilab.experiment.compare import Job
from omnilab.engine.calibrate import calibrated_model
from omnilab.fit.experiment.past import simulated_past
from omnilab.fit.experiment.people import BURN_IN_S, Setup
from omnilab.fit.experiment.strata import Past
from omnilab.log import rows
from omnilab.scenario.model import Journey, Scenario
from omnilab.strategy.loading import LoadedStrategy, load_strategy

__all__ = ["SEND_S", "ArmMessage", "Simulated", "simulate"]

#: Second of the day at which the test's messages are sent: 10:00, as base rates are of.
SEND_S: Final = 36_000
_NUDGE: Final = 1e-7  # logits by which copies differ, so that their draws do
_BEFORE: Final = (rows.NEED, rows.ORDER)
_AFTER: Final = (rows.VISIT, rows.ORDER)
_N_OUTCOMES: Final = 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ArmMessage:
    """What an arm sends once to all who take part; fields as those of a scenario's message."""

    quality: float = 0.0
    offer: float = 0.0
    shows: str = "generic"


@dataclass(frozen=True, slots=True)
class Simulated:
    """What simulated customers did; those who could have taken part only.

    Parameters
    ----------
    past
        What is known of them before the send.
    control
        Shape (n, 3): visit, conversion and spend without a message.
    arms
        Arm -> shape (n, 3): the means over its copies.
    everybody
        Customers that were simulated, who could take part or not.
    """

    past: Past
    control: Floats
    arms: dict[str, Floats]
    everybody: int

    @property
    def n(self) -> int:
        """Customers who could have taken part."""
        return len(self.control)


def simulate(
    setup: Setup,
    scenario: Scenario,
    messages: Mapping[str, ArmMessage],
    *,
    within_s: int,
    copies: int = 1,
    seeds: Sequence[int] = (1,),
    threads: int = 1,
    bought_within_year: bool = True,
) -> Simulated:
    """Simulate a test.

    Parameters
    ----------
    setup
        Of the test.
    scenario
        ``setup.scenario``, with the parameters that are tried.
    messages
        By arm.
    within_s
        Seconds after the send over which outcomes are counted.
    copies
        Of each arm, >= 1.
    seeds
        Each makes customers of its own.
    bought_within_year
        Whether only customers with an order in the year before take part.
    """
    model = calibrated_model(scenario)
    control = load_strategy(scenario.brand.status_quo, scenario)
    arms = [
        (arm, replace(_with_send(control, setup, message, k), name=f"{arm} {k}"))
        for arm, message in messages.items()
        for k in range(copies)
    ]
    strategies = [replace(control, name="control"), *(s for _, s in arms)]
    parts = [
        _one(setup, scenario, strategies, model, within_s, seed, threads, bought_within_year)
        for seed in seeds
    ]
    pasts = [p for p, _ in parts]
    outcomes = np.concatenate([o for _, o in parts], axis=1)
    means = {
        arm: np.mean([outcomes[1 + i] for i, (a, _) in enumerate(arms) if a == arm], axis=0)
        for arm in messages
    }
    everybody = scenario.population.customers * len(seeds)
    return Simulated(_joined(pasts), outcomes[0], means, everybody)


def _with_send(
    control: LoadedStrategy, setup: Setup, message: ArmMessage, copy: int
) -> LoadedStrategy:
    """Return the control arm's plan with the test's message, sent once on the window's first day."""
    scenario = setup.scenario
    silo = next(c.silo for c in scenario.channels if c.name == setup.channel)
    content = {
        "shows": message.shows, "offer": message.offer, "quality": message.quality + copy * _NUDGE,
        "channels": [setup.channel],
    }  # fmt: skip
    journey = Journey.model_validate(
        {"name": "the_test", "trigger": "once", "day": 0, "at": SEND_S, "sequence": [silo],
         "steps": [{"message": content}]},
        context={"seconds": True},
    )  # fmt: skip
    plan = replace(control.plan, journeys=(*control.plan.journeys, journey))
    return replace(control, plan=plan)


def _one(
    setup: Setup, scenario: Scenario, strategies: Sequence[LoadedStrategy], model: Any,
    within_s: int, seed: int, threads: int, bought_within_year: bool,
) -> tuple[Past, Floats]:  # fmt: skip
    """Return pasts and outcomes of one seed's customers: shape (strategies, n, 3)."""
    n = scenario.population.customers
    job = Job(scenario, list(strategies), model, 1, seed, "compiled", True, lambda _w, _s: None)
    runner, _, step = job.begin(0)
    landing = [c.name for c in scenario.channels].index(setup.landing)
    before: dict[int, list[Any]] = {kind: [] for kind in _BEFORE}
    outcomes = np.zeros((len(strategies), n, _N_OUTCOMES))
    start, end = BURN_IN_S + SEND_S, BURN_IN_S + SEND_S + within_s
    for result in runner.run(step, threads):
        burnt = {id(block) for block in result.rows[0]} & {id(b) for b in result.rows[1]} if (
            len(strategies) > 1
        ) else set()
        for block in result.rows[0]:
            early = block["time"] < BURN_IN_S
            for kind in _BEFORE:
                before[kind].append(block[early & (block["kind"] == kind)])
        for s, blocks in enumerate(result.rows):
            for block in blocks:
                if id(block) not in burnt:
                    _count(outcomes[s], block, landing, start, end)
    past, bought = simulated_past(
        np.concatenate(before[rows.ORDER]), np.concatenate(before[rows.NEED]), n, BURN_IN_S,
        setup.categories,
    )  # fmt: skip
    part = bought if bought_within_year else np.ones(n, np.bool_)
    return _part(past, part), outcomes[:, part]


def _count(outcomes: Floats, block: Any, landing: int, start: int, end: int) -> None:
    """Take visits and orders at the place where the messages lead, within the window."""
    here = (block["time"] >= start) & (block["time"] < end) & (block["channel"] == landing)
    inside = block[here & np.isin(block["kind"], _AFTER)]
    outcomes[inside["person"][inside["kind"] == rows.VISIT], 0] = 1.0
    orders = rows.columns(inside[inside["kind"] == rows.ORDER], rows.ORDER)
    outcomes[orders.person, 1] = 1.0
    np.add.at(outcomes[:, 2], orders.person, orders.paid / 100.0)


def _part(past: Past, keep: npt.NDArray[np.bool_]) -> Past:
    assert past.recency is not None and past.history is not None and past.newbie is not None
    bought = {name: flag[keep] for name, flag in past.bought.items()}
    return Past(past.recency[keep], past.history[keep], past.newbie[keep], bought)


def _joined(pasts: Sequence[Past]) -> Past:
    def all_of(name: str) -> Any:
        return np.concatenate([getattr(p, name) for p in pasts])

    bought = {b: np.concatenate([p.bought[b] for p in pasts]) for b in pasts[0].bought}
    return Past(all_of("recency"), all_of("history"), all_of("newbie"), bought)


