"""Continuity: what a person does where the context did not follow to the new place.

References
----------
No study isolates the effect; Baymard's reasons for leaving a checkout bound it. The chance is an
assumption, to be swept: docs/reference/parameters.md, "Continuity".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["LoweredContinuity", "gives_up", "needs_service"]


class LoweredContinuity(Record):
    """The parameters: those of `scenario.behaviour.Continuity`."""

    give_up: f8
    annoys: f8
    service: f8
    service_after: f8  # seconds of activity
    unknown_annoys: f8
    service_channels: i8  # channels that give service


@inner
def gives_up(model: Model, steps: int, u: float) -> bool:
    """Tell whether the person gives up before having repeated ``steps`` steps, uniform ``u``.

    Each step is given up with the same chance g, so all are done with (1 - g) per step.
    """
    goes_on = 1.0
    for _ in range(steps):
        goes_on *= 1.0 - model.continuity.give_up
    return u >= goes_on


@inner
def needs_service(model: Model, u: float) -> bool:
    """Tell by uniform ``u`` whether an order leads to a service contact."""
    return u < model.continuity.service and model.continuity.service_channels > 0
