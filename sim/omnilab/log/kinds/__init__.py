"""The kinds of rows by room: which fields each has; `omnilab.log.rows` has their numbers."""

from __future__ import annotations

__all__: list[str] = []
