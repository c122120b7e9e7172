"""Whose profile each message went to, for `learn`: 16 bytes a message, where a dict takes 120."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["NEVER_SEEN", "MessageProfiles"]

#: What `MessageProfiles.find` answers for a message that it was never told of.
NEVER_SEEN = -2


class MessageProfiles:
    """A growing map from message to profile, asked in batches.

    Sorted runs of falling length: a new run is merged with those before it that are not twice as
    long, so a message is moved a logarithmic number of times and looked for in as many runs.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[Any, Any]] = []

    @property
    def nbytes(self) -> int:
        """Bytes of the map at rest; a merge of its runs takes up to five times that."""
        return sum(ids.nbytes + values.nbytes for ids, values in self._runs)

    def put(self, messages: Any, profiles: Any) -> None:
        """Map messages to profiles, both shape ``(n,)`` int64; the latest put counts."""
        if len(messages) == 0:
            return
        run = _latest(messages[::-1], profiles[::-1])
        while self._runs and len(self._runs[-1][0]) < 2 * len(run[0]):
            ids, values = self._runs.pop()
            run = _latest(np.concatenate([run[0], ids]), np.concatenate([run[1], values]))
        self._runs.append(run)

    def find(self, messages: Any) -> Any:
        """Return the profile of each message, shape ``(n,)``; `NEVER_SEEN` for an unknown one."""
        found = np.full(len(messages), NEVER_SEEN, dtype=np.int64)
        left = np.arange(len(messages))
        for ids, values in reversed(self._runs):
            at = np.minimum(np.searchsorted(ids, messages[left]), len(ids) - 1)
            hit = ids[at] == messages[left]
            found[left[hit]] = values[at[hit]]
            left = left[~hit]
        return found


def _latest(messages: Any, profiles: Any) -> tuple[Any, Any]:
    """Return messages in order, each once, with the profile that stands first."""
    ids, first = np.unique(messages, return_index=True)
    return ids, profiles[first]
