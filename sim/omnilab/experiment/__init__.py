"""Experiments: strategies on the same customers, compared with paired intervals.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab._lazy import lazy_names

if TYPE_CHECKING:
    from omnilab.experiment.statistics import Estimate, Moments, holm
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "statistics": ("Estimate", "Moments", "holm"),
        },
    )

__all__ = ["Estimate", "Moments", "holm"]
