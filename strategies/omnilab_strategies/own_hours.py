"""Each profile at the hour, and over the channel, that its own answers speak for."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from omnilab.strategy import Brand, Choices, Decisions, Events, Plan, Sharing

__all__ = ["OwnHours"]

HOURS: Final = 24
HOUR_S: Final = 3600
#: Answers of all customers that count as much as a profile's own, so that a profile without any
#: gets the hour and the channel of all, and one with many its own.
PRIOR: Final = 4.0
ON_CALENDAR: Final = ("weekly", "once")


class OwnHours:
    """Omnichannel, with send times and channels learnt from what came back.

    Each day it counts opens, clicks and orders by hour of the day, of each profile and of all; and
    of each channel how many messages were answered. A message of the calendar waits for the hour at
    which the profile answers most, in the day to come; others go at once, for they are about
    something that has just happened. Each goes over the allowed channel whose messages the profile
    answers most often. Where little is known the numbers of all customers decide, and before
    anything came back the message goes as under `omnichannel`.

    It sees what the brand sees: an answer that does not come back, and one by a machine, count as
    such tools count them. Answers also come when messages are sent, so hours without a send are
    known by orders alone.

    Parameters
    ----------
    hours, channels
        Whether it learns these; both by default.
    """

    name = "own_hours"

    def __init__(self, hours: bool = True, channels: bool = True) -> None:
        self.hours, self.channels = hours, channels
        self._of_all = np.zeros(HOURS)
        self._own: dict[int, npt.NDArray[np.float64]] = {}
        self._sent = np.zeros(0)
        self._answered = np.zeros(0)
        self._calendar: frozenset[str] = frozenset()

    def plan(self, brand: Brand) -> Plan:
        """Return the scenario's journeys, shared by ``all``."""
        self._calendar = frozenset(j.name for j in brand.journeys if j.trigger in ON_CALENDAR)
        self._sent = np.zeros(len(brand.channels))
        self._answered = np.zeros(len(brand.channels))
        return Plan(Sharing.every("all"), journeys=brand.journeys, cap=brand.cap)

    def learn(self, observed: Events) -> None:
        """Count answers by hour and by channel."""
        kinds = observed.kind_names
        sent, back = kinds.index("sent"), [kinds.index(k) for k in ("open", "click")]
        answers = np.isin(observed.kind, back)
        n = len(self._sent)
        self._sent += np.bincount(observed.channel[observed.kind == sent], minlength=n)
        self._answered += np.bincount(observed.channel[answers], minlength=n)
        told = (answers | (observed.kind == kinds.index("order"))) & (observed.profile >= 0)
        hours = observed.time_s[told] // HOUR_S % HOURS
        self._of_all += np.bincount(hours, minlength=HOURS)
        for profile, hour in zip(observed.profile[told].tolist(), hours.tolist(), strict=True):
            self._own.setdefault(profile, np.zeros(HOURS))[hour] += 1.0

    def decide(self, pending: Decisions) -> Choices:
        """Put each message on its profile's channel, and one of the calendar at its hour."""
        send = np.ones(len(pending), dtype=np.bool_)
        channel = self._channel(pending) if self.channels else None
        return Choices(send, channel, delay_s=self._delay(pending) if self.hours else None)

    def _channel(self, pending: Decisions) -> npt.NDArray[np.int64]:
        """Return the allowed channel with the highest share of answered messages; -1 without."""
        if self._sent.sum() == 0.0:
            return np.full(len(pending), -1, dtype=np.int64)
        usual = (self._answered + 1.0) / (self._sent + 4.0)  # as omnichannel's own score begins
        share = (pending.answered + PRIOR * usual) / (pending.received + PRIOR)
        score = np.where(pending.allowed, share, -1.0)
        best = np.where(pending.allowed.any(axis=1), score.argmax(axis=1), -1)
        return best.astype(np.int64)

    def _delay(self, pending: Decisions) -> npt.NDArray[np.int64]:
        """Return the seconds to the profile's hour, 0 for what is not of the calendar."""
        delay = np.zeros(len(pending), dtype=np.int64)
        whole = self._of_all.sum()
        if whole == 0.0:
            return delay
        usual = PRIOR * self._of_all / whole
        by_calendar = [name in self._calendar for name in pending.journey_names]
        for row in np.flatnonzero(np.asarray(by_calendar)[pending.journey]).tolist():
            own = self._own.get(int(pending.profile[row]))
            best = int(np.argmax(usual if own is None else usual + own))
            now = int(pending.time_s[row])
            wait = (best - now // HOUR_S) % HOURS
            delay[row] = 0 if wait == 0 else wait * HOUR_S - now % HOUR_S
        return delay
