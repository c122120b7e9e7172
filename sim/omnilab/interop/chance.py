"""Chance of a table's own: who is treated, which arm is drawn. Each draw has an address.

The world's draws are Philox under the run's key. These are apart from them, so that no table can
move a customer: SHA-256 of seed, purpose and customer.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

__all__ = ["mark", "uniforms"]


def uniforms(seed: int, purpose: str, n: int) -> Any:
    """Return a number of [0, 1) for each of ``n`` customers; shape ``(n,)``."""
    return np.array(
        [int.from_bytes(_digest(seed, purpose, i)[:7], "big") / (1 << 56) for i in range(n)]
    )


def mark(seed: int, purpose: str, value: object) -> str:
    """Return twelve letters and digits that stand for a value and name nobody."""
    return _digest(seed, purpose, value).hex()[:12]


def _digest(seed: int, purpose: str, value: object) -> bytes:
    return hashlib.sha256(f"{seed}|{purpose}|{value}".encode()).digest()
