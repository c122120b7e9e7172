"""What a user asks a fit for: the log, how to read it, what is declared of the customers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path

from omnilab.errors import OptionError
from omnilab.fit.holdout import default_days
from omnilab.fit.read import Transactions, read_transactions
from omnilab.fit.summary import Occasions, purchase_occasions
from omnilab.parameters.quantity import parse_duration
from omnilab.scenario.model import Scenario

__all__ = ["FitRequest", "id_of", "log_findings", "next_to"]

_DAY_S = 86_400
_SHORTEST, _LONGEST = 2, 3650  # days of a forecast
_SILENT_DAYS = 30
_LEAST_HELD_OUT = 14  # days of a hold-out that nobody asked for


@dataclass(frozen=True, kw_only=True)
class FitRequest:
    """What a user asks a fit for; each field is an option of ``omnilab fit``.

    Parameters
    ----------
    base
        Also a scenario that is loaded, from Python.
    season
        ``fit``, ``off``, or twelve monthly factors, in Python also as numbers.
    until, first_from, first_until
        Days, where the command has them.
    """

    transactions: Path
    status_quo: str | None = None
    forecast: str | None = None
    base: str | Scenario | None = None
    preset: str | None = None
    customer: str | None = None
    date: str | None = None
    amount: str | None = None
    quantity: str | None = None
    order: str | None = None
    status: str | None = None
    sold: Sequence[str] = ()
    not_sold: Sequence[str] = ()
    encoding: str | None = None
    date_format: str | None = None
    decimal: str | None = None
    keep_zero: bool = False
    keep_duplicates: bool = False
    keep_far: bool = False
    until: Date | None = None
    first_from: Date | None = None
    first_until: Date | None = None
    currency: str | None = None
    holdout: str | None = None
    season: str | Sequence[float] | None = None
    no_amounts: bool = False
    accept: bool = False

    def check(self) -> None:
        """Check what can be checked before the log is read.

        Raises
        ------
        OptionError
            With the first option that can't be used.
        """
        if self.currency is not None and not re.fullmatch("[A-Z]{3}", self.currency):
            raise OptionError(f"--currency {self.currency!r}: three capital letters, such as EUR")
        if self.until is not None and self.until > _today():
            raise OptionError(
                f"--until {self.until} is in the future: no log is complete until then"
            )
        _ = self.days, self.told_season
        self.held_out_days(_LONGEST)

    def held_out_days(self, n_days: int) -> int:
        """Return the days at the log's end to hold out, 0 for none.

        Parameters
        ----------
        n_days
            Length of the log.

        Raises
        ------
        OptionError
            If ``holdout`` is no duration of whole days, or leaves less than half of the log.
        """
        if self.holdout is None:
            days = default_days(n_days)
            return days if days >= _LEAST_HELD_OUT else 0
        if self.holdout == "none":
            return 0
        try:
            days = parse_duration(self.holdout) // _DAY_S
        except ValueError as error:
            raise OptionError(
                f"--holdout {self.holdout!r}: {error}; or none for no hold-out"
            ) from None
        if not _SHORTEST <= days <= n_days // 2:
            raise OptionError(
                f"--holdout {self.holdout!r}: between {_SHORTEST}d and half of the log, "
                f"{n_days // 2}d"
            )
        return days

    @property
    def told_season(self) -> tuple[float, ...] | None:
        """The twelve monthly factors that the user gave, None where none.

        Raises
        ------
        OptionError
            If ``season`` is neither ``fit``, ``off``, nor twelve numbers above 0.
        """
        if self.season is None or self.season in ("fit", "off"):
            return None
        given = self.season.split(",") if isinstance(self.season, str) else self.season
        try:
            factors = [float(one) for one in given]
        except (TypeError, ValueError):
            factors = []
        if len(factors) != 12 or not all(0.05 <= f <= 20 for f in factors):
            raise OptionError(
                f"--season {self.season!r}: fit, off, or twelve factors from 0.05 to 20 with "
                "commas between, January first"
            )
        mean = sum(factors) / 12
        return tuple(round(f / mean, 4) for f in factors)

    @property
    def days(self) -> int:
        """The days to forecast, 0 for none.

        Raises
        ------
        OptionError
            If ``forecast`` is no duration, or outside of 2 to 3650 days.
        """
        if self.forecast is None:
            return 0
        try:
            seconds = parse_duration(self.forecast)
        except ValueError as error:
            raise OptionError(f"--forecast {self.forecast!r}: {error}") from None
        days = seconds // _DAY_S
        if not _SHORTEST <= days <= _LONGEST:
            raise OptionError(f"--forecast {self.forecast!r}: between {_SHORTEST}d and {_LONGEST}d")
        return days

    def read(self) -> Transactions:
        """Return the log."""
        return read_transactions(
            self.transactions, customer=self.customer, date=self.date, amount=self.amount,
            quantity=self.quantity, order=self.order, status=self.status, preset=self.preset,
            sold=self.sold, not_sold=self.not_sold, encoding=self.encoding,
            date_format=self.date_format, decimal=self.decimal, currency=self.currency,
            keep_zero=self.keep_zero, keep_duplicates=self.keep_duplicates,
            keep_far=self.keep_far, no_amounts=self.no_amounts, today=_today(),
        )  # fmt: skip

    def occasions_of(self, log: Transactions) -> Occasions:
        """Return the purchase occasions of the days that were asked for."""
        return purchase_occasions(
            log, end=self.until, first_from=self.first_from, first_until=self.first_until
        )


def log_findings(
    request: FitRequest, log: Transactions, occasions: Occasions
) -> tuple[list[str], list[str]]:
    """Return how a log was read, as notes, and what a reader must know of it, as warnings."""
    notes = list(log.notes)
    warnings = [f"left out {line}" for line in log.dropped.lines()]
    warnings += [one.line() for one in log.not_understood]
    if request.until is not None:
        later = int((log.time_s // _DAY_S > _day_number(request.until)).sum())
        if later:
            notes.append(f"left out {later:,} orders after {request.until}")
        silent = (request.until - log.last_day).days
        if silent > max(_SILENT_DAYS, occasions.n_days // 4):
            warnings.append(
                f"--until {request.until}: the last order is of {log.last_day}, {silent} "
                "days before; customers look lost for all of that time"
            )
    return notes, warnings


def id_of(name: str) -> str:
    """Return a scenario id made of a file's name: ``Shop 2024.yaml`` is ``shop-2024-v1``."""
    stem = re.sub(r"[^a-z0-9_-]+", "-", name.removesuffix(".yaml").lower()).strip("-")
    stem = stem if stem[:1].isalpha() else f"log-{stem}"
    return stem if re.fullmatch(r".+-v[1-9][0-9]{0,5}", stem) else f"{stem[:60].rstrip('-')}-v1"


def next_to(output: Path) -> Path:
    """Return the file of the forecast: ``shop-v1.yaml`` has ``shop-next-v1.yaml`` beside it."""
    stem, dot, ending = output.name.rpartition(".")
    stem, ending = (stem, dot + ending) if dot else (output.name, "")
    version = re.search(r"-v[1-9]\d*$", stem)
    head, tail = (stem[: version.start()], version[0]) if version else (stem, "")
    return output.with_name(f"{head}-next{tail}{ending}")


def _today() -> Date:
    """Return today: what a log dates later is a mistake."""
    return Date.today()  # noqa: DTZ011  the user's own day


def _day_number(day: Date) -> int:
    return day.toordinal() - Date(1970, 1, 1).toordinal()
