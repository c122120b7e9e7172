"""Say what a scenario says without effect: in ``validate``, and before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.model import Scenario

__all__ = ["print_finding", "warn_no_effects"]

COLOURS = {"error": "red", "warning": "yellow"}


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
        print_finding("warning", str(finding))
    return findings


def print_finding(kind: str, text: str) -> None:
    """Print one coloured line on stderr: ``error: ...`` or ``warning: ...``."""
    import os

    line = "".join(c if c.isprintable() else " " for c in text)
    color = False if os.environ.get("NO_COLOR") else None
    click.secho(f"{kind}: {line}", fg=COLOURS[kind], err=True, color=color)
