"""Read the values of a file of patterns, each with an error that says where and what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from omnilab._files.messages import shown
from omnilab._files.quantities import parse_duration
from omnilab.errors import nearest
from omnilab.experiment.patterns.measures import DAYS, Option, PatternMeasure
from omnilab.parameters.quantity import parse_share

if TYPE_CHECKING:
    from omnilab._files.yaml_tree import Node
    from omnilab.scenario.model import Scenario

__all__ = [
    "items_of",
    "keys_of",
    "names_of",
    "number_of",
    "read_options",
    "size_of",
    "text_of",
    "word_of",
]


def keys_of(
    node: Node, where: str, needed: Sequence[str], optional: Sequence[str] = ()
) -> dict[str, Node]:
    """Return a mapping's nodes, which has these keys and no others."""
    if not isinstance(node.value, dict):
        raise node.error(f"{where} must be a mapping, not {shown(node.value)}")
    valid = (*needed, *optional)
    for key, child in node.value.items():
        if key not in valid:
            hint = nearest(key, valid) or f"; there are {', '.join(valid)}"
            raise child.error(f"{where}: unknown key {shown(key)}{hint}")
    for key in needed:
        if key not in node.value:
            raise node.error(f"{where}: key {key!r} is missing")
    return node.value


def items_of(node: Node, where: str) -> list[Node]:
    """Return a list's nodes."""
    if not isinstance(node.value, list):
        raise node.error(f"must be a list, not {shown(node.value)}", where)
    return node.value


def text_of(node: Node, where: str, read: Callable[[str], str] = str) -> str:
    """Return text that is not empty."""
    if node.text is None or not node.text.strip():
        raise node.error(f"must be text, not {shown(node.value)}", where)
    try:
        return read(node.text)
    except ValueError as wrong:
        raise node.error(str(wrong), where) from None


def word_of(node: Node, where: str, words: Iterable[str]) -> str:
    """Return one of some words."""
    valid = list(words)
    text = text_of(node, where)
    if text not in valid:
        hint = nearest(text, valid) or f"; there are {', '.join(valid)}"
        raise node.error(f"there is no {text!r}{hint}", where)
    return text


def names_of(node: Node, where: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return a list of some names, at least one."""
    found = tuple(word_of(item, where, names) for item in items_of(node, where))
    if not found:
        raise node.error("the list is empty", where)
    return found


def size_of(unit: str) -> Callable[[Any], float]:
    """Return what reads a size of a unit, ``share`` or ``ratio``."""
    return parse_share if unit == "share" else _ratio


def number_of(node: Node, where: str, read: Callable[[Any], float]) -> float:
    """Return a size that `read` takes."""
    try:
        return read(node.value)
    except ValueError as wrong:
        raise node.error(str(wrong), where) from None


def read_options(
    node: Node | None, pattern: Node, name: str, measure: PatternMeasure, scenario: Scenario
) -> dict[str, Any]:
    """Return what a pattern says about its measure, defaults where it says nothing.

    Parameters
    ----------
    node, pattern
        The mapping, if there is one, and the pattern that it is of.
    name
        The pattern's.
    """
    needed = [n for n, option in measure.options.items() if option.is_needed]
    if node is None:
        if needed:
            raise pattern.error(f"{measure.name} needs of: {', '.join(needed)}", name)
        got: Mapping[str, Node] = {}
    else:
        optional = [n for n in measure.options if n not in needed]
        got = keys_of(node, f"{name}.of", needed, optional)
    return {
        key: _value(got[key], f"{name}.of.{key}", option, scenario) if key in got
        else option.default
        for key, option in measure.options.items()
    }  # fmt: skip


def _value(node: Node, where: str, option: Option, scenario: Scenario) -> Any:
    if option.kind == "word":
        word = word_of(node, where, option.values)
        return DAYS.index(word) if option.values == DAYS else word
    if option.kind == "channels":
        return names_of(node, where, [c.name for c in scenario.channels])
    if option.kind == "journeys":
        journeys = scenario.brand.journeys
        words = [*(j.name for j in journeys), *(j.trigger for j in journeys), "triggered"]
        return names_of(node, where, list(dict.fromkeys(words)))
    if option.kind == "duration":
        return int(number_of(node, where, parse_duration))
    if option.kind == "whole":
        return _whole(node, where, option)
    ends = items_of(node, where)
    if len(ends) != 2:
        raise node.error(f"two ends are needed, not {len(ends)}", where)
    if option.kind == "band":
        low, high = (number_of(end, where, parse_share) for end in ends)
    else:
        low, high = (_whole(end, where, option) for end in ends)
    if low > high or (low == high and option.kind == "band"):
        raise node.error(f"the first end, {low:g}, is not below the second, {high:g}", where)
    return (low, high)


def _whole(node: Node, where: str, option: Option) -> int:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int):
        raise node.error(f"must be a whole number, not {shown(value)}", where)
    if not option.low <= value <= option.high:
        raise node.error(f"{value} is outside {option.low} to {option.high}", where)
    return value


def _ratio(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"a ratio is a number such as 1.9, not {shown(value)}")
    if value < 0:
        raise ValueError(f"{value} is below 0")
    return float(value)
