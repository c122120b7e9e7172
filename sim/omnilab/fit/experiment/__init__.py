"""Fit how customers answer messages to a randomised test of the user's own.

The way from a table to a scenario: `table` reads and checks it, `strata` cuts its customers into
groups, `moments` are what it found, `people` and `past` make the simulated customers that could
have taken part, `arms` runs them under each arm, `space` holds what may be fitted, `search` fits it
and `course` leads through all of that.
"""

from __future__ import annotations

__all__: list[str] = []
