"""A chunk's log under one arm, seen for counting: which rows count, of whom, and when."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.experiment.evidence.model import WITH_AMOUNTS
from omnilab.log import rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from omnilab.experiment.evidence.model import Only
    from omnilab.scenario.model import Scenario

__all__ = ["KIND_OF", "Lives"]

#: The kinds of rows by the names that files have for them.
KIND_OF: Final = {name: kind for kind, name in rows.KIND_NAMES.items()}
#: Kinds that name a need, apart from the one that opens it.
_OF_NEED: Final = (
    rows.AWARE, rows.VISIT, rows.VIEW, rows.CART, rows.CART_LEFT, rows.GIVE_UP, rows.ORDER,
    rows.RETURN, rows.NEED_LOST, rows.SERVICE,
)  # fmt: skip
_AFTER_A_VISIT: Final = (rows.CART, rows.CART_LEFT, rows.ORDER, rows.RETURN)
_NEEDS: Final = 1 << 26  # numbers for the needs of a person: more than can be counted
_OF_MESSAGE: Final = (
    rows.SENT, rows.DELIVERED, rows.BOUNCE, rows.OPEN, rows.CLICK, rows.UNSUBSCRIBE,
    rows.SPAMREPORT, rows.MACHINE_OPEN, rows.SCANNER_CLICK, rows.SKIPPED, rows.HELD, rows.FINAL,
    rows.LOOK_AGAIN,
)  # fmt: skip


class Lives:
    """The log of a chunk's persons.

    Parameters
    ----------
    log
        Rows, each person's in the order of time.
    first, persons
        The first person's id, and how many there are.
    scenario
        Whose numbers the rows have.
    journeys, before
        Names of the journeys of the arm, and of the strategy of the warm-up, in their plans' order.
    """

    def __init__(
        self, log: Any, first: int, persons: int, scenario: Scenario, journeys: Sequence[str],
        before: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.log, self.first, self.persons = log, first, persons
        self._names, self._before, self._switch = journeys, before, scenario.time.burn_in
        #: Journeys that rows may name: those of the larger plan.
        self.n_journeys = max(len(journeys), len(before))
        named = dict.fromkeys((*journeys, *before))
        self.journeys = {name: i for i, name in enumerate(named)}
        self.channels = {c.name: i for i, c in enumerate(scenario.channels)}
        self.categories = {c.name: i for i, c in enumerate(scenario.categories)}
        self.kind = np.asarray(log["kind"])
        self.time = np.asarray(log["time"])
        self.channel = np.asarray(log["channel"])
        self.person = np.asarray(log["person"]) - first

    def of(self, kind: int) -> NDArray[np.intp]:
        """Return the places of the rows of one kind."""
        return np.flatnonzero(self.kind == kind)

    def field(self, kind: int, name: str) -> NDArray[np.int64]:
        """Return a field of all rows of one kind."""
        return np.asarray(rows.columns(self.log[self.of(kind)], kind)[name], np.int64)

    @cached_property
    def need(self) -> NDArray[np.int64]:
        """The need of each row, told apart over persons; -1 where there is none."""
        found = np.full(len(self.kind), -1, np.int64)
        for kind in (rows.NEED, *_OF_NEED):
            at = self.of(kind)
            if len(at):
                number = self.field(kind, "need")
                found[at] = np.where(number >= 0, self.person[at] * _NEEDS + number, -1)
        return found

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """The channel of each row, of a return that of the order; -1 where there is none."""
        found = self.channel.astype(np.int64)
        bought, returned = self.of(rows.ORDER), self.of(rows.RETURN)
        keys = self.need[bought]
        order = np.argsort(keys, kind="stable")
        keys, bought = keys[order], bought[order]
        if len(keys) and len(returned):
            near = np.minimum(np.searchsorted(keys, self.need[returned]), len(keys) - 1)
            known = keys[near] == self.need[returned]
            found[returned[known]] = self.channel[bought[near[known]]]
        return found

    @cached_property
    def category(self) -> NDArray[np.int64]:
        """The category of each row; -1 where there is none."""
        found = np.full(len(self.kind), -1, np.int64)
        at = self.of(rows.NEED)
        keys, of_need = self.need[at], self.field(rows.NEED, "category")
        order = np.argsort(keys, kind="stable")
        keys, of_need = keys[order], of_need[order]
        some = np.flatnonzero(self.need >= 0)
        if len(keys):
            place = np.minimum(np.searchsorted(keys, self.need[some]), len(keys) - 1)
            found[some] = np.where(keys[place] == self.need[some], of_need[place], -1)
        at = self.of(rows.VIEW)
        found[at] = np.where(found[at] < 0, self.field(rows.VIEW, "category"), found[at])
        found[self.of(rows.SENT)] = self.field(rows.SENT, "category")
        return found

    @cached_property
    def journey(self) -> NDArray[np.int64]:
        """The journey of each row of a message, as `journeys` numbers it; -2 for other rows.

        What the warm-up sent has the numbers of its own strategy, also where it is opened later.
        """
        found = np.full(len(self.kind), -2, np.int64)
        numbers = [np.array([self.journeys[n] for n in names] + [-1], np.int64)
                   for names in (self._names, self._before)]  # fmt: skip
        sent = self.of(rows.SENT)
        early = self.field(rows.SENT, "message")[self.time[sent] < self._switch]
        for kind in _OF_MESSAGE:
            at = self.of(kind)
            if len(at):
                number = self.field(kind, "journey")
                was = self.time[at] < self._switch
                was |= np.isin(self.field(kind, "message"), early)
                found[at[~was]] = numbers[0][number[~was]]
                found[at[was]] = numbers[1][number[was]]
        return found

    @cached_property
    def led(self) -> NDArray[np.bool_]:
        """Whether a message led to the row's visit, or to one for its need before it."""
        return self._after(self.field(rows.VISIT, "cause") >= 0)

    @cached_property
    def paid(self) -> NDArray[np.bool_]:
        """Whether a paid click led to the row's visit, or to one for its need before it."""
        return self._after(self.field(rows.VISIT, "cost") > 0)

    def _after(self, visits: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which rows are some of the visits, or come after one for their need."""
        found = np.zeros(len(self.kind), np.bool_)
        at = self.of(rows.VISIT)
        found[at] = visits
        some = at[visits & (self.need[at] >= 0)]
        keys, place = np.unique(self.need[some], return_index=True)
        since = self.time[some[place]]
        for kind in _AFTER_A_VISIT:
            at = self.of(kind)
            if len(at) and len(keys):
                near = np.minimum(np.searchsorted(keys, self.need[at]), len(keys) - 1)
                found[at] = (keys[near] == self.need[at]) & (since[near] <= self.time[at])
        return found

    def mask(self, only: Only) -> NDArray[np.bool_]:
        """Return which rows count."""
        keep = np.ones(len(self.kind), np.bool_)
        if only.channel is not None:
            wanted = [self.channels[name] for name in only.channel]
            keep &= (self.place < 0) | np.isin(self.place, wanted)
        if only.category is not None:
            wanted = [self.categories[name] for name in only.category]
            keep &= (self.category < 0) | np.isin(self.category, wanted)
        if only.not_category is not None:
            wanted = [self.categories[name] for name in only.not_category]
            keep &= ~np.isin(self.category, wanted)
        if only.journey is not None:
            # A journey that this arm does not have is nobody's.
            wanted = [self.journeys[name] for name in only.journey if name in self.journeys]
            keep &= (self.journey == -2) | np.isin(self.journey, wanted)
        if only.offer is not None:
            at = self.of(rows.ORDER)
            used = self.field(rows.ORDER, "discount") > 0
            keep[at] &= used == (only.offer == "used")
        for wanted_way, way in ((only.led, "led"), (only.paid, "paid")):
            if wanted_way is not None:
                for kind in (rows.VISIT, *_AFTER_A_VISIT):
                    at = self.of(kind)
                    keep[at] &= getattr(self, way)[at] == wanted_way
        return keep

    def counted(
        self, kind: int, only: Only, begin: int, end: int, *, amount: bool = False
    ) -> NDArray[np.int64]:
        """Return how many rows of a kind each person has in ``begin <= time < end``.

        Parameters
        ----------
        kind, only
            Which rows.
        begin, end
            Seconds since the scenario's start.
        amount
            Of what has an amount of money: cents, in place of their number.
        """
        at = np.flatnonzero(
            (self.kind == kind) & (self.time >= begin) & (self.time < end) & self.mask(only)
        )
        weights = None
        if amount:
            field = WITH_AMOUNTS[rows.KIND_NAMES[kind]]
            weights = np.asarray(rows.columns(self.log[at], kind)[field], np.float64)
        found = np.bincount(self.person[at], weights, minlength=self.persons)
        return np.rint(found).astype(np.int64)

    def channels_used(self, kind: int, only: Only, begin: int, end: int) -> NDArray[np.int64]:
        """Return on how many different channels each person has rows of a kind."""
        at = np.flatnonzero(
            (self.kind == kind) & (self.time >= begin) & (self.time < end) & self.mask(only)
            & (self.channel >= 0)
        )  # fmt: skip
        pairs = np.unique(self.person[at] * 256 + self.channel[at])
        return np.bincount(pairs // 256, minlength=self.persons)

    def reachable(self, names: tuple[str, ...], until: int) -> NDArray[np.bool_]:
        """Return for whom the brand has an address with permission on one of some channels."""
        found = np.zeros(self.persons, np.bool_)
        stopped = np.zeros(self.persons, np.bool_)
        early = self.time < until
        stopped[self.person[(self.kind == rows.STOP_ALL) & early]] = True
        wanted = np.isin(self.channel, [self.channels[name] for name in names])
        given = np.isin(self.kind, (rows.ADDRESS, rows.OPT_IN))
        taken = np.isin(self.kind, (rows.UNSUBSCRIBE, rows.SPAMREPORT))
        at = np.flatnonzero(early & wanted & (given | taken))
        # The last row of a person and channel holds; rows are in the order of time.
        key = self.person[at] * 256 + self.channel[at]
        last, place = np.unique(key[::-1], return_index=True)
        holds = given[at][::-1][place]
        found[last[holds] // 256] = True
        return found & ~stopped

    def cart_open(self, begin: int, until: int) -> NDArray[np.bool_]:
        """Return who left a cart since ``begin`` whose need had not ended by ``until``."""
        left = np.flatnonzero(
            (self.kind == rows.CART_LEFT) & (self.time >= begin) & (self.time < until)
        )
        over = np.isin(self.kind, (rows.ORDER, rows.NEED_LOST)) & (self.time < until)
        ended = self.need[over]
        open_ = left[~np.isin(self.need[left], ended)]
        found = np.zeros(self.persons, np.bool_)
        found[self.person[open_]] = True
        return found
