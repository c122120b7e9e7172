"""What happens at each kind of item: the engine's go-between of world and brand."""

from __future__ import annotations

__all__: list[str] = []
