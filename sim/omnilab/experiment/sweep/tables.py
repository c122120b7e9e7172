"""A sweep as tidy tables and as the JSON that its run directory keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from omnilab.errors import OptionError, nearest
from omnilab.experiment.differences import COMPARED, reference_among
from omnilab.experiment.statistics import LEVEL, Moments
from omnilab.experiment.sweep.course import Sweep
from omnilab.experiment.sweep.planned import SWEEP_FORMAT
from omnilab.experiment.tables import Column, unit_of
from omnilab.measure.catalogue import MEASURES

__all__ = [
    "POINTS",
    "SWEEP",
    "check_measures",
    "point_rows",
    "shared_words",
    "sweep_data",
    "sweep_rows",
    "sweep_text",
]

Row = dict[str, Any]

_BOUNDS: Final = "of the 95% interval; null with too few clusters."
#: One row for each point, seed, strategy and measure; over all seeds where there are several.
SWEEP: Final = (
    Column("point", "Number of the point, from 0.", "whole"),
    Column("seed", "The seed; null for all seeds together, where there are several.", "whole",
           null=True),
    Column("strategy", "Name of the strategy."),
    Column("measure", "Name of the measure, as `omnilab list measures` has it."),
    Column("unit", "Unit of all numbers of the row: `share` (of 1), `number`, `ratio`, or the "
           "scenario's currency."),
    Column("value", "The measure; null where nothing can be divided by.", "number", null=True),
    Column("low", f"Lower bound {_BOUNDS}", "number", null=True),
    Column("high", f"Upper bound {_BOUNDS}", "number", null=True),
    Column("reference", "The strategy that is subtracted; null where there is one strategy, and "
           "in its own rows.", null=True),
    Column("difference", "strategy - reference on the same customers of the same point.",
           "number", null=True),
    Column("difference_low", f"Lower bound {_BOUNDS}", "number", null=True),
    Column("difference_high", f"Upper bound {_BOUNDS}", "number", null=True),
    Column("clusters", "Independent clusters of customers that the intervals rest on.", "whole"),
)  # fmt: skip
#: One row for each point and thing that varies.
POINTS: Final = (
    Column("point", "Number of the point, from 0.", "whole"),
    Column("path", "What varies: a dotted key of the scenario, `strategies.NAME.` and a key of "
           "that strategy's plan, or `scenario`."),
    Column("text", "Its value there, as a scenario file has it."),
    Column("number", "The same as a number: shares 0 to 1, durations and times of day in seconds; "
           "null for what is no number.", "number", null=True),
    Column("run", "Points with one number here were one run: they share customers, burn-in and "
           "whatever strategies are equal. Null where the point was refused.", "whole", null=True),
)  # fmt: skip


def check_measures(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of measures as they are asked for; the reported ones where none are.

    Raises
    ------
    OptionError
        With the nearest where there is none of a name.
    """
    for name in names:
        if name not in MEASURES:
            raise OptionError(
                f"--measure {name!r}: there is no such measure{nearest(name, MEASURES)}"
            )
    return tuple(dict.fromkeys(names)) or COMPARED


def sweep_rows(
    sweep: Sweep, measures: Sequence[str] = COMPARED, *, against: str | None = None,
) -> list[Row]:  # fmt: skip
    """Return the rows of `SWEEP`: by point, each seed and then all together, by strategy."""
    rows: list[Row] = []
    asked = against or sweep.planned.settings.against
    for point in sweep.planned.points:
        scenario = point.scenario
        if scenario is None:
            continue
        for seed, moments in _moments(sweep, point.number):
            names = moments.strategies
            reference = reference_among(list(names), scenario.brand.status_quo, asked)
            for name in names:
                for measure in measures:
                    e = moments.estimate(measure, name)
                    is_other = reference is not None and name != reference
                    d = moments.difference(measure, name, str(reference)) if is_other else None
                    unit = unit_of(MEASURES[measure], scenario.currency)
                    rows.append({
                        "point": point.number, "seed": seed, "strategy": name, "measure": measure,
                        "unit": unit, "value": e.value, "low": e.low, "high": e.high,
                        "reference": reference if is_other else None,
                        "difference": d.value if d else None,
                        "difference_low": d.low if d else None,
                        "difference_high": d.high if d else None,
                        "clusters": moments.clusters,
                    })  # fmt: skip
    return rows


def pooled(sweep: Sweep, point: int) -> Moments | None:
    """Return a point's sums over all its seeds; None where some of it has no result."""
    found = _moments(sweep, point)
    several = len(found) > 1
    return found[-1][1] if found and (not several or found[-1][0] is None) else None


def point_rows(sweep: Sweep) -> list[Row]:
    """Return the rows of `POINTS`, by point and in the order in which things vary."""
    runs = {
        point.number: number
        for number, group in enumerate(sweep.planned.groups)
        for point in group.points
    }
    return [
        {
            "point": point.number, "path": path, "text": given.text,
            "number": point.numbers[path], "run": runs.get(point.number),
        }
        for point in sweep.planned.points
        for path, given in point.values.items()
    ]  # fmt: skip


def shared_words(shared: Mapping[str, int]) -> list[str]:
    """Say in a sentence or two what the points of a sweep had in common."""
    alone = shared["points"] * shared["seeds"]
    size = f"{_count(shared['points'], 'point')} with {_count(shared['seeds'], 'seed')}"
    said = [f"{size}: {_count(shared['runs'], 'run')} for {_count(alone, 'comparison')}."]
    if shared["runs"] < alone:
        said.append(
            "Points that differ in plans and discount rate alone shared customers and burn-in:"
            f" {_count(shared['burn_ins'], 'burn-in')}, and"
            f" {shared['strategies_simulated']} of {shared['strategies_asked']} strategies had to"
            " be simulated."
        )
    else:
        said.append("No two points have the same burn-in, so each ran its own.")
    if shared["populations"] == shared["seeds"] < alone:
        said.append("All points of a seed have the same households.")
    said.append(
        f"Kernels, plug-ins, {_count(shared['calibrations'], 'calibration')} of response and"
        f" {_count(shared['censuses'], 'count')} of needs for them served all."
    )
    return said


def sweep_data(sweep: Sweep, measures: Sequence[str] = COMPARED, **more: Any) -> dict[str, Any]:
    """Return a sweep as plain data: what was asked, each point, what failed, what was shared."""
    planned = sweep.planned
    settings = planned.settings
    first = next(iter(planned.scenarios.values()))
    from omnilab.scenario.write import scenario_digest

    points = []
    for point in planned.points:
        digests = {
            str(outcome.seed): {run.name: run.log_digest for run in outcome.strategies}
            for outcome in sweep.by_point.get(point.number, [])
        }
        points.append({
            "point": point.number,
            "values": {path: given.text for path, given in point.values.items()},
            "numbers": dict(point.numbers),
            "log_digests": digests,
        })  # fmt: skip
    return {
        "format": SWEEP_FORMAT,
        "scenarios": [
            {"label": label, "id": s.id, "digest": scenario_digest(s)}
            for label, s in planned.scenarios.items()
        ],
        "currency": first.currency,
        "customers": first.population.customers,
        "seeds": list(settings.seeds),
        "replications": settings.replications,
        "design": settings.design,
        "design_seed": settings.design_seed,
        "level": LEVEL,
        "strategies": [s.name for s in planned.maker.strategies],
        "measures": list(measures),
        "vary": [v.described() for v in planned.varies],
        "points": points,
        "shared": sweep.shared,
        "failures": [
            {"point": f.point, "seed": f.seed, "strategy": f.strategy or None, "reason": f.reason}
            for f in sweep.failures
        ],
        **more,
    }


def sweep_text(data: Mapping[str, Any]) -> str:
    """Return a sweep's data as JSON text."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _moments(sweep: Sweep, point: int) -> list[tuple[int | None, Moments]]:
    """Return a point's sums by seed, and last over all seeds where there are several.

    There is no sum over all seeds where a strategy failed with one of them.
    """
    found = [
        (outcome.seed, outcome.moments)
        for outcome in sweep.by_point.get(point, [])
        if outcome.moments is not None
    ]
    if len(found) < 2:
        return [(seed, moments) for seed, moments in found]
    if len({moments.strategies for _, moments in found}) > 1:
        return [*found]
    whole = Moments(found[0][1].strategies)
    for _, moments in found:
        whole.merge(moments)
    return [*found, (None, whole)]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
