"""Check the strategies that a scenario names, which its own validation knows nothing of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from omnilab.scenario.load import ScenarioFile

__all__ = ["check_named"]


def check_named(read: ScenarioFile, *, compared: bool = True) -> None:
    """Check that the strategies a scenario names are there, without importing them.

    Parameters
    ----------
    read
        The scenario.
    compared
        Whether its list of strategies is wanted, and not only the status quo.

    Raises
    ------
    ScenarioError
        At the line of the first that is not installed, or that is listed a second time.
    """
    from omnilab.strategy.naming import unknown_name

    scenario = read.scenario
    named: dict[tuple[str | int, ...], str] = {("brand", "status_quo"): scenario.brand.status_quo}
    if compared:
        named |= {("strategies", i): name for i, name in enumerate(scenario.strategies)}
    for path, name in named.items():
        if wrong := unknown_name(name):
            raise read.error_at(path, f"{name!r}: {wrong}")
    if not compared:
        return
    if not scenario.strategies:
        raise read.error_at(("strategies",), "empty: name one at least, or leave the key out")
    for i, name in enumerate(scenario.strategies):
        if name in scenario.strategies[:i]:
            raise read.error_at(("strategies", i), f"{name!r} is listed twice")
