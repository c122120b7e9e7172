"""Look at a strategy before it runs on everybody: what its journeys can't do, and what they did."""

from __future__ import annotations

__all__: list[str] = []
