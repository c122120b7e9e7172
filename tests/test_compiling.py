"""Compiling is told and timed; kernels from the cache are neither."""

from __future__ import annotations

import numba
import pytest

from omnilab.kernels.compiling import watch_compiling
from omnilab.kernels.modes import is_plain


@pytest.mark.skipif(is_plain(), reason="nothing is compiled")
def test_only_what_is_compiled_counts() -> None:
    told = []

    @numba.njit
    def below(x):
        return x + 1

    @numba.njit
    def above(x):
        return below(x) * 2

    with watch_compiling(lambda: told.append("now")) as compiling:
        assert above(1) == 4
        seconds = compiling.seconds
        assert above(2) == 6  # compiled already
    assert told == ["now"]
    assert compiling.seconds == seconds > 0
    with watch_compiling(lambda: told.append("again")) as compiling:
        assert above(3) == 8
    assert (told, compiling.seconds) == (["now"], 0.0)
