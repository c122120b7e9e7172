"""What a brand writes down: cascades, caps, quiet hours and zones, checked once, here."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from omnilab.cascade import rules
from omnilab.errors import OptionError, nearest

__all__ = ["MAX_CHANNELS", "MAX_STEPS", "Cap", "CascadePlan", "ContactPolicy", "Step", "Zone"]

MAX_CHANNELS = 31  # a channel is a bit of a signed 32-bit mask
MAX_STEPS = 8
MAX_TIME_S = 1 << 40  # about 35,000 years: sums of times stay far from overflow
MAX_WAIT_S = 1 << 26  # about two years a step
MAX_DEFER_S = 1 << 26  # about two years that a full cap may hold a message back
EVER = -(1 << 62)  # before every time

SUCCESS = {
    "sent": rules.PROCESSED,
    "delivered": rules.DELIVERED,
    "opened": rules.OPENED,
    "clicked": rules.CLICKED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One channel of a cascade.

    Parameters
    ----------
    channel
        Name of the channel.
    fallback_after_s
        Seconds to wait for the success status before the next step, 1 or more; after the last
        step, before the message counts as failed.
    success_status
        `sent`, `delivered`, `opened` or `clicked`.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    channel: str
    fallback_after_s: int
    success_status: str = "delivered"

    def __post_init__(self) -> None:
        if self.success_status not in SUCCESS:
            raise OptionError(
                f"step {self.channel!r}: success_status {self.success_status!r} is unknown"
                f"{nearest(self.success_status, SUCCESS)}; use one of {', '.join(SUCCESS)}"
            )
        _whole("fallback_after_s", self.fallback_after_s, 1, MAX_WAIT_S)


@dataclass(frozen=True, slots=True)
class CascadePlan:
    """Ordered channels for one kind of message.

    Parameters
    ----------
    name
        Name of the plan, unique within an engine.
    steps
        1 to 8 steps, each on another channel.
    priority
        0 .. 255; where several messages want the last send of a cap at the same time, the
        higher one has it.
    expires_after_s
        Seconds from the start after which nothing is sent any more; 0 means never.
    until_converted
        Whether a conversion of the profile after the start ends the cascade.
    capped
        Whether the contact policy's caps hold for it. A transactional message, such as a receipt
        or a password's reset, is sent all the same, and takes no place under them.

    Raises
    ------
    OptionError
        If a value is out of its range or a channel comes twice.
    """

    name: str
    steps: tuple[Step, ...]
    priority: int = 100
    expires_after_s: int = 0
    until_converted: bool = True
    capped: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        if not 1 <= len(self.steps) <= MAX_STEPS:
            raise OptionError(
                f"plan {self.name!r} has {len(self.steps)} steps; use 1 to {MAX_STEPS}"
            )
        seen: set[str] = set()
        for step in self.steps:
            if step.channel in seen:  # a receipt names its channel: it must say which step
                raise OptionError(f"plan {self.name!r} uses channel {step.channel!r} twice")
            seen.add(step.channel)
        _whole("priority", self.priority, 0, 255)
        _whole("expires_after_s", self.expires_after_s, 0, 8 * MAX_WAIT_S)


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` sends per profile and period.

    Parameters
    ----------
    limit
        Most sends, 1 .. 1000.
    period_s
        Rolling window in seconds; 0 means a calendar day in the message's own zone.
    channels
        Channels that count and that it holds for; empty means all.
    defers
        Whether a message waits where this cap is full, until there is room, and not longer than
        its plan's `expires_after_s` or `MAX_DEFER_S`. Otherwise it is aborted.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    limit: int
    period_s: int = 0
    channels: tuple[str, ...] = ()
    defers: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(self.channels))
        _whole("limit", self.limit, 1, 1000)
        _whole("period_s", self.period_s, 0, 1 << 30)


@dataclass(frozen=True, slots=True)
class Zone:
    """A civil time: from `change_at[i]` on, local time is the clock plus `offset_s[i]`.

    Parameters
    ----------
    name
        Name to refer to it by.
    change_at
        Seconds, ascending; the first one counts as "since ever".
    offset_s
        Seconds east of the clock, one for each change, within a day.

    Raises
    ------
    OptionError
        If the two differ in length, are empty, unordered or out of range.
    """

    name: str = "UTC"
    change_at: tuple[int, ...] = (EVER,)
    offset_s: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        changes, offsets = tuple(self.change_at), tuple(self.offset_s)
        if not changes or len(changes) != len(offsets):
            raise OptionError(f"zone {self.name!r}: needs as many changes as offsets, at least 1")
        object.__setattr__(self, "change_at", (EVER, *changes[1:]))
        object.__setattr__(self, "offset_s", offsets)
        if any(b <= a for a, b in zip(self.change_at, changes[1:], strict=False)):
            raise OptionError(f"zone {self.name!r}: the times of change must ascend")
        for offset in offsets:
            _whole("offset_s", offset, -rules.DAY_S, rules.DAY_S)

    @classmethod
    def named(cls, name: str, first_year: int = 2000, last_year: int = 2060) -> Zone:
        """Return an IANA zone such as `Europe/Berlin`, in epoch seconds.

        Raises
        ------
        OptionError
            If the system's time zone database doesn't hold it.
        """
        try:
            zone = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            known = zoneinfo.available_timezones()
            raise OptionError(f"unknown time zone {name!r}{nearest(name, known)}") from error

        def offset(second: int) -> int:
            moment = datetime.fromtimestamp(second, UTC).astimezone(zone)
            return int((moment.utcoffset() or timedelta()).total_seconds())

        day = rules.DAY_S
        start = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
        stop = int(datetime(last_year, 1, 1, tzinfo=UTC).timestamp())
        changes, offsets = [EVER], [offset(start)]
        for low in range(start, stop, day):
            if offset(low + day) == offsets[-1]:
                continue
            a, b = low, low + day  # the change lies in (a, b]
            while b - a > 1:
                middle = (a + b) // 2
                a, b = (middle, b) if offset(middle) == offsets[-1] else (a, middle)
            changes.append(b)
            offsets.append(offset(b))
        return cls(name, tuple(changes), tuple(offsets))


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    """The rules that hold over all of a profile's messages.

    Parameters
    ----------
    caps
        Frequency caps; all of them hold.
    quiet_from_s, quiet_to_s
        Quiet hours in local seconds of the day; may pass midnight; equal means none. At most
        23 hours, so that every day has a time to send.
    quiet_channels
        Channels that keep the quiet hours; empty means all.
    zones
        Local times that starts refer to by their place here.
    tick_s
        Sends happen at multiples of this, 1 .. 3600 s: what is due within one tick competes
        by priority.
    suppress_bounced
        Whether a bounce withdraws the profile's consent for its channel, as mail providers do
        with an address that bounced hard, until a signal gives it back.

    Raises
    ------
    OptionError
        If a value is out of its range.
    """

    caps: tuple[Cap, ...] = ()
    quiet_from_s: int = 0
    quiet_to_s: int = 0
    quiet_channels: tuple[str, ...] = ()
    zones: tuple[Zone, ...] = field(default_factory=lambda: (Zone(),))
    tick_s: int = 1
    suppress_bounced: bool = False

    def __post_init__(self) -> None:
        for name in ("caps", "quiet_channels", "zones"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        _whole("quiet_from_s", self.quiet_from_s, 0, rules.DAY_S - 1)
        _whole("quiet_to_s", self.quiet_to_s, 0, rules.DAY_S - 1)
        if (self.quiet_to_s - self.quiet_from_s) % rules.DAY_S > 23 * 3600:
            raise OptionError("quiet hours longer than 23 h leave no time to send")
        _whole("tick_s", self.tick_s, 1, 3600)
        if not self.zones or len(self.zones) > 1000:
            raise OptionError(f"a contact policy has 1 to 1000 zones, not {len(self.zones)}")


def channel_names(plans: Sequence[CascadePlan], policy: ContactPolicy) -> tuple[str, ...]:
    """Return the channels in order of first use in the plans; refuse any that no plan uses.

    Raises
    ------
    OptionError
        If there is no plan, a plan's name comes twice, there are too many channels, or the
        policy names a channel that no plan uses.
    """
    if not plans:
        raise OptionError("a cascade engine needs at least one plan")
    names = [plan.name for plan in plans]
    for name in names:
        if names.count(name) > 1:
            raise OptionError(f"plan {name!r} comes twice")
    channels = tuple(dict.fromkeys(step.channel for plan in plans for step in plan.steps))
    if len(channels) > MAX_CHANNELS:
        raise OptionError(f"{len(channels)} channels; at most {MAX_CHANNELS} are possible")
    used = [c for cap in policy.caps for c in cap.channels] + list(policy.quiet_channels)
    for channel in used:
        if channel not in channels:
            raise OptionError(
                f"the contact policy names channel {channel!r}, which no plan uses"
                f"{nearest(channel, channels)}"
            )
    return channels


def _whole(name: str, value: int, low: int, high: int) -> None:
    """Refuse what is not a whole number in low .. high."""
    given: object = value  # whatever the caller's types promise
    if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
        raise OptionError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
