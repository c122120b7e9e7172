"""The event log: its rows and its digest."""

from __future__ import annotations

__all__: list[str] = []
