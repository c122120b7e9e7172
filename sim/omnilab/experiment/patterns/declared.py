"""Patterns as a file declares them, with the places that they speak of and what may be matched.

The file stands beside the scenario: ``scenarios/patterns/retailer-v1.yaml`` is that of
``scenarios/retailer-v1.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab._files.kinds import other_kind
from omnilab._files.yaml_lines import read_yaml
from omnilab.errors import OptionError, ScenarioError
from omnilab.experiment.paths import number_at, value_of
from omnilab.experiment.patterns.measures import MEASURES, PatternMeasure
from omnilab.experiment.patterns.options import (
    items_of,
    keys_of,
    names_of,
    number_of,
    read_options,
    size_of,
    text_of,
    word_of,
)
from omnilab.experiment.sweep.vary import Vary, parse_vary
from omnilab.parameters.quantity import parse_name, parse_scenario_id
from omnilab.scenario.catalogue import scenario_folder

if TYPE_CHECKING:
    from omnilab._files.yaml_tree import Node
    from omnilab.scenario.model import Scenario

__all__ = [
    "CHECK",
    "OPENS",
    "RECEIVED",
    "ROLES",
    "SEEN",
    "TARGET",
    "Assumed",
    "Pattern",
    "Patterns",
    "find_patterns",
    "read_patterns",
]

TARGET: Final = "target"
CHECK: Final = "check"
#: What a pattern is for.
ROLES: Final = {
    TARGET: "Assumptions of the scenario may be chosen by matching it.",
    CHECK: "Nothing is chosen by it; it says whether the rest holds.",
}
SEEN: Final = "seen"
RECEIVED: Final = "received"
#: Which opens are counted.
OPENS: Final = {
    SEEN: "What people opened, whether or not the brand got to know.",
    RECEIVED: "What came back to the brand, a machine's too, as a mail tool's log has it.",
}
PLACES: Final = ("store", "online")
KINDS: Final = ("V", "S", "I", "P", "D")
FOLDER: Final = "patterns"


@dataclass(frozen=True)
class Pattern:
    """A published size, and how near a scenario must come to it.

    Attributes
    ----------
    name, title
        Its name, and in words what is published.
    measure, of
        What is measured, and with which options.
    published, tolerance
        The size, and how far off is within tolerance, > 0; shares 0..1.
    because
        Why the tolerance is that.
    source, kind
        Key of the source as in parameters.md, and its kind.
    role
        One of `ROLES`.
    """

    name: str
    title: str
    measure: PatternMeasure
    of: Mapping[str, Any]
    published: float
    tolerance: float
    because: str
    source: str
    kind: str
    role: str


@dataclass(frozen=True)
class Assumed:
    """An assumption of the scenario that may be chosen by matching targets, within a range.

    Attributes
    ----------
    vary
        Its key and range.
    others
        Keys that move with it and keep their proportion to it.
    because
        Why the range is that.
    by, against
        The one target that it may be chosen by, which rises with it, or falls; empty where all
        targets choose it.
    """

    vary: Vary
    others: tuple[str, ...]
    because: str
    by: str = ""
    against: str = ""

    @property
    def key(self) -> str:
        """Its dotted key."""
        return self.vary.path

    def place(self, scenario: Scenario) -> float:
        """Return where in its range the scenario's value is, 0 to 1."""
        now = number_at(scenario, self.key)
        assert now is not None  # checked when the file was read
        return (now - self.vary.low) / (self.vary.high - self.vary.low)

    def changes(self, scenario: Scenario, u: float) -> dict[str, Any]:
        """Return the values of its keys at a place 0..1 of its range, as a file has them."""
        now = number_at(scenario, self.key)
        value = self.vary.low + u * (self.vary.high - self.vary.low)
        found: dict[str, Any] = {self.key: self.vary.at(u).value}
        for other in self.others:
            own = number_at(scenario, other)
            assert now is not None
            assert own is not None
            found[other] = replace(self.vary, path=other).written(own * value / now)
        return found


@dataclass(frozen=True)
class Patterns:
    """What a file of patterns declares.

    Attributes
    ----------
    path, id
        The file, and its name and version.
    strategy
        Whose log is measured; empty for the scenario's status quo.
    opens
        One of `OPENS`.
    places
        ``store`` and ``online`` -> the channels that are there; either may have none.
    patterns, assumptions
        In the file's order.
    """

    path: str
    id: str
    strategy: str
    opens: str
    places: Mapping[str, tuple[str, ...]]
    patterns: tuple[Pattern, ...]
    assumptions: tuple[Assumed, ...]

    def of_role(self, role: str) -> tuple[Pattern, ...]:
        """Return the patterns of a role."""
        return tuple(p for p in self.patterns if p.role == role)


def find_patterns(scenario_id: str) -> Path:
    """Return the file of patterns that comes with a shipped scenario.

    Raises
    ------
    OptionError
        If none does; the message has those that have one.
    """
    shipped = scenario_folder()
    files = (
        {} if shipped is None else {p.stem: p for p in sorted((shipped / FOLDER).glob("*.yaml"))}
    )
    path = files.get(scenario_id)
    if path is None:
        there = ", ".join(files) or "no scenario"
        raise OptionError(
            f"no patterns come with {scenario_id!r}, they do with {there}: name a file with"
            " --patterns"
        )
    return path


def read_patterns(path: str | Path, scenario: Scenario) -> Patterns:
    """Read a file of patterns and check it against the scenario that it is for.

    Raises
    ------
    ScenarioError
        If anything in it is wrong, with file, line and the nearest right thing.
    """
    root = read_yaml(path)
    if said := other_kind(root.value, "patterns"):
        raise root.error(f"no file of patterns: {said}")
    optional = ("strategy", "opens", "assumptions")
    top = keys_of(root, "the file", ("id", "places", "patterns"), optional)
    places = _places(top["places"], scenario)
    patterns = tuple(_pattern(node, scenario) for node in items_of(top["patterns"], "patterns"))
    _refuse_twice([p.name for p in patterns], items_of(top["patterns"], "patterns"), "pattern")
    if not patterns:
        raise top["patterns"].error("the list is empty: one pattern is needed")
    listed = items_of(top["assumptions"], "assumptions") if "assumptions" in top else []
    targets = [p.name for p in patterns if p.role == TARGET]
    assumptions = tuple(_assumed(node, scenario, targets) for node in listed)
    _refuse_twice([a.key for a in assumptions], listed, "assumption")
    return Patterns(
        path=str(path),
        id=text_of(top["id"], "id", parse_scenario_id),
        strategy=text_of(top["strategy"], "strategy") if "strategy" in top else "",
        opens=word_of(top["opens"], "opens", OPENS) if "opens" in top else SEEN,
        places=places,
        patterns=patterns,
        assumptions=assumptions,
    )


def _places(node: Node, scenario: Scenario) -> dict[str, tuple[str, ...]]:
    visited = [c.name for c in scenario.channels if c.visit is not None]
    got = keys_of(node, "places", PLACES)
    places = {
        place: names_of(child, f"places.{place}", visited) if child.value != [] else ()
        for place, child in got.items()
    }
    for name in places["store"]:
        if name in places["online"]:
            raise node.error(f"{name!r} is in both places", "places")
    return places


def _pattern(node: Node, scenario: Scenario) -> Pattern:
    needed = ("name", "title", "measure", "published", "tolerance", "because", "source", "kind",
              "role")  # fmt: skip
    got = keys_of(node, "a pattern", needed, ("of",))
    name = text_of(got["name"], "name", parse_name)
    measure = MEASURES[word_of(got["measure"], f"{name}.measure", MEASURES)]
    size = size_of(measure.unit)
    tolerance = number_of(got["tolerance"], f"{name}.tolerance", size)
    if tolerance <= 0:
        raise got["tolerance"].error("must be above 0: no run comes out exactly", name)
    kind = text_of(got["kind"], "kind")
    for part in kind.split("/"):
        if part not in KINDS:
            raise got["kind"].error(
                f"{part!r} is no kind of source; there are {', '.join(KINDS)}", f"{name}.kind"
            )
    return Pattern(
        name=name,
        title=text_of(got["title"], "title"),
        measure=measure,
        of=read_options(got.get("of"), node, name, measure, scenario),
        published=number_of(got["published"], f"{name}.published", size),
        tolerance=tolerance,
        because=text_of(got["because"], "because"),
        source=text_of(got["source"], "source"),
        kind=kind,
        role=word_of(got["role"], f"{name}.role", ROLES),
    )


def _assumed(node: Node, scenario: Scenario, targets: Sequence[str]) -> Assumed:
    got = keys_of(node, "an assumption", ("key", "range", "because"), ("by", "against"))
    named = got["key"]
    keys = items_of(named, "key") if isinstance(named.value, list) else [named]
    if not keys:
        raise named.error("the list is empty", "key")
    key, *others = (text_of(one, "key") for one in keys)
    ends = items_of(got["range"], "range")
    if len(ends) != 2:
        raise got["range"].error(f"a range has two ends, not {len(ends)}", key)
    low, high = (str(end.text if end.text is not None else end.value) for end in ends)
    try:
        vary = parse_vary(f"{key}={low}..{high}", option="range")
    except OptionError as error:
        raise got["range"].error(str(error), key) from None
    now = _number(scenario, key, keys[0])
    for one, node in zip(others, keys[1:], strict=True):
        _number(scenario, one, node)
    if others and not now:
        raise named.error("0 has no proportion to the other keys", key)
    if not vary.low <= now <= vary.high:
        raise got["range"].error(f"the scenario's value, {now:g}, is not within {low}..{high}", key)
    if "by" in got and "against" in got:
        raise got["against"].error("has `by`, too: it is chosen by one target", key)
    own = {k: word_of(got[k], f"{key}.{k}", targets) for k in ("by", "against") if k in got}
    return Assumed(vary, tuple(others), text_of(got["because"], "because"), **own)


def _number(scenario: Scenario, key: str, node: Node) -> float:
    try:
        value_of(scenario, key)
    except OptionError as error:
        raise node.error(str(error), key) from None
    number = number_at(scenario, key)
    if number is None:
        raise node.error("there is no number to be moved", key)
    return number


def _refuse_twice(names: list[str], nodes: list[Node], what: str) -> None:
    for number, name in enumerate(names):
        first = names.index(name)
        if first != number:
            line = nodes[first].line
            raise ScenarioError(
                f"{what} {name!r} comes twice, first on line {line}",
                file=nodes[number].file, line=nodes[number].line,
            )  # fmt: skip
