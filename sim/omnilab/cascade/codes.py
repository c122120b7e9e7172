"""The words of the cascade and the numbers that stand for them, declared once."""

from __future__ import annotations

from omnilab.cascade import rules

__all__ = [
    "EVIDENCE",
    "FINALS",
    "REASONS",
    "RECEIPTS",
    "REJECTIONS",
    "SIGNALS",
    "STATUSES",
    "STRENGTHS",
]

RECEIPTS = (
    "processed",
    "deferred",
    "delivered",
    "open",
    "click",
    "bounce",
    "dropped",
    "unsubscribe",
    "spamreport",
)
# What a receipt proves of its send. Who unsubscribes or complains has got the message, but may
# have done so from the list of messages, without opening it.
EVIDENCE = (
    rules.PROCESSED,
    rules.DEFERRED,
    rules.DELIVERED,
    rules.OPENED,
    rules.CLICKED,
    rules.BOUNCED,
    rules.DROPPED,
    rules.DELIVERED,
    rules.DELIVERED,
)
# Statuses by the strength of what is known, weakest first: of two pieces of evidence the stronger
# counts, which is what `rules.advance` says.
STRENGTHS = (
    rules.NONE,
    rules.PROCESSED,
    rules.DROPPED,
    rules.BOUNCED,
    rules.DELIVERED,
    rules.OPENED,
    rules.CLICKED,
)
BOUNCE = 5
UNSUBSCRIBE = 7  # this and the next one withdraw the consent for their channel

SIGNALS = ("withdraw", "give", "stop_all", "converted")
WITHDRAW, GIVE, STOP_ALL, CONVERTED = range(4)

FINALS = ("open", "succeeded", "failed", "skipped", "aborted")
OPEN, SUCCEEDED, FAILED, SKIPPED, ABORTED = range(5)

REASONS = (
    "",
    "exhausted",
    "no_channel",
    "frequency_capped",
    "quiet_hours",
    "expired",
    "suppressed",
    "converted",
    "control_group",
)
(
    NO_REASON,
    EXHAUSTED,
    NO_CHANNEL,
    FREQUENCY_CAPPED,
    QUIET_HOURS,
    EXPIRED,
    SUPPRESSED,
    CONVERSION,
    CONTROL_GROUP,
) = range(9)

REJECTIONS = (
    "bad_value",  # a code, time or word out of its range
    "time_backwards",  # before what has been decided already
    "duplicate_message",  # a messageId that was started before: it is one message for ever
    "unknown_message",  # a receipt for a message that hasn't started
    "not_sent",  # a receipt for a channel on which the message hasn't been sent
)
BAD_VALUE, TIME_BACKWARDS, DUPLICATE_MESSAGE, UNKNOWN_MESSAGE, NOT_SENT = range(5)
# Not a rejection: a receipt of the second that isn't over, kept for the next batch; its kind is
# added.
UNDECIDED = 16

STATUSES = {
    rules.NONE: "none",
    rules.PROCESSED: "processed",
    rules.DELIVERED: "delivered",
    rules.OPENED: "opened",
    rules.CLICKED: "clicked",
    rules.DEFERRED: "deferred",
    rules.BOUNCED: "bounced",
    rules.DROPPED: "dropped",
}
