"""Measures that hang on mailshots, whose effect on seeing all customers of a replication share."""

from __future__ import annotations

from typing import Final

__all__ = ["OF_MAILSHOTS"]

OF_MAILSHOTS: Final = (
    "open_rate",
    "click_rate",
    "seen_open_rate",
    "seen_click_rate",
    "engagement_rate",
)
