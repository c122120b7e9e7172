"""The laws of classes, categories and histories as tables of quantiles, and records naming them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import special  # scipy.stats takes a second to import

from omnilab.draws.inverse import make_table
from omnilab.kernels.record import record_array
from omnilab.lowering.media import lower_flights
from omnilab.scenario.customers import Category as CategorySpec
from omnilab.scenario.customers import ClassSpend, CustomerClass, Spend
from omnilab.scenario.model import Scenario
from omnilab.scenario.reach import shape_of
from omnilab.world.classes import ClassOfCustomers, Demand
from omnilab.world.needs import Category
from omnilab.world.population import History

__all__ = ["Amounts", "amounts_of", "gap_tables", "lower_laws"]


def _categories(scenario: Scenario, tables: _Tables) -> Any:
    """Return the records of the categories, in the scenario's order."""
    categories = record_array(Category, len(scenario.categories))
    for to, spec in zip(categories, scenario.categories, strict=True):
        to.regularity = spec.regularity
        to.latent, to.patience = spec.latent, spec.patience
        to.margin, to.returns, to.rival = spec.margin, spec.returns, spec.rival
        to.typical = spec.spend.mean * 100.0
        to.table_gap = to.table_first = -1
        if spec.order_regularity > 0:  # of needs, if each were an order at once; solved later
            gap, first = gap_tables(spec.order_regularity)
            to.table_gap, to.table_first = tables.add(gap), tables.add(first)
    return categories


def gap_tables(shape: float) -> tuple[Any, Any]:
    """Return the quantiles of gamma gaps of mean 1, and of the time to a process's first event.

    The first event of a renewal process that began long ago has the distribution function
    x (1 - F(x)) + G(x), with F the gaps' own, of this shape, and G that of a shape more by 1.

    References
    ----------
    Cox (1962), "Renewal theory", section 5.2.
    """
    grid = special.gammaincinv(shape, np.linspace(0.0, 1.0, 4001)[1:-1]) / shape
    low = np.geomspace(1e-12, grid[0], 200, endpoint=False)
    high = grid[-1] * np.geomspace(1.0, 20.0, 400)[1:]
    x = np.concatenate([low, grid, high])
    first = x * special.gammaincc(shape, shape * x) + special.gammainc(shape + 1.0, shape * x)
    first, kept = np.unique(first, return_index=True)
    forward = make_table(lambda q: np.interp(q, first, x[kept]))
    return make_table(lambda q: special.gammaincinv(shape, q) / shape), forward


@dataclass(frozen=True, slots=True)
class Amounts:
    """The law of amounts of one class in one category.

    Attributes
    ----------
    mean
        Over customers, of the mean of an order, in the scenario's currency.
    lognormal
        Whether the law is lognormal, by the two spreads; else Gamma-Gamma, by ``p`` and ``q``.
    p, q, order_sd, customer_sd, with_rate
        As in `omnilab.scenario.customers.Spend`.
    """

    mean: float
    lognormal: bool
    p: float
    q: float
    order_sd: float
    customer_sd: float
    with_rate: float

    @property
    def order_mean(self) -> float:
        """The mean of the table of an order, given the person."""
        return 1.0 if self.lognormal else self.p

    @property
    def spend_scale(self) -> float:
        """What is divided by a person's spread and multiplied by an order's draw."""
        return self.mean if self.lognormal else self.mean * (self.q - 1.0) / self.p

    def order_table(self) -> Any:
        """Return the quantiles of an order, given the person, of mean `order_mean`."""
        return _lognormal_table(self.order_sd, -0.5) if self.lognormal else _gamma_table(self.p)

    def spread_table(self) -> Any:
        """Return the quantiles of what the scale of a person is divided by."""
        if self.lognormal:  # the inverse of a lognormal of mean 1 is a lognormal
            return _lognormal_table(self.customer_sd, 0.5)
        return _gamma_table(self.q)


def amounts_of(category: Spend, of_class: ClassSpend | None = None) -> Amounts:
    """Return the law of amounts in a category, of all customers or of a class."""

    def own(name: str) -> Any:
        value = getattr(of_class, name) if of_class is not None else None
        return getattr(category, name) if value is None else value

    return Amounts(
        mean=category.mean * (1.0 if of_class is None else of_class.times),
        lognormal=own("law") == "lognormal",
        p=own("p"),
        q=own("q"),
        order_sd=own("order_sd"),
        customer_sd=own("customer_sd"),
        with_rate=own("with_rate"),
    )


class _Tables:
    """Tables of quantiles, each kept once; their number is their place."""

    def __init__(self) -> None:
        self.rows: list[Any] = []
        self._places: dict[int, int] = {}  # by the array's id: all are kept, so none is reused

    def number(self, table: Any) -> int:
        place = self._places.setdefault(id(table), len(self.rows))
        if place == len(self.rows):
            self.rows.append(table)
        return place

    def add(self, table: Any) -> int:
        """Keep a table that may be replaced, apart from all others."""
        self.rows.append(table)
        return len(self.rows) - 1


def lower_laws(scenario: Scenario) -> dict[str, Any]:
    """Return the classes of customers, their laws, the histories, and the tables of all laws."""
    tables = _Tables()
    looks = scenario.world.interest.shape
    if looks > 0.0:
        tables.number(_gamma_table(looks))  # the first of all: see omnilab.world.interest
    if scenario.world.attrition.yearly > 0.0:  # and then that of omnilab.world.attrition
        tables.add(_gamma_table(scenario.world.attrition.shape))
    specs: tuple[CustomerClass | None, ...] = scenario.population.classes or (None,)
    classes = record_array(ClassOfCustomers, len(specs))
    demand = record_array(Demand, len(specs) * len(scenario.categories))
    upto = 0.0
    for k, spec in enumerate(specs):
        upto += 1.0 if spec is None else spec.share
        classes[k].cumulative = upto
        leaving = scenario.population.dropout
        if spec is not None and spec.dropout is not None:
            leaving = spec.dropout
        classes[k].table_dropout = tables.number(_beta_table(leaving.a, leaving.b))
        for c, category in enumerate(scenario.categories):
            _fill(demand[k * len(scenario.categories) + c], category, spec, tables)
    histories = _histories(scenario, tables)
    categories = _categories(scenario, tables)
    habits = {
        medium: tables.number(_gamma_table(shape_of(scenario, medium)))
        for medium in dict.fromkeys(flight.medium for flight in scenario.brand.media)
    }
    return {
        "flight": lower_flights(scenario, habits),
        "classes": classes, "demand": demand, "history": histories, "cat": categories,
        "table": np.array(tables.rows),
    }  # fmt: skip


def _fill(to: Any, category: CategorySpec, spec: CustomerClass | None, tables: _Tables) -> None:
    """Fill the record of a class's law in a category."""
    shape = category.shape if spec is None or spec.shape is None else spec.shape
    amounts = amounts_of(category.spend, None if spec is None else spec.spend)
    to.table_rate = tables.number(_gamma_table(shape))
    to.table_order = tables.number(amounts.order_table())
    to.table_spread = tables.number(amounts.spread_table())
    # Gamma(shape) of mean `shape`, scaled to one need every `every` on average, per hour.
    to.rate_scale = 3600.0 / (category.every * shape) * (1.0 if spec is None else spec.needs)
    to.spend_scale = amounts.spend_scale
    to.with_rate = amounts.with_rate
    to.alone = float(np.sqrt(1.0 - amounts.with_rate * amounts.with_rate))


def _histories(scenario: Scenario, tables: _Tables) -> Any:
    """Return the groups of customers with a history; their laws are added to ``tables``."""
    groups = scenario.population.histories
    made = record_array(History, len(groups))
    total = sum(group.share for group in groups)
    classes = scenario.population.classes
    names = [spec.name for spec in classes]
    upto = 0.0
    for to, group in zip(made, groups, strict=True):
        upto += group.share / total
        to.cumulative, to.alive, to.orders = upto, group.alive, group.orders
        to.member_of = names.index(group.member_of) if group.member_of is not None else 0
        own = classes[to.member_of].spend if classes else None
        order_mean = amounts_of(scenario.categories[0].spend, own).order_mean
        to.rate_scale = 3600.0 / (group.every * group.shape)
        to.spend_scale = group.spend * (group.q - 1.0) / order_mean
        to.table_rate = tables.number(_gamma_table(group.shape))
        to.table_spread = tables.number(_gamma_table(group.q))
        to.table_dropout = tables.number(_beta_table(group.dropout.a, group.dropout.b))
    return made


@lru_cache(maxsize=1024)
def _gamma_table(shape: float) -> Any:
    return make_table(lambda q: special.gammaincinv(shape, q))


@lru_cache(maxsize=1024)
def _lognormal_table(sd: float, half: float) -> Any:
    """Return quantiles of exp(sd z + half sd^2): of mean 1 at -1/2, and at 1/2 of its inverse."""
    return make_table(lambda q: np.exp(sd * special.ndtri(q) + half * sd * sd))


@lru_cache(maxsize=1024)
def _beta_table(a: float, b: float) -> Any:
    return np.clip(make_table(lambda q: special.betaincinv(a, b, q)), 0.0, 1.0)
