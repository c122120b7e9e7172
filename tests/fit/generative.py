"""The stories behind the models, told one customer after another: slow and plain."""

from __future__ import annotations

import numpy as np

from omnilab.fit import BgNbd, GammaGamma, Summary


def buyers(model: BgNbd, ages: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return repeats and age at the last of them, for customers watched up to ``ages``."""
    rng = np.random.default_rng(seed)
    frequency, recency = np.zeros(len(ages), dtype=np.int64), np.zeros(len(ages))
    for i, age in enumerate(ages):
        rate = rng.gamma(model.r, 1 / model.alpha)
        p_stop = rng.beta(model.a, model.b)
        now = 0.0
        while True:
            now += rng.exponential(1 / rate) if rate > 0 else np.inf
            if now > age:
                break
            frequency[i] += 1
            recency[i] = now
            if rng.random() < p_stop:
                break
    return frequency, recency


def spenders(model: GammaGamma, n_orders: np.ndarray, seed: int) -> np.ndarray:
    """Return each customer's mean amount over ``n_orders`` (NaN over none)."""
    rng = np.random.default_rng(seed)
    means = np.full(len(n_orders), np.nan)
    for i, n in enumerate(n_orders):
        nu = rng.gamma(model.q, 1 / model.gamma)
        if n:
            means[i] = rng.gamma(model.p, 1 / nu, size=n).mean()
    return means


def summary_of(model: BgNbd, ages: np.ndarray, seed: int, unit: str = "week") -> Summary:
    frequency, recency = buyers(model, ages, seed)
    return Summary(frequency, recency, ages, np.full(len(ages), np.nan), unit)
