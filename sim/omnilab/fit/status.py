"""What the status of an order says: sold, or why not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

__all__ = ["NOT_SOLD", "is_refund_kind", "is_set", "meaning_of", "plain_status"]

NOT_SOLD: Mapping[str, str] = {
    "cancelled": "cancelled",
    "refunded": "refunded or returned",
    "failed": "payment failed",
    "unpaid": "not paid, on hold or a draft",
    "trashed": "deleted or in the trash",
    "voided": "voided",
    "test": "a test order",
}
"""Meaning -> the words that say it; every other meaning is ``sold``."""

# Letters and digits only, without accents: "wc-on-hold" is "onhold".
_SOLD = """
    paid complete completed processing processed shipped partshipped partiallyshipped delivered
    fulfilled partiallyfulfilled partial unfulfilled authorized authorised partiallyrefunded
    partlyrefunded partialrefund partiallycancelled partiallypaid partpaid
    success successful succeeded settled
    captured confirmed invoiced done ok approved accepted sold dispatched sent intransit
    readyforpickup pickedup readytoship readyforshipping awaitingshipment awaitingfulfillment
    awaitingfulfilment awaitingpickup inprogress placed closed archived finished sale order
    bezahlt abgeschlossen versendet versandt geliefert inbearbeitung erledigt zugestellt
    payee paye terminee expediee livree pagado completado enviado entregado pagato completato
    spedito consegnato betaald voltooid verzonden geleverd afgerond pago concluido zaplacono
    zrealizowane betalt gennemfort betald
    """
_MEANINGS = {
    "cancelled": """
        cancelled canceled cancel cancellation cancelledbycustomer canceledbycustomer
        cancelledbyadmin customercancelled usercancelled ordercancelled
        storniert storno annullee annulee annule annulle cancelado cancelada anulado anulada
        annullato geannuleerd anulowane anulowano annulleret avbruten unavailable
        """,
    "refunded": """
        refunded fullyrefunded refund returned return fullyreturned chargeback chargedback
        reversed restocked disputelost creditmemo credited creditnote erstattet zuruckgegeben
        retourniert rembourse remboursee reembolsado reembolsada devuelto rimborsato reso
        terugbetaald geretourneerd zwrocono
        """,
    "failed": """
        failed failure declined denied rejected error expired fraud suspectedfraud paymentfailed
        paymenterror fehlgeschlagen abgelehnt echoue echouee fallido rechazado fallito mislukt
        """,
    "unpaid": """
        pending pendingpayment paymentpending onhold hold holded unpaid draft checkoutdraft
        autodraft awaitingpayment waitingforpayment paymentreview pendingpaypal paypalpending
        incomplete abandoned quote quotation notpaid ausstehend offen unbezahlt entwurf
        enattente pendiente inattesa pendientedepago wachtend openstaand
        """,
    "trashed": "trash trashed deleted removed spam papierkorb geloscht",
    "voided": "void voided",
    "test": "test testorder sandbox",
}
_USUAL = {
    **{word: meaning for meaning, words in _MEANINGS.items() for word in words.split()},
    **dict.fromkeys(_SOLD.split(), "sold"),
}
# Of shipping: what waits or is on its way has been sold all the same.
_SHIPPING_SOLD = frozenset({"sold", "unpaid"})
_REFUND_KINDS = frozenset(
    {
        "refund", "return", "creditnote", "creditmemo", "credit", "chargeback", "reversal",
        "shoporderrefund", "gutschrift", "storno", "retoure", "avoir", "abono", "cancellation",
    }
)  # fmt: skip
_UNSET = frozenset(
    {"", "0", "no", "n", "false", "f", "none", "null", "nan", "nat", "na", "nein", "non", "0.0",
     "00000000000000", "00000000", "undefined", "-"}
)  # fmt: skip


def plain_status(text: str) -> str:
    """Return a status in lower case, without accents, punctuation and WooCommerce's ``wc-``."""
    letters = unicodedata.normalize("NFKD", text.strip().lower())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", letters.removeprefix("wc-"))


def meaning_of(
    text: str, *, own: Mapping[str, str] | None = None, shipping: bool = False
) -> str | None:
    """Return ``sold`` or a key of `NOT_SOLD`; None for a status that isn't understood.

    Parameters
    ----------
    text
        As the log has it; an empty one says nothing against a sale.
    own
        Plain status -> meaning, looked at first.
    shipping
        Whether it is a status of shipping, where what is pending has been sold.
    """
    plain = plain_status(text)
    if plain in _UNSET:
        return "sold"
    found = (own or {}).get(plain) or _USUAL.get(plain)
    return "sold" if shipping and found in _SHIPPING_SOLD else found


def is_set(text: str) -> bool:
    """Return whether a mark or a time says yes: ``2024-01-03``, ``true``, ``1``, ``x``."""
    plain = re.sub(r"[\W_]+", "", text.strip().lower())
    return plain not in _UNSET and text.strip().lower() not in _UNSET


def is_refund_kind(text: str) -> bool:
    """Return whether a row's kind says that money went back."""
    return plain_status(text) in _REFUND_KINDS
