"""Patterns: published sizes that a scenario must come out with, declared in a file and measured.

A pattern is a *target*, by which assumptions of the scenario may be chosen, or a *check*, by which
nothing may. Both are measured on the log of one strategy, the scenario's status quo by default, so
that no comparison of strategies is among them.
"""

from __future__ import annotations

from omnilab.experiment.patterns.declared import (
    CHECK,
    ROLES,
    TARGET,
    Assumed,
    Pattern,
    Patterns,
    find_patterns,
    read_patterns,
)
from omnilab.experiment.patterns.measures import MEASURES, PatternMeasure
from omnilab.experiment.patterns.running import Found, Measured, measure_patterns, pattern_sums

__all__ = [
    "CHECK",
    "MEASURES",
    "ROLES",
    "TARGET",
    "Assumed",
    "Found",
    "Measured",
    "Pattern",
    "PatternMeasure",
    "Patterns",
    "find_patterns",
    "measure_patterns",
    "pattern_sums",
    "read_patterns",
]
