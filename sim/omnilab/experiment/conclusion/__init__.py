"""Checks of a conclusion: claims of a study, run again under what must not matter."""

from __future__ import annotations

__all__: list[str] = []
