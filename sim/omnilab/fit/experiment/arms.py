"""Simulate a test: the same customers under each arm, and what each of them then did.

Who could have taken part is found once, among many customers without messages; the others are then
left out of their cells, which changes nobody, since all draws have the address of a household.

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

from omnilab.draws.philox import make_key
from omnilab.engine.calibrate import calibrated_model
from omnilab.engine.compiled import CellRunner
from omnilab.engine.result import StrategySetup
from omnilab.fit.experiment.past import simulated_past
from omnilab.fit.experiment.people import BURN_IN_S, Setup
from omnilab.fit.experiment.strata import Past
from omnilab.log import rows
from omnilab.lowering.cells import Population, lay_out
from omnilab.lowering.model import with_key
from omnilab.lowering.plan import lower_plan
from omnilab.scenario.model import Journey, Scenario
from omnilab.strategy.loading import LoadedStrategy, load_strategy

__all__ = ["SEND_S", "ArmMessage", "People", "Simulated", "find_people", "simulate"]

#: Second of the day at which the test's messages are sent: 10:00, as base rates are of.
SEND_S: Final = 36_000
_NUDGE: Final = 1e-7  # logits by which copies differ, so that their draws do
_BEFORE: Final = (rows.PERSON, rows.NEED, rows.ORDER)
_AFTER: Final = (rows.VISIT, rows.ORDER)
_CELLS: Final = 1 << 13  # of a chunk
_N_OUTCOMES: Final = 3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ArmMessage:
    """What an arm sends once to all who take part; fields as those of a scenario's message."""

    quality: float = 0.0
    offer: float = 0.0
    shows: str | dict[str, float] = "generic"


@dataclass(frozen=True, slots=True)
class People:
    """Simulated customers who could have taken part.

    Parameters
    ----------
    households
        By seed, the numbers of their households, of one person each.
    past
        What is known of them before the send, seed after seed.
    everybody
        Customers who were simulated to find them.
    """

    households: dict[int, npt.NDArray[np.int64]]
    past: Past
    everybody: int

    @property
    def n(self) -> int:
        """How many."""
        return sum(len(h) for h in self.households.values())


@dataclass(frozen=True, slots=True)
class Simulated:
    """What customers did, of whom each has a place.

    Parameters
    ----------
    control
        Shape (n, 3): visit, conversion and spend without a message.
    arms
        Arm -> shape (n, 3): the means over its copies.
    """

    control: Floats
    arms: dict[str, Floats]


def find_people(
    setup: Setup, scenario: Scenario, *, seeds: Sequence[int] = (1,), threads: int = 1,
    bought_within_year: bool = True,
) -> People:  # fmt: skip
    """Simulate the time before the send, and return who could have taken part.

    Parameters
    ----------
    setup
        Of the test.
    scenario
        ``setup.scenario`` with fitted base rates.
    seeds
        Each makes customers of its own.
    bought_within_year
        Whether only customers with an order in the year before take part.
    """
    model = calibrated_model(scenario)
    control = load_strategy(scenario.brand.status_quo, scenario)
    n = scenario.population.customers
    households, pasts = {}, []
    for seed in seeds:
        keyed = with_key(model, seed, 0)
        population = lay_out(keyed, n, scenario.population.per_cell)
        kept: dict[int, list[Any]] = {kind: [] for kind in _BEFORE}
        runner = _runner(scenario, keyed, [control], population, seed)
        for result in runner.run(_CELLS, threads):
            for block in result.rows[0]:
                early = block["time"] < BURN_IN_S
                for kind in _BEFORE:
                    kept[kind].append(block[early & (block["kind"] == kind)])
        past, bought = simulated_past(
            {kind: np.concatenate(blocks) for kind, blocks in kept.items()}, n, BURN_IN_S,
            setup.categories,
        )  # fmt: skip
        part = bought if bought_within_year else np.ones(n, np.bool_)
        households[seed] = np.flatnonzero(part)
        pasts.append(_part(past, part))
    return People(households, _joined(pasts), n * len(seeds))


def simulate(
    setup: Setup, scenario: Scenario, people: People, messages: Mapping[str, ArmMessage], *,
    within_s: int, copies: int = 1, threads: int = 1,
) -> Simulated:  # fmt: skip
    """Simulate a test.

    Parameters
    ----------
    setup
        Of the test.
    scenario
        ``setup.scenario`` with fitted base rates, and the parameters that are tried.
    people
        Of `find_people`.
    messages
        By arm, or by any other name of what is sent.
    within_s
        Seconds after the send over which outcomes are counted.
    copies
        Of each arm, >= 1.
    """
    model = calibrated_model(scenario)
    control = load_strategy(scenario.brand.status_quo, scenario)
    arms = [arm for arm in messages for _ in range(copies)]
    strategies = [control] + [
        _with_send(control, setup, message, k, f"{arm} {k}")
        for arm, message in messages.items()
        for k in range(copies)
    ]
    parts = [
        _outcomes(setup, scenario, strategies, with_key(model, seed, 0), seed, who, within_s,
                  threads)
        for seed, who in people.households.items()
    ]  # fmt: skip
    outcomes = np.concatenate(parts, axis=1)
    means = {
        arm: np.mean([outcomes[1 + i] for i, a in enumerate(arms) if a == arm], axis=0)
        for arm in messages
    }
    return Simulated(outcomes[0], means)


def _with_send(
    control: LoadedStrategy, setup: Setup, message: ArmMessage, copy: int, name: str
) -> LoadedStrategy:
    """Return the control arm's plan with the test's message, sent once on the first day."""
    silo = next(c.silo for c in setup.scenario.channels if c.name == setup.channel)
    content = {
        "shows": message.shows, "offer": message.offer, "quality": message.quality + copy * _NUDGE,
        "channels": [setup.channel],
    }  # fmt: skip
    journey = Journey.model_validate(
        {"name": "the_test", "trigger": "once", "at": SEND_S, "sequence": [silo],
         "steps": [{"message": content}]},
        context={"seconds": True},
    )  # fmt: skip
    plan = replace(control.plan, journeys=(*control.plan.journeys, journey))
    return replace(control, name=name, plan=plan)


def _runner(
    scenario: Scenario, model: Any, strategies: Sequence[LoadedStrategy], population: Population,
    seed: int,
) -> CellRunner:  # fmt: skip
    """Return what runs cells under strategies without hooks, and keeps their rows."""
    key = make_key(seed, 1 << 30)  # of the brand's own chances, as in a comparison
    setups = [StrategySetup(s.name, lower_plan(s.plan, scenario, key=key)) for s in strategies]
    status_quo = load_strategy(scenario.brand.status_quo, scenario)
    burn_in = lower_plan(status_quo.plan, scenario, key=key)
    return CellRunner(scenario, model, burn_in, setups, population, keep=True)


def _outcomes(
    setup: Setup, scenario: Scenario, strategies: Sequence[LoadedStrategy], model: Any, seed: int,
    who: npt.NDArray[np.int64], within_s: int, threads: int,
) -> Floats:  # fmt: skip
    """Return outcomes of some of a seed's customers: shape (strategies, customers, 3)."""
    whole = lay_out(model, scenario.population.customers, scenario.population.per_cell)
    sizes = np.zeros_like(whole.sizes)
    sizes[who] = whole.sizes[who]  # the others' households are empty
    edges = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    first = edges[:: whole.per_cell].copy()
    if len(first) <= whole.n_cells:
        first = np.append(first, edges[-1])
    population = Population(sizes, first, whole.per_cell)
    runner = _runner(scenario, model, strategies, population, seed)
    landing = [c.name for c in scenario.channels].index(setup.landing)
    outcomes = np.zeros((len(strategies), len(who), _N_OUTCOMES))
    start = BURN_IN_S + SEND_S
    for result in runner.run(_CELLS, threads):
        # The burn-in's rows stand first under every strategy: the same blocks.
        burnt = {id(b) for b in result.rows[0]} if len(strategies) > 1 else set()
        burnt &= {id(b) for b in result.rows[-1]}
        for s, blocks in enumerate(result.rows):
            for block in blocks:
                if id(block) not in burnt:
                    _count(outcomes[s], block, landing, start, start + within_s)
    return outcomes


def _count(outcomes: Floats, block: Any, landing: int, start: int, end: int) -> None:
    """Take visits and orders at the place where the messages lead, within the window."""
    here = (block["time"] >= start) & (block["time"] < end) & (block["channel"] == landing)
    inside = block[here & np.isin(block["kind"], _AFTER)]
    outcomes[inside["person"][inside["kind"] == rows.VISIT], 0] = 1.0
    orders = rows.columns(inside[inside["kind"] == rows.ORDER], rows.ORDER)
    outcomes[orders.person, 1] = 1.0
    np.add.at(outcomes[:, 2], orders.person, orders.paid / 100.0)


def _part(past: Past, keep: npt.NDArray[np.bool_]) -> Past:
    assert past.recency is not None
    assert past.history is not None
    assert past.newbie is not None
    bought = {name: flag[keep] for name, flag in past.bought.items()}
    return Past(past.recency[keep], past.history[keep], past.newbie[keep], bought)


def _joined(pasts: Sequence[Past]) -> Past:
    def all_of(name: str) -> Any:
        return np.concatenate([getattr(p, name) for p in pasts])

    bought = {b: np.concatenate([p.bought[b] for p in pasts]) for b in pasts[0].bought}
    return Past(all_of("recency"), all_of("history"), all_of("newbie"), bought)
