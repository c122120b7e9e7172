"""Streams of links that the identity benchmarks are fed with, seeded and the same every time.

Three topologies, named in the benchmark's group:

- ``sorted``: households' links sorted by identifier, as a table joined by its key gives them;
- ``uniform``: both ends drawn from all identifiers, which makes one giant component;
- ``households``: households' links in random time order, the realistic one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

TOPOLOGIES = ("sorted", "uniform", "households")
SEED = 20240501
PART = 1 << 22


class Links(NamedTuple):
    """Hold pairs of codes below `n`: ``a[i]`` was seen together with ``b[i]``."""

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    n: int


def links(topology: str, n_links: int) -> Links:
    """Return `n_links` links of a topology."""
    rng = np.random.default_rng(SEED)
    if topology == "uniform":
        a, b = (rng.integers(0, n_links, n_links, dtype=np.int32) for _ in range(2))
        return Links(a, b, n_links)
    if topology not in TOPOLOGIES:
        raise ValueError(topology)
    # 2 to 8 identifiers a household, four links each on average.
    sizes = rng.integers(2, 9, size=max(n_links // 4, 1))
    begins = np.concatenate([[0], np.cumsum(sizes)])
    of = rng.integers(0, len(sizes), n_links)
    a, b = np.empty(n_links, np.int32), np.empty(n_links, np.int32)
    for end in (a, b):
        # A part at a time, so that a hundred million links need no dozen arrays of their length.
        for i in range(0, n_links, PART):
            part = of[i : i + PART]
            end[i : i + PART] = begins[part] + (rng.random(len(part)) * sizes[part]).astype(
                np.int64
            )
    if topology == "sorted":
        both = a.astype(np.int64) << 32 | b
        both.sort()
        a, b = (both >> 32).astype(np.int32), both.astype(np.int32)
    return Links(a, b, int(begins[-1]))


class TypedLinks(NamedTuple):
    """Hold e-mail addresses seen with cookies, in time order (seconds)."""

    email: NDArray[np.int32]
    cookie: NDArray[np.int32]
    time: NDArray[np.int64]


def typed_links(n_links: int) -> TypedLinks:
    """Return households of two addresses and three cookies, some of them shared."""
    rng = np.random.default_rng(SEED)
    of = rng.integers(0, max(n_links // 4, 1), n_links)
    email = of * 6 + 2 * rng.integers(0, 2, n_links)
    cookie = of * 6 + 2 * rng.integers(0, 3, n_links) + 1
    time = np.arange(n_links, dtype=np.int64) // 1000
    return TypedLinks(email.astype(np.int32), cookie.astype(np.int32), time)


def as_strings(stream: TypedLinks) -> tuple[Any, Any]:
    """Return the stream's addresses and cookies as Arrow arrays of strings."""
    import pyarrow as pa

    emails = [f"customer{code * 7919 % 99_999_989}@example.com" for code in stream.email.tolist()]
    cookies = [f"{code * 0x9E3779B97F4A7C15 % (1 << 64):016x}" for code in stream.cookie.tolist()]
    return pa.array(emails, pa.string()), pa.array(cookies, pa.string())
