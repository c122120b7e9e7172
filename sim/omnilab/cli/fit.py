"""``omnilab fit``: a scenario of your own transaction log."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.options import hook_timeout_option, quiet_option
from omnilab.cli.places import DATA, FITTED, SCENARIO, STRATEGY, PlacesCommand, check_beside

if TYPE_CHECKING:
    from datetime import datetime

    from omnilab.fit.adjust import Adjusted, Misfit
    from omnilab.fit.forecast import Forecast
    from omnilab.fit.needs import Cohort, Needs
    from omnilab.fit.read import Transactions
    from omnilab.fit.scenario import Setting
    from omnilab.fit.summary import Occasions
    from omnilab.scenario.model import Scenario

__all__ = ["FitRequest", "fit"]

# Customers of one simulation: enough to tell a share to half a point, few enough for memory.
_FEWEST, _MOST = 10_000, 50_000
_SEEDS = (1, 2, 3)
_DAY_S = 86_400

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
        _tell(log, request, occasions)
    else:
        from omnilab.cli.fit_report import show_check

        show_check(log, occasions, request.transactions)
        return
    from omnilab.fit.scenario import Setting

    assert request.output is not None
    assert request.status_quo is not None
    setting = Setting(
        id=_id_of(request.output),
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


@dataclass(frozen=True)
class FitRequest:
    """What a user asked ``fit`` for; see the options."""

    transactions: Path
    output: Path | None
    status_quo: str | None
    check: bool
    forecast: str | None
    base: str | None
    preset: str | None
    customer: str | None
    date: str | None
    amount: str | None
    quantity: str | None
    order: str | None
    status: str | None
    sold: tuple[str, ...]
    not_sold: tuple[str, ...]
    encoding: str | None
    date_format: str | None
    decimal: str | None
    keep_zero: bool
    keep_duplicates: bool
    keep_far: bool
    until: datetime | None
    first_from: datetime | None
    first_until: datetime | None
    currency: str | None
    quiet: bool

    def prepared(self) -> tuple[list[Path], dict[str, Any], int]:
        """Check the options; return the files to write, the base, and the days to forecast."""
        from omnilab.errors import OptionError
        from omnilab.fit.scenario import read_base

        if self.currency is not None and not re.fullmatch("[A-Z]{3}", self.currency):
            raise OptionError(f"--currency {self.currency!r}: three capital letters, such as EUR")
        if self.until is not None and self.until.date() > _today():
            raise OptionError(
                f"--until {self.until.date()} is in the future: no log is complete until then"
            )
        days = _days_of(self.forecast)
        if self.check:
            return [], {}, days
        if self.status_quo is None:
            raise OptionError(
                "Missing option '--status-quo': the strategy under which the orders were made, "
                "such as no_contact"
            )
        if self.output is None:
            raise OptionError("Missing option '-o' / '--output': the scenario file to write")
        files = [self.output]
        if days:
            files.append(_next_to(self.output))
            check_beside(click.get_current_context(), "--forecast", files[1], FITTED)
        return files, read_base(self.base), days

    def read(self) -> Transactions:
        """Return the log."""
        from omnilab.fit import read_transactions

        return read_transactions(
            self.transactions, customer=self.customer, date=self.date, amount=self.amount,
            quantity=self.quantity, order=self.order, status=self.status, preset=self.preset,
            sold=self.sold, not_sold=self.not_sold, encoding=self.encoding,
            date_format=self.date_format, decimal=self.decimal, currency=self.currency,
            keep_zero=self.keep_zero, keep_duplicates=self.keep_duplicates,
            keep_far=self.keep_far, today=_today(),
        )  # fmt: skip

    def occasions_of(self, log: Transactions) -> Occasions:
        """Return the purchase occasions of the days that were asked for."""
        from omnilab.fit.summary import purchase_occasions

        end = _day(self.until)
        return purchase_occasions(
            log, end=end, first_from=_day(self.first_from), first_until=_day(self.first_until)
        )


def _day(moment: datetime | None) -> Date | None:
    return moment.date() if moment else None


def _today() -> Date:
    """Return today: what a log dates later is a mistake."""
    return Date.today()  # noqa: DTZ011  the user's own day


def _days_of(forecast: str | None) -> int:
    """Return the days of a duration such as ``365d``, 0 without one."""
    from omnilab.errors import OptionError
    from omnilab.scenario.quantity import parse_duration

    if forecast is None:
        return 0
    try:
        seconds = parse_duration(forecast)
    except ValueError as error:
        raise OptionError(f"--forecast {forecast!r}: {error}") from None
    days = seconds // _DAY_S
    if not 2 <= days <= 3650:
        raise OptionError(f"--forecast {forecast!r}: between 2d and 3650d")
    return days


def _next_to(output: Path) -> Path:
    """Return the file of the forecast: ``shop-v1.yaml`` has ``shop-next-v1.yaml`` beside it."""
    stem, dot, ending = output.name.rpartition(".")
    stem, ending = (stem, dot + ending) if dot else (output.name, "")
    version = re.search(r"-v[1-9]\d*$", stem)
    head, tail = (stem[: version.start()], version[0]) if version else (stem, "")
    return output.with_name(f"{head}-next{tail}{ending}")


def _id_of(output: Path) -> str:
    """Return a scenario id made of the file's name."""
    stem = re.sub(r"[^a-z0-9_-]+", "-", output.name.removesuffix(".yaml").lower()).strip("-")
    stem = stem if stem[:1].isalpha() else f"log-{stem}"
    return stem if re.fullmatch(r".+-v[1-9][0-9]{0,5}", stem) else f"{stem[:60].rstrip('-')}-v1"


def _tell(log: Transactions, request: FitRequest, occasions: Occasions) -> None:
    """Say on stderr how the log was read, what was left out and what wasn't understood."""
    for note in log.notes:
        say(note, quiet=request.quiet)
    for line in log.dropped.lines():
        say_warning(f"left out {line}")
    for one in log.not_understood:
        say_warning(one.line())
    if request.until is not None:
        later = int((log.time_s // _DAY_S > _day_number(request.until.date())).sum())
        if later:
            say(f"left out {later:,} orders after {request.until.date()}", quiet=request.quiet)
        silent = (request.until.date() - log.last_day).days
        if silent > max(30, occasions.n_days // 4):
            say_warning(
                f"--until {request.until.date()}: the last order is of {log.last_day}, {silent} "
                "days before; customers look lost for all of that time"
            )


def _day_number(day: Date) -> int:
    return day.toordinal() - Date(1970, 1, 1).toordinal()


def _fit(
    setting: Setting, log: Transactions, files: list[Path], request: FitRequest, days: int
) -> None:
    from omnilab.brand.loading import load_strategy
    from omnilab.cli.fit_report import Fitted, header_of, next_header, show_fit
    from omnilab.fit import fit_bgnbd, fit_gamma_gamma, fit_report, summarise
    from omnilab.fit.needs import Cohort, first_guess
    from omnilab.fit.scenario import fitted_scenario, write_scenarios

    occasions = setting.occasions
    summary = summarise(occasions)
    bgnbd = fit_bgnbd(summary)
    spend = fit_gamma_gamma(summary.frequency, summary.monetary_value)
    cohort = Cohort(occasions)
    start = first_guess(cohort, spend.model)
    _, scenario = fitted_scenario(setting, start.rounded())
    load_strategy(setting.status_quo, scenario)  # a wrong name is said before the wait
    adjusted = _adjusted(setting, cohort, start, quiet=request.quiet)
    report = fit_report(occasions, bgnbd, spend, transactions=log)
    report = report.with_simulated(adjusted.occasions)
    data, scenario = fitted_scenario(setting, adjusted.needs)
    ahead = None
    if days:
        ahead = _forecast(setting, log, cohort, start, adjusted.needs, bgnbd, days, request)
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


def _adjusted(setting: Setting, cohort: Cohort, start: Needs, *, quiet: bool) -> Adjusted:
    """Return needs adjusted by simulation, with a line for each round on stderr."""
    from omnilab.fit.adjust import ROUNDS, adjust
    from omnilab.fit.scenario import fitted_scenario, simulated_occasions

    occasions = setting.occasions
    customers = min(max(occasions.n_customers, _FEWEST), _MOST)
    say("simulating (kernels are compiled once a version, up to two minutes)", quiet=quiet)
    with progress_bar(quiet=quiet) as show:

        def simulate(needs: Needs) -> Occasions:
            _, scenario = fitted_scenario(setting, needs)
            return simulated_occasions(
                scenario.with_customers(customers), occasions.n_days,
                same_day=occasions.same_day, seeds=_SEEDS,
            )  # fmt: skip

        def tell(number: int, misfit: Misfit) -> None:
            show("adjusting", number / ROUNDS)
            say(f"round {number}: {misfit}", quiet=quiet)

        return adjust(cohort, start, simulate, rounds=ROUNDS, tell=tell)


def _forecast(
    setting: Setting, log: Transactions, cohort: Cohort, start: Needs, needs: Needs, bgnbd: Any,
    days: int, request: FitRequest,
) -> Forecast:  # fmt: skip
    """Return the scenario of the log's customers after its end."""
    from datetime import timedelta

    from omnilab.fit.forecast import forecast
    from omnilab.fit.scenario import simulated_occasions
    from omnilab.fit.summary import later_occasions

    occasions = setting.occasions
    customers = min(max(occasions.n_customers, _FEWEST), _MOST)
    say(f"simulating the {days} days after the log's end", quiet=request.quiet)

    def simulate(scenario: Scenario, n_days: int) -> tuple[Occasions, int]:
        found = simulated_occasions(
            scenario.with_customers(customers), n_days, same_day=occasions.same_day, seeds=_SEEDS
        )
        return found, customers * len(_SEEDS)

    later, later_days = None, 0
    if request.until is not None and occasions.start is not None:
        end = occasions.start + timedelta(days=occasions.n_days - 1)
        later, later_days = later_occasions(
            log, end=end, days=days, first_from=_day(request.first_from),
            first_until=_day(request.first_until),
        )  # fmt: skip
    return forecast(
        setting, cohort, start, needs, bgnbd, days, simulate, later=later, later_days=later_days
    )
