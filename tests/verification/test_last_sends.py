"""Of a profile's sends the latest are kept, in whatever order they are heard of."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from omnilab.brand.context import remember_send
from omnilab.brand.state import CONTEXT, RING
from tests.draws.reference import plain


@given(st.lists(st.integers(-1, 30), max_size=40))
def test_the_latest_are_kept(sends: list[int]) -> None:
    x = np.zeros(1, CONTEXT).view(np.recarray)[0]
    x.ring[:] = -1
    for t in sends:
        plain(remember_send)(x, t)
    assert sorted(x.ring.tolist()) == sorted([*sends, *[-1] * RING])[-RING:]
    assert np.roll(x.ring, -x.ring_at).tolist() == sorted(x.ring.tolist())
