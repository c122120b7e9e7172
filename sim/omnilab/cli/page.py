"""The page that a run directory keeps, and what it says of how the run was made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime
    from pathlib import Path

    from omnilab.cli.course import Request
    from omnilab.experiment.comparison import Comparison
    from omnilab.report.lives import Lives
    from omnilab.report.source import About, Row
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["about_run", "experiment_page", "lives_of", "run_page"]


def about_run(
    comparison: Comparison,
    request: Request,
    strategies: Mapping[str, LoadedStrategy],
    began: datetime,
    *,
    digest: str = "",
    against: str | None = None,
    assumptions: Sequence[Assumption] = (),
) -> About:
    """Return what a page says of a run beside its tables.

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
    digest
        Of everything that was asked for.
    against
        The strategy that differences are taken against, where the user named one.
    assumptions
        What the scenario assumes.
    """
    from dataclasses import asdict

    from omnilab import __version__
    from omnilab.report.document import page_notes
    from omnilab.report.source import About
    from omnilab.report.words import command_line, strategy_meaning

    options = {
        "--strategy": request.strategies,
        "--customers": request.customers,
        "--replications": request.replications if request.replications > 1 else None,
        "--seed": request.seed,
        "--engine": None if request.engine == "auto" else request.engine,
        "--events": request.events,
        "--against": request.against,
        "--equal-volume": request.equal_volume,
        "--wiring": request.wiring,
        "--quick": request.quick,
        "--until": request.until or (),
        "--most-customers": request.most_customers,
    }
    return About(
        command=command_line(f"omnilab {request.command}", request.scenario, options),
        day=_day(began).isoformat(),
        version=__version__,
        digest=digest,
        meanings={
            loaded.name: meaning
            for loaded in strategies.values()
            if (meaning := strategy_meaning(loaded, comparison.scenario))
        },
        assumptions=[asdict(a) for a in assumptions],
        notes=page_notes(comparison, against),
    )


def run_page(
    folder: Path, sized: Scenario, about: About, strategies: Sequence[LoadedStrategy], seed: int
) -> str:  # fmt: skip
    """Return the page of a run whose tables and result are in a directory.

    Parameters
    ----------
    folder
        The run directory, or where it is being filled.
    sized
        The scenario, with the customers that were simulated.
    about
        From `about_run`.
    strategies
        Those that have results.
    seed
        Of the run.
    """
    from omnilab.report.page import TABLES, build_page
    from omnilab.report.source import read_source

    lives = lives_of(sized, strategies, seed)
    return build_page(read_source(folder, TABLES, sized, about, lives))


def experiment_page(folder: Path) -> str:
    """Return the page of an ablation or a sweep whose directory is complete but for it."""
    from omnilab.report.experiments import read_experiment
    from omnilab.report.page import build_page

    return build_page(read_experiment(folder).source())


def lives_of(
    sized: Scenario, strategies: Sequence[LoadedStrategy], seed: int
) -> Callable[[Sequence[Row], Sequence[str]], Lives] | None:  # fmt: skip
    """Return what gives customers' days, None where a strategy learns from all customers.

    Such a strategy's days are those of the whole run, which a single customer's cell is not.
    """
    from omnilab.report.lives import live

    if any(strategy.learns for strategy in strategies):
        return None
    by_name = {strategy.name: strategy for strategy in strategies}

    def lives(rows: Sequence[Row], names: Sequence[str]) -> Lives:
        return live(sized, [by_name[name] for name in names], rows, seed=seed)

    return lives


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
