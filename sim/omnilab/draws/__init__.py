"""Addressed random draws: every chance has an address, and no generator has a state."""

from __future__ import annotations

__all__ = ["inverse", "philox", "streams"]
