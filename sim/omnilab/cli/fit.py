"""``omnilab fit``: a scenario of your own transaction log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import say, say_warning
from omnilab.cli.fit_request import FitRequest, id_of, tell
from omnilab.cli.options import hook_timeout_option, quiet_option
from omnilab.cli.places import DATA, FITTED, SCENARIO, STRATEGY, PlacesCommand

if TYPE_CHECKING:
    from omnilab.fit.read import Transactions
    from omnilab.fit.scenario import Setting

__all__ = ["fit"]

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(cls=PlacesCommand)
@click.argument("transactions", type=DATA)
@click.option(
    "-o",
    "--output",
    type=FITTED,
    metavar="SCENARIO",
    help="Scenario file to write; one by an earlier fit that nobody edited is replaced.",
)
@click.option(
    "--status-quo",
    type=STRATEGY,
    metavar="S",
    help="Strategy under which the orders were made; no_contact if nobody was written to.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Read the log, say what would be counted, and stop: nothing is written.",
)
@click.option(
    "--forecast",
    metavar="DURATION",
    help="Such as 365d: write a second scenario, which goes on after the log's end with its "
    "customers, as SCENARIO with -next in its name.",
)
@click.option(
    "--base",
    type=SCENARIO,
    metavar="SCENARIO",
    help="File or id with your channels, message rates and journeys; a web shop with e-mail if "
    "not given.",
)
@click.option(
    "--preset",
    type=click.Choice(["shopify", "woocommerce", "magento"]),
    help="Whose export the log is; found out by its columns.",
)
@click.option("--customer", metavar="COLUMN", help="Column of customer ids; found by its name.")
@click.option("--date", metavar="COLUMN", help="Column of dates; found by its name.")
@click.option("--amount", metavar="COLUMN", help="Column of amounts; found by its name.")
@click.option("--quantity", metavar="COLUMN", help="Column of pieces; found by its name.")
@click.option("--order", metavar="COLUMN", help="Column of order numbers; found by its name.")
@click.option("--status", metavar="COLUMN", help="Column of statuses; found by its name.")
@click.option(
    "--sold", multiple=True, metavar="STATUS", help="A status that counts as sold; repeatable."
)
@click.option(
    "--not-sold", multiple=True, metavar="STATUS", help="A status that doesn't; repeatable."
)
@click.option("--encoding", metavar="NAME", help="Such as cp1252, where it isn't found out right.")
@click.option("--date-format", metavar="FORMAT", help="Such as %d.%m.%Y, where dates need it.")
@click.option(
    "--decimal",
    type=click.Choice([".", ","]),
    help="The decimal sign, where the amounts don't show it.",
)
@click.option("--keep-zero", is_flag=True, help="Keep orders of amount 0.")
@click.option("--keep-duplicates", is_flag=True, help="Keep rows that are copies of others.")
@click.option("--keep-far", is_flag=True, help="Keep orders dated far from all others.")
@click.option(
    "--until",
    type=_DAY,
    metavar="DAY",
    help="Last day for which the log is complete; later orders are left out. The day of its last "
    "order if not given.",
)
@click.option(
    "--first-from",
    type=_DAY,
    metavar="DAY",
    help="Leave out who first ordered before, such as customers from before the log began.",
)
@click.option("--first-until", type=_DAY, metavar="DAY", help="Leave out who first ordered later.")
@click.option(
    "--currency",
    metavar="XXX",
    help="Of the amounts; of a log in several, the one to keep. The log's if it names one, else "
    "the base's, else EUR.",
)
@hook_timeout_option
@quiet_option
def fit(**given: Any) -> None:
    """Make a scenario of TRANSACTIONS, a purchase log: CSV, JSON, Parquet, or a shop's export.

    Counts what was sold: orders that were cancelled, refunded, failed or not paid are left out,
    refunds are taken off their orders, and what was left out or not understood is said. Fits how
    often customers buy, when they leave and what they spend, then adjusts the needs by simulation
    until customers under the status quo buy as those of the log. Shows fit and data side by side
    and writes a scenario that compare runs. Start with --check.
    """
    from omnilab.errors import DataError

    request = FitRequest(**given)
    files, ground, days = request.prepared()
    log = request.read()
    occasions = request.occasions_of(log)
    if not request.check:
        tell(log, request, occasions)
    else:
        from omnilab.cli.fit_report import show_check

        show_check(log, occasions, request.transactions)
        return
    from omnilab.fit.scenario import Setting

    assert request.output is not None
    assert request.status_quo is not None
    setting = Setting(
        id=id_of(request.output),
        title=f"Fitted on {log.source}",
        currency=request.currency or log.currency or ground.get("currency", "EUR"),
        status_quo=request.status_quo,
        base=ground,
        occasions=occasions,
    )
    try:
        _fit(setting, log, files, request, days)
    except DataError as error:
        if error.file is not None:
            raise
        raise DataError(error.message, file=request.transactions) from None  # models know no files


def _fit(
    setting: Setting, log: Transactions, files: list[Path], request: FitRequest, days: int
) -> None:
    from omnilab.cli.fit_report import Fitted, header_of, next_header, show_fit
    from omnilab.cli.fit_simulations import adjusted_needs, forecast_of
    from omnilab.fit import fit_bgnbd, fit_gamma_gamma, fit_report, summarise
    from omnilab.fit.needs import Cohort, first_guess
    from omnilab.fit.scenario import fitted_scenario, write_scenarios
    from omnilab.strategy.loading import load_strategy

    occasions = setting.occasions
    summary = summarise(occasions)
    bgnbd = fit_bgnbd(summary)
    spend = fit_gamma_gamma(summary.frequency, summary.monetary_value)
    cohort = Cohort(occasions)
    start = first_guess(cohort, spend.model)
    _, scenario = fitted_scenario(setting, start.rounded())
    load_strategy(setting.status_quo, scenario)  # a wrong name is said before the wait
    adjusted = adjusted_needs(setting, cohort, start, quiet=request.quiet)
    report = fit_report(occasions, bgnbd, spend, transactions=log)
    report = report.with_simulated(adjusted.occasions)
    data, scenario = fitted_scenario(setting, adjusted.needs)
    ahead = None
    if days:
        ahead = forecast_of(setting, log, cohort, start, adjusted.needs, bgnbd, days, request)
    fitted = Fitted(setting, scenario, report, adjusted, start, bgnbd, spend, ahead)
    written = [(files[0], data, header_of(fitted))]
    if ahead is not None:
        written.append((files[1], ahead.data, next_header(fitted)))
    write_scenarios(written)
    if not request.quiet:
        show_fit(fitted)
    for warning in fitted.warnings:
        say_warning(warning)
    for file in files:
        say(f"written to {file}", quiet=request.quiet)
