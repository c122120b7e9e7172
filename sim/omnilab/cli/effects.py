"""Say what a scenario says without effect: in ``validate``, and before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cli.console import say_warning

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.load import ScenarioFile

__all__ = ["warn_no_effects"]


def warn_no_effects(read: ScenarioFile) -> list[ScenarioError]:
    """Print a warning on stderr for each thing that has no effect, and return them.

    They are printed under ``--quiet`` too: whoever reads only errors must know of them.

    Parameters
    ----------
    read
        The scenario.
    """
    findings = read.no_effects()
    for finding in findings:
        say_warning(str(finding))
    return findings
