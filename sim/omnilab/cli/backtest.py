"""``omnilab backtest``: predictions of a log, or of past tests, beside what happened."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.giving import write_json
from omnilab.cli.options import SEED, THREADS, hook_timeout_option, quiet_option
from omnilab.cli.places import (
    DATA,
    JSON,
    MARKDOWN,
    SCENARIO,
    STRATEGY,
    PlacesCommand,
    Reads,
)
from omnilab.cli.plausible import WORLDS_IN
from omnilab.cli.purchase_log import DAY, purchase_log_options
from omnilab.cli.workers import on_workers, workers_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from omnilab.fit.backtest.course import Backtest
    from omnilab.fit.backtest.request import BacktestRequest

__all__ = ["backtest"]

CHECK_FAILED: Final = 1
_OWN: Final = ("scenario", "tests", "plausible", "worlds", "replications", "seed")


def _tests_files(name: str) -> Iterable[Path]:
    """Return a folder's files, or a file of tests and the tables that it names."""
    from omnilab.fit.experiment.tests_file import tables_of

    place = Path(name)
    return [place, *place.iterdir()] if place.is_dir() else tables_of(place)


@click.command(cls=PlacesCommand)
@click.argument("scenario", type=SCENARIO)
@click.argument("log", type=DATA, required=False)
@click.option("--from", "first_day", type=DAY, metavar="DATE",
              help="Where the fit ends and the prediction begins.")  # fmt: skip
@click.option("--tests", type=Reads(_tests_files, path=True), metavar="DIR|FILE",
              help="Past randomised tests: a YAML file that names their tables, or a folder that "
              "has one. Those from the date on are predicted from those before; without dates, "
              "each from all others.")  # fmt: skip
@click.option("--plausible", type=WORLDS_IN, metavar="FILE|auto",
              help="A set of worlds of SCENARIO over which the log is predicted; auto is the one "
              "beside it.")  # fmt: skip
@click.option("--worlds", type=click.IntRange(1, 1000), metavar="N",
              help="With --plausible: at most so many of its worlds are run; 10 by "
              "default.")  # fmt: skip
@click.option("--replications", type=click.IntRange(5, 1000), default=40, show_default=True,
              metavar="N", help="Of the log's customers, in each world.")  # fmt: skip
@click.option("--seed", type=SEED, default=1, show_default=True, metavar="N")
@click.option("--threads", type=THREADS, metavar="N", help="Of the tests; one a core by default.")
@click.option("--max-bias", default="10%", show_default=True, metavar="SHARE",
              help="Bias below which a prediction is trusted.")  # fmt: skip
@click.option("--steady", default="80%", show_default=True, metavar="SHARE",
              help="Share of weeks off to one side, from which a factor is right.")  # fmt: skip
@click.option("--worse", default="5%", show_default=True, metavar="SHARE",
              help="Of orders: how much larger than a simple rule's errors may be.")  # fmt: skip
@click.option("--fail-on-dont", is_flag=True, help="Exit code 1 where the verdict is don't.")
@click.option("--status-quo", type=STRATEGY, metavar="S",
              help="Strategy under which the orders were made; else the scenario's.")  # fmt: skip
@click.option("--until", type=DAY, metavar="DAY", help="Last day for which the log is complete.")
@click.option("--season", metavar="HOW", help="As that of fit: fit, off, or twelve factors.")
@purchase_log_options
@click.option("--currency", metavar="XXX", help="Of the amounts.")
@click.option("--json", "json_to", type=JSON, metavar="FILE|-",
              help="Write the results as JSON; - for stdout, without the report.")  # fmt: skip
@click.option("--page", type=MARKDOWN, metavar="FILE", help="Write Markdown.")
@workers_options
@hook_timeout_option
@quiet_option
@click.pass_context
def backtest(context: click.Context, /, **given: Any) -> None:
    """Predict what a log says of the days after a date from the days before, and give a verdict.

    LOG is a purchase log as fit reads it. The needs are fitted to the days before --from, on the
    channels, the calendar and the status quo of SCENARIO; then the log's own customers are
    simulated until its end. Shown are orders, buyers, spend and each customer's error, beside
    BG/NBD, Pareto/NBD, repeating the past and the last four weeks, and a verdict: trust, correct
    (by a factor that is named) or don't. With --tests, past randomised tests are predicted from
    each other, and judged in the same way.

    Exit codes: 0 whatever the verdict; 1 don't, with --fail-on-dont; 2 bad input.
    """
    from omnilab._arguments import cores
    from omnilab.fit.backtest.course import carry_out_backtest

    json_to, page, quiet, fail, threads = (
        given.pop(name) for name in ("json_to", "page", "quiet", "fail_on_dont", "threads")
    )  # fmt: skip
    request = _request({n: v.date() if isinstance(v, datetime) else v for n, v in given.items()})
    silent = quiet or json_to == "-"
    with on_workers(context), progress_bar(quiet=silent) as show:
        found = carry_out_backtest(
            request, threads=threads or cores(), say=partial(say, quiet=silent), show=show
        )
    _write(found, request, _command(context), json_to, page, quiet=quiet)
    for warning in found.warnings:
        say_warning(warning)
    if fail and found.verdict == "don't":
        context.exit(CHECK_FAILED)


def _request(given: dict[str, Any]) -> BacktestRequest:
    """Return what was asked for, checked."""
    from omnilab.errors import OptionError
    from omnilab.fit.backtest.request import BacktestRequest, limits_of
    from omnilab.fit.request import FitRequest

    if given["worlds"] is None:
        given["worlds"] = BacktestRequest.worlds
    elif given["plausible"] is None:
        raise OptionError("--worlds: only with --plausible FILE")
    limits = limits_of(*(given.pop(name) for name in ("max_bias", "steady", "worse")))
    first_day, log = given.pop("first_day"), given.pop("log")
    own = {name: given.pop(name) for name in _OWN}
    fit = None if log is None else FitRequest(transactions=log, base=own["scenario"], **given)
    request = BacktestRequest(log=fit, first_day=first_day, limits=limits, **own)
    request.check()
    return request


def _write(
    found: Backtest, request: BacktestRequest, command: str, json_to: str | None,
    page: str | None, *, quiet: bool,
) -> None:  # fmt: skip

    from omnilab._files.writing import write_whole
    from omnilab.api.backtest_report import backtest_data, backtest_document, backtest_page
    from omnilab.report import print_document

    if json_to is not None:
        data = backtest_data(found, request.limits)
        write_json(data, json_to)
    if page is not None:
        write_whole(page, backtest_page(found, request.limits, command))
    if not quiet and json_to != "-":
        print_document(backtest_document(found, request.limits))


def _command(context: click.Context) -> str:
    """Return the command as it was typed, without where it writes."""
    given = context.params
    parts = [
        "omnilab backtest",
        str(given["scenario"]),
        *([str(given["log"])] * bool(given["log"])),
    ]
    hidden = ("scenario", "log", "json_to", "page", "quiet", "threads", "replace")
    for param in context.command.params:
        value = given.get(param.name or "")
        if param.name in hidden or value is None or value is False or value == param.default:
            continue
        shown = value.date() if isinstance(value, datetime) else value
        parts.append(param.opts[0] + ("" if value is True else f" {shown}"))
    return " ".join(parts)
