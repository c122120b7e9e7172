"""Published experiments as files: run on twins, and scored against what was found."""

from __future__ import annotations

__all__: list[str] = []
