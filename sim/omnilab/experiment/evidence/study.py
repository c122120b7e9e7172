"""A study that was read: what its file says, and what that means in each of its worlds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import OptionError, ScenarioError
from omnilab.experiment.evidence.arms import ReadyArm, make_arm
from omnilab.experiment.evidence.effects import Contrast, contrasts_of
from omnilab.experiment.evidence.model import StudyFile
from omnilab.experiment.evidence.worlds import base_tree, changed_world, overlaid, sized
from omnilab.experiment.paths import number_at, value_of
from omnilab.experiment.sweep.vary import Vary, parse_vary
from omnilab.scenario.tree import Node

if TYPE_CHECKING:
    from omnilab.experiment.evidence.model import Arm, BaseRate, Group, Outcome, Who
    from omnilab.scenario.model import Scenario

__all__ = ["BASE", "Study", "World", "item_of"]

#: The world of a study that declares no variants.
BASE: Final = "base"


@dataclass(frozen=True)
class World:
    """One world of a study.

    Attributes
    ----------
    name
        `BASE`, or the variant's.
    scenario
        With the study's customers and dates, before any base rate is met.
    who, base_rate
        The variant's, or the study's.
    """

    name: str
    scenario: Scenario
    who: Who
    base_rate: BaseRate | None


class Study:
    """A study that was read: its file, and what it means.

    Parameters
    ----------
    file, root
        What it says, and the tree that knows the lines.
    """

    def __init__(self, file: StudyFile, root: Node) -> None:
        self.file, self.root = file, root
        self.path = root.file

    @property
    def runs(self) -> bool:
        """Whether any claim is simulated."""
        return any(c.lacks is None for c in self.file.claims)

    @cached_property
    def control(self) -> Arm:
        """The arm that the others are held against."""
        return next(a for a in self.file.arms if a.control)

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        """Outcomes by name."""
        return {o.name: o for o in self.file.outcomes}

    @cached_property
    def groups(self) -> Mapping[str, Group]:
        """Groups by name; everybody is not among them."""
        return {g.name: g for g in self.file.groups}

    @cached_property
    def contrasts(self) -> Mapping[str, tuple[Contrast, ...]]:
        """Claim -> its contrasts: one, or each of `all_of`; none for one that is lacking."""
        first = self.file.worlds[0].name if self.file.worlds else BASE
        return {c.id: contrasts_of(c, self.control.name, first) for c in self.file.claims
                if c.lacks is None}  # fmt: skip

    @cached_property
    def currency(self) -> str:
        """The currency of its base scenario."""
        return self.worlds()[0].scenario.currency

    def node(self, *path: str | int) -> Node:
        """Return the deepest node along a path, list items by number or by name or id."""
        node = self.root
        for step in path:
            below = None
            if isinstance(node.value, list):
                below = item_of(node, step)
            elif isinstance(node.value, dict):
                below = node.value.get(str(step))
            if below is None:
                break
            node = below
        return node

    def worlds(self, customers: int | None = None) -> list[World]:
        """Return the study's worlds, with so many customers in place of the file's."""
        assert self.file.base is not None
        tree = base_tree(self.root)
        base = self.root.get("base")
        assert base is not None
        _, tree = overlaid(tree, base.get("overlay"))
        found = []
        for variant in self.file.worlds or (None,):
            node = None if variant is None else self.node("worlds", variant.name)
            scenario, _ = overlaid(tree, None if node is None else node.get("overlay"))
            scenario = changed_world(scenario, base.get("changes"), "base.changes")
            if node is not None:
                scenario = changed_world(
                    scenario, node.get("changes"), f"worlds.{node.get('name')}.changes"
                )
            try:
                scenario = sized(scenario, self.file, customers)
            except ScenarioError as error:
                raise self.root.error(error.message, error.key) from None
            who = self.file.who if variant is None or variant.who is None else variant.who
            rate = self.file.base_rate
            if variant is not None and variant.base_rate is not None:
                rate = variant.base_rate
            found.append(World(BASE if variant is None else variant.name, scenario, who, rate))
        return found

    def arms(
        self, scenario: Scenario, moved: Mapping[str, Mapping[str, Any]] | None = None
    ) -> list[ReadyArm]:
        """Return the arms in a world, the control first.

        Parameters
        ----------
        scenario
            The world's.
        moved
            Arm -> values by dotted key that its `meets` has settled.
        """
        return [self.arm(a, scenario, (moved or {}).get(a.name)) for a in self.ordered]

    def arm(self, arm: Arm, scenario: Scenario, moved: Mapping[str, Any] | None = None) -> ReadyArm:
        """Return one arm in a world."""
        return make_arm(arm, self.node("arms", arm.name), scenario, moved)

    @cached_property
    def ordered(self) -> list[Arm]:
        """The arms, the control first."""
        return sorted(self.file.arms, key=lambda a: not a.control)

    def vary(self, rate: BaseRate, node: Node, scenario: Scenario) -> Vary:
        """Return the range of the parameter that a base rate may move.

        Parameters
        ----------
        rate, node
            What the file says, and where.
        scenario
            In which the parameter is.

        Raises
        ------
        ScenarioError
            If it is no number of the scenario, or the range is none.
        """
        move, ends = node.get("move"), node.get("range")
        assert move is not None
        assert ends is not None
        try:
            value_of(scenario, rate.move)
        except OptionError as error:
            raise move.error(str(error), "base_rate.move") from None
        if number_at(scenario, rate.move) is None:
            raise move.error(f"{rate.move} is no number that could be moved", "base_rate.move")
        assert isinstance(ends.value, list)
        low, high = (str(end.text if end.text is not None else end.value) for end in ends.value)
        try:
            return parse_vary(f"{rate.move}={low}..{high}", option="range")
        except OptionError as error:
            raise ends.error(str(error), "base_rate.range") from None

    def rate_node(self, world: str) -> Node:
        """Return the node of a world's base rate."""
        own = self.node("worlds", world).get("base_rate") if self.file.worlds else None
        return own or self.node("base_rate")


def item_of(node: Node, step: str | int) -> Node | None:
    """Return an item of a list's node by its number, or by its name or id; None without one."""
    assert isinstance(node.value, list)
    if isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    for item in node.value:
        for key in ("name", "id"):
            named = item.get(key)
            if named is not None and str(named.text or named.value) == step:
                return item
    return None
