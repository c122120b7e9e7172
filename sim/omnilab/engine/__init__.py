"""The engines: the order of events, and the go-between of world and brand."""

from __future__ import annotations

__all__: list[str] = []
