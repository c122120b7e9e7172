"""Find the columns of a purchase log, by the names logs usually give them or by option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from omnilab.errors import DataError, named, nearest
from omnilab.fit.names import SHIPPING, STATUS, TEST, USUAL, VOID
from omnilab.fit.presets import PRESETS, find_preset, plain_name

__all__ = ["Columns", "asked_column", "find_columns", "looks_like_header"]


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
    order, original_order
        Names of the columns of order numbers, and of the number a refund belongs to.
    email
        Name of the column that tells guests apart.
    currency, refund, kind
        Names of the columns of currencies, refunded money, and kinds of row (sale, refund).
    statuses, shipping, voids, tests
        Names of the columns that say what became of an order: statuses of order or payment,
        of shipping, marks or times of cancellation, marks of test orders.
    preset
        The export whose names were used, or None.
    """

    customer: str
    date: str
    amount: str
    quantity: str | None = None
    amount_is_unit_price: bool = False
    order: str | None = None
    original_order: str | None = None
    email: str | None = None
    currency: str | None = None
    refund: str | None = None
    kind: str | None = None
    statuses: tuple[str, ...] = ()
    shipping: tuple[str, ...] = ()
    voids: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    preset: str | None = None

    def lines(self) -> list[str]:
        """Return one line for each role that a column was found for."""
        money = f"{self.amount!r}" + " times the pieces" * self.amount_is_unit_price
        found: list[tuple[str, str | None]] = [
            ("customer", repr(self.customer)), ("date", repr(self.date)), ("amount", money),
            ("pieces", self.quantity and repr(self.quantity)),
            ("order number", self.order and repr(self.order)),
            ("order that a refund belongs to", self.original_order and repr(self.original_order)),
            ("guests told apart by", self.email and repr(self.email)),
            ("currency", self.currency and repr(self.currency)),
            ("refunded money", self.refund and repr(self.refund)),
            ("kind of row", self.kind and repr(self.kind)),
            ("status", ", ".join(map(repr, (*self.statuses, *self.shipping)))),
            ("cancelled", ", ".join(map(repr, self.voids))),
            ("test order", ", ".join(map(repr, self.tests))),
        ]  # fmt: skip
        return [f"{role}: {name}" for role, name in found if name]


def find_columns(
    names: Sequence[str],
    *,
    file: str | Path,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    quantity: str | None = None,
    order: str | None = None,
    status: str | None = None,
    preset: str | None = None,
) -> Columns:
    """Choose a log's columns among ``names``; an option wins over the usual names.

    Parameters
    ----------
    preset
        A name of `omnilab.fit.presets.PRESETS`; found out by the columns if None.

    Raises
    ------
    DataError
        Where a column is missing, named twice, or asked for in two roles.
    """
    preset = preset or find_preset(names)
    own = PRESETS[preset].columns if preset else {}

    def column(role: str, asked: str | None = None) -> str:
        return _column(role, asked, names, file, own.get(role, ()))

    pieces = column("quantity", quantity)
    needed = {
        "customer": column("customer", customer),
        "date": column("date", date),
        "amount": column("amount", amount) or column("unit price"),
    }
    if missing := [role for role, name in needed.items() if not name]:
        raise _missing(missing, names, file)
    money = needed["amount"]
    found = Columns(
        customer=needed["customer"],
        date=needed["date"],
        amount=money,
        quantity=pieces or None,
        amount_is_unit_price=bool(pieces) and plain_name(money) in USUAL["unit price"],
    )
    taken = _taken(found, file)
    plains = {name: plain_name(name) for name in names if name}

    def free(name: str) -> str | None:
        return name if name and name not in taken else None

    def every(usual: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name, plain in plains.items() if plain in usual and free(name))

    statuses = (asked_column("status", status, names, file),) if status else every(STATUS)
    return Columns(
        found.customer, found.date, found.amount, found.quantity, found.amount_is_unit_price,
        order=free(column("order", order)),
        original_order=free(column("original order")),
        email=free(column("email")),
        currency=free(column("currency")),
        refund=free(column("refund")),
        kind=free(column("kind")),
        statuses=statuses,
        shipping=every(SHIPPING),
        voids=every(VOID),
        tests=every(TEST),
        preset=preset,
    )  # fmt: skip


def looks_like_header(fields: Sequence[str], asked: Sequence[str] = ()) -> bool:
    """Return whether a line's fields are the names of columns, so that title lines end there.

    Parameters
    ----------
    asked
        Columns that the user named.
    """
    plain = [plain_name(field) for field in fields]
    named = {name.strip().lower() for name in asked}
    hits = sum(field.strip().lower() in named for field in fields)
    roles = ("customer", "date", "amount", "unit price", "order", "quantity")
    return hits + sum(any(p in USUAL[role] for p in plain) for role in roles) >= 2


def _taken(found: Columns, file: str | Path) -> dict[str, str]:
    """Return the roles of the columns that every log needs, each in one role only."""
    taken: dict[str, str] = {}
    for role in ("customer", "date", "amount", "quantity"):
        name = getattr(found, role)
        if name in taken:
            raise DataError(f"column {name!r} can't be both {taken[name]} and {role}", file=file)
        if name is not None:
            taken[name] = role
    return taken


def _column(
    role: str, asked: str | None, names: Sequence[str], file: str | Path, own: Sequence[str]
) -> str:
    """Return the file's column for ``role``, or "" where it isn't there."""
    if asked is not None:
        return asked_column(role, asked, names, file)
    plain = [plain_name(name) for name in names]
    needed = role in ("customer", "date", "amount", "unit price", "quantity")
    for usual in (*own, *USUAL[role]):
        hits = [name for name, p in zip(names, plain, strict=True) if p == usual]
        if len(hits) > 1 and needed:
            raise DataError(
                f"{len(hits)} columns could be the {role} "
                f"({', '.join(map(repr, hits))}): name one with --{role}",
                file=file,
            )
        if hits:
            return hits[0]
    return ""


def _missing(roles: Sequence[str], names: Sequence[str], file: str | Path) -> DataError:
    """Return the error that tells all columns which a log needs and which weren't found."""
    said = [f"no {role} column (such as {', '.join(USUAL[role][:4])})" for role in roles]
    options = [f"--{role}{_nearest_usual(role, names)}" for role in roles]
    them = "it" if len(roles) == 1 else "them"
    without = "; --no-amounts reads a log that has none" if roles == ["amount"] else ""
    return DataError(
        f"{_joined(said)} among {named(names)}: name {them} with {_joined(options)}{without}",
        file=file,
    )


def _joined(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def asked_column(role: str, asked: str, names: Sequence[str], file: str | Path) -> str:
    """Return the column that a user named for a role; case is forgiven where it leaves no doubt.

    Raises
    ------
    DataError
        If it is not there, or more than once.
    """
    hits = [n for n in names if n == asked] or [
        n for n in names if n.strip().lower() == asked.strip().lower()
    ]
    if len(hits) == 1:
        return hits[0]
    if hits:
        raise DataError(f"{role} column {asked!r} is there {len(hits)} times", file=file)
    raise DataError(
        f"no column {asked!r} for the {role} among {named(names)}{nearest(asked, names)}",
        file=file,
    )


def _nearest_usual(role: str, names: Sequence[str]) -> str:
    """Return a hint with the file's column that looks most like a usual name of ``role``."""
    plain = [plain_name(name) for name in names]
    for usual in USUAL[role]:
        close = get_close_matches(usual, plain, n=1, cutoff=0.75)
        if close:
            return f" (did you mean {names[plain.index(close[0])]!r}?)"
    return ""
