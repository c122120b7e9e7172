"""What happens between a person and the brand: one file a kind of item."""

from __future__ import annotations

__all__: list[str] = []
