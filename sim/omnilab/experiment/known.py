"""What the brand knew of whom, by channel: read off a log, against the true persons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab.log import rows
from omnilab.log.identifier_types import N_TYPES, TYPES

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["known_rows"]

_KINDS: Final = (rows.VISIT, rows.IDENTIFIER, rows.ORDER, rows.MERGE)


@dataclass
class _Stay:
    """A person's last visit to a channel: what it has shown so far."""

    channel: int
    start: int
    counted: bool  # it is in the window
    profiles: set[int] = field(default_factory=set)
    recognised: bool = False
    right: bool = False


@dataclass
class _Count:
    """Sums of a channel."""

    visits: int = 0
    told: int = 0
    recognised: int = 0
    right: int = 0
    orders: int = 0
    orders_right: int = 0
    shown: list[int] = field(default_factory=lambda: [0] * N_TYPES)


class _Reader:
    """Reads a log in its order and counts."""

    def __init__(self, n_channels: int, first: int, last: int) -> None:
        self.count = [_Count() for _ in range(n_channels)]
        self._first, self._last = first, last
        self._stays: dict[tuple[int, int], _Stay] = {}  # by person and channel
        self._seen: dict[int, Counter[int]] = {}  # profile -> its sightings by person
        self._now: dict[int, int] = {}  # absorbed -> survivor

    def read(self, row: dict[str, int]) -> None:
        kind = row["kind"]
        if kind == rows.VISIT:
            self._visit(row)
        elif kind == rows.IDENTIFIER:
            self._shown(row)
        elif kind == rows.ORDER:
            self._order(row)
        else:
            self._merge(row["survivor"], row["absorbed"])

    def end(self) -> None:
        """Take in the visits that are open."""
        for stay in self._stays.values():
            self._close(stay)
        self._stays.clear()

    def _visit(self, row: dict[str, int]) -> None:
        key = row["person"], row["channel"]
        if (before := self._stays.get(key)) is not None:
            self._close(before)
        counted = self._first <= row["time"] < self._last
        self._stays[key] = _Stay(row["channel"], row["time"], counted)

    def _shown(self, row: dict[str, int]) -> None:
        person, profile = row["person"], self._root(row["profile"])
        stay = self._stays.get((person, row["channel"]))
        if stay is None:
            return  # shown at no visit for goods
        if stay.counted:
            self.count[stay.channel].shown[row["type"]] += 1
        if profile < 0:
            return
        seen = self._seen.setdefault(profile, Counter())
        fresh = {self._root(p) for p in stay.profiles}
        if profile not in fresh and seen:
            stay.recognised = True
            stay.right = seen[person] * 2 > seen.total()  # most sightings are of this person
        stay.profiles.add(profile)
        seen[person] += 1

    def _order(self, row: dict[str, int]) -> None:
        if not self._first <= row["time"] < self._last:
            return
        count = self.count[row["channel"]]
        count.orders += 1
        stay = self._stays.get((row["person"], row["channel"]))
        count.orders_right += stay is not None and stay.right

    def _close(self, stay: _Stay) -> None:
        if not stay.counted:
            return
        count = self.count[stay.channel]
        count.visits += 1
        count.told += bool(stay.profiles)
        count.recognised += stay.recognised
        count.right += stay.right

    def _merge(self, survivor: int, absorbed: int) -> None:
        to, gone = self._root(survivor), self._root(absorbed)
        if to != gone:
            self._now[gone] = to
            self._seen.setdefault(to, Counter()).update(self._seen.pop(gone, Counter()))

    def _root(self, profile: int) -> int:
        while profile in self._now:
            profile = self._now[profile]
        return profile


def known_rows(
    scenario: Scenario, logs: Sequence[Any]
) -> list[dict[str, float | int | str | None]]:
    """Return what the brand knew of its visitors in the window, a row a channel with visits.

    A visit is *told* if it showed an identifier that the brand links to a profile; *recognised* if
    the brand had seen that profile before this visit, as it stood then; *right* if most of what it
    had seen under it was this person. An order is right if its visit is. Identifiers count each
    time that they are shown, the burn-in's go into what the brand has seen.

    Parameters
    ----------
    scenario
        Whose channels and window count.
    logs
        Logs that share no profile, such as those of chunks of customers; each in the order in
        which it was written.
    """
    time = scenario.time
    last = time.burn_in + time.window
    total = [_Count() for _ in scenario.channels]
    for log in logs:
        reader = _Reader(len(scenario.channels), time.burn_in, last)
        for row in rows.all_named(log[_of(log)]):
            reader.read(row)
        reader.end()
        for whole, part in zip(total, reader.count, strict=True):
            _add(whole, part)
    return [
        _row(channel.name, count)
        for channel, count in zip(scenario.channels, total, strict=True)
        if count.visits
    ]


def _of(log: Any) -> Any:
    return np.isin(log["kind"], _KINDS)


def _add(whole: _Count, part: _Count) -> None:
    for name in ("visits", "told", "recognised", "right", "orders", "orders_right"):
        setattr(whole, name, getattr(whole, name) + getattr(part, name))
    whole.shown = [a + b for a, b in zip(whole.shown, part.shown, strict=True)]


def _row(name: str, count: _Count) -> dict[str, float | int | str | None]:
    return {
        "channel": name,
        "visits": count.visits,
        "told_share": count.told / count.visits,
        "recognised_share": count.recognised / count.visits,
        "right_share": count.right / count.visits,
        "orders": count.orders,
        "orders_right_share": count.orders_right / count.orders if count.orders else None,
        **{f"shown_{kind}": n for kind, n in zip(TYPES, count.shown, strict=True)},
    }
