"""Say what a scenario says without effect: in ``validate``, and before a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from omnilab.cli.console import say_warning

if TYPE_CHECKING:
    from omnilab.errors import ScenarioError
    from omnilab.scenario.load import ScenarioFile
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["warn_no_effects"]


def warn_no_effects(
    read: ScenarioFile, strategies: Iterable[LoadedStrategy] = ()
) -> list[ScenarioError]:
    """Print a warning on stderr for each thing that has no effect, and return them.

    They are printed under ``--quiet`` too: whoever reads only errors must know of them.

    Parameters
    ----------
    read
        The scenario.
    strategies
        Those that the command was given: what their plans use has an effect, and what they
        themselves say without one is said, too.
    """
    from omnilab.brand.sharing import without_identity
    from omnilab.scenario.effect import Beside

    own, loaded = read.scenario.brand.cap, tuple(strategies)
    beside = [Beside(s.plan.journeys, s.plan.cap not in (None, own)) for s in loaded]
    findings = read.no_effects(beside)
    for finding in findings:
        say_warning(str(finding))
    for strategy in loaded:
        if idle := strategy.plan.sharing.idle():
            say_warning(f"{strategy.name}: {without_identity(idle)}")
    return findings
