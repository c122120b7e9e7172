"""The columns of order exports that many shops have: Shopify, WooCommerce and Magento.

An export is told by its columns, or named by ``--preset``. A preset says which column is what;
an option such as ``--customer`` still wins over it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["PRESETS", "Preset", "find_preset", "plain_name"]

# The French words for buyer and value end in letters that are a currency's.
_CURRENCY = re.compile(
    r"(usd|(?<!achet)(?<!val)eur|gbp|chf|cad|aud|rub|inr|jpy|cny|brl|sek|nok|dkk|pln)$"
)


def plain_name(name: str) -> str:
    """Return ``name`` in lower case without accents, punctuation and a currency at its end."""
    parts = unicodedata.normalize("NFKD", name.casefold())  # ß becomes ss, é an e and its accent
    letters = "".join(c for c in parts if not unicodedata.combining(c))
    letters = re.sub(r"[\W_]+", "", letters)
    return _CURRENCY.sub("", letters) or letters


@dataclass(frozen=True, slots=True)
class Preset:
    """How one shop system writes its orders.

    Parameters
    ----------
    columns
        Role -> plain names of columns, the first that is there is taken.
    signs
        Sets of plain names: a file that has all of a set is such an export.
    statuses
        Plain status -> what it means there, where that differs from the usual.
    """

    columns: Mapping[str, tuple[str, ...]]
    signs: tuple[frozenset[str], ...]
    statuses: Mapping[str, str]


PRESETS: Mapping[str, Preset] = {
    # Admin > Orders > Export. The columns of the order stand on its first line only; the others
    # have its number and an item.
    "shopify": Preset(
        columns={
            "customer": ("email",),
            "date": ("createdat", "paidat"),
            "amount": ("total",),
            "order": ("name", "id"),
            "currency": ("currency",),
            "refund": ("refundedamount",),
        },
        signs=(
            frozenset({"name", "financialstatus", "total", "createdat"}),
            frozenset({"name", "lineitemquantity", "lineitemname", "total"}),
        ),
        statuses={"pending": "unpaid", "expired": "failed", "authorized": "sold"},
    ),
    # The order export of WooCommerce's import and export suite and of the plug-ins with the same
    # or spelled-out names, and the orders of WooCommerce Analytics.
    "woocommerce": Preset(
        columns={
            "customer": (
                "customerid",
                "customeruser",
                "customer",
                "billingemail",
                "emailbilling",
                "customeremail",
            ),
            "email": ("billingemail", "emailbilling", "customeremail", "email"),
            "date": ("orderdate", "date", "datecreated", "datecreatedgmt"),
            "amount": ("ordertotal", "ordertotalamount", "total", "netsales", "nrevenue"),
            "order": ("orderid", "ordernumber", "order"),
            "currency": ("ordercurrency", "currency"),
            "refund": ("refundedtotal", "orderrefundamount", "refundtotal", "totalrefunded"),
        },
        signs=(
            frozenset({"billingemail", "ordertotal"}),
            frozenset({"emailbilling", "ordertotalamount"}),
            frozenset({"customeruser", "ordertotal"}),
            frozenset({"order", "customertype", "itemssold"}),
        ),
        # An order that is processed has been paid.
        statuses={"processing": "sold", "onhold": "unpaid"},
    ),
    # The grid of Sales > Orders, and the table sales_order. Amounts are taken in the base
    # currency, in which all orders of a store are.
    "magento": Preset(
        columns={
            "customer": ("customerid", "customeremail"),
            "email": ("customeremail",),
            "date": ("purchasedate", "createdat"),
            "amount": ("basegrandtotal", "grandtotalbase", "grandtotal", "grandtotalpurchased"),
            "order": ("incrementid", "id", "entityid"),
            "currency": ("basecurrencycode",),
            "refund": ("basetotalrefunded", "totalrefunded"),
        },
        signs=(
            frozenset({"purchasepoint", "purchasedate", "grandtotalpurchased"}),
            frozenset({"purchasepoint", "purchasedate", "grandtotalbase"}),
            frozenset({"incrementid", "grandtotal"}),
            frozenset({"incrementid", "basegrandtotal"}),
        ),
        # A credit memo over the whole order closes it.
        statuses={"closed": "refunded", "pending": "unpaid", "processing": "sold"},
    ),
}


def find_preset(names: Sequence[str]) -> str | None:
    """Return the export whose columns these are, or None."""
    plain = {plain_name(name) for name in names}
    for name, preset in PRESETS.items():
        if any(sign <= plain for sign in preset.signs):
            return name
    return None
