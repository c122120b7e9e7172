"""Each figure of a report as an Altair chart."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab._arguments import choice, known_arguments, shown
from omnilab.api.result import Result
from omnilab.errors import DataError, OptionError, nearest
from omnilab.measure.catalogue import MEASURES
from omnilab.report.figures import flow as _flow
from omnilab.report.figures import forest as _forest
from omnilab.report.figures import frontier as _frontier
from omnilab.report.figures import funnel as _funnel
from omnilab.report.figures import groups as _groups
from omnilab.report.figures import hangs as _hangs
from omnilab.report.figures import quality as _quality
from omnilab.report.figures import sweep as _sweep
from omnilab.report.figures import weeks as _weeks
from omnilab.report.figures.figure import Figure, Style
from omnilab.report.locales import Numbers
from omnilab.report.look import plain_look
from omnilab.report.source import Source

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "cascade",
    "causes",
    "decisions",
    "fatigue",
    "flow",
    "forest",
    "frontier",
    "groups",
    "harm",
    "identity",
    "identity_cost",
    "lead_by_week",
    "sweep",
    "tornado",
    "transitions",
    "waterfall",
    "weeks",
]

Run = Result | str | os.PathLike[str]
WIDTH: Final = 620  # pixels


@known_arguments
def forest(result: Run, *, measure: str = "ltv") -> alt.TopLevelMixin:
    """Return each strategy less the reference on the same customers, with 95% intervals.

    Parameters
    ----------
    result
        A `Result`, or the path of a run directory.
    measure
        A name of ``omnilab list measures``.

    Raises
    ------
    DataError
        If the result has no such differences.
    """
    source, style = _opened(result)
    return _chart(_forest.forest(source, style, measure), f"no differences of {_named(measure)}")


@known_arguments
def weeks(result: Run, *, measure: str = "ltv") -> alt.TopLevelMixin:
    """Return a measure's sum since the window's start, week by week, a line a strategy.

    Parameters and errors are those of `forest`.
    """
    source, style = _opened(result)
    return _chart(_weeks.weeks(source, style, measure), f"no weeks of {_named(measure)}")


@known_arguments
def lead_by_week(result: Run, *, measure: str = "ltv") -> alt.TopLevelMixin:
    """Return each strategy less the reference since the start, with bands of 95%.

    Parameters and errors are those of `forest`.
    """
    source, style = _opened(result)
    return _chart(_weeks.lead_by_week(source, style, measure), f"no weeks of {_named(measure)}")


@known_arguments
def waterfall(result: Run, *, measure: str = "ltv") -> alt.TopLevelMixin:
    """Return what each sharing choice earns: Shapley values, laid end to end.

    Parameters and errors are those of `forest`; it needs the result of an ablation.
    """
    source, style = _opened(result)
    return _chart(_hangs.waterfall(source, style, measure), f"no ablation of {_named(measure)}")


@known_arguments
def flow(result: Run, *, strategy: str | None = None) -> alt.TopLevelMixin:
    """Return the ways of needs from channel to channel as ribbons.

    Parameters
    ----------
    result
        A `Result`, or the path of a run directory.
    strategy
        The best by default.

    Raises
    ------
    DataError
        If the result has no paths.
    OptionError
        If it has no such strategy.
    """
    source, style = _opened(result)
    return _chart(_flow.flow(source, style, _known(source, strategy)), "no paths")


@known_arguments
def transitions(result: Run, *, strategy: str | None = None) -> alt.TopLevelMixin:
    """Return from where to where visits of one need go, as a heat map.

    Parameters and errors are those of `flow`.
    """
    source, style = _opened(result)
    return _chart(_flow.transitions(source, style, _known(source, strategy)), "no transitions")


@known_arguments
def decisions(
    result: Run, *, by: str = "all", strategy: str | None = None
) -> alt.TopLevelMixin:  # fmt: skip
    """Return at which stage due messages ended.

    Parameters
    ----------
    result
        A `Result`, or the path of a run directory.
    by
        ``all``, a bar a strategy; or ``journey``, ``channel``, ``segment`` under one strategy.
    strategy
        The best by default.

    Raises
    ------
    DataError
        If the result has no funnel.
    OptionError
        If it has no such strategy.
    """
    source, style = _opened(result)
    return _chart(_funnel.decisions(source, style, by, _known(source, strategy)), "no funnel")


@known_arguments
def sweep(
    result: Run, *, measure: str = "ltv", path: str | None = None, difference: bool = False,
    where: Mapping[str, str] | None = None,
) -> alt.TopLevelMixin:  # fmt: skip
    """Return a measure over the values of what a sweep varied, a line a strategy.

    Parameters
    ----------
    result
        The result of a sweep, or the path of its directory.
    measure
        One that the sweep kept.
    path
        What stands on the axis; the one with most values by default.
    difference
        Whether each strategy less the reference is shown.
    where
        Values of all else that varied, as the scenario writes them, by the last part of their
        path: ``{"kappa": "0.3"}``. The first by default.

    Raises
    ------
    DataError
        If the result is no sweep.
    OptionError
        If nothing of that name varied.
    """
    source, style = _opened(result)
    paths = _sweep.paths_of(source)
    path = path or next(iter(paths), None)
    if path is None or path not in paths:
        raise (
            DataError("the result has nothing to show here: nothing varied")
            if not paths
            else OptionError(f"path: {shown(path)} did not vary{nearest(str(path), paths)}")
        )
    others = _sweep.others_of(source, path)
    names = {p.split(".")[-1]: p for p in paths if p != path}
    for name in where or {}:
        if name not in names:
            raise OptionError(f"{name}: no such thing varied{nearest(name, names)}")
    asked = {names[name]: str(text) for name, text in (where or {}).items()}
    fits = [o for o in others if all(dict(o).get(p) == text for p, text in asked.items())]
    if not fits:
        raise OptionError(f"no point of the sweep has {asked}")
    found = _sweep.sweep(
        source, style, measure, path=path, where=fits[0], difference=difference
    )  # fmt: skip
    return _chart(found, f"no {_named(measure)} over {path}")


@known_arguments
def cascade(result: Run, *, strategy: str | None = None) -> alt.TopLevelMixin:
    """Return how a strategy's messages ended, a bar a journey.

    Parameters and errors are those of `flow`.
    """
    source, style = _opened(result)
    return _chart(_funnel.cascade(source, style, _known(source, strategy)), "no messages")


@known_arguments
def fatigue(result: Run, *, measure: str = "open_rate") -> alt.TopLevelMixin:
    """Return messages per customer against an answer to them, a point a strategy.

    Parameters and errors are those of `forest`.
    """
    source, style = _opened(result)
    found = _frontier.fatigue(source, style, measure)
    return _chart(found, f"fewer than two strategies with {_named(measure)}")


@known_arguments
def identity(result: Run) -> alt.TopLevelMixin:
    """Return how well each strategy knew who is who. Parameters and errors: see `harm`."""
    return _chart(_quality.identity(*_opened(result)), "no measure of identity")


@known_arguments
def identity_cost(result: Run, *, measure: str = "revenue") -> alt.TopLevelMixin:
    """Return what errors of identity cost, from a result that was run with a perfect identity too.

    Parameters and errors are those of `forest`.
    """
    source, style = _opened(result)
    found = _quality.identity_cost(source, style, measure)
    return _chart(found, f"no run with a perfect identity by {_named(measure)}")


@known_arguments
def frontier(result: Run) -> alt.TopLevelMixin:
    """Return contact cost against LTV. Parameters and errors are those of `harm`."""
    return _chart(_frontier.frontier(*_opened(result)), "fewer than two strategies with LTV")


@known_arguments
def groups(
    result: Run, *, by: str = "persona", strategy: str | None = None, measure: str = "ltv"
) -> alt.TopLevelMixin:
    """Return a strategy less the reference in each group of customers.

    Parameters
    ----------
    result
        A `Result`, or the path of a run directory.
    by
        ``persona``, ``segment``, ``channels_used`` and so on.
    strategy
        The best that is not the reference by default.
    measure
        A name of ``omnilab list measures``.

    Raises
    ------
    DataError
        If the result has no such groups.
    OptionError
        If it has no such strategy.
    """
    source, style = _opened(result)
    others = [s for s in source.strategies if s != source.reference]
    name = _known(source, strategy or next(iter(others), None))
    found = _groups.groups(source, style, by, name, measure)
    there = {str(row["by"]) for row in source.rows("groups")}
    return _chart(found, f"no {_named(measure)} by {_named(by, there)} for {name}")


@known_arguments
def harm(result: Run, *, by: str = "margin") -> alt.TopLevelMixin:
    """Return who gains and who is harmed.

    Parameters
    ----------
    result
        A `Result`, or the path of a run directory.
    by
        ``margin`` before contact cost, ``orders`` or ``LTV``, which the cost of one message lowers.

    Raises
    ------
    DataError
        If the result has no spread over customers.
    """
    source, style = _opened(result)
    by = choice("by", by, ("margin", "orders", "LTV"))
    return _chart(_groups.harm(source, style, by), "no spread")


@known_arguments
def causes(result: Run, *, what: str = "left") -> alt.TopLevelMixin:
    """Return why customers leave, give up, lose needs or opt out.

    Parameters
    ----------
    result
        A `Result`, or the path of a run directory.
    what
        ``left``, ``gave_up``, ``need_lost`` or ``opted_out``.

    Raises
    ------
    DataError
        If the result has no such causes.
    """
    source, style = _opened(result)
    there = {str(row["what"]) for row in source.rows("causes")}
    return _chart(_groups.causes(source, style, what), f"no causes of {_named(what, there)}")


@known_arguments
def tornado(result: Run, *, strategy: str | None = None) -> alt.TopLevelMixin:
    """Return what a difference hangs on, from the directory or the result of ``hangs``.

    Parameters and errors are those of `flow`; by default the first strategy of the table.
    """
    source, style = _opened(result)
    name = None if strategy is None else _known(source, strategy)
    return _chart(_hangs.tornado(source, style, name), "no moved assumptions")


def _opened(result: object) -> tuple[Source, Style]:
    """Return a result's tables, and the look of figures that stand alone."""
    made = getattr(result, "_report_source", None)  # of results of every kind
    if made is not None:
        source: Source = made()
    elif isinstance(result, str | os.PathLike):
        source = _kept(Path(result))
    else:
        raise OptionError(
            f"result: {shown(result)} is neither a Result nor the path of a run directory"
        )
    names = source.strategies
    return source, Style(plain_look(names, source.reference), Numbers(source.currency))


def _kept(folder: Path) -> Source:
    """Return the source of a directory that compare, run, ablate, sweep or hangs has kept."""
    from omnilab.report.experiments import kind_of, read_experiment
    from omnilab.report.page import TABLES
    from omnilab.report.source import About, read_source
    from omnilab.runs.directories import read_run

    if kind_of(folder) in ("ablation", "sweep"):
        return read_experiment(folder).source()
    run = read_run(folder)
    sized = run.scenario.with_customers(run.options.customers)
    return read_source(run.path, TABLES, sized, About())


def _known(source: Source, strategy: str | None) -> str:
    names = source.strategies
    if strategy is None:
        return names[0]
    if strategy not in names:
        hint = nearest(str(strategy), names) or f"; {', '.join(names)}"
        raise OptionError(f"strategy: {shown(strategy)} is not in the result{hint}")
    return strategy


def _named(name: object, known: Collection[str] = MEASURES) -> str:
    """Return a name as it was given, with the nearest one if it is not known."""
    return f"{shown(name)}{'' if name in known else nearest(str(name), known)}"


def _chart(figure: Figure | None, absent: str) -> alt.TopLevelMixin:
    try:
        import altair as alt
    except ModuleNotFoundError:
        raise OptionError(
            "omnilab.plot needs altair: pip install 'omnilab[plot]'"
        ) from None  # fmt: skip
    if figure is None:
        raise DataError(f"the result has nothing to show here: {absent}")
    spec: dict[str, Any] = {
        **{key: value for key, value in figure.spec.items() if key != "autosize"},
        "width": WIDTH,
        "title": {
            "text": figure.title, "subtitle": figure.unit, "anchor": "start", "frame": "group",
        },
    }  # fmt: skip
    chart: alt.TopLevelMixin = alt.Chart.from_dict(spec)
    return chart
