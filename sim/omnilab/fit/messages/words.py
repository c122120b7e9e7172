"""The names that mail tools give the columns of their exports, and the words in them.

Names are compared as `omnilab.fit.presets.plain_name` writes them. The events of a log with a row
an event are read by `omnilab.cascade.words`, which knows the words of some twenty providers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["KIND_WORDS", "LONG", "NO", "WIDE", "YES"]


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_PERSON: Final = _names(
    """
    clientid profileid customerid contactid subscriberid recipientid userid distinctid personid
    externalid memberid subscriberkey recipient toaddress email emailaddress to phonenumber phone
    userpseudoid contextemail anonymousid
    """
)
_MESSAGE: Final = _names(
    "messageid contextmessageid sgmessageid mailid sendid deliveryid jobmessageid id"
)
_CHANNEL: Final = _names("channel messagechannel medium channeltype mediumtype")
_CAMPAIGN: Final = _names(
    """
    campaignid campaign campaignname contextcampaignid contextcampaignname broadcastid jobid
    mailingid newsletterid
    """
)
_JOURNEY: Final = _names(
    "journey journeyname flow flowname automation canvasname workflow workflowname topic stream"
)
_KIND: Final = _names("messagetype sendtype campaigntype kind category type")

#: Roles of a log with a row a message: what it may be called, and whether it must be there.
WIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "person": _PERSON,
    "sent": _names("sentat senttime sendtime sent sentdate senddate delivertime timestamp date"),
    "message": _MESSAGE,
    "channel": _CHANNEL,
    "campaign": _CAMPAIGN,
    "journey": _JOURNEY,
    "kind": _KIND,
    "opened": _names("openedfirsttimeat openedat firstopenedat opentime openat firstopen opendate"),
    "is_opened": _names("isopened opened hasopened open opens opencount uniqueopens"),
    "clicked": _names("clickedfirsttimeat clickedat firstclickedat clicktime clickat firstclick"),
    "is_clicked": _names("isclicked clicked hasclicked click clicks clickcount uniqueclicks"),
    "is_out": _names("isunsubscribed unsubscribed unsubscribe unsubscribes optedout isoptedout"),
    "is_hard": _names("ishardbounced hardbounced hardbounce isbounced bounced bounce bounces"),
    "is_soft": _names("issoftbounced softbounced softbounce isblocked blocked"),
    "is_complaint": _names("iscomplained complained complaint spamreport isspam spam"),
}

#: Roles of a log with a row an event.
LONG: Final[Mapping[str, tuple[str, ...]]] = {
    "person": _PERSON,
    "time": _names(
        "timestamp time eventtime occurredat createdat datetime senttimestamp receivedat "
        "originaltimestamp"
    ),
    "event": _names("event eventname eventtype metric metricname action activity"),
    "message": _MESSAGE,
    "channel": _CHANNEL,
    "campaign": _CAMPAIGN,
    "journey": _JOURNEY,
    "kind": _KIND,
}

#: What started a message, in the tools' words.
KIND_WORDS: Final[Mapping[str, int]] = {
    **dict.fromkeys(_names("bulk campaign broadcast newsletter regular batch marketing promo"), 0),
    **dict.fromkeys(
        _names("trigger triggered flow automated automation journey canvas workflow drip"), 1
    ),
    **dict.fromkeys(_names("transactional transaction service"), 2),
}

YES: Final = frozenset(("true", "t", "yes", "y", "ja", "oui", "si"))
NO: Final = frozenset(("false", "f", "no", "n", "nein", "non", "none", "null", "nan", ""))
