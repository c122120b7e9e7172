"""Which contents, creatives and themes `decide` may give to the messages of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from omnilab.scenario.leeway import contents_of, may_choose, themes_of

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.plan import Plan

__all__ = ["OpenChoices"]


class OpenChoices:
    """What is open to `decide`, by journey and step.

    Parameters
    ----------
    scenario, plan
        The scenario, and the plan of the strategy.
    """

    def __init__(self, scenario: Scenario, plan: Plan) -> None:
        self.names = {
            "show_names": contents_of(scenario),
            "creative_names": tuple(c.name for c in scenario.brand.creatives),
            "theme_names": themes_of(scenario),
        }
        fields = {
            "may_show": ("shows", self.names["show_names"]),
            "may_creative": ("creatives", self.names["creative_names"]),
            "may_theme": ("themes", self.names["theme_names"]),
        }
        most = max((len(journey.steps) for journey in plan.journeys), default=0)
        self._masks: dict[str, npt.NDArray[np.bool_]] = {}
        for name, (field, names) in fields.items():
            mask = np.zeros((len(plan.journeys), most, len(names)), np.bool_)
            for j, journey in enumerate(plan.journeys):
                for k, step in enumerate(journey.steps):
                    mask[j, k] = may_choose(step.message, field, names)
            self._masks[name] = mask

    def columns(self, journey: Any, step: Any) -> dict[str, Any]:
        """Return the columns and names that `Decisions` has of messages of these steps.

        Parameters
        ----------
        journey, step
            By message, whole numbers, shape (n,).
        """
        masks = {name: mask[journey, step] for name, mask in self._masks.items()}
        return {**masks, **self.names}
