"""An ablation in each world of a set: what a switch is worth, with the doubt of the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.errors import OmnilabError, OptionError
from omnilab.experiment.ablation import KINDS, MOST_COMBINATIONS, Design, Effect, ablate, design
from omnilab.experiment.plausible.doubts import DOUBTS, number_over_worlds
from omnilab.experiment.statistics import LEVEL
from omnilab.experiment.tables import Column, unit_of
from omnilab.experiment.workers.executor import Beat, executor_of_worlds
from omnilab.scenario.tree import dotted

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.experiment.switches import Switch
    from omnilab.measure.ratio import Measure
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["ABLATED_FORMAT", "WORLD_EFFECTS", "Ablated", "ablate_worlds", "ablated_data"]

Progress = Callable[[str, float], None]

ABLATED_FORMAT: Final = "omnilab-ablated-worlds-v1"
_SEEDS: Final = 1 << 63
_FEWEST: Final = 2
#: One row for each effect and measure over all worlds.
WORLD_EFFECTS: Final = (
    Column("kind", "As in effects.parquet.", values=KINDS),
    Column("switch", "Name of the switch; null for the whole.", null=True),
    Column("and_switch", "The other switch of an interaction; else null.", null=True),
    Column("measure", "Name of the measure."),
    Column("unit", "Unit of the numbers."),
    Column("worlds", "How many have a value of it.", "whole"),
    *DOUBTS,
)


@dataclass(frozen=True)
class Ablated:
    """What came of it.

    Attributes
    ----------
    designed
        The design of the first world: its switches and orders are those of all.
    measures
        By name.
    worlds
        Those that were asked for.
    effects
        Of each world, all in one order; None where the world failed.
    failures
        Number of the world -> why it has no effects.
    seed, customers, replications
        Of each world: world ``w`` has the seed ``seed + 1 + w``.
    """

    designed: Design
    measures: Mapping[str, Measure]
    worlds: WorldSet
    effects: Sequence[Sequence[Effect] | None]
    failures: Mapping[int, str]
    seed: int
    customers: int
    replications: int


def ablate_worlds(
    scenario: Scenario, worlds: WorldSet, load: Callable[[Scenario], LoadedStrategy],
    switches: Sequence[Switch], measures: Mapping[str, Measure], *,
    most: int = MOST_COMBINATIONS, replications: int = 1, seed: int = 1, engine: str = "auto",
    threads: int = 1, chunk: int | None = None, progress: Progress | None = None,
) -> Ablated:  # fmt: skip
    """Take a strategy apart in each world; worlds run side by side, each on one thread or worker.

    Parameters
    ----------
    scenario
        With the customers of each world.
    worlds
        As many as are to be run, two at least.
    load, switches, most
        As `omnilab.experiment.ablation.design` takes them.
    measures
        Of `omnilab.experiment.ablation.measures_of`.
    replications, seed, engine, threads, chunk, progress
        As of an ablation.

    Raises
    ------
    OptionError
        If a switch is what the worlds move, leads nowhere, or there are not two worlds.
    OmnilabError
        If fewer than two worlds have effects.
    """
    if worlds.n < _FEWEST:
        raise OptionError("--plausible: one world has no doubt in it: two or more are needed")
    for switch in switches:
        if not switch.in_plan and dotted(switch.path) in worlds.values:
            raise OptionError(
                f"--over {dotted(switch.path)}: the worlds of --plausible move it already"
            )
    design(scenario, load, switches, most=most, seed=seed)  # what is wrong with it is said at once
    designs, failures = dict[int, Design](), dict[int, str]()
    # Strategies are loaded here, where their files are, and go to a worker with the design.
    for number in range(worlds.n):
        try:
            designs[number] = design(
                worlds.world(scenario, number), load, switches, most=most, seed=seed
            )
        except OmnilabError as error:
            failures[number] = str(error)
    options = {
        "replications": replications, "engine": engine, "threads": 1, "chunk": chunk,
    }  # fmt: skip
    effects: dict[int, list[Effect]] = {}
    places, done = list(designs), 0

    def tell(_shares: Mapping[int, float]) -> None:
        if progress is not None:
            progress(f"{done} of {worlds.n} worlds", done / worlds.n)

    executor = executor_of_worlds([scenario.brand.status_quo], threads)
    asked = [(designs[number], (seed + 1 + number) % _SEEDS) for number in places]
    done = worlds.n - len(asked)
    for at, found in executor.as_done(_ablated, asked, (dict(measures), options), tell):
        done += 1
        if isinstance(found, str):
            failures[places[at]] = found
        else:
            effects[places[at]] = found
    if len(effects) < _FEWEST:
        number, reason = min(failures.items())
        raise OmnilabError(f"fewer than two worlds have effects: world {number}: {reason}")
    return Ablated(
        designs[min(effects)], measures, worlds, [effects.get(n) for n in range(worlds.n)],
        dict(sorted(failures.items())), seed, scenario.population.customers, replications,
    )  # fmt: skip


def _ablated(
    common: tuple[dict[str, Measure], dict[str, Any]], asked: tuple[Design, int], _beat: Beat
) -> list[Effect] | str:
    """Return the effects in one world, or why there are none."""
    measures, options = common
    designed, seed = asked
    try:
        return ablate(designed, measures, seed=seed, **options).effects()
    except OmnilabError as error:
        return str(error)


def ablated_data(found: Ablated, *, digest: str) -> dict[str, Any]:
    """Return it as plain data.

    Parameters
    ----------
    found
        Of `ablate_worlds`.
    digest
        Of the scenario as its file has it.
    """
    designed, worlds = found.designed, found.worlds
    return {
        "format": ABLATED_FORMAT,
        "scenario": {"id": designed.scenario.id, "digest": digest},
        "currency": designed.scenario.currency,
        "seed": found.seed,
        "customers": found.customers,
        "replications": found.replications,
        "level": LEVEL,
        "strategy": designed.strategy,
        "wiring": designed.wiring.name,
        "switches": [switch.name for switch in designed.switches],
        "measures": list(found.measures),
        "worlds": worlds.n,
        "worlds_file": None if worlds.path is None else worlds.path.name,
        "effects": _rows(found),
        "failures": {str(number): reason for number, reason in found.failures.items()},
    }


def _rows(found: Ablated) -> list[dict[str, Any]]:
    """Return the rows of `WORLD_EFFECTS`."""
    first = next(each for each in found.effects if each is not None)
    rows = []
    for place, effect in enumerate(first):
        own = [
            (k, each[place].estimate) for k, each in enumerate(found.effects) if each is not None
        ]
        had = [(k, e.value, e.error or 0.0) for k, e in own if e.value is not None]
        if len(had) < _FEWEST:
            continue
        kept = [k for k, _, _ in had]
        values = np.array([value for _, value, _ in had], np.float64)
        errors = np.array([error for _, _, error in had], np.float64)
        one, other = [*effect.switches, None, None][:2]
        rows.append({
            "kind": effect.kind, "switch": one, "and_switch": other,
            "measure": effect.measure.name,
            "unit": unit_of(effect.measure, found.designed.scenario.currency),
            "worlds": len(kept),
            **number_over_worlds(
                values, errors, found.worlds.places[kept], found.worlds.weights[kept],
                seed=found.seed,
            ),
        })  # fmt: skip
    return rows
