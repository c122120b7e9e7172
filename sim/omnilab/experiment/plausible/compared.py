"""Compare strategies over a set of worlds: a sweep whose points are worlds, and what it says.

Each world has customers of its own, so that what chance does in one has nothing to do with what it
does in another: only then can it be told from what the worlds do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OptionError
from omnilab.experiment.differences import reference_among
from omnilab.experiment.plausible.doubts import DOUBTS
from omnilab.experiment.plausible.verdict import (
    INFORMATION,
    SHARES,
    contrasts_of,
    difference_data,
    share_data,
    smoothed,
    worth_data,
)
from omnilab.experiment.statistics import LEVEL
from omnilab.experiment.sweep.course import Sweep
from omnilab.experiment.sweep.planned import Planned, Settings, plan_sweep
from omnilab.experiment.sweep.tables import pooled
from omnilab.experiment.tables import Column

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.scenario.model import Scenario

__all__ = ["MOST_CUSTOMERS", "MOST_WORLDS", "PLAUSIBLE_TABLES", "WORLD_DIFFERENCES",
           "plan_compared", "plausible_data"]  # fmt: skip

#: Worlds of a set that are run, and customers of each, where nobody says how many.
MOST_WORLDS: Final = 100
MOST_CUSTOMERS: Final = 2000

#: One row for each strategy but the reference, over all worlds: strategy less reference.
WORLD_DIFFERENCES: Final = (
    Column("strategy", "Name of the strategy."),
    Column("reference", "The strategy that is subtracted."),
    Column("measure", "Name of the measure."),
    Column("unit", "Unit of the difference."),
    *DOUBTS,
)  # fmt: skip
#: Table -> its columns, as a run directory of `compare --plausible` has them.
PLAUSIBLE_TABLES: Final = {
    "shares": SHARES, "world_differences": WORLD_DIFFERENCES, "information": INFORMATION,
}  # fmt: skip


def plan_compared(
    label: str, scenario: Scenario, worlds: WorldSet, strategies: Sequence[Any] | None,
    settings: Settings,
) -> Planned:  # fmt: skip
    """Plan the comparison: a point a world.

    Parameters
    ----------
    label, scenario
        The scenario, with the customers of each world.
    worlds
        Of `omnilab.experiment.plausible.file.read_worlds`, as many as are to be run.
    strategies, settings
        As of a sweep.

    Raises
    ------
    OptionError
        If the scenario refuses all worlds, or there are not two.
    """
    if worlds.n < 2:
        raise OptionError("--plausible: one world has no doubt in it: two or more are needed")
    varies, rows = worlds.varies(scenario)
    return plan_sweep(
        {label: scenario}, varies, strategies, replace(settings, apart=True), rows=rows
    )


def plausible_data(
    planned: Planned, sweep: Sweep, worlds: WorldSet, measure: str
) -> dict[str, Any] | None:
    """Return what the worlds say by one measure, None where fewer than two have a value.

    Returns
    -------
    dict
        ``worlds`` (how many), ``measure``, ``reference``, ``level``, ``file``, and the rows of
        `PLAUSIBLE_TABLES`.
    """
    scenario = planned.maker.base
    names = sorted(s.name for s in planned.maker.strategies)
    reference = reference_among(names, scenario.brand.status_quo, planned.settings.against)
    if reference is None:
        return None
    found = [pooled(sweep, point.number) for point in planned.points]
    contrasts = contrasts_of(found, measure, names, reference)
    if contrasts is None:
        return None
    seed = planned.settings.seeds[0]
    draws = smoothed(contrasts, worlds.places, seed=seed).at_worlds
    kept = contrasts.worlds
    weights = worlds.weights[kept]
    moved = {key: worlds.values[key][kept] for key in worlds.parameters}
    return {
        "worlds": len(kept),
        "measure": measure,
        "reference": reference,
        "level": LEVEL,
        "file": None if worlds.path is None else worlds.path.name,
        "shares": share_data(contrasts, draws, weights, seed=seed),
        "world_differences": difference_data(contrasts, draws, weights, scenario.currency),
        "information": worth_data(contrasts, draws, weights, moved, scenario.currency, seed=seed),
    }
