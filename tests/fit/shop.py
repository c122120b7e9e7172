"""A small stand-in for the simulated world: needs, some of which become orders days later."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
from scipy.stats import beta, gamma

from omnilab.fit import Occasions, occasions_of
from omnilab.fit.needs import Needs
from omnilab.fit.scenario import Simulated
from omnilab.fit.season import LEVEL
from omnilab.scenario.model import Scenario

DAY = 86_400
MOST = 120  # repeats of one customer
TRUTH = Needs(30.0, 0.8, 0.8, 2.0, LEVEL, 25.0, 6.0, 4.0)
START = date(2024, 1, 1)


def shop(
    needs: Needs, n_customers: int, *, conversion: float = 1.0, delay: float = 0.0,
    n_days: int = 273, over: int = 84, start: date = date(1997, 1, 1), seed: int = 0,
    busy: float = 1.0, paid: float = 1.0,
) -> Occasions:  # fmt: skip
    """Return what customers buy.

    ``busy`` is the factor of March (the third month), against 1 for the others. The first order
    falls evenly on the first ``over`` days; after each order a customer may leave. ``paid`` is
    the part of an amount that is left after discounts.
    """
    rng = np.random.default_rng(seed)
    # By inverse distributions: draws that stay in place when a parameter moves.
    rate = gamma.ppf(rng.random(n_customers), needs.shape) / (needs.every * needs.shape)
    rate *= conversion
    leaves = beta.ppf(rng.random(n_customers), needs.a, needs.b)
    own = rng.gamma(needs.q, 1.0, n_customers)
    first = np.floor(rng.random(n_customers) * over)
    factor = np.asarray(needs.season, dtype=float).copy()
    factor[2] *= busy
    months = [date.fromordinal(start.toordinal() + d).month - 1 for d in range(n_days)]
    clock = np.concatenate([[0.0], np.cumsum(factor[months])])
    stops = rng.random((n_customers, MOST)) < leaves[:, None]
    stops[:, -1] = True
    bought = np.arange(MOST) < stops.argmax(axis=1)[:, None]  # repeats before leaving
    gaps = rng.exponential(1.0, (n_customers, MOST)).cumsum(axis=1)
    busy_days = clock[first.astype(int)][:, None] + gaps / np.maximum(rate, 1e-12)[:, None]
    days = np.interp(busy_days, clock, np.arange(n_days + 1), right=np.inf)
    days += rng.exponential(1.0, days.shape) * delay
    customer, order = np.nonzero(bought & (days < n_days))
    who = np.concatenate([np.arange(n_customers), customer])
    when = np.concatenate([first, days[customer, order]])
    scale = needs.spend * (needs.q - 1) / needs.p
    spend = rng.gamma(needs.p, 1.0, (n_customers, MOST + 1)) * (scale / own)[:, None]
    amount = np.concatenate([spend[:, MOST], spend[customer, order]])
    seconds = (when * DAY).astype(np.int64)
    return occasions_of(who, seconds, amount * paid, n_days=n_days, start=start)


def write_log(path: Path) -> Path:
    """Write the log of 1,500 customers of a shop in which seven tenths of needs become orders."""
    data = shop(TRUTH, 1500, conversion=0.7, n_days=182, over=91, start=START, seed=4)
    lines = ["customer_id,date,amount"]
    for who, when, amount in zip(data.customer, data.time_s, data.amount, strict=True):
        day = START + timedelta(seconds=int(when))
        lines.append(f"c{who},{day.isoformat()},{amount:.2f}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def simulated(
    scenario: Scenario, n_days: int, *, same_day: bool = True, seeds: object = ()
) -> Simulated:
    """Return the customers of a scenario as the plain shop has them.

    Those with histories order by turns, as often as their groups' rates say.
    """
    if scenario.population.histories:
        groups = scenario.population.histories
        per_day = sum(g.share * g.alive * DAY / g.every for g in groups)
        each = per_day / sum(g.share for g in groups) * n_days
        n = max(int(0.6 * each * 1500), 20)
        some = np.arange(n)
        return as_simulated(
            occasions_of(some % 1500, some // 1500 * DAY % (n_days * DAY), np.full(n, 25.0),
                         n_days=n_days), 1500,
        )  # fmt: skip
    goods, dropout = scenario.categories[0], scenario.population.dropout
    assert scenario.population.entry is not None
    assert scenario.population.customers >= 10_000
    needs = Needs(
        goods.every / 86_400, goods.shape, dropout.a, dropout.b, goods.season,
        goods.spend.mean, goods.spend.p, goods.spend.q,
    )  # fmt: skip
    over = scenario.population.entry.over // 86_400
    bought = shop(needs, 1500, conversion=0.6, n_days=n_days, over=over, start=START, seed=6)
    return as_simulated(bought, 1500)


def as_simulated(bought: Occasions, customers: int) -> Simulated:
    """Return occasions as a simulation has them, of which nobody left by annoyance."""
    return Simulated(
        bought, np.arange(bought.n_customers), customers, customers, {"order": 30, "annoyed": 0}
    )
