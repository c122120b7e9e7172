"""From dated changes to the records that rules read."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from omnilab.kernels.record import record_array
from omnilab.scenario.model import Scenario
from omnilab.world.changes import LoweredChange

__all__ = ["lower_changes"]

DAY: Final = 86400


def lower_changes(scenario: Scenario) -> dict[str, Any]:
    """Return the changes, and their logits: shape ``(n_changes, n_channels)``."""
    changes, time = scenario.changes, scenario.time
    names = [c.name for c in scenario.channels]
    end = time.burn_in + time.window + time.run_out
    lowered = record_array(LoweredChange, len(changes))
    shift = np.zeros((len(changes), len(names)), dtype=np.float64)
    for n, (to, change) in enumerate(zip(lowered, changes, strict=True)):
        to.first = time.burn_in + change.from_day * DAY
        to.last = end if change.to_day is None else time.burn_in + (change.to_day + 1) * DAY - 1
        to.over, to.share, to.needs = change.over, change.share, change.needs
        to.closed = sum(1 << names.index(name) for name in change.closed)
        to.tastes = int(bool(change.channels))
        for name, logit in change.channels.items():
            shift[n, names.index(name)] = logit
    return {"change": lowered, "shift": shift}
