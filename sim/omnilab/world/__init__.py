"""The world: what is true of customers, whatever any brand does. It knows no strategy."""

from __future__ import annotations

__all__: list[str] = []
