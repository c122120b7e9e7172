"""Bad experiences add up, fade, and may end the relation.

logit(leave) = h + c * recent failures - b * log(1 + purchases), times kappa, since people say
they leave more often than they do. h and c are set by the stated shares after one and three.

References
----------
Knox and van Oest (2014), "Customer complaints and recovery effectiveness"; PwC (2018).
"""

from __future__ import annotations

import math
from typing import Any

from omnilab.kernels.compiling import inner
from omnilab.world.intent import logistic

__all__ = ["fail", "leave_chance", "recover"]


@inner
def fail(M: Any, person: Any, t: int) -> float:
    """Count one more failure on top of those not yet forgotten; return the present sum."""
    age = t - person.failures_t
    person.failures = person.failures * math.exp(-age / M.w[0].forget) + 1.0
    person.failures_t = t
    return person.failures


@inner
def recover(M: Any, person: Any) -> None:
    """Take back part of the failures after a good service contact."""
    person.failures = person.failures * (1.0 - M.w[0].recovery)


@inner
def leave_chance(M: Any, person: Any) -> float:
    """Return the chance to leave for good after the latest failure."""
    w = M.w[0]
    x = w.leave_base + w.leave_failure * person.failures
    x -= w.leave_purchases * math.log(1.0 + person.purchases)
    return w.kappa * logistic(x)
