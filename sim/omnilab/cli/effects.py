"""Say what a scenario says without effect: in ``validate``, and before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cli.console import say_warning

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.model import Scenario

__all__ = ["warn_no_effects"]


def warn_no_effects(source: str, scenario: Scenario) -> list[ScenarioError]:
    """Print a warning on stderr for each thing that has no effect, and return them.

    They are printed under ``--quiet`` too: whoever reads only errors must know of them.

    Parameters
    ----------
    source
        The scenario as the user named it.
    scenario
        The same, loaded.
    """
    from omnilab.scenario.load import no_effects

    findings = no_effects(source, scenario)
    for finding in findings:
        say_warning(str(finding))
    return findings
