"""What a user asked ``omnilab fit`` for, checked, and what is said of how the log was read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnilab.cli.console import say, say_warning
from omnilab.cli.places import FITTED, check_beside

if TYPE_CHECKING:
    from datetime import datetime

    from omnilab.fit.read import Transactions
    from omnilab.fit.summary import Occasions

__all__ = ["FitRequest", "id_of", "next_to", "tell"]

_DAY_S = 86_400


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

    @property
    def first_day(self) -> Date | None:
        """The first day on which a customer's first order may be."""
        return _day(self.first_from)

    @property
    def last_first_day(self) -> Date | None:
        """The last day on which a customer's first order may be."""
        return _day(self.first_until)

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
            files.append(next_to(self.output))
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

        return purchase_occasions(
            log, end=_day(self.until), first_from=self.first_day, first_until=self.last_first_day
        )


def _day(moment: datetime | None) -> Date | None:
    return moment.date() if moment else None


def _today() -> Date:
    """Return today: what a log dates later is a mistake."""
    return Date.today()  # noqa: DTZ011  the user's own day


def _days_of(forecast: str | None) -> int:
    """Return the days of a duration such as ``365d``, 0 without one."""
    from omnilab.errors import OptionError
    from omnilab.parameters.quantity import parse_duration

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


def next_to(output: Path) -> Path:
    """Return the file of the forecast: ``shop-v1.yaml`` has ``shop-next-v1.yaml`` beside it."""
    stem, dot, ending = output.name.rpartition(".")
    stem, ending = (stem, dot + ending) if dot else (output.name, "")
    version = re.search(r"-v[1-9]\d*$", stem)
    head, tail = (stem[: version.start()], version[0]) if version else (stem, "")
    return output.with_name(f"{head}-next{tail}{ending}")


def id_of(output: Path) -> str:
    """Return a scenario id made of the file's name."""
    stem = re.sub(r"[^a-z0-9_-]+", "-", output.name.removesuffix(".yaml").lower()).strip("-")
    stem = stem if stem[:1].isalpha() else f"log-{stem}"
    return stem if re.fullmatch(r".+-v[1-9][0-9]{0,5}", stem) else f"{stem[:60].rstrip('-')}-v1"


def tell(log: Transactions, request: FitRequest, occasions: Occasions) -> None:
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
