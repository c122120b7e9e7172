"""Continuity: what a person does where the context did not follow to the new place.

References
----------
No study isolates the effect; Baymard's reasons for leaving a checkout bound it. The chance is an
assumption, to be swept: docs/reference/parameters.md has its row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.kernels.compiling import inner
from omnilab.kernels.record import Record, f8, i8
from omnilab.parameters.declared import Parameters, key
from omnilab.parameters.quantity import Duration, Share
from omnilab.world.lowered import ScenarioParts, Values, fills

if TYPE_CHECKING:
    from omnilab.world.model import Model

__all__ = ["Continuity", "LoweredContinuity", "gives_up", "needs_service"]


class Continuity(Parameters):
    """What it costs a person when the context did not follow."""

    give_up: Share = key(
        0.05,
        "Chance to give up at each step that has to be repeated; sweep 0 to 25%, BAYMARD bounds "
        "it.",
        kind="A",
        swept=("0%", "25%"),
    )
    annoys: Share = key(0.10, "Chance that repeating steps is a bad experience.", kind="A")
    service: Share = key(0.08, "Share of orders that lead to a service contact.", kind="A")
    service_after: Duration = key(
        3 * 86400, "Mean time from order to that contact, on the activity clock.", kind="A"
    )
    unknown_annoys: Share = key(
        0.5,
        "Chance that a service contact without the customer's history is a bad experience.",
        kind="A",
    )


class LoweredContinuity(Record):
    """What the rules read of `Continuity`."""

    give_up: f8
    annoys: f8
    service: f8
    service_after: f8  # seconds of activity
    unknown_annoys: f8
    service_channels: i8  # channels that give service


@fills(LoweredContinuity)
def _lower(scenario: ScenarioParts) -> Values:
    return {"service_channels": sum(bool(c.visit and c.visit.service) for c in scenario.channels)}


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
