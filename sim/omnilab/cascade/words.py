"""The words of providers for what became of a message, read as the cascade's own.

Every provider has words of its own: `Delivered`, `email_opened`, `users.messages.email.Bounce`,
`read`, `DELIVRD`. Case, separators and words that only name the channel say nothing, so that they
are left out before a word is looked up. What a word means is a matter of its provider, so that a
table of a user's own goes first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from omnilab._files.messages import one_line
from omnilab._files.yaml_lines import read_yaml
from omnilab.cascade import codes
from omnilab.errors import DataError, OptionError, nearest

__all__ = ["IGNORE", "known_word", "read_events"]

IGNORE = "ignore"
#: What a user's own table may map a word to.
TARGETS = (*codes.RECEIPTS, *codes.SIGNALS, IGNORE)

# Words that name the kind of message, where a provider puts them before or behind the event.
_KINDS = (
    "message messages msg user users email emails mail push pushnotification notification mobile "
    "web webpush sms mms rcs whatsapp viber inapp inappmessage contentcard event status"
)
_NO_NEWS = frozenset(_KINDS.split())
# By what is left of a word: SendGrid, Mailgun, Amazon SES, Postmark, SparkPost, Mandrill, Brevo,
# Braze, Customer.io, Klaviyo, HubSpot, Resend, OneSignal, Firebase, Twilio, Vonage, WhatsApp, SMPP.
_RECEIPTS = {
    # The provider has taken it; nothing is known of its delivery.
    "processed": "processed sent send sending accepted acceptd queued scheduled submitted "
    "request requested attempted injection enroute buffered",
    # Not delivered yet, and it is tried again. A soft bounce is that: a full mailbox, a server
    # that is down.
    "deferred": "deferred deferral delayed delay deliverydelay deliverydelayed softbounce "
    "softbounced temporaryfail temporaryfailure",
    # A machine that opens or clicks proves that the message is there, and no more.
    "delivered": "delivered delivery deliver delivrd received proxyopen machineopen machineopened "
    "machineclick machineclicked prefetched",
    "open": "open opened opens uniqueopen uniqueopened firstopening initialopen humanopened "
    "ampopen read seen viewed displayed impression",
    "click": "click clicked clicks uniqueclick uniqueclicked humanclicked linkclicked ampclick "
    "tapped buttonclicked",
    # The receiving side has refused it for good.
    "bounce": "bounce bounced hardbounce hardbounced undelivered undeliverable undeliv "
    "permanentfail permanentfailure outofband expired",
    # The provider never handed it over.
    "dropped": "dropped drop rejected reject rejectd failed failure error suppressed blocked "
    "invalid canceled cancelled renderingfailure policyrejection generationfailure "
    "generationrejection",
    "unsubscribe": "unsubscribe unsubscribed unsub optout optedout groupunsubscribe "
    "listunsubscribe linkunsubscribe",
    "spamreport": "spamreport spam spammed complaint complained spamcomplaint markasspam "
    "markedasspam reportedasspam abuse",
}
_SIGNALS = {
    "withdraw": "withdraw withdrawn optout optedout unsubscribe unsubscribed groupunsubscribe",
    "give": "give given optin optedin subscribe subscribed resubscribe resubscribed "
    "groupresubscribe",
    "stop_all": "stopall stop globalunsubscribe unsubscribeall",
    "converted": "converted conversion ordercompleted purchase purchased",
}


def _by_core(words: Mapping[str, str]) -> dict[str, str]:
    return {core: ours for ours, theirs in words.items() for core in theirs.split()}


_CORES = {codes.RECEIPTS: _by_core(_RECEIPTS), codes.SIGNALS: _by_core(_SIGNALS)}


def known_word(word: str, words: Sequence[str], own: Mapping[str, str]) -> str | None:
    """Return what a word of a file stands for.

    Parameters
    ----------
    word
        As the file has it.
    words
        `codes.RECEIPTS`, `codes.SIGNALS`, or the names of channels.
    own
        The user's own table, which goes first; without regard to case.

    Returns
    -------
    str or None
        One of `words`, `IGNORE`, or None where the word is unknown.
    """
    if words in _CORES and (given := own.get(word.strip().casefold())) is not None:
        return given if given == IGNORE or given in words else None
    if word in words:
        return word
    alike = [name for name in words if name.casefold() == word.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    return _CORES[tuple(words)].get(_core(word)) if words in _CORES else None


def _core(word: str) -> str:
    """Return what a provider's word says, in small letters and in one piece."""
    if not word.isupper():  # EmailOpened, but not DELIVERED
        word = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word)
    parts = re.findall(r"[^\W_]+", word.casefold())
    return "".join([part for part in parts if part not in _NO_NEWS] or parts)


def read_events(given: Sequence[str]) -> dict[str, str]:
    """Return a user's own table of words, by the word in small letters.

    Parameters
    ----------
    given
        Each ``word=event``, or the path of a YAML file that maps words to events. An event is one
        of `codes.RECEIPTS` or `codes.SIGNALS`, or ``ignore``. Later ones go before earlier ones.

    Raises
    ------
    OptionError
        If one is neither, or names an unknown event.
    DataError
        If a file can't be used; names the line.
    """
    table: dict[str, str] = {}
    for one in given:
        word, equals, event = one.rpartition("=")
        if not equals or Path(one).is_file():
            table |= _from_file(one)
            continue
        if not word.strip():
            raise OptionError(f"--events {one!r} must look like read=open, or name a file")
        event = event.strip()
        if event not in TARGETS:
            raise OptionError(f"--events {one!r}: {_unknown(event)}")
        table[word.strip().casefold()] = event
    return table


def _from_file(path: str) -> dict[str, str]:
    """Return the table of a file."""

    def raised(
        message: str, /, *, file: str, line: int | None = None, key: str | None = None
    ) -> DataError:
        return DataError(f"{key}: {message}" if key else message, file=file, line=line)

    root = read_yaml(path, raised)
    table: dict[str, str] = {}
    assert isinstance(root.value, dict)  # read_yaml takes nothing else
    for word, node in root.value.items():
        event = (node.text or "").strip()
        if event not in TARGETS:
            message = one_line(f"{word!r}: {_unknown(event)}")
            raise DataError(message, file=node.file, line=node.line)
        if (known := word.strip().casefold()) in table and table[known] != event:
            message = one_line(f"{word!r} stands for two events, case aside: {table[known]} too")
            raise DataError(message, file=node.file, line=node.line)
        table[known] = event
    return table


def _unknown(event: str) -> str:
    close = nearest(event, TARGETS) or f"; there are {', '.join(TARGETS)}"
    return f"there is no event {event[:64]!r}{close}"
