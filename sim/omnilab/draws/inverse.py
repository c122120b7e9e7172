"""Inverse distribution functions: one uniform in, one value out, no rejection."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from omnilab.kernels.compiling import kernel

if TYPE_CHECKING:
    import numpy as np  # compiled code gets it from omnilab.kernels.compiling

__all__ = ["TABLE_SIZE", "exponential", "from_table", "make_table", "normal"]

_BULK = 1024  # even steps over [2**-6, 1 - 2**-6]
_TAIL_FIRST, _TAIL_LAST, _TAIL_STEPS = 6, 33, 16  # octaves of the tails, steps in each
_TAIL = (_TAIL_LAST - _TAIL_FIRST) * _TAIL_STEPS + 1
TABLE_SIZE = _BULK + 1 + 2 * _TAIL
_SQRT_HALF = 0x3FE6A09E667F3BCD  # of sqrt(1/2), the bits
_LOG_2 = math.log(2.0)


@kernel
def exponential(u: float) -> float:
    """Return the standard exponential quantile of 1 - u, that is -log(u), u in (0, 1).

    Of additions, multiplications and one division only, so that a loop over it runs on several
    numbers side by side. Relative error below 4e-16.

    References
    ----------
    u = 2**n * m with m within a factor of sqrt(2) of 1, and log(m) = 2 artanh((m - 1) / (m + 1))
    by its series (Abramowitz and Stegun 4.1.27).
    """
    bits = np.float64(u).view(np.int64)
    n = (bits - _SQRT_HALF) >> 52
    m = np.int64(bits - (n << 52)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    w = s * s
    x = w * (1 / 19)
    x = w * (x + 1 / 17)
    x = w * (x + 1 / 15)
    x = w * (x + 1 / 13)
    x = w * (x + 1 / 11)
    x = w * (x + 1 / 9)
    x = w * (x + 1 / 7)
    x = w * (x + 1 / 5)
    x = w * (x + 1 / 3)
    return -(n * _LOG_2 + (2.0 * s + 2.0 * s * x))


@kernel
def normal(u: float) -> float:
    """Return the standard normal quantile of u in (0, 1); relative error below 1.2e-9.

    References
    ----------
    P. J. Acklam's rational approximation (2003), the form in common use.
    """
    if u < 0.02425:
        q = math.sqrt(-2.0 * math.log(u))
        return _tail(q)
    if u > 0.97575:
        q = math.sqrt(-2.0 * math.log(1.0 - u))
        return -_tail(q)
    q = u - 0.5
    r = q * q
    top = (
        (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r
           + 138.3577518672690) * r - 30.66479806614716) * r + 2.506628277459239) * q
    )  # fmt: skip
    low = (
        ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r
          + 66.80131188771972) * r - 13.28068155288572) * r + 1.0
    )  # fmt: skip
    return top / low


@kernel
def _tail(q: float) -> float:
    top = (
        ((((-0.007784894002430293 * q - 0.3223964580411365) * q - 2.400758277161838) * q
          - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783
    )  # fmt: skip
    low = (
        (((0.007784695709041462 * q + 0.3224671290700398) * q + 2.445134137142996) * q
         + 3.754408661907416) * q + 1.0
    )  # fmt: skip
    return top / low


@kernel
def from_table(table: Any, u: float) -> float:
    """Return a quantile by linear interpolation in a table of `make_table`, u in (0, 1)."""
    w = u if u < 0.5 else 1.0 - u
    if w >= 0.015625:
        x = (u - 0.015625) * (1024.0 / 0.96875)
        i = int(x)
        if i > 1023:
            i = 1023
        return table[i] + (table[i + 1] - table[i]) * (x - i)
    x = (-math.log(w) * 1.4426950408889634 - 6.0) * 16.0
    if x < 0.0:
        x = 0.0
    i = int(x)
    if i > 431:
        i = 431
        x = 432.0
    start = 1025 if u < 0.5 else 1458
    return table[start + i] + (table[start + i + 1] - table[start + i]) * (x - i)


def make_table(quantile: Callable[[Any], Any]) -> Any:
    """Tabulate a quantile function for `from_table`: even in the bulk, by octaves in the tails.

    Parameters
    ----------
    quantile
        Vectorised inverse distribution function of an array of probabilities in (0, 1).

    Returns
    -------
    numpy.ndarray
        Shape ``(TABLE_SIZE,)``, float64.
    """
    low = 2.0**-_TAIL_FIRST
    import numpy as np

    bulk = np.linspace(low, 1.0 - low, _BULK + 1)
    octaves = _TAIL_FIRST + np.arange(_TAIL) / _TAIL_STEPS
    tail = 2.0**-octaves
    table = np.concatenate([quantile(bulk), quantile(tail), quantile(1.0 - tail)])
    # 1 - 2**-33 and finer keep their digits in float64; infinities would poison interpolation.
    return np.where(np.isfinite(table), table, table[np.isfinite(table)].max())
