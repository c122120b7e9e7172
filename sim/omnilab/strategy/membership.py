"""What `decide` is told of the programme's targets and tiers, and of split tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario

__all__ = ["Membership"]


class Membership:
    """Names and goals of one scenario.

    Parameters
    ----------
    scenario
        The scenario.

    Attributes
    ----------
    names
        Fields of `Decisions` with names: of tiers, targets, tests and the tests' arms; and whether
        the brand keeps scores of strategies.
    goals
        What each target takes, purchases or cents, > 0, shape (targets,).
    """

    def __init__(self, scenario: Scenario) -> None:
        brand = scenario.brand
        targets = brand.programme.targets if brand.programme else ()
        tiers = brand.programme.tiers if brand.programme else ()
        self.names: dict[str, Any] = {
            "tier_names": tuple(tier.name for tier in tiers),
            "target_names": tuple(target.name for target in targets),
            "test_names": tuple(test.name for test in brand.tests),
            "arm_names": tuple(tuple(test.arms) for test in brand.tests),
            "keeps_scores": brand.score is not None and brand.score.decided,
        }
        self.goals = np.array(
            [t.purchases or round((t.spend or 0.0) * 100) for t in targets], dtype=np.float64
        )

    def columns(self, tally: Any, arm: Any) -> dict[str, Any]:
        """Return the columns and names of `Decisions`.

        Parameters
        ----------
        tally
            What counts towards each target, purchases or cents, shape (n, targets).
        arm
            Arm of each test that the copy has met, -1 none, shape (n, tests).
        """
        return {"progress": np.asarray(tally) / self.goals, "arm": np.array(arm), **self.names}
