"""The arrays of a graph: how they grow, and which kernel takes a batch in."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import CapacityError, DataError
from omnilab.identity import _history, _links, _log, _nodes, _ruled, _ruled_pairs
from omnilab.identity._links import MAX_SPAN
from omnilab.identity.policy import IdentityPolicy

__all__ = ["State"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

NO_IDS: Final = np.empty(0, np.int32)
NO_STARTS: Final = np.empty(0, np.int64)
LOG_ROW: Final = np.dtype([("time", "i8"), ("survivor", "i4"), ("absorbed", "i4"), ("split", "?")])
#: Room is made by this factor. Memory from the system costs nothing until it is written.
GROWTH: Final = 1.5
#: Seconds since 1970 at the end of the year 5000: a time beyond is in milliseconds or finer.
NO_SECOND: Final = 95_649_120_000


class State:
    """Hold a graph's arrays.

    Parameters
    ----------
    policy
        Decides which arrays there are.

    Attributes
    ----------
    nodes
        Without rules, shape ``(capacity,)`` as in `_links`; with rules as in `_nodes`.
    of_code
        Node (plus 1) of each code; empty unless a type has a time-to-live.
    log, history, meta
        Merges and their times (as in `_log`), sightings (`_history`), counters (`_links`).
    """

    def __init__(self, policy: IdentityPolicy) -> None:
        self.ruled = policy.has_rules
        self.mapped = bool(policy.time_to_live)
        width = _nodes.SEEN + self.mapped
        self.nodes: Ints = np.zeros((0, width) if self.ruled else 0, np.int32)
        self.of_code: Ints = np.zeros(1 if self.mapped else 0, np.int32)
        self.log: Longs = np.zeros(2 if policy.log else 1, np.int64)
        self.history: Ints = np.zeros((1 if policy.keeps_history else 0, 2), np.int32)
        #: Nodes whose links were taken back as they are shared, rising; empty unless it is wanted.
        self.shared: Ints = np.empty(0, np.int32)
        self.undoes = policy.undoes
        self.meta = _log.new_meta()
        self.meta[_links.LAST_TIME] = -(1 << 62)
        self.started = False
        self.rules: Longs = np.zeros((len(policy.types) + 1, 4), np.int64)
        kind_bits = policy.kind_bits
        for i, name in enumerate(policy.types):
            self.rules[i, _nodes.LIMIT] = policy.fan_out.get(name, 0)
            self.rules[i, _nodes.LIFE] = policy.time_to_live.get(name, 0)
            if name in policy.unique:
                self.rules[i, _nodes.BIT] = 1 << (kind_bits + policy.unique.index(name))
                self.rules[i, _nodes.AGAIN] = name in policy.time_to_live
        self.rules[-1, _nodes.KINDS] = (1 << kind_bits) - 1
        self.rules[-1, _nodes.BITS] = self.rules[:-1, _nodes.BIT].sum()
        self.rules[-1, _nodes.AGAIN] = self.rules[:-1, _nodes.AGAIN].any()
        self.rules[-1, _nodes.SHIFT] = kind_bits + len(policy.unique)
        self._tick = np.zeros(1, np.int64)
        # The last time as a Python number: to read it from `meta` takes longer than a link.
        self._last: int | None = None

    # -- times and codes ------------------------------------------------------------------------

    def next_time(self) -> int:
        """Return the time of a batch that brings none."""
        return int(self.meta[_links.LAST_TIME]) + 1 if self.started else 0

    def start(self, time: int) -> None:
        """Count times from the first one, so that 32 bits hold them."""
        if not self.started:
            if abs(time) >= NO_SECOND:
                raise DataError(
                    f"time: {time} as a second is beyond the year 5000; give seconds, not a "
                    "finer unit"
                )
            self.meta[_links.ORIGIN] = time

    def check_times(self, times: Longs, n_rows: int) -> None:
        """Refuse times that run backwards or span too much."""
        if n_rows == 0:
            return
        self.start(int(times[0]))
        back = np.flatnonzero(times[1:] < times[:-1])
        if len(back):
            self._refuse(_links.TIME_BACK, int(back[0]) + 1)
        if self.started and times[0] < self.meta[_links.LAST_TIME]:
            self._refuse(_links.TIME_BACK, 0)
        origin = int(self.meta[_links.ORIGIN]) if self.started else int(times[0])
        if int(times[-1]) - origin > MAX_SPAN:
            self._refuse(_links.TIME_FAR, len(times) - 1)

    def check_codes(self, column: NDArray[Any]) -> None:
        """Refuse codes that can't be."""
        if len(column) and (column.min() < -1 or column.max() > MAX_SPAN):
            bad = int(np.argmax((column < -1) | (column > MAX_SPAN)))
            self._refuse(_links.BAD_CODE, bad, int(column[bad]))

    def _refuse(self, status: int, row: int, code: int | None = None) -> None:
        if status == _links.TIME_BACK:
            raise DataError(f"row {row}: time runs backwards; sort the events by time")
        if status == _links.TIME_FAR:
            raise CapacityError(f"row {row}: more than {MAX_SPAN} s after the first; give seconds")
        if code is None or code < 0:
            what = "" if code is None else f" {code}"
            raise DataError(f"row {row}: code{what} below -1 or beyond {MAX_SPAN}")
        raise CapacityError(
            f"row {row}: code {code} is beyond {MAX_SPAN}; give such identifiers as strings"
        )

    # -- room -----------------------------------------------------------------------------------

    def reserve(self, highest: int, links: int, sightings: int) -> None:
        """Make room for codes up to `highest`, so many more links and identifiers seen."""
        needed = highest + 1
        if self.mapped:
            self.of_code = _grown(self.of_code, needed)
            # Each identifier seen may be a new node; room that is never written costs nothing.
            needed = int(self.meta[_links.N_NODES]) + sightings
        if needed > MAX_SPAN:
            raise CapacityError(f"more than {MAX_SPAN} nodes")
        self.nodes = _grown(self.nodes, needed)
        if len(self.log) > 1:
            # A merge takes a root away, so there are never more than nodes; by their room, as
            # `_links.has_room` counts.
            ids = needed if self.mapped else len(self.nodes)
            self._reserve_log(min(links, max(len(self.nodes), 1)), ids)
        if len(self.history):
            self.history = _grown(self.history, int(self.meta[_links.N_HISTORY]) + sightings + 1)

    def _reserve_log(self, rows: int, n_ids: int) -> None:
        """Make room for so many more rows, each perhaps with a tick, of ids below `n_ids`."""
        merges, ticks, had = (
            int(self.meta[i]) for i in (_log.N_MERGES, _log.N_TICKS, _log.LOG_BITS)
        )
        bits = _log.bits_for(n_ids)
        if bits > had:
            ticks = merges  # at most; room that is never written costs nothing
        room = merges + ticks + 2 * rows + 3
        if room > len(self.log) or bits > had:
            # A first batch gets just its room, as in `_grown`.
            log = np.empty(max(room, int(len(self.log) * GROWTH)), np.int64)
            _log.recode(self.log, log, self.meta, max(bits, had))
            self.log = log

    # -- feeding --------------------------------------------------------------------------------

    def observe_one(self, a: int, b: int, time: Any) -> int:
        """Link two codes of a graph without rules and history."""
        if time is None:
            time = self.next_time() if self._last is None else self._last + 1
        elif type(time) is not int:
            raise DataError(f"time: whole seconds are needed with one set, not {time!r}")
        if not self.started:
            self.start(time)
        try:
            found = _links.observe_one(self.nodes, self.log, self.meta, a, b, time)
        except (OverflowError, TypeError):
            found = -1 - _links.BAD_CODE
        if found < 0:
            if found != -1 - _links.MUST_GROW:
                self._refuse(-1 - found, 0, a if a < -1 or a > MAX_SPAN else b)
            self.reserve(max(a, b), 1, 2)
            found = _links.observe_one(self.nodes, self.log, self.meta, a, b, time)
        self.started = True
        self._last = time
        return found

    def observe_quick(
        self, a: NDArray[Any], b: NDArray[Any], time: Any, returning: bool
    ) -> Ints | None:
        """Link two columns of codes without a look more than needed; None: take the long way."""
        n = len(a)
        if a.dtype != b.dtype or a.ndim != 1 or b.ndim != 1 or len(b) != n or n == 0:
            return None
        if a.dtype != np.int32 and a.dtype != np.int64:
            return None
        if not (a.flags.c_contiguous and b.flags.c_contiguous):
            return None
        each = 0
        if time is None or type(time) is int:
            times = self._tick
            if time is None:
                time = self.next_time() if self._last is None else self._last + 1
            if not -(1 << 63) <= time < 1 << 63:
                return None  # refused there
            times[0] = time
        elif type(time) is np.ndarray and time.dtype == np.int64 and time.shape == (n,):
            times, each = np.ascontiguousarray(time), 1
        else:
            return None
        self.start(int(times[0]))
        out = np.empty(n, np.int32) if returning else NO_IDS
        arguments = (self.meta, a, b, times, each, out)
        status = _links.observe_pairs(self.nodes, self.log, *arguments)
        if status == _links.MUST_GROW:
            self.reserve(int(self.meta[_links.HIGHEST]), n, 2 * n)
            status = _links.observe_pairs(self.nodes, self.log, *arguments)
        if status == _links.MISSING:
            return None
        if status != _links.OK:
            spot = int(self.meta[_links.SPOT])
            code = min(a[spot], b[spot]) if min(a[spot], b[spot]) < -1 else max(a[spot], b[spot])
            self._refuse(status, spot, int(code))
        self.started = True
        self._last = None if each else time
        return out

    def observe_rows(
        self, flat: NDArray[Any], starts: Longs, width: int, kinds: Longs, times: Longs,
        each: int, n_rows: int,
    ) -> Ints:  # fmt: skip
        """Take in checked sets of any length."""
        out = np.full(n_rows, -1, np.int32)
        if n_rows == 0:
            return out
        flat = np.ascontiguousarray(flat, np.int32)
        self._prepare(int(flat.max(initial=-1)), len(flat), len(flat), int(times[0]))
        longest = int(np.diff(starts).max()) if len(starts) else width
        room = np.empty(max(longest, 1), np.int32)
        if self.ruled:
            _ruled.observe_rows(
                self.nodes, self.of_code, self.log, self.history, self.meta,
                self.rules, flat, starts, width, kinds, times, each, room, out,
            )  # fmt: skip
            return out
        if len(self.history):
            _history.remember_rows(
                self.history, self.meta, self.nodes, flat, starts, width, times, each, n_rows, room
            )
        anchors = self.link_rows(flat, starts, width, times, each, n_rows)
        self.meta[_links.LAST_TIME] = times[-1]
        _links.find_each(self.nodes, anchors, out)
        return out

    def observe_two(
        self, a: NDArray[Any], b: NDArray[Any], kinds: Longs, times: Longs, each: int,
        returning: bool,
    ) -> Ints | None:  # fmt: skip
        """Take in checked pairs under rules; None where one is missing: take the long way."""
        n = len(a)
        if n == 0 or int(a.min()) < 0 or int(b.min()) < 0:
            return None
        a, b = np.ascontiguousarray(a, np.int32), np.ascontiguousarray(b, np.int32)
        self._prepare(max(int(a.max()), int(b.max())), n, 2 * n, int(times[0]))
        out = np.empty(n, np.int32) if returning else NO_IDS
        _ruled_pairs.observe_pairs(
            self.nodes, self.of_code, self.log, self.history, self.meta, self.rules,
            a, b, int(kinds[0]), int(kinds[1]), times, each, out,
        )  # fmt: skip
        return out

    def _prepare(self, highest: int, links: int, sightings: int, time: int) -> None:
        self.start(time)
        self._last = None
        self.reserve(highest, links, sightings)
        counted = _links.N_CODES if self.mapped else _links.N_NODES
        self.meta[counted] = max(int(self.meta[counted]), highest + 1)
        self.started = True

    def link_rows(
        self, flat: Ints, starts: Longs, width: int, times: Longs, each: int, n_rows: int
    ) -> Ints:
        """Link sets without rules; return the first identifier of each."""
        a, b = np.empty(len(flat), np.int32), np.empty(len(flat), np.int32)
        pair_times = np.empty(len(flat) if each else 1, np.int64)
        anchors = np.empty(n_rows, np.int32)
        n = _links.star_pairs(flat, starts, width, times, each, a, b, pair_times, anchors)
        _links.link(self.nodes, self.log, self.meta, a[:n], b[:n], pair_times, each)
        return anchors

    # -- asking ---------------------------------------------------------------------------------

    @property
    def parents(self) -> Ints:
        """The column of parents, a view."""
        parents: Ints = self.nodes[:, _nodes.PARENT] if self.ruled else self.nodes
        return parents

    @property
    def n_nodes(self) -> int:
        """Nodes in use: with a time-to-live those made, else up to the largest code."""
        return int(self.meta[_links.N_NODES])

    @property
    def n_identifiers(self) -> int:
        """Identifiers seen; without rules they are counted now, for to count costs each link."""
        if self.ruled:
            return int(self.meta[_links.N_SEEN])
        return int(np.count_nonzero(self.nodes[: self.n_nodes]))

    def canonical(self, ids: NDArray[Any]) -> Ints:
        """Return the roots of nodes."""
        bad = (ids < -1) | (ids >= self.n_nodes)
        if bool(bad.any()):
            raise DataError(f"no profile {int(ids[np.argmax(bad)])}")
        out = self.roots(ids.astype(np.int32))
        if bool(np.any((out < 0) & (ids >= 0))):
            raise DataError(f"no profile {int(ids[np.argmax((out < 0) & (ids >= 0))])}")
        return out

    def resolve(self, codes: NDArray[Any], at: int | None) -> Ints:
        """Return the roots of codes, -1 for those never seen."""
        known = np.where((codes < 0) | (codes > MAX_SPAN), -1, codes).astype(np.int32)
        if self.mapped:
            inside = (known >= 0) & (known < len(self.of_code))
            known = np.where(inside, self.of_code[np.where(inside, known, 0)] - 1, -1)
            known = self._living(known.astype(np.int32), at)
        return self.roots(known)

    def resolve_all(self, at: int | None) -> Ints:
        """Return the root of every code."""
        if self.mapped:
            return self.resolve(np.arange(self.meta[_links.N_CODES]), at)
        if self.ruled:
            return self.roots(np.arange(self.n_nodes, dtype=np.int32))
        out = np.empty(_roomy(self.n_nodes), np.int32)[: self.n_nodes]
        _links.find_every(self.nodes, out, self.level)
        return out

    def roots(self, nodes: Ints) -> Ints:
        """Return the roots of nodes, -1 for those never seen or beyond the graph."""
        out = np.empty(len(nodes), np.int32)
        nodes = np.ascontiguousarray(nodes)
        if self.ruled:
            _ruled.find_each(self.nodes, nodes, out)
        else:
            _links.find_each(self.nodes, nodes, out)
        return out

    def _living(self, nodes: Ints, at: int | None) -> Ints:
        if at is None:
            return nodes
        kinds = self.kinds_of(nodes)
        limits = self.rules[kinds, _nodes.LIFE]
        age = at - int(self.meta[_links.ORIGIN]) - self.nodes[nodes, _nodes.SEEN].astype(np.int64)
        living: Ints = np.where((limits > 0) & (age > limits), -1, nodes).astype(np.int32)
        return living

    def kinds_of(self, nodes: NDArray[Any]) -> Longs:
        """Return the type's index of nodes, under rules."""
        info = self.nodes[nodes, _nodes.INFO].astype(np.int64)
        if self.mapped:
            seen = self.nodes[nodes, _nodes.SEEN]
            gone = seen < 0
            info[gone] = self.nodes[self.of_code[-1 - seen[gone]] - 1, _nodes.INFO]
        kinds: Longs = info & self.rules[-1, _nodes.KINDS]
        return kinds

    def newly_shared(self, nodes: NDArray[Any]) -> Ints:
        """Return those of some nodes that have become shared and are not in `shared` yet."""
        if not self.undoes or not len(nodes):
            return NO_IDS
        nodes = np.unique(nodes)
        if self.mapped:
            # Of an identifier forgotten since, these numbers mean something else.
            nodes = nodes[self.nodes[nodes, _nodes.SEEN] >= 0]
        info = self.nodes[nodes, _nodes.INFO].astype(np.int64) & _nodes.UNSIGNED
        limits = self.rules[info & self.rules[-1, _nodes.KINDS], _nodes.LIMIT]
        over = (limits > 0) & (info >> self.rules[-1, _nodes.SHIFT] > limits)
        return np.setdiff1d(nodes[over], self.shared, assume_unique=True).astype(np.int32)

    def shared_bits(self, nodes: Ints, kinds: Longs) -> Longs:
        """Return what INFO says of the fan-out of nodes that are to be taken in again."""
        bits = (self.rules[kinds, _nodes.LIMIT] + 1) << self.rules[-1, _nodes.SHIFT]
        known: Longs = np.where(np.isin(nodes, self.shared), bits, 0)
        return known

    def seen_since(self, begin: int) -> Ints:
        """Return the nodes of the sightings remembered from a place of the history on."""
        nodes = self.history[begin : int(self.meta[_links.N_HISTORY]), 0]
        found: Ints = np.where(nodes < 0, -1 - nodes, nodes)
        return found

    def codes_of_nodes(self) -> Ints:
        """Return the code of every node under a time-to-live."""
        seen = self.nodes[: self.n_nodes, _nodes.SEEN]
        codes = -1 - seen  # of forgotten ones
        known = np.flatnonzero(self.of_code).astype(np.int32)
        codes[self.of_code[known] - 1] = known
        return codes

    def first_seen(self, root: int) -> int:
        """Return the second in which a root was first seen."""
        up = int(self.parents[root])
        if self.mapped and self.nodes[root, _nodes.INFO] < 0:  # as `_forgotten` says
            up = int(self.nodes[-1 - up, _nodes.INFO])
            while up >= 0:
                up = int(self.nodes[up, _nodes.INFO])
        return -1 - up + int(self.meta[_links.ORIGIN])

    @property
    def level(self) -> bool:
        """Tell whether all nodes are of one second, so that of two the smaller is the older."""
        return bool(self.meta[_links.LAST_TIME] == self.meta[_links.ORIGIN])

    def log_parts(self) -> tuple[Longs, Longs]:
        """Return the log's rows and ticks in order as `_log` keeps them, two views."""
        if len(self.log) == 1:
            return self.log[:0], self.log[:0]
        ticks = int(self.meta[_log.N_TICKS])
        return self.log[: int(self.meta[_log.N_MERGES])], self.log[::-1][:ticks]

    def log_table(self) -> NDArray[Any]:
        """Return the log with names and true times."""
        rows, ticks = self.log_parts()
        table = np.empty(len(rows), LOG_ROW)
        parts = _log.unpack(rows, ticks, int(self.meta[_log.LOG_BITS]))
        table["survivor"], table["absorbed"], table["time"], table["split"] = parts
        table["time"] += self.meta[_links.ORIGIN]
        return table

    def append_log(self, absorbed: Any, survivors: Any, times: Any, split: Any) -> None:
        """Append merges and splits, in time order; times count from the graph's first.

        Parameters
        ----------
        absorbed, survivors, times, split
            As in `log_table`, shape ``(n,)`` each.
        """
        n = len(absorbed)
        here = int(self.meta[_log.N_MERGES])
        self.meta[_links.N_SPLITS] += int(np.count_nonzero(split))
        if len(self.log) > 1 and n > 0:
            self._reserve_log(n, self.n_nodes)
            bits, last, ticks = (
                int(self.meta[i]) for i in (_log.LOG_BITS, _log.LAST_MERGE, _log.N_TICKS)
            )
            columns = (np.asarray(column, np.int64) for column in (survivors, absorbed, times))
            survivors, absorbed, times = columns
            rows, late = _log.pack(survivors, absorbed, times, np.asarray(split), bits, last)
            self.log[here : here + n] = rows
            back = len(self.log) - 1 - ticks - np.arange(len(late))
            self.log[back] = (late + here) << 32 | times[late]
            self.meta[_log.N_TICKS] = ticks + len(late)
            self.meta[_log.LAST_MERGE] = times[-1]
        self.meta[_log.N_MERGES] = here + n

    def counts(self) -> dict[str, int]:
        """Name the counters."""
        meta = self.meta
        return {
            "identifiers": self.n_identifiers,
            "merges": int(meta[_log.N_MERGES] - meta[_links.N_SPLITS]),
            "splits": int(meta[_links.N_SPLITS]),
            "blocked": int(meta[_links.N_BLOCKED]),
            "shared": int(meta[_links.N_DEMOTED]),
            "expired": int(meta[_links.N_EXPIRED]),
            "other_type": int(meta[_links.N_MISTYPED]),
        }

    @property
    def nbytes(self) -> int:
        """Bytes in use: what was written, not the room reserved."""
        n = self.n_nodes
        row = 4 * (self.nodes.shape[1] if self.ruled else 1)
        maps = 4 * int(self.meta[_links.N_CODES])
        history = 8 * int(self.meta[_links.N_HISTORY])
        log = 8 * sum(map(len, self.log_parts()))
        return row * n + maps + log + history


def _grown(array: Ints, needed: int) -> Ints:
    """Return the array with room for `needed` rows; new rows are zero."""
    if needed <= len(array):
        return array
    # A first batch gets just its room: a graph is often made at one go.
    room = needed if len(array) <= 2 else max(needed, int(len(array) * GROWTH))
    grown = np.zeros((_roomy(room), *array.shape[1:]), np.int32)
    grown[: len(array)] = array
    return grown


def _roomy(n: int) -> int:
    """Return `n` or a little more, so that four megabytes become a whole number of large pages.

    NumPy asks the system for large pages from 4 MiB on; below, each 4 KiB costs an interrupt.
    """
    return max(n, 1 << 20) if n > 1 << 19 else n
