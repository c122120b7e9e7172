"""The rows of the event log: their kinds, and what each of them says.

Every number is an integer, so that two engines, any chunking and any number of threads write the
same bytes. A row's key is ``(time, priority, person, seq)``: ``seq`` counts the rows of one person.

Each kind is one class here, with its fields and their sizes. The class is the one place that says
how a kind looks: `columns` reads a log by it, and compiled code writes and reads by the functions
that `omnilab.log.layout` makes of it. Fields that a kind does not use are 0.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np

from omnilab.kernels.record import Record, dtype_of, i1, i2, i4, i8

__all__ = [
    "KINDS",
    "KIND_NAMES",
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


class RowKey(Record):
    """What all rows have."""

    time: i8  # seconds from the scenario's start
    person: i8  # global id, >= 0
    seq: i4
    priority: i1
    kind: i1
    channel: i1  # index or -1
    silo: i1


class Row(RowKey):
    """A row of any kind: the key, and four words."""

    a: i8
    b: i8
    c: i8
    d: i8


ROW: Final = dtype_of(Row)

# --- The world: what truly happens. ``need`` is the person's own number of a need. ---------------


class Person(RowKey):
    """A person is there: once, at time 0."""

    persona: i8
    prior: i8  # 1 if a buyer before
    household: i8
    entry: i8  # second of the first order of a cohort's member, else 0


class NeedRow(RowKey):
    """A need arises."""

    need: i8
    category: i4
    origin: i4  # 0 by itself, 1 a message, 2 a visit without a need, 3 a tip, 4 the brand's word
    value: i8  # cents
    maker: i8  # the message's id; flights count from 65536, articles from 131072, posts from 196608


class Aware(RowKey):
    """A need is noticed."""

    need: i8
    cause: i8  # 0 by itself, 1 a message, 2 a tip, 3 looking around, 4 a place, 5 a medium or post


class Visit(RowKey):
    """A visit."""

    need: i8  # -1 without one
    cause: i8  # id of the message that led here, or -1
    cost: i8  # milli-cents of a paid click, 0 for none
    returning: i1  # 1: not the first visit for this need
    carry_needed: i1  # 1: the channel changed within the need, with something to carry
    carried: i1  # 1: and it was carried
    on_device: i1  # 0 a computer or none, 1 the phone, 2 a tablet
    source: i1  # 1 an unpaid search result, 2 a search of the name after a medium, 3 a post, else 0


class Identifier(RowKey):
    """A visit shows an identifier."""

    code: i8  # the brand's code of it
    type: i8
    profile: i8  # serial of the profile that the brand links it to, -1
    carried_from: i8  # silo that a hand-off carried it from, -1


class View(RowKey):
    """Something is looked at."""

    need: i8  # -1 without one
    category: i8


class Cart(RowKey):
    """The need's choice is put into the cart."""

    need: i8
    amount: i8  # cents


class CartLeft(RowKey):
    """A cart was made here and left, for the first time for this need."""

    need: i8


class GiveUp(RowKey):
    """The person gives the visit up, since steps had to be repeated."""

    need: i8
    steps: i8


class Order(RowKey):
    """An order: it closes the need."""

    need: i4
    cart_left: i1  # 1 where the cart had been left before
    paid: i8  # cents
    margin: i8  # cents, net of the discount
    discount: i8  # cents


class Return(RowKey):
    """An order is sent back."""

    need: i8
    refund: i8  # cents
    margin: i8  # cents that are lost


class NeedLost(RowKey):
    """A need ends without an order."""

    need: i8
    fate: i8  # FATE_*


class Service(RowKey):
    """A service contact about an order."""

    need: i8
    known: i8  # 1 if the history was at hand


class Bad(RowKey):
    """A bad experience."""

    why: i8  # BAD_*


class Left(RowKey):
    """The person leaves the brand for good."""

    why: i8  # 1 after an order, 2 after bad experiences


class Tip(RowKey):
    """A friend's tip is heard."""

    friend: i8  # the friend's global id
    category: i8


class MediaContact(RowKey):
    """A contact with a flight of radio, television or print, which has no address."""

    flight: i4  # number of the flight in the media plan
    noticed: i2  # 1: it was noticed
    does: i2  # 0 nothing, 1 it met a noticed need, 2 and the brand's name will be searched
    cost: i8  # milli-cents


class Knows(RowKey):
    """Whether a person knows the brand: at the start, and when that changes."""

    by: i4  # 0 at the start, 1 a visit, 2 a tip, 3 a medium, 4 a post, 5 an article, 6 a paid click
    new: i4  # 1: the person did not know the brand until now
    until: i8  # second until which it is known, if nothing more is heard; 0 it is not


class Read(RowKey):
    """An article of the brand is found by a search and read."""

    article: i4  # number of the article
    need: i4  # that it was read for, -1 without one
    moves: i8  # 1: and the reader goes on to the goods


class PostSeen(RowKey):
    """A post of the brand is seen."""

    series: i4  # number of the series of posts
    how: i2  # 0 in the feed, 1 paid for, 2 a friend shared it
    does: i2  # 1 likes, 2 comments, 4 shares, 8 follows the link; added up
    cost: i8  # milli-cents


class RivalVisit(RowKey):
    """A visit to a rival for a need."""

    need: i4
    rival: i2  # which of them
    bought: i1  # 1: there, and the need is lost
    let_down: i1  # visits before at which the brand failed the person for this need


class WarningHeard(RowKey):
    """A friend's warning of a bad experience is heard."""

    friend: i8  # the friend's global id
    why: i8  # BAD_* of the friend's experience


class Review(RowKey):
    """A review is written of an order."""

    need: i8
    stars: i8  # 1 to 5
    category: i8


class ReviewRead(RowKey):
    """The reviews of a category are read at a visit for a need."""

    need: i8
    average: i8  # hundredths of a star, as shown in town
    count: i8  # reviews


class Referral(RowKey):
    """A friend's tip brings a referral link."""

    friend: i8  # the friend's global id


class Referred(RowKey):
    """A first order uses a friend's link."""

    need: i8
    friend: i8  # the friend's global id
    reward: i8  # cents off the friend's next order


class OptIn(RowKey):
    """Permission for this channel, with the address that is handed over."""

    code: i8  # the brand's code of the address
    type: i8
    visited: i8  # silo of the visit in which it was given, -1 where the visit is not known


class Offered(RowKey):
    """A person sees a message with an offer, or does an act that brings one, and keeps it."""

    message: i8  # id; -1 of an act that no message asked for
    offer: i4  # number in the scenario's list, -1 a share off
    lasts: i4  # seconds


class Redeemed(RowKey):
    """An order uses an offer."""

    need: i4
    offer: i4  # number in the scenario's list, -1 a share off
    message: i8  # id of the message that gave it; -1 where an act did, unasked
    off: i8  # cents off, as far as the price went
    gift_cost: i8  # cents that the brand pays for a gift


class CodeUnknown(RowKey):
    """A code is shown where nobody knows it, and counts for nothing."""

    need: i4
    offer: i4  # number in the scenario's list
    message: i8  # id of the message that gave it


class TargetSet(RowKey):
    """A person sees a message that promises a target, and takes part."""

    message: i8  # id
    target: i4  # number in the scenario's list
    lasts: i4  # seconds


class TargetReached(RowKey):
    """An order reaches a target: the reward is handed out."""

    need: i4
    target: i4  # number in the scenario's list
    own: i8  # by the person's own count: purchases, or cents
    seen: i8  # the same as the place sees it


class TargetMissed(RowKey):
    """A target's last day is over, and its reward was not handed out."""

    target: i4  # number in the scenario's list
    near: i4  # millionths of it, by the person's own count
    own: i8  # that count: purchases, or cents


class TierShown(RowKey):
    """A place shows a person another tier than the last."""

    tier: i4  # number in the scenario's list, -1 none
    before: i4  # the one before it, -1 none


class Apology(RowKey):
    """A person sees an apology."""

    message: i8  # id
    worth: i8  # cents that come with it
    back: i4  # millionths of the bad experiences that it takes back
    heard: i4  # thousandths: apologies before it that are not forgotten


class TopUp(RowKey):
    """Money is loaded on the card or account, after an order."""

    need: i4
    amount: i8  # cents
    left: i8  # cents that are there since, as the place sees it


class PaidFrom(RowKey):
    """An order is paid from the balance, or a part of it."""

    need: i4
    amount: i8  # cents
    left: i8  # cents that are still there, as the place sees it


class FailureNoted(RowKey):
    """The brand notes that something went wrong for a person."""

    why: i8  # BAD_*


class GoodsSeen(RowKey):
    """Goods of a category are shown at a visit."""

    need: i8  # -1 without one
    good: i4  # the one liked best so far, counted over all categories
    seen: i2  # goods that had not been seen for the need
    told: i2  # goods of the page that were recommended


class Line(RowKey):
    """A line of an order: one good."""

    need: i8
    good: i4  # counted over all categories
    told: i1  # 1: it came into sight by a recommendation
    is_first: i1  # 1: the good that was chosen first
    moved: i1  # of the first: -1 cheaper than the one liked best at the first look, 1 dearer
    price: i8  # cents


class RecommendedRow(RowKey):
    """A message shows goods."""

    message: i8  # its id
    goods: i8  # a bit each, counted over all categories


class SiteSearch(RowKey):
    """Something is typed into the search box of the brand's own site or app."""

    need: i8
    category: i8
    good: i8  # that is named, counted over all categories; -1 the category alone


class Question(RowKey):
    """A question comes up: before a purchase, or about an order."""

    need: i4
    hard: i1  # 1: no page can answer it
    after: i1  # 1: about an order


class Contact(RowKey):
    """A question is asked at a desk."""

    need: i4
    attempt: i2  # contacts about it before
    known: i1  # 1: the agent sees what went before
    after: i1
    hard: i1
    team: i1  # number of the agents' team


class Answer(RowKey):
    """A question gets an answer, which need not be the last word."""

    need: i4
    by: i1  # 0 a page, else the team's number + 1
    known: i1
    solved: i1  # 1: the question is answered for good
    after: i1
    attempt: i4
    wait: i4  # seconds until an agent began
    length: i4  # seconds of the agent
    cost: i8  # milli-cents


class Unanswered(RowKey):
    """A question is given up without an answer."""

    need: i4
    why: i1  # 1 nobody answers it, 2 given up, 3 left the brand, 4 the need has ended
    after: i1
    attempt: i2


class CallBack(RowKey):
    """A person gives up waiting and will be called back."""

    need: i4
    wait: i4  # seconds so far


class SurveyRow(RowKey):
    """The brand asks how a contact was."""

    need: i4
    answered: i1  # 1: and gets an answer
    unhappy: i1  # 1: it was a bad experience, or brought no answer


class Address(RowKey):
    """An address that the brand had before the start, with permission for this channel."""

    code: i8  # the brand's code of it
    type: i8


class ActRow(RowKey):
    """A person does an act by which the brand can reach it, or know it again."""

    act: i1  # number of the act, see `omnilab.log.act_kinds`
    asked: i1  # 1: a message that asks for it led here
    again: i1  # 1: it has been done before, so it brings no incentive
    points: i8  # loyalty points that it brings
    cost: i8  # milli-cents of the incentive
    cause: i8  # id of the message that asks for it, or -1


class RecordRow(RowKey):
    """An identifier in a record that the brand has of a person at the start."""

    code: i8  # the brand's code of it
    type: i8
    upload: i2  # number of the upload in the scenario
    duplicate: i2  # 1: of the person's second record there
    first: i2  # 1: a record begins with it
    is_wrong: i2  # 0 it is the person's, 1 nobody's, 2 somebody else's


class Census(RowKey):
    """How well a message that shows everything would meet the person now (engine/calibrate.py)."""

    match: i8  # millionths
    standing: i8  # millionths of a logit: recency and tenure


class AtPlace(RowKey):
    """A visit is made at a place."""

    need: i8  # -1 without one
    place: i4  # number within the town
    metres: i4  # the way there


class Passed(RowKey):
    """A person passes a place and notices it."""

    place: i4
    metres: i4  # how near
    cost: i8  # milli-cents of a board, 0 of others
    does: i8  # PASSED_*


class Position(RowKey):
    """The app tells the brand that a person is near a place."""

    place: i4
    metres: i4
    dwell: i8  # seconds for which the person has been there
    profile: i8  # serial of the profile that the brand takes the person for, -1


class Lives(RowKey):
    """Where a person lives and works: once, when the person is there."""

    home_x: i4  # metres from the town's centre
    home_y: i4
    work_x: i4
    work_y: i4
    works: i1
    tells: i1  # 1: the app may tell where the person is


class Stands(RowKey):
    """Where a place of the town stands; the town's first person writes it."""

    place: i4
    kind_of_place: i4  # number in the scenario's list
    x: i4  # metres from the town's centre
    y: i4


class StockOut(RowKey):
    """A place is out of the variant that a need wants, and the person does something."""

    need: i4
    category: i2
    wanted: i2  # variant of the category
    took: i2  # the variant taken in its place, -1
    does: i1  # DOES_*
    broken: i1  # 1: what the brand had promised was not there
    place: i2  # of stock, of the visit's channel
    other: i2  # place meant, -1


class UnitsSold(RowKey):
    """An order takes a unit from a place."""

    need: i4
    place: i2
    variant: i2  # of all categories
    free: i4  # units left there for anybody
    held: i1  # 1: it had been kept for the person


class UnitsBack(RowKey):
    """A unit that a customer sent back is on the shelf again."""

    need: i4
    place: i2
    variant: i2
    free: i4
    n: i4  # units


class UnitsOrdered(RowKey):
    """A place orders units from the supplier; such rows stand under some person of the town."""

    place: i2
    variant: i2
    n: i4
    due: i8  # second


class UnitsCame(RowKey):
    """Ordered units are delivered to a place."""

    place: i2
    variant: i2
    n: i4
    free: i4


class UnitsSpoiled(RowKey):
    """Units are spoiled and thrown away."""

    place: i2
    variant: i2
    n: i4
    free: i4


class UnitsHeld(RowKey):
    """A unit is kept for a person, or not any more."""

    need: i4
    place: i2
    variant: i2
    free: i4
    n: i4  # 1 or -1


class LineJoined(RowKey):
    """A person comes to a line."""

    line: i4  # its index
    ahead: i4  # persons who wait there already
    rank: i8  # class of priority, 0 is called first


class Served(RowKey):
    """A person in a line is called; the service begins."""

    line: i8
    wait: i8  # seconds


class LineLeft(RowKey):
    """A person gives up waiting."""

    line: i8
    wait: i8  # seconds


class ServiceDone(RowKey):
    """A service ends."""

    line: i8
    spent: i8  # seconds, from coming to the line


class Collecting(RowKey):
    """A person comes to collect what was ordered."""

    need: i4
    way: i4  # of delivery, its index


class HandedOver(RowKey):
    """What was ordered is with its person."""

    need: i4
    way: i4  # of delivery, its index
    late: i8  # seconds after the promise, 0 in time


class Promise(RowKey):
    """A delivery is promised for an order."""

    need: i4
    way: i4  # of delivery, its index
    promised: i8  # seconds from the order
    fee: i8  # cents
    fulfilment_cost: i8  # cents that the brand pays for it


# --- Messages ------------------------------------------------------------------------------------


class MessageRow(RowKey):
    """Something that happens to a message."""

    message: i8  # id
    journey: i2
    step: i2


class Sent(MessageRow):
    """A message is sent."""

    profile: i4  # serial of the profile that it goes to
    cost: i8  # milli-cents
    shown_need: i4  # the need whose cart it shows, -1
    category: i2  # shown, -1 everything
    shows: i2  # 0 everything, 1 the cart, 2 what was viewed, 3 what was bought, 4 a named category


class Response(MessageRow):
    """A person or a machine opens or clicks a message; the brand knows of it by a receipt."""

    receipt: i1  # 0 comes back, 1 never does, 2 the brand has had one of the message before


class Replied(MessageRow):
    """A message is answered in words; the brand reads it."""

    asked: i1  # 1 where the message asked for an answer


class Accepted(MessageRow):
    """An invitation is accepted: another channel may write to the person since."""

    opens: i2  # that channel


class LookAgain(MessageRow):
    """A message that lies about is looked at again."""

    look: i1  # which of its later looks, from 1


class Skipped(MessageRow):
    """A channel of the cascade can't be used."""

    profile: i4
    reason: i8  # 1 no address, 2 no consent


class Held(MessageRow):
    """A message waits for the quiet hours to end."""

    profile: i4
    seconds: i8  # until the quiet hours end


class NotShown(MessageRow):
    """An ad platform does not show an ad; the brand learns no more than that it was not shown."""

    profile: i4
    rival: i8  # where outbid: the highest bid of the others, milli-cents
    reason: i8  # 1 nobody found by the address, 2 outbid, 3 shown often enough on this day


class Unfunded(MessageRow):
    """A message finds no money over this channel."""

    profile: i4
    budget: i8  # number of the budget: the scenario's, then the plan's own
    seconds: i8  # until it is tried again; 0: its channel is passed over


class Finished(MessageRow):
    """A message has got its final status: once a message."""

    profile: i4
    status: i8  # FINAL_*
    sends: i8  # that it took


# --- The brand -----------------------------------------------------------------------------------


class Enter(RowKey):
    """A profile enters a journey."""

    copy_serial: i8  # of the journey instance
    journey: i8
    profile: i8  # serial


class ArmRow(RowKey):
    """A copy of a journey first meets a split test, and falls into one of its arms."""

    copy_serial: i8  # of the journey instance
    test: i8  # number of the scenario's test
    arm: i8  # number of its arm
    profile: i8  # serial


class Exit(RowKey):
    """A journey instance ends."""

    copy_serial: i8
    journey: i8
    reason: i8  # 0 done, 1 its until-condition, 2 merged, 3 control, 4 forgotten


class Merge(RowKey):
    """Two profiles become one."""

    survivor: i8  # serials
    absorbed: i8


# --- Numbers of the kinds ------------------------------------------------------------------------

PERSON: Final = 0
NEED: Final = 1
AWARE: Final = 2
VISIT: Final = 3
IDENTIFIER: Final = 4
VIEW: Final = 5
CART: Final = 6
CART_LEFT: Final = 7
GIVE_UP: Final = 8
ORDER: Final = 9
RETURN: Final = 10
NEED_LOST: Final = 11
SERVICE: Final = 12
BAD: Final = 13
LEFT: Final = 14
TIP: Final = 15
OPT_IN: Final = 16
CENSUS: Final = 17
ADDRESS: Final = 18
AT_PLACE: Final = 50
PASSED: Final = 51
POSITION: Final = 52
LIVES: Final = 53
STANDS: Final = 54
ACT: Final = 45
RECORD: Final = 46
LATER: Final = 43  # from here to 82: kinds of the world that came later
OFFERED: Final = 47
REDEEMED: Final = 48
CODE_UNKNOWN: Final = 49
LOOK_AGAIN: Final = 44
TARGET_SET: Final = 99
TARGET_REACHED: Final = 100
TARGET_MISSED: Final = 101
TIER_SHOWN: Final = 102
APOLOGY: Final = 103
FAILURE_NOTED: Final = 104
TOP_UP: Final = 105
PAID_FROM: Final = 106
STOCK_OUT: Final = 55
UNITS_SOLD: Final = 56
UNITS_BACK: Final = 57
UNITS_ORDERED: Final = 58
UNITS_CAME: Final = 59
UNITS_SPOILED: Final = 60
UNITS_HELD: Final = 61
LINE_JOINED: Final = 62
SERVED: Final = 63
LINE_LEFT: Final = 64
SERVICE_DONE: Final = 65
COLLECTING: Final = 76
HANDED_OVER: Final = 66
PROMISE: Final = 67
GOODS_SEEN: Final = 83
LINE: Final = 84
RECOMMENDED: Final = 85
SITE_SEARCH: Final = 110
QUESTION: Final = 68
CONTACT: Final = 69
ANSWER: Final = 70
UNANSWERED: Final = 71
CALL_BACK: Final = 72
SURVEY: Final = 73
RIVAL_VISIT: Final = 77
WARNING: Final = 78
REVIEW: Final = 79
REVIEW_READ: Final = 80
REFERRAL: Final = 81
REFERRED: Final = 82
MEDIA_CONTACT: Final = 91
KNOWS: Final = 92
READ: Final = 93
POST_SEEN: Final = 94
SENT: Final = 20
DELIVERED: Final = 21
BOUNCE: Final = 22
OPEN: Final = 23
CLICK: Final = 24
UNSUBSCRIBE: Final = 25
SPAMREPORT: Final = 26
STOP_ALL: Final = 27
MACHINE_OPEN: Final = 28
SCANNER_CLICK: Final = 29
SKIPPED: Final = 30
HELD: Final = 31
FINAL: Final = 32
REPLY: Final = 108
ACCEPT: Final = 109
ENTER: Final = 40
ARM: Final = 107
EXIT: Final = 41
MERGE: Final = 42

NOT_SHOWN: Final = 74
UNFUNDED: Final = 75

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


#: The class of each kind.
KINDS: Final[dict[int, type[RowKey]]] = {
    PERSON: Person, NEED: NeedRow, AWARE: Aware, VISIT: Visit, IDENTIFIER: Identifier, VIEW: View,
    CART: Cart, CART_LEFT: CartLeft, GIVE_UP: GiveUp, ORDER: Order, RETURN: Return,
    NEED_LOST: NeedLost, SERVICE: Service, BAD: Bad, LEFT: Left, TIP: Tip, OPT_IN: OptIn,
    STOCK_OUT: StockOut, UNITS_SOLD: UnitsSold, UNITS_BACK: UnitsBack,
    UNITS_ORDERED: UnitsOrdered, UNITS_CAME: UnitsCame, UNITS_SPOILED: UnitsSpoiled,
    UNITS_HELD: UnitsHeld,
    GOODS_SEEN: GoodsSeen, LINE: Line, RECOMMENDED: RecommendedRow,
    SITE_SEARCH: SiteSearch,
    QUESTION: Question, CONTACT: Contact, ANSWER: Answer, UNANSWERED: Unanswered,
    CALL_BACK: CallBack, SURVEY: SurveyRow,
    LINE_JOINED: LineJoined, SERVED: Served, LINE_LEFT: LineLeft, SERVICE_DONE: ServiceDone,
    ACT: ActRow, RECORD: RecordRow,
    CENSUS: Census, ADDRESS: Address, NOT_SHOWN: NotShown, UNFUNDED: Unfunded,
    MEDIA_CONTACT: MediaContact, KNOWS: Knows, READ: Read, POST_SEEN: PostSeen,
    RIVAL_VISIT: RivalVisit, WARNING: WarningHeard, REVIEW: Review, REVIEW_READ: ReviewRead,
    REFERRAL: Referral, REFERRED: Referred,
    OFFERED: Offered, REDEEMED: Redeemed, CODE_UNKNOWN: CodeUnknown,
    TARGET_SET: TargetSet, TARGET_REACHED: TargetReached, TARGET_MISSED: TargetMissed,
    TIER_SHOWN: TierShown, APOLOGY: Apology, FAILURE_NOTED: FailureNoted,
    TOP_UP: TopUp, PAID_FROM: PaidFrom,
    COLLECTING: Collecting, HANDED_OVER: HandedOver, PROMISE: Promise,
    SENT: Sent, DELIVERED: MessageRow, BOUNCE: MessageRow, OPEN: Response,
    CLICK: Response, UNSUBSCRIBE: MessageRow, SPAMREPORT: MessageRow, STOP_ALL: MessageRow,
    MACHINE_OPEN: Response, SCANNER_CLICK: Response, REPLY: Replied, ACCEPT: Accepted,
    LOOK_AGAIN: LookAgain,
    SKIPPED: Skipped, HELD: Held, FINAL: Finished, ENTER: Enter, ARM: ArmRow,
    EXIT: Exit, MERGE: Merge,
    AT_PLACE: AtPlace, PASSED: Passed, POSITION: Position, LIVES: Lives, STANDS: Stands,
}  # fmt: skip
KIND_NAMES: Final[dict[int, str]] = {
    PERSON: "person",
    NEED: "need",
    AWARE: "aware",
    VISIT: "visit",
    IDENTIFIER: "identify",
    VIEW: "view",
    CART: "cart",
    CART_LEFT: "cart_left",
    GIVE_UP: "give_up",
    ORDER: "order",
    RETURN: "return",
    NEED_LOST: "need_lost",
    SERVICE: "service",
    BAD: "bad_experience",
    LEFT: "left",
    TIP: "tip",
    OPT_IN: "opt_in",
    ACT: "act",
    RECORD: "record",
    CENSUS: "census",
    ADDRESS: "address",
    STOCK_OUT: "stock_out",
    UNITS_SOLD: "units_sold",
    UNITS_BACK: "units_back",
    UNITS_ORDERED: "units_ordered",
    UNITS_CAME: "units_came",
    UNITS_SPOILED: "units_spoiled",
    UNITS_HELD: "units_held",
    GOODS_SEEN: "goods_seen",
    LINE: "line",
    RECOMMENDED: "recommended",
    SITE_SEARCH: "site_search",
    QUESTION: "question",
    CONTACT: "contact",
    ANSWER: "answer",
    UNANSWERED: "unanswered",
    CALL_BACK: "call_back",
    SURVEY: "survey",
    LINE_JOINED: "line_joined",
    SERVED: "served",
    LINE_LEFT: "line_left",
    SERVICE_DONE: "service_done",
    COLLECTING: "collecting",
    HANDED_OVER: "handed_over",
    PROMISE: "promise",
    NOT_SHOWN: "not_shown",
    UNFUNDED: "unfunded",
    MEDIA_CONTACT: "media_contact",
    KNOWS: "knows",
    READ: "read",
    POST_SEEN: "post_seen",
    RIVAL_VISIT: "rival_visit",
    WARNING: "warning",
    REVIEW: "review",
    REVIEW_READ: "review_read",
    REFERRAL: "referral",
    REFERRED: "referred",
    OFFERED: "offered",
    REDEEMED: "redeemed",
    CODE_UNKNOWN: "code_unknown",
    TARGET_SET: "target_set",
    TARGET_REACHED: "target_reached",
    TARGET_MISSED: "target_missed",
    TIER_SHOWN: "tier_shown",
    APOLOGY: "apology",
    FAILURE_NOTED: "failure_noted",
    TOP_UP: "top_up",
    PAID_FROM: "paid_from_balance",
    SENT: "sent",
    DELIVERED: "delivered",
    BOUNCE: "bounce",
    OPEN: "open",
    CLICK: "click",
    UNSUBSCRIBE: "unsubscribe",
    SPAMREPORT: "spamreport",
    STOP_ALL: "stop_all",
    MACHINE_OPEN: "machine_open",
    SCANNER_CLICK: "scanner_click",
    REPLY: "reply",
    ACCEPT: "accept",
    LOOK_AGAIN: "look_again",
    SKIPPED: "skipped",
    HELD: "held",
    FINAL: "final",
    ENTER: "enter",
    ARM: "arm",
    EXIT: "exit",
    MERGE: "merge",
    AT_PLACE: "at_place",
    PASSED: "passed",
    POSITION: "position",
    LIVES: "lives",
    STANDS: "stands",
}


def columns(log: Any, kind: int) -> Any:
    """Return a whole log seen as rows of one kind: its fields under their names.

    Only rows of that kind may be read so (see `of_kind`). The memory is the log's.
    """
    return log.view(np.ndarray).view(_dtype(kind)).view(np.recarray)


def of_kind(log: Any, kind: int) -> Any:
    """Return a log's rows of one kind, with the kind's fields under their names."""
    return columns(log[log["kind"] == kind], kind)


def all_named(log: Any) -> list[dict[str, int]]:
    """Return each row's fields by name, as `named` does of one, in the log's order."""
    found: list[dict[str, int]] = [{}] * len(log)
    kinds = log["kind"]
    for kind in np.unique(kinds):
        places = np.flatnonzero(kinds == kind)
        seen = columns(log[places], int(kind))
        names = seen.dtype.names or ()
        values = zip(*(seen[name].tolist() for name in names), strict=True)
        for place, one in zip(places.tolist(), values, strict=True):
            found[place] = dict(zip(names, one, strict=True))
    return found


def named(row: Any) -> dict[str, int]:
    """Return one row's fields by name: the key's, and those of its kind."""
    seen = columns(np.array([row], dtype=ROW), int(row["kind"]))
    return {name: int(seen[0][name]) for name in seen.dtype.names or ()}


#: Fields as tables name them: with their units.
WITH_UNITS: Final = {
    "time": "time_s", "entry": "entry_s", "seconds": "held_s",
    "value": "value_cents", "amount": "amount_cents", "paid": "paid_cents",
    "margin": "margin_cents", "discount": "discount_cents", "refund": "refund_cents",
    "length": "length_s", "price": "price_cents",
    "metres": "distance_m", "dwell": "dwell_s", "home_x": "home_x_m", "home_y": "home_y_m",
    "work_x": "work_x_m", "work_y": "work_y_m", "x": "x_m", "y": "y_m",
    "due": "due_s",
    "wait": "wait_s", "spent": "spent_s", "late": "late_s", "promised": "promised_s",
    "fee": "fee_cents", "fulfilment_cost": "fulfilment_cost_cents",
    "cost": "cost_millicents", "rival": "rival_millicents",
    "match": "match_millionths", "standing": "standing_millionths",
    "average": "average_hundredths", "reward": "reward_cents",
    "off": "off_cents", "gift_cost": "gift_cost_cents", "lasts": "lasts_s",
    "left": "left_cents", "worth": "worth_cents", "until": "until_s",
}  # fmt: skip


def table_fields() -> tuple[str, ...]:
    """Return the fields of all kinds, the key's first, each once."""
    return tuple(dict.fromkeys(n for kind in KINDS for n in _dtype(kind).names or ()))


def filled(log: Any, name: str) -> tuple[Any, Any]:
    """Return one field over a whole log, int64, and a mask of the rows whose kind has it.

    Parameters
    ----------
    log
        Rows, shape ``(n,)``.
    name
        Of `table_fields`.
    """
    values, has = np.zeros(len(log), np.int64), np.zeros(len(log), np.bool_)
    for kind in np.unique(log["kind"]).tolist():
        if name in (_dtype(kind).names or ()):
            mask = log["kind"] == kind
            values[mask] = columns(log[mask], kind)[name]
            has |= mask
    return values, has


@cache
def _dtype(kind: int) -> Any:
    """Return a kind's layout, of a whole row's size."""
    dtype = dtype_of(KINDS[kind])
    fields: Any = dtype.fields
    return np.dtype(
        {
            "names": list(fields),
            "formats": [fields[n][0] for n in fields],
            "offsets": [fields[n][1] for n in fields],
            "itemsize": ROW.itemsize,
        }
    )
