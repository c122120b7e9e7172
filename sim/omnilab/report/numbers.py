"""Write measured values for people: shares as percents, money with its cents, a dash for null."""

from __future__ import annotations

from math import floor, log10

from omnilab.experiment.statistics import Estimate
from omnilab.measure.ratio import Measure

__all__ = [
    "NOTHING",
    "label",
    "write_difference",
    "write_estimate",
    "write_interval",
    "write_value",
]

NOTHING = "-"


def label(measure: Measure, currency: str, *, difference: bool = False) -> str:
    """Return a measure's title with its unit."""
    if measure.unit == "EUR":
        return f"{measure.title}, {currency}"
    if measure.unit == "share":
        return f"{measure.title}, {'points' if difference else '%'}"
    return measure.title


def write_value(measure: Measure, value: float | None) -> str:
    """Return a value without its unit, such as ``12.3`` for a share of .123."""
    if value is None:
        return NOTHING
    return _number(_scaled(measure, value), _decimals(measure, value))


def write_estimate(measure: Measure, estimate: Estimate) -> str:
    """Return ``value ±half``, the half width of the 95% interval; without one, the value."""
    return _with_half(measure, estimate, sign="")


def write_difference(measure: Measure, estimate: Estimate) -> str:
    """Return a difference with its sign and half width."""
    return _with_half(measure, estimate, sign="+")


def write_interval(measure: Measure, estimate: Estimate, unit: str, *, sign: str = "") -> str:
    """Return ``value unit (low to high)`` for a sentence."""
    if estimate.value is None:
        return NOTHING
    if estimate.low is None or estimate.high is None:
        decimals = _decimals(measure, estimate.value)
        return f"{_number(_scaled(measure, estimate.value), decimals, sign)}{unit}"
    half = (estimate.high - estimate.low) / 2
    decimals = _decimals(measure, max(abs(estimate.value), half))
    value = _number(_scaled(measure, estimate.value), decimals, sign)
    low = _number(_scaled(measure, estimate.low), decimals, sign)
    high = _number(_scaled(measure, estimate.high), decimals, sign)
    return f"{value}{unit} ({low} to {high})"


def _with_half(measure: Measure, estimate: Estimate, sign: str) -> str:
    if estimate.value is None:
        return NOTHING
    if estimate.low is None or estimate.high is None:
        return _number(_scaled(measure, estimate.value), _decimals(measure, estimate.value), sign)
    half = (estimate.high - estimate.low) / 2
    # A value near zero is written as finely as its interval asks for.
    decimals = _decimals(measure, max(abs(estimate.value), half))
    value = _number(_scaled(measure, estimate.value), decimals, sign)
    return f"{value} ±{_number(_scaled(measure, half), decimals)}"


def _scaled(measure: Measure, value: float) -> float:
    return value * 100 if measure.unit == "share" else value


def _decimals(measure: Measure, value: float) -> int:
    """Return the decimals for about three digits that count; money shows its cents."""
    size = abs(_scaled(measure, value))
    if size == 0:
        return 2 if measure.unit == "EUR" else 1
    wanted = 2 - floor(log10(size))
    if measure.unit == "EUR":
        return 2 if size >= 0.1 else min(wanted, 5)
    return min(max(1 if measure.unit == "share" else 0, wanted), 5)


def _number(value: float, decimals: int, sign: str = "") -> str:
    text = f"{value:{sign},.{decimals}f}"
    zero = not text.strip("+-0.,")
    return text.lstrip("+-") if zero else text
