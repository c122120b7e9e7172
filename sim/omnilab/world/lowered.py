"""How a mechanism's parameters become the record that its rules read.

A lowered record has a field of the same name for each parameter that is used as it is written. What
has another unit, or follows from several keys, is returned by one function beside the record:

    @fills(LoweredFatigue)
    def _lower(scenario: ScenarioParts) -> Values:
        return {"memory_weeks": 604800.0 / scenario.world.fatigue.memory}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from omnilab.kernels.record import Record, names_of

if TYPE_CHECKING:
    from omnilab.world.mechanisms import World

__all__ = ["ScenarioParts", "Values", "fills", "lowered_values"]

#: Field -> its value, or its values.
Values: TypeAlias = Mapping[str, float | Sequence[float]]


class ScenarioParts(Protocol):
    """What a mechanism may read of a scenario: `omnilab.scenario.model.Scenario` has it."""

    @property
    def world(self) -> World:
        """The parameters of all mechanisms."""

    @property
    def categories(self) -> Sequence[Any]:
        """What customers need."""

    @property
    def population(self) -> Any:
        """Who the customers are."""

    @property
    def channels(self) -> Sequence[Any]:
        """Where brand and customers meet."""

    @property
    def places(self) -> Sequence[Any]:
        """Stores, rivals' stores and boards of a town."""

    @property
    def brand(self) -> Any:
        """The brand's means."""

    @property
    def stock(self) -> Any:
        """What the brand holds units of, and where."""


_FILLS: Final[dict[type[Record], Callable[[ScenarioParts], Values]]] = {}


def fills(
    record: type[Record],
) -> Callable[[Callable[[ScenarioParts], Values]], Callable[[ScenarioParts], Values]]:
    """Say that a function returns those fields of a record that are no key's own value."""

    def declare(function: Callable[[ScenarioParts], Values]) -> Callable[[ScenarioParts], Values]:
        _FILLS[record] = function
        return function

    return declare


def lowered_values(record: type[Record], part: str, scenario: ScenarioParts) -> Values:
    """Return the values of all fields of a lowered record.

    Parameters
    ----------
    record
        The class.
    part
        The key below ``world`` under which the mechanism's parameters stand; it may have none.
    scenario
        A validated scenario.

    Raises
    ------
    TypeError
        If a field has no value, or a value no field.
    """
    own = _FILLS[record](scenario) if record in _FILLS else {}
    written = getattr(scenario.world, part, None)
    keys = type(written).model_fields if written is not None else {}
    values = {n: getattr(written, n) for n in names_of(record) if n in keys}
    values |= own
    wrong = sorted(set(values) ^ set(names_of(record)))
    if wrong:
        raise TypeError(
            f"{record.__name__}: {', '.join(wrong)}: a field has no value or a value no field;"
            f" give it in the function that fills {record.__name__}"
        )
    return values
