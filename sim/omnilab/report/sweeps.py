"""A sweep in sentences and tables: who wins at how many points, and each point's numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from omnilab.experiment.differences import reference_among
from omnilab.experiment.sweep.tables import pooled, shared_words
from omnilab.measure.catalogue import MEASURES
from omnilab.report.document import Document, Table
from omnilab.report.numbers import label, write_difference, write_estimate

if TYPE_CHECKING:
    from omnilab.experiment.statistics import Moments
    from omnilab.experiment.sweep.course import Sweep
    from omnilab.experiment.sweep.points import Point

__all__ = ["best_of", "sweep_document"]

#: Points that a terminal shows; the tables have all.
MOST_SHOWN: Final = 60
#: Measures that a terminal shows.
MOST_MEASURES: Final = 3


def sweep_document(sweep: Sweep, measures: Sequence[str]) -> Document:
    """Return the report of a sweep."""
    planned = sweep.planned
    first = next(iter(planned.scenarios.values()))
    names = ", ".join(s.id for s in planned.scenarios.values())
    seeds = planned.settings.seeds
    size = f"{first.population.customers:,} customers"
    if len({s.population.customers for s in planned.scenarios.values()}) > 1:
        size = "each scenario's customers"
    setting = (
        f"{len(planned.points)} points, {size}, seeds {', '.join(map(str, seeds[:8]))}"
        f"{', ...' if len(seeds) > 8 else ''}"
    )
    found = [(p, m) for p in planned.points if (m := pooled(sweep, p.number)) is not None]
    tables = []
    for name in measures[:MOST_MEASURES]:
        tables += _tables(sweep, found[:MOST_SHOWN], name)
    notes = shared_words(sweep.shared)
    if len(found) > MOST_SHOWN:
        notes.append(f"The tables show {MOST_SHOWN} of {len(found)} points; the files have all.")
    return Document(names, setting, _headlines(found, measures[0]), tuple(tables), tuple(notes))


def best_of(moments: Moments, measure: str) -> str | None:
    """Return the strategy with the best value of a measure; None without values."""
    sign = -1 if MEASURES[measure].better == "lower" else 1
    values = {
        name: value * sign
        for name in moments.strategies
        if (value := moments.estimate(measure, name).value) is not None
    }
    return max(values, key=lambda name: values[name], default=None)


def _headlines(found: Sequence[tuple[Point, Moments]], measure: str) -> tuple[str, ...]:
    """Say at how many points each strategy is best."""
    best = Counter(b for _, m in found if (b := best_of(m, measure)) is not None)
    title = MEASURES[measure].title
    if not best or max(len(m.strategies) for _, m in found) < 2:
        return ()
    if len(best) == 1:
        (name,) = best
        return (f"{name} has the best {title} at all {best[name]} points.",)
    said = ", ".join(f"{name} at {n}" for name, n in best.most_common())
    return (f"The best {title} changes: {said} of {sum(best.values())} points.",)


def _tables(sweep: Sweep, found: Sequence[tuple[Point, Moments]], measure: str) -> list[Table]:
    """Return a measure's values, and its differences, by point."""
    what = MEASURES[measure]
    currency = next(iter(sweep.planned.scenarios.values())).currency
    names = list(dict.fromkeys(name for _, m in found for name in m.strategies))
    against = sweep.planned.settings.against
    values, differences, references = [], [], set()
    for point, moments in found:
        reference = reference_among(list(moments.strategies), _status_quo(point), against)
        references.add(reference)
        values.append((
            _label(point),
            tuple(
                write_estimate(what, moments.estimate(measure, n))
                if n in moments.strategies else "-" for n in names
            ),
        ))  # fmt: skip
        differences.append((
            _label(point),
            tuple(
                write_difference(what, moments.difference(measure, n, reference))
                if reference and n in moments.strategies and n != reference else "-" for n in names
            ),
        ))  # fmt: skip
    tables = [Table(label(what, currency), _corner(sweep), tuple(names), tuple(values))]
    if references != {None}:
        less = references.pop() if len(references) == 1 else "the point's reference"
        title = f"{label(what, currency, difference=True)}: difference to {less}"
        others = [i for i, n in enumerate(names) if n != less]
        rows = tuple((row, tuple(cells[i] for i in others)) for row, cells in differences)
        tables.append(Table(title, _corner(sweep), tuple(names[i] for i in others), rows))
    return tables


def _status_quo(point: Point) -> str:
    return point.scenario.brand.status_quo if point.scenario is not None else ""


def _corner(sweep: Sweep) -> str:
    """Return what varies, each by the end of its path where that is enough."""
    paths = [v.path for v in sweep.planned.varies]
    ends = [path.rpartition(".")[2] for path in paths]
    return ", ".join(e if ends.count(e) == 1 else p for e, p in zip(ends, paths, strict=True))


def _label(point: Point) -> str:
    return ", ".join(given.text for given in point.values.values()) or "as it is"
