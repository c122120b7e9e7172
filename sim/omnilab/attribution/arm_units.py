"""Who fell into which arm of a split test: profiles as the brand's tool counts them, and persons.

A tool counts profiles: those that its identity resolution holds to be one at the window's end. A
profile that fell into two arms, before a merge or by two addresses, is left out of the comparison,
as tools do. The tool can't see that two of its profiles are one person, who may be in both arms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from omnilab.attribution.log_facts import Facts
from omnilab.attribution.sightings import Joined
from omnilab.log import rows

__all__ = ["OUTCOMES", "ArmSums", "Unit", "arm_sums", "units_of"]

_SERIAL_BITS: Final = 24
_MESSAGE_BITS: Final = 36
_CHANNEL_BITS: Final = 6
#: What is compared between arms, of one profile or person.
OUTCOMES: Final = ("bought", "orders", "revenue")


@dataclass
class Unit:
    """A profile or a person in a test.

    Attributes
    ----------
    arms
        Those that it fell into.
    since
        When first, seconds.
    sent, opened, clicked
        Messages of the test to it, and those of which an open or a click came back.
    orders, cents
        Within the time that counts.
    """

    arms: set[int] = field(default_factory=set)
    since: int = 1 << 62
    sent: int = 0
    opened: int = 0
    clicked: int = 0
    orders: int = 0
    cents: int = 0


@dataclass(frozen=True)
class ArmSums:
    """Sums over the units of one arm: how many, and of each outcome the sum and that of squares."""

    units: int
    recipients: int
    sent: int
    opened: int
    clicked: int
    sums: tuple[int, int, int]
    squares: tuple[int, int, int]

    def __add__(self, other: ArmSums) -> ArmSums:
        """Return the sums over both."""
        return ArmSums(
            self.units + other.units, self.recipients + other.recipients, self.sent + other.sent,
            self.opened + other.opened, self.clicked + other.clicked,
            _added(self.sums, other.sums), _added(self.squares, other.squares),
        )  # fmt: skip


def units_of(
    log: Any, cells: Any, window: tuple[int, int], facts: Facts, test: int,
    steps: Mapping[tuple[int, int], int], within: int,
) -> tuple[list[Unit], list[Unit]]:  # fmt: skip
    """Return the profiles, and the persons, that fell into an arm of a test in the window.

    Parameters
    ----------
    log, cells, window, facts
        Of some whole cells, as `omnilab.attribution.log_facts.facts_of` has them.
    test
        Number of the scenario's test.
    steps
        The arm of each step of the test, by journey and step.
    within
        Seconds after it fell in, in which its orders count, > 0.
    """
    one = Joined()
    for survivor, absorbed in facts.merges:
        one.join(survivor, absorbed)
    profiles: dict[int, Unit] = {}
    persons: dict[int, Unit] = {}
    now = (log["time"] >= window[0]) & (log["time"] < window[1])
    at = np.flatnonzero((log["kind"] == rows.ARM) & now)
    fell = rows.columns(log[at], rows.ARM)
    number = (cells[at] << _SERIAL_BITS) | fell["profile"].astype(np.int64)
    of_test = fell["test"] == test
    table = (number, fell["person"], fell["arm"], fell["time"])
    for profile, person, arm, time in zip(*(x[of_test].tolist() for x in table), strict=True):
        _fell(profiles, one.of(profile), arm, time)
        _fell(persons, person, arm, time)
    at = np.flatnonzero((log["kind"] == rows.SENT) & now)
    sent = rows.columns(log[at], rows.SENT)
    number = (cells[at] << _SERIAL_BITS) | sent["profile"].astype(np.int64)
    message = (cells[at] << _MESSAGE_BITS) | sent["message"].astype(np.int64)
    own: set[int] = set()
    mail = (number, sent["person"], sent["journey"], sent["step"], sent["time"], message)
    for profile, person, j, k, time, m in zip(*(x.tolist() for x in mail), strict=True):
        arm = steps.get((j, k), -1)
        unit = profiles.get(one.of(profile))
        if arm < 0 or unit is None:
            continue  # of another step, or of a copy that began in the burn-in
        own.add(m)
        unit.sent += 1
        _fell(persons, person, arm, time)
        persons[person].sent += 1
    _answers(profiles, persons, facts, one, own)
    for order in facts.orders:
        for units, who in ((profiles, one.of(order.profile)), (persons, order.person)):
            unit = units.get(who)
            if unit is not None and 0 <= order.time - unit.since < within:
                unit.orders += 1
                unit.cents += order.revenue
    return list(profiles.values()), list(persons.values())


def arm_sums(units: list[Unit], arm: int) -> ArmSums:
    """Return the sums over the units that fell into this arm alone."""
    mine = [u for u in units if u.arms == {arm}]
    values = [(int(u.orders > 0), u.orders, u.cents) for u in mine]
    return ArmSums(
        units=len(mine),
        recipients=sum(u.sent > 0 for u in mine),
        sent=sum(u.sent for u in mine),
        opened=sum(u.opened for u in mine),
        clicked=sum(u.clicked for u in mine),
        sums=_three(values, 1),
        squares=_three(values, 2),
    )


def _fell(units: dict[int, Unit], who: int, arm: int, time: int) -> None:
    unit = units.setdefault(who, Unit())
    unit.arms.add(arm)
    unit.since = min(unit.since, time)


def _answers(
    profiles: dict[int, Unit], persons: dict[int, Unit], facts: Facts, one: Joined, own: set[int]
) -> None:
    """Count the messages of the test that were opened or clicked: told of, and truly."""
    for answers, name in ((facts.opens, "opened"), (facts.clicks, "clicked")):
        seen: set[tuple[bool, int]] = set()
        for answer in answers:
            message = answer.message >> _CHANNEL_BITS
            if message not in own:
                continue
            unit = profiles.get(one.of(answer.profile))
            if answer.told and unit is not None and (True, message) not in seen:
                seen.add((True, message))
                setattr(unit, name, getattr(unit, name) + 1)
            person = persons.get(answer.person)
            if not answer.machine and person is not None and (False, message) not in seen:
                seen.add((False, message))
                setattr(person, name, getattr(person, name) + 1)


def _three(values: list[tuple[int, int, int]], power: int) -> tuple[int, int, int]:
    bought, orders, cents = (sum(v[k] ** power for v in values) for k in range(3))
    return bought, orders, cents


def _added(a: tuple[int, int, int], b: tuple[int, int, int]) -> tuple[int, int, int]:
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]
