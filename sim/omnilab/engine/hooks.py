"""Asking a strategy's `decide` and telling its `learn`: columns out, columns in."""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np

from omnilab.brand.leeway import WITHOUT_THEME
from omnilab.brand.scoring import NO_SCORE
from omnilab.engine.ask import Asked, make_asked
from omnilab.engine.message_profiles import NEVER_SEEN, MessageProfiles
from omnilab.engine.visitors import Visitors
from omnilab.log import rows
from omnilab.log.act_kinds import ACTS
from omnilab.lowering.cells import Population
from omnilab.scenario.goods import goods_in
from omnilab.scenario.model import Scenario
from omnilab.strategy.choice_check import validate_choices
from omnilab.strategy.decisions import EVENT_KINDS, Decisions, Events
from omnilab.strategy.goods import as_bits, as_columns
from omnilab.strategy.leeway import OpenChoices
from omnilab.strategy.loading import LoadedStrategy, call_hook
from omnilab.strategy.membership import Membership
from omnilab.strategy.offers import as_numbers, offer_columns, offer_names

__all__ = ["Hooks"]

_EVENT_OF = {
    rows.SENT: "sent",
    rows.DELIVERED: "delivered",
    rows.BOUNCE: "bounce",
    rows.OPEN: "open",
    rows.CLICK: "click",
    rows.MACHINE_OPEN: "open",  # the brand can't tell
    rows.SCANNER_CLICK: "click",
    rows.UNSUBSCRIBE: "unsubscribe",
    rows.REPLY: "reply",
    rows.ACCEPT: "accept",
    rows.ORDER: "order",
    rows.REDEEMED: "redeem",
    rows.ACT: "leave_address",  # the first of them; which one it is, the row says
}
#: Those that belong to a visit, and not to a message.
_OF_VISIT = (rows.ORDER, rows.REDEEMED, rows.ACT)
#: The number of each kind of row in `EVENT_KINDS`, -1 where `learn` is not told.
_NUMBER = np.full(256, -1, dtype=np.int64)
for _kind, _name in _EVENT_OF.items():
    _NUMBER[_kind] = EVENT_KINDS.index(_name)
_RECEIPTS = (rows.OPEN, rows.CLICK, rows.MACHINE_OPEN, rows.SCANNER_CLICK)
_NEEDED = _NUMBER >= 0
_NEEDED[[rows.IDENTIFIER, rows.LINE, *rows.MEETINGS]] = True


class Hooks:
    """The hooks of one strategy in one run.

    A strategy is one object, so its hooks are called by one thread at a time.

    Parameters
    ----------
    loaded
        The strategy.
    scenario
        The scenario, for names.
    mask
        Key of the permutation behind profile ids.
    """

    def __init__(self, loaded: LoadedStrategy, scenario: Scenario, mask: int) -> None:
        self.loaded, self.mask = loaded, mask
        self.channels = tuple(c.name for c in scenario.channels)
        self.journeys = tuple(j.name for j in loaded.plan.journeys)
        self.offers = offer_names(scenario)
        self.goods = tuple(good.name for _, good in goods_in(scenario.categories))
        self.open = OpenChoices(scenario, loaded.plan)
        self.members = Membership(scenario)
        self.tick = scenario.time.tick
        self._lock = Lock()
        self._profiles = MessageProfiles()
        self._visitors = Visitors(mask)

    @property
    def nbytes(self) -> int:
        """Bytes of what is kept about messages and visitors, for `learn`, at its most."""
        return 5 * self._profiles.nbytes + self._visitors.nbytes

    def make_asked(self, most: int) -> Asked:
        """Make a table of at most so many messages to ask about (see `omnilab.engine.ask`)."""
        return make_asked(
            most, len(self.channels), self.mask,
            targets=len(self.members.goals), tests=len(self.members.names["test_names"]),
            offers=len(self.offers) - 1,
        )  # fmt: skip

    def answer(self, asked: Asked) -> None:
        """Ask `decide` about all messages in the table and write its answers there.

        Raises
        ------
        StrategyError
            If it raises or answers with what is not allowed; at the earliest time of the table.
        """
        n = int(asked.count[0])
        table: dict[str, Any] = {name: getattr(asked, name)[:n] for name in Decisions.columns}
        now = int(table["time_s"].min())
        name = self.loaded.name
        with self._lock:
            # The columns are the engine's memory: a strategy that keeps a batch keeps a copy.
            pending = Decisions(
                **{key: column.copy() for key, column in table.items()},
                journey_names=self.journeys, channel_names=self.channels,
                good_names=self.goods, **offer_columns(asked, n, self.offers),
                did=as_columns(asked.acts[:n], len(ACTS)),
                viewed=as_columns(asked.viewed[:n], len(self.goods)),
                bought=as_columns(asked.bought[:n], len(self.goods)),
                searched=as_columns(asked.searched[:n], len(self.goods)),
                **self.open.columns(table["journey"], table["step"]),
                **self.members.columns(np.asarray(asked.tally)[:n], np.asarray(asked.arm)[:n]),
            )  # fmt: skip
            decide: Any = self.loaded.strategy.decide  # type: ignore[attr-defined]
            said = call_hook(name, "decide", now, decide, pending)
            choices = validate_choices(said, pending, strategy=name, time_s=now)
            if self.loaded.learns:
                self._profiles.put(table["message_id"], table["profile"])
        asked.send[:n] = choices.send
        asked.channel[:n] = -1 if choices.channel is None else choices.channel
        asked.coupon[:n] = as_numbers(choices.offer, self.offers)
        asked.goods[:n] = 0 if choices.goods is None else as_bits(choices.goods)
        asked.shows[:n] = 0 if choices.shows is None else np.asarray(choices.shows, np.int64) + 1
        look = choices.creative
        asked.creative[:n] = 0 if look is None else np.asarray(look, np.int64) + 1
        asked.scored[:n] = NO_SCORE if choices.score is None else choices.score
        asked.theme[:n] = 0 if choices.theme is None else self._themes(choices.theme)
        # Whoever was asked was asked on a tick, and what waits goes out on one.
        wait = 0 if choices.delay_s is None else choices.delay_s
        asked.wait[:n] = -(-wait // self.tick) * self.tick

    def _themes(self, chosen: Any) -> Any:
        """Return numbers of themes as the engine has them, for those of a strategy's answer."""
        none = len(self.open.names["theme_names"]) - 1  # the last one is `none`
        return np.where(chosen == none, WITHOUT_THEME, chosen + 1)

    @staticmethod
    def told(block: Any) -> Any:
        """Return the rows that `tell` needs, in their order."""
        return block[_NEEDED[block.kind]]

    def tell(self, day: Any, population: Population, now: int) -> None:
        """Tell `learn` what the brand saw come back in a day.

        Parameters
        ----------
        day
            The day's rows in the order (time, priority, person, seq); those of `told` will do.
        population
            Says in which cell a person is, for the ids of profiles behind orders.

        Raises
        ------
        StrategyError
            If `learn` raises.
        """
        number = _NUMBER[day.kind]
        by_receipt = np.isin(day.kind, _RECEIPTS)
        number[by_receipt & (rows.columns(day, rows.OPEN).receipt != 0)] = -1
        acts = day.kind == rows.ACT
        number[acts] += rows.columns(day, rows.ACT).act[acts]
        profile = np.full(len(day), -1, dtype=np.int64)
        visits = np.flatnonzero(np.isin(day.kind, _OF_VISIT))
        profile[visits] = self._visitors.read(day, visits, population)
        number[visits[profile[visits] < 0]] = -1  # nobody showed the brand an identifier
        messages = np.flatnonzero((number >= 0) & ~np.isin(day.kind, _OF_VISIT))
        seen = rows.columns(day, rows.SENT)
        sent = seen.message[day.kind == rows.SENT]
        unasked = sent[self._profiles.find(sent) == NEVER_SEEN]
        self._profiles.put(unasked, np.full(len(unasked), -1, dtype=np.int64))
        # What the status quo sent before the switch was another strategy's.
        profile[messages] = self._profiles.find(seen.message[messages])
        number[messages[profile[messages] == NEVER_SEEN]] = -1
        told = np.flatnonzero(number >= 0)
        events, orders_of = seen[told], rows.columns(day[told], rows.ORDER)
        uses = rows.columns(day[told], rows.REDEEMED)
        is_order, is_use = events.kind == rows.ORDER, events.kind == rows.REDEEMED
        without = np.isin(events.kind, _OF_VISIT)
        columns: dict[str, Any] = dict(
            zip(
                Events.columns,
                (
                    events.time, number[told], np.where(without, -1, events.message),
                    events.channel,
                    np.where(without, -1, events.journey), profile[told],
                    np.where(is_order, orders_of.paid, np.where(is_use, uses.off, 0)),
                    np.where(is_use, uses.offer, -1),
                ),
                strict=True,
            )
        )  # fmt: skip
        learn: Any = self.loaded.strategy.learn  # type: ignore[attr-defined]
        with self._lock:
            table = Events(
                **columns, journey_names=self.journeys, channel_names=self.channels,
                good_names=self.goods, goods=self._goods_of(day, told),
                offer_names=self.offers,
            )  # fmt: skip
            call_hook(self.loaded.name, "learn", now, learn, table)

    def _goods_of(self, day: Any, told: Any) -> Any:
        """Return the goods of each order that is told, booleans, shape (told, goods)."""
        bits = np.zeros(len(day), dtype=np.int64)
        if self.goods:
            at = np.flatnonzero(day.kind == rows.LINE)
            lines = rows.columns(day[at], rows.LINE)
            orders = np.flatnonzero(day.kind == rows.ORDER)
            is_of = rows.columns(day[orders], rows.ORDER)
            keys = zip(is_of.person.tolist(), is_of.need.tolist(), strict=True)
            of = dict(zip(keys, orders.tolist(), strict=True))
            for person, need, good in zip(
                lines.person.tolist(), lines.need.tolist(), lines.good.tolist(), strict=True
            ):
                bits[of[person, need]] |= 1 << good
        return as_columns(bits[told], len(self.goods))
