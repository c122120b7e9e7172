"""From contents and ready creatives to the arrays that kernels read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omnilab.brand.leeway import LoweredContent, LoweredCreative
from omnilab.kernels.record import record_array
from omnilab.lowering.themes import creative_number
from omnilab.scenario.leeway import best_quality, contents_of

if TYPE_CHECKING:
    from omnilab.scenario.journeys import Message
    from omnilab.scenario.model import Scenario

__all__ = ["lower_contents", "lower_creatives", "lower_ready", "ready_quality"]


def lower_contents(scenario: Scenario) -> Any:
    """Return what messages can show, in the order of `contents_of`."""
    names = contents_of(scenario)
    lowered = record_array(LoweredContent, len(names))
    for to, name in zip(lowered, names, strict=True):
        to.quality = best_quality(scenario, name)
    return lowered


def lower_creatives(scenario: Scenario) -> Any:
    """Return the brand's creatives in their order."""
    creatives = scenario.brand.creatives
    lowered = record_array(LoweredCreative, len(creatives))
    for to, creative in zip(lowered, creatives, strict=True):
        to.template, to.quality = creative_number(creative.name), creative.quality
    return lowered


def lower_ready(to: Any, message: Message, scenario: Scenario) -> None:
    """Write into a step which content and which of the brand's creatives are its own, from 1."""
    names = [creative.name for creative in scenario.brand.creatives]
    to.ready = 1 + names.index(message.creative) if message.creative in names else 0
    one = isinstance(message.shows, str)
    to.content = 1 + contents_of(scenario).index(str(message.shows)) if one else 0


def ready_quality(scenario: Scenario) -> dict[str, float]:
    """Return the quality of each of the brand's creatives by its name."""
    return {creative.name: creative.quality for creative in scenario.brand.creatives}
