"""One number over worlds, with its doubts: what chance leaves open, and what the worlds do.

The number has draws in each world, those of `omnilab.experiment.plausible.smooth`, so that what
chance does within a world is not read as disagreement between worlds.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from omnilab.experiment.plausible.smooth import smooth_over_worlds
from omnilab.experiment.tables import Column

__all__ = ["DOUBTS", "bootstrapped", "doubts_of", "number_over_worlds"]

Floats = NDArray[np.float64]

_TAIL: Final = 0.025
_SAME: Final = 1e-12

#: What a row has of a number over worlds.
DOUBTS: Final = (
    Column("value", "The number, mean over the worlds by weight.", "number"),
    Column("chance_low", "Lower bound of the mean's 95% interval: what chance leaves open.",
           "number"),
    Column("chance_high", "Upper bound.", "number"),
    Column("world_low", "Lower end of what 95% of the worlds have: what is not known of the world, "
           "chance left out.", "number"),
    Column("world_high", "Upper end.", "number"),
    Column("low", "Lower bound with both doubts.", "number"),
    Column("high", "Upper bound.", "number"),
    Column("same_sign", "In what share of the worlds it has the sign that the mean has, 0 to 1, "
           "chance left out.", "number"),
    Column("same_sign_low", "Lower bound of the share's 95% interval: chance and the number of "
           "worlds.", "number"),
    Column("same_sign_high", "Upper bound.", "number"),
)  # fmt: skip


def doubts_of(draws: Floats, weights: Floats, *, seed: int = 1) -> dict[str, float]:
    """Return the columns of `DOUBTS`.

    Parameters
    ----------
    draws
        Of the number in each world, shape ``(n_draws, n_worlds)``.
    weights
        Of the worlds, shape ``(n_worlds,)``.
    seed
        Of other worlds that might have been drawn.
    """
    w = weights / weights.sum()
    means = draws @ w
    chance = np.quantile(means, (_TAIL, 1 - _TAIL))
    order = np.sort(draws, axis=1), np.argsort(draws, axis=1)
    # Of each draw the worlds' quantiles; chance moves the middle, so it is taken out of them.
    ends = np.array([_quantiles(a, w[i]) for a, i in zip(*order, strict=True)])
    world = (ends - means[:, None]).mean(axis=0) + means.mean()
    all_of_them = np.argsort(draws, axis=None)
    both = _quantiles(draws.ravel()[all_of_them], np.tile(w, len(draws))[all_of_them])
    same = (_signs(draws) == _signs(means.mean())).astype(np.float64)
    share, low, high = bootstrapped(same[:, :, None], w, seed=seed)
    return {
        "value": float(means.mean()),
        "chance_low": float(chance[0]), "chance_high": float(chance[1]),
        "world_low": float(world[0]), "world_high": float(world[1]),
        "low": float(both[0]), "high": float(both[1]),
        "same_sign": float(share[0]), "same_sign_low": float(low[0]),
        "same_sign_high": float(high[0]),
    }  # fmt: skip


def number_over_worlds(
    values: Floats, errors: Floats, places: Floats, weights: Floats, *, seed: int = 1
) -> dict[str, float]:
    """Return the columns of `DOUBTS` of a number that was measured in each world.

    Parameters
    ----------
    values, errors
        Measured, and their standard errors, shape ``(n_worlds,)``; chance is independent between
        worlds.
    places
        The worlds' parameters at 0..1 of their ranges, shape ``(n_worlds, n_parameters)``.
    weights
        Shape ``(n_worlds,)``.
    seed
        Of the draws.
    """
    chance = (errors**2)[:, None, None]
    draws = smooth_over_worlds(places, values[:, None], chance, seed=seed).at_worlds[:, :, 0]
    if not errors.any():  # nothing is left to chance: the numbers are what they are
        draws = np.tile(values, (len(draws), 1))
    return doubts_of(draws, weights, seed=seed)


def bootstrapped(counted: Floats, weights: Floats, *, seed: int) -> tuple[Floats, Floats, Floats]:
    """Return shares of worlds with their 95% intervals: chance and the number of worlds.

    Parameters
    ----------
    counted
        How much of each world counts, 0 to 1, shape ``(n_draws, n_worlds, n_shares)``.
    weights
        Shape ``(n_worlds,)``.
    seed
        Of other worlds that might have been drawn (Bayesian bootstrap; Rubin 1981, The Annals of
        Statistics 9, 130-134).
    """
    own = np.random.default_rng(seed).exponential(size=counted.shape[:2]) * weights
    own /= own.sum(axis=1, keepdims=True)
    shares = np.einsum("dw,dws->ds", own, counted)
    mean = np.einsum("w,dws->s", weights / weights.sum(), counted) / len(counted)
    low, high = np.quantile(shares, (_TAIL, 1 - _TAIL), axis=0)
    return mean, np.minimum(low, mean), np.maximum(high, mean)


def _signs(x: Floats | np.floating) -> Floats:
    return np.where(np.abs(x) <= _SAME, 0.0, np.sign(x))


def _quantiles(values: Floats, weights: Floats) -> Floats:
    """Return both ends of the middle 95% of sorted values with weights."""
    at = np.cumsum(weights) - weights / 2
    return np.interp([_TAIL, 1 - _TAIL], at / weights.sum(), values)
