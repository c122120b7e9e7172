"""What came of a replay, with the files' own ids, words and forms of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from omnilab._files.times import TimeForm
from omnilab.cascade import codes
from omnilab.cascade.engine import CascadeEngine
from omnilab.cascade.notes import Note
from omnilab.cascade.plan import MAX_STEPS
from omnilab.cascade.tables import Answer, Ints

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ids", "Replay", "collect"]


@dataclass(frozen=True)
class Replay:
    """What came of a replay.

    `outcomes` has one row a message, `sends` one a send, `rejected` one a row that could not
    be used; ids as in the files. `work` counts what the engine did. `unknown` says which words
    stand for nothing in the plans, with the nearest ones that do, and how often each came.
    `notes` says what has no effect, and what was read in another way than it was written.
    """

    outcomes: pa.Table
    sends: pa.Table
    rejected: pa.Table
    work: dict[str, int]
    unknown: dict[str, int]
    notes: tuple[Note, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return the number of messages by final status and reason."""
        words = pc.binary_join_element_wise(self.outcomes["status"], self.outcomes["reason"], " ")
        found = pc.value_counts(pc.utf8_trim(words, " ")).to_pylist()
        return {row["values"]: row["counts"] for row in sorted(found, key=lambda r: -r["counts"])}


@dataclass
class Ids:
    """The files' ids, whose places are the engine's codes.

    Parameters
    ----------
    messages
        Those that start.
    profiles
        All of them.
    control
        Profiles of the control group.
    message_rows, profile_rows
        The columns of each file, None where it has none.
    """

    messages: Any
    profiles: Any
    control: Any
    message_rows: Sequence[Any]
    profile_rows: Sequence[Any]
    start_s: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    start_ns: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def keep_moments(self, message: Ints, at: Ints, nanoseconds: Ints) -> None:
        """Keep each message's start to the last digit; rows in order of time."""
        self.start_s = np.full(len(self.messages), -1, dtype=np.int64)
        self.start_ns = np.zeros(len(self.messages), dtype=np.int64)
        fine = np.flatnonzero((message >= 0) & (at >= 0))[::-1]  # the first one is written last
        self.start_s[message[fine]] = at[fine]
        self.start_ns[message[fine]] = nanoseconds[fine]

    def rest(self, message: NDArray[Any], at: Ints) -> Ints:
        """Return nanoseconds of moments: in the second of its start nothing is before it."""
        return np.where(self.start_s[message] == at, self.start_ns[message], 0)


def collect(
    engine: CascadeEngine,
    answers: Sequence[Answer],
    ids: Ids,
    form: TimeForm | None,
    unknown: dict[str, int],
    notes: Sequence[Note],
) -> Replay:
    """Return the answers with the files' own ids.

    Parameters
    ----------
    engine
        After all was decided.
    answers
        All that it gave.
    ids
        The files' ids.
    form
        How the files write times, None where they have none.
    unknown, notes
        As in `Replay`.
    """
    form = form or TimeForm()
    channels = pa.array(engine.channels)
    found = engine.outcomes()
    code = found.message
    final_at = np.zeros(len(ids.messages), dtype=np.int64)
    for answer in answers:
        final_at[answer.finals.message] = answer.finals.at
    profile, plan = engine.started(code)
    order = engine.step_channels()
    delivered = (found.status >= 2).sum(axis=1)
    n_sent = sum((found.sent >> step) & 1 for step in range(MAX_STEPS))
    outcomes = pa.table(
        {
            "message_id": ids.messages.take(pa.array(code)),
            "profile_id": ids.profiles.take(pa.array(profile)),
            "plan": pa.array([p.name for p in engine.plans]).take(pa.array(plan)),
            "status": pa.array(codes.FINALS).take(pa.array(found.final)),
            "reason": pa.array(codes.REASONS).take(pa.array(found.reason)),
            "channel": channels.take(pa.array(order[plan, found.step])),
            "final_at": final_at[code],
            "sends": n_sent,
            "delivered": delivered,
            "final_timestamp": _written(form, final_at[code], ids.rest(code, final_at[code])),
        }
    )
    sends = pa.concat_tables(_send_rows(answer, ids, channels, form) for answer in answers)
    sends = sends.sort_by([("at", "ascending"), ("message_id", "ascending")])
    rejected = pa.concat_tables(_rejected_rows(answer, ids.messages, form) for answer in answers)
    work = {name: sum(answer.work[name] for answer in answers) for name in answers[0].work}
    return Replay(outcomes, sends, rejected, work, unknown, tuple(notes))


def _send_rows(answer: Answer, ids: Ids, channels: pa.Array, form: TimeForm) -> pa.Table:
    """Return an answer's sends with ids and names."""
    sends = answer.sends
    return pa.table(
        {
            "at": sends.at,
            "message_id": ids.messages.take(pa.array(sends.message)),
            "step": np.ascontiguousarray(sends.step) + 1,
            "channel": channels.take(pa.array(sends.channel)),
            "timestamp": _written(form, sends.at, ids.rest(sends.message, sends.at)),
        }
    )


def _rejected_rows(answer: Answer, message_ids: pa.Array, form: TimeForm) -> pa.Table:
    """Return an answer's rejections with ids where there are any."""
    bad = answer.rejected
    known = (bad.table != 2) & (bad.code >= 0) & (bad.code < len(message_ids))
    mask: NDArray[np.bool_] = ~known
    places = pa.array(np.where(known, bad.code, 0), mask=mask)
    whole = _written(form, np.maximum(bad.at, 0), np.zeros_like(bad.at))
    return pa.table(
        {
            "file": pa.array(["starts", "receipts", "signals"]).take(pa.array(bad.table)),
            "at": bad.at,
            "message_id": message_ids.take(places),
            "reason": pa.array(codes.REJECTIONS).take(pa.array(bad.reason)),
            "timestamp": pc.if_else(pa.array(bad.at >= 0), whole, None),
        }
    )


def _written(form: TimeForm, seconds: Ints, nanoseconds: Ints) -> pa.Array:
    """Return times in the files' own form, each different one written once."""
    if form.text is None and not form.digits:
        return form.write(seconds, nanoseconds)
    pairs = np.stack([seconds, nanoseconds], axis=1)
    each, place = np.unique(pairs, axis=0, return_inverse=True)
    texts = form.write(np.ascontiguousarray(each[:, 0]), np.ascontiguousarray(each[:, 1]))
    return texts.take(pa.array(place.ravel()))
