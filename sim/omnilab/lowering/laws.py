"""The laws of categories and histories as tables of quantiles, and the records that name them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special  # scipy.stats takes a second to import

from omnilab.draws.inverse import make_table
from omnilab.kernels.record import record_array
from omnilab.scenario.model import Scenario
from omnilab.world.needs import Category
from omnilab.world.population import History

__all__ = ["lower_categories", "lower_tables"]


def lower_categories(scenario: Scenario) -> Any:
    """Return the records of the categories, in the scenario's order."""
    n = len(scenario.categories)
    categories = record_array(Category, n)
    for i, spec in enumerate(scenario.categories):
        to = categories[i]
        to.regularity, to.table_p = spec.regularity, n + i
        to.latent, to.patience = spec.latent, spec.patience
        to.margin, to.returns, to.rival = spec.margin, spec.returns, spec.rival
        # Gamma(shape) of mean `shape`, scaled to one need every `every` on average, per hour.
        to.rate_scale = 3600.0 / (spec.every * spec.shape)
        to.typical = spec.spend.mean * 100.0
        to.spend_scale = spec.spend.mean * (spec.spend.q - 1.0) / spec.spend.p
    return categories


def lower_tables(scenario: Scenario) -> tuple[Any, Any]:
    """Return the tables of all laws, that of leaving last, and the histories that use some."""
    rates = [_gamma_table(c.shape) for c in scenario.categories]
    orders = [_gamma_table(c.spend.p) for c in scenario.categories]
    spreads = [_gamma_table(c.spend.q) for c in scenario.categories]
    looks = scenario.world.interest.shape
    tables = [*rates, *orders, *spreads, *([_gamma_table(looks)] if looks > 0.0 else [])]
    histories = _histories(scenario, tables)
    dropout = scenario.population.dropout
    return np.array([*tables, _beta_table(dropout.a, dropout.b)]), histories


def _histories(scenario: Scenario, tables: list[Any]) -> Any:
    """Return the groups of customers with a history, and append their laws to ``tables``."""
    groups = scenario.population.histories
    made = record_array(History, len(groups))
    total = sum(group.share for group in groups)
    upto = 0.0
    for to, group in zip(made, groups, strict=True):
        upto += group.share / total
        to.cumulative, to.alive, to.orders = upto, group.alive, group.orders
        to.rate_scale = 3600.0 / (group.every * group.shape)
        to.spend_scale = group.spend * (group.q - 1.0) / scenario.categories[0].spend.p
        to.table_rate = len(tables)
        tables.append(_gamma_table(group.shape))
        to.table_spread = len(tables)
        tables.append(_gamma_table(group.q))
        to.table_dropout = len(tables)
        tables.append(_beta_table(group.dropout.a, group.dropout.b))
    return made


@lru_cache(maxsize=1024)
def _gamma_table(shape: float) -> Any:
    return make_table(lambda q: special.gammaincinv(shape, q))


@lru_cache(maxsize=1024)
def _beta_table(a: float, b: float) -> Any:
    return np.clip(make_table(lambda q: special.betaincinv(a, b, q)), 0.0, 1.0)
