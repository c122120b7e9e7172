"""One cell in memory: its arrays, its queue, how it grows."""

from __future__ import annotations

__all__: list[str] = []
