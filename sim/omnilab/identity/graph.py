"""The identity graph: identifiers seen together become profiles with ids that never change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omnilab.errors import DataError, OptionError, nearest
from omnilab.identity import _links
from omnilab.identity._apart import part_rows
from omnilab.identity._columns import (
    NO_STARTS,
    Sightings,
    read_column,
    read_set,
    read_sightings,
    read_times,
)
from omnilab.identity._state import State
from omnilab.identity.policy import MAX_TYPES, IdentityPolicy
from omnilab.identity.spelling import Spelling, respelled

if TYPE_CHECKING:
    from omnilab.identity.strings import Strings

__all__ = ["Clusters", "IdentityGraph", "Profile"]

Ints = NDArray[np.int32]
INTEGERS = (int, np.integer)


class Profile(NamedTuple):
    """Hold what the graph knows of one profile.

    Attributes
    ----------
    id
        Its canonical id.
    identifiers
        Its codes, or (type, value) pairs in a graph of strings.
    first_seen
        Second in which its oldest identifier was first seen.
    aliases
        Ids of the profiles that were merged into it, as far as the log is kept.
    """

    id: int
    identifiers: list[Any]
    first_seen: int
    aliases: list[int]


class Clusters(NamedTuple):
    """Hold all profiles: ``codes[offsets[i]:offsets[i + 1]]`` belong to ``profiles[i]``."""

    profiles: Ints
    offsets: NDArray[np.int64]
    codes: Ints


class IdentityGraph:
    """Join identifiers into profiles, in time order, under a policy.

    Integer codes are the identifiers themselves, from 0, and should be dense: memory is by the
    largest. Strings are given codes in order of their first appearance; the same value under two
    types is two identifiers.

    A profile's id is the code of its oldest identifier (the smaller code of equally old ones); with
    a time-to-live, the number of its first appearance. When two profiles merge the oldest survives,
    and the other's id stays valid for ever: `canonical` leads from it to the survivor.

    Parameters
    ----------
    policy
        The rules; by default none.

    Examples
    --------
    >>> graph = IdentityGraph()
    >>> graph.observe([[0, 2, 1], [1, 3, 2]]).tolist()
    [0, 0, 0]
    >>> graph.observe({"email": ["a@example.com"]})
    Traceback (most recent call last):
    omnilab.errors.DataError: this graph is of integer codes, not of strings
    """

    def __init__(self, policy: IdentityPolicy | None = None) -> None:
        self.policy = IdentityPolicy() if policy is None else policy
        if not isinstance(self.policy, IdentityPolicy):
            raise OptionError(f"policy: an IdentityPolicy is needed, not {policy!r}")
        self._types: list[str] = list(self.policy.types)
        self._state = State(self.policy)
        self._strings: Strings | None = None
        self._text: bool | None = None
        self._apart: set[tuple[int, int]] = set()
        self._ways: dict[str, Spelling | None] = {}
        self._quick = not self.policy.has_rules and not self.policy.keeps_history
        self._clusters: Clusters | None = None

    # -- feeding --------------------------------------------------------------------------------

    def observe(
        self,
        identifiers: Any,
        *,
        types: Any = None,
        time: Any = None,
        offsets: Any = None,
        returning: bool = True,
    ) -> Any:
        """Take in sets of identifiers that were seen together, and return their profiles.

        A batch that can't be taken raises and leaves the graph as it was. Single identifiers that
        can't be used (empty, too long, not UTF-8, of another type than before) are left out of
        their set and counted in `counts`.

        Parameters
        ----------
        identifiers
            A mapping of type to column, or a table (pandas, polars, Arrow) with the types as its
            columns' names; or a sequence of columns; or a 2-D array, one row a set; or with
            `offsets` one flat column. A column holds integer codes (-1 is missing), or
            strings (Arrow, pandas, polars, NumPy, list; None or NaN is missing). A tuple of
            integers is one set.
        types
            Type of each column where `identifiers` is no mapping; with `offsets` the type's index
            of each identifier.
        time
            One time or one a set, never falling: whole seconds, or timestamps. By default one
            second after the last.
        offsets
            Where each set begins in a flat column, shape ``(n_sets + 1,)``.
        returning
            Whether to return the profiles, which takes a second look at each set.

        Returns
        -------
        numpy.ndarray or int or None
            Canonical profile id of each set after the whole batch, int32, shape ``(n_sets,)``, -1
            for a set without a usable identifier; the set's id alone for a tuple of integers.
            A set's profile is that of its first identifier that is not shared.

        Raises
        ------
        DataError
            For columns that hold no identifiers, codes below -1, or time running backwards.
        CapacityError
            For codes or spans of time beyond 2**31 - 3.
        """
        state = self._state
        self._clusters = None
        if self._quick and not self._apart and type(identifiers) is tuple and len(identifiers) == 2:
            a, b = identifiers
            if type(a) is int and type(b) is int and self._text is not True:
                self._text = False
                return state.observe_one(a, b, time)
            if type(a) is np.ndarray and type(b) is np.ndarray and self._text is not True:
                quick = state.observe_quick(a, b, time, returning)
                if quick is not None:
                    self._text = False
                    return quick if returning else None
        if type(identifiers) is tuple and identifiers and isinstance(identifiers[0], INTEGERS):
            return int(self._observe(read_set(identifiers), types, time, None)[0])
        profiles = self._observe(identifiers, types, time, offsets, returning)
        return profiles if returning else None

    def _observe(
        self, identifiers: Any, types: Any, time: Any, offsets: Any, returning: bool = True
    ) -> Ints:
        batch = read_sightings(identifiers, types, offsets, self._text)
        times, each = read_times(time, batch.n_rows, self._state.next_time())
        self._check_text(batch.is_text, batch.n_rows)
        known = len(self._types)
        try:
            kinds = self._read_kinds(batch)
            self._state.check_times(times, batch.n_rows)
            columns = self._encode(batch, kinds)
            for column in columns:
                self._state.check_codes(column)
        except Exception:
            del self._types[known:]
            raise
        if batch.n_rows:
            self._text = batch.is_text
            if self._strings is not None:
                self._strings.other_type += batch.n_other
        return self._feed(columns, batch.starts, kinds, times, each, batch.n_rows, returning)

    def _feed(
        self, columns: list[NDArray[Any]], starts: NDArray[np.int64], kinds: NDArray[np.int64],
        times: NDArray[np.int64], each: int, n_rows: int, returning: bool,
    ) -> Ints:  # fmt: skip
        """Take in checked columns of codes."""
        if self._apart:
            parted = part_rows(self._apart, columns, starts, kinds, times, each, n_rows)
            if parted is not None:
                flat, starts, kinds, times, each, first = parted
                found = self._link([flat], starts, kinds, times, each, len(starts) - 1, True)
                return np.where(first < 0, -1, found[first]).astype(np.int32)
        return self._link(columns, starts, kinds, times, each, n_rows, returning)

    def _link(
        self, columns: list[NDArray[Any]], starts: NDArray[np.int64], kinds: NDArray[np.int64],
        times: NDArray[np.int64], each: int, n_rows: int, returning: bool,
    ) -> Ints:  # fmt: skip
        """Link rows, and take back what identifiers linked that turn out to be shared."""
        state = self._state
        begin = int(state.meta[_links.N_HISTORY])
        found: Ints | None = None
        if len(columns) == 2 and not len(starts) and self.policy.has_rules:
            found = state.observe_two(columns[0], columns[1], kinds, times, each, returning)
        flat = columns[0]
        if found is None or state.undoes:
            flat = flat if len(columns) == 1 else np.stack(columns, axis=1).reshape(-1)
        if found is None:
            found = state.observe_rows(flat, starts, len(columns), kinds, times, each, n_rows)
        if not state.undoes or not len(news := state.newly_shared(state.seen_since(begin))):
            return found
        from omnilab.identity._split import anchors, undo_shared

        undo_shared(state, news)
        if not len(found):
            return found
        width = 0 if len(starts) else len(columns)
        return state.roots(anchors(state, begin, found, flat, starts, width, kinds))

    def _check_text(self, is_text: bool, n_rows: int) -> None:
        if n_rows and self._text is not None and self._text != is_text:
            had, got = ("strings", "integer codes") if self._text else ("integer codes", "strings")
            raise DataError(f"this graph is of {had}, not of {got}")

    def _read_kinds(self, batch: Sightings) -> NDArray[np.int64]:
        if batch.kinds is not None:
            most = max(len(self._types), 1)
            if len(batch.kinds) and not 0 <= batch.kinds.min() <= batch.kinds.max() < most:
                raise DataError(f"types: an index outside 0 to {most - 1}")
            return batch.kinds
        if len(batch.starts):
            if self.policy.has_rules:
                raise DataError("types: this graph's rules need the type of every identifier")
            return np.zeros(len(batch.columns[0]), np.int64)
        if batch.names is None:
            if self.policy.has_rules:
                raise DataError(
                    "types: this graph's rules need the type of each column: give a mapping"
                )
            return np.zeros(len(batch.columns), np.int64)
        return np.array([self._kind(name) for name in batch.names], np.int64)

    def _kind(self, name: str) -> int:
        if name not in self._types:
            if self.policy.types:
                raise DataError(f"no identifier type {name!r}{nearest(name, self._types)}")
            if len(self._types) >= MAX_TYPES:
                raise DataError(f"more than {MAX_TYPES} identifier types")
            self._types.append(name)
        return self._types.index(name)

    def _encode(self, batch: Sightings, kinds: NDArray[np.int64]) -> list[NDArray[Any]]:
        if not batch.is_text:
            return batch.columns
        from omnilab.identity.strings import Strings

        if self._strings is None:
            self._strings = Strings(self.policy.max_bytes, self.policy.barred)
        if len(batch.starts):
            column = self._respelled_mixed(batch.columns[0], kinds)
            return [self._strings.encode(column, kinds)]
        pairs = zip(batch.columns, kinds, strict=True)
        return [self._strings.encode(self._respelled(c, int(k)), int(k)) for c, k in pairs]

    def _respelled(self, column: Any, kind: int) -> Any:
        """Return a column of one type as its values are compared."""
        name = (self._types or ["id"])[kind]
        if name not in self._ways:
            self._ways[name] = self.policy.spelling(name)
        way = self._ways[name]
        return column if way is None else respelled(column, way)

    def _respelled_mixed(self, column: Any, kinds: NDArray[np.int64]) -> Any:
        """Return a column whose values are of several types as they are compared."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for kind in np.unique(kinds).tolist():
            rows = np.flatnonzero(kinds == kind)
            some = column.take(pa.array(rows))
            written = self._respelled(some, kind)
            if written is not some:
                column = column.view(written.type)
                column = pc.replace_with_mask(column, pa.array(kinds == kind), written)
        return column

    def encode(self, column: Any, name: str) -> tuple[int, Ints]:
        """Give an Arrow column of strings codes; for those who read streams in other ways.

        Returns
        -------
        tuple
            The type's index, and codes for `observe_codes`, shape ``(n,)``.
        """
        from omnilab.identity.strings import Strings

        kind = self._kind(name)
        self._text = True
        if self._strings is None:
            self._strings = Strings(self.policy.max_bytes, self.policy.barred)
        return kind, self._strings.encode(self._respelled(column, kind), kind)

    def observe_codes(
        self, columns: list[Ints], kinds: NDArray[np.int64], times: NDArray[np.int64] | None
    ) -> Ints:
        """Take in columns of codes that `encode` gave, as `observe` does."""
        self._clusters = None
        n_rows = len(columns[0])
        each = 0 if times is None else 1
        if times is None:
            times = np.array([self._state.next_time()], np.int64)
        self._state.check_times(times, n_rows)
        return self._feed(columns, NO_STARTS, kinds, times, each, n_rows, True)

    def count_other(self, n: int) -> None:
        """Count values that could not be identifiers, which a reader has left out."""
        if self._strings is not None:
            self._strings.other_type += n

    def spelled(self, column: Any, name: str) -> Any:
        """Return an Arrow column of strings of a type as its values are compared."""
        return self._respelled(column, self._kind(name))

    def find(self, column: Any, name: str) -> NDArray[Any]:
        """Return the codes of an Arrow column of strings of a type, -1 for those not known."""
        return self._find(column, self._kind(name))

    @property
    def first_time(self) -> int | None:
        """Second of the first sighting, or None."""
        return int(self._state.meta[_links.ORIGIN]) if self._state.started else None

    # -- asking ---------------------------------------------------------------------------------

    def resolve(self, identifiers: Any = None, *, types: Any = None, at: int | None = None) -> Any:
        """Return the canonical profile id of identifiers, -1 for those never seen.

        Parameters
        ----------
        identifiers
            One code or a column of codes; one string, or a column of strings with their type; or
            a mapping of one type to such a column. None: every code, in order.
        types
            Name of the column's type where it holds strings.
        at
            Second as of which a time-to-live counts: identifiers forgotten by then give -1.
        """
        if identifiers is None:
            return self._state.resolve_all(at)
        if isinstance(identifiers, Mapping):
            if len(identifiers) != 1:
                raise DataError("resolve: one type at a time")
            ((types, identifiers),) = identifiers.items()
        single = isinstance(identifiers, (*INTEGERS, str))
        given = [identifiers] if single else identifiers
        column = read_column(given, "identifiers", self._text)
        self._check_text(not isinstance(column, np.ndarray), len(column))
        if not isinstance(column, np.ndarray):
            name = types if types is not None else (self._types or ["id"])[0]
            if self._types and name not in self._types:
                raise DataError(f"no identifier type {name!r}{nearest(str(name), self._types)}")
            column = self._find(column, self._types.index(name) if self._types else 0)
        found = self._state.resolve(column, at)
        return int(found[0]) if single else found

    def canonical(self, profiles: Any) -> Any:
        """Return the surviving profile's id for ids given out at any time; -1 stays -1.

        Raises
        ------
        DataError
            For an id that was never given out.
        """
        ids = np.atleast_1d(np.asarray(profiles))
        if ids.dtype.kind not in "iu":
            raise DataError(f"profiles: integer ids are needed, not {ids.dtype}")
        found = self._state.canonical(ids)
        return int(found[0]) if np.ndim(profiles) == 0 else found

    def profile(self, profile: int) -> Profile:
        """Return what is known of a profile, given its id or an alias."""
        root = int(self.canonical(profile))
        if root < 0:
            raise DataError(f"no profile {profile}")
        clusters = self.clusters()
        spot = int(np.searchsorted(clusters.profiles, root))
        codes: Ints = clusters.codes[:0]
        if spot < len(clusters.profiles) and clusters.profiles[spot] == root:
            codes = clusters.codes[clusters.offsets[spot] : clusters.offsets[spot + 1]]
        merged = np.unique(self._state.log_table()["absorbed"])
        aliases = merged[(self._state.canonical(merged) == root) & (merged != root)]
        return Profile(root, self.decode(codes), self._state.first_seen(root), aliases.tolist())

    def decode(self, codes: Any) -> list[Any]:
        """Return identifiers by their codes: themselves, or (type, value) pairs of strings."""
        codes = np.asarray(codes)
        if self._strings is None:
            return list(codes.tolist())
        names = self._types or ["id"]
        kinds, values = self._strings.decode(codes)
        return [(names[kind], value) for kind, value in zip(kinds, values, strict=True)]

    @property
    def types(self) -> list[str]:
        """Names of the identifier types, those of the data included."""
        return list(self._types)

    def identifiers(self) -> tuple[NDArray[np.int8], Any]:
        """Return the type's index and the value of every identifier of a graph of strings.

        Returns
        -------
        tuple
            Types' indices and an Arrow array of values, both by code, shape ``(n,)``. Only a view:
            it holds until the next batch.
        """
        from omnilab.identity.strings import Strings

        strings = Strings(self.policy.max_bytes) if self._strings is None else self._strings
        return strings.to_arrow()

    def clusters(self) -> Clusters:
        """Return all profiles with their identifiers, by rising id; codes rise within each."""
        if self._clusters is None:
            roots = self.resolve()
            codes = np.flatnonzero(roots >= 0).astype(np.int32)
            order = np.argsort(roots[codes], kind="stable")
            codes = codes[order]
            profiles, first = np.unique(roots[codes], return_index=True)
            offsets = np.append(first, len(codes)).astype(np.int64)
            self._clusters = Clusters(profiles, offsets, codes)
        return self._clusters

    def history(self) -> NDArray[Any]:
        """Return the log of merges and splits in the order they happened.

        Returns
        -------
        numpy.ndarray
            Structured: ``time`` (s), ``survivor``, ``absorbed`` (ids), ``split`` (True where the
            absorbed profile was taken out of the survivor again), shape ``(n,)``.

        Raises
        ------
        OptionError
            In a graph with ``log=False``.
        """
        if not self.policy.log:
            raise OptionError("history: the policy says log=False")
        return self._state.log_table()

    def _find(self, column: Any, kind: int) -> NDArray[Any]:
        """Return the codes of strings of one type, -1 for those not known."""
        if self._strings is None:
            return np.full(len(column), -1)
        return self._strings.find(self._respelled(column, kind), kind)

    def placeholders(self) -> dict[tuple[str, str], int]:
        """Count how often each placeholder was seen, by type and value; it linked nothing."""
        if self._strings is None:
            return {}
        counts = self._strings.barred_counts()
        pairs = self.decode(np.array(list(counts), np.int64))
        return dict(zip(pairs, counts.values(), strict=True))

    # -- mending, keeping -----------------------------------------------------------------------

    def split(self, a: Any, b: Any, *, time: Any = None, apart: bool | None = None) -> int:
        """Take the link between two identifiers back, as if it had never been.

        In every sighting of both, the later named becomes a sighting of its own; then all that
        these sightings can have touched is taken in again from the start, in time order. The two
        stay parted: later sightings of both are parted in the same way. Other identifiers that
        were seen beside both can still join them.

        Parameters
        ----------
        a, b
            Two codes, or two (type, value) pairs of strings.
        time
            Only sightings of this second, or of a (first, last) pair of them.
        apart
            Whether later sightings of both are parted too. By default they are, unless `time` is
            given: then these sightings were wrong, and not the pair.

        Returns
        -------
        int
            Number of sightings in which the two were parted.

        Raises
        ------
        OptionError
            In a graph without ``history=True``.
        DataError
            Where the two were never seen together.
        """
        from omnilab.identity._split import split

        if not self.policy.keeps_history:
            raise OptionError("split: needs a graph with IdentityPolicy(history=True)")
        pair = self._code(a), self._code(b)
        found = split(self._state, *pair, time)
        if not found:
            raise DataError(f"split: {a!r} and {b!r} were never seen together")
        if apart if apart is not None else time is None:
            self._apart.add((min(pair), max(pair)))
        self._clusters = None
        return found

    def _code(self, identifier: Any) -> int:
        if self._strings is None:
            if isinstance(identifier, (int, np.integer)):
                return int(identifier)
            raise DataError(f"identifier {identifier!r}: an integer code is needed")
        if not isinstance(identifier, tuple) or len(identifier) != 2:
            raise DataError(f"identifier {identifier!r}: a (type, value) pair is needed")
        name, value = identifier
        if name not in (self._types or ["id"]):
            raise DataError(f"no identifier type {name!r}{nearest(str(name), self._types)}")
        kind = self._types.index(name) if self._types else 0
        return int(self._find(read_column([value], name, True), kind)[0])

    def save(self, path: str | Path) -> None:
        """Write the graph to a folder of Parquet files, whole or not at all."""
        from omnilab.identity.storage import save

        save(self, Path(path))

    @staticmethod
    def load(path: str | Path) -> IdentityGraph:
        """Read a graph that `save` wrote.

        Raises
        ------
        DataError
            For a folder that is no graph, or that was cut or changed.
        """
        from omnilab.identity.storage import load

        return load(Path(path))

    # -- counting -------------------------------------------------------------------------------

    @property
    def counts(self) -> dict[str, int]:
        """Count identifiers, profiles, merges and all that was kept apart or refused."""
        counts = self._state.counts() | dict.fromkeys(
            ("empty", "too_long", "invalid_utf8", "placeholder"), 0
        )
        if self._strings is not None:
            for name, n in self._strings.refused.items():
                counts[name] += n
        return counts

    @property
    def nbytes(self) -> int:
        """Bytes held for the graph's nodes, log and history, without the strings."""
        return self._state.nbytes

    def __len__(self) -> int:
        return self._state.n_identifiers

    def __repr__(self) -> str:
        counts = self.counts
        return f"<IdentityGraph: {counts['identifiers']} identifiers, {counts['merges']} merges>"
