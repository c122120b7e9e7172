"""A sweep over a set of worlds: at each point the answer of all worlds, with its two doubts.

The points of what varies are run in each world. Those of one world have the same customers, so
that what varies is told apart from chance; worlds have customers of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OptionError
from omnilab.experiment.differences import reference_among
from omnilab.experiment.plausible.doubts import DOUBTS
from omnilab.experiment.plausible.verdict import (
    SHARES,
    contrasts_of,
    difference_data,
    share_data,
    smoothed,
)
from omnilab.experiment.statistics import LEVEL
from omnilab.experiment.sweep.course import Sweep
from omnilab.experiment.sweep.design import count_of, rows_of
from omnilab.experiment.sweep.planned import Planned, Settings, plan_sweep
from omnilab.experiment.sweep.points import Maker
from omnilab.experiment.sweep.tables import pooled
from omnilab.experiment.tables import Column

if TYPE_CHECKING:
    from omnilab.experiment.plausible.file import WorldSet
    from omnilab.experiment.sweep.vary import Given, Vary
    from omnilab.scenario.model import Scenario

__all__ = ["OVER_WORLDS_TABLES", "POINT_DIFFERENCES", "POINT_SHARES", "kept_over_worlds",
           "over_worlds_data", "plan_swept"]  # fmt: skip

_AT: Final = (
    Column("at", "Number of the values that vary, from 0; in the world that is number `w` of `n` "
           "such it is the point `w n + at` of points.parquet.", "whole"),
    Column("values", "What varies and its values, such as `cap.messages=1`."),
)  # fmt: skip
#: One row for each of the values that vary, strategy but the reference, and measure.
POINT_DIFFERENCES: Final = (
    *_AT,
    Column("strategy", "Name of the strategy."),
    Column("reference", "The strategy that is subtracted."),
    Column("measure", "Name of the measure."),
    Column("unit", "Unit of the difference."),
    *DOUBTS,
)
#: One row for each of the values that vary and each strategy.
POINT_SHARES: Final = (*_AT, *SHARES)
#: Table -> its columns, as a run directory of `sweep --plausible` has them.
OVER_WORLDS_TABLES: Final = {
    "point_differences": POINT_DIFFERENCES, "point_shares": POINT_SHARES,
}  # fmt: skip


def plan_swept(
    label: str, scenario: Scenario, worlds: WorldSet, varies: Sequence[Vary],
    strategies: Sequence[Any] | None, settings: Settings, *,
    refuse_many: Callable[[Maker, Sequence[Vary], int], None] | None = None,
) -> Planned:  # fmt: skip
    """Plan the sweep: a point for each world and each point of what varies, world by world.

    Parameters
    ----------
    label, scenario
        The scenario, with the customers of each world.
    worlds
        Of `omnilab.experiment.plausible.file.read_worlds`, as many as are to be run.
    varies
        What varies beside the worlds.
    strategies, settings
        As of a sweep; one seed, from which each world's is made.
    refuse_many
        Given the number of runs before any point is made; may raise.

    Raises
    ------
    OptionError
        If what varies is what the worlds move, there are not two worlds or two strategies, or the
        scenario refuses all worlds.
    """
    if worlds.n < 2:
        raise OptionError("--plausible: one world has no doubt in it: two or more are needed")
    if len(settings.seeds) > 1:
        raise OptionError("--seeds: with --plausible each world has customers of its own: one seed")
    for vary in varies:
        if vary.path in worlds.values:
            raise OptionError(f"--vary {vary.path}: the worlds of --plausible move it already")
    maker = Maker({label: scenario}, strategies)
    names = [s.name for s in maker.strategies]
    if reference_among(names, scenario.brand.status_quo, settings.against) is None:
        raise OptionError(
            "--plausible: what is said over worlds is a difference: name two strategies or more"
        )
    checked = [maker.check(v) for v in varies]
    count = count_of(checked, settings.design, settings.points)
    moved, of_worlds = worlds.varies(scenario)
    if refuse_many is not None:
        refuse_many(maker, [*checked, *moved], count * worlds.n)
    own = rows_of(checked, settings.design, count, settings.design_seed)
    return plan_sweep(
        {label: scenario}, [*varies, *moved], strategies,
        replace(settings, apart=True, block=len(own)),
        rows=[(*row, *world) for world in of_worlds for row in own],
    )  # fmt: skip


def over_worlds_data(
    planned: Planned, sweep: Sweep, worlds: WorldSet, measures: Sequence[str]
) -> dict[str, Any]:
    """Return what the worlds say at each point of what varies.

    Parameters
    ----------
    planned, sweep
        Of `plan_swept`, and what came of it.
    worlds
        Those that were run.
    measures
        Of the differences; the first says who wins.

    Returns
    -------
    dict
        ``worlds`` (how many), ``measures``, ``reference``, ``level``, ``file``, ``varied`` (a row
        a point: ``at``, ``values``, ``worlds`` that have a value there), and the rows of
        `OVER_WORLDS_TABLES`.
    """
    scenario, settings = planned.maker.base, planned.settings
    names = sorted(s.name for s in planned.maker.strategies)
    reference = reference_among(names, scenario.brand.status_quo, settings.against)
    assert reference is not None  # which plan_swept has looked at
    differences, shares, varied = list[Any](), list[Any](), list[Any]()
    for at in range(settings.block):
        points = planned.points[at :: settings.block]
        found = [pooled(sweep, point.number) for point in points]
        where = {"at": at, "values": _values(points[0].values, worlds)}
        known = 0
        for measure in measures:
            contrasts = contrasts_of(found, measure, names, reference)
            if contrasts is None:
                continue
            draws = smoothed(contrasts, worlds.places, seed=settings.seeds[0]).at_worlds
            weights = worlds.weights[contrasts.worlds]
            differences += [
                {**where, **row}
                for row in difference_data(contrasts, draws, weights, scenario.currency)
            ]
            if measure == measures[0]:
                known = len(contrasts.worlds)
                rows = share_data(contrasts, draws, weights, seed=settings.seeds[0])
                shares += [{**where, **row} for row in rows]
        varied.append({**where, "worlds": known})
    return {
        "worlds": worlds.n,
        "measures": list(measures),
        "reference": reference,
        "level": LEVEL,
        "file": None if worlds.path is None else worlds.path.name,
        "varied": varied,
        "point_differences": differences,
        "point_shares": shares,
    }


def kept_over_worlds(
    planned: Planned, sweep: Sweep, worlds: WorldSet, measures: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a run directory keeps of it: the keys of ``sweep.json``, and the tables."""
    data = over_worlds_data(planned, sweep, worlds, measures)
    tables = {name: (data[name], columns) for name, columns in OVER_WORLDS_TABLES.items()}
    return {"over_worlds": data}, tables


def _values(values: dict[str, Given] | Any, worlds: WorldSet) -> str:
    """Return what varies beside the worlds, in words."""
    return ", ".join(f"{path}={g.text}" for path, g in values.items() if path not in worlds.values)
