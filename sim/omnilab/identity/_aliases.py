"""Read an alias' ``previousId`` for what it is: an earlier userId, or an anonymousId."""

from __future__ import annotations

from typing import Any

import numpy as np

from omnilab.identity._sources import Part
from omnilab.identity.graph import IdentityGraph

__all__ = ["Aliases"]


class Aliases:
    """Turn the aliases of a stream of calls into columns of identifiers.

    A ``previousId`` that is a userId anywhere in the stream is that user, even where the user is
    named only later; any other is the anonymousId of a browser.
    """

    def __init__(self) -> None:
        #: By a previousId that was no userId so far, the userId that it became.
        self._waiting: dict[str, str] = {}

    def columns(self, graph: IdentityGraph, part: Part) -> list[tuple[str, Any]]:
        """Return a part's columns of identifiers, those of its aliases included."""
        if part.previous is None:
            return part.sets
        login = graph.spelled(part.sets[0][1], "login")
        graph.encode(login, "login")
        more = self._arrived(login, part.n_rows)
        if part.previous.null_count < part.n_rows:
            more += self._named(graph, login, part.previous)
        kinds = list(dict.fromkeys(kind for kind, _ in part.sets))
        kinds += [kind for kind in ("login", "cookie") if kind not in kinds]
        return sorted([*part.sets, *more], key=lambda column: kinds.index(column[0]))

    def _named(self, graph: IdentityGraph, login: Any, previous: Any) -> list[tuple[str, Any]]:
        """Return what each ``previousId`` is, as a column of logins and one of cookies."""
        import pyarrow as pa
        import pyarrow.compute as pc

        is_user = graph.find(previous, "login") >= 0
        is_cookie = ~is_user | (graph.find(previous, "cookie") >= 0)
        spelled = graph.spelled(previous, "login")
        there = previous.is_valid().to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(there & ~is_user).tolist():
            user = login[row].as_py()
            if user is not None:
                self._waiting[_text(spelled[row].as_py())] = _text(user)
        return [
            ("login", pc.if_else(pa.array(is_user), previous, None)),
            ("cookie", pc.if_else(pa.array(is_cookie), previous, None)),
        ]

    def _arrived(self, login: Any, n_rows: int) -> list[tuple[str, Any]]:
        """Return a column of the users whose earlier names are named in these rows."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not self._waiting:
            return []
        texts = login.cast(pa.large_binary()).cast(pa.large_string(), safe=True)
        names = pa.array(list(self._waiting), pa.large_string())
        rows = np.flatnonzero(pc.is_in(texts, value_set=names).to_numpy(zero_copy_only=False))
        found: list[str | None] = [None] * n_rows
        for row in rows.tolist():
            found[row] = self._waiting.get(texts[row].as_py())
        for row in rows.tolist():
            self._waiting.pop(texts[row].as_py(), None)
        return [("login", pa.array(found, pa.large_string()))] if len(rows) else []


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
