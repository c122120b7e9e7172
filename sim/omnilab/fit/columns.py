"""Find the columns of a purchase log, by the names logs usually give them or by option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from omnilab.errors import DataError, nearest
from omnilab.fit.presets import PRESETS, find_preset, plain_name

__all__ = ["LINE_LEVEL", "ORDER_LEVEL", "Columns", "find_columns", "looks_like_header"]

# Names are compared without case, spaces and punctuation, and without a currency at the end.
# The first of a list that a file has is taken.
_USUAL: dict[str, tuple[str, ...]] = {
    "customer": (
        "customerid", "custid", "customer", "cust", "customerkey", "customerno",
        "customernumber", "customeruser", "userid", "user", "clientid", "client", "memberid",
        "member", "buyerid", "buyer", "shopperid", "accountid", "contactid", "householdkey",
        "householdid", "profileid", "email", "emailaddress", "customeremail", "billingemail",
        "buyeremail", "emailbilling",
    ),
    "date": (
        "date", "orderdate", "invoicedate", "purchasedate", "transactiondate", "datetime",
        "orderdatetime", "timestamp", "ordertimestamp", "orderpurchasetimestamp", "time",
        "ordertime", "transactiontime", "eventtime", "createdat", "orderedat", "day",
        "datecreated", "saledate", "created", "purchasedat",
    ),
    "amount": (
        "amount", "spend", "revenue", "orderamount", "ordervalue", "ordertotal",
        "totalamount", "totalvalue", "totalprice", "grandtotal", "netamount", "total",
        "value", "sales", "salesvalue", "paymentvalue", "monetaryvalue", "turnover",
        "linetotal", "lineamount", "netsales", "ordertotalamount", "grandtotalbase",
        "grandtotalpurchased",
    ),
    "unit price": ("unitprice", "itemprice", "price", "lineitemprice"),
    "quantity": ("quantity", "qty", "units", "items", "itemcount", "lineitemquantity"),
    "order": (
        "orderid", "ordernumber", "orderno", "ordernr", "order", "orderkey", "ordername",
        "invoiceno", "invoiceid", "invoicenumber", "invoice", "transactionid", "transactionno",
        "receiptid", "receiptno", "receiptnumber", "basketid", "documentno", "incrementid",
    ),
    "original order": (
        "originalorder", "originalorderid", "originalordernumber", "originalorderno",
        "originalinvoice", "originalinvoiceno", "originaltransactionid", "parentorder",
        "parentorderid", "parentid", "refundof", "refundfor", "refundedorder", "refundedorderid",
        "creditnotefor", "creditedinvoice", "correctedinvoice", "relatedorder", "refersto",
        "linkedorder", "linkedordernumber", "reforderid", "returnof", "returnfor", "cancels",
    ),
    "email": (
        "email", "emailaddress", "customeremail", "billingemail", "emailbilling", "buyeremail",
        "useremail", "contactemail",
    ),
    "currency": (
        "currency", "currencycode", "ordercurrency", "ordercurrencycode", "transactioncurrency",
        "paymentcurrency",
    ),
    "refund": (
        "refundedamount", "refundamount", "amountrefunded", "totalrefunded", "refundedtotal",
        "orderrefundamount", "refundtotal", "refund", "returnedamount",
    ),
    "kind": ("transactiontype", "ordertype", "documenttype", "doctype", "recordtype", "kind",
             "type"),
}  # fmt: skip
# All of these that a file has are looked at.
_STATUS = (
    "status", "orderstatus", "financialstatus", "paymentstatus", "transactionstatus",
    "orderstate", "invoicestatus", "salestatus", "saleorderstatus", "postatus", "poststatus",
    "zahlungsstatus", "bestellstatus", "statut", "estado", "stato", "orderfinancialstatus",
)  # fmt: skip
_SHIPPING = ("fulfillmentstatus", "fulfilmentstatus", "deliverystatus", "shippingstatus",
             "shipmentstatus")  # fmt: skip
_VOID = (
    "cancelledat", "canceledat", "cancelleddate", "canceleddate", "canceldate", "cancelledon",
    "cancellationdate", "voidedat", "deletedat", "trashedat", "iscancelled", "iscanceled",
    "cancelled", "canceled", "isvoid", "isvoided", "voided", "isdeleted", "deleted",
    "isrefunded", "refunded", "isreturned", "returned", "refundedat", "iscancellation",
)  # fmt: skip
_TEST = ("test", "istest", "testorder", "istestorder", "testmode", "sandbox")

# A total of the order, wherever it stands; other names may be a line's.
ORDER_LEVEL = frozenset(
    {
        "ordertotal", "orderamount", "ordervalue", "grandtotal", "ordertotalamount",
        "grandtotalbase", "grandtotalpurchased", "basegrandtotal", "totalprice", "totalorder",
        "ordergrandtotal", "invoicetotal", "basketvalue", "baskettotal",
    }
)  # fmt: skip
LINE_LEVEL = frozenset(
    {
        "linetotal",
        "lineamount",
        "salesvalue",
        "unitprice",
        "itemprice",
        "price",
        "lineitemprice",
        "itemtotal",
    }
)


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

    def column(role: str, asked: str | None = None, *, required: bool = False) -> str:
        return _column(role, asked, names, file, own.get(role, ()), required=required)

    pieces = column("quantity", quantity)
    money = column("amount", amount)
    if not money:
        money = column("unit price")
    found = Columns(
        customer=column("customer", customer, required=True),
        date=column("date", date, required=True),
        amount=money or column("amount", amount, required=True),
        quantity=pieces or None,
        amount_is_unit_price=bool(pieces) and plain_name(money) in _USUAL["unit price"],
    )
    taken = _taken(found, file)
    plains = {name: plain_name(name) for name in names if name}

    def free(name: str) -> str | None:
        return name if name and name not in taken else None

    def every(usual: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name, plain in plains.items() if plain in usual and free(name))

    statuses = (_asked("status", status, names, file),) if status else every(_STATUS)
    return Columns(
        found.customer, found.date, found.amount, found.quantity, found.amount_is_unit_price,
        order=free(column("order", order)),
        original_order=free(column("original order")),
        email=free(column("email")),
        currency=free(column("currency")),
        refund=free(column("refund")),
        kind=free(column("kind")),
        statuses=statuses,
        shipping=every(_SHIPPING),
        voids=every(_VOID),
        tests=every(_TEST),
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
    return hits + sum(any(p in _USUAL[role] for p in plain) for role in roles) >= 2


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
    role: str,
    asked: str | None,
    names: Sequence[str],
    file: str | Path,
    own: Sequence[str] = (),
    *,
    required: bool = True,
) -> str:
    """Return the file's column for ``role``, or "" where it isn't there and needn't be."""
    if asked is not None:
        return _asked(role, asked, names, file)
    plain = [plain_name(name) for name in names]
    needed = role in ("customer", "date", "amount", "unit price", "quantity")
    for usual in (*own, *_USUAL[role]):
        hits = [name for name, p in zip(names, plain, strict=True) if p == usual]
        if len(hits) > 1 and needed:
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
