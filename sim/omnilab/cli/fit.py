"""``omnilab fit``: a scenario of your own transaction log."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import progress_bar, say, say_warning
from omnilab.cli.options import hook_timeout_option, quiet_option
from omnilab.cli.places import DATA, FITTED, SCENARIO, STRATEGY, PlacesCommand

if TYPE_CHECKING:
    from datetime import datetime

    from omnilab.fit.adjust import Adjusted, Misfit
    from omnilab.fit.needs import Cohort, Needs
    from omnilab.fit.report import FitReport
    from omnilab.fit.scenario import Setting
    from omnilab.fit.summary import Occasions
    from omnilab.scenario.model import Scenario

__all__ = ["fit"]

# Customers of one simulation: enough to tell a share to half a point, few enough for memory.
_FEWEST, _MOST = 10_000, 50_000
_SEEDS = (1, 2, 3)

_FAR = (
    "simulated customers are still more than 3% of repeats or spend, or 1.5 points of a share, "
    "from the log: look at the misfits before you rely on the scenario"
)

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(cls=PlacesCommand)
@click.argument("transactions", type=DATA)
@click.option(
    "-o", "--output", required=True, type=FITTED, metavar="SCENARIO",
    help="Scenario file to write; one by an earlier fit that nobody edited is replaced.",
)  # fmt: skip
@click.option(
    "--status-quo", type=STRATEGY, required=True, metavar="S",
    help="Strategy under which the orders were made; no_contact if nobody was written to.",
)  # fmt: skip
@click.option(
    "--base", type=SCENARIO, metavar="SCENARIO",
    help="File or id with your channels, message rates and journeys; a web shop with e-mail if "
    "not given.",
)  # fmt: skip
@click.option("--customer", metavar="COLUMN", help="Column of customer ids; found by its name.")
@click.option("--date", metavar="COLUMN", help="Column of dates; found by its name.")
@click.option("--amount", metavar="COLUMN", help="Column of amounts; found by its name.")
@click.option("--quantity", metavar="COLUMN", help="Column of pieces; found by its name.")
@click.option("--date-format", metavar="FORMAT", help="Such as %d.%m.%Y, where dates need it.")
@click.option("--keep-zero", is_flag=True, help="Keep orders of amount 0.")
@click.option("--keep-duplicates", is_flag=True, help="Keep rows that are copies of others.")
@click.option(
    "--first-from", type=_DAY, metavar="DAY",
    help="Leave out who first ordered before, such as customers from before the log began.",
)  # fmt: skip
@click.option("--first-until", type=_DAY, metavar="DAY", help="Leave out who first ordered later.")
@click.option(
    "--currency", metavar="XXX", help="Of the amounts; the base's if not given, else EUR."
)
@hook_timeout_option
@quiet_option
def fit(
    transactions: Path,
    output: Path,
    status_quo: str,
    base: str | None,
    customer: str | None,
    date: str | None,
    amount: str | None,
    quantity: str | None,
    date_format: str | None,
    keep_zero: bool,
    keep_duplicates: bool,
    first_from: datetime | None,
    first_until: datetime | None,
    currency: str | None,
    quiet: bool,
) -> None:
    """Make a scenario of TRANSACTIONS, a purchase log: CSV, JSON, Parquet or Feather.

    Fits how often customers buy, when they leave and what they spend, then adjusts the needs by
    simulation until customers under the status quo buy as those of the log. Shows fit and data
    side by side and writes a scenario that compare runs.
    """
    from omnilab.errors import DataError, OptionError
    from omnilab.fit import read_transactions
    from omnilab.fit.scenario import Setting, read_base
    from omnilab.fit.summary import purchase_occasions

    if currency is not None and not re.fullmatch("[A-Z]{3}", currency):
        raise OptionError(f"--currency {currency!r}: three capital letters, such as EUR")
    ground = read_base(base)
    log = read_transactions(
        transactions, customer=customer, date=date, amount=amount, quantity=quantity,
        date_format=date_format, keep_zero=keep_zero, keep_duplicates=keep_duplicates,
    )  # fmt: skip
    occasions = purchase_occasions(
        log,
        first_from=first_from.date() if first_from else None,
        first_until=first_until.date() if first_until else None,
    )
    setting = Setting(
        id=_id_of(output),
        title=f"Fitted on {log.source}",
        currency=currency or ground.get("currency", "EUR"),
        status_quo=status_quo,
        base=ground,
        occasions=occasions,
    )
    for note in log.notes:
        say(f"note: {note}", quiet=quiet)
    for line in log.dropped.lines():
        say(f"left out {line}", quiet=quiet)
    try:
        _fit(setting, log, output, quiet=quiet)
    except DataError as error:
        if error.file is not None:
            raise
        raise DataError(error.message, file=transactions) from None  # the models know no files


def _fit(setting: Setting, log: Any, output: Path, *, quiet: bool) -> None:
    from omnilab.brand.loading import load_strategy
    from omnilab.fit import fit_bgnbd, fit_gamma_gamma, fit_report, summarise
    from omnilab.fit.needs import Cohort, first_guess
    from omnilab.fit.scenario import fitted_scenario, write_scenario

    occasions = setting.occasions
    summary = summarise(occasions)
    bgnbd = fit_bgnbd(summary)
    spend = fit_gamma_gamma(summary.frequency, summary.monetary_value)
    cohort = Cohort(occasions)
    start = first_guess(cohort, spend.model)
    _, scenario = fitted_scenario(setting, start.rounded())
    load_strategy(setting.status_quo, scenario)  # a wrong name is said before the wait
    adjusted = _adjusted(setting, cohort, start, quiet=quiet)
    report = fit_report(occasions, bgnbd, spend, transactions=log)
    report = report.with_simulated(adjusted.occasions)
    data, scenario = fitted_scenario(setting, adjusted.needs)
    notes = _notes(setting, scenario, adjusted)
    write_scenario(output, data, _header(setting, report, notes))
    if not quiet:
        _show(setting, report, adjusted, notes)
    if adjusted.misfit.far:
        say_warning(_FAR, quiet=quiet)
    say(f"written to {output}", quiet=quiet)


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


def _id_of(output: Path) -> str:
    """Return a scenario id made of the file's name."""
    stem = re.sub(r"[^a-z0-9_-]+", "-", output.name.removesuffix(".yaml").lower()).strip("-")
    stem = stem if stem[:1].isalpha() else f"log-{stem}"
    return stem if re.fullmatch(r".+-v[1-9][0-9]{0,5}", stem) else f"{stem[:60].rstrip('-')}-v1"


def _notes(setting: Setting, scenario: Scenario, adjusted: Adjusted) -> list[str]:
    """Return what the fit takes as given: the status quo and the messages' effects."""
    from omnilab.fit.scenario import published_rates

    published, own = published_rates(scenario)
    declared = f"orders are taken as made under {setting.status_quo}."
    notes = [f"The status quo was declared, not found in the log: {declared}"]
    if published:
        notes.append(
            f"Effects of messages ({', '.join(published)}) are published defaults, not fitted; "
            "give your own rates with --base."
        )
    if own:
        notes.append(f"Effects of messages ({', '.join(own)}) are the base's own rates.")
    if adjusted.misfit.far:
        notes.append(f"{_FAR[:1].upper()}{_FAR[1:]}.")
    notes.append(
        f"Adjusted in {adjusted.rounds} rounds; left: {adjusted.misfit}. Seasons of months that "
        "the log does not cover are taken as average."
    )
    return notes


def _header(setting: Setting, report: FitReport, notes: list[str]) -> str:
    """Return the comment above the file: the data's facts and what they were fitted to."""
    import textwrap

    lines = [
        f"{_size(setting, report)}; made by `omnilab fit`.",
        "In the data, and simulated under the status quo:",
    ]
    lines += [
        f"  {row.quantity}: {_written(row.kind, row.data)}, {_written(row.kind, row.simulated)}"
        for row in report.rows
    ]
    for note in notes:
        lines += textwrap.wrap(note, 94)
    return "\n".join(lines)


def _show(setting: Setting, report: FitReport, adjusted: Adjusted, notes: list[str]) -> None:
    """Print fit and data side by side on stdout."""
    from omnilab.report.document import Document, Table
    from omnilab.report.terminal import print_document

    beside = tuple(
        (row.quantity, (
            _written(row.kind, row.data),
            _written(row.kind, row.fitted), _misfit(row.kind, row.misfit),
            _written(row.kind, row.simulated), _misfit(row.kind, row.simulated_misfit),
        )) for row in report.rows
    )  # fmt: skip
    estimates = tuple(
        (e.name, (f"{e.value:.4g}", f"{e.standard_error:.2g}")) for e in report.estimates
    )
    n = adjusted.needs
    needs = (
        ("days between needs, at the mean rate", (f"{n.every:g}",)),
        ("shape of rates over customers", (f"{n.shape:g}",)),
        ("leaving after an order, beta a and b", (f"{n.a:g}, {n.b:g}",)),
        ("mean spend", (f"{n.spend:.2f}",)),
    )
    tables = (
        Table("Fit and data", "", ("data", "fit", "misfit", "simulated", "misfit"), beside,
              "Fit: BG/NBD and Gamma-Gamma. Misfits of shares are in points."),
        Table("Maximum likelihood", f"time in {report.unit}s", ("value", "error"), estimates),
        Table("Needs, adjusted by simulation", "", ("value",), needs),
    )  # fmt: skip
    setting_line = f"{_size(setting, report)}, amounts in {setting.currency}"
    title = f"{setting.id}: {setting.title}"
    left_out = [f"Left out: {line}." for line in report.dropped]
    said = [f"{note[:1].upper()}{note[1:].rstrip('.')}." for note in report.notes]
    print_document(Document(title, setting_line, (), tables, (*left_out, *said, *notes)))


def _size(setting: Setting, report: FitReport) -> str:
    return (
        f"{report.n_customers:,} customers, {report.n_occasions:,} orders, {report.n_days} days "
        f"from {setting.occasions.start}"
    )


def _written(kind: str, value: float | None) -> str:
    if value is None or value != value:
        return "-"
    if kind == "share":
        return f"{100 * value:.1f}%"
    return f"{value:,.0f}" if kind == "count" else f"{value:,.2f}"


def _misfit(kind: str, value: float | None) -> str:
    if value is None or value != value:
        return "-"
    return f"{100 * value:+.1f}" if kind == "share" else f"{100 * value:+.1f}%"
