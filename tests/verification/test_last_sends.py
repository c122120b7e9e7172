"""Of a profile's sends the latest are kept, in whatever order they are heard of."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from omnilab.brand.context import remember_send
from omnilab.kernels.compiling import kernel
from tests.worlds import SMALL, cell_of


@kernel
def remember(cell: Any, times: Any) -> None:
    for i in range(len(times)):
        remember_send(cell, 1, times[i])


@given(st.lists(st.integers(-1, 30), max_size=40))
def test_the_latest_are_kept(sends: list[int]) -> None:
    cell = cell_of()
    ring = cell.ring[1]
    ring[:] = -1
    remember(cell, np.array(sends, dtype=np.int64))
    kept = SMALL.sends
    assert sorted(ring.tolist()) == sorted([*sends, *[-1] * kept])[-kept:]
    assert np.roll(ring, -cell.context[1].ring_at).tolist() == sorted(ring.tolist())
