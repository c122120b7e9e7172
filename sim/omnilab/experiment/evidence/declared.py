"""Read a file of evidence: its form, whether its names fit together, and fit the scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from omnilab._files.yaml_lines import read_yaml
from omnilab.errors import OptionError, ScenarioError, nearest
from omnilab.experiment.evidence.arms import ReadyArm, make_arm
from omnilab.experiment.evidence.effects import Contrast, contrasts_of
from omnilab.experiment.evidence.model import StudyFile
from omnilab.experiment.evidence.worlds import base_tree, changed_world, overlaid, sized
from omnilab.experiment.sweep.paths import number_at, value_of
from omnilab.experiment.sweep.vary import Vary, parse_vary
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.layout import SUMS, names_of
from omnilab.scenario.catalogue import scenario_folder
from omnilab.scenario.load import validate_tree
from omnilab.scenario.tree import Node

if TYPE_CHECKING:
    from omnilab.experiment.evidence.model import (
        Arm,
        BaseRate,
        Claim,
        Condition,
        Group,
        Only,
        Outcome,
        Who,
    )  # fmt: skip
    from omnilab.scenario.model import Scenario

__all__ = ["BASE", "EVERYBODY", "Study", "evidence_files", "read_study"]

#: The world of a study that declares no variants, and the group of all who take part.
BASE: Final = "base"
EVERYBODY: Final = "everybody"
FOLDER: Final = "evidence"

#: Sums of profiles, which are no person's.
_OF_PROFILES: Final = names_of(SUMS)[names_of(SUMS).index("true_pairs") :]


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
                below = _item(node, step)
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


def evidence_files(places: Sequence[str | Path] = ()) -> list[Path]:
    """Return the files of evidence at some places: files, or folders of them; else the shipped.

    Raises
    ------
    ScenarioError
        If a place has none.
    """
    shipped = scenario_folder()
    given = [Path(p) for p in places]
    if not given:
        if shipped is None:
            raise ScenarioError("no evidence comes with this installation: name a folder or a file")
        given = [shipped / FOLDER]
    found: list[Path] = []
    for place in given:
        if place.is_dir():
            inside = sorted(place.glob("*.yaml"))
            if not inside:
                raise ScenarioError("has no file of evidence (*.yaml)", file=place)
            found += inside
        else:
            found.append(place)
    return list(dict.fromkeys(found))


def read_study(path: str | Path) -> Study:
    """Read a file of evidence and check all of it that can be checked without running it.

    Raises
    ------
    ScenarioError
        If anything in it is wrong, with file, line and the nearest right thing.
    """
    root = read_yaml(path)
    study = Study(validate_tree(StudyFile, root), root)
    _Names(study).check()
    if study.runs:
        for world in study.worlds():
            _fits(study, world)
    return study


def _item(node: Node, step: str | int) -> Node | None:
    assert isinstance(node.value, list)
    if isinstance(step, int):
        return node.value[step] if step < len(node.value) else None
    for item in node.value:
        for key in ("name", "id"):
            named = item.get(key)
            if named is not None and str(named.text or named.value) == step:
                return item
    return None


class _Names:
    """Checks that the names of a file fit together."""

    def __init__(self, study: Study) -> None:
        self.study, self.file = study, study.file
        self.arms = [a.name for a in self.file.arms]
        self.worlds = [w.name for w in self.file.worlds] or [BASE]
        self.groups = [EVERYBODY, *(g.name for g in self.file.groups)]
        self.outcomes = [o.name for o in self.file.outcomes]

    def check(self) -> None:
        """Check all of them.

        Raises
        ------
        ScenarioError
            At the first that does not fit.
        """
        file, node = self.file, self.study.node
        for what, names in (
            ("arms", self.arms), ("worlds", self.worlds), ("groups", self.groups),
            ("outcomes", self.outcomes), ("claims", [c.id for c in file.claims]),
        ):  # fmt: skip
            for number, name in enumerate(names):
                if names.index(name) != number:
                    at = number - 1 if what == "groups" else number
                    raise node(what, at).error(f"{name!r} comes twice among the {what}", what)
        if not self.study.runs:
            return
        if file.base is None:
            raise node().error("missing key 'base': the world in which the arms are tried", "base")
        self._arms()
        for group in file.groups:
            self._conditions(group.where, node("groups", group.name, "where"))
        self._conditions(file.who.where, node("who", "where"), before=True)
        for world in file.worlds:
            if world.who is not None:
                where = node("worlds", world.name, "who", "where")
                self._conditions(world.who.where, where, before=True)
            if world.base_rate is not None:
                self._rate(world.base_rate, node("worlds", world.name, "base_rate"))
        if file.base_rate is not None:
            self._rate(file.base_rate, node("base_rate"))
        for outcome in file.outcomes:
            self._outcome(outcome)
        for claim in file.claims:
            if claim.lacks is None:
                self._claim(claim)
        self._pairs()

    def _arms(self) -> None:
        node, arms = self.study.node("arms"), self.file.arms
        if len(arms) < 2:
            had = f"there is only {self.arms[0]!r}" if arms else "there is none"
            raise node.error(f"two arms or more are compared, {had}", "arms")
        controls = [a.name for a in arms if a.control]
        if not controls:
            raise node.error(
                "no arm is the control: write `control: true` at the one that the others are held"
                " against", "arms",
            )  # fmt: skip
        if len(controls) > 1:
            raise self.study.node("arms", controls[1]).error(
                f"{controls[0]!r} and {controls[1]!r} can't both be the control", "arms"
            )
        given = [a for a in arms if a.share is not None]
        if given and len(given) < len(arms):
            missing = next(a.name for a in arms if a.share is None)
            raise self.study.node("arms", missing).error(
                "has no share, others have: give all arms one, or none for the same customers under"
                " each", f"arms.{missing}",
            )  # fmt: skip
        for arm in arms:
            if arm.meets is None:
                continue
            meets = self.study.node("arms", arm.name, "meets")
            if arm.control:
                raise meets.error("the control meets the base rate: write base_rate", arm.name)
            self._rate(arm.meets, meets)
        total = sum(a.share or 0.0 for a in given)
        if total > 1 + 1e-9:
            raise node.error(
                f"the arms overlap: their shares add up to {total:.0%}, more than all who take"
                " part; leave shares out for the same customers under each arm", "arms",
            )  # fmt: skip

    def _conditions(
        self, conditions: Iterable[Condition], node: Node, *, before: bool = False
    ) -> None:
        for number, condition in enumerate(conditions):
            at = _item(node, number) if isinstance(node.value, list) else None
            at = at or node
            if before and condition.when != "before":
                raise (at.get("when") or at).error(
                    "who takes part is settled before the test starts: make a group of it", "who"
                )
            if condition.under is not None:
                self._known(condition.under, self.arms, "arm", at.get("under") or at)
            if condition.group is not None:
                self._known(condition.group, self.groups, "group", at.get("group") or at)
            if condition.any_of:
                below = at.get("any_of") or at
                self._conditions(condition.any_of, below, before=before)

    def _rate(self, rate: BaseRate, node: Node) -> None:
        self._known(rate.outcome, self.outcomes, "outcome", node.get("outcome") or node)
        if rate.group is not None:
            self._known(rate.group, self.groups, "group", node.get("group") or node)

    def _outcome(self, outcome: Outcome) -> None:
        node = self.study.node("outcomes", outcome.name)
        if outcome.measure is not None:
            at = node.get("measure") or node
            self._known(outcome.measure, list(MEASURES), "measure", at)
            measure = MEASURES[outcome.measure]
            if measure.above_baseline:
                raise at.error(
                    f"{measure.name} is held against {measure.baseline} already: take margin and"
                    " contact_cost", outcome.name,
                )  # fmt: skip
            if any(p in _OF_PROFILES for p, _ in (*measure.numerator, *measure.denominator)):
                raise at.error(
                    f"{measure.name} is of the brand's profiles, not of customers: no group of them"
                    " has one", outcome.name,
                )  # fmt: skip
        plain_ones = [o.name for o in self.file.outcomes if o.sum is None]
        for key in ("sum", "less", "over"):
            names = getattr(outcome, key) or ()
            for name in (names,) if isinstance(names, str) else names:
                at = node.get(key) or node
                self._known(name, self.outcomes, "outcome", at)
                if name not in plain_ones:
                    raise at.error(f"{name!r} is a sum itself: name what it is made of", key)

    def _claim(self, claim: Claim) -> None:
        node = self.study.node("claims", claim.id)
        for contrast in self.study.contrasts[claim.id]:
            for value in contrast.values:
                if value.arm is None:
                    raise (node.get("effect") or node).error(
                        "names no arm: give `arm`, and `against` where that is not the control",
                        claim.id,
                    )  # fmt: skip
                if value.outcome is None:
                    raise (node.get("effect") or node).error("names no outcome", claim.id)
                for name, there, what in (
                    (value.arm, self.arms, "arm"), (value.outcome, self.outcomes, "outcome"),
                    (value.group, self.groups, "group"), (value.world, self.worlds, "world"),
                ):  # fmt: skip
                    self._known(name, there, what, _nearest_node(node, name))
            if contrast.is_nothing:
                raise (node.get("effect") or node).error(
                    "holds an arm against itself: give another arm, group or world", claim.id
                )

    def _pairs(self) -> None:
        pairs: dict[str, list[Claim]] = {}
        for claim in self.file.claims:
            if claim.pair is not None:
                pairs.setdefault(claim.pair, []).append(claim)
        for name, members in pairs.items():
            if len(members) < 2:
                node = self.study.node("claims", members[0].id)
                raise (node.get("pair") or node).error(
                    f"{members[0].id} is the only claim of pair {name!r}"
                    f"{nearest(name, [p for p in pairs if p != name])}", "pair",
                )  # fmt: skip

    @staticmethod
    def _known(name: str, valid: Sequence[str], what: str, node: Node) -> None:
        if name not in valid:
            hint = nearest(name, valid)
            few = f"; there are {', '.join(valid)}" if 0 < len(valid) <= 12 else ""
            raise node.error(f"no {what} {name!r}{hint or few}")


def _nearest_node(node: Node, name: str) -> Node:
    """Return the node below one whose value is a name; else the node itself."""
    for child in _below(node):
        if child.value == name:
            return child
    return node


def _below(node: Node) -> Iterator[Node]:
    children: Iterable[Any] = ()
    if isinstance(node.value, dict):
        children = node.value.values()
    elif isinstance(node.value, list):
        children = node.value
    for child in children:
        yield child
        yield from _below(child)


def _fits(study: Study, world: World) -> None:
    """Check a study against one of its worlds."""
    arms = study.arms(world.scenario)
    scenario, node = world.scenario, study.node
    journeys = {j.name for a in arms for j in a.strategy.plan.journeys}
    journeys |= {j.name for j in scenario.brand.journeys}
    names = {
        "channel": [c.name for c in scenario.channels],
        "category": [c.name for c in scenario.categories],
        "not_category": [c.name for c in scenario.categories],
        "journey": sorted(journeys),
        "persona": [p.name for p in scenario.population.personas],
        "reachable": [c.name for c in scenario.channels if c.message],
    }
    for outcome in study.file.outcomes:
        at = node("outcomes", outcome.name)
        _only(outcome.only, at.get("only") or at, names)
        _holds(outcome, at, scenario)
    for group in study.file.groups:
        _conditions(group.where, node("groups", group.name, "where"), names)
    own = node("worlds", world.name, "who", "where")
    where = own if study.file.worlds and isinstance(own.value, list) else node("who", "where")
    _conditions(world.who.where, where, names)
    if world.base_rate is not None:
        study.vary(world.base_rate, study.rate_node(world.name), scenario)
    for arm, ready in zip(study.ordered, arms, strict=True):
        if arm.meets is not None:
            study.vary(arm.meets, study.node("arms", arm.name, "meets"), ready.scenario)


def _only(only: Only, node: Node, names: Mapping[str, Sequence[str]]) -> None:
    for key in ("channel", "category", "not_category", "journey"):
        for name in getattr(only, key) or ():
            _Names._known(name, names[key], key.removeprefix("not_"), node.get(key) or node)


def _conditions(
    conditions: Iterable[Condition], node: Node, names: Mapping[str, Sequence[str]]
) -> None:
    for number, condition in enumerate(conditions):
        at = (_item(node, number) if isinstance(node.value, list) else None) or node
        for name in condition.persona or ():
            _Names._known(name, names["persona"], "persona", at.get("persona") or at)
        for name in condition.reachable or ():
            what = "channel of messages"
            _Names._known(name, names["reachable"], what, at.get("reachable") or at)
        _only(condition.only, at.get("only") or at, names)
        _conditions(condition.any_of or (), at.get("any_of") or at, names)


def _holds(outcome: Outcome, node: Node, scenario: Scenario) -> None:
    """Refuse an outcome that the window and the run-out can't hold."""
    from omnilab.parameters.quantity import format_duration as written

    window, run_out = scenario.time.window, scenario.time.run_out
    at = node.get("period") or node
    if outcome.period == "run_out" and run_out == 0:
        raise at.error("there is no run-out: give `run_out` a length", outcome.name)
    if isinstance(outcome.period, tuple) and outcome.period[1] > window + run_out:
        raise at.error(
            f"ends {written(outcome.period[1])} after the start, but the window,"
            f" {written(window)}, and the run-out, {written(run_out)}, end before: lengthen"
            " `window` or `run_out`", outcome.name,
        )  # fmt: skip
