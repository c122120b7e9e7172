"""The minimal model as an omnilab scenario, with all that a scenario file can switch off, off.

Still done beside the model: 2.6 times as many rows of the log are hashed and booked into
measures as there are customer-events; journeys, identities and profiles carry each message; every
draw has an address.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bench.peers.model import Counts
from bench.simulate import Case, prepare
from omnilab.experiment.comparison import Comparison
from omnilab.log import rows

__all__ = ["STRATEGY", "count", "count_moves", "scenario"]

STRATEGY = "omnichannel"


def scenario(customers: int) -> Case:
    """Return the minimal scenario, with its kernels compiled."""
    return prepare(Path(__file__).with_name("minimal.yaml"), STRATEGY, customers)


def count(result: Comparison) -> Counts:
    """Return what the run's books say happened to all customers; moves are in its log only."""
    sums = result.moments.sums(STRATEGY)
    return Counts(sums["n_visit"], 0, sums["n_delivered"], sums["n_open"])


def count_moves(result: Comparison) -> int:
    """Return the visits made elsewhere than the same customer's visit before, from the log."""
    log = np.concatenate(result.events[STRATEGY])
    visits = log[log["kind"] == rows.VISIT]
    visits = visits[np.lexsort((visits["seq"], visits["person"]))]
    same = visits["person"][1:] == visits["person"][:-1]
    return int((same & (visits["channel"][1:] != visits["channel"][:-1])).sum())
