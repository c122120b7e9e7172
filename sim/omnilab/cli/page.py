"""The page that a run directory keeps: the report, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from omnilab.cli.course import Request
    from omnilab.experiment.compare import Comparison
    from omnilab.scenario.assumptions import Assumption
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["report_page"]


def report_page(
    comparison: Comparison,
    request: Request,
    strategies: Mapping[str, LoadedStrategy],
    began: datetime,
    *,
    against: str | None = None,
    assumptions: Sequence[Assumption] = (),
) -> str:
    """Return the report's page.

    Only options that can change a number stand in it, so that a run which was stopped and taken
    up again has the page of one that was not.

    Parameters
    ----------
    comparison
        What was found.
    request
        What the user asked for.
    strategies
        By how the user named them.
    began
        When the run began, with a zone.
    against
        The strategy that differences are taken against, where the user named one.
    assumptions
        What the scenario assumes.
    """
    import shlex

    from omnilab.report import build_document, html_page
    from omnilab.report.words import foot_line, strategy_meaning

    options = {
        "--strategy": request.strategies,
        "--customers": request.customers,
        "--replications": request.replications if request.replications > 1 else None,
        "--seed": request.seed,
        "--engine": None if request.engine == "auto" else request.engine,
        "--events": request.events,
        "--against": request.against,
        "--equal-volume": request.equal_volume,
        "--until": request.until or (),
        "--most-customers": request.most_customers,
    }
    command = f"omnilab {request.command} {shlex.quote(request.scenario)}"
    document = build_document(
        comparison,
        timed=False,
        against=against,
        meanings={loaded.name: strategy_meaning(loaded) for loaded in strategies.values()},
        foot=foot_line(_day(began), command, options),
        assumptions=assumptions,
        listed=True,
    )
    return html_page(document)


def _day(began: datetime) -> date:
    """Return the day that a page is dated with: that on which the run began, in UTC.

    ``SOURCE_DATE_EPOCH``, seconds since 1970 in UTC, is taken instead where it is set, as by tools
    that make the same files again on another day.
    """
    import os
    from datetime import UTC, datetime

    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isdecimal() and len(fixed) <= 11:
        began = datetime.fromtimestamp(int(fixed), UTC)
    return began.astimezone(UTC).date()
