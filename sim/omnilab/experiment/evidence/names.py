"""Check that the names of a file of evidence fit together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from omnilab.errors import nearest
from omnilab.experiment.evidence.effects import EVERYBODY
from omnilab.experiment.evidence.outcome import unit_of_outcome
from omnilab.experiment.evidence.study import BASE, item_of
from omnilab.experiment.evidence.who import leaves_of
from omnilab.measure.catalogue import MEASURES
from omnilab.measure.layout import SUMS, names_of
from omnilab.scenario.tree import Node

if TYPE_CHECKING:
    from omnilab.experiment.evidence.effects import Contrast
    from omnilab.experiment.evidence.model import BaseRate, Claim, Condition, Group, Outcome
    from omnilab.experiment.evidence.study import Study

__all__ = ["check_names", "refuse_unknown"]

#: Sums of profiles, which are no person's.
_OF_PROFILES: Final = names_of(SUMS)[names_of(SUMS).index("true_pairs") :]


def check_names(study: Study) -> None:
    """Check that the names of a file fit together.

    Raises
    ------
    ScenarioError
        At the first that does not.
    """
    _Names(study).check()


def refuse_unknown(name: str, valid: Sequence[str], what: str, node: Node) -> None:
    """Refuse a name that is not among the valid ones, with the nearest of them."""
    if name not in valid:
        hint = nearest(name, valid)
        few = f"; there are {', '.join(valid)}" if 0 < len(valid) <= 12 else ""
        raise node.error(f"no {what} {name!r}{hint or few}")


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
        for number, group in enumerate(file.groups):
            where = node("groups", group.name, "where")
            self._conditions(group.where, where, earlier=self.groups[: number + 1])
        self._conditions(file.who.where, node("who", "where"), before=True)
        for world in file.worlds:
            if world.who is not None:
                where = node("worlds", world.name, "who", "where")
                self._conditions(world.who.where, where, before=True)
            if world.base_rate is not None:
                self._rate(
                    world.base_rate, node("worlds", world.name, "base_rate"),
                    self.study.control.name,
                )  # fmt: skip
        if file.base_rate is not None:
            self._rate(file.base_rate, node("base_rate"), self.study.control.name)
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
            self._rate(arm.meets, meets, arm.name)
        total = sum(a.share or 0.0 for a in given)
        if total > 1 + 1e-9:
            raise node.error(
                f"the arms overlap: their shares add up to {total:.0%}, more than all who take"
                " part; leave shares out for the same customers under each arm", "arms",
            )  # fmt: skip

    def _conditions(
        self, conditions: Iterable[Condition], node: Node, *, before: bool = False,
        earlier: Sequence[str] = (),
    ) -> None:  # fmt: skip
        for number, condition in enumerate(conditions):
            at = item_of(node, number) if isinstance(node.value, list) else None
            at = at or node
            if before and condition.when != "before":
                raise (at.get("when") or at).error(
                    "who takes part is settled before the test starts: make a group of it", "who"
                )
            if condition.under is not None:
                refuse_unknown(condition.under, self.arms, "arm", at.get("under") or at)
            if condition.group is not None:
                refuse_unknown(condition.group, self.groups, "group", at.get("group") or at)
                if condition.group not in (earlier or ()):
                    what = (
                        "a group of those who take part" if before else "a group that comes later"
                    )
                    raise (at.get("group") or at).error(f"{condition.group!r} is {what}", "group")
            if condition.any_of:
                below = at.get("any_of") or at
                self._conditions(condition.any_of, below, before=before, earlier=earlier)

    def _rate(self, rate: BaseRate, node: Node, arm: str) -> None:
        refuse_unknown(rate.outcome, self.outcomes, "outcome", node.get("outcome") or node)
        if rate.group is not None:
            refuse_unknown(rate.group, self.groups, "group", node.get("group") or node)
            self._settled(rate.group, arm, node.get("group") or node)
        units = self._units(rate.outcome)
        if units == {"share"} and rate.published > 1:
            raise (node.get("published") or node).error(
                f"a share of {rate.published:.0%} can't be", "published"
            )

    def _settled(self, group: str, arm: str, node: Node) -> None:
        """Refuse a group that looks at an arm which does not run while a figure is met."""
        there = {self.study.control.name, arm}
        for name in _made_of(group, self.study.groups):
            for leaf in leaves_of(self.study.groups[name].where):
                if leaf.under is not None and leaf.under not in there:
                    raise node.error(
                        f"{group!r} looks at arm {leaf.under!r}, which does not run while the"
                        f" figure of {arm!r} is met", "group",
                    )  # fmt: skip

    def _units(self, name: str) -> set[str]:
        """Return the units of what an outcome is made of; none where it is a ratio of others."""
        outcome = self.study.outcomes[name]
        if outcome.over is not None:
            return set()
        parts = [self.study.outcomes[part] for part in outcome.sum or ()] or [outcome]
        return {unit_of_outcome(part) for part in parts}

    def _outcome(self, outcome: Outcome) -> None:
        node = self.study.node("outcomes", outcome.name)
        if outcome.measure is not None:
            at = node.get("measure") or node
            refuse_unknown(outcome.measure, list(MEASURES), "measure", at)
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
                refuse_unknown(name, self.outcomes, "outcome", at)
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
                    refuse_unknown(name, there, what, _nearest_node(node, name))
            if contrast.is_nothing:
                raise (node.get("effect") or node).error(
                    "holds an arm against itself: give another arm, group or world", claim.id
                )
            self._can_be(claim, contrast, node)

    def _can_be(self, claim: Claim, contrast: Contrast, node: Node) -> None:
        """Refuse a finding that a value alone can't have."""
        alone = contrast.effect.how == "value" and contrast.less is None and contrast.over is None
        units = self._units(contrast.effect.first.outcome)
        if not alone or not units or units - {"share", "number"} or claim.threshold:
            return
        found = claim.found
        numbers = [x for x in (found.value, *(found.interval or ())) if x is not None]
        if found.sign == "-" or any(x < 0 for x in numbers):
            raise (node.get("found") or node).error(
                f"{contrast.effect.first.outcome} is never below 0: hold it against something, or"
                " give a threshold", claim.id,
            )  # fmt: skip
        if units == {"share"} and any(x > 1 for x in numbers):
            raise (node.get("found") or node).error("a share above 100% can't be", claim.id)

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


def _made_of(group: str, groups: Mapping[str, Group]) -> list[str]:
    """Return a group and all others that it is made of."""
    if group == EVERYBODY:
        return []
    found = [group]
    for condition in _all_of(groups[group].where):
        if condition.group is not None:
            found += _made_of(condition.group, groups)
    return found


def _all_of(conditions: Iterable[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        yield condition
        yield from _all_of(condition.any_of or ())


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
