"""Find what a scenario says without any effect: keys that nothing reads, journeys that can't start.

A finding is no error: the scenario runs, but not as its author may believe. Values that switch
something off on purpose, such as a share of 0, are no findings, and neither are a preset's own
keys: only what the user's files say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from omnilab.scenario.effect.brand import brand_findings
from omnilab.scenario.effect.cap import cap_findings
from omnilab.scenario.effect.channels import channel_findings
from omnilab.scenario.effect.customers import customer_findings
from omnilab.scenario.effect.journeys import journey_findings
from omnilab.scenario.effect.look import Beside, Look
from omnilab.scenario.effect.places import place_findings
from omnilab.scenario.effect.world import world_findings

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.model import Scenario
    from omnilab.scenario.tree import Node

__all__ = ["Beside", "without_effect"]


def without_effect(
    scenario: Scenario, root: Node, beside: Sequence[Beside] = ()
) -> list[ScenarioError]:
    """Return what has no effect, each with its file, line and key, in the order of the lines.

    Parameters
    ----------
    scenario
        The validated scenario.
    root
        The composed tree that it was read from.
    beside
        Of each strategy that is to run in it, the plan's journeys: a channel that they use has an
        effect, and so has a cap that they can reach or that is the ceiling of a plan's own.
    """
    look = Look(scenario, root, tuple(beside))
    parts = (
        channel_findings, journey_findings, cap_findings, brand_findings, world_findings,
        customer_findings, place_findings,
    )  # fmt: skip
    found = [finding for part in parts for finding in part(look)]
    found.sort(key=lambda e: (e.file != root.file, str(e.file), e.line or 0))
    return list({str(finding): finding for finding in found}.values())
