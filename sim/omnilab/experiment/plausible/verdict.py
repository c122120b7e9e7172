"""What worlds say together: who wins in what share of them, differences with their two doubts.

Two things are not known: what chance would give with other customers, and which world is the true
one. Each difference gets both intervals, and one of both together. A share of worlds is that of a
smooth function of the world, so that worlds with few customers do not seem to disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from omnilab.experiment.plausible.doubts import bootstrapped, doubts_of
from omnilab.experiment.plausible.smooth import Anchor, Smooth, smooth_over_worlds
from omnilab.experiment.plausible.value import value_of_information
from omnilab.experiment.tables import Column, unit_of
from omnilab.measure.catalogue import MEASURES

if TYPE_CHECKING:
    from omnilab.experiment.statistics import Moments

__all__ = ["INFORMATION", "SHARES", "Contrasts", "contrasts_of", "difference_data", "share_data",
           "smoothed", "worth_data"]  # fmt: skip

Floats = NDArray[np.float64]

_SAME: Final = 1e-12

#: One row for each strategy.
SHARES: Final = (
    Column("strategy", "Name of the strategy."),
    Column("measure", "By which the best one is told."),
    Column("share", "In what share of the worlds it is the best, 0 to 1, chance left out.",
           "number"),
    Column("low", "Lower bound of the share's 95% interval: chance and the number of worlds.",
           "number"),
    Column("high", "Upper bound.", "number"),
)  # fmt: skip
#: One row for each parameter, and one for all of them.
INFORMATION: Final = (
    Column("path", "The parameter's dotted key; null for all of them together.", null=True),
    Column("measure", "In which it is counted."),
    Column("unit", "Unit of the gain, a customer."),
    Column("value", "What knowing it would gain: the best strategy could be chosen by it.",
           "number"),
    Column("low", "Lower bound of its 95% interval.", "number"),
    Column("high", "Upper bound.", "number"),
    Column("from_value", "The least value that it has in the worlds; null for all.", "number",
           null=True),
    Column("to_value", "The largest.", "number", null=True),
)  # fmt: skip


@dataclass(frozen=True)
class Contrasts:
    """Strategies less a reference, world by world.

    Attributes
    ----------
    measure
        Whose.
    names, reference
        The others, and what is subtracted.
    values
        Shape ``(n_worlds, n_others)``.
    chance
        Their covariances, ``(n_worlds, n_others, n_others)``.
    worlds
        Positions of the worlds that have a value, ``(n_worlds,)``.
    """

    measure: str
    names: tuple[str, ...]
    reference: str
    values: Floats
    chance: Floats
    worlds: NDArray[np.int64]

    @property
    def strategies(self) -> tuple[str, ...]:
        """The reference, and then the others."""
        return (self.reference, *self.names)


def contrasts_of(
    found: Sequence[Moments | None], measure: str, names: Sequence[str], reference: str
) -> Contrasts | None:
    """Return the differences of all worlds that have one; None where fewer than two do.

    Parameters
    ----------
    found
        The sums of each world, None where it failed.
    measure
        Its name.
    names
        All strategies, the reference among them.
    reference
        That is subtracted.
    """
    others = [n for n in names if n != reference]
    values, chance, worlds = [], [], []
    for number, moments in enumerate(found):
        if moments is None or not set(names) <= set(moments.strategies):
            continue
        joint = moments.joint(measure, [reference, *others])
        if joint is None:
            continue
        v, c = joint
        values.append(v[1:] - v[0])
        chance.append(c[1:, 1:] - c[1:, :1] - c[:1, 1:] + c[0, 0])
        worlds.append(number)
    if len(worlds) < 2 or not others:
        return None
    return Contrasts(
        measure, tuple(others), reference, np.array(values), np.array(chance), np.array(worlds)
    )


def smoothed(
    contrasts: Contrasts, places: Floats, *, elsewhere: Floats | None = None,
    anchor: Anchor | None = None, seed: int = 1,
) -> Smooth:  # fmt: skip
    """Return draws of the differences, at the worlds' places 0..1 and elsewhere."""
    return smooth_over_worlds(
        places[contrasts.worlds], contrasts.values, contrasts.chance, elsewhere=elsewhere,
        anchor=anchor, seed=seed,
    )  # fmt: skip


def share_data(
    contrasts: Contrasts, draws: Floats, weights: Floats, *, seed: int = 1
) -> list[dict[str, Any]]:
    """Return the rows of `SHARES`, the strategy that wins in most worlds first.

    Parameters
    ----------
    contrasts
        Whose draws they are.
    draws
        Differences, shape ``(n_draws, n_places, n_others)``.
    weights
        Of the places, shape ``(n_places,)``.
    seed
        Of other worlds that might have been drawn.
    """
    gains = _gains(contrasts, draws)
    best = gains >= gains.max(axis=2, keepdims=True) - _SAME
    wins = best / best.sum(axis=2, keepdims=True)  # equal ones share theirs
    mean, low, high = bootstrapped(wins, weights, seed=seed)
    rows = [
        {"strategy": n, "measure": contrasts.measure, "share": float(m), "low": float(a),
         "high": float(b)}
        for n, m, a, b in zip(contrasts.strategies, mean, low, high, strict=True)
    ]  # fmt: skip
    return sorted(rows, key=lambda r: -r["share"])


def difference_data(
    contrasts: Contrasts, draws: Floats, weights: Floats, currency: str
) -> list[dict[str, Any]]:
    """Return each difference over the worlds: its mean, and how far chance and the world move it.

    ``chance_`` is the interval of the mean over the worlds; ``world_`` holds 95% of the worlds'
    own differences, without chance; ``low`` and ``high`` hold both; ``same_sign`` is the share of
    worlds in which the difference has the sign of the mean.
    """
    unit = unit_of(MEASURES[contrasts.measure], currency)
    rows = [
        {"strategy": name, "reference": contrasts.reference, "measure": contrasts.measure,
         "unit": unit, **doubts_of(draws[:, :, k], weights)}
        for k, name in enumerate(contrasts.names)
    ]  # fmt: skip
    return sorted(rows, key=lambda r: -r["value"])


def worth_data(
    contrasts: Contrasts, draws: Floats, weights: Floats, parameters: Mapping[str, Floats],
    currency: str, *, seed: int = 1,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the rows of `INFORMATION`: all together first, then what is worth most.

    Parameters
    ----------
    contrasts, draws, weights
        Of the worlds.
    parameters
        Dotted key -> its value in each of the worlds.
    currency
        The scenario's.
    seed
        Of other worlds that might have been drawn.
    """
    unit = unit_of(MEASURES[contrasts.measure], currency)
    table = np.column_stack(list(parameters.values()))
    whole, each = value_of_information(
        _gains(contrasts, draws), weights / weights.sum(), table, seed=seed
    )
    rows: list[dict[str, Any]] = [
        {"path": key, "measure": contrasts.measure, "unit": unit, "value": w.value, "low": w.low,
         "high": w.high, "from_value": float(column.min()), "to_value": float(column.max())}
        for (key, column), w in zip(parameters.items(), each, strict=True)
    ]  # fmt: skip
    rows.sort(key=lambda r: -r["value"])
    first = {
        "path": None, "measure": contrasts.measure, "unit": unit, "value": whole.value,
        "low": whole.low, "high": whole.high, "from_value": None, "to_value": None,
    }  # fmt: skip
    return [first, *rows]


def _gains(contrasts: Contrasts, draws: Floats) -> Floats:
    """Return what each strategy gains over the reference, the reference first."""
    sign = -1.0 if MEASURES[contrasts.measure].better == "lower" else 1.0
    return np.concatenate([np.zeros((*draws.shape[:2], 1)), sign * draws], axis=2)
