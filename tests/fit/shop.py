"""A small stand-in for the simulated world: needs, some of which become orders days later."""

from __future__ import annotations

from datetime import date

import numpy as np

from omnilab.fit import Occasions, occasions_of
from omnilab.fit.needs import Needs

DAY = 86_400


def shop(
    needs: Needs, n_customers: int, *, conversion: float = 1.0, delay: float = 0.0,
    n_days: int = 273, over: int = 84, start: date = date(1997, 1, 1), seed: int = 0,
    busy: float = 1.0,
) -> Occasions:  # fmt: skip
    """Return what customers buy, one story after another.

    ``busy`` is the factor of March (the third month), against 1 for the others. The first order
    falls evenly on the first ``over`` days; after each order a customer may leave.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(needs.shape, 1 / (needs.every * needs.shape), n_customers) * conversion
    leaves = rng.beta(needs.a, needs.b, n_customers)
    own = rng.gamma(needs.q, 1.0, n_customers)
    first = np.floor(rng.random(n_customers) * over)
    factor = np.asarray(needs.season, dtype=float).copy()
    factor[2] *= busy
    months = [date.fromordinal(start.toordinal() + d).month - 1 for d in range(n_days)]
    clock = np.concatenate([[0.0], np.cumsum(factor[months])])
    who, when = [], []
    for i in range(n_customers):
        spot = rng.random(120)
        gaps = rng.exponential(1.0, 120)
        stays = np.argmax(spot < leaves[i]) if (spot < leaves[i]).any() else 120
        late = rng.exponential(delay, 120) if delay else np.zeros(120)
        busy_days = clock[int(first[i])] + np.cumsum(gaps)[:stays] / max(rate[i], 1e-12)
        days = np.interp(busy_days, clock, np.arange(n_days + 1), right=np.inf) + late[:stays]
        days = days[days < n_days]
        who += [i] * (1 + len(days))
        when += [first[i], *np.sort(days)]
    scale = needs.spend * (needs.q - 1) / needs.p
    amount = rng.gamma(needs.p, 1.0, len(who)) * scale / own[np.array(who)]
    seconds = np.array(when) * DAY
    return occasions_of(np.array(who), seconds.astype(np.int64), amount, n_days=n_days, start=start)
