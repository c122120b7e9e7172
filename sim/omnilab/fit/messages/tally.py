"""Counts of a message log, added up part by part; each part has whole persons.

Counts of persons are what the fit of responses reads (`omnilab.fit.messages.response`); the rest
is shown as it was counted, and counted of a simulated log in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab.fit.messages.histories import MONTH, WEEK, Histories, last_answer
from omnilab.fit.messages.normal import BULK, COMPLAINT, HARD, HIDDEN, KINDS, OPT_OUT, SOFT

__all__ = ["DELAY_EDGES", "MONTHLY", "OWN_RATE", "SETTLED", "WEEKLY", "Persons", "Tally"]

#: Opens and clicks that come later than this are not counted, so that all messages have as long.
SETTLED: Final = WEEK
#: Edges of the messages a week before a message: up to one, then by steps of a quarter.
WEEKLY: Final = np.concatenate(([1.0], 1.25 ** np.arange(1, 19)))
#: Classes of the messages in the 30 days before, their first number.
MONTHLY: Final = np.array([0, 1, 3, 6, 13, 20, 40])
#: Edges of a person's own open rate of the month before.
OWN_RATE: Final = np.array([0.0, 0.14, 0.36, 0.83])
#: Edges of delays, seconds: ten a decade, up to `SETTLED`.
DELAY_EDGES: Final = np.concatenate(([0.0], np.logspace(0, np.log10(SETTLED), 59)))
QUICK: Final = 60  # an open within so many seconds may be a machine's
_COUNTS: Final = ("sent", "hard", "soft", "delivered", "opened", "clicked", "out", "complaint")
Floats = NDArray[np.float64]


@dataclass
class Persons:
    """Bulk messages by person, channel and class of weekly volume: what responses are fitted to.

    Attributes
    ----------
    person, channel, weekly
        Numbers, shape (n,); persons count over all parts.
    delivered, opened, clicked, quick
        Messages, shape (n,); ``quick`` are opens within a minute.
    """

    person: list[NDArray[np.int64]] = field(default_factory=list)
    channel: list[NDArray[np.int64]] = field(default_factory=list)
    weekly: list[NDArray[np.int64]] = field(default_factory=list)
    delivered: list[NDArray[np.int64]] = field(default_factory=list)
    opened: list[NDArray[np.int64]] = field(default_factory=list)
    clicked: list[NDArray[np.int64]] = field(default_factory=list)
    quick: list[NDArray[np.int64]] = field(default_factory=list)


class Tally:
    """Sums over a log.

    Parameters
    ----------
    n_channels
        The scenario's message channels.
    end
        The last second of the log: messages younger than `SETTLED` then are not counted.

    Attributes
    ----------
    rates
        Counts by channel, kind and what became of it, shape (channels, 3, 8).
    squares
        Sums over persons of products of these counts, shape (channels, 3, 8, 8), for intervals
        that know that a person's messages belong together.
    journeys
        Counts by (journey, channel).
    opens_after, clicks_after
        Delays by channel, shape (channels, 59).
    by_month
        Delivered and opened by class of `MONTHLY`, shape (channels, 7, 2).
    by_own_rate
        Delivered and opened by class of `OWN_RATE`, shape (4, 2).
    out_by_weekly
        Delivered and opted out by class of `WEEKLY`, shape (channels, 20, 2).
    weeks
        Weeks of persons and bulk messages in them, by whether the person had answered within 30
        days: shape (channels, 2, 2).
    hours, days
        Bulk messages by hour of day (UTC) and by day of week (Monday 0).
    shots
        (shot, channel, day) -> delivered, opened.
    """

    def __init__(self, n_channels: int, end: int) -> None:
        self.n_channels, self.end = n_channels, end
        self.rates = np.zeros((n_channels, 3, 8), np.int64)
        self.squares = np.zeros((n_channels, 3, 8, 8))
        self.journeys: dict[tuple[int, int], NDArray[np.int64]] = {}
        self.opens_after = np.zeros((n_channels, len(DELAY_EDGES) - 1), np.int64)
        self.clicks_after = np.zeros_like(self.opens_after)
        self.by_month = np.zeros((n_channels, len(MONTHLY), 2), np.int64)
        self.by_own_rate = np.zeros((len(OWN_RATE), 2), np.int64)
        self.out_by_weekly = np.zeros((n_channels, len(WEEKLY) + 1, 2), np.int64)
        self.weeks = np.zeros((n_channels, 2, 2), np.int64)
        self.hours = np.zeros(24, np.int64)
        self.days = np.zeros(7, np.int64)
        self.hidden = np.zeros((n_channels, 2), np.int64)  # clicked, of these never opened
        self.untimed = 0
        self.persons = Persons()
        self.n_persons = self.n_messages = self.n_young = 0

    def add(self, h: Histories) -> None:
        """Add a part."""
        old = h.rows["sent"] <= self.end - SETTLED
        self.n_young += int((~old).sum())
        rows, person = h.rows[old], h.person[old]
        opened, clicked = _soon(rows, "opened"), _soon(rows, "clicked")
        self.untimed += int((rows["opened"] < -1).sum())
        facts = _facts(rows, opened, clicked)
        self.n_messages += len(rows)
        self._rates(rows, person, facts, len(h.starts))
        self._delays(rows, opened, clicked)
        self._classes(h, old, facts)
        self._persons(h, old, facts, rows["opened"] - rows["sent"])
        self._weeks(h)
        self.n_persons += len(h.starts)

    def _rates(
        self, rows: NDArray[Any], person: NDArray[np.int64], facts: Floats, n_persons: int
    ) -> None:
        group = rows["channel"].astype(np.int64) * 3 + rows["kind"]
        for g in np.unique(group).tolist():
            mine = group == g
            c, kind = divmod(g, 3)
            self.rates[c, kind] += facts[mine].sum(axis=0).astype(np.int64)
            of = person[mine]
            own = np.stack([np.bincount(of, x, n_persons) for x in facts[mine].T], axis=1)
            self.squares[c, kind] += own.T @ own
        both = rows["journey"].astype(np.int64) * self.n_channels + rows["channel"]
        for key in np.unique(both[rows["journey"] >= 0]).tolist():
            sums = facts[both == key].sum(axis=0).astype(np.int64)
            at = divmod(key, self.n_channels)
            self.journeys[at] = self.journeys.get(at, 0) + sums
        bulk = rows["kind"] == BULK
        self.hours += np.bincount(rows["sent"][bulk] // 3600 % 24, minlength=24)
        self.days += np.bincount((rows["sent"][bulk] // 86400 + 3) % 7, minlength=7)

    def _delays(
        self, rows: NDArray[Any], opened: NDArray[np.bool_], clicked: NDArray[np.bool_]
    ) -> None:
        for c in range(self.n_channels):
            on = rows["channel"] == c
            for name, yes, to in (
                ("opened", opened, self.opens_after), ("clicked", clicked, self.clicks_after),
            ):  # fmt: skip
                timed = on & yes & (rows[name] >= 0)
                to[c] += np.histogram(rows[name][timed] - rows["sent"][timed], DELAY_EDGES)[0]
            any_click = on & (rows["clicked"] != -1)
            self.hidden[c] += (any_click.sum(), (any_click & (rows["flags"] & HIDDEN > 0)).sum())

    def _classes(self, h: Histories, old: NDArray[np.bool_], facts: Floats) -> None:
        rows = h.rows[old]
        delivered, opened, out = facts[:, 3], facts[:, 4], facts[:, 6]
        bulk = rows["kind"] == BULK
        month = np.searchsorted(MONTHLY, h.month[old], side="right") - 1
        weekly = np.searchsorted(WEEKLY, h.weekly[old])
        for what, of, to in ((month, opened, self.by_month), (weekly, out, self.out_by_weekly)):
            np.add.at(to[..., 0], (rows["channel"][bulk], what[bulk]), delivered[bulk].astype(int))
            np.add.at(to[..., 1], (rows["channel"][bulk], what[bulk]), of[bulk].astype(int))
        self._own_rates(h.rows[old], h.person[old], delivered, opened)

    def _own_rates(
        self, rows: NDArray[Any], person: NDArray[np.int64], delivered: Floats, opened: Floats
    ) -> None:
        """Count opens of a month by the person's own rate in the month before, as REES46 does."""
        month = (rows["sent"] - rows["sent"].min(initial=0)) // MONTH
        if not len(month):
            return
        span = int(month.max()) + 2
        key = person * span + month
        size = int(key.max()) + 2
        n = np.bincount(key, delivered, size)
        k = np.bincount(key, opened, size)
        now = np.unique(key[month > 0])
        now = now[(n[now - 1] > 0) & (n[now] > 0)]
        own = np.searchsorted(OWN_RATE, k[now - 1] / n[now - 1], side="right") - 1
        np.add.at(self.by_own_rate[:, 0], own, n[now].astype(np.int64))
        np.add.at(self.by_own_rate[:, 1], own, k[now].astype(np.int64))

    def _persons(
        self, h: Histories, old: NDArray[np.bool_], facts: Floats, after: NDArray[np.int64]
    ) -> None:
        rows = h.rows[old]
        use = (rows["kind"] == BULK) & (facts[:, 3] > 0)
        rows, person, facts, after = rows[use], h.person[old][use], facts[use], after[use]
        weekly = np.searchsorted(WEEKLY, h.weekly[old][use])
        classes = len(WEEKLY) + 1
        key = (person * self.n_channels + rows["channel"]) * classes + weekly
        keys, at = np.unique(key, return_inverse=True)
        quick = (facts[:, 4] > 0) & (rows["opened"] >= 0) & (after <= QUICK)
        to = self.persons
        to.person.append(keys // classes // self.n_channels + self.n_persons)
        to.channel.append(keys // classes % self.n_channels)
        to.weekly.append(keys % classes)
        for name, values in (
            ("delivered", facts[:, 3]), ("opened", facts[:, 4]), ("clicked", facts[:, 5]),
            ("quick", quick),
        ):  # fmt: skip
            getattr(to, name).append(np.bincount(at, values, len(keys)).astype(np.int64))

    def _weeks(self, h: Histories) -> None:
        """Count bulk messages a week by whether the person had answered within 30 days before.

        A person's weeks begin with the first message and end with the week of the last.
        """
        rows = h.rows
        first = rows["sent"][h.starts]
        week = (rows["sent"] - first[h.person]) // WEEK
        last = np.maximum.reduceat(week, h.starts) if len(h.starts) else np.zeros(0, np.int64)
        n_weeks = np.maximum(last, 1)  # the week of the last message may not be over
        offset = np.concatenate(([0], np.cumsum(n_weeks)))
        who = np.repeat(np.arange(len(h.starts)), n_weeks)
        begins = first[who] + (np.arange(len(who)) - offset[who]) * WEEK
        engaged = _engaged(h, who, begins)
        known = np.arange(len(who)) - offset[who] > 0  # in the first week nobody can have answered
        inside = (week < n_weeks[h.person]) & (rows["kind"] == BULK)
        cell = offset[h.person] + np.minimum(week, n_weeks[h.person] - 1)
        for c in range(self.n_channels):
            mine = inside & (rows["channel"] == c)
            if not mine.any():
                continue
            sends = np.bincount(cell[mine], minlength=len(who))
            for state in (0, 1):
                these = known & (engaged == bool(state))
                self.weeks[c, state] += (these.sum(), sends[these].sum())

    def people(self) -> dict[str, NDArray[np.int64]]:
        """Return the columns of `persons`, each in one array."""
        none = [np.zeros(0, np.int64)]
        return {name: np.concatenate(value or none) for name, value in vars(self.persons).items()}

    def named_rates(self, channel: int, kind: int) -> dict[str, tuple[float, float]]:
        """Return rates of a channel's messages of a kind, each with its standard error.

        Rates are of delivered, bounces of sent. Errors are clustered by person (linearised ratio).
        """
        sums, products = self.rates[channel, kind], self.squares[channel, kind]
        found = {}
        for name in _COUNTS[1:]:
            i = _COUNTS.index(name)
            j = 0 if name in ("hard", "soft", "delivered") else 3
            if not sums[j]:
                continue
            r = sums[i] / sums[j]
            variance = products[i, i] - 2 * r * products[i, j] + r * r * products[j, j]
            found[name] = (float(r), float(np.sqrt(max(variance, 0.0)) / sums[j]))
        return found

    def kinds(self) -> list[tuple[int, int]]:
        """Return the (channel, kind) pairs that the log has."""
        pairs = [(c, k) for c in range(self.n_channels) for k in range(len(KINDS))]
        return [(c, k) for c, k in pairs if self.rates[c, k, 0]]


def _soon(rows: NDArray[Any], name: str) -> NDArray[np.bool_]:
    at = rows[name]
    return (at < -1) | ((at >= 0) & (at - rows["sent"] <= SETTLED))


def _facts(rows: NDArray[Any], opened: NDArray[np.bool_], clicked: NDArray[np.bool_]) -> Floats:
    """Return what became of each message, shape (n, 8), in the order of `_COUNTS`."""
    flags = rows["flags"]
    hard, soft = flags & HARD > 0, flags & SOFT > 0
    delivered = ~(hard | soft)
    seen = delivered & (opened | clicked)
    return np.stack(
        [np.ones(len(rows), bool), hard, soft & ~hard, delivered, seen, delivered & clicked,
         delivered & (flags & OPT_OUT > 0), delivered & (flags & COMPLAINT > 0)],
        axis=1,
    ).astype(np.float64)  # fmt: skip


def _engaged(h: Histories, who: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of persons at moments whether they had answered within the 30 days before."""
    last = last_answer(h.rows, h.person, who, at)
    return (last >= 0) & (last >= at - MONTH)
