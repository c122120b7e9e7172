"""Find the columns of a test's table, by the names such tables usually give them or by option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from omnilab.errors import DataError, named, nearest
from omnilab.fit.experiment.request import ExperimentRequest
from omnilab.fit.presets import plain_name

__all__ = ["OUTCOMES", "Columns", "find_columns", "looks_like_header"]

#: What a test may have found, in this order.
OUTCOMES: Final = ("visit", "conversion", "spend")

_USUAL: Final = {
    "arm": "arm group testgroup treatmentgroup experimentgroup variant variation treatment segment"
    " testcell cell condition gruppe variante groupe variante grupo",
    "customer": "customer customerid custid userid user clientid contactid subscriberid email"
    " personid memberid id row kundennummer kunde",
    "date": "date sentat senddate sendtime sent startdate datum",
    "visit": "visit visits visited session sessions sitevisit sitevisits webvisit webvisits besuch",
    "conversion": "conversion conversions converted purchase purchases purchased order orders"
    " ordered buyer transactions kauf",
    "spend": "spend spent revenue amount sales value ordervalue umsatz",
    "recency": "recency recencymonths recencydays recencyweeks monthssincelastorder"
    " monthssincelastpurchase dayssincelastorder dayssincelastpurchase weekssincelastorder"
    " lastpurchasedays lastorderdays",
    "history": "history pastspend historicspend historicalspend spendlastyear spend12m monetary"
    " pastrevenue",
    "newbie": "newbie isnew newcustomer new isnewcustomer",
}
_NAMES: Final = {role: tuple(words.split()) for role, words in _USUAL.items()}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a test was read from; None where there is none of that role.

    Parameters
    ----------
    arm
        Which arm a customer was in.
    outcomes
        Role of `OUTCOMES` -> name.
    bought
        Columns that an option calls purchases of a category; empty where they are to be found.
    others
        All columns without a role.
    """

    arm: str
    outcomes: dict[str, str]
    customer: str | None
    date: str | None
    recency: str | None
    history: str | None
    newbie: str | None
    bought: tuple[str, ...]
    others: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return one line for each role that a column was found for."""
        found: list[tuple[str, str | None]] = [("arm", self.arm), *self.outcomes.items()]
        found += [(role, getattr(self, role)) for role in ("customer", "date", "recency")]
        found += [("spent before", self.history), ("new in the last year", self.newbie)]
        return [f"{role}: {name!r}" for role, name in found if name]


def find_columns(names: Sequence[str], request: ExperimentRequest, file: Path) -> Columns:
    """Choose a table's columns among ``names``; an option wins over the usual names.

    Raises
    ------
    DataError
        Where the arm or every outcome is missing, a name is not there or stands twice, or a column
        is asked for in two roles.
    """
    taken: dict[str, str] = {}

    def take(role: str, asked: str | None) -> str | None:
        name = _asked(role, asked, names, file) if asked else _usual(role, names, taken)
        if name is None:
            return None
        if name in taken:
            raise DataError(f"column {name!r} can't be both {taken[name]} and {role}", file=file)
        if names.count(name) > 1:
            raise DataError(f"{names.count(name)} columns are named {name!r}", file=file)
        taken[name] = role
        return name

    # Options first: a column that one of them names is no longer free for a usual name.
    roles = [*_NAMES]
    asked = {role: getattr(request, role) for role in roles}
    for name in request.bought:
        taken[_asked("bought", name, names, file)] = "bought"
    found: dict[str, str | None] = {role: take(role, asked[role]) for role in roles if asked[role]}
    found |= {role: take(role, None) for role in roles if not asked[role]}
    arm = found["arm"]
    if arm is None:
        raise DataError(
            f"no column says which arm a customer was in; there are {named(names)}: name it with "
            "--arm",
            file=file,
        )
    outcomes = {role: column for role in OUTCOMES if (column := found[role]) is not None}
    if not outcomes:
        raise DataError(
            f"no column has an outcome; there are {named(names)}: name one with --visit, "
            "--conversion or --spend",
            file=file,
        )
    return Columns(
        arm=arm,
        outcomes=outcomes,
        customer=found["customer"],
        date=found["date"],
        recency=found["recency"],
        history=found["history"],
        newbie=found["newbie"],
        bought=tuple(request.bought),
        others=tuple(name for name in names if name and name not in taken),
    )


def looks_like_header(fields: Sequence[str], request: ExperimentRequest) -> bool:
    """Return whether a line's fields are the names of columns, so that title lines end there."""
    asked = {getattr(request, role) for role in _NAMES} | set(request.bought)
    plain = {plain_name(field) for field in fields}
    hits = sum(field.strip() in asked for field in fields)
    return hits + sum(bool(plain & set(names)) for names in _NAMES.values()) >= 2


def _asked(role: str, asked: str, names: Sequence[str], file: Path) -> str:
    if asked in names:
        return asked
    close = [name for name in names if name.strip().casefold() == asked.strip().casefold()]
    if len(close) == 1:
        return close[0]
    hint = nearest(asked, [n for n in names if n]) or f"; there are {named(names)}"
    raise DataError(f"no column {asked!r} for {role}{hint}", file=file)


def _usual(role: str, names: Sequence[str], taken: dict[str, str]) -> str | None:
    plain = {plain_name(name): name for name in reversed(names) if name and name not in taken}
    return next((plain[usual] for usual in _NAMES[role] if usual in plain), None)
