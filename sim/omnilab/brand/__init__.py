"""The brand: what it knows, and what a strategy makes it do. It never sees a person."""

from __future__ import annotations

__all__: list[str] = []
