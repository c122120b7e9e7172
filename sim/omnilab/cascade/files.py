"""Replay a user's own files through the engine: starts and receipts in, outcomes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from omnilab.cascade import codes
from omnilab.cascade.engine import MAX_SPAN_S, CascadeEngine
from omnilab.cascade.notes import Note, plan_notes, start_notes, strangers
from omnilab.cascade.outcomes import Ids, Replay, collect
from omnilab.cascade.plan import CascadePlan, ContactPolicy
from omnilab.cascade.streams import (
    RECEIPTS,
    SIGNALS,
    STARTS,
    Stream,
    check_columns,
    codes_of,
)
from omnilab.cascade.tables import Ints
from omnilab.cascade.words import known_word
from omnilab.errors import OptionError, nearest

__all__ = ["Replay", "replay"]


def replay(
    starts: str | Path,
    receipts: str | Path,
    plans: Sequence[CascadePlan],
    contact_policy: ContactPolicy | None = None,
    *,
    signals: str | Path | None = None,
    control: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    events: Mapping[str, str] | None = None,
) -> Replay:
    """Run recorded starts and receipts through their cascades until all timers have run out.

    Parameters
    ----------
    starts
        Parquet, CSV or JSON lines with timestamp, message_id, profile_id, and if wanted plan
        (name; the first by default), channels (those with an address and consent, separated
        by spaces; all by default) and zone (name; the first by default).
    receipts
        The same kinds of file with timestamp, message_id, channel, event.
    plans, contact_policy
        As for `CascadeEngine`.
    signals
        A file with timestamp, profile_id, event (withdraw, give, stop_all, converted), and if
        wanted channel.
    control
        Profile ids of the global control group.
    columns
        The files' own names for these columns.
    events
        What words of the column event stand for, beside those of the usual providers: one of
        `codes.RECEIPTS` or `codes.SIGNALS`, or ``ignore`` for rows to be left out. Case doesn't
        matter.

    Raises
    ------
    DataError
        If a file can't be read, a column is missing or a column is of no use at all.
    OptionError
        If `columns` names a column that we don't know or that no file has.
    """
    engine = CascadeEngine(plans, contact_policy)
    _check_names(columns or {})
    own = {word.strip().casefold(): event for word, event in (events or {}).items()}
    read = [Stream(starts, STARTS, columns or {}), Stream(receipts, RECEIPTS, columns or {})]
    if signals is not None:
        read.append(Stream(signals, SIGNALS, columns or {}))
    check_columns(columns or {}, read)
    _leave_far(read)
    ids = _ids(read, control)
    engine.hold_out(codes_of(ids.control, ids.profiles, -1).tolist())
    start_rows = _start_rows(read[0], ids, engine)
    receipt_rows = _receipt_rows(read[1], ids, engine, own)
    signal_rows = _signal_rows(read[2], ids, engine, own) if len(read) > 2 else None
    first = engine.feed(start_rows, receipt_rows, signal_rows)
    notes = plan_notes(engine.plans, engine.contact_policy)
    notes += start_notes(engine.plans, engine.contact_policy, engine.channels, start_rows)
    notes += [note for stream in read for note in stream.notes]
    notes += _strangers(read, ids)
    unknown: dict[str, int] = {}
    for stream in read:
        for what, n in stream.unknown.items():
            unknown[what] = unknown.get(what, 0) + n
    form = read[0].form or read[1].form
    return collect(engine, [first, engine.finish()], ids, form, unknown, notes)


def _leave_far(read: Sequence[Stream]) -> None:
    """Leave out rows of times so far from the rest that the engine's clock can't hold all.

    One row of 1970 or 2099, which programs write for no time, must not cost the others.
    """
    times = np.concatenate([stream.at[stream.at >= 0] for stream in read])
    starts = read[0].at[read[0].at >= 0]
    if not len(starts) or np.ptp(times) < MAX_SPAN_S:
        return
    middle, most = int(np.median(starts)), MAX_SPAN_S // 2 - 1
    # Where they fall into two halves, nobody can say which is right: the engine refuses them.
    if np.count_nonzero(np.abs(starts - middle) <= most) > len(starts) // 2:
        for stream in read:
            stream.leave_far(middle, most)


def _check_names(columns: Mapping[str, str]) -> None:
    """Refuse names for columns that we don't know."""
    known = (*STARTS, *RECEIPTS, *SIGNALS)
    for ours in columns:
        if ours not in known:
            raise OptionError(f"unknown column {ours!r}{nearest(ours, known)}")


def _ids(read: Sequence[Stream], control: Sequence[str]) -> Ids:
    """Return the files' ids: of messages that start, and of all profiles."""
    held = pa.array([str(profile) for profile in control], pa.large_string())
    by_row = [(s.ids("message_id") if "message_id" in s else None) for s in read]
    profiles = [(s.ids("profile_id") if "profile_id" in s else None) for s in read]
    named = [column for column in profiles if column is not None]
    every = pc.unique(pa.chunked_array([*named, held])).drop_null()
    return Ids(pc.unique(by_row[0]).drop_null(), every, held, by_row, profiles)


def _start_rows(stream: Stream, ids: Ids, engine: CascadeEngine) -> dict[str, Ints]:
    """Return the columns of starts, and keep what is finer than seconds for the answer."""
    names = [plan.name for plan in engine.plans]
    zones = [zone.name for zone in engine.contact_policy.zones]
    rows = stream.rows(
        {
            "at": stream.at,
            "message": codes_of(ids.message_rows[0], ids.messages, -1),
            "profile": codes_of(ids.profile_rows[0], ids.profiles, -1),
            "plan": stream.words("plan", names, 0),
            "usable": stream.masks(engine.channels),
            "zone": stream.words("zone", zones, 0),
            "nanoseconds": stream.nanoseconds,
        }
    )
    ids.keep_moments(rows["message"], rows["at"], rows.pop("nanoseconds"))
    return rows


def _receipt_rows(
    stream: Stream, ids: Ids, engine: CascadeEngine, own: Mapping[str, str]
) -> dict[str, Ints]:
    """Return the columns of receipts."""
    return stream.rows(
        {
            "at": stream.at,
            # One past the last code is a message that never starts: the engine says so.
            "message": codes_of(ids.message_rows[1], ids.messages, len(ids.messages)),
            "channel": _channels(stream, engine, -2),
            "kind": stream.words(
                "event", codes.RECEIPTS, -2, find=lambda w: known_word(w, codes.RECEIPTS, own)
            ),
        }
    )


def _signal_rows(
    stream: Stream, ids: Ids, engine: CascadeEngine, own: Mapping[str, str]
) -> dict[str, Ints]:
    """Return the columns of signals."""
    return stream.rows(
        {
            "at": stream.at,
            "profile": codes_of(ids.profile_rows[2], ids.profiles, -1),
            "kind": stream.words(
                "event", codes.SIGNALS, -2, find=lambda w: known_word(w, codes.SIGNALS, own)
            ),
            "channel": _channels(stream, engine, -1),
        }
    )


def _channels(stream: Stream, engine: CascadeEngine, default: int) -> Ints:
    """Return the numbers of channels, whose case doesn't matter."""
    names = engine.channels
    return stream.words("channel", names, default, find=lambda w: known_word(w, names, {}))


def _strangers(read: Sequence[Stream], ids: Ids) -> list[Note]:
    """Return notes about ids of one file or list that another one doesn't have."""
    started: Any = pc.unique(ids.profile_rows[0]).drop_null()
    notes = strangers("control group", ids.control, started, "profiles have no start")
    receipts = read[1].path
    notes += strangers(f"{receipts}", ids.message_rows[1], ids.messages, "messages have no start")
    if len(read) > 2:
        what = str(read[2].path)
        # Also customers who are sent nothing order and withdraw their consent.
        notes += strangers(
            what, ids.profile_rows[2], started, "profiles have no start", all_only=True
        )
    return notes
