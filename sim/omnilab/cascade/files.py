"""Replay a user's own files through the engine: starts and receipts in, outcomes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from omnilab._files.columns import plain
from omnilab._files.tables import NULLS, open_table
from omnilab._files.times import TimeReader
from omnilab.cascade import codes
from omnilab.cascade.engine import CascadeEngine
from omnilab.cascade.formats import first_line
from omnilab.cascade.plan import MAX_STEPS, CascadePlan, ContactPolicy
from omnilab.cascade.tables import Answer, Ints
from omnilab.errors import DataError, OptionError, nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Replay", "replay"]

_STARTS = {"timestamp": True, "message_id": True, "profile_id": True}
_STARTS |= {"plan": False, "channels": False, "zone": False}
_RECEIPTS = {"timestamp": True, "message_id": True, "channel": True, "event": True}
_SIGNALS = {"timestamp": True, "profile_id": True, "event": True, "channel": False}
_ALIASES = {"messageId": "message_id", "userId": "profile_id", "profileId": "profile_id"}
_ID_COLUMNS = ("message_id", "profile_id")
_ALIASES |= {"kind": "event", "type": "event", "at": "timestamp"}


@dataclass(frozen=True)
class Replay:
    """What came of a replay.

    `outcomes` has one row a message, `sends` one a send, `rejected` one a row that could not
    be used; ids as in the files. `work` counts what the engine did. `unknown` says which words
    stand for nothing in the plans, with the nearest ones that do, and how often each came.
    `notes` says what else looks wrong with the files though they could be read, a line each.
    """

    outcomes: pa.Table
    sends: pa.Table
    rejected: pa.Table
    work: dict[str, int]
    unknown: dict[str, int]
    notes: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return the number of messages by final status and reason."""
        words = pc.binary_join_element_wise(self.outcomes["status"], self.outcomes["reason"], " ")
        found = pc.value_counts(pc.utf8_trim(words, " ")).to_pylist()
        return {row["values"]: row["counts"] for row in sorted(found, key=lambda r: -r["counts"])}


def replay(
    starts: str | Path,
    receipts: str | Path,
    plans: Sequence[CascadePlan],
    contact_policy: ContactPolicy | None = None,
    *,
    signals: str | Path | None = None,
    control: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
) -> Replay:
    """Run recorded starts and receipts through their cascades until all timers have run out.

    Parameters
    ----------
    starts
        CSV, JSON, Parquet or Feather with timestamp, message_id, profile_id, and if wanted plan
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

    Raises
    ------
    DataError
        If a file can't be read, a column is missing or ids are no ids.
    OptionError
        If `columns` names a column that we don't know or that no file has.
    """
    engine = CascadeEngine(plans, contact_policy)
    unknown: dict[str, int] = {}
    _check_columns(columns or {})
    seen: set[str] = set()
    notes: list[str] = []
    got_starts = _read(starts, _STARTS, columns, seen, notes)
    got_receipts = _read(receipts, _RECEIPTS, columns, seen, notes)
    got_signals = None if signals is None else _read(signals, _SIGNALS, columns, seen, notes)
    for theirs in (columns or {}).values():
        if theirs not in seen:
            raise OptionError(f"no file has a column {theirs!r}{nearest(theirs, seen)}")
    start_profiles = _ids(got_starts, "profile_id", starts)
    signal_profiles = pa.chunked_array([], pa.large_string())
    if got_signals is not None and signals is not None:
        signal_profiles = _ids(got_signals, "profile_id", signals)
    held = pa.array([str(profile) for profile in control], pa.large_string())
    message_ids = pc.unique(_ids(got_starts, "message_id", starts)).drop_null()
    profile_ids = pc.unique(
        pa.chunked_array([*start_profiles.chunks, *signal_profiles.chunks, held])
    ).drop_null()
    engine.hold_out(_codes(held, profile_ids, -1).tolist())
    zones = [zone.name for zone in engine.contact_policy.zones]
    start_rows = {
        "at": _seconds(got_starts["timestamp"], starts, notes),
        "message": _codes(_ids(got_starts, "message_id", starts), message_ids, -1),
        "profile": _codes(start_profiles, profile_ids, -1),
        "plan": _words(got_starts, "plan", [plan.name for plan in plans], 0, starts, unknown),
        "usable": _usable(got_starts, engine, starts),
        "zone": _words(got_starts, "zone", zones, 0, starts, unknown),
    }
    receipt_messages = _ids(got_receipts, "message_id", receipts)
    receipt_rows = {
        "at": _seconds(got_receipts["timestamp"], receipts, notes),
        # One past the last code is a message that never starts: the engine says so.
        "message": _codes(receipt_messages, message_ids, len(message_ids)),
        "channel": _words(got_receipts, "channel", engine.channels, -2, receipts, unknown),
        "kind": _words(got_receipts, "event", codes.RECEIPTS, -2, receipts, unknown),
    }
    signal_rows = None
    if got_signals is not None and signals is not None:
        signal_rows = {
            "at": _seconds(got_signals["timestamp"], signals, notes),
            "profile": _codes(signal_profiles, profile_ids, -1),
            "kind": _words(got_signals, "event", codes.SIGNALS, -2, signals, unknown),
            "channel": _words(got_signals, "channel", engine.channels, -1, signals, unknown),
        }
    first = engine.feed(start_rows, receipt_rows, signal_rows)
    found = _collect(engine, [first, engine.finish()], message_ids, profile_ids, unknown)
    return replace(found, notes=tuple(notes))


def _read(
    path: str | Path,
    wanted: Mapping[str, bool],
    columns: Mapping[str, str] | None,
    seen: set[str],
    notes: list[str],
) -> pa.Table:
    """Return a file's table with our names; columns that we don't know are left aside.

    All names of columns that it has are put into `seen`, and what looks wrong into `notes`. Ids
    are texts.
    """
    path = Path(path)
    own = {theirs: ours for ours, theirs in (columns or {}).items()}
    names = [*wanted, *_ALIASES, *own]
    table = open_table(path, is_header=lambda row: not set(names).isdisjoint(row), nulls=NULLS)
    rows = table.whole(lambda name: name in names, empty=True)
    there = list(dict.fromkeys([*table.names, *rows.names]))
    seen.update(name[:100] for name in there)
    found = {}
    for name in rows.names:
        ours = own.get(name) or (name if name in wanted else _ALIASES.get(name, ""))
        if ours not in wanted or (ours in found and name not in own):
            continue
        if rows.names.count(name) > 1:
            raise DataError(f"column {name!r} comes twice", file=path)
        found[ours] = rows.ids(name) if ours in _ID_COLUMNS else plain(rows.raw(name))
    for name, needed in wanted.items():
        if needed and name not in found:
            close = nearest(name, [n[:100] for n in there])
            raise DataError(f"column {name!r} is missing{close}", file=path)
    notes += table.notes()
    return pa.table(found)


def _check_columns(columns: Mapping[str, str]) -> None:
    """Refuse names for columns that we don't know."""
    known = (*_STARTS, *_RECEIPTS, *_SIGNALS)
    for ours in columns:
        if ours not in known:
            raise OptionError(f"unknown column {ours!r}{nearest(ours, known)}")


def _ids(table: pa.Table, name: str, path: str | Path) -> pa.ChunkedArray:
    """Return a column of ids as text; empty ids become null, whose rows are rejected."""
    text = _text(table[name], name, path)
    return pc.if_else(pc.equal(text, ""), None, text)


def _text(column: pa.ChunkedArray, name: str, path: str | Path) -> pa.ChunkedArray:
    """Return a column as text."""
    if pa.types.is_floating(column.type) or pa.types.is_nested(column.type):
        raise DataError(f"{name} must be text or whole numbers, not {column.type}", file=path)
    try:
        text = column.cast(pa.large_string())
        text.validate(full=True)
    except pa.ArrowException as error:
        what = first_line(error)
        raise DataError(f"{name} can't be read as text: {what}", file=path) from error
    return text


def _codes(ids: Any, known: pa.Array, missing: int) -> Ints:
    """Return each id's place among the known ones, or `missing`; -1 for no id at all."""
    places = pc.fill_null(pc.index_in(ids, value_set=known, skip_nulls=True), missing)
    return _numbers(pc.if_else(pc.is_null(ids), -1, places))


def _words(
    table: pa.Table,
    name: str,
    words: Sequence[str],
    default: int,
    path: str | Path,
    unknown: dict[str, int],
) -> Ints:
    """Return each word's number; -2 for an unknown word, the default where there is none."""
    if name not in table.column_names:
        return np.full(table.num_rows, default, dtype=np.int64)
    text = _text(table[name], name, path)
    places = pc.index_in(text, value_set=pa.array(words, pa.large_string()), skip_nulls=True)
    strange = text.filter(pc.and_(pc.is_valid(text), pc.is_null(places)))
    for row in strange.value_counts().to_pylist():
        word = row["values"][:100]
        what = f"{Path(path).name}: unknown {name} {word!r}{nearest(word, words)}"
        unknown[what] = unknown.get(what, 0) + row["counts"]
    return _numbers(pc.if_else(pc.is_null(text), default, pc.fill_null(places, -2)))


def _usable(table: pa.Table, engine: CascadeEngine, path: str | Path) -> Ints:
    """Return bit masks of the listed channels; unknown ones are no channels of these plans."""
    everything = engine.mask(engine.channels)
    if "channels" not in table.column_names:
        return np.full(table.num_rows, everything, dtype=np.int64)
    column = table["channels"]
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column, " ")
    coded = _text(column, "channels", path).combine_chunks().dictionary_encode()
    masks = [
        engine.mask(set(str(names).replace(",", " ").split()) & set(engine.channels))
        for names in coded.dictionary.to_pylist()
    ]
    rows = pc.take(pa.array(masks, pa.int64()), coded.indices)
    return _numbers(pc.fill_null(rows, everything))


def _seconds(column: pa.ChunkedArray, path: str | Path, notes: list[str]) -> Ints:
    """Return times in whole seconds; what is no time becomes -1, whose row is rejected."""
    reader = TimeReader("timestamp")
    try:
        times = reader.read(column)
    except DataError as error:
        raise DataError(error.message, file=path) from None
    if reader.n_bad and not times.known.any():
        raise DataError(
            f"timestamp can't be read, such as {reader.example()!r}; whole seconds or ISO 8601 "
            "times are needed",
            file=path,
        )
    notes += [f"{path}: {note}" for note in reader.notes()]
    if reader.n_bad:
        are = "timestamp is" if reader.n_bad == 1 else "timestamps are"
        notes.append(f"{path}: {reader.n_bad:,} {are} none, such as {reader.example()!r}")
    return np.where(times.known, times.seconds, -1)


def _numbers(column: Any) -> Ints:
    """Return an Arrow column of whole numbers as an array."""
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _collect(
    engine: CascadeEngine,
    answers: Sequence[Answer],
    message_ids: pa.Array,
    profile_ids: pa.Array,
    unknown: dict[str, int],
) -> Replay:
    """Return the answers with the files' own ids."""
    channels = pa.array(engine.channels)
    found = engine.outcomes()
    code = found.message
    final_at = np.zeros(len(message_ids), dtype=np.int64)
    for answer in answers:
        final_at[answer.finals.message] = answer.finals.at
    profile, plan = engine.started(code)
    order = engine.step_channels()
    delivered = (found.status >= 2).sum(axis=1)
    n_sent = sum((found.sent >> step) & 1 for step in range(MAX_STEPS))
    outcomes = pa.table(
        {
            "message_id": message_ids.take(pa.array(code)),
            "profile_id": profile_ids.take(pa.array(profile)),
            "plan": pa.array([p.name for p in engine.plans]).take(pa.array(plan)),
            "status": pa.array(codes.FINALS).take(pa.array(found.final)),
            "reason": pa.array(codes.REASONS).take(pa.array(found.reason)),
            "channel": channels.take(pa.array(order[plan, found.step])),
            "final_at": final_at[code],
            "sends": n_sent,
            "delivered": delivered,
        }
    )
    sends = pa.concat_tables(_send_rows(answer, message_ids, channels) for answer in answers)
    sends = sends.sort_by([("at", "ascending"), ("message_id", "ascending")])
    rejected = pa.concat_tables(_rejected_rows(answer, message_ids) for answer in answers)
    work = {name: sum(answer.work[name] for answer in answers) for name in answers[0].work}
    return Replay(outcomes, sends, rejected, work, unknown)


def _send_rows(answer: Answer, message_ids: pa.Array, channels: pa.Array) -> pa.Table:
    """Return an answer's sends with ids and names."""
    sends = answer.sends
    return pa.table(
        {
            "at": sends.at,
            "message_id": message_ids.take(pa.array(sends.message)),
            "step": np.ascontiguousarray(sends.step) + 1,
            "channel": channels.take(pa.array(sends.channel)),
        }
    )


def _rejected_rows(answer: Answer, message_ids: pa.Array) -> pa.Table:
    """Return an answer's rejections with ids where there are any."""
    bad = answer.rejected
    known = (bad.table != 2) & (bad.code >= 0) & (bad.code < len(message_ids))
    mask: NDArray[np.bool_] = ~known
    places = pa.array(np.where(known, bad.code, 0), mask=mask)
    return pa.table(
        {
            "file": pa.array(["starts", "receipts", "signals"]).take(pa.array(bad.table)),
            "at": bad.at,
            "message_id": message_ids.take(places),
            "reason": pa.array(codes.REJECTIONS).take(pa.array(bad.reason)),
        }
    )
