"""Read events after the Segment spec: who is named where in a call.

`identify`, `track`, `page`, `screen`, `group` and `alias` name a person by the same fields. The
traits of a `group` call are those of a company, and its ``groupId`` is many people's, so neither
links anybody; nor do ``properties``, which may name somebody else, such as a friend.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from omnilab._files.json_text import Objects, text_of, value_at
from omnilab._files.left_out import LeftOut

__all__ = ["FIELDS", "TIMES", "calls", "external_ids", "without_group"]

#: (type, field) of each identifier of a call, the strongest first. `previousId` of an alias is an
#: earlier userId or an anonymousId, whichever it is elsewhere.
FIELDS = (
    ("login", "userId"),
    ("email", "traits.email"),
    ("email", "context.traits.email"),
    ("phone", "traits.phone"),
    ("phone", "context.traits.phone"),
    ("device", "context.device.id"),
    ("advertising", "context.device.advertisingId"),
    ("push", "context.device.token"),
    ("cookie", "anonymousId"),
    ("cookie", "previousId"),
)
#: When it happened; else, by what is there, the client's own time set right by the two clocks'
#: difference, the client's own time, and when it was received or sent.
TIMES = ("timestamp", "originalTimestamp", "receivedAt", "sentAt")
#: Types of ``context.externalIds`` and ours.
_EXTERNAL = {
    "user_id": "login", "email": "email", "phone": "phone", "anonymous_id": "cookie",
    "android.id": "device", "ios.id": "device", "android.idfa": "advertising",
    "ios.idfa": "advertising", "android.push_token": "push", "ios.push_token": "push",
}  # fmt: skip
#: What an envelope's events have in common unless they say otherwise.
_SHARED = ("context", "integrations", "sentAt", "receivedAt")


def calls(objects: Objects, left_out: LeftOut) -> tuple[list[dict[str, Any] | None], list[int]]:
    """Return the calls in some lines, those of a ``batch`` one by one, and the line of each."""
    if not any(row is not None and "batch" in row for row in objects.rows):
        return objects.rows, objects.lines
    rows: list[dict[str, Any] | None] = []
    lines: list[int] = []
    for row, line in zip(objects.rows, objects.lines, strict=True):
        for call in _in_envelope(row, line, left_out):
            rows.append(call)
            lines.append(line)
    return rows, lines


def _in_envelope(
    row: dict[str, Any] | None, line: int, left_out: LeftOut
) -> Iterator[dict[str, Any] | None]:
    if row is None or not isinstance(row.get("batch"), list):
        yield row
        return
    shared = {name: row[name] for name in _SHARED if name in row}
    for call in row["batch"]:
        if isinstance(call, dict):
            context = shared.get("context")
            both = isinstance(context, dict) and isinstance(call.get("context"), dict)
            yield shared | call | ({"context": context | call["context"]} if both else {})
        else:
            left_out.add(line, "an item of 'batch' is no object")
            yield None


def without_group(rows: Sequence[dict[str, Any] | None]) -> list[dict[str, Any] | None]:
    """Return calls without what names a company, and without an advertising id turned off."""
    return [_plain(row) if row is not None else None for row in rows]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("type") == "group" and "traits" in row:
        row = {name: value for name, value in row.items() if name != "traits"}
    allowed, _ = value_at(row, "", ("context", "device", "adTrackingEnabled"))
    if allowed is False:
        context = row["context"]
        device = {k: v for k, v in context["device"].items() if k != "advertisingId"}
        row = row | {"context": context | {"device": device}}
    return row


def external_ids(
    rows: Sequence[dict[str, Any] | None], lines: Sequence[int], odd: LeftOut
) -> list[tuple[str, list[str | None]]]:
    """Return columns of ``context.externalIds``: type and values, as many as a call has of one."""
    columns: dict[tuple[str, int], list[str | None]] = {}
    for i, row in enumerate(rows):
        found, _ = (None, True) if row is None else value_at(row, "", ("context", "externalIds"))
        if not isinstance(found, list):
            continue
        counts: dict[str, int] = {}
        for given in found:
            kind = given.get("type") if isinstance(given, dict) else None
            ours = _EXTERNAL.get(kind) if isinstance(kind, str) else None
            text, is_id = text_of(given.get("id")) if isinstance(given, dict) else (None, False)
            if ours is None or not is_id or given.get("collection", "users") != "users":
                odd.add(lines[i], f"type {kind!r} is not read" if ours is None else "no identifier")
                continue
            place = ours, counts.get(ours, 0)
            counts[ours] = place[1] + 1
            columns.setdefault(place, [None] * len(rows))[i] = text
    return [(kind, values) for (kind, _), values in columns.items()]
