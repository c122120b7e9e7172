"""Plan the live test that would confirm a difference."""

from __future__ import annotations

__all__: list[str] = []
