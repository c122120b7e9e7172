"""Each figure of a report as an Altair chart."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab._arguments import known_arguments, shown
from omnilab.api.result import Result
from omnilab.errors import DataError, OptionError, nearest
from omnilab.report.figures import flow as _flow
from omnilab.report.figures import forest as _forest
from omnilab.report.figures import frontier as _frontier
from omnilab.report.figures import funnel as _funnel
from omnilab.report.figures import groups as _groups
from omnilab.report.figures import hangs as _hangs
from omnilab.report.figures import quality as _quality
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
    "lead_by_week",
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
    return _chart(_forest.forest(source, style, measure), f"no differences of {measure!r}")


@known_arguments
def weeks(result: Run, *, measure: str = "ltv") -> alt.TopLevelMixin:
    """Return a measure's sum since the window's start, week by week, a line a strategy.

    Parameters and errors are those of `forest`.
    """
    source, style = _opened(result)
    return _chart(_weeks.weeks(source, style, measure), f"no weeks of {measure!r}")


@known_arguments
def lead_by_week(result: Run, *, measure: str = "ltv") -> alt.TopLevelMixin:
    """Return each strategy less the reference since the start, with bands of 95%.

    Parameters and errors are those of `forest`.
    """
    source, style = _opened(result)
    return _chart(_weeks.lead_by_week(source, style, measure), f"no weeks of {measure!r}")


@known_arguments
def waterfall(result: Run, *, measure: str = "ltv") -> alt.TopLevelMixin:
    """Return what each sharing choice earns: Shapley values, laid end to end.

    Parameters and errors are those of `forest`; it needs the result of an ablation.
    """
    source, style = _opened(result)
    return _chart(_hangs.waterfall(source, style, measure), f"no ablation of {measure!r}")


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
def decisions(result: Run) -> alt.TopLevelMixin:
    """Return how many of all due messages are left at each stage of the decision.

    Parameters
    ----------
    result
        A `Result`, or the path of a run directory.

    Raises
    ------
    DataError
        If the result has no funnel.
    """
    return _chart(_funnel.decisions(*_opened(result)), "no funnel")


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
    return _chart(found, f"fewer than two strategies with {measure!r}")


@known_arguments
def identity(result: Run) -> alt.TopLevelMixin:
    """Return how well each strategy knew who is who. Parameters and errors: see `decisions`."""
    return _chart(_quality.identity(*_opened(result)), "no measure of identity")


@known_arguments
def frontier(result: Run) -> alt.TopLevelMixin:
    """Return contact cost against LTV. Parameters and errors are those of `decisions`."""
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
    return _chart(found, f"no {measure!r} by {by!r} for {name}")


@known_arguments
def harm(result: Run) -> alt.TopLevelMixin:
    """Return who gains and who is harmed. Parameters and errors are those of `decisions`."""
    return _chart(_groups.harm(*_opened(result)), "no spread over customers")


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
    return _chart(_groups.causes(source, style, what), f"no causes of {what!r}")


@known_arguments
def tornado(result: Run) -> alt.TopLevelMixin:
    """Return what the result hangs on. Parameters and errors are those of `decisions`."""
    return _chart(_hangs.tornado(*_opened(result)), "no sweep over the assumptions")


def _opened(result: object) -> tuple[Source, Style]:
    """Return a result's tables, and the look of figures that stand alone."""
    if isinstance(result, Result):
        source = result._report_source()
    elif isinstance(result, str | os.PathLike):
        from omnilab.report.page import TABLES
        from omnilab.report.source import About, read_source
        from omnilab.runs.directories import read_run

        run = read_run(Path(result))
        sized = run.scenario.with_customers(run.options.customers)
        source = read_source(run.path, TABLES, sized, About())
    else:
        raise OptionError(
            f"result: {shown(result)} is neither a Result nor the path of a run directory"
        )
    names = source.strategies
    return source, Style(plain_look(names, source.reference), Numbers(source.currency))


def _known(source: Source, strategy: str | None) -> str:
    names = source.strategies
    if strategy is None:
        return names[0]
    if strategy not in names:
        hint = nearest(str(strategy), names) or f"; {', '.join(names)}"
        raise OptionError(f"strategy: {shown(strategy)} is not in the result{hint}")
    return strategy


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
