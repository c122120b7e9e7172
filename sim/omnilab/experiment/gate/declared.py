"""A gate as a file has it: what a change is for, and what it may not spoil.

.. code-block:: yaml

    goal: {measure: ltv, better_by: 0 EUR}
    guardrails:
      - {measure: unsubscribe_rate, worse_by: 0.1%}
      - {measure: cpa, worse_by_share: 10%}
      - {harmed: 25%, by: 1 EUR}
      - {worlds: 80%}
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from omnilab._files.kinds import other_kind
from omnilab._files.messages import shown
from omnilab._files.quantities import is_number
from omnilab._files.yaml_lines import read_yaml
from omnilab.errors import ScenarioError, nearest
from omnilab.experiment.patterns.options import items_of, keys_of, number_of, text_of, word_of
from omnilab.measure.catalogue import MEASURES
from omnilab.parameters.quantity import format_share, parse_amount, parse_share

if TYPE_CHECKING:
    from omnilab._files.yaml_tree import Node

__all__ = ["LEVEL", "Gate", "Guard", "read_gate"]

#: The chance of a verdict, ship or do not, where nothing differs: half of it for each of the two.
LEVEL: Final = 0.05
_KINDS: Final = ("measure", "harmed", "worlds")
#: What an empty gate needs at least.
_SMALLEST: Final = (
    "a list of what may not get worse, such as guardrails: [{measure: unsubscribe_rate, worse_by: "
    "0.1%}]"
)
#: What people call measures elsewhere.
_ALSO: Final = {
    "cost_per_order": "cpa", "complaints": "complaint_rate", "unsubscribes": "unsubscribe_rate",
    "messages": "messages_per_customer", "orders": "orders_per_customer",
}  # fmt: skip


@dataclass(frozen=True)
class Guard:
    """One condition of a gate.

    Attributes
    ----------
    kind
        ``measure``: a measure under the strategy against the same under the reference.
        ``harmed``: the share of customers whose LTV is lower by more than ``by``. ``worlds``: the
        share of plausible worlds in which the strategy wins.
    measure
        Name of the measure; "" of the other kinds.
    higher
        Whether more of the measure is better.
    margin
        Of the goal: how much better it must be. Of a guardrail: how much worse it may be, 0 or
        more, in the measure's unit, or as a share of the reference's value. Of ``harmed`` the
        largest share, of ``worlds`` the smallest.
    relative
        Whether the margin is a share of the reference's value.
    by
        Of ``harmed``: the loss from which on a customer counts, in the scenario's currency.
    is_goal
        Whether it is what the change is for.
    line
        Of the file.
    """

    kind: Literal["measure", "harmed", "worlds"]
    measure: str = ""
    higher: bool = True
    margin: float = 0.0
    relative: bool = False
    by: float = 0.0
    is_goal: bool = False
    line: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """What reports call it."""
        return "goal" if self.is_goal else self.measure or self.kind


@dataclass(frozen=True)
class Gate:
    """A gate: its goal, its guardrails and its level.

    Attributes
    ----------
    path
        The file.
    goal
        What the change is for.
    guardrails
        What it may not spoil, in the file's order.
    level
        Chance of ship or do not where nothing differs, 0..1.
    """

    path: str
    goal: Guard
    guardrails: tuple[Guard, ...]
    level: float = LEVEL

    @property
    def guards(self) -> tuple[Guard, ...]:
        """The goal, then the guardrails."""
        return (self.goal, *self.guardrails)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that it is about, each once."""
        return tuple(dict.fromkeys(g.measure for g in self.guards if g.measure))

    def of_kind(self, kind: str) -> Guard | None:
        """Return its one guardrail of a kind, if it has one."""
        return next((g for g in self.guardrails if g.kind == kind), None)


def read_gate(path: str | Path, *, currency: str) -> Gate:
    """Read a gate's file.

    Parameters
    ----------
    path
        The file.
    currency
        The scenario's, which amounts must have.

    Raises
    ------
    ScenarioError
        If anything in it is wrong, with file, line and the nearest right thing.
    """
    root = _read(path)
    if said := other_kind(root.value, "gate"):
        raise root.error(f"no gate: {said}; a gate has a `goal` and `guardrails`")
    top = keys_of(root, "the gate", (), ("guardrails", "goal", "level"))
    goal = Guard("measure", "ltv", is_goal=True)
    if "goal" in top:  # what is wrong in it is said before what is missing
        goal = _goal(top["goal"], currency)
    if "guardrails" not in top:
        raise root.error(f"the gate: key 'guardrails' is missing: {_SMALLEST}")
    listed = items_of(top["guardrails"], "guardrails")
    if not listed:
        raise top["guardrails"].error(
            "the list is empty: one guardrail is needed, such as {measure: unsubscribe_rate, "
            "worse_by: 0.1%}",
            "guardrails",
        )
    guardrails = tuple(_guardrail(node, currency) for node in listed)
    _refuse_repeated(goal, guardrails, listed)
    level = LEVEL
    if "level" in top:
        level = number_of(top["level"], "level", parse_share)
        if not 0.0 < level <= 0.5:
            raise top["level"].error(f"{level:.3g} is outside 0.1% to 50%: write 5%", "level")
    return Gate(str(path), goal, guardrails, level)


def _read(path: str | Path) -> Node:
    try:
        return read_yaml(path)
    except ScenarioError as error:
        if error.message != "empty file":
            raise
        raise ScenarioError(f"empty file: {_SMALLEST}", file=str(path), line=1) from None


def _goal(node: Node, currency: str) -> Guard:
    got = keys_of(node, "goal", ("measure",), ("better_by", "better_by_share", "better"))
    measure, higher = _measure(got, "goal")
    margin, relative = _margin(got, "better_by", node, measure, currency, "goal", default=0.0)
    return Guard("measure", measure, higher, margin, relative, is_goal=True, line=node.line)


def _guardrail(node: Node, currency: str) -> Guard:
    where = "guardrails"
    if not isinstance(node.value, dict):
        raise node.error(
            f"must be a mapping such as {{measure: ltv, worse_by: 0.50 {currency}}}, not "
            f"{shown(node.value)}",
            where,
        )
    kinds = [k for k in _KINDS if k in node.value]
    if len(kinds) != 1:
        unknown = next((k for k in node.value if k not in _KINDS and nearest(k, _KINDS)), "")
        raise node.error(
            f"a guardrail has exactly one of {', '.join(_KINDS)}{nearest(unknown, _KINDS)}", where
        )
    if kinds == ["harmed"]:
        got = keys_of(node, where, ("harmed", "by"))
        share = number_of(
            got["harmed"], "harmed", _above_zero(partial(_percent, most=1.0), "harmed")
        )
        money = partial(parse_amount, currency=currency)
        return Guard("harmed", margin=share, by=number_of(got["by"], "by", money), higher=False)
    if kinds == ["worlds"]:
        got = keys_of(node, where, ("worlds",))
        share = number_of(got["worlds"], "worlds", parse_share)
        if share < 0.5:
            raise got["worlds"].error(
                f"{shown(got['worlds'].value)}: in most worlds the strategy may lose then: write "
                "50% or more, such as 80%", "worlds",
            )  # fmt: skip
        return Guard("worlds", margin=share)
    got = keys_of(node, where, ("measure",), ("worse_by", "worse_by_share", "better"))
    measure, higher = _measure(got, where)
    margin, relative = _margin(got, "worse_by", node, measure, currency, where, default=None)
    return Guard("measure", measure, higher, margin, relative, line=node.line)


def _measure(got: dict[str, Node], where: str) -> tuple[str, bool]:
    """Return a measure's name, and whether more of it is better."""
    node = got["measure"]
    name = text_of(node, where)
    if name not in MEASURES:
        also = _ALSO.get(name)
        hint = f" (did you mean {also!r}?)" if also else nearest(name, MEASURES)
        raise node.error(
            f"there is no measure {name!r}{hint or '; omnilab list measures has all'}", where
        )
    better = MEASURES[name].better
    if "better" not in got:
        if better == "neither":
            raise node.error(
                f"more {name} is neither good nor bad by itself: add better: higher, or better: "
                "lower", where,
            )  # fmt: skip
        return name, better == "higher"
    word = word_of(got["better"], f"{where}.better", ("higher", "lower"))
    if better not in ("neither", word):
        raise got["better"].error(f"{name} is better where it is {better}: leave it out", where)
    return name, word == "higher"


def _margin(
    got: dict[str, Node], key: str, node: Node, measure: str, currency: str, where: str, *,
    default: float | None,
) -> tuple[float, bool]:  # fmt: skip
    """Return a margin, and whether it is a share of the reference's value."""
    share = f"{key}_share"
    if key in got and share in got:
        raise got[share].error(f"give {key} or {share}, not both", where)
    if share in got:
        return number_of(got[share], share, _signed(_percent, key, share)), True
    if key in got:
        read = _unit(measure, currency, share)
        return number_of(got[key], key, _signed(read, key, key)), False
    if default is None:
        raise node.error(
            f"{measure}: a margin is missing: add {key}, in the measure's unit, or {share}, of "
            "the reference's value", where,
        )  # fmt: skip
    return default, False


def _unit(measure: str, currency: str, share: str) -> Callable[[Any], float]:
    """Return what reads a size of a measure."""
    unit = MEASURES[measure].unit
    if unit == "share":
        return partial(_percent, most=1.0)

    def read(value: Any) -> float:
        if isinstance(value, str) and value.strip().endswith("%"):
            raise ValueError(f"{measure} is no share: write {share}: {value.strip()}")
        if unit == "EUR":
            return parse_amount(value, currency)
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise ValueError(f"a number is needed, such as 0.5, not {shown(value)}")
        return float(value)

    return read


def _percent(value: Any, *, most: float | None = None) -> float:
    """Read a share that is written with its percent sign.

    A bare 1 is a hundred points, which nothing breaks, where 1% is meant; a bare 0.5 may be half,
    or half a point. So none is taken but 0, which is the same in both.

    Parameters
    ----------
    value
        As the file has it.
    most
        From where on no share can differ by so much; None where it is of a value that may double.
    """
    share = parse_share(value)
    if is_number(value) and share:
        half = "" if share >= 0.2 else f", or {format_share(share)} for as much of 1"
        points = f"{shown(value)} is {100 * share:.10g} points" if most else f"{shown(value)} of 1"
        raise ValueError(f"{points} without a % sign: did you mean {shown(value)}%{half}?")
    if most is not None and share >= most:
        raise ValueError(f"{shown(value)} is all that there is, which nothing can break: write 1%")
    return share


def _signed(read: Callable[[Any], float], key: str, full: str) -> Callable[[Any], float]:
    """Return what reads a size that is not negative, and says what a negative one would mean."""

    def checked(value: Any) -> float:
        text = str(value).strip()
        if text.startswith("-"):
            if key == "better_by":
                raise ValueError(
                    f"{text} is of the wrong sign: a goal that may get worse is a guardrail: "
                    f"write {full}: 0 or more"
                )
            raise ValueError(
                f"{text} is of the wrong sign: it says how much worse is still fine: write "
                f"{full}: {text[1:].strip()}"
            )
        return read(value)

    return checked


def _above_zero(read: Callable[[Any], float], key: str) -> Callable[[Any], float]:
    def checked(value: Any) -> float:
        if str(value).strip().startswith("-"):
            raise ValueError(f"{value} is of the wrong sign: write {key}: {str(value).strip()[1:]}")
        size = read(value)
        if size == 0.0:
            raise ValueError("any change harms somebody by chance: write a share above 0")
        return size

    return checked


def _refuse_repeated(goal: Guard, guardrails: Sequence[Guard], nodes: Sequence[Node]) -> None:
    seen: set[str] = set()
    for guard, node in zip(guardrails, nodes, strict=True):
        if guard.name in seen:
            raise node.error(f"{guard.name} comes twice", "guardrails")
        if guard.measure and guard.measure == goal.measure:
            raise node.error(
                f"{guard.measure} is the goal: what has to be better can't be worse too; take "
                "another goal, or this guardrail out",
                "guardrails",
            )
        seen.add(guard.name)
