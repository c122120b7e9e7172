"""Decide whether a strategy is safe to ship: what a gate says, and how it is tested."""

from __future__ import annotations

__all__: list[str] = []
