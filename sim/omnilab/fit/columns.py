"""Find the columns of a purchase log, by the names logs usually give them or by option."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from omnilab.errors import DataError, nearest

__all__ = ["Columns", "find_columns", "is_header"]

# Names are compared without case, spaces and punctuation, and without a currency at the end.
# The first of a list that a file has is taken.
_USUAL: dict[str, tuple[str, ...]] = {
    "customer": (
        "customerid", "custid", "customer", "cust", "customerkey", "customerno",
        "customernumber", "userid", "user", "clientid", "client", "memberid", "member",
        "buyerid", "buyer", "shopperid", "accountid", "contactid", "householdkey",
        "householdid", "profileid", "email", "emailaddress",
    ),
    "date": (
        "date", "orderdate", "invoicedate", "purchasedate", "transactiondate", "datetime",
        "orderdatetime", "timestamp", "ordertimestamp", "orderpurchasetimestamp", "time",
        "ordertime", "transactiontime", "eventtime", "createdat", "orderedat", "day",
    ),
    "amount": (
        "amount", "spend", "revenue", "orderamount", "ordervalue", "ordertotal",
        "totalamount", "totalvalue", "totalprice", "grandtotal", "netamount", "total",
        "value", "sales", "salesvalue", "paymentvalue", "monetaryvalue", "turnover",
    ),
    "unit price": ("unitprice", "itemprice", "price"),
    "quantity": ("quantity", "qty", "units", "items", "itemcount"),
}  # fmt: skip
_CURRENCY = re.compile(r"(usd|eur|gbp|chf|cad|aud|rub|inr|jpy|cny|brl|sek|nok|dkk|pln)$")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns a log was read from.

    Parameters
    ----------
    customer, date, amount
        Names as the file has them.
    quantity
        Name of the column of pieces, where the file has one.
    amount_is_unit_price
        Whether a row's money is ``amount`` times ``quantity``.
    """

    customer: str
    date: str
    amount: str
    quantity: str | None = None
    amount_is_unit_price: bool = False


def find_columns(
    names: Sequence[str],
    *,
    file: str | Path,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
) -> Columns:
    """Choose a log's columns among ``names``; an option wins over the usual names.

    Raises
    ------
    DataError
        Where a column is missing, named twice, or asked for in two roles.
    """
    pieces = _column("quantity", quantity, names, file, required=False)
    money = _column("amount", amount, names, file, required=False)
    if not money:
        money = _column("unit price", None, names, file, required=False)
    found = Columns(
        customer=_column("customer", customer, names, file),
        date=_column("date", date, names, file),
        amount=money or _column("amount", amount, names, file),
        quantity=pieces or None,
        amount_is_unit_price=bool(pieces) and _plain(money) in _USUAL["unit price"],
    )
    taken: dict[str, str] = {}
    for role in ("customer", "date", "amount", "quantity"):
        name = getattr(found, role)
        if name in taken:
            raise DataError(f"column {name!r} can't be both {taken[name]} and {role}", file=file)
        taken[name] = role
    return found


def is_header(fields: Sequence[str], asked: Sequence[str | None] = ()) -> bool:
    """Tell whether a row's fields are the names of a log's columns.

    Parameters
    ----------
    fields
        The row's fields.
    asked
        Names of columns that the user gave; such a row has them all.
    """
    given = [name.strip().lower() for name in asked if name is not None]
    if given:
        return set(given) <= {field.strip().lower() for field in fields}
    plain = {_plain(field) for field in fields if field}
    roles = [role for role, usual in _USUAL.items() if not plain.isdisjoint(usual)]
    return len(roles) > 1


def _column(
    role: str,
    asked: str | None,
    names: Sequence[str],
    file: str | Path,
    *,
    required: bool = True,
) -> str:
    """Return the file's column for ``role``, or "" where it isn't there and needn't be."""
    if asked is not None:
        return _asked(role, asked, names, file)
    plain = [_plain(name) for name in names]
    for usual in _USUAL[role]:
        hits = [name for name, p in zip(names, plain, strict=True) if p == usual]
        if len(hits) > 1:
            raise DataError(
                f"{len(hits)} columns could be the {role} "
                f"({', '.join(map(repr, hits))}): name one with --{role}",
                file=file,
            )
        if hits:
            return hits[0]
    if not required:
        return ""
    raise DataError(
        f"no {role} column (such as {', '.join(_USUAL[role][:4])}) among "
        f"{_listed(names)}: name it with --{role}{_nearest_usual(role, names, plain)}",
        file=file,
    )


def _asked(role: str, asked: str, names: Sequence[str], file: str | Path) -> str:
    """Return the column the user named; case is forgiven where it leaves no doubt."""
    hits = [n for n in names if n == asked] or [
        n for n in names if n.strip().lower() == asked.strip().lower()
    ]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise DataError(f"{role} column {asked!r} is there {len(hits)} times", file=file)
    raise DataError(
        f"no column {asked!r} for the {role} among {_listed(names)}{nearest(asked, names)}",
        file=file,
    )


def _nearest_usual(role: str, names: Sequence[str], plain: Sequence[str]) -> str:
    """Return a hint with the file's column that looks most like a usual name of ``role``."""
    for usual in _USUAL[role]:
        close = get_close_matches(usual, plain, n=1, cutoff=0.75)
        if close:
            return f" (did you mean {names[plain.index(close[0])]!r}?)"
    return ""


def _listed(names: Sequence[str], most: int = 8) -> str:
    """Return the names for a message, cut where there are many."""
    shown = ", ".join(repr(name[:40]) for name in names[:most])
    return f"{shown}, and {len(names) - most} more" if len(names) > most else shown


def _plain(name: str) -> str:
    """Return ``name`` in lower case without punctuation and without a currency at its end."""
    letters = re.sub(r"[\W_]+", "", name.lower())
    return _CURRENCY.sub("", letters) or letters
