"""Tell one person's rows of the log in words, and lay several strategies' words side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from omnilab.log import rows
from omnilab.log.act_kinds import ACT_KINDS, REQUEST
from omnilab.report.accounts import OF_ACCOUNTS, of_accounts
from omnilab.report.asking import ASKING, asking
from omnilab.report.goods import OF_GOODS, of_goods
from omnilab.report.hearing import HEARING, hearing
from omnilab.report.shelves import ON_SHELVES, on_shelves
from omnilab.report.ways import ON_THE_WAY, on_the_way
from omnilab.scenario.acts import things_of
from omnilab.scenario.goods import goods_in
from omnilab.world.device import PHONE, TABLET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["Moment", "Teller", "align", "local_time", "summary", "tell_all"]

Fact = Mapping[str, int]  # a row: its fields by name

_ON: Final = {PHONE: " on the phone", TABLET: " on a tablet"}
_NOTICED: Final = (
    "",
    ", by a message",
    ", by a tip",
    ", looking around",
    ", in passing",
    ", by what was heard or read",
    ", told by a colleague",
)
_FATES: Final = {
    rows.FATE_RIVAL: "bought elsewhere",
    rows.FATE_DROPPED: "dropped",
    rows.FATE_LEFT: "gone with the customer",
}
_BAD: Final = {
    rows.BAD_SERVICE: "service without history",
    rows.BAD_REPEAT: "had to start again",
    rows.BAD_SPAM: "too many messages",
    rows.BAD_STOP: "written to after 'stop all'",
    rows.BAD_RETURN: "had to send it back",
    rows.BAD_WAIT: "had to wait too long",
    rows.BAD_STOCK: "the good was out",
    rows.BAD_LATE: "delivered late",
    rows.BAD_CODE: "the code was not known",
}
_LEAVES: Final = {2: " after bad experiences", 3: ", woken by a message"}
_ENDS: Final = {  # of a message that was not sent, or not as far as it should; others are silent
    rows.FINAL_SKIPPED: "not sent, no channel could be used",
    rows.FINAL_CAPPED: "not sent, frequency cap",
    rows.FINAL_SUPPRESSED: "not sent, suppressed",
    rows.FINAL_CONVERTED: "not sent, converted",
    rows.FINAL_DECLINED: "not sent, declined by the strategy",
    rows.FINAL_CONTROL: "not sent, control group",
    rows.FINAL_UNFUNDED: "not sent, no budget could pay it",
    rows.FINAL_UNSHOWN: "not shown",
    rows.FINAL_BUYER: "not sent, bought lately",
}
_UNSHOWN: Final = {
    rows.UNMATCHED: "nobody found by the address",
    rows.OUTBID: "outbid",
    rows.OFTEN: "often enough today",
}
_OF_MESSAGES: Final = (
    rows.NOT_SHOWN, rows.UNFUNDED, rows.LOOK_AGAIN, rows.REPLY, rows.ACCEPT,
)  # fmt: skip
_JOURNEYS: Final = (rows.ENTER, rows.ARM, rows.EXIT, rows.MERGE)
_DETAILS: Final = frozenset(  # told only where everything is asked for
    {rows.PERSON, rows.IDENTIFIER, rows.VIEW, rows.DELIVERED, rows.SKIPPED, rows.ENTER, rows.ARM}
    | {rows.EXIT, rows.MERGE, rows.HELD, rows.MACHINE_OPEN, rows.SCANNER_CLICK}
    | {rows.NOT_SHOWN, rows.UNFUNDED, rows.LIVES, rows.STANDS}
)


@dataclass(frozen=True)
class Moment:
    """What happened in one second: a tuple of words for each strategy, empty where nothing did."""

    time_s: int
    words: tuple[tuple[str, ...], ...]


class Teller:
    """Turns rows into words.

    Parameters
    ----------
    scenario
        Names channels, categories and the currency.
    journeys
        Names of the strategy's journeys, in its plan's order.
    burn_in_journeys
        The same of the status quo, which runs first.
    everything
        Also tell identifiers, views, receipts, journeys entered and left, and merges.
    """

    def __init__(
        self,
        scenario: Scenario,
        journeys: Sequence[str],
        burn_in_journeys: Sequence[str],
        *,
        everything: bool = False,
    ) -> None:
        self._channels = [c.name for c in scenario.channels]
        self._ads = {
            n for n, c in enumerate(scenario.channels) if c.message is not None and c.message.ad
        }
        self._categories = [c.name for c in scenario.categories]
        self._goods = [good.name for _, good in goods_in(scenario.categories)]
        self._things = things_of(scenario.channels)
        self._currency = scenario.currency
        self._switch_s = scenario.time.burn_in
        self._journeys, self._before = journeys, burn_in_journeys
        self._everything = everything
        self._wanted: dict[int, str] = {}  # need -> category

    def tell(self, log: NDArray[np.void]) -> list[tuple[int, str]]:
        """Return (time in s, words) of each row that is told, in the order of time."""
        return [(time_s, words) for time_s, _, words in self.tell_kinds(log)]

    def tell_kinds(self, log: NDArray[np.void]) -> list[tuple[int, int, str]]:
        """Return (time in s, the row's kind, words) of each row that is told."""
        told = []
        for fact in rows.all_named(log[np.lexsort((log["seq"], log["time"]))]):
            if fact["kind"] == rows.NEED:
                self._wanted[fact["need"]] = self._category(fact["category"])
            if fact["kind"] in _DETAILS and not self._everything:
                continue
            words = self._words(fact)
            if words:
                told.append((int(fact["time"]), int(fact["kind"]), words))
        return told

    def _words(self, fact: Fact) -> str:
        kind = fact["kind"]
        if rows.SENT <= kind <= rows.FINAL or kind in _OF_MESSAGES:
            return self._of_message(fact)
        if kind in (
            rows.PERSON,
            rows.IDENTIFIER,
            rows.VIEW,
            rows.ENTER,
            rows.ARM,
            rows.EXIT,
            rows.MERGE,
        ):
            return self._detail(fact)
        return self._of_world(fact)

    def _of_world(self, fact: Fact) -> str:
        kind = fact["kind"]
        if kind == rows.NEED:
            made = (
                "",
                ", made by a message",
                ", made by looking around",
                ", made by a tip",
                ", made by what was heard or read",
            )[fact["origin"]]
            return f"need {self._category(fact['category'])} {self._money(fact['value'])}{made}"
        if kind == rows.AWARE:
            cause = _NOTICED[fact["cause"]]
            return f"notices need {self._need(fact)}{cause}"
        if kind == rows.VISIT:
            return self._visit(fact)
        if kind == rows.CART:
            return f"cart {fact['amount'] / 100:.2f}"
        if kind == rows.CART_LEFT:
            return "leaves the cart"
        if kind == rows.GIVE_UP:
            steps = fact["steps"]
            return f"gives up, {steps} step{'' if steps == 1 else 's'} to repeat"
        if kind == rows.ORDER:
            off = f", {fact['discount'] / 100:.2f} off" if fact["discount"] else ""
            return f"order {self._money(fact['paid'])}{off} {self._at(fact)}".rstrip()
        if kind == rows.RETURN:
            return f"returns {self._money(fact['refund'])}"
        if kind == rows.NEED_LOST:
            return f"need {self._need(fact)} {_FATES.get(fact['fate'], 'lost')}"
        return self._of_relation(fact)

    def _of_relation(self, fact: Fact) -> str:
        kind = fact["kind"]
        if kind == rows.SERVICE:
            return f"service {self._at(fact)}, {'known' if fact['known'] else 'unknown'} there"
        if kind == rows.BAD:
            return f"bad experience: {_BAD.get(fact['why'], 'unknown')}"
        if kind == rows.LEFT:
            return f"leaves the brand{_LEAVES.get(fact['why'], '')}"
        if kind == rows.TIP:
            return f"friend's tip: {self._category(fact['category'])}"
        if kind == rows.OPT_IN:
            return f"allows {self._channel(fact)}"
        if kind == rows.ACT:
            asked = ", as a message asked" if fact["asked"] else ""
            return f"{self._act(fact)} {self._at(fact)}{asked}{self._given(fact)}"
        if kind == rows.RECORD:
            wrong = ("", ", nobody's", ", somebody else's")[fact["is_wrong"]]
            return f"stood in a record {self._at(fact)} before the start{wrong}"
        if kind == rows.ADDRESS:
            return f"had allowed {self._channel(fact)} before the start"
        return self._of_friends(fact)

    def _act(self, fact: Fact) -> str:
        """Return what an act is called, and what a request is for."""
        if fact["act"] == REQUEST and (thing := self._things[fact["thing"]]):
            return f"asks for a {thing}"
        return ACT_KINDS[fact["act"]].words

    def _given(self, fact: Fact) -> str:
        """Return what an act brings the person."""
        gets = [self._money(fact["cost"] // 1000)] if fact["cost"] else []
        gets += [f"{fact['points']} points"] if fact["points"] else []
        return f", gets {' and '.join(gets)}" if gets else ""

    def _of_friends(self, fact: Fact) -> str:
        """Return what rivals, friends and other buyers have to do with the person."""
        kind = fact["kind"]
        if kind in OF_ACCOUNTS:
            return of_accounts(fact)
        if kind in ON_THE_WAY:
            return on_the_way(fact)
        if kind in HEARING:
            return hearing(fact)
        if kind in ON_SHELVES:
            return on_shelves(fact)
        if kind in OF_GOODS:
            return of_goods(fact, self._goods, self._money(fact.get("price", 0)))
        if kind in ASKING:
            return asking(fact, self._need(fact), self._at(fact)).replace("  ", " ").strip()
        if kind == rows.RIVAL_VISIT:
            return f"at rival {fact['rival'] + 1}{' and buys there' if fact['bought'] else ''}"
        if kind == rows.WARNING:
            return f"friend's warning: {_BAD.get(fact['why'], 'unknown')}"
        if kind == rows.REVIEW:
            return f"writes a review of {self._category(fact['category'])}: {fact['stars']} of 5"
        if kind == rows.REVIEW_READ:
            return f"reads reviews: {fact['average'] / 100:.2f} of 5 from {fact['count']}"
        if kind == rows.REFERRAL:
            return "friend's referral link"
        if kind == rows.REFERRED:
            return f"uses a friend's link, {self._money(fact['reward'])} for the friend"
        if kind == rows.OFFERED:
            return f"keeps an offer for {fact['lasts'] / 86400:.1f} days"
        if kind == rows.REDEEMED:
            return f"uses an offer, {self._money(fact['off'])} off"
        if kind == rows.CODE_UNKNOWN:
            return "shows a code that nobody knows here"
        return self._of_programme(fact)

    def _of_programme(self, fact: Fact) -> str:
        """Return what a person meets of the brand's programme, and of its apologies."""
        kind = fact["kind"]
        if kind == rows.TARGET_SET:
            return f"takes part in a target, message {fact['message']}"
        if kind == rows.TARGET_REACHED:
            return "reaches the target, and gets the reward"
        if kind == rows.TARGET_MISSED:
            return f"misses the target, {fact['near'] / 1e6:.0%} of it done"
        if kind == rows.TIER_SHOWN:
            return "has no tier any more" if fact["tier"] < 0 else f"has tier {fact['tier'] + 1}"
        if kind == rows.APOLOGY:
            return f"sees an apology that brings {self._money(fact['worth'])}"
        if kind == rows.FAILURE_NOTED:
            return "the brand notes that something went wrong"
        if kind == rows.TOP_UP:
            return f"loads {self._money(fact['amount'])}, {self._money(fact['left'])} are there"
        if kind == rows.PAID_FROM:
            return f"pays {self._money(fact['amount'])} from the balance"
        return self._of_fulfilment(fact)

    def _of_fulfilment(self, fact: Fact) -> str:
        """Return what a person waits for, and how an order gets to the person."""
        kind = fact["kind"]
        if kind == rows.LINE_JOINED:
            return f"stands in line, {fact['ahead']} ahead" if fact["ahead"] else "comes to a line"
        if kind == rows.SERVED:
            return f"is served after {fact['wait'] / 60:.1f} min"
        if kind == rows.LINE_LEFT:
            return f"gives up waiting after {fact['wait'] / 60:.1f} min"
        if kind == rows.SERVICE_DONE:
            return f"is done after {fact['spent'] / 60:.1f} min"
        if kind == rows.PROMISE:
            fee = f", fee {self._money(fact['fee'])}" if fact["fee"] else ""
            return f"is promised it within {fact['promised'] / 3600:.1f} h{fee}"
        if kind == rows.COLLECTING:
            return f"comes to collect the order {self._at(fact)}".rstrip()
        if kind == rows.HANDED_OVER:
            late = f", {fact['late'] / 3600:.1f} h late" if fact["late"] else ""
            return f"gets the order {self._at(fact)}".rstrip() + late
        return rows.KIND_NAMES.get(kind, f"kind {kind}")

    def _visit(self, fact: Fact) -> str:
        words = f"visit {self._channel(fact)}"
        words += _ON.get(fact["on_device"], "")
        if fact["cost"]:
            words += " by a paid click"
        if fact["carried"]:
            words += ", cart and steps still there"
        elif fact["carry_needed"]:
            words += ", starts again"
        return words

    def _of_message(self, fact: Fact) -> str:
        kind = fact["kind"]
        channel, journey = self._channel(fact), self._journey(fact)
        if kind == rows.FINAL:
            end = _ENDS.get(fact["status"])
            return f"{journey}: {end}" if end else ""
        if kind == rows.SKIPPED:
            why = "no address" if fact["reason"] == 1 else "no consent"
            return f"{channel} skipped, {why}: {journey}"
        if kind == rows.HELD:
            return f"{channel} held {fact['seconds'] / 3600:.1f} h, quiet hours: {journey}"
        if kind == rows.NOT_SHOWN:
            return f"{channel} not shown, {_UNSHOWN[fact['reason']]}: {journey}"
        if kind == rows.UNFUNDED:
            waits = f"waits {fact['seconds'] / 3600:.1f} h" if fact["seconds"] else "passed over"
            return f"{channel} has no money, {waits}: {journey}"
        if kind == rows.LOOK_AGAIN:
            return f"{channel} looked at again: {journey}"
        if kind == rows.STOP_ALL:
            return "asks to stop all messages"
        verb = {rows.OPEN: "opened", rows.CLICK: "clicked", rows.BOUNCE: "bounced"}
        verb |= {rows.SPAMREPORT: "reported as spam", rows.UNSUBSCRIBE: "unsubscribed"}
        verb |= {
            rows.MACHINE_OPEN: "opened by a machine",
            rows.SCANNER_CLICK: "clicked by a scanner",
            rows.REPLY: "replied to",
            rows.ACCEPT: "invitation accepted",
        }
        if fact["channel"] in self._ads:
            verb |= {rows.SENT: "shown", rows.OPEN: "noticed"}
        unseen = ", the brand does not learn of it" if fact.get("receipt") == 1 else ""
        return f"{channel} {verb.get(kind, rows.KIND_NAMES[kind])}{unseen}: {journey}"

    def _detail(self, fact: Fact) -> str:
        kind = fact["kind"]
        if kind == rows.IDENTIFIER:
            seen = "" if fact["profile"] < 0 else f" as profile {fact['profile']}"
            return f"shows an identifier {self._at(fact)}{seen}"
        if kind == rows.VIEW:
            return f"views {self._category(fact['category'])}"
        if kind == rows.ENTER:
            return f"enters {self._named(self._at_time(fact), fact['journey'])}"
        if kind == rows.ARM:
            return f"falls into arm {fact['arm'] + 1} of test {fact['test'] + 1}"
        if kind == rows.EXIT:
            why = ("done", "until-condition", "merged", "control", "forgotten")
            end = why[fact["reason"]] if 0 <= fact["reason"] < len(why) else "ended"
            return f"exits {self._named(self._at_time(fact), fact['journey'])}: {end}"
        if kind == rows.MERGE:
            return f"profile {fact['absorbed']} merged into {fact['survivor']}"
        if fact["channel"] >= 0:
            return f"does not know the brand, and will enter by {self._at(fact)}"
        return "buyer before" if fact["prior"] else ""

    def _journey(self, fact: Fact) -> str:
        return self._named(self._at_time(fact), fact["journey"])

    def _at_time(self, fact: Fact) -> Sequence[str]:
        return self._before if fact["time"] < self._switch_s else self._journeys

    def _named(self, journeys: Sequence[str], number: int) -> str:
        return journeys[number] if 0 <= number < len(journeys) else f"journey {number}"

    def _need(self, fact: Fact) -> str:
        return self._wanted.get(fact["need"], "")

    def _category(self, number: int) -> str:
        return self._categories[number] if 0 <= number < len(self._categories) else "anything"

    def _channel(self, fact: Fact) -> str:
        number = fact["channel"]
        return self._channels[number] if 0 <= number < len(self._channels) else "message"

    def _at(self, fact: Fact) -> str:
        return f"at {self._channel(fact)}" if fact["channel"] >= 0 else ""

    def _money(self, cents: int) -> str:
        return f"{cents / 100:.2f} {self._currency}"


def tell_all(
    scenario: Scenario,
    strategies: Sequence[LoadedStrategy],
    logs: Sequence[NDArray[np.void]],
    *,
    everything: bool = False,
) -> list[list[tuple[int, str]]]:
    """Return one person's timeline under each strategy, as `align` takes them."""
    from omnilab.strategy.loading import load_strategy

    before = [j.name for j in load_strategy(scenario.brand.status_quo, scenario).plan.journeys]
    told = []
    for strategy, log in zip(strategies, logs, strict=True):
        journeys = [j.name for j in strategy.plan.journeys]
        told.append(Teller(scenario, journeys, before, everything=everything).tell(log))
    return told


def align(told: Sequence[Sequence[tuple[int, str]]], from_s: int, to_s: int) -> list[Moment]:
    """Return the moments of several timelines by time, those with ``from_s <= time < to_s``."""
    by_time: dict[int, list[list[str]]] = {}
    for column, timeline in enumerate(told):
        for time_s, words in timeline:
            if from_s <= time_s < to_s:
                by_time.setdefault(time_s, [[] for _ in told])[column].append(words)
    return [Moment(t, tuple(tuple(w) for w in by_time[t])) for t in sorted(by_time)]


def local_time(scenario: Scenario, time_s: int) -> datetime:
    """Return the customers' local date and time of a simulated second."""
    zone = ZoneInfo(scenario.time.zone)
    start = datetime.combine(scenario.time.start, datetime.min.time(), zone)
    return (start.astimezone(UTC) + timedelta(seconds=time_s)).astimezone(zone)


def summary(log: NDArray[np.void], from_s: int, to_s: int, currency: str) -> str:
    """Return orders, what was paid and the messages in a stretch of time, in a few words."""
    inside = log[(log["time"] >= from_s) & (log["time"] < to_s)]
    orders = rows.of_kind(inside, rows.ORDER)
    sent = int(np.count_nonzero(inside["kind"] == rows.SENT))
    paid = int(orders.paid.sum()) / 100
    n = len(orders)
    return (
        f"{n} order{'' if n == 1 else 's'}, {paid:,.2f} {currency}, "
        f"{sent} message{'' if sent == 1 else 's'}"
    )
