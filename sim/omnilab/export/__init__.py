"""The streams of a run, and its event log, as files for other tools."""

from __future__ import annotations

__all__: list[str] = []
