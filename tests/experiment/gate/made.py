"""Clusters with a known difference, and gates in a line: what the tests of gates share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from omnilab.experiment.gate.declared import Gate, read_gate
from omnilab.experiment.statistics import Moments
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.layout import N_SUMS, SUMS, names_of

NAMES = names_of(SUMS)
AT = {name: i for i, name in enumerate(NAMES)}
PAIR = ("old", "new")
SOME = {name: MEASURES[name] for name in ("ltv", "purchase_rate", "complaint_rate", "cpa")}
TAIL = """\
guardrails:
  - {measure: purchase_rate, worse_by: 10%}
  - {measure: complaint_rate, worse_by: 0.5%}
"""


def gate_of(tmp_path: Path, text: str = TAIL) -> Gate:
    place = tmp_path / "gates.yaml"
    place.write_text(text, encoding="utf-8")
    return read_gate(place, currency="EUR")


def pairs(seed: int, n: int = 200, gain: float = 0.0) -> np.ndarray:
    """Return sums of cells of 1 to 5 persons under two strategies, alike but for chance.

    LTV is skewed, shared by the twins for the most part; ``gain`` is added to each person's.
    """
    rng = np.random.default_rng(seed)
    block = np.zeros((n, 2, N_SUMS), np.int64)
    persons = rng.integers(1, 6, n)
    wealth = rng.lognormal(2.0, 1.0, n)
    for s in range(2):
        own = wealth + rng.exponential(1.0, n) + gain * s
        block[:, s, AT["persons"]] = persons
        block[:, s, AT["ltv"]] = np.rint(own * persons * 100_000)
        block[:, s, AT["buyers"]] = rng.binomial(persons, 0.4)
        block[:, s, AT["n_order"]] = persons
        block[:, s, AT["send_cost"]] = persons * 50_000
        delivered = persons * 10
        block[:, s, AT["n_delivered"]] = delivered
        block[:, s, AT["n_spamreport"]] = rng.binomial(delivered, 0.01)
    return block


def moments(block: np.ndarray) -> Moments:
    found = Moments(PAIR, SOME)
    found.add(block)
    return found
