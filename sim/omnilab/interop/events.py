"""Events after the Segment spec, as JSON lines: who is seen, and who orders.

A sighting of identifiers is an ``identify`` call, an order a ``track`` call with the identifiers
that its person showed last in that channel within a day. Without a cookie or a login a call has an
``anonymousId`` of its own, as a server's library gives it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from omnilab.export.streams import start_second
from omnilab.interop.chance import mark
from omnilab.interop.lives import CENTS
from omnilab.interop.records import records

if TYPE_CHECKING:
    from omnilab.interop.lives import Life, Lives

__all__ = ["segment_events"]

_SESSION: Final = 86400


def segment_events(lives: Lives, life: Life) -> tuple[list[str], pd.DataFrame]:
    """Return the lines in the order of time, and whose each ``messageId`` is."""
    seen = records(lives, life)
    kinds = [c for c in seen.columns if c not in _OWN]
    base = pd.Timestamp(lives.scenario.time.start)
    seconds = (pd.to_datetime(seen["timestamp"]) - base).dt.total_seconds().astype(int)
    calls: list[tuple[int, int, dict[str, Any], int]] = []
    last: dict[tuple[int, str], tuple[int, dict[str, Any]]] = {}
    orders = life.tables["orders"]
    orders = orders[orders["time"] < lives.end].sort_values("time", kind="stable")
    names = lives.channels
    rows = [
        *((int(t), 0, i) for i, t in enumerate(seconds)),
        *((int(t), 1, i) for i, t in enumerate(orders["time"])),
    ]
    shown = seen.to_dict("records")
    bought = orders.to_dict("records")
    for time, what, i in sorted(rows):
        number = len(calls)
        if what == 0:
            row = shown[i]
            who = _who(lives.seed, {k: row[k] for k in kinds if isinstance(row[k], str)}, number)
            last[int(row["cluster"]), row["source_dataset"]] = (time, who)
            calls.append((time, number, {"type": "identify", **who,
                                         **_context(row["source_dataset"])},
                          int(row["cluster"])))  # fmt: skip
            continue
        order = bought[i]
        person, channel = int(order["person"]), names[int(order["channel"])]
        at, who = last.get((person, channel), (-_SESSION - 1, {}))
        if time - at > _SESSION:
            who = _who(lives.seed, {}, number)
        who = {k: v for k, v in who.items() if k != "traits"}
        properties = {
            "order_id": f"o{i}", "revenue": int(order["paid"]) / CENTS,
            "currency": lives.scenario.currency,
        }  # fmt: skip
        calls.append((time, number, {"type": "track", "event": "Order Completed", **who,
                                     "properties": properties, **_context(channel)},
                      person))  # fmt: skip
    start = start_second(lives.scenario)
    lines, truth = [], []
    for time, number, call, person in calls:
        message, when = f"m{number}", datetime.fromtimestamp(start + time, UTC)
        stamp = when.isoformat(timespec="seconds").replace("+00:00", "Z")
        whole = {**call, "messageId": message, "timestamp": stamp}
        lines.append(json.dumps(whole, ensure_ascii=False, allow_nan=False))
        truth.append((message, person))
    return lines, pd.DataFrame(truth, columns=["messageId", "customer_id"])


_OWN: Final = ("unique_id", "source_dataset", "timestamp", "cluster")


def _who(seed: int, values: dict[str, str], number: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "cookie" in values:
        found["anonymousId"] = values["cookie"]
    if "login" in values:
        found["userId"] = values["login"]
    if not found:
        found["anonymousId"] = mark(seed, "call", number)
    traits = {k: values[k] for k in values if k not in ("cookie", "login")}
    if traits:
        found["traits"] = traits
    return found


def _context(channel: str) -> dict[str, Any]:
    return {"context": {"channel": channel}}
