"""Bad experiences add up, fade, and may end the relation.

logit(leave) = h + c * recent failures - b * log(1 + purchases), times kappa, since people say
they leave more often than they do. h and c are set by the stated shares after one and three.

References
----------
Knox and van Oest (2014), "Customer complaints and recovery effectiveness"; PwC (2018).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Few, Parameters, Part, key
from omnilab.parameters.quantity import Duration, Share, Stimulus
from omnilab.world.intent import logistic, logit
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model
    from omnilab.world.state import Person

__all__ = [
    "Failures",
    "LoweredSatisfaction",
    "Satisfaction",
    "drops_out",
    "fail",
    "leave_chance",
    "leaves_after",
    "recover",
]


class Satisfaction(Parameters):
    """Leaving after bad experiences (Knox & van Oest 2014)."""

    kappa: Few = key(
        0.3,
        "Real leaving as a part of stated leaving; sweep .1 to 1.",
        unit="factor, no unit",
        kind="A",
        swept=("0.1", "1"),
    )
    after_one: Share = key(
        0.17, "Stated share that leaves after one bad experience.", kind="S", source="PWC18"
    )
    after_several: Share = key(
        0.59,
        "Stated share that leaves after several bad experiences, taken as three.",
        kind="S",
        source="PWC18",
    )
    purchases: Stimulus = key(
        0.3,
        "How much past purchases protect against leaving; form of KNOX.",
        unit="logit per log of purchases + 1",
        kind="A",
    )
    forget: Annotated[Duration, Field(gt=0)] = key(
        30 * 86400, "Time in which bad experiences fade to 1/e; form of KNOX.", kind="A"
    )
    recovery: Part = key(
        0.5,
        "Part of the bad experiences that a good service contact takes back; form of KNOX.",
        unit="part of 1",
        kind="A",
    )


class LoweredSatisfaction(Record):
    """What the rules read of `Satisfaction`, with the logit solved from it."""

    kappa: f8
    leave_base: f8  # logit without a failure
    leave_failure: f8  # logit a failure
    leave_purchases: f8  # logit a log purchase, less
    forget: f8  # seconds
    recovery: f8


@fills(LoweredSatisfaction)
def _lower(scenario: ScenarioParts) -> Values:
    """Solve the logit of leaving from what is stated after one failure and after three."""
    part = scenario.world.satisfaction
    one = logit(part.after_one * 0.999 + 1e-9)
    several = logit(part.after_several * 0.999 + 1e-9)
    step = (several - one) / 2.0
    return {
        "leave_base": one - step,
        "leave_failure": step,
        "leave_purchases": part.purchases,
    }


class Failures(Record):
    """What a person keeps of bad experiences."""

    failures: f8 = 0.0
    failures_t: i8 = 0


@inner
def fail(model: Model, person: Failures, t: int, weight: float = 1.0) -> float:
    """Count one more failure on top of those not yet forgotten; return the present sum.

    ``weight`` is how many it counts for (`omnilab.world.recovery`).
    """
    age = t - person.failures_t
    person.failures = person.failures * math.exp(-age / model.satisfaction.forget) + weight
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


@inner
def leaves_after(model: Model, person: Person, t: int, u: float, weight: float = 1.0) -> bool:
    """Count a bad experience; tell by uniform ``u`` whether it makes the person leave for good."""
    fail(model, person, t, weight)
    return u < leave_chance(model, person)


@inner
def drops_out(person: Person, u: float) -> bool:
    """Tell by uniform ``u`` whether the person leaves for good after an order."""
    return u < person.dropout
