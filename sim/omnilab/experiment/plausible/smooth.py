"""Differences between strategies as smooth functions of the world, with what chance leaves open.

A world that few customers live in has a difference with much chance in it, and two worlds whose
winners differ need not disagree. So the differences are a function of the world's parameters plus
chance of a known size (that of the paired customers), and the function has a prior whose size is
found out too: where worlds differ by no more than chance, it becomes flat.

For each output the model is ``y = a + v b + (v^2 - 1/3) c + u + e``: parameters ``v`` at -1..1,
``b`` of variance s^2/p, ``c`` half as large, ``u`` a world's own part of variance t^2, ``e``
chance. Outputs are rotated first so that chance is of size 1 and independent in each; ``s`` and
``t`` are integrated over a grid, with half-Cauchy priors in units of that chance.

References
----------
Rubin, D. B. (1981). Estimation in parallel randomized experiments. Journal of Educational
Statistics 6, 377-401. (shrinking towards what experiments have in common)
Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models. Bayesian
Analysis 1, 515-534. (half-Cauchy)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Anchor", "Smooth", "smooth_over_worlds"]

Floats = NDArray[np.float64]

#: Sizes of the function's parts, in units of one world's chance; the first stands for none.
_SIZES: Final = np.array([1e-3, *np.geomspace(0.1, 100.0, 16)])
#: A bend is so much of a slope, a priori.
_BEND: Final = 0.5
#: A world's estimated chance counts within these, so that few odd customers don't weigh a world.
_ODD: Final = (1 / 3, 3.0)
_NOTHING: Final = 1e-12
#: Half of the priors' mass is below this, in units of one world's chance.
_TYPICAL: Final = 0.5


@dataclass(frozen=True)
class Anchor:
    """A world in which much was simulated.

    Attributes
    ----------
    place
        At 0..1 of the ranges, shape ``(n_parameters,)``.
    values, chance
        Its differences, shape ``(n_outputs,)``, and their covariances.
    """

    place: Floats
    values: Floats
    chance: Floats


@dataclass(frozen=True)
class Smooth:
    """Draws of the function.

    Attributes
    ----------
    at_worlds
        Differences in the worlds, shape ``(n_draws, n_worlds, n_outputs)``.
    elsewhere
        The same at other places, shape ``(n_draws, n_places, n_outputs)``.
    """

    at_worlds: Floats
    elsewhere: Floats


def smooth_over_worlds(
    places: Floats, values: Floats, chance: Floats, *, elsewhere: Floats | None = None,
    anchor: Anchor | None = None, draws: int = 400, seed: int = 1,
) -> Smooth:  # fmt: skip
    """Return draws of the differences, with chance taken out as far as it can be.

    Parameters
    ----------
    places
        The worlds' parameters at 0..1 of their ranges, shape ``(n_worlds, n_parameters)``.
    values
        Measured differences, shape ``(n_worlds, n_outputs)``.
    chance
        Covariances of their chance, shape ``(n_worlds, n_outputs, n_outputs)``; independent
        between worlds.
    elsewhere
        Other places, shape ``(n_places, n_parameters)``.
    anchor
        A world more, in which chance is another.
    draws, seed
        How many, and of what random numbers.
    """
    other = np.empty((0, places.shape[1])) if elsewhere is None else elsewhere
    turn, back, sizes = _rotation(chance)
    n = len(places)
    if anchor is not None:
        places = np.vstack([places, anchor.place])
        values = np.vstack([values, anchor.values])
        own = turn.T @ anchor.chance @ turn
        sizes = np.append(sizes, max(float(np.trace(own)) / max(len(own), 1), _NOTHING))
    y = values @ turn
    terms, others = _terms(places), _terms(other)
    rng = np.random.default_rng(seed)
    here = np.empty((draws, len(places), y.shape[1]))
    there = np.empty((draws, len(other), y.shape[1]))
    for k in range(y.shape[1]):
        here[:, :, k], there[:, :, k] = _draw_one(
            terms, y[:, k], sizes, others, places.shape[1], draws, rng
        )
    return Smooth(here[:, :n] @ back, there @ back)


def _rotation(chance: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the way to outputs of chance 1, the way back, and each world's chance in them.

    Outputs that always are the same as others, or nothing, have no chance of their own: they are
    left out on the way there and come back as what they are made of.
    """
    mean = chance.mean(axis=0)
    size, vectors = np.linalg.eigh((mean + mean.T) / 2)
    kept = size > _NOTHING * max(float(size.max(initial=0.0)), _NOTHING)
    root = np.sqrt(size[kept])
    turn, back = vectors[:, kept] / root, (vectors[:, kept] * root).T
    if not kept.any():
        return turn, back, np.ones(len(chance))
    own = np.einsum("ik,wij,jk->w", turn, chance, turn) / kept.sum()
    return turn, back, np.clip(own, *_ODD)


def _terms(places: Floats) -> Floats:
    """Return constant, slopes and bends of places 0..1."""
    v = 2.0 * places - 1.0
    return np.column_stack([np.ones(len(v)), v, v * v - 1.0 / 3.0])


def _draw_one(
    terms: Floats, y: Floats, chance: Floats, others: Floats, p: int, draws: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return draws of one output in the worlds and elsewhere."""
    fits = [
        (s, t, *_posterior(terms, y, chance, p, s, t)) for s in _SIZES for t in _SIZES
    ]  # fmt: skip
    logs = np.array([fit[2] for fit in fits])
    weights = np.exp(logs - logs.max())
    counts = rng.multinomial(draws, weights / weights.sum())
    here, there = np.empty((draws, len(y))), np.empty((draws, len(others)))
    at = 0
    for (_, t, _, mean, root), n in zip(fits, counts, strict=True):
        if not n:
            continue
        rows = slice(at, at + n)
        at += n
        coefficients = mean + rng.standard_normal((n, len(mean))) @ root.T
        trend = coefficients @ terms.T
        # A world's own part, given what is left of it: shrunken by as much as chance may be in it.
        share = t * t / (t * t + chance)
        own = share * (y - trend) + rng.standard_normal(trend.shape) * np.sqrt(share * chance)
        here[rows] = trend + own
        there[rows] = coefficients @ others.T + t * rng.standard_normal((n, len(others)))
    mix = rng.permutation(draws)
    return here[mix], there[mix]


def _mass(size: float) -> float:
    """Return the half-Cauchy mass of a size's step; the first has all below the second."""
    half = float(np.sqrt(_SIZES[2] / _SIZES[1]))
    low, high = size / half, size * half
    if size == _SIZES[0]:
        low, high = 0.0, float(_SIZES[1]) / half
    return float(np.arctan(high / _TYPICAL) - np.arctan(low / _TYPICAL))


def _posterior(
    terms: Floats, y: Floats, chance: Floats, p: int, s: float, t: float
) -> tuple[float, Floats, Floats]:
    """Return the log of a size's weight, the coefficients' mean, and a root of their covariance."""
    prior = np.r_[0.0, np.full(p, p / s**2), np.full(p, p / (_BEND * s) ** 2)]
    w = 1.0 / (chance + t * t)
    precision = (terms.T * w) @ terms + np.diag(prior)
    lower = np.linalg.cholesky(precision)
    inverse = np.linalg.inv(lower)
    covariance = inverse.T @ inverse
    mean = covariance @ (terms.T @ (w * y))
    left = y - terms @ mean
    log = -0.5 * float((w * left * left).sum() + (prior * mean * mean).sum())
    log += 0.5 * float(np.log(w).sum() + np.log(prior[1:]).sum())
    log -= float(np.log(np.diag(lower)).sum())
    # Half-Cauchy: a step on the grid of logarithms has the mass that it reaches over.
    for size in (s, t):
        log += np.log(_mass(size))
    return log, mean, inverse.T
