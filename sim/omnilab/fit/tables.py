"""A fit's tables as Parquet: customers one by one, weeks, the hold-out's classes, draws."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab._files.writing import drafts
from omnilab.errors import OptionError
from omnilab.experiment.columns import Column, write_rows
from omnilab.fit.doubt import drawn_needs
from omnilab.fit.histories import standing_of
from omnilab.fit.holdout import ACCOUNTS, WeekRow, weekly_bands
from omnilab.fit.needs import Cohort

if TYPE_CHECKING:
    from omnilab.fit.found import Fitted
    from omnilab.fit.read import Transactions

__all__ = [
    "CLASSES", "CUSTOMERS", "DRAWS", "TABLES", "WEEKS", "check_folder", "class_rows",
    "customer_rows", "draw_rows", "week_rows", "write_tables",
]  # fmt: skip

Row = dict[str, Any]

_DRAWS = 200
_DAY_S = 86_400

CUSTOMERS: Final = (
    Column("customer", "The id, as the log has it."),
    Column("orders", "Orders within the log's days; those of one day are one.", "whole"),
    Column("first_day", "Day of the first of them, from the log's first day, 0 or above.", "whole"),
    Column("last_day", "Day of the last of them, likewise.", "whole"),
    Column("spent", "Money of all of them, in the log's currency; null without amounts.",
           "number", null=True),
    Column("alive", "Chance to be a customer still at the log's end, 0 to 1.", "number"),
    Column("days_ahead", "Length of the forecast that the next columns are of, in days.", "whole"),
    Column("expected_orders", "Orders expected in these days, by the laws of purchase.", "number"),
    Column("chance_to_order", "Chance of any order in them, 0 to 1.", "number"),
    Column("mean_order", "Expected money of an order; null without amounts.", "number", null=True),
    Column("expected_spend", "Expected money in these days: orders times their mean; null without "
           "amounts.", "number", null=True),
    Column("simulated_orders", "Orders in the simulated forecast, mean of the customer's group; "
           "null without `--forecast`.", "number", null=True),
)  # fmt: skip
WEEKS: Final = (
    Column("part", "Whether the week is of the log's days, held out, or after the log's end.",
           values=("log", "held_out", "ahead")),
    Column("week", "Number within its part, from 1.", "whole"),
    Column("first_day", "Its first day, as YYYY-MM-DD; null where the calendar is unknown.",
           null=True),
    Column("days", "Its days within the part, 1 to 7.", "whole"),
    Column("new_customers", "First orders in it; null where it is not of the log.", "whole",
           null=True),
    Column("orders", "Orders in the log, all of them or of the customers who are forecast; null "
           "after its end.", "whole", null=True),
    Column("expected", "Orders of the same customers in the simulation; null where it is of the "
           "log.", "number", null=True),
    Column("low", "Lower bound of the 90% interval.", "number", null=True),
    Column("high", "Upper bound of the 90% interval.", "number", null=True),
)  # fmt: skip
CLASSES: Final = (
    Column("repeats", "Repeat orders in the part that was fitted: 0 to 6, or 7+."),
    Column("customers", "Customers with so many.", "whole"),
    Column("sd", "By how much their orders in the log would differ by chance, one standard "
           "deviation.", "number"),
    *(Column(name.replace("/", "_").lower(), f"Their orders in the part held out: {name}.",
             "number") for name in ACCOUNTS),
)  # fmt: skip
DRAWS: Final = (
    Column("draw", "Number of the draw, from 0; those of one number belong together.", "whole"),
    Column("key", "Dotted key of the scenario that the value is for."),
    Column("value", "The value, in the key's unit; of `every` in days.", "number"),
)

TABLES: Final = {
    "customers.parquet": CUSTOMERS, "weeks.parquet": WEEKS, "classes.parquet": CLASSES,
    "draws.parquet": DRAWS,
}  # fmt: skip


def customer_rows(fitted: Fitted, log: Transactions) -> list[Row]:
    """Return the log's customers one by one, as `CUSTOMERS` has them."""
    setting, start = fitted.setting, fitted.start
    occasions = setting.occasions
    standing = standing_of(Cohort(occasions), fitted.likely.laws, start.season)
    days = 365 if fitted.ahead is None else fitted.ahead.days
    ahead = float(days) if fitted.ahead is None else fitted.ahead.seasonal_days
    expected, chance = standing.expected_orders(ahead), standing.chance_to_order(ahead)
    alive = standing.alive
    mean = np.full(occasions.n_customers, np.nan)
    if setting.spend is not None:
        mean = setting.spend.known_spend(standing.repeats + 1, standing.spend, standing.logs)[0]
    last = np.ones(len(occasions.customer), dtype=np.bool_)
    last[:-1] = occasions.first[1:]
    names = _names(fitted, log)
    firsts, lasts = (occasions.time_s[at] // _DAY_S for at in (occasions.first, last))
    simulated = None if fitted.ahead is None else fitted.ahead.each
    money = fitted.has_amounts
    return [
        {
            "customer": str(names[i]), "orders": int(standing.repeats[i] + 1),
            "first_day": int(firsts[i]), "last_day": int(lasts[i]),
            "spent": float(standing.spend[i]) if money else None, "alive": float(alive[i]),
            "days_ahead": days, "expected_orders": float(expected[i]),
            "chance_to_order": float(chance[i]), "mean_order": float(mean[i]) if money else None,
            "expected_spend": float(expected[i] * mean[i]) if money else None,
            "simulated_orders": None if simulated is None else float(simulated[i]),
        }
        for i in range(occasions.n_customers)
    ]  # fmt: skip


def week_rows(fitted: Fitted) -> list[Row]:
    """Return the log's weeks, those held out, and those ahead, as `WEEKS` has them."""
    o = fitted.setting.occasions
    whole = -(-o.n_days // 7)
    orders = np.bincount(o.time_s // (7 * _DAY_S), minlength=whole)
    new = np.bincount(o.first_time_s // (7 * _DAY_S), minlength=whole)
    rows: list[Row] = [
        {
            "part": "log", "week": w + 1,
            "first_day": None if o.start is None else str(o.start + timedelta(days=7 * w)),
            "days": min(7, o.n_days - 7 * w), "new_customers": int(new[w]),
            "orders": int(orders[w]), "expected": None, "low": None, "high": None,
        }
        for w in range(whole)
    ]  # fmt: skip
    if fitted.heldout is not None:
        rows += _bands("held_out", fitted.heldout.weeks)
    if fitted.ahead is not None:
        rows += _bands("ahead", weekly_bands(o, fitted.likely, fitted.ahead))
    return rows


def class_rows(fitted: Fitted) -> list[Row]:
    """Return the hold-out's classes, as `CLASSES` has them; none where nothing was held out."""
    classes = () if fitted.heldout is None else fitted.heldout.classes
    return [
        {"repeats": one.repeats, "customers": one.customers, "sd": one.sd}
        | {name.replace("/", "_").lower(): one.orders[name] for name in ACCOUNTS}
        for one in classes
    ]


def draw_rows(fitted: Fitted, number: int = _DRAWS) -> list[Row]:
    """Return joint draws of what was fitted, by the scenario's keys, as `DRAWS` has them.

    See `omnilab.fit.doubt`.
    """
    rows: list[Row] = []
    name = fitted.scenario.categories[0].name
    for n, values in enumerate(drawn_needs(fitted.likely, fitted.adjusted.needs, name, number)):
        rows += [{"draw": n, "key": key, "value": value} for key, value in values.items()]
    return rows


def check_folder(folder: Path) -> None:
    """Refuse a folder that can't take the tables, or that holds anything else.

    Raises
    ------
    OptionError
        With what stands in the way.
    """
    if folder.exists() and not folder.is_dir():
        raise OptionError(f"--tables {folder}: there is a file of that name: name a folder")
    if not folder.exists():
        if not folder.absolute().parent.is_dir():
            raise OptionError(f"--tables {folder}: there is no folder {folder.parent}")
        return
    others = sorted(one.name for one in folder.iterdir() if one.name not in TABLES)
    if others:
        raise OptionError(
            f"--tables {folder}: it holds other files, such as {others[0]!r}: name a new folder"
        )


def write_tables(fitted: Fitted, log: Transactions, folder: Path) -> None:
    """Write the tables into a folder, all of them or none."""
    rows: dict[str, Sequence[Row]] = {
        "customers.parquet": customer_rows(fitted, log), "weeks.parquet": week_rows(fitted),
        "classes.parquet": class_rows(fitted), "draws.parquet": draw_rows(fitted),
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    with drafts([folder / name for name in TABLES]) as written:
        for draft, (name, columns) in zip(written, TABLES.items(), strict=True):
            write_rows(draft, rows[name], columns)


def _names(fitted: Fitted, log: Transactions) -> Sequence[str]:
    """Return the ids of the fitted customers, in their order."""
    return [str(log.customer_ids[i]) for i in fitted.who]


def _bands(part: str, weeks: Sequence[WeekRow]) -> list[Row]:
    return [
        {
            "part": part, "week": number,
            "first_day": None if week.first_day is None else str(week.first_day),
            "days": week.days, "new_customers": None,
            "orders": None if week.actual != week.actual else int(week.actual),
            "expected": week.expected, "low": week.low, "high": week.high,
        }
        for number, week in enumerate(weeks, 1)
    ]  # fmt: skip
