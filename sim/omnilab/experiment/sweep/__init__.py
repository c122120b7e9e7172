"""Sweeps: the same comparison at many points of a scenario or of the strategies' plans."""

from __future__ import annotations

from omnilab.experiment.sweep.course import Sweep, run_sweep
from omnilab.experiment.sweep.planned import Planned, Settings, plan_sweep
from omnilab.experiment.sweep.store import Store
from omnilab.experiment.sweep.vary import Vary, parse_vary, vary_of

__all__ = [
    "Planned",
    "Settings",
    "Store",
    "Sweep",
    "Vary",
    "parse_vary",
    "plan_sweep",
    "run_sweep",
    "vary_of",
]
