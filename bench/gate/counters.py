"""Work counters: what both sides did, by which a change of behaviour shows without any timing.

A workload's counters are the same in every run. If head's differ from base's, it did other work,
and its time says little about its speed. Such a change fails the gate unless head itself says that
it is meant, in `allowed_changes.toml`, with the new value and the reason::

    [[allowed]]
    workload = "cascade-100k"
    counter = "decisions"
    to = 442970
    reason = "a receipt in the second of its timer now comes first"

An entry holds for exactly this value, so that the next change has to be said again; once base has
it too, it does nothing and can be removed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.gate.errors import GateError

__all__ = ["ALLOWED", "Allowed", "Change", "changes", "read_allowed"]

ALLOWED: Final = Path(__file__).with_name("allowed_changes.toml")
Value = int | str


@dataclass(frozen=True)
class Allowed:
    """A change of a counter that is meant; ``to`` None allows any, as an option on the command."""

    workload: str
    counter: str
    to: Value | None
    reason: str


@dataclass(frozen=True)
class Change:
    """A counter that differs between the sides.

    Attributes
    ----------
    counter
        Its name.
    base, head
        Its values; None where the side has no such counter.
    allowed
        The reason why it may, None if there is none.
    """

    counter: str
    base: Value | None
    head: Value | None
    allowed: str | None

    @property
    def fails(self) -> bool:
        """Whether the gate fails: a counter that is only new can't be compared, so it does not."""
        return self.allowed is None and self.base is not None


def changes(
    workload: str,
    base: Mapping[str, Value],
    head: Mapping[str, Value],
    allowed: Iterable[Allowed] = (),
) -> list[Change]:
    """Return the counters of a workload that differ, in head's order, those that are gone last."""
    reasons = {(a.counter, a.to): a.reason for a in allowed if a.workload == workload}
    found = []
    for counter in [*head, *(c for c in base if c not in head)]:
        was, now = base.get(counter), head.get(counter)
        if was != now:
            reason = reasons.get((counter, now), reasons.get((counter, None)))
            found.append(Change(counter, was, now, reason))
    return found


def read_allowed(file: Path, workloads: Iterable[str]) -> list[Allowed]:
    """Return the allowed changes that a file lists; none if there is no file.

    Raises
    ------
    GateError
        If it is not TOML, or an entry is not complete.
    """
    if not file.exists():
        return []
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("allowed", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GateError(f"{file}: {error}") from None
    names = set(workloads)
    allowed = []
    for number, entry in enumerate(entries, 1):
        where = f"{file}: entry {number}"
        if not isinstance(entry, dict) or set(entry) != {"workload", "counter", "to", "reason"}:
            raise GateError(f"{where}: needs workload, counter, to and reason, and nothing else")
        if entry["workload"] not in names:
            raise GateError(f"{where}: no workload {entry['workload']!r}")
        allowed.append(Allowed(**entry))
    return allowed
