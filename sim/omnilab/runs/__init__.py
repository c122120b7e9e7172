"""Run directories: what a comparison leaves on disk."""

from __future__ import annotations

__all__: list[str] = []
