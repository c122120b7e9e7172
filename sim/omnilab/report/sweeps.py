"""A sweep in sentences and tables: who wins at how many points, and each point's numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from omnilab.experiment.differences import reference_among
from omnilab.experiment.statistics import Estimate
from omnilab.experiment.sweep.hangs import hangs_data
from omnilab.experiment.sweep.points import SCENARIO
from omnilab.experiment.sweep.tables import pooled, shared_words
from omnilab.measure.catalogue import MEASURES
from omnilab.report.document import Document, Table
from omnilab.report.numbers import label, write_difference, write_estimate, write_interval

if TYPE_CHECKING:
    from omnilab.experiment.statistics import Moments
    from omnilab.experiment.sweep.course import Sweep
    from omnilab.experiment.sweep.hangs import Hangs
    from omnilab.experiment.sweep.points import Point

__all__ = ["best_of", "hangs_document", "sweep_document"]

SCENARIOS: Final = "scenarios"
_WORLDS: Final = (
    "The worlds are a Latin hypercube over the ranges, even over each. A correlation is Spearman's "
    "of the assumption with the difference over these worlds."
)
_BY_RULE: Final = (
    "A range that no source or scenario gives goes from half to double, of a share in its odds."
)
#: Points that a terminal shows; the tables have all.
MOST_SHOWN: Final = 60
#: Measures that a terminal shows.
MOST_MEASURES: Final = 3


def sweep_document(
    sweep: Sweep, measures: Sequence[str], data: Mapping[str, Any] | None = None
) -> Document:
    """Return the report of a sweep; ``data`` may hold its indices, which then stand in it."""
    indices = (data or {}).get("indices", [])
    planned = sweep.planned
    first = next(iter(planned.scenarios.values()))
    names = ", ".join(s.id for s in planned.scenarios.values())
    seeds = planned.settings.seeds
    size = f"{first.population.customers:,} customers"
    if len({s.population.customers for s in planned.scenarios.values()}) > 1:
        size = "each scenario's customers"
    noun = _noun(sweep)
    some = f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds[:8]))}"
    setting = f"{len(planned.points)} {noun}, {size}, {some}{', ...' if len(seeds) > 8 else ''}"
    found = [(p, m) for p in planned.points if (m := pooled(sweep, p.number)) is not None]
    tables = [
        _indices(rows)
        for name in measures[:MOST_MEASURES]
        for rows in _by_strategy([r for r in indices if r["measure"] == name])
    ]
    for name in measures[: 0 if indices else MOST_MEASURES]:
        tables += _tables(sweep, found[:MOST_SHOWN], name)
    notes = shared_words(sweep.shared)
    if len(found) > MOST_SHOWN and not indices:
        notes.append(f"The tables show {MOST_SHOWN} of {len(found)} points; the files have all.")
    headlines = _headlines(found, measures[0], noun)
    if noun == SCENARIOS:
        headlines += tuple(line for p, m in found if (line := _lead(p, m, measures[0])))
        notes = []
    return Document(names, setting, headlines, tuple(tables), tuple(notes))


def hangs_document(hangs: Hangs, sweep: Sweep, measure: str) -> Document:
    """Return the report of what an answer hangs on."""
    data, what = hangs_data(hangs, sweep, measure), MEASURES[measure]
    scenario = hangs.planned.maker.base
    setting = (
        f"{len(hangs.moved)} assumptions, {data['worlds']} worlds in which all of them move,"
        f" {scenario.population.customers:,} customers in each,"
        f" seed {hangs.planned.settings.seeds[0]}"
    )
    shares = tuple(
        (w["strategy"], (_percent(w), f"{w['wins']} of {data['worlds']}", str(w["clear_wins"])))
        for w in sorted(data["wins"], key=lambda w: -w["wins"])
    )
    columns = ("share of worlds", "wins", "hardly by chance")
    tables = [Table(f"Best {what.title}, by world", "strategy", columns, shares)]
    rows = data["tornado"]
    for name in dict.fromkeys(w["strategy"] for w in data["wins"]):
        own = [row for row in rows if row["strategy"] == name]
        if own:
            tables.append(_tornado(own, measure, scenario.currency))
    notes = [_WORLDS, _BY_RULE, *shared_words(sweep.shared)[:1]]
    if hangs.left_out:
        notes.append(f"Left out, as no single number or without room: {', '.join(hangs.left_out)}.")
    return Document(scenario.id, setting, _holds(data, what.title), tuple(tables), tuple(notes))


def _holds(data: Mapping[str, Any], title: str) -> tuple[str, ...]:
    """Say how far the answer holds, and what moves it most."""
    lines = []
    winner = data["as_is"]
    mine = next((w for w in data["wins"] if w["strategy"] == winner), None)
    if mine is not None and mine["share"] is not None:
        lines.append(
            f"{winner} has the best {title} as it is, and in {_percent(mine)} of the worlds."
        )
    rows = [r for r in data["tornado"] if r["strategy"] == winner] or data["tornado"]
    if rows and rows[0]["swing"] is not None:
        top = rows[0]
        lines.append(
            f"The difference of {top['strategy']} to {top['reference']} moves most with"
            f" {top['path']}: {top['difference_low']:+.3g} at {top['low']},"
            f" {top['difference_high']:+.3g} at {top['high']}."
        )
    return tuple(lines)


def _tornado(rows: Sequence[Mapping[str, Any]], measure: str, currency: str) -> Table:
    what, first = MEASURES[measure], rows[0]
    title = (
        f"{label(what, currency, difference=True)}: {first['strategy']} less {first['reference']}"
    )
    cells = []
    for row in rows:
        low = Estimate(row["difference_low"], row["low_low"], row["low_high"])
        high = Estimate(row["difference_high"], row["high_low"], row["high_high"])
        rho = row["rank_correlation"]
        cells.append((
            row["path"],
            (
                f"{row['low']} .. {row['high']}", write_difference(what, low),
                write_difference(what, high), "-" if rho is None else f"{rho:+.2f}",
            ),
        ))  # fmt: skip
    return Table(title, "assumption", ("range", "at low", "at high", "correlation"), tuple(cells))


def _percent(share: Mapping[str, Any]) -> str:
    if share["share"] is None:
        return "-"
    return f"{100 * share['share']:.0f}% ({100 * share['low']:.0f} to {100 * share['high']:.0f})"


def best_of(moments: Moments, measure: str) -> str | None:
    """Return the strategy with the best value of a measure; None without values."""
    sign = -1 if MEASURES[measure].better == "lower" else 1
    values = {
        name: value * sign
        for name in moments.strategies
        if (value := moments.estimate(measure, name).value) is not None
    }
    return max(values, key=lambda name: values[name], default=None)


def _headlines(
    found: Sequence[tuple[Point, Moments]], measure: str, noun: str
) -> tuple[str, ...]:  # fmt: skip
    """Say at how many points each strategy is best."""
    best = Counter(b for _, m in found if (b := best_of(m, measure)) is not None)
    title = MEASURES[measure].title
    if not best or max(len(m.strategies) for _, m in found) < 2:
        return ()
    if len(best) == 1:
        (name,) = best
        return (f"{name} has the best {title} in all {best[name]} {noun}.",)
    said = ", ".join(f"{name} in {n}" for name, n in best.most_common())
    return (f"The winner by {title} is not the same: {said} of {sum(best.values())} {noun}.",)


def _lead(point: Point, moments: Moments, measure: str) -> str:
    """Say which strategy is best at a point, and how far before the second."""
    best = best_of(moments, measure)
    others = [n for n in moments.strategies if n != best]
    if best is None or not others or point.scenario is None:
        return ""
    sign = -1 if MEASURES[measure].better == "lower" else 1
    values = {n: sign * (moments.estimate(measure, n).value or 0.0) for n in others}
    second = max(others, key=lambda n: values[n])
    what, found = MEASURES[measure], moments.difference(measure, best, second)
    unit = f" {point.scenario.currency}" if what.unit == "EUR" else ""
    unit = " points" if what.unit == "share" else unit
    doubt = ""
    if found.low is not None and found.high is not None and found.low <= 0.0 <= found.high:
        doubt = ", which may be chance"
    said = write_interval(what, found, unit, sign="+")
    return f"{_label(point)}: {best}, {said} before {second}{doubt}."


def _tables(sweep: Sweep, found: Sequence[tuple[Point, Moments]], measure: str) -> list[Table]:
    """Return a measure's values, and its differences, by point."""
    what = MEASURES[measure]
    currencies = {s.currency for s in sweep.planned.scenarios.values()}
    currency = currencies.pop() if len(currencies) == 1 else "each in its own currency"
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


def _by_strategy(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    found: dict[tuple[Any, Any], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["strategy"], row["reference"]), []).append(row)
    return list(found.values())


def _indices(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the indices of one measure or difference, the most important path first."""
    first = rows[0]
    less = f" less {first['reference']}" if first["reference"] else ""
    title = f"Indices of {MEASURES[first['measure']].title}: {first['strategy']}{less}"
    kinds = {"first": "by itself", "total": "in all"}
    if first["method"] == "morris":
        kinds = {"mu_star": "mean effect", "sigma": "spread"}
    key = list(kinds)[-1] if first["method"] == "sobol" else "mu_star"
    cells = tuple(
        (row["path"], tuple(_with_half(row[k], row.get(f"{k}_half")) for k in kinds))
        for row in sorted(rows, key=lambda r: -(r[key] or 0.0))
    )
    noise = first["noise"]
    note = "" if noise is None else (
        f"Chance makes up to {min(noise, 1.0):.0%} of the variance between points."
    )  # fmt: skip
    return Table(title, "path", tuple(kinds.values()), cells, note)


def _with_half(value: float | None, half: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if half is None else f"{value:.3g} ±{half:.2g}"


def _noun(sweep: Sweep) -> str:
    paths = [v.path for v in sweep.planned.varies]
    return SCENARIOS if paths == [SCENARIO] else "points"


def _corner(sweep: Sweep) -> str:
    """Return what varies, each by the end of its path where that is enough."""
    paths = [v.path for v in sweep.planned.varies]
    ends = [path.rpartition(".")[2] for path in paths]
    return ", ".join(e if ends.count(e) == 1 else p for e, p in zip(ends, paths, strict=True))


def _label(point: Point) -> str:
    return ", ".join(given.text for given in point.values.values()) or "as it is"
