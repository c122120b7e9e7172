"""Rows of a comparison under other silo maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from omnilab.errors import OptionError, nearest
from omnilab.scenario.wiring import MAPS, Wiring
from omnilab.strategy.naming import parsed_map
from omnilab.strategy.plan import Plan, Sharing

if TYPE_CHECKING:
    from omnilab.scenario.model import Scenario
    from omnilab.strategy.loading import LoadedStrategy

__all__ = ["ALL_MAPS", "depends_on_map", "map_of", "maps_named", "under_other_maps"]

ALL_MAPS: Final = "all"


def depends_on_map(plan: Plan) -> bool:
    """Tell whether a silo map can change what a plan does to customers by its messages.

    With all seven choices `all` it can't; without journeys only the carts that follow a customer
    within a team can differ.
    """
    return bool(plan.journeys) and plan.sharing != Sharing.every("all")


def map_of(plan: Plan, scenario: Scenario) -> Wiring:
    """Return the silo map that a checked plan runs on."""
    return plan.wiring if isinstance(plan.wiring, Wiring) else scenario.brand.wiring


def maps_named(names: Iterable[str], option: str = "--wiring") -> tuple[str, ...]:
    """Return the names of silo maps, where ``all`` stands for each that comes with omnilab.

    Raises
    ------
    OptionError
        If there is no such map; names the nearest.
    """
    found: list[str] = []
    for name in names:
        if name == ALL_MAPS:
            found += MAPS
        elif name in MAPS:
            found.append(name)
        else:
            known = (*MAPS, ALL_MAPS)
            hint = nearest(name, known) or f"; there are {', '.join(known)}"
            raise OptionError(f"{option}: no silo map {name!r}{hint}")
    return tuple(dict.fromkeys(found))


def under_other_maps(
    strategies: Mapping[str, LoadedStrategy], maps: Sequence[str], scenario: Scenario
) -> dict[str, LoadedStrategy]:
    """Return strategies under maps that they are not on yet, by how they can be named.

    Parameters
    ----------
    strategies
        By how they were named.
    maps
        From `maps_named`.
    scenario
        Of the comparison.
    """
    from omnilab.strategy.loading import under_map

    names = {strategy.name for strategy in strategies.values()}
    found = {}
    for given, strategy in strategies.items():
        if not depends_on_map(strategy.plan) or parsed_map(given)[1] is not None:
            continue
        for name in maps:
            made = under_map(strategy, name, scenario)
            if map_of(strategy.plan, scenario).name != name and made.name not in names:
                found[f"{given}@{name}"] = made
    return found
