"""Fit a scenario to a purchase log, from Python."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omnilab._arguments import (
    callers_level,
    choice,
    day,
    flag,
    in_python,
    known_arguments,
    path,
    python_words,
    text,
    texts,
)
from omnilab._arguments import progress as callback
from omnilab._files.seal import is_sealed
from omnilab._files.writing import check_writable
from omnilab.api.observations import frame_of
from omnilab.errors import OmnilabWarning, OptionError
from omnilab.fit.course import carry_out
from omnilab.fit.presets import PRESETS
from omnilab.fit.request import FitRequest, id_of, log_findings, next_to
from omnilab.fit.scenario import read_base, write_scenarios
from omnilab.fit.tables import customer_rows, draw_rows, week_rows
from omnilab.parameters.quantity import parse_scenario_id
from omnilab.scenario.model import Scenario

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from omnilab.fit.found import Fitted
    from omnilab.fit.read import Transactions

__all__ = ["Fit", "fit"]


@known_arguments
def fit(
    transactions: str | PathLike[str],
    *,
    status_quo: str,
    base: str | PathLike[str] | Scenario | None = None,
    scenario_id: str | None = None,
    forecast: str | None = None,
    holdout: str | None = None,
    season: str | Sequence[float] | None = None,
    accept: bool = False,
    until: Date | str | None = None,
    first_from: Date | str | None = None,
    first_until: Date | str | None = None,
    preset: str | None = None,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    order: str | None = None,
    status: str | None = None,
    sold: Sequence[str] = (),
    not_sold: Sequence[str] = (),
    encoding: str | None = None,
    date_format: str | None = None,
    decimal: str | None = None,
    currency: str | None = None,
    keep_zero: bool = False,
    keep_duplicates: bool = False,
    keep_far: bool = False,
    no_amounts: bool = False,
    progress: Callable[[str, float], None] | None = None,
) -> Fit:
    """Make a scenario of a purchase log, as ``omnilab fit`` does, with the same numbers.

    Parameters
    ----------
    transactions
        The log: CSV, JSON, Parquet, or a shop's export.
    status_quo
        The strategy under which the orders were made; ``"no_contact"`` if nobody was written to.
    base
        A scenario with your channels, message rates and journeys: a file, a shipped id, or what
        `load_scenario` returned. A web shop with e-mail by default.
    scenario_id
        Of the new scenario, such as ``"shop-v1"``; made of the log's name by default.
    forecast
        A duration such as ``"365d"``: also make a scenario that goes on after the log's end.
    holdout
        A duration such as ``"13w"``: how much of the log's end to hold out and forecast from the
        days before; ``"none"`` for nothing. 13 weeks by default, or a quarter of a log under a
        year.
    season
        ``"fit"``, ``"off"``, or twelve monthly factors; fitted from two years on by default.
    accept
        Return a fit although the log does not tell whether customers leave.
    until
        The last day for which the log is complete; the day of its last order by default.
    first_from, first_until
        Leave out who first ordered before the one, or after the other.
    preset
        Whose export the log is: ``shopify``, ``woocommerce`` or ``magento``; found out if None.
    customer, date, amount, quantity, order, status
        Names of columns; found by the usual names if None.
    sold, not_sold
        Statuses that count as sold, and that do not.
    encoding, date_format, decimal
        How texts, dates and amounts are written, where that is not found out right.
    currency
        Of the amounts; of a log in several, the one to keep.
    keep_zero, keep_duplicates, keep_far
        Keep orders of amount 0, copies of rows, orders dated far from all others.
    no_amounts
        The log has no money: each row is an order.
    progress
        Called with what is being done and how much of it is, 0 to 1.

    Warns
    -----
    OmnilabWarning
        About each kind of row that was left out or not understood, and where the scenario does
        not buy as the log does. They stand in `Fit.warnings` too.

    Raises
    ------
    OptionError, DataError, ScenarioError, StrategyError
        What is wrong with an argument, the log, the base or the status quo, in one line.
    """
    log_file = path("transactions", transactions)
    request = FitRequest(
        transactions=log_file,
        status_quo=_status_quo(status_quo),
        forecast=text("forecast", forecast),
        base=base if base is None or isinstance(base, Scenario) else str(path("base", base)),
        preset=None if preset is None else choice("preset", preset, tuple(PRESETS)),
        customer=text("customer", customer),
        date=text("date", date),
        amount=text("amount", amount),
        quantity=text("quantity", quantity),
        order=text("order", order),
        status=text("status", status),
        sold=texts("sold", sold),
        not_sold=texts("not_sold", not_sold),
        encoding=text("encoding", encoding),
        date_format=text("date_format", date_format),
        decimal=None if decimal is None else choice("decimal", decimal, (".", ",")),
        keep_zero=flag("keep_zero", keep_zero),
        keep_duplicates=flag("keep_duplicates", keep_duplicates),
        keep_far=flag("keep_far", keep_far),
        no_amounts=flag("no_amounts", no_amounts),
        holdout=text("holdout", holdout),
        season=season if season is None or not isinstance(season, str) else text("season", season),
        accept=flag("accept", accept),
        until=day("until", until),
        first_from=day("first_from", first_from),
        first_until=day("first_until", first_until),
        currency=text("currency", currency),
    )
    told = callback("progress", progress)
    with python_words():
        request.check()
        ground = read_base(request.base)
        log = request.read()
        occasions = request.occasions_of(log)
        notes, found = log_findings(request, log, occasions)
        fitted = carry_out(
            request, log, occasions, ground, scenario_id=_id(scenario_id, log_file),
            show=told or (lambda _what, _share: None),
        )  # fmt: skip
    result = Fit(fitted, log, log_file, notes, found)
    for warning in result.warnings:
        warnings.warn(warning, OmnilabWarning, stacklevel=callers_level())
    return result


class Fit:
    """The result of `fit`.

    Parameters
    ----------
    fitted
        What was found.
    log, file
        The log that was read, and its file.
    notes, warnings
        How the log was read, and what a reader must know of it.
    """

    def __init__(
        self,
        fitted: Fitted,
        log: Transactions,
        file: Path,
        notes: Sequence[str],
        warnings: Sequence[str],
    ) -> None:
        self._fitted, self._log, self._file = fitted, log, file
        self._notes, self._warnings = notes, warnings

    def __repr__(self) -> str:
        """Return the scenario and the log's size in one line."""
        return f"<omnilab fit: {self.scenario.id}, {self._fitted.size}>"

    @property
    def scenario(self) -> Scenario:
        """The scenario of the log's days, ready for `compare`."""
        return self._fitted.scenario

    @property
    def next_scenario(self) -> Scenario | None:
        """The scenario of the days after the log's end; None without ``forecast``."""
        return None if self._fitted.ahead is None else self._fitted.ahead.scenario

    @property
    def warnings(self) -> list[str]:
        """What a reader must know before relying on the scenario."""
        return [in_python(line) for line in (*self._warnings, *self._fitted.warnings)]

    @property
    def notes(self) -> list[str]:
        """How the log was read, what speaks against the models, what was taken as given."""
        found = (*self._notes, *self._fitted.report.notes, *self._fitted.notes)
        return [in_python(line) for line in found]

    def table(self) -> pd.DataFrame:
        """Return the log, the models and the simulation side by side, a row a quantity.

        The misfits are differences of shares, and relative to the data otherwise.
        """
        rows = self._fitted.report.rows
        currency = self._fitted.setting.currency.lower()
        return frame_of(
            {
                "measure": f"{row.key}_{currency}" if row.kind == "money" else row.key,
                "meaning": row.quantity, "data": row.data,
                "fit": row.fitted, "fit_misfit": row.misfit,
                "simulated": row.simulated, "simulated_misfit": row.simulated_misfit,
            } for row in rows
        ).set_index("measure")  # fmt: skip

    def estimates(self) -> pd.DataFrame:
        """Return the most likely parameters of the models with their standard errors.

        The unit of time is in the index' name.
        """
        frame = frame_of(
            {"parameter": e.name, "value": e.value, "standard_error": e.standard_error}
            for e in self._fitted.report.estimates
        ).set_index("parameter")
        frame.index.name = f"parameter (time in {self._fitted.report.unit}s)"
        return frame

    def needs(self) -> pd.DataFrame:
        """Return the needs that the scenario has, adjusted by simulation, a row a parameter."""
        needs, currency = self._fitted.adjusted.needs, self._fitted.setting.currency.lower()
        values = {
            "every_days": needs.every, "shape": needs.shape, "dropout_a": needs.a,
            "dropout_b": needs.b, f"spend_{currency}": needs.spend, "spend_p": needs.p,
            "spend_q": needs.q,
        }  # fmt: skip
        values |= {f"season_month_{n}": factor for n, factor in enumerate(needs.season, 1)}
        rows = ({"parameter": name, "value": value} for name, value in values.items())
        return frame_of(rows).set_index("parameter")

    def outlook(self) -> pd.DataFrame:
        """Return what each account says of the days after the log's end, a row an account.

        Raises
        ------
        OptionError
            If no ``forecast`` was asked for.
        """
        ahead = self._fitted.ahead
        if ahead is None:
            raise OptionError("outlook: give fit() a forecast, such as forecast='365d'")
        spend = f"spend_{self._fitted.setting.currency.lower()}"
        accounts = [
            ("log", ahead.actual_days, ahead.actual), ("BG/NBD", ahead.days, ahead.bgnbd),
            ("laws", ahead.days, ahead.expected), ("simulated", ahead.days, ahead.simulated),
        ]  # fmt: skip
        return frame_of(
            {"account": name, "days": days, "orders": said.orders, "buyers_share": said.buyers,
             spend: said.spend}
            for name, days, said in accounts if said is not None
        ).set_index("account")  # fmt: skip

    def customers(self) -> pd.DataFrame:
        """Return the log's customers: their orders so far, and what is expected of each.

        The index is the log's own ids.
        """
        return frame_of(customer_rows(self._fitted, self._log)).set_index("customer")

    def weeks(self) -> pd.DataFrame:
        """Return the weeks of the log, those held out, and those ahead, with 90% intervals."""
        return frame_of(week_rows(self._fitted))

    def draws(self) -> pd.DataFrame:
        """Return 200 joint draws of what was fitted, a row a draw, a column a scenario's key."""
        frame = frame_of(draw_rows(self._fitted))
        return frame.pivot(index="draw", columns="key", values="value")

    def held_out(self) -> pd.DataFrame:
        """Return the hold-out by class of customers, a column an account; the last row is all.

        ``sd`` is by how much a class's orders in the log would differ by chance.

        Raises
        ------
        OptionError
            If nothing was held out.
        """
        found = self._fitted.heldout
        if found is None:
            raise OptionError("held_out: nothing was held out of this log; give fit() a holdout")
        rows: list[dict[str, Any]] = [
            {"repeats": c.repeats, "customers": c.customers, "sd": c.sd, **c.orders}
            for c in found.classes
        ]
        rows.append({"repeats": "all", "customers": found.customers, **found.orders})
        return frame_of(rows).set_index("repeats")

    def left_out(self) -> pd.DataFrame:
        """Return the rows of the log that were left out, a row a reason.

        ``lines`` has the first three of them, by their lines in the file.
        """
        columns = ["reason", "meaning", "rows", "lines"]
        rows = (
            (f.reason, in_python(f.words), f.rows, [line for line, _ in f.examples])
            for f in self._log.dropped.findings
        )
        found = (dict(zip(columns, row, strict=True)) for row in rows)
        return frame_of(found, columns=columns).set_index("reason")

    @known_arguments
    def save(self, path: str | PathLike[str], *, replace: bool = False) -> list[Path]:
        """Write the scenario as a file, and a forecast's beside it with ``-next`` in its name.

        Parameters
        ----------
        path
            The file, which ``omnilab compare`` runs. One by an earlier fit that nobody edited is
            replaced.
        replace
            Replace any other file too, but for the log.

        Returns
        -------
        list of Path
            What was written.

        Raises
        ------
        OptionError
            If a file can't be written, or would cost you one; none is written then.
        """
        first = _path("path", path)
        places = [first] if self._fitted.ahead is None else [first, next_to(first)]
        for place in places:
            _check_place(place, self._file, replace=flag("replace", replace))
        files = [(p, *whole) for p, whole in zip(places, self._fitted.files, strict=True)]
        write_scenarios(files)
        return places


_path = path  # which `save` has an argument of that name for


def _status_quo(name: Any) -> str:
    if not isinstance(name, str):
        raise OptionError(
            f"status_quo: {name!r} is not a text: the name of the strategy under which the orders "
            "were made, such as 'no_contact'"
        )
    return name


def _id(given: str | None, log: Path) -> str:
    if text("scenario_id", given) is None:
        return id_of(log.name.partition(".")[0])
    try:
        return parse_scenario_id(given)
    except ValueError as error:
        raise OptionError(f"scenario_id: {error}") from None


def _check_place(place: Path, log: Path, *, replace: bool) -> None:
    """Refuse a file that can't be written, that is the log, or that a user may have written."""
    check_writable(place, option="path")
    with suppress(OSError):
        if place.samefile(log):
            raise OptionError(f"path {place} is the log: choose another file")
    if place.is_file() and place.stat().st_size and not replace and not is_sealed(place):
        raise OptionError(
            f"path {place} is there, and omnilab did not write it, or it was changed since: "
            "choose another file, or give replace=True"
        )
