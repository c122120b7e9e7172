"""Open the scenario that a command was given: read, checked, warned of, and sized."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omnilab.cli.effects import warn_no_effects
from omnilab.cli.named import check_named

if TYPE_CHECKING:
    from omnilab.scenario.load import ScenarioFile
    from omnilab.scenario.model import Scenario

__all__ = ["open_scenario"]


def open_scenario(
    source: str, customers: int | None = None, *, compared: bool = False, warned: bool = True
) -> tuple[ScenarioFile, Scenario]:
    """Return a scenario's file, and the scenario with the customers that were asked for.

    Parameters
    ----------
    source
        A file or the id of a shipped scenario.
    customers
        The scenario's own if not given.
    compared
        Whether its list of strategies is wanted, and not only the status quo.
    warned
        Whether to say on stderr what has no effect.

    Raises
    ------
    ScenarioError
        As `read_scenario`, or where a strategy that it names is not there.
    """
    from omnilab.scenario.load import read_scenario

    read = read_scenario(source)
    check_named(read, compared=compared)
    if warned:
        warn_no_effects(read)
    return read, read.scenario.with_customers(customers or read.scenario.population.customers)
