"""What may move in a set of plausible worlds: keys of a scenario, with their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from omnilab.errors import OptionError
from omnilab.experiment.paths import changed_at, number_at
from omnilab.experiment.sweep.hangs import moved_of
from omnilab.experiment.sweep.points import Maker

if TYPE_CHECKING:
    from omnilab.experiment.patterns.declared import Patterns
    from omnilab.scenario.assumptions import Assumption
    from omnilab.scenario.model import Scenario

__all__ = ["Parameter", "changed_world", "of_patterns", "of_scenario", "values_at"]

Floats = npt.NDArray[np.float64]

#: A fitted range is that of 95%; the worlds may be so many times as wide before they are matched.
_WIDER: Final = 2.0


@dataclass(frozen=True)
class Parameter:
    """A key that may move.

    Attributes
    ----------
    key
        Dotted.
    others
        Keys that keep their proportion to it.
    low, high
        Ends of its range, as plain numbers: shares 0..1, durations in seconds.
    origin
        Where the range is from: ``fitted``, ``declared``, ``rule`` or ``patterns``.
    """

    key: str
    others: tuple[str, ...]
    low: float
    high: float
    origin: str

    def described(self) -> dict[str, Any]:
        """Return it as the metadata of a set have it."""
        return {"key": self.key, "keys": [self.key, *self.others], "low": self.low,
                "high": self.high, "origin": self.origin}  # fmt: skip


def of_scenario(
    scenario: Scenario, assumptions: Sequence[Assumption], *, without: Sequence[str] = ()
) -> list[Parameter]:
    """Return the parameters that a scenario assumes, or that were fitted, with their ranges.

    Parameters
    ----------
    scenario, assumptions
        The scenario, and what it assumes.
    without
        Keys that are left alone.
    """
    found = []
    fitted = {a.key for a in assumptions if a.origin == "fitted"}
    moved, _ = moved_of(Maker({scenario.id: scenario}, [scenario.brand.status_quo]), scenario,
                        assumptions)  # fmt: skip
    for one in moved:
        key, low, high = one.vary.path, one.vary.low, one.vary.high
        if key in without:
            continue
        if key in fitted:
            low, high = _wider(low, high)
        if low >= high:
            raise OptionError(f"{key}: its range, {low:g} to {high:g}, is empty")
        found.append(Parameter(key, (), low, high, "fitted" if key in fitted else one.origin))
    return found


def of_patterns(patterns: Patterns) -> list[Parameter]:
    """Return the parameters that a file of patterns declares."""
    return [
        Parameter(a.key, a.others, a.vary.low, a.vary.high, "patterns")
        for a in patterns.assumptions
    ]


def values_at(
    scenario: Scenario, parameters: Sequence[Parameter], places: Floats
) -> dict[str, Floats]:
    """Return the values of all keys at places 0..1 of the ranges, shape (n, p) to n of each.

    Whole numbers and durations are rounded.
    """
    found: dict[str, Floats] = {}
    for k, one in enumerate(parameters):
        values = one.low + places[:, k] * (one.high - one.low)
        found[one.key] = _rounded(scenario, one.key, values)
        now = number_at(scenario, one.key)
        for other in one.others:
            own = number_at(scenario, other)
            assert own is not None
            assert now
            found[other] = _rounded(scenario, other, values * own / now)
    return found


def changed_world(scenario: Scenario, values: dict[str, Floats], row: int) -> Scenario:
    """Return the scenario of one world."""
    whole = {key: isinstance(number_at(scenario, key), int) for key in values}
    changes = {
        key: int(column[row]) if whole[key] else float(column[row])
        for key, column in values.items()
    }
    return changed_at(scenario, changes, currency=scenario.currency, seconds=True)


def _rounded(scenario: Scenario, key: str, values: Floats) -> Floats:
    if isinstance(number_at(scenario, key), int):
        return np.asarray(np.round(values))
    return np.array([float(f"{x:.10g}") for x in values])


def _wider(low: float, high: float) -> tuple[float, float]:
    """Return a range of positive numbers that is wider on the scale of logarithms, else evenly."""
    if low > 0:
        middle, half = (log(low) + log(high)) / 2, _WIDER * (log(high) - log(low)) / 2
        return exp(middle - half), exp(middle + half)
    middle, half = (low + high) / 2, _WIDER * (high - low) / 2
    return middle - half, middle + half
