"""What became of a step's messages that fell due, and of entries whose message never did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from omnilab.log.rows import (
    ENTER,
    EXIT,
    FINAL,
    FINAL_BUYER,
    FINAL_CAPPED,
    FINAL_CONTROL,
    FINAL_CONVERTED,
    FINAL_DECLINED,
    FINAL_SKIPPED,
    FINAL_SUPPRESSED,
    FINAL_UNFUNDED,
    FINAL_UNSHOWN,
    HELD,
    SENT,
    SKIPPED,
    of_kind,
)

__all__ = [
    "NEVER_DUE", "Fates", "fates_of", "is_mostly_unsent", "main_cause", "sent_share",
]  # fmt: skip

#: The final status of a message that was not sent -> its stage; else it was held to the end.
_STAGE: Final = {
    FINAL_CAPPED: "capped", FINAL_SUPPRESSED: "suppressed", FINAL_CONVERTED: "converted",
    FINAL_UNFUNDED: "no_money", FINAL_UNSHOWN: "not_shown", FINAL_BUYER: "bought_lately",
    FINAL_DECLINED: "declined", FINAL_CONTROL: "control",
}  # fmt: skip
_NO_CONSENT: Final = 2  # the reason of a skipped row
#: Why an entry's message never fell due, by the reason of its exit; the last had none in time.
NEVER_DUE: Final = ("another_way", "stopped", "merged", "control", "forgotten", "waiting")


@dataclass
class Fates:
    """Of one message step, in the window.

    Attributes
    ----------
    ended
        ``sent``, or a stage of `omnilab.measure.observed.STAGES` before it -> messages that fell
        due and ended there; the sends of one cascade are one message.
    never_due
        Of `NEVER_DUE` -> entries whose message never fell due.
    before
        Messages that fell due of an entry before the window.
    """

    ended: Counter[str] = field(default_factory=Counter)
    never_due: Counter[str] = field(default_factory=Counter)
    before: int = 0


@dataclass
class _Message:
    """A message from its first row in the window on."""

    time: int
    person: int  # whose profile it is, as an entry has it: a send's row has who gets it
    profile: int
    step: tuple[int, int]  # journey and number
    sent: bool = False
    refused: bool = False  # some channel had no permission
    status: int = 0


@dataclass
class _Entry:
    time: int
    profile: int
    exit: int
    reason: int
    steps: set[int] = field(default_factory=set)  # whose message fell due


def fates_of(log: Any, steps: list[tuple[int, int]], start: int, end: int) -> list[Fates]:
    """Return what became of each message step.

    Parameters
    ----------
    log
        Rows of whole runs, of all persons.
    steps
        Number of the journey and of the step in it, from 0.
    start, end
        Of the window, seconds. The rows after it only say how its messages ended.
    """
    log = log[log["time"] >= start]
    log = log[log["time"].argsort(kind="stable")]
    found = {step: Fates() for step in steps}
    entries = _entries(log, end)
    for message in _messages(log, end):
        stage = _stage_of(message)
        fates = found.get(message.step)
        if fates is None or stage is None:
            continue
        fates.ended[stage] += 1
        if not _belongs(message, entries.get((message.person, message.step[0]), [])):
            fates.before += 1
    for (_, journey), own in entries.items():
        for j, k in steps:
            if j == journey:
                found[j, k].never_due.update(NEVER_DUE[e.reason] for e in own if k not in e.steps)
    return [found[step] for step in steps]


def sent_share(step: Mapping[str, Any]) -> float:
    """Return the share of a step's due messages that were sent, of a row with some due."""
    sent: int = step["ended"].get("sent", 0)
    return sent / step["due"]


def is_mostly_unsent(step: Mapping[str, Any]) -> bool:
    """Tell whether most of a step's due messages were not sent."""
    return step["due"] > 0 and sent_share(step) < 0.5


def main_cause(step: Mapping[str, Any]) -> str:
    """Return the stage at which most of a step's unsent messages ended, of a row with some."""
    unsent = {stage: n for stage, n in step["ended"].items() if stage != "sent"}
    return max(unsent, key=lambda stage: unsent[stage])


def _entries(log: Any, end: int) -> dict[tuple[int, int], list[_Entry]]:
    """Return the window's entries by person and journey."""
    log = log[log["time"] < end]
    left = _lists(of_kind(log, EXIT), "person", "copy_serial", "time", "reason")
    exits = {(person, copy): (time, reason) for person, copy, time, reason in left}
    found: dict[tuple[int, int], list[_Entry]] = {}
    waiting = (end, NEVER_DUE.index("waiting"))
    for person, copy, journey, profile, time in _lists(
        of_kind(log, ENTER), "person", "copy_serial", "journey", "profile", "time"
    ):
        last, reason = exits.get((person, copy), waiting)
        found.setdefault((person, journey), []).append(_Entry(time, profile, last, reason))
    return found


def _messages(log: Any, end: int) -> Iterator[_Message]:
    """Yield the messages whose first row is in the window."""
    found: dict[int, _Message] = {}
    first = []
    for kind in (SENT, HELD, SKIPPED, FINAL):
        names = ("time", "person", "profile", "journey", "step", "message")
        first += list(_lists(of_kind(log, kind), *names))
    for time, person, profile, journey, step, message in sorted(first, key=lambda f: f[0]):
        found.setdefault(message, _Message(time, person, profile, (journey, step)))
    found = {m: one for m, one in found.items() if one.time < end}
    for message, time in _lists(of_kind(log, SENT), "message", "time"):
        if message in found and time < end:
            found[message].sent = True
    for message, reason in _lists(of_kind(log, SKIPPED), "message", "reason"):
        if message in found and reason == _NO_CONSENT:
            found[message].refused = True
    for message, time, status, sends, owner in _lists(
        of_kind(log, FINAL), "message", "time", "status", "sends", "person"
    ):
        if message in found:
            found[message].person = owner
            # What was sent before the window may have its last row in it: it fell due before.
            if sends == 0 or time >= end:
                found[message].status = status
    yield from found.values()


def _stage_of(message: _Message) -> str | None:
    """Return where a message ended, None where the log does not say."""
    if message.sent:
        return "sent"
    if message.status == 0:
        return None
    if message.status == FINAL_SKIPPED:
        return "no_consent" if message.refused else "no_address"
    return _STAGE.get(message.status, "held_to_the_end")


def _belongs(message: _Message, entries: list[_Entry]) -> bool:
    """Note at its entry that the message fell due, and return whether it has one in the window.

    The log does not name it: it is the latest one that was open then and has no such message yet,
    of the same profile if there is one (two profiles may have become one since).
    """
    step = message.step[1]
    open_then = [
        e for e in entries if e.time <= message.time <= e.exit and step not in e.steps
    ]  # fmt: skip
    if not open_then:
        return False
    one = max(open_then, key=lambda e: (e.profile == message.profile, e.time))
    one.steps.add(step)
    return True


def _lists(seen: Any, *names: str) -> Iterator[tuple[int, ...]]:
    return zip(*(seen[name].tolist() for name in names), strict=True)
