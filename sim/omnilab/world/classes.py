"""Classes of customers: how often each needs, for how much, and how spend goes with frequency.

A customer belongs to one hidden class, drawn at an address of its own. The class gives the laws of
need rates, of amounts and of leaving (`omnilab.lowering.laws` makes their tables). Without classes
all customers are of one, which has the laws of the categories and of the population.

Rate and spend of a customer are joined by a Gaussian copula: with z the normal scores of the two
uniforms that the customer was born with, the score of spend is

    z_spend = with_rate * z_rate + sqrt(1 - with_rate^2) * z_own

so that each keeps its own law, whatever the correlation.

References
----------
Glady, Baesens and Croux (2009), "A modified Pareto/NBD approach for predicting customer lifetime
value", Expert Systems with Applications 36(2): amounts and frequency are not independent.
Sklar (1959), for the copula.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from omnilab.draws.inverse import normal
from omnilab.draws.philox import draw4
from omnilab.draws.streams import stream
from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["ClassOfCustomers", "Demand", "class_of", "spend_uniform"]

CUSTOMER_CLASS: Final = stream("CUSTOMER_CLASS", 150)  # which class a person is of: person

_SQRT_HALF = math.sqrt(0.5)
_LEAST = 2.0**-40  # tables of quantiles end at 2**-33


class ClassOfCustomers(Record):
    """A hidden class of customers."""

    cumulative: f8  # share of persons up to this class
    table_dropout: i8  # number of the table of the chance to leave after an order


class Demand(Record):
    """How often the customers of a class need a category, and for how much."""

    table_rate: i8  # numbers of tables: of rates over persons
    table_order: i8  # of an order's value, given the person
    table_spread: i8  # of what the scale of a person's orders is divided by
    rate_scale: f8  # needs an hour
    spend_scale: f8
    with_rate: f8  # correlation of the normal scores of rate and spend
    alone: f8  # sqrt(1 - with_rate^2)


@inner
def class_of(model: Model, entity: int) -> int:
    """Return the class of a person; nothing is drawn where there is only one."""
    n = len(model.classes)
    if n == 1:
        return 0
    u, _, _, _ = draw4(model.key.k0, model.key.k1, CUSTOMER_CLASS, entity, 0)
    k = 0
    while k < n - 1 and u >= model.classes[k].cumulative:
        k += 1
    return k


@inner
def spend_uniform(law: Demand, u: float, v: float) -> float:
    """Return the uniform at which the person's spread is looked up.

    Parameters
    ----------
    law
        Of the person's class in the category.
    u, v
        Uniforms of the person's rate and spend. A high ``u`` is a high rate; a high ``v`` is a
        high spread, by which amounts are divided, and so a low spend.
    """
    if law.with_rate == 0.0:
        return v
    z = law.with_rate * normal(u) - law.alone * normal(v)  # score of spend
    w = 0.5 * math.erfc(z * _SQRT_HALF)
    return min(max(w, _LEAST), 1.0 - _LEAST)
