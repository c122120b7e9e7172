"""Conditions on a comparison, such as ``ltv(mine) - ltv(multichannel) < 0``, for a CI that gates.

`omnilab.experiment.condition_text` reads them; here they are held against what a comparison found.
They are trees of the classes below and never evaluated as Python.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from omnilab.errors import OptionError, nearest
from omnilab.measure.catalogue import MEASURES

if TYPE_CHECKING:
    from omnilab.experiment.statistics import Estimate, Moments

__all__ = [
    "ARITHMETIC",
    "BOUNDS",
    "COMPARE",
    "Arithmetic",
    "Bound",
    "Comparing",
    "Condition",
    "Joined",
    "Logic",
    "Measured",
    "Negative",
    "Node",
    "Not",
    "Number",
    "Sum",
    "Verdict",
    "measured",
]

COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, ">": operator.gt,
}  # fmt: skip
ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
BOUNDS: Final = {"low": "low", "high": "high", "p": "p_value", "error": "error"}


@dataclass(frozen=True)
class Verdict:
    """What came of a condition: whether it holds, and the numbers that it looked at."""

    condition: str
    holds: bool
    numbers: str


@dataclass(frozen=True)
class Node:
    """A part of a condition."""


N = TypeVar("N", bound=Node)


@dataclass(frozen=True)
class Number(Node):
    """A number as it was written; a percentage as a share."""

    value: float


@dataclass(frozen=True)
class Measured(Node):
    """A measure under a strategy."""

    measure: str
    strategy: str


@dataclass(frozen=True)
class Bound(Node):
    """Something else than the value of a measure, or of a difference of one."""

    what: str
    first: Measured
    second: Measured | None


@dataclass(frozen=True)
class Negative(Node):
    """An expression with a minus before it."""

    inside: Sum


@dataclass(frozen=True)
class Arithmetic(Node):
    """Two expressions joined by a key of `ARITHMETIC`."""

    sign: str
    left: Sum
    right: Sum


Sum = Number | Measured | Bound | Negative | Arithmetic


@dataclass(frozen=True)
class Comparing(Node):
    """Two expressions compared by a key of `COMPARE`."""

    sign: str
    left: Sum
    right: Sum


@dataclass(frozen=True)
class Not(Node):
    """The contrary of a condition."""

    inside: Logic


@dataclass(frozen=True)
class Joined(Node):
    """Two conditions or more, joined by ``and`` or by ``or``."""

    word: str
    parts: tuple[Logic, ...]


Logic = Comparing | Not | Joined


@dataclass(frozen=True)
class Condition:
    """A condition that was read.

    Attributes
    ----------
    text
        As the user wrote it.
    """

    text: str
    _root: Logic

    def checked(self, names: Mapping[str, str]) -> Condition:
        """Return the condition with the strategies as results name them.

        Parameters
        ----------
        names
            The strategies' names, by all that a user may call them.

        Raises
        ------
        OptionError
            If it names another strategy, or a measure that needs one that is not there.
        """
        for leaf in measured(self._root):
            if leaf.strategy not in names:
                known = list(dict.fromkeys(names.values()))
                hint = nearest(leaf.strategy, known) or f"; there are {', '.join(known)}"
                raise self._error(f"no strategy {leaf.strategy!r} in this comparison{hint}")
            baseline = MEASURES[leaf.measure].baseline
            if baseline and baseline not in names.values():
                raise self._error(f"{leaf.measure} needs {baseline} among the strategies")
        return Condition(self.text, _renamed(self._root, names))

    def decide(self, moments: Moments) -> Verdict:
        """Return whether the condition holds of a comparison.

        Raises
        ------
        OptionError
            If one of its numbers has no value, so that it can't be decided.
        """
        said: dict[str, str] = {}
        try:
            holds = _holds(self._root, moments, said)
        except _NoValueError as error:
            raise self._error(f"can't be decided: {error}") from None
        return Verdict(self.text, holds, ", ".join(f"{k} = {v}" for k, v in said.items()))

    def _error(self, message: str) -> OptionError:
        return OptionError(f"--fail-if {self.text!r}: {message}")


class _NoValueError(Exception):
    """A number that is not there."""


def measured(node: Node) -> Iterator[Measured]:
    """Yield all measures of strategies, from left to right."""
    if isinstance(node, Measured):
        yield node
    for field in fields(node):
        inside = getattr(node, field.name)
        for part in inside if isinstance(inside, tuple) else (inside,):
            if isinstance(part, Node):
                yield from measured(part)


def _renamed(node: N, names: Mapping[str, str]) -> N:
    """Return the same condition, or a part of one, with each strategy's own name."""

    def own(inside: Any) -> Any:
        if isinstance(inside, tuple):
            return tuple(map(own, inside))
        return _renamed(inside, names) if isinstance(inside, Node) else inside

    if isinstance(node, Measured):
        return replace(node, strategy=names[node.strategy])
    return replace(node, **{field.name: own(getattr(node, field.name)) for field in fields(node)})


def _holds(node: Logic, moments: Moments, said: dict[str, str]) -> bool:
    """Return whether a condition holds; every part is looked at, so that all numbers are said."""
    if isinstance(node, Not):
        return not _holds(node.inside, moments, said)
    if isinstance(node, Joined):
        parts = [_holds(part, moments, said) for part in node.parts]
        return any(parts) if node.word == "or" else all(parts)
    left, right = _value(node.left, moments, said), _value(node.right, moments, said)
    _say_difference(node.left, moments, said)
    _say_difference(node.right, moments, said)
    return COMPARE[node.sign](left, right)


def _value(node: Sum, moments: Moments, said: dict[str, str]) -> float:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Negative):
        return -_value(node.inside, moments, said)
    if isinstance(node, Arithmetic):
        left, right = (_value(part, moments, said) for part in (node.left, node.right))
        try:
            return ARITHMETIC[node.sign](left, right)
        except (ZeroDivisionError, OverflowError):
            raise _NoValueError(f"{left:g} {node.sign} {right:g} has no value") from None
    for strategy in sorted({m.strategy for m in measured(node)} - set(moments.strategies)):
        raise _NoValueError(f"strategy {strategy!r} failed")
    if isinstance(node, Measured):
        text = f"{node.measure}({node.strategy})"
        value = moments.estimate(node.measure, node.strategy).value
    else:
        inside = " - ".join(f"{m.measure}({m.strategy})" for m in measured(node))
        text = f"{node.what}({inside})"
        value = getattr(_estimate(node, moments), BOUNDS[node.what])
    if value is None:
        raise _NoValueError(f"{text} has no value in this comparison")
    said[text] = f"{value:.6g}"
    return float(value)


def _estimate(node: Bound, moments: Moments) -> Estimate:
    if node.second is None:
        return moments.estimate(node.first.measure, node.first.strategy)
    return moments.difference(node.first.measure, node.first.strategy, node.second.strategy)


def _say_difference(node: Sum, moments: Moments, said: dict[str, str]) -> None:
    """Say a plain difference with its interval, which tells how certain it is."""
    if not isinstance(node, Arithmetic) or node.sign != "-":
        return
    a, b = node.left, node.right
    if isinstance(a, Measured) and isinstance(b, Measured) and a.measure == b.measure:
        found = moments.difference(a.measure, a.strategy, b.strategy)
        if found.value is not None and found.low is not None and found.high is not None:
            said["the difference"] = f"{found.value:+.6g} ({found.low:+.6g} to {found.high:+.6g})"
