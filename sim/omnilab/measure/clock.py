"""The measured window and its discount factors, as the integer arrays that the tally reads."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from omnilab.measure.layout import DAY_S, FIXED_ONE, N_CLOCK

__all__ = ["discount_factors", "make_clock"]


def make_clock(
    window_start_s: int, window_end_s: int, run_end_s: int | None = None
) -> NDArray[np.int64]:
    """Return the tally's clock: start, middle, end of the window, end of the run, table's days.

    Parameters
    ----------
    window_start_s, window_end_s
        Seconds from the scenario's start; the window is ``[start, end)``. The middle is rounded
        down to a whole second.
    run_end_s
        End of the run-out; the window's end if not given.

    Raises
    ------
    ValueError
        If the times are not ``0 <= start < end <= run end``.
    """
    run_end_s = window_end_s if run_end_s is None else run_end_s
    if not 0 <= window_start_s < window_end_s <= run_end_s:
        raise ValueError(
            f"the window needs 0 <= start < end <= run end, got {window_start_s}, {window_end_s}, "
            f"{run_end_s}"
        )
    middle_s = window_start_s + (window_end_s - window_start_s) // 2
    n_days = (run_end_s - window_start_s + DAY_S - 1) // DAY_S
    clock = np.array([window_start_s, middle_s, window_end_s, run_end_s, n_days], dtype=np.int64)
    assert clock.shape == (N_CLOCK,)
    return clock


def discount_factors(clock: NDArray[np.int64], yearly_rate: float = 0.10) -> NDArray[np.int64]:
    """Return the discount factor of each whole day since the window's start, ``2^20`` being 1.

    A continuous rate ``ln(1 + yearly_rate)`` a year of 365 days, read at the start of each day.

    Parameters
    ----------
    clock
        As made by `make_clock`.
    yearly_rate
        What a sum loses in a year; 10% as in the CLV packages' examples (parameters, section 5).

    Returns
    -------
    numpy.ndarray, shape (n_days,)
        Falls from ``2^20``, never below 0.
    """
    if not yearly_rate > -1.0:
        raise ValueError(f"the yearly rate must be above -1, got {yearly_rate}")
    daily = math.log1p(yearly_rate) / 365.0
    days = int(clock[4])
    return np.array([round(FIXED_ONE * math.exp(-daily * d)) for d in range(days)], dtype=np.int64)
