"""Worlds that a fit leaves open: weighted draws of a scenario's keys, from a table beside it.

A row is a draw: a column for each dotted key, in the scenario's units, and its ``weight``. Other
columns are refused, so that no key is lost by a slip of its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from omnilab._files.tables import open_table
from omnilab.errors import DataError, nearest
from omnilab.scenario.lookup import value_at

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["WEIGHT", "drawn_worlds", "patch_of", "read_draws"]

WEIGHT: Final = "weight"


def read_draws(path: Path, scenario: Scenario) -> tuple[dict[str, Any], Any]:
    """Return draws by key, each an array of shape (n,), and their weights, of sum 1.

    Raises
    ------
    DataError
        If a column is no key of the scenario, there is no weight, or a number can't be used.
    """
    batch = open_table(path).whole()
    columns = {
        name: np.array(batch.texts(i).to_pylist(), dtype=object)
        for i, name in enumerate(batch.names)
    }
    if WEIGHT not in columns:
        raise DataError(f"no column {WEIGHT!r}{nearest(WEIGHT, columns)}", file=path)
    numbers = {}
    for name, texts in columns.items():
        try:
            numbers[name] = np.array([float(str(text)) for text in texts])
        except ValueError:
            raise DataError(f"column {name!r} has texts that are no numbers", file=path) from None
        if not np.isfinite(numbers[name]).all():
            raise DataError(f"column {name!r} has numbers that are not finite", file=path)
    weights = numbers.pop(WEIGHT)
    if (weights < 0).any() or weights.sum() <= 0:
        raise DataError(f"column {WEIGHT!r}: weights are 0 or more, one above 0", file=path)
    for name in numbers:
        try:
            value_at(scenario, name)
        except ValueError as error:
            raise DataError(f"column {name!r}: {error}", file=path) from None
    return numbers, weights / weights.sum()


def drawn_worlds(
    draws: Mapping[str, Any], weights: Any, scenario: Scenario, n: int
) -> dict[str, Scenario]:
    """Return ``n`` worlds: systematic draws by weight, so that each stands for as much.

    Parameters
    ----------
    draws, weights
        Of `read_draws`.
    n
        At least 1; equal draws are one world.

    Raises
    ------
    ScenarioError
        If a draw is none that the scenario allows.
    """
    up_to = np.cumsum(weights)
    picked = np.searchsorted(up_to, (np.arange(n) + 0.5) / n)
    picked = np.minimum(picked, len(weights) - 1)
    worlds = {}
    for number, row in enumerate(dict.fromkeys(picked.tolist())):
        values = {name: float(column[row]) for name, column in draws.items()}
        worlds[f"draw {number + 1}"] = scenario.changed(patch_of(values, scenario))
    return worlds


def patch_of(values: Mapping[str, float], base: Scenario) -> dict[str, Any]:
    """Return values by dotted keys as a change of a scenario, in which channels are a list."""
    patch: dict[str, Any] = {}
    channels = [c.model_dump() for c in base.channels]
    by_name = {c["name"]: c for c in channels}
    for name, value in values.items():
        head, *rest = name.split(".")
        at = by_name[rest.pop(0)] if head == "channels" else patch.setdefault(head, {})
        for step in rest[:-1]:
            at = at.setdefault(step, {})
        at[rest[-1]] = value
    return patch | {"channels": channels}
