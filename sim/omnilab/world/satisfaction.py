"""Bad experiences add up, fade, and may end the relation.

logit(leave) = h + c * recent failures - b * log(1 + purchases), times kappa, since people say
they leave more often than they do. h and c are set by the stated shares after one and three.

References
----------
Knox and van Oest (2014), "Customer complaints and recovery effectiveness"; PwC (2018).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.world.intent import logistic

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = ["Failures", "LoweredSatisfaction", "fail", "leave_chance", "recover"]


class LoweredSatisfaction(Record):
    """The parameters: those of `scenario.behaviour.Satisfaction`, the logit solved from them."""

    kappa: f8
    leave_base: f8  # logit without a failure
    leave_failure: f8  # logit a failure
    leave_purchases: f8  # logit a log purchase, less
    forget: f8  # seconds
    recovery: f8


class Failures(Record):
    """What a person keeps of bad experiences."""

    failures: f8 = 0.0
    failures_t: i8 = 0


@inner
def fail(model: Model, person: Failures, t: int) -> float:
    """Count one more failure on top of those not yet forgotten; return the present sum."""
    age = t - person.failures_t
    person.failures = person.failures * math.exp(-age / model.satisfaction.forget) + 1.0
    person.failures_t = t
    return person.failures


@inner
def recover(model: Model, person: Failures) -> None:
    """Take back part of the failures after a good service contact."""
    person.failures = person.failures * (1.0 - model.satisfaction.recovery)


@inner
def leave_chance(model: Model, person: Person) -> float:
    """Return the chance to leave for good after the latest failure."""
    x = model.satisfaction.leave_base + model.satisfaction.leave_failure * person.failures
    x -= model.satisfaction.leave_purchases * math.log(1.0 + person.purchases)
    return model.satisfaction.kappa * logistic(x)
