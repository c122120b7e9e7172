"""The rows of the event log: the number, name and class of each kind.

Every number is an integer, so that two engines, any chunking and any number of threads write the
same bytes. A row's key is ``(time, priority, person, seq)``: ``seq`` counts the rows of one person.

Each kind is one class of `omnilab.log.kinds`, with its fields and their sizes, in the file of what
the kind is about. The class is the one place that says how a kind looks: `omnilab.log.reading`
reads a log by it, and compiled code writes and reads by the functions that `omnilab.log.layout`
makes of it. Fields that a kind does not use are 0.

A new kind has its number behind its class, in the room's file. Those below came before the rooms:
their order is that of the columns of tables.
"""

from __future__ import annotations

from typing import Final

from omnilab.log.kinds import (
    accounts,
    brand,
    desks,
    hearsay,
    messages,
    needs,
    orders,
    people,
    places,
    programme,
    stock,
)
from omnilab.log.kinds.declared import KIND_NAMES, KINDS, LATER, ROW, Row, kind
from omnilab.log.reading import (
    WITH_UNITS,
    all_named,
    columns,
    filled,
    named,
    of_kind,
    table_fields,
)

__all__ = [
    "KINDS",
    "KIND_NAMES",
    "LATER",
    "ROW",
    "WITH_UNITS",
    "Row",
    "all_named",
    "columns",
    "filled",
    "named",
    "of_kind",
    "table_fields",
]

# --- The kinds, in the order in which tables name their fields -----------------------------------

PERSON: Final = kind(0, "person", people.Person)
NEED: Final = kind(1, "need", needs.NeedRow)
AWARE: Final = kind(2, "aware", needs.Aware)
VISIT: Final = kind(3, "visit", needs.Visit)
IDENTIFIER: Final = kind(4, "identify", needs.Identifier)
VIEW: Final = kind(5, "view", needs.View)
CART: Final = kind(6, "cart", needs.Cart)
CART_LEFT: Final = kind(7, "cart_left", needs.CartLeft)
GIVE_UP: Final = kind(8, "give_up", needs.GiveUp)
ORDER: Final = kind(9, "order", orders.Order)
RETURN: Final = kind(10, "return", orders.Return)
NEED_LOST: Final = kind(11, "need_lost", needs.NeedLost)
SERVICE: Final = kind(12, "service", orders.Service)
BAD: Final = kind(13, "bad_experience", people.Bad)
LEFT: Final = kind(14, "left", people.Left)
BY_HABIT: Final = kind(117, "by_habit", people.ByHabit)
TIP: Final = kind(15, "tip", hearsay.Tip)
OPT_IN: Final = kind(16, "opt_in", people.OptIn)
STOCK_OUT: Final = kind(55, "stock_out", stock.StockOut)
UNITS_SOLD: Final = kind(56, "units_sold", stock.UnitsSold)
UNITS_BACK: Final = kind(57, "units_back", stock.UnitsBack)
UNITS_ORDERED: Final = kind(58, "units_ordered", stock.UnitsOrdered)
UNITS_CAME: Final = kind(59, "units_came", stock.UnitsCame)
UNITS_SPOILED: Final = kind(60, "units_spoiled", stock.UnitsSpoiled)
UNITS_HELD: Final = kind(61, "units_held", stock.UnitsHeld)
GOODS_SEEN: Final = kind(83, "goods_seen", orders.GoodsSeen)
LINE: Final = kind(84, "line", orders.Line)
RECOMMENDED: Final = kind(85, "recommended", orders.RecommendedRow)
SITE_SEARCH: Final = kind(110, "site_search", needs.SiteSearch)
QUESTION: Final = kind(68, "question", desks.Question)
CONTACT: Final = kind(69, "contact", desks.Contact)
ANSWER: Final = kind(70, "answer", desks.Answer)
UNANSWERED: Final = kind(71, "unanswered", desks.Unanswered)
CALL_BACK: Final = kind(72, "call_back", desks.CallBack)
SURVEY: Final = kind(73, "survey", desks.SurveyRow)
LINE_JOINED: Final = kind(62, "line_joined", desks.LineJoined)
SERVED: Final = kind(63, "served", desks.Served)
LINE_LEFT: Final = kind(64, "line_left", desks.LineLeft)
SERVICE_DONE: Final = kind(65, "service_done", desks.ServiceDone)
ACT: Final = kind(45, "act", people.ActRow)
RECORD: Final = kind(46, "record", people.RecordRow)
CENSUS: Final = kind(17, "census", people.Census)
ADDRESS: Final = kind(18, "address", people.Address)
NOT_SHOWN: Final = kind(74, "not_shown", messages.NotShown)
UNFUNDED: Final = kind(75, "unfunded", messages.Unfunded)
MEDIA_CONTACT: Final = kind(91, "media_contact", hearsay.MediaContact)
KNOWS: Final = kind(92, "knows", people.Knows)
READ: Final = kind(93, "read", hearsay.Read)
POST_SEEN: Final = kind(94, "post_seen", hearsay.PostSeen)
RIVAL_VISIT: Final = kind(77, "rival_visit", needs.RivalVisit)
ACCOUNT_MEMBER: Final = kind(111, "account_member", accounts.AccountMember)
ACCOUNT_STEP: Final = kind(112, "account_step", accounts.AccountStep)
ACCOUNT_TOLD: Final = kind(113, "account_told", accounts.AccountTold)
ACCOUNT_TALK: Final = kind(114, "account_talk", accounts.AccountTalk)
ACCOUNT_AGREES: Final = kind(115, "account_agrees", accounts.AccountAgrees)
ACCOUNT_ORDER: Final = kind(116, "account_order", accounts.AccountOrder)
WARNING: Final = kind(78, "warning", hearsay.WarningHeard)
REVIEW: Final = kind(79, "review", hearsay.Review)
REVIEW_READ: Final = kind(80, "review_read", hearsay.ReviewRead)
REFERRAL: Final = kind(81, "referral", hearsay.Referral)
REFERRED: Final = kind(82, "referred", hearsay.Referred)
OFFERED: Final = kind(47, "offered", orders.Offered)
REDEEMED: Final = kind(48, "redeemed", orders.Redeemed)
CODE_UNKNOWN: Final = kind(49, "code_unknown", orders.CodeUnknown)
TARGET_SET: Final = kind(99, "target_set", programme.TargetSet)
TARGET_REACHED: Final = kind(100, "target_reached", programme.TargetReached)
TARGET_MISSED: Final = kind(101, "target_missed", programme.TargetMissed)
TIER_SHOWN: Final = kind(102, "tier_shown", programme.TierShown)
APOLOGY: Final = kind(103, "apology", programme.Apology)
FAILURE_NOTED: Final = kind(104, "failure_noted", people.FailureNoted)
TOP_UP: Final = kind(105, "top_up", programme.TopUp)
PAID_FROM: Final = kind(106, "paid_from_balance", programme.PaidFrom)
COLLECTING: Final = kind(76, "collecting", orders.Collecting)
HANDED_OVER: Final = kind(66, "handed_over", orders.HandedOver)
PROMISE: Final = kind(67, "promise", orders.Promise)
SENT: Final = kind(20, "sent", messages.Sent)
DELIVERED: Final = kind(21, "delivered", messages.MessageRow)
BOUNCE: Final = kind(22, "bounce", messages.MessageRow)
OPEN: Final = kind(23, "open", messages.Response)
CLICK: Final = kind(24, "click", messages.Response)
UNSUBSCRIBE: Final = kind(25, "unsubscribe", messages.MessageRow)
SPAMREPORT: Final = kind(26, "spamreport", messages.MessageRow)
STOP_ALL: Final = kind(27, "stop_all", messages.MessageRow)
MACHINE_OPEN: Final = kind(28, "machine_open", messages.Response)
SCANNER_CLICK: Final = kind(29, "scanner_click", messages.Response)
REPLY: Final = kind(108, "reply", messages.Replied)
ACCEPT: Final = kind(109, "accept", messages.Accepted)
LOOK_AGAIN: Final = kind(44, "look_again", messages.LookAgain)
SKIPPED: Final = kind(30, "skipped", messages.Skipped)
HELD: Final = kind(31, "held", messages.Held)
FINAL: Final = kind(32, "final", messages.Finished)
ENTER: Final = kind(40, "enter", brand.Enter)
ARM: Final = kind(107, "arm", brand.ArmRow)
EXIT: Final = kind(41, "exit", brand.Exit)
MERGE: Final = kind(42, "merge", brand.Merge)
AT_PLACE: Final = kind(50, "at_place", places.AtPlace)
PASSED: Final = kind(51, "passed", places.Passed)
POSITION: Final = kind(52, "position", places.Position)
LIVES: Final = kind(53, "lives", places.Lives)
STANDS: Final = kind(54, "stands", places.Stands)

#: Kinds of rows that a person meets the brand with, and may show identifiers at.
MEETINGS: Final = (VISIT, SERVICE, CONTACT, COLLECTING)

# --- What fields hold ----------------------------------------------------------------------------

FATE_RIVAL: Final = 1
FATE_DROPPED: Final = 2
FATE_LEFT: Final = 3

PASSED_BY: Final = 0  # went on
PASSED_NEED: Final = 1  # it stirred an open need
PASSED_LATER: Final = 2  # and will bring the person by
PASSED_IN: Final = 3  # went in
PASSED_LOST: Final = 4  # met the need at the rival's

BAD_SERVICE: Final = 1
BAD_REPEAT: Final = 2
BAD_SPAM: Final = 3
BAD_STOP: Final = 4  # still written to after "stop all"
BAD_RETURN: Final = 5
BAD_WAIT: Final = 6  # a wait in a line that was too long, or in vain
BAD_STOCK: Final = 7  # the good was out
BAD_LATE: Final = 8  # a delivery after its promise
BAD_CODE: Final = 9  # a code that was not known where it was shown

# What a person does who finds that the good is out
DOES_SUBSTITUTE: Final = 1
DOES_SHIP: Final = 2  # orders it here, from another place
DOES_RESERVE: Final = 3  # has it kept at another place, and goes there
DOES_ELSEWHERE: Final = 4  # goes to another channel of the brand, not knowing
DOES_WAIT: Final = 5
DOES_RIVAL: Final = 6
DOES_NOTHING: Final = 7

FINAL_REACHED: Final = 1  # its success status came
FINAL_EXHAUSTED: Final = 2  # every channel tried, no success (one-channel messages: sent)
FINAL_SKIPPED: Final = 3  # no channel could be used
FINAL_CAPPED: Final = 4
FINAL_SUPPRESSED: Final = 5
FINAL_CONVERTED: Final = 6
FINAL_DECLINED: Final = 7  # the strategy's `decide` chose not to send
FINAL_OPEN: Final = 8  # the run ended first
FINAL_CONTROL: Final = 9
FINAL_UNFUNDED: Final = 10  # no budget could pay it
FINAL_UNSHOWN: Final = 11  # an ad platform showed it nowhere
FINAL_BUYER: Final = 12  # left out, since the sender knew of a recent order

UNMATCHED: Final = 1  # why an ad is not shown
OUTBID: Final = 2
OFTEN: Final = 3
