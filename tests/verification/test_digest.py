"""The log's digest against its definition in Python's unbounded integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omnilab.brand.loading import load_strategy
from omnilab.engine.digest import SIDE_BY_SIDE
from omnilab.experiment.compare import compare
from omnilab.scenario import load_scenario

WORD = 1 << 64
K1, K2, K3 = (WORD - k for k in (0x61C8864680B583EB, 0x3D4D51C2D82B14B1, 0x4B47C1C1A1D6A3E9))


def mixed(word: int, shift: int) -> int:
    """Return a word with its arithmetic right shift folded in."""
    signed = word - WORD if word >> 63 else word
    return (word ^ (signed >> shift)) % WORD


def naive(words: list[list[int]]) -> str:
    """Return the sum modulo 2**128 of the rows' hashes, as 32 digits."""
    total = 0
    for row in words:
        x, y = K3, K2
        for word in row:
            x = mixed((x ^ word % WORD) * K1 % WORD, 32)
            y = mixed((y + word) * K2 % WORD, 29)
        y = mixed((y ^ x) * K3 % WORD, 31)
        total += x | y << 64
    return f"{total % (1 << 128):032x}"


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_the_digest_is_that_of_its_definition(root: Path, engine: str) -> None:
    scenario = load_scenario(root / "bench/peers/minimal.yaml").with_customers(7)
    loaded = load_strategy("omnichannel", scenario)
    result = compare(scenario, [loaded], engine=engine, keep_events=True)
    rows = np.concatenate(result.events["omnichannel"])
    assert len(rows) % SIDE_BY_SIDE, "some rows are left over"
    words = rows.view(np.ndarray).view(np.int64).reshape(-1, 7).tolist()
    assert result.strategies[0].log_digest == naive(words)
